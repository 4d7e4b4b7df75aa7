// Keeps the files of one version of the site, so that it opens without a network after the first time.
const VERSION = "trainkit __SITE__ __VERSION__", FILES = __FILES__;
addEventListener("install", (event) => {
  const all = async () => (await caches.open(VERSION)).addAll(["./", ...FILES].map((name) => new Request(name, { cache: "no-cache" })));
  event.waitUntil(all().then(() => skipWaiting()));
});
addEventListener("activate", (event) => {
  const old = async () => (await caches.keys()).filter((name) => name.startsWith("trainkit __SITE__ ") && name !== VERSION);
  event.waitUntil(old().then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => clients.claim()));
});
addEventListener("fetch", (event) => {
  const ours = event.request.method === "GET" && new URL(event.request.url).origin === location.origin;
  const kept = async () => (await (await caches.open(VERSION)).match(event.request, { ignoreSearch: true })) || fetch(event.request);
  if (ours) event.respondWith(kept());
});
