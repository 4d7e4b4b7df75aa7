// The page of a site: shows what Python in the worker gives, and brings it what was pressed. No logic of the exercise.
"use strict";
const site = JSON.parse(document.getElementById("site").textContent);
const loading = document.getElementById("loading");
const said = (name, values = {}) => (site.say[lang()][name] || name).replace(/\{(\w+)\}/g, (_, key) => values[key]);

// ---- what this browser remembers of the window; one that keeps nothing does without ---------------------------------------

const kept = {
  get(store, name) { try { return window[store].getItem(`trainkit ${name}`) || ""; } catch { return ""; } },
  set(store, name, value) { try { window[store].setItem(`trainkit ${name}`, value); } catch { /* the same */ } },
};
let tongue = "";
const lang = () => tongue || document.documentElement.lang;
const say_around = () => document.querySelectorAll("[data-say]").forEach((one) => (one.textContent = said(one.dataset.say)));

// ---- the worker ------------------------------------------------------------------------------------------------------------

let worker = null, number = 0, ready = false, stopped = false;
const waiting = new Map();

function ask(what, ...told) {
  return new Promise((done, failed) => {
    waiting.set(++number, [done, failed]);
    worker.postMessage([number, what, ...told]);
  });
}

function hear({ data }) {
  if (data.said) return hearing(data.said);
  const [done, failed] = waiting.get(data.number);
  waiting.delete(data.number);
  return data.failed ? failed(data.failed) : done(data.done);
}

const arrived = {};
function hearing({ name, size, unkept }) {
  if (unkept) return warn(said("unkept"));
  arrived[name] = size;
  const bar = loading.querySelector("progress");
  bar.value = Object.values(arrived).reduce((sum, one) => sum + one, 0);
}

function warn(text, kind = "warning") {
  const box = document.getElementById("warning").content.cloneNode(true).firstElementChild;
  box.dataset.kind = kind;
  box.querySelector("p").textContent = text;
  document.querySelectorAll(`[data-kind="${kind}"]`).forEach((old) => old.remove());
  document.body.prepend(box);
}

function cannot(kind, values) { // it can't go on: what is on the screen stays to be read
  loading.hidden = true;
  stopped = true;
  nothing_to_press();
  warn(said(kind, values), "stopped");
}

const nothing_to_press = () => main().querySelectorAll("button").forEach((button) => (button.disabled = true));
const part = (id) => Uint8Array.from(atob(document.getElementById(id).textContent), (one) => one.charCodeAt(0)).buffer;

async function begin() {
  loading.hidden = false;
  if (!site.single && location.protocol === "file:") return cannot("folder");
  if (typeof WebAssembly !== "object") return cannot("nowasm");
  const base = new URL(".", location.href).href, learner = window.course?.open(said, warn);
  const wanted = {
    base, plan: JSON.stringify(site.plan), lock: site.lock, stamps: site.stamps, run: kept.get("sessionStorage", "run"), lang: lang(),
    database: `trainkit ${site.id} ${location.pathname} ${learner || ""}`.trim(),
  };
  try {
    const text = site.single ? document.getElementById("engine.js").textContent : await (await fetch("engine.js")).text();
    worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))); // bound by this page's policy
    worker.onmessage = hear;
    worker.onerror = (event) => cannot("crashed", { why: event.message || "worker" });
    const parts = site.single && Object.fromEntries(site.single.map((name) => [name, part(name)]));
    const known = await ask("boot", { ...wanted, parts });
    const resumed = await window.course?.resume(ask);
    ready = true;
    const address = here();
    if (known || resumed || address !== "/") await go(address); // else what stands there is right: nobody has been here yet
    loading.hidden = true;
    document.body.dataset.ready = "";
    if (pressed) await send(...pressed);
  } catch (error) {
    cannot(error.kind || "crashed", error.values || { why: String(error.message || error) });
  }
  if (ready && !site.single && !window.course) navigator.serviceWorker?.register("sw.js").catch(() => {});
}

// ---- pages -------------------------------------------------------------------------------------------------------------------

const here = () => decodeURI(location.hash.slice(1)) || "/";
const typing = () => [...document.querySelectorAll("textarea, input[type=text]")].some((field) => field.value && field.value !== field.defaultValue);
let sending = false, pressed = null, shown = null;

