// Adds to pages that work without it: no flash between pages (page.js), a retry that loses nothing, a phone that slept.
const ROOT = new URL(".", document.currentScript.src).pathname; // the class may be below a path
const page_is = (name) => location.pathname === ROOT + name;
const NEXT_PAGE = { Prefer: "return=representation" }; // the next page itself, not where it is: one way there and back
let sending = false, timer = 0, asking = false, sent = without_clock(main());

function without_clock(page) { // what a page says, whatever the time
  const copy = page.cloneNode(true);
  copy.querySelectorAll(".clock").forEach((clock) => clock.remove());
  return copy.innerHTML;
}

function show(html, url, by_itself) {
  const page = parsed(html), next = page.querySelector("main");
  if (!next) return location.reload();
  sent = without_clock(next);
  put(page);
  if (url && new URL(url).pathname !== location.pathname) history.pushState(null, "", url);
  restore();
  write(true);
  look_later(arrive(by_itself) ? 0.5 : 0);
}

// An answer that no server has confirmed. This tab keeps it until one has, or until the conversation has gone on elsewhere.
const unsent = {
  get() {
    try { return JSON.parse(sessionStorage.getItem("unsent")); } catch { return null; }
  },
  set(answer) {
    try { sessionStorage.setItem("unsent", JSON.stringify(answer)); } catch { /* a browser that keeps nothing */ }
  },
};
const place = () => main().dataset.state.split(".").slice(1, 3).join("."); // which run and step, whatever the trainer has set
const named = (form) => [...new FormData(form)].filter(([name]) => !["token", "text"].includes(name)).join("&");

function remember(form, button) {
  if (!form.matches(".choice")) return;
  unsent.set({ place: place(), form: named(form), name: button?.name, value: button?.value, text: form.elements.text?.value });
}

function restore() { // the server is there: what it has not confirmed is sent by one tap, never by itself
  const answer = unsent.get();
  if (!answer || !main().dataset.state) return;
  if (answer.place !== place()) return unsent.set(null);
  const form = [...document.querySelectorAll("form.choice")].find((one) => named(one) === answer.form);
  const buttons = [...(form?.querySelectorAll("button:enabled") || [])];
  const button = buttons.find((one) => one.name === answer.name && one.value === answer.value);
  if (!button || document.querySelector(".stick")) return;
  if (refused()) { // the server has said why: it stands ready to be sent again
    if (answer.text) form.elements.text.value = answer.text;
    return button.classList.add("unsaved");
  }
  const again = document.getElementById("unsent").content.cloneNode(true), lost = document.querySelector("[data-retry]");
  again.querySelector("button").onclick = () => send(form, button);
  again.querySelector(".num").textContent = button.querySelector("kbd")?.textContent || "";
  if (answer.text) form.elements.text.value = answer.text;
  button.classList.add("unsaved");
  main().append(again);
  if (!lost) button.scrollIntoView({ block: "center" });
  if (document.activeElement === lost) document.querySelector(".stick button").focus({ preventScroll: true });
  lost?.closest(".alert").remove();
}

function look_later(soon) {
  clearTimeout(timer);
  const seconds = soon || (unsent.get() ? 3 : document.querySelector(".choice") ? 15 : 5);
  timer = setTimeout(look, 1000 * seconds * (0.8 + 0.4 * Math.random()));
}

async function send(form, button) {
  if (sending) return; // a double click is one answer
  sending = true;
  document.querySelectorAll(".alert").forEach((alert) => alert.remove());
  document.querySelectorAll(".unsaved").forEach((option) => option.classList.remove("unsaved"));
  remember(form, button);
  const done = at_work(button);
  const fields = new URLSearchParams(new FormData(form, button)), stop = new AbortController();
  const late = setTimeout(() => stop.abort(), 8000);
  try {
    const answer = await fetch(form.action || location.href, { method: "POST", body: fields, signal: stop.signal, headers: NEXT_PAGE });
    const html = await answer.text();
    if (!html.includes("<main")) throw new Error("a proxy's page: the class isn't there");
    if (answer.status < 429) unsent.set(null); // taken, or refused for good
    show(html, answer.url);
  } catch {
    const lost = document.getElementById("lost").content.cloneNode(true);
    lost.querySelector("button").onclick = () => send(form, button);
    button?.classList.add("unsaved");
    (form.querySelector(".under") || form).before(lost);
    document.querySelector("[data-retry]").focus();
    look_later(); // sooner than it would have looked
  } finally {
    clearTimeout(late);
    done();
    sending = false;
  }
}

