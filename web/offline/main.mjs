// Where the app begins: the worker is registered, the words are fetched, the store is opened.
import { App } from "./app.mjs";
import { Store } from "./store.mjs";
import { preferred } from "./words.mjs";

document.documentElement.lang = preferred(localStorage.getItem("lang"), navigator.languages); // before anything is read aloud

async function begin() {
  const host = document.body;
  const words = await (await fetch("words.json")).json();
  const app = new App({ store: await Store.open(), table: words.words, version: words.version, host });
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    app.install = event;
  });
  await app.start();
  await register(app).catch(() => app.frame.say(app.t("error.worker"))); // it still works with the line
  document.documentElement.dataset.ready = "true";
}

/** register keeps the app on the device. A new version waits until the agent takes it. */
async function register(app) {
  if (!navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.register("worker.js", { scope: "./", updateViaCache: "none" });
  const waits = (worker) => {
    if (!worker || !navigator.serviceWorker.controller) return;
    app.update = worker;
    app.render({ quiet: true });
  };
  waits(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => worker.state === "installed" && waits(registration.waiting));
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => app.update && location.reload());
  navigator.serviceWorker.addEventListener("message", (event) => event.data === "handin" && app.guard(() => app.handIn()));
}

begin().catch((error) => {
  const first = document.querySelector("[data-failed]");
  first.hidden = false;
  first.querySelector("code").textContent = String(error?.message ?? error);
});
