// Keeps the files of one version of the site, so that it opens without a network after the first time.
const VERSION = "trainkit __SITE__ __VERSION__", FILES = __FILES__;
addEventListener("install", (event) => {
  const how = (name, stamped) => new Request(name, { cache: name.includes("?") ? stamped : "no-cache" }); // those came just now
  const all = async (stamped) => (await caches.open(VERSION)).addAll(["./", ...FILES].map((name) => how(name, stamped)));
  event.waitUntil(all("force-cache").catch(() => all("no-cache")).then(() => skipWaiting()));
});
addEventListener("activate", (event) => {
  const old = async () => (await caches.keys()).filter((name) => name.startsWith("trainkit __SITE__ ") && name !== VERSION);
  event.waitUntil(old().then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => clients.claim()));
});
addEventListener("fetch", (event) => {
  const ours = event.request.method === "GET" && new URL(event.request.url).origin === location.origin;
  const its_own = async () => { // with its own copy a browser keeps the compiled program, too, not with the one that is kept here
    const got = await fetch(event.request.url, { cache: "only-if-cached", mode: "same-origin" }).catch(() => null);
    return got?.ok ? got : kept();
  };
  const kept = async () => (await (await caches.open(VERSION)).match(event.request, { ignoreSearch: true })) || fetch(event.request);
  if (ours) event.respondWith(/\.wasm\?/.test(event.request.url) ? its_own() : kept());
});
