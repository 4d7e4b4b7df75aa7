// Time on a screen: a line that shortens, and minutes in words. Nothing counts seconds, nothing ends by itself.
const ends = new WeakMap();

function tick() {
  for (const clock of document.querySelectorAll("[data-words]")) {
    if (!ends.has(clock)) ends.set(clock, Date.now() + 1000 * clock.dataset.left);
    const left = Math.max(0, (ends.get(clock) - Date.now()) / 1000), words = JSON.parse(clock.dataset.words);
    const said = words[left <= 0 ? 0 : left < 45 ? 1 : 1 + Math.round(left / 60)];
    const text = clock.querySelector("[role=timer]") ?? clock;
    clock.querySelector("rect")?.setAttribute("width", `${(100 * left) / clock.dataset.of}%`);
    if (text.textContent !== said) text.textContent = said;
  }
}
new MutationObserver(tick).observe(document.documentElement, { childList: true, subtree: true });
setInterval(tick, 1000);
tick();
