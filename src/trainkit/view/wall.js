// The wall changes by itself and has nothing to press. It says so when it no longer hears from the server.
const ROOT = new URL(".", document.currentScript.src).pathname; // the class may be below a path
const LOST_MS = 3000; // the server gives a sign of life every second
const SIZES = ["", "1", "2", "3", "4", "5"]; // smaller and smaller type; the narrator goes first
let heard = Date.now(), seen = new Date(), running = false, again = false;

function fit() { // a projector has nobody who scrolls
  const wall = document.querySelector(".wall"), narrow = innerWidth <= 44 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  for (const size of SIZES) {
    wall.dataset.size = size;
    if (narrow) return; // a small window, or a page that somebody has enlarged: that is theirs to scroll
    if (document.documentElement.scrollHeight <= innerHeight) return;
  }
}

async function renew() {
  if (running) return (again = true);
  running = true;
  try {
    const answer = await fetch(ROOT + "wall" + location.search + (location.search ? "&" : "?") + "part", { cache: "no-store" });
    if (answer.ok) {
      document.querySelector("main").outerHTML = await answer.text();
      seen = new Date();
      heard = Date.now();
      lost();
      fit();
    }
  } catch { /* the alarm says it */ }
  running = false;
  if (again) { again = false; renew(); }
}

function lost() {
  const wall = document.querySelector(".wall"), gone = Date.now() - heard > LOST_MS;
  if (gone === wall.classList.contains("is-lost")) return;
  wall.classList.toggle("is-lost", gone);
  wall.querySelector(".lost")?.remove();
  if (gone) {
    const alarm = document.getElementById("lost").content.cloneNode(true), words = alarm.querySelector("p").lastChild;
    const time = seen.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    words.textContent = words.textContent.replace("{time}", time);
    wall.querySelector(".wall-main").prepend(alarm);
  }
  fit();
}

function listen() {
  const events = new EventSource(ROOT + "wall/live");
  events.onmessage = renew;
  events.addEventListener("alive", () => { heard = Date.now(); lost(); });
  events.onerror = () => { // a proxy that swallows events: ask instead
    if (events.readyState === EventSource.CLOSED) setTimeout(() => { renew(); listen(); }, 2000);
  };
}
setInterval(lost, 500);
addEventListener("resize", fit);
document.addEventListener("visibilitychange", () => document.hidden || renew());
document.fonts?.ready.then(fit);
fit();
listen();
