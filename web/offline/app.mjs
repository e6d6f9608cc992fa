// The app of village agents (代办员) on their device: it works without the line, keeps drafts sealed, and hands them in when the line is back.
// This file joins the parts; what each does stands in its own.
import { Aloud } from "./aloud.mjs";
import { Drafts, sweep, counts } from "./drafts.mjs";
import { fields } from "./schema.mjs";
import { Frame } from "./frame.mjs";
import { Queue } from "./queue.mjs";
import { sender } from "./send.mjs";
import { can, next } from "./states.mjs";
import { Full, Moved, Store } from "./store.mjs";
import { Locked, Vault } from "./vault.mjs";
import { chooseItem, chooseVillager, prefilled, takeConsent } from "./view-new.mjs";
import { device } from "./view-device.mjs";
import { form } from "./view-form.mjs";
import { list, notices } from "./view-list.mjs";
import { locked, setUp } from "./view-lock.mjs";
import { slip, view } from "./view-draft.mjs";
import { heading, link, para } from "./controls.mjs";
import { Words, preferred } from "./words.mjs";

const idleLimit = 5 * 60 * 1000; // without a sign of the agent the device is locked
const packFresh = 60 * 60 * 1000; // after this it is fetched anew when the line allows
const packStale = 30 * 24 * 60 * 60 * 1000; // after this the names of villagers in it are deleted
const day = 24 * 60 * 60 * 1000;

export class App {
  online = navigator.onLine;
  locked = true;
  pack = null;
  fetched = null;
  packTrouble = "";
  packSays = "";
  queueState = "";
  tries = 0;
  until = 0;
  waiting = 0;
  flush = async () => {};
  consent = null; // of a villager, taken a moment ago, before the item is chosen
  typed = null; // of a consent that is being written down
  #passing = false;
  #timer = 0;
  #drawing = 0;
  #lost = 0; // times in a row that the hall was not reached
  #active = Date.now();

  constructor({ store, table, version, host }) {
    this.store = store;
    this.version = version;
    this.now = () => Date.now();
    this.words = new Words(table, preferred(localStorage.getItem("lang"), navigator.languages));
    this.t = (key, args) => this.words.t(key, args);
    this.text = (said) => this.words.text(said);
    this.clock = (at) => this.words.time(at).split(" ").pop();
    this.aloud = new Aloud();
    this.vault = new Vault({ store });
    this.drafts = new Drafts({ store, vault: this.vault });
    this.queue = new Queue({
      drafts: this.drafts, send: sender({ fetch: (...request) => fetch(...request), url: "handin" }), changed: () => this.redraw(),
      exclusive: (act) => navigator.locks.request("openhall-agent-handin", { ifAvailable: true }, (lock) => (lock ? act() : undefined)),
    });
    this.frame = new Frame(this, host);
    this.others = new BroadcastChannel("openhall-agent");
  }

  /** begin shows the first view and listens. */
  async start() {
    await sweep(this.store, this.now());
    await this.readTries();
    this.listen();
    this.render();
    if (!this.made && this.online) await this.fetchPack();
  }

  listen() {
    const line = () => {
      this.online = navigator.onLine;
      this.render({ quiet: true });
      if (this.online) this.guard(() => (this.made ? this.handIn() : this.fetchPack()));
    };
    addEventListener("online", line);
    addEventListener("offline", line);
    addEventListener("hashchange", () => this.guard(() => this.go()));
    for (const sign of ["keydown", "pointerdown", "input", "scroll"]) addEventListener(sign, () => (this.#active = Date.now()), { passive: true });
    setInterval(() => this.guard(() => this.idle()), 10_000);
    document.addEventListener("visibilitychange", () => this.guard(() => (document.hidden ? this.flush() : this.idle())));
    addEventListener("pagehide", () => this.aloud.stop());
    addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      this.trouble(event.reason);
    });
    this.others.onmessage = () => this.guard(() => this.elsewhere());
  }

  /** guard runs something that may fail and shows what went wrong. */
  async guard(act) {
    try {
      return await act();
    } catch (error) {
      this.trouble(error);
    }
  }

