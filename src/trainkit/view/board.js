// Adds to a board that works without it: it changes by itself, and the focus stays where it was.
let running = false, again = false, opened = null;
let pressing = false, choosing = false, letting = 0, waiting = null; // the trainer's hand is on the board; what it will show after that
const picked = new Map(); // lists in which he has chosen, but not yet sent it

async function renew() {
  if (running) return (again = true);
  running = true;
  try {
    const answer = await fetch("/board?part", { cache: "no-store" });
    if (answer.ok) put(await answer.text());
  } catch { /* no network: what is on the wall stays there */ }
  running = false;
  if (again) { again = false; renew(); }
}

function put(html) {
  if (pressing || choosing) return (waiting = html); // a click that has begun, a list that is open: they end first
  const main = document.querySelector("main"), focused = document.activeElement?.id;
  const kept = [...main.querySelectorAll("details[open][id]")].map((box) => box.id);
  const where = scrollY;
  waiting = null;
  main.innerHTML = html;
  kept.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  for (const [id, value] of picked) {
    const list = document.getElementById(id);
    if ([...(list?.options ?? [])].some((option) => option.value === value)) list.value = value;
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  scrollTo(0, where);
}

function free() {
  if (waiting !== null) put(waiting);
}

function listen() {
  opened = new EventSource("/board/live");
  opened.onmessage = renew;
  opened.onerror = () => { // a proxy that swallows events: ask instead
    if (opened.readyState === EventSource.CLOSED) setTimeout(() => { renew(); listen(); }, 5000);
  };
}
document.addEventListener("submit", async (event) => {
  if (event.target.method !== "post") return;
  event.preventDefault();
  if (event.submitter?.name === "do") picked.clear();
  const form = event.target, fields = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const answer = await fetch("/board", { method: "POST", body: fields, redirect: "manual" });
    if (answer.type !== "opaqueredirect") return location.reload(); // refused: the page says why, or the link has run out
    renew();
  } catch { location.reload(); }
});
document.addEventListener("pointerdown", (event) => {
  choosing = event.target.matches("select"); // its list takes the pointer away: there may be no pointerup
  pressing = !choosing;
  clearTimeout(letting); // of the click before
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches("select")) choosing = event.key !== "Escape" && event.key !== "Tab";
  else if (event.key === " ") { // the button is pressed when the key goes up
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
["change", "focusout"].forEach((kind) => document.addEventListener(kind, (event) => {
  if (!event.target.matches("select")) return;
  if (kind === "change") picked.set(event.target.id, event.target.value);
  choosing = false;
  free();
}));
document.addEventListener("visibilitychange", () => document.hidden || renew());
listen();