function show({ html, at, run, lang: spoken }, { anchor = "", by_itself = false } = {}) {
  tongue = spoken;
  kept.set("localStorage", "lang", spoken);
  kept.set("sessionStorage", "run", run);
  put(parsed(html));
  say_around();
  if (at !== here()) history.pushState(null, "", `#${at}`);
  shown = at;
  arrive(by_itself, document.getElementById(anchor || "now"));
}

async function go(address) {
  const [path, anchor] = address.split("#");
  try { show(await ask("get", path), { anchor }); } catch (error) { cannot(error.kind, error.values); }
}

async function send(form, button) {
  if (!ready) { // what is pressed while it loads is done when it has loaded
    pressed = [form, button];
    button?.classList.add("sent");
    return tell(said("loading"));
  }
  if (sending) return; // a double click is one answer
  sending = true;
  pressed = null;
  const done = at_work(button);
  try {
    show(await ask("post", here(), new URLSearchParams(new FormData(form, button)).toString()));
    others?.postMessage("changed");
    window.course?.save();
  } catch (error) {
    cannot(error.kind, error.values);
  } finally {
    done();
    sending = false;
  }
}

async function look() { // has another window gone on?
  if (!ready || sending || typing()) return;
  const answer = await ask("get", here());
  const next = parsed(answer.html).querySelector("main");
  if (!sending && !typing() && next.dataset.state !== main().dataset.state) show(answer, { by_itself: true });
}

// ---- what is taken along -------------------------------------------------------------------------------------------------------

async function save(address) {
  const { name, type, text } = await ask("file", address);
  const link = document.createElement("a"), url = URL.createObjectURL(new Blob([text], { type }));
  Object.assign(link, { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

async function hand_in(button) {
  const told = document.querySelector("[data-sent]"), { send, store } = site.plan;
  if (location.protocol === "https:" && (store?.address ?? send).startsWith("http:")) return (told.textContent = said("insecure"));
  button.disabled = true;
  told.textContent = said("sending");
  try {
    told.textContent = await (store ? into_store(store, (n, total) => { told.textContent = said("sending_some", { n, total }); }) : to_trainer(send));
  } catch {
    told.textContent = said(store ? "store_silent" : "unsent");
  }
  button.disabled = false;
}

async function to_trainer(address) {
  const { text } = await ask("file", "/answers/file");
  // as plain text: no browser asks the server first whether it may
  const answer = await fetch(address, { method: "POST", body: text, headers: { "content-type": "text/plain" }, signal: AbortSignal.timeout(30_000), credentials: "omit", referrerPolicy: "no-referrer" });
  return answer.ok ? said("sent") : said("refused", { why: (await answer.text()).slice(0, 300) });
}

async function into_store(store, progress) {
  const answer = await window.store.send(store, await ask("statements"), progress);
  if (answer.ok || answer.status === 409) return said("stored");
  if (answer.status === 401 || answer.status === 403) return said("store_key");
  return said("store_refused", { why: `${answer.status} ${(await answer.text()).slice(0, 300)}`.trim() });
}

// ---- what is pressed -------------------------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!event.target.closest(".fresh")) send(event.target, event.submitter);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-send]"), link = event.target.closest("main a[href]");
  if (button) return hand_in(button);
  const address = link?.getAttribute("href");
  if (!address || !/^[/?]/.test(address)) return;
  event.preventDefault();
  if (!ready) return address.startsWith("?lang=") && speak(address.slice(6, 8));
  if (address.includes("/file")) return save(address);
  go(address.startsWith("?") ? here().split("?")[0] + address : address);
});
addEventListener("popstate", () => ready && here() !== shown && go(here()));
document.addEventListener("visibilitychange", () => document.hidden || look());
let others = null;
try { others = new BroadcastChannel(`trainkit ${site.id} ${location.pathname}`); } catch { /* an old browser: it looks when it is seen again */ }
if (others) others.onmessage = look;

function speak(code) { // while Python loads: the first page is here in every language
  const there = document.getElementById(`lobby-${code}`);
  if (!there) return;
  const held = document.activeElement.closest(".langs");
  tongue = document.documentElement.lang = code;
  turn("dir", there.dir);
  document.title = said("title");
  main().replaceWith(there.content.cloneNode(true).querySelector("main"));
  say_around();
  if (stopped) nothing_to_press();
  if (held) look_at(document.querySelector(".langs [aria-current]"));
}

const liked = kept.get("localStorage", "lang");
if (liked && liked !== site.plan.lang && site.plan.languages.includes(liked)) speak(liked);
begin();