  trouble(error) {
    if (error instanceof Locked) return this.lock();
    if (error instanceof Full) this.full = true;
    else if (error instanceof Moved) this.frame.say(this.t("error.moved"));
    else this.frame.say(this.t("error.other"));
    this.lastTrouble = error;
    if (error instanceof Full) this.render({ quiet: true });
  }

  async idle() {
    if (!this.locked && Date.now() - this.#active > idleLimit) await this.lock();
  }

  async readTries() {
    const record = await this.vault.record();
    this.made = record !== undefined;
    this.tries = record?.tries ?? 0;
    this.until = record?.until ?? 0;
    const found = await counts(this.store);
    this.waiting = Object.entries(found).reduce((sum, [state, n]) => (state === "taken" ? sum : sum + n), 0);
  }

  // The device and its PIN.

  async setUp(pin) {
    await this.vault.make(pin);
    this.made = true;
    await this.keepPack(this.fetched);
    this.fetched = null;
    navigator.storage?.persist?.().catch(() => false); // some browsers ask the agent first; the app does not wait
    await this.opened();
  }

  async unlock(pin) {
    await this.vault.unlock(pin);
    await this.opened();
  }

  async opened() {
    const kept = await this.store.read("kept", "pack");
    this.pack = kept ? await this.vault.unsealJSON("pack", kept) : null;
    this.locked = false;
    this.#active = Date.now();
    await sweep(this.store, this.now());
    await this.drafts.refresh();
    if (this.pack && this.now() - Date.parse(this.pack.made) > packStale && this.pack.villagers.length > 0) await this.keepPack({ ...this.pack, villagers: [] });
    this.render();
    if (!this.online) return;
    if (!this.pack || this.now() - Date.parse(this.pack.made) > packFresh) await this.fetchPack();
    await this.handIn();
  }

  /** lock hides everything at once. A draft on its way is let arrive before the key goes. */
  async lock() {
    await this.flush().catch((error) => this.trouble(error));
    this.flush = async () => {};
    this.locked = true;
    this.pack = null;
    this.consent = null;
    this.typed = null;
    this.verified = false;
    this.aloud.stop();
    if (!this.#passing) this.#seal();
    await this.readTries();
    this.render();
  }

  #seal() {
    this.vault.lock();
    this.drafts.forget();
  }

  /** wipe deletes everything that the app keeps on this device. */
  async wipe() {
    await this.store.wipe();
    await this.wiped();
  }

  async wiped({ tell = true } = {}) {
    this.#seal();
    this.locked = true;
    this.pack = null;
    location.hash = "#/";
    await this.readTries();
    if (tell) this.others.postMessage("wiped");
    this.render();
    this.frame.say(this.t("wiped"));
    if (this.online) await this.fetchPack();
  }

  /** leave signs the agent out and deletes everything. */
  async leave() {
    if (this.online) {
      await fetch("/signout", { method: "POST", redirect: "manual" }).catch(() => null); // without the line the session ends by itself
    }
    await this.wipe();
  }

  // The pack: items, forms and villagers of the agent.

  async fetchPack() {
    this.packTrouble = "";
    let answer;
    try {
      answer = await fetch("pack", { headers: { Accept: "application/json" }, cache: "no-store", redirect: "manual" });
    } catch {
      return this.packFailed("line");
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") return this.packFailed("signin");
    if (answer.status === 403) return this.packFailed("forbidden");
    const pack = answer.ok ? await answer.json().catch(() => null) : null;
    if (!pack?.agent) return this.packFailed("line");
    if (!this.made) {
      this.fetched = pack;
      return this.render();
    }
    if (this.locked) return;
    this.foreign = Boolean(this.pack) && this.pack.agent.id !== pack.agent.id;
    this.verified = !this.foreign;
    if (!this.foreign) await this.keepPack(pack);
    this.packSays = this.foreign ? "" : "device.fetched";
    this.render({ quiet: true });
  }

  packFailed(why) {
    this.packTrouble = why;
    this.packSays = why === "line" ? "device.no-line" : `queue.${why}`;
    this.verified = false;
    if (!this.made) this.render();
    else this.render({ quiet: true });
  }

  async keepPack(pack) {
    await this.store.write([{ table: "kept", key: "pack", value: await this.vault.sealJSON("pack", pack) }]);
    this.pack = pack;
  }

  get packOld() {
    return this.pack && this.now() - Date.parse(this.pack.made) > 7 * day;
  }

  item(draft) {
    return this.pack.items.find((item) => item.id === draft.item);
  }

  // Drafts.

  today() {
    return new Date(this.now() + 8 * 60 * 60 * 1000).toISOString().slice(0, 10); // Asia/Shanghai
  }

  /** keep writes a draft and tells the other windows. */
  async keep(draft) {
    const kept = await this.drafts.put(draft);
    this.full = false;
    this.others.postMessage("drafts");
    return kept;
  }

  async attach(draft, file) {
    const kept = await this.drafts.attach(draft, file);
    this.others.postMessage("drafts");
    return kept;
  }

  async detach(draft, id) {
    const kept = await this.drafts.detach(draft, id);
    this.others.postMessage("drafts");
    return kept;
  }

  /** begin begins a draft of an item for a villager. */
  async begin(item, who) {
    const draft = await this.keep({
      id: crypto.randomUUID(), state: "writing", agent: this.pack.agent.id, item: item.id, version: item.version, itemName: item.name,
      consent: who.consent ?? null, villager: who.villager ?? null, villagerName: who.villager?.name ?? this.text(who.name),
      values: prefilled(this, fields(item.schema), who), doc: null, files: [], errors: [], made: this.now(), attempts: 0, notBefore: 0, unsure: false,
    });
    this.consent = null;
    location.hash = `#/draft/${draft.id}`;
  }

  async finish(draft, doc) {
    const item = this.item(draft);
    await this.keep(next({ ...draft, doc, version: item.version, filled: this.now() }, "finish"));
    this.flush = async () => {};
    this.render();
    await this.handIn();
  }

  async edit(draft) {
    await this.keep(next(this.drafts.get(draft.id), "edit"));
    this.render();
  }

  /** again asks the hall once more; {again: true} says that the villager wants another application beside the one that is open. */
  async again(draft, more = {}) {
    await this.keep(next(this.drafts.get(draft.id), "again", more));
    this.render();
    await this.handIn();
  }

  /** renew fetches the present form of an item and opens the draft in it; what was filled in stays. */
  async renew(draft) {
    await this.fetchPack();
    await this.edit(draft);
  }

  async discard(draft) {
    if (draft.state !== "taken" && !can(draft, "delete")) return this.frame.say(this.t("draft.unsure"));
    this.flush = async () => {};
    await this.drafts.delete(this.drafts.get(draft.id));
    this.others.postMessage("drafts");
    location.hash = "#/";
  }

  async elsewhere() {
    if (this.locked) {
      await this.readTries();
      return this.render({ quiet: true });
    }
    if (!(await this.vault.record())) return this.wiped({ tell: false });
    await this.drafts.refresh();
    this.redraw();
  }

  // Handing in.

  async handIn(pressed = false) {
    if (this.locked || !this.pack || this.#passing || !this.online) return;
    const waits = this.drafts.all().some((d) => d.state === "ready" || d.state === "sending");
    if (!waits) return;
    this.#passing = true;
    this.queueState = "busy";
    this.redraw();
    let result = { why: "trouble", wait: 30_000 };
    try {
      if (pressed) await this.queue.hurry();
      result = await this.#pass();
    } catch (error) {
      this.trouble(error);
    } finally {
      this.#passing = false;
      if (this.locked) this.#seal();
    }
    this.queueState = { done: "", locked: "", busy: "" }[result.why] ?? result.why;
    if (result.taken > 0) this.frame.say(this.t("queue.taken", { Count: result.taken }));
    this.others.postMessage("drafts");
    const left = result.why === "done" && this.drafts.all().some((d) => d.state === "ready"); // completed after the queue had looked
    if (result.wait > 0 || left) this.#later(Math.max(result.wait, 1));
    this.redraw();
  }

  /** #pass makes sure whose session it is, and lets the queue go. */
  async #pass() {
    if (!this.verified) await this.fetchPack();
    if (this.locked) return { why: "locked" };
    if (!this.verified) {
      const why = this.foreign ? "other" : { signin: "signin", forbidden: "forbidden" }[this.packTrouble] ?? "line";
      return { why, wait: why === "line" ? this.queue.backoff(++this.#lost) : 0 }; // just after the line is back it may still fail
    }
    this.#lost = 0;
    const result = await this.queue.pass();
    if (result.why === "signin" || result.why === "forbidden") this.verified = false;
    return result;
  }

  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.guard(() => this.handIn()), wait);
    navigator.serviceWorker?.ready.then((registration) => registration.sync?.register("handin")).catch(() => null); // not every browser has it, or allows it
  }

  // The browser's part: room, installing, new versions.

  async room() {
    const { usage: used = 0, quota: all = 0 } = (await navigator.storage?.estimate?.()) ?? {};
    return { used, all, persisted: (await navigator.storage?.persisted?.()) ?? false };
  }

  async installApp() {
    const prompt = this.install;
    this.install = null;
    await prompt.prompt();
    this.render();
  }

  async takeUpdate() {
    await this.flush();
    this.update.postMessage("take");
  }

  // Views.

  async go() {
    await this.flush();
    this.flush = async () => {};
    this.aloud.stop();
    this.packSays = "";
    if (this.route()[0] !== "consent") this.typed = this.consent = null;
    this.render();
  }

  /** redraw shows soon what has changed behind the view, unless somebody is typing in it. */
  redraw() {
    this.#drawing ||= setTimeout(() => {
      this.#drawing = 0;
      this.#drawAgain();
    }, 150);
  }