const typing = () => {
  const kept = unsent.get()?.text;
  return [...document.querySelectorAll("textarea")].some((area) => area.value && area.value !== kept);
};
const newer = (state) => { // than what is shown: another state, of no earlier run or step (behind these stands what else changes)
  const [, ...mine] = state.split(".").map(Number), [, ...shown] = main().dataset.state.split(".").map(Number);
  if (mine[0] !== shown[0]) return mine[0] > shown[0];
  if (mine[1] !== shown[1]) return mine[1] > shown[1];
  return state !== main().dataset.state;
};

const tell_onward = () => main().prepend(document.getElementById("onward").content.cloneNode(true));

async function look() { // has the trainer, or another tab, changed something? The server answers when it has, or after a while
  clearTimeout(timer);
  if (asking) return;
  const state = main().dataset.state, since = Date.now();
  let crowded = true; // answered at once though nothing is new: too many wait
  const stays = "stays" in main().dataset; // a page where somebody may be writing: it is told there, and not renewed
  if (state && !sending && !document.hidden && (stays || !typing())) {
    asking = true;
    try {
      const wait = unsent.get() ? "" : "?state=" + state; // with an answer to send one asks whether the server is there
      // pages other than /play say where one is, not what comes
      const headers = wait && page_is("play") ? NEXT_PAGE : {};
      const answer = await fetch(ROOT + "pulse" + wait, { cache: "no-store", headers });
      const now = answer.ok ? await answer.text() : state;
      crowded = !wait || now === state;
      if (answer.headers.get("preference-applied")) {
        if (page_is("play")) renew(now, location.href);
      } else if (now && stays) {
        if (newer(now) && !document.querySelector(".onward")) tell_onward();
        if (newer(now)) main().dataset.state = now;
      } else if (now && newer(now) && !sending && !typing()) {
        const page = await fetch(location.href, { cache: "no-store" });
        if (page.ok) renew(await page.text(), page.url);
        const read = page_is("debrief") || document.querySelector(".onward");
        if (!read && !page_is("play")) tell_onward(); // there it has been shown
      } else if (!now && !document.querySelector(".debrief")) return location.reload(); // no longer in this room
      if (answer.ok) restore();
    } catch { /* no network: the next click says so */ }
    asking = false;
  }
  look_later(!crowded || Date.now() - since > 1000 ? 0.2 : 0);
}

function renew(html, url) { // what is only another time, or the same words, is no new page
  const next = parsed(html).querySelector("main");
  if (sending || typing() || (next?.dataset.state && !newer(next.dataset.state))) return; // meanwhile they answered, or write
  if (!next || without_clock(next) !== sent) return show(html, url, true);
  document.querySelector("main > .clock")?.remove();
  const clock = next.querySelector(".clock");
  if (clock) main().prepend(document.adoptNode(clock));
  main().dataset.state = next.dataset.state;
}

document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.target.matches("[data-plain]")) return;
  event.preventDefault();
  if (!event.target.closest(".fresh")) send(event.target, event.submitter);
});
// A question that is being written outlives a look at the conversation.
const draft = () => document.querySelector("[data-stays] textarea");
const keep = (words) => { try { sessionStorage.setItem("draft", words); } catch { /* a browser that keeps nothing */ } };
function write(answered) {
  if (!draft()) return;
  if (answered || draft().value) return keep(draft().value); // what was sent is there no more, unless it was refused
  try { draft().value = sessionStorage.getItem("draft") || ""; } catch { /* the same */ }
}
document.addEventListener("input", (event) => event.target === draft() && keep(event.target.value));
document.addEventListener("visibilitychange", () => document.hidden || look());
addEventListener("pageshow", (event) => event.persisted && location.reload()); // the back button shows the past
addEventListener("popstate", () => location.reload());
addEventListener("online", look);
restore();
write();
look_later();
