// Adds to a remote that works without it: it changes by itself, its parts open without a new page, and the focus stays.
const ROOT = new URL(".", document.currentScript.src).pathname; // the class may be below a path
const LOST_MS = 3000; // the server gives a sign of life every second
let running = false, again = false, heard = Date.now();
let pressing = false, choosing = false, letting = 0, waiting = null; // the trainer's hand is on it; what it will show after that
const picked = new Map(); // fields in which he has chosen or written, but not yet sent it

const here = () => ROOT + "remote" + location.search;

async function renew() {
  if (running) return (again = true);
  running = true;
  try {
    const answer = await fetch(here() + (location.search ? "&" : "?") + "part", { cache: "no-store" });
    if (answer.ok) put(await answer.text());
  } catch { /* the light in the head says it */ }
  running = false;
  if (again) { again = false; renew(); }
}

function put(html) {
  if ("refused" in document.body.dataset) return;
  if (pressing || choosing) return (waiting = html); // a click that has begun, a list that is open: they end first
  const focused = document.activeElement?.id;
  const kept = [...document.querySelectorAll("details[open][id]")].map((box) => box.id);
  const where = [...document.querySelectorAll(".remote-body, .panel, .moment")].map((box) => box.scrollTop);
  waiting = null;
  document.body.innerHTML = html;
  kept.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  for (const [id, value] of picked) {
    const field = document.getElementById(id);
    if (field && (!field.options || [...field.options].some((option) => option.value === value))) field.value = value;
  }
  const sure = document.getElementById("sure-no"), before = focused ? document.getElementById(focused) : null;
  (sure ?? before)?.focus({ preventScroll: true });
  [...document.querySelectorAll(".remote-body, .panel, .moment")].forEach((box, n) => (box.scrollTop = where[n] ?? 0));
  light();
}

function refused(html) { // nothing takes its place before it was read
  document.body.innerHTML = new DOMParser().parseFromString(html, "text/html").body.innerHTML;
  document.body.dataset.refused = "";
  document.querySelector("main a, a")?.focus();
}

function free() {
  if (waiting !== null) put(waiting);
}

function light() { // whether what stands here is still true
  const live = document.querySelector(".live"), gone = Date.now() - heard > LOST_MS;
  if (!live || gone === live.classList.contains("gone")) return;
  live.classList.toggle("gone", gone);
  live.querySelectorAll("span").forEach((words) => (words.hidden = words.className === "off" ? !gone : gone));
}

function listen() {
  const events = new EventSource(ROOT + "remote/live");
  events.onmessage = renew;
  events.addEventListener("alive", () => { heard = Date.now(); light(); });
  events.onerror = () => { // a proxy that swallows events: ask instead
    if (events.readyState === EventSource.CLOSED) setTimeout(() => { renew(); listen(); }, 2000);
  };
}

function open_part(search) {
  history.pushState(null, "", ROOT + "remote" + search);
  picked.clear();
  renew();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="?"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  pressing = false;
  open_part(link.getAttribute("href"));
});
addEventListener("popstate", renew);
document.addEventListener("keydown", (event) => {
  const no = document.getElementById("sure-no");
  if (event.key === "Escape" && no) open_part(no.getAttribute("href"));
});
document.addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter;
  if (form.method !== "post" || ["invite", "new_links"].includes(button?.value)) return; // that answers with a page of its own
  event.preventDefault();
  if (button?.name === "do") picked.clear();
  const fields = new URLSearchParams(new FormData(form, button));
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields, redirect: "manual" });
    if (answer.type !== "opaqueredirect") return refused(await answer.text()); // the page says why, and leads back
    const search = new URLSearchParams(location.search);
    if (search.has("sure")) ["sure", "who"].forEach((name) => search.delete(name));
    pressing = false;
    open_part("?" + search);
  } catch { // the server can't be reached: the light in the head says so, and what stands here stays
    heard = 0;
    light();
  }
});
document.addEventListener("pointerdown", (event) => {
  choosing = event.target.matches("select"); // its list takes the pointer away: there may be no pointerup
  pressing = !choosing;
  clearTimeout(letting); // of the click before
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches("select")) choosing = event.key !== "Escape" && event.key !== "Tab";
  else if (event.key === " " && !event.target.matches("input")) { // the button is pressed when the key goes up
    pressing = true;
    clearTimeout(letting);
  }
});
const release = () => { // the click comes after the finger is up
  clearTimeout(letting);
  letting = setTimeout(() => { pressing = false; free(); }, 100);
};
["pointerup", "pointercancel", "keyup"].forEach((kind) => document.addEventListener(kind, release));
addEventListener("blur", release);
document.addEventListener("input", (event) => event.target.id && picked.set(event.target.id, event.target.value));
["change", "focusout"].forEach((kind) => document.addEventListener(kind, (event) => {
  if (!event.target.matches("select")) return;
  if (kind === "change") picked.set(event.target.id, event.target.value);
  choosing = false;
  free();
}));
document.addEventListener("visibilitychange", () => document.hidden || renew());
setInterval(light, 500);
document.getElementById("sure-no")?.focus();
listen();