  #drawAgain() {
    if (this.locked || this.frame.typing) return;
    const [part, id] = this.route();
    if (part === "" || (part === "draft" && this.drafts.get(id)?.state !== "writing")) this.render({ quiet: true });
  }

  route() {
    return location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  }

  busy(element) {
    element.querySelectorAll("button").forEach((one) => (one.disabled = true));
  }

  render({ quiet = false } = {}) {
    if (quiet && this.frame.typing) this.frame.drawBar(); // what is being typed is not drawn anew
    else this.frame.draw(this.#view(), { quiet });
  }

  #view() {
    if (!this.made) return setUp(this);
    if (this.locked) return locked(this);
    if (!this.pack) return [heading(this.t("pack.none")), para(this.t("setup.line"))];
    const [part, id] = this.route();
    const back = link(this.t("back"), "#/", { class: "govuk-back-link" });
    const draft = this.drafts.get(id);
    switch (part) {
      case "new": {
        const who = id ? this.pack.villagers.find((v) => v.consent === id) : null;
        return [back, notices(this), who ? chooseItem(this, who) : chooseVillager(this)];
      }
      case "consent":
        return [back, this.#consentView(draft)];
      case "device":
        return [back, notices(this), device(this)];
      case "slip":
        return draft ? slip(this, draft, this.item(draft)) : this.#gone(back);
      case "draft": {
        if (!draft) return this.#gone(back);
        const item = this.item(draft);
        return [back, notices(this), draft.state === "writing" && item ? form(this, draft, item) : view(this, draft, item)];
      }
      default:
        return [notices(this), list(this)];
    }
  }

  #gone(back) {
    return [back, heading(this.t("draft.gone")), para(this.t("draft.gone-text"))];
  }

  /** The consent of a villager: for a draft that lost the one it had, or for a new one. */
  #consentView(draft) {
    if (draft) {
      return takeConsent(this, async (villager) => {
        await this.keep({ ...next(draft, "edit"), consent: null, villager, villagerName: villager.name });
        location.hash = `#/draft/${draft.id}`;
      }, this.typed ?? { ...draft.villager, name: draft.villagerName });
    }
    if (this.consent) return chooseItem(this, { villager: this.consent });
    return takeConsent(this, (villager) => {
      this.consent = villager;
      this.flush = async () => {};
      this.render();
    }, this.typed ?? {});
  }
}
