// The service worker of the app. It keeps the files of one version of the app and answers with them, with the line or without. The hall
// puts the list of these files before this text: SHELL = {version, files: [{address, sha256}]}.
//
// Nothing else is ever kept: packs, hand-ins and every other page go to the network untouched, so that nobody's data lies in a cache.

const scope = new URL("./", self.location).pathname;
const cacheName = `openhall-agent-${SHELL.version}`;

async function sha256(bytes) {
  const sum = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(sum)].map((one) => one.toString(16).padStart(2, "0")).join("");
}

/** keep fetches one file and refuses it when it is not the one of this version: another node of the hall may be newer or older. */
async function keep(cache, { address, sha256: wanted }) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const bytes = await answer.arrayBuffer();
  if ((await sha256(bytes)) !== wanted) throw new Error(`${address}: not the file of this version`);
  const headers = new Headers(answer.headers); // with the policies of the hall, which hold without the line as well
  for (const name of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(name);
  await cache.put(address, new Response(bytes, { headers }));
}

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(cacheName);
    await Promise.all(SHELL.files.map((file) => keep(cache, file)));
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("openhall-agent-") && name !== cacheName);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

const known = new Set(SHELL.files.map((file) => file.address));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const address = event.request.mode === "navigate" && url.pathname === scope ? scope : url.pathname;
  if (!known.has(address)) return;
  event.respondWith((async () => (await (await caches.open(cacheName)).match(address)) ?? fetch(event.request))());
});

self.addEventListener("message", (event) => {
  if (event.data === "take") self.skipWaiting();
});

// The browser says that the line is back. The key is in the windows alone, so they are asked to hand in.
self.addEventListener("sync", (event) => {
  if (event.tag !== "handin") return;
  event.waitUntil((async () => {
    const windows = await self.clients.matchAll({ type: "window" });
    windows.filter((one) => new URL(one.url).pathname === scope).forEach((one) => one.postMessage("handin"));
  })());
});
