// Adds to a board that works without it: it changes by itself, and the focus stays where it was.
let running = false, again = false, opened = null;

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
  const main = document.querySelector("main"), focused = document.activeElement?.id;
  if (main.querySelector("select:focus")) return; // somebody is choosing
  const kept = [...main.querySelectorAll("details[open][id]")].map((box) => box.id);
  const where = scrollY;
  main.innerHTML = html;
  kept.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  scrollTo(0, where);
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
  const form = event.target, fields = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const answer = await fetch("/board", { method: "POST", body: fields, redirect: "manual" });
    if (answer.type !== "opaqueredirect") return location.reload(); // refused: the page says why, or the link has run out
    renew();
  } catch { location.reload(); }
});
document.addEventListener("visibilitychange", () => document.hidden || renew());
listen();
