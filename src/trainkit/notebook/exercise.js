// Shows what Python rendered and sends back which button was pressed. It knows nothing of cases.
const PATIENCE_MS = 4000;
const WRITES = "input, textarea, select, [contenteditable=true]"; // where keys write
const QUIET_MS = 150; // an answer sooner than this needs no "saving", and no repaint for it
const FRAME = `<div class="page"><div class="top"></div><div class="log" role="log" tabindex="0"><ol class="talk" role="list"></ol></div>
<div class="now"></div><p class="hide" role="status"></p><div class="end"></div></div>`;

function render({ model, el }) {
  const root = Object.assign(document.createElement("section"), { className: "tk exercise", innerHTML: FRAME });
  el.append(root);
  const [top, log, now, status, end] = [".top", ".log", ".now", "[role=status]", ".end"].map((s) => root.querySelector(s));
  const talk = log.firstElementChild;
  const filled = new Map(); // which HTML each part shows
  let shown = { run: null, lines: [] }, waiting = null, last = null, reading = 0;

  const page = () => el.closest(".jp-WindowedPanel-outer, .jp-Notebook"); // what scrolls

  function put(box, html) {
    if (filled.get(box) === html) return false;
    filled.set(box, html);
    box.innerHTML = html;
    return true;
  }

  function settle() {
    clearTimeout(waiting?.timer);
    clearTimeout(waiting?.notice);
    waiting = null;
    root.removeAttribute("aria-busy");
  }

  function trouble(html, label) {
    waiting?.mark();
    settle();
    now.querySelector(".alert")?.remove();
    const chosen = now.querySelector(".chosen");
    chosen?.classList.add("unsaved");
    chosen?.querySelector(".saving")?.replaceChildren(label);
    (end.firstChild ? end : now).insertAdjacentHTML("beforeend", html);
    root.querySelector("[data-retry]")?.focus();
  }
  const unconfirmed = (why) => trouble(model.get("state").say[why], model.get("state").say.unconfirmed);
  const silent = () => waiting && unconfirmed("busy");
  const dead = () => unconfirmed("dead");

  function send(message, button) {
    if (waiting) return; // a double click is one answer
    last = message;
    root.querySelectorAll(".alert").forEach((alert) => alert.remove());
    const nonce = crypto.getRandomValues(new Uint32Array(2)).join("-"), marked = () => mark(button);
    waiting = { nonce, mark: marked, timer: setTimeout(silent, PATIENCE_MS), notice: setTimeout(marked, QUIET_MS) };
    try {
      model.send({ ...message, nonce: waiting.nonce });
    } catch {
      dead(); // the kernel was shut down
    }
  }

  function mark(button) {
    root.setAttribute("aria-busy", "true");
    if (!button?.matches(".opt") || button.matches(".chosen")) return;
    const note = Object.assign(document.createElement("small"), { className: "cost saving" });
    note.textContent = model.get("state").say.saving;
    button.classList.add("chosen");
    button.querySelector(".cost")?.remove();
    button.append(note);
  }

  function follow(n) { // the whole new turn is in sight, what was before it one scroll away
    if (!n) { // a talk shown anew: the beginning of a new one, the end of one that goes on
      log.scrollTop = shown.step ? log.scrollHeight : 0;
      return more();
    }
    const start = talk.children[n].offsetTop - log.offsetTop - 8;
    log.style.setProperty("--turn", `${Math.ceil(log.scrollHeight - start)}px`);
    const beside = getComputedStyle(log.parentElement).display === "grid"; // talk and options: its end
    log.scrollTop = beside ? log.scrollHeight : start;
    more();
    const sight = page()?.getBoundingClientRect() ?? { top: 0, bottom: Infinity }, whole = beside ? root : log;
    const { top, bottom } = whole.getBoundingClientRect();
    if (top < sight.top - 1 || (beside && bottom > sight.bottom + 1)) whole.scrollIntoView({ block: "start" });
  }

  function fit() { // no option is cut, nor the end of a beginning
    const cut = (box) => box.scrollHeight > box.clientHeight;
    for (const step of ["", "close", "closer", "closest"]) {
      root.dataset.fit = step;
      if (!cut(now) && (shown.step || !cut(log))) return;
    }
  }

  function unread() { // nobody has read it yet: what comes so soon is the second half of a double click or tap
    [now, end].forEach((box) => box.classList.add("fresh"));
    clearTimeout(reading);
    reading = setTimeout(() => [now, end].forEach((box) => box.classList.remove("fresh")), 400);
  }

  function draw() {
    const state = model.get("state"), before = shown, mine = root.contains(document.activeElement);
    if (waiting && state.ack !== waiting.nonce) return;
    if (!state.saved && before.run) return trouble(state.trouble, state.say.unsaved);
    settle();
    shown = state;
    root.lang = state.lang;
    root.dir = state.dir;
    log.setAttribute("aria-label", state.say.log);
    put(top, state.head);
    if (before.run !== state.run || before.lang !== state.lang) talk.replaceChildren();
    const kept = before.run === state.run && before.lang === state.lang ? before.lines : [];
    state.lines.forEach((html, n) => {
      if (kept[n] === html) return;
      const line = document.createRange().createContextualFragment(html).firstElementChild;
      talk.children[n] ? talk.children[n].replaceWith(line) : talk.append(line);
    });
    const draft = last && ("words" in last || "why" in last) ? "" : now.querySelector("textarea")?.value;
    const moved = put(now, state.choice) && before.run;
    if (draft && now.querySelector("textarea")) now.querySelector("textarea").value = draft; // half a thought is kept
    const ended = put(end, state.debrief) && state.debrief;
    root.classList.toggle("finished", Boolean(state.debrief));
    root.classList.toggle("leaf", state.leaf); // the shelf, or the debrief of all cases
    if (moved || (ended && before.run)) unread();
    fit();
    if (before.run !== state.run) log.style.removeProperty("--turn");
    if (state.lines.length !== kept.length) follow(kept.length);
    if (mine && before.lang !== state.lang) top.querySelector("[aria-current]")?.focus({ preventScroll: true });
    else if (mine && ended && before.run) end.firstElementChild.focus({ preventScroll: true }); // the ending is read first
    else if (mine && moved) (now.querySelector("textarea") ?? log).focus({ preventScroll: true }); // Enter says nothing unread
    if (before.run && before.run !== state.run) { // play again, or another page: from its top
      root.scrollIntoView({ block: "start" });
      reader().focus({ preventScroll: true });
    }
    status.textContent = before.run ? state.heard : "";
  }

  root.addEventListener("submit", (event) => { // click, Enter and Space all arrive here
    event.preventDefault();
    if (event.target.closest(".fresh")) return;
    const button = event.submitter, text = event.target.elements.text?.value;
    send({ [button.name]: button.value, step: shown.step, ...(text === undefined ? {} : { text }) }, button);
  });
  root.addEventListener("click", (event) => event.target.closest("[data-retry]") && last && send(last, now.querySelector(".chosen")));
  root.addEventListener("keydown", (event) => {
    if (event.repeat && event.key === "Enter" && event.target.closest("button")) event.preventDefault(); // held down
    if (event.ctrlKey || event.altKey || event.metaKey) return; // Ctrl+S stays JupyterLab's
    event.stopPropagation(); // else m, x, d d, b, j and the arrows act on the cell
    if (event.target.matches(WRITES)) return;
    if (/^[1-9]$/.test(event.key)) now.querySelectorAll(".opt")[event.key - 1]?.focus();
    if (event.key === " " && event.target.matches(".opt")) event.preventDefault(), scroll(event.shiftKey ? -1 : 1);
  });
  root.addEventListener("keyup", (event) => event.key === " " && event.target.matches(".opt") && event.preventDefault());

  function scroll(way) { // Space reads on, whatever has the focus: it never says a reply
    const whole = log.scrollHeight > log.clientHeight, box = whole ? log : page();
    box?.scrollBy({ top: way * 0.8 * box.clientHeight, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  // The keyboard belongs to the exercise once it is on the screen, for who ran the cell, opened the notebook or came back.
  root.tabIndex = -1; // a click beside the words keeps it there
  const reader = () => (shown.leaf && end.firstElementChild) || log; // what is read, and scrolled by Space
  let cell, tabbed = false;
  const elsewhere = () => { // never pull anybody out of a dialog, a menu, a file's name, an editor
    const at = document.activeElement, notebook = el.closest(".jp-Notebook");
    return !notebook || document.querySelector(".jp-Dialog, .lm-Menu") || at.matches(WRITES) ||
      !(at === document.body || notebook.contains(at)) || notebook.matches(".jp-mod-editMode");
  };
  const arrival = new ResizeObserver(() => { // before it has a size it isn't in the page: focusing does nothing
    if (!root.clientHeight) return;
    arrival.disconnect();
    cell = el.closest(".jp-Cell");
    cell?.addEventListener("keydown", tab, true);
    cell?.addEventListener("focusin", enter);
    if (elsewhere()) return;
    root.scrollIntoView({ block: "start" });
    reader().focus({ preventScroll: true });
  });
  arrival.observe(root);
  // JupyterLab gives the focus to the cell when its tab is shown again; but Shift+Tab leads out
  const tab = ({ key }) => ((tabbed = key === "Tab"), setTimeout(() => (tabbed = false)));
  const enter = ({ target }) => target === cell && !tabbed && reader().focus({ preventScroll: true });

  function early(event) { // before JupyterLab reads the key
    const { target, key } = event, plain = !event.ctrlKey && !event.altKey && !event.metaKey, notebook = el.closest(".jp-Notebook");
    // Notebook 7 reads shortcuts before the exercise can stop them: d d would delete it, x cut it
    if (root.contains(target)) return target.toggleAttribute("data-lm-suppress-shortcuts", plain);
    // 1–9 mean a reply while the exercise is on the screen, not "make this cell a heading"
    if (!plain || !/^[1-9]$/.test(key) || !root.offsetParent || !(target === document.body || notebook?.contains(target))) return;
    const box = root.getBoundingClientRect(), page = (notebook ?? document.body).getBoundingClientRect();
    if (target.closest(WRITES) || box.bottom < page.top || box.top > page.bottom) return;
    event.preventDefault();
    event.stopPropagation();
    now.querySelectorAll(".opt")[key - 1]?.focus();
  }
  window.addEventListener("keydown", early, true);
  model.on("change:state", draw);
  model.on("comm:close", dead);
  root.addEventListener("kernel-lost", () => waiting && dead()); // autorun.js hears of it first
  model.on("comm_live_update", () => model.comm_live === false && dead());
  let width = 0;
  function more() {
    const below = log.scrollHeight - log.scrollTop - log.clientHeight > 8, above = log.scrollTop > 8;
    log.classList.toggle("more", below);
    log.classList.toggle("above", above);
  }
  log.addEventListener("scroll", more, { passive: true });
  const size = new ResizeObserver(([entry]) => { // text that wraps anew must not push the last words out of sight
    const toEnd = entry.contentRect.width !== width || !log.classList.contains("more");
    width = entry.contentRect.width;
    root.style.setProperty("--page", `${page()?.clientHeight ?? 0}px`);
    root.style.setProperty("--room", `${page()?.clientHeight ?? innerHeight}px`);
    fit(); // which may give the talk another height
    if (toEnd) log.scrollTop = shown.step ? log.scrollHeight : 0;
    more();
  });
  size.observe(log);
  draw();
  return () => {
    size.disconnect();
    arrival.disconnect();
    window.removeEventListener("keydown", early, true);
    cell?.removeEventListener("keydown", tab, true);
    cell?.removeEventListener("focusin", enter);
    settle();
  };
}
export default { render };
