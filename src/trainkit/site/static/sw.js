// Keeps the files of one version of the site, so that it opens without a network after the first time.
const VERSION = "trainkit __SITE__ __VERSION__", FILES = __FILES__;

async function keep(cache, name) { // what is stamped came just now; a host or a cache on the way may have sent what lay there before
  const stamp = name.split("?")[1];
  for (const how of stamp ? ["force-cache", "no-cache"] : ["no-cache"]) {
    const got = await fetch(new Request(name, { cache: how }));
    if (got.ok && (!stamp || await right(got, stamp))) return cache.put(name, got);
  }
  throw new Error(name);
}

async function right(got, stamp) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await got.clone().arrayBuffer()));
  return Array.from(sum, (one) => one.toString(16).padStart(2, "0")).join("").startsWith(stamp);
}

addEventListener("install", (event) => {
  const all = async () => {
    const cache = await caches.open(VERSION);
    await Promise.all(["./", ...FILES].map((name) => keep(cache, name)));
    await skipWaiting();
  };
  event.waitUntil(all()); // whole or not at all: the next visit tries again
});
addEventListener("activate", (event) => {
  const old = async () => (await caches.keys()).filter((name) => name.startsWith("trainkit __SITE__ ") && name !== VERSION);
  event.waitUntil(old().then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => clients.claim()));
});
addEventListener("fetch", (event) => {
  const ours = event.request.method === "GET" && new URL(event.request.url).origin === location.origin;
  const kept = async () => (await (await caches.open(VERSION)).match(event.request, { ignoreSearch: true })) || fetch(event.request);
  const its_own = async () => { // with its own copy a browser keeps the compiled program, too, not with the one that is kept here
    const got = await fetch(event.request.url, { cache: "only-if-cached", mode: "same-origin" }).catch(() => null);
    return got?.ok ? got : kept();
  };
  if (ours) event.respondWith(/\.wasm\?/.test(event.request.url) ? its_own() : kept());
});
