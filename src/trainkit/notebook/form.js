// Shows the form that Python rendered and sends back what was changed in it. It knows nothing of cases.
const SAVE_MS = 600; // after the last change the files are written
const TYPING_MS = 250; // between two messages of somebody who types
const LOOK_MS = 4000; // whether the files were changed elsewhere
const PATIENCE_MS = 6000;
const COUNT_MS = 700; // what takes its time is worked out in a pause
const PICK = "[data-pick], [data-ui-pick]";
const FRAME = `<p class="notice trouble" role="alert" hidden></p><header class="edit-top"></header>
<div class="form"></div><aside class="side"></aside><p class="hide" role="status"></p>`;

function render({ model, el }) {
  const root = Object.assign(document.createElement("section"), { className: "tk editor", tabIndex: -1, innerHTML: FRAME });
  el.append(root);
  const [trouble, top, form, side, heard] = [".trouble", ".edit-top", ".form", ".side", "[role=status]"].map((s) => root.querySelector(`:scope > ${s}`));
  const queue = []; // messages to be sent; of a field that is typed in only the last
  let waiting = null, typing = 0, saving = 0, counting = 0, shown = "", step = 0, asked = 0, spokenOf = "";

  // ---- sending: one message at a time, so that what is typed meanwhile waits and nothing overtakes
  function send(message, field, after) { // after: where the cursor goes then, and whether the trial goes on
    const key = field?.id;
    const late = key && queue.find((one) => one.field === key);
    if (late) late.message = message;
    else queue.push({ message, field: key, after });
    pump();
  }

  function pump() {
    if (waiting || queue.length) root.setAttribute("aria-busy", "true");
    else root.removeAttribute("aria-busy");
    if (waiting || !queue.length) return;
    const { message, field, after } = queue.shift();
    const nonce = crypto.getRandomValues(new Uint32Array(2)).join("-");
    waiting = { nonce, field, after };
    ask(() => model.send({ ...message, nonce }));
  }

  function ask(again) { // a kernel without a server loses what comes while a cell runs; what was done once isn't done again
    waiting.timer = setTimeout(() => { say("busy"); ask(again); }, PATIENCE_MS);
    try {
      again();
    } catch {
      clearTimeout(waiting.timer);
      say("dead");
    }
  }

  function say(why) {
    trouble.textContent = why ? model.get("said")[why] ?? why : "";
    trouble.hidden = !why;
  }

  function later() { // write the files when there is a pause
    clearTimeout(saving);
    saving = setTimeout(save, SAVE_MS);
  }
  const save = () => { clearTimeout(saving); saving = 0; flush(); send({ save: true }); };

  // ---- fields
  const value = (field) => {
    if (field.type === "range") return Number(field.value) / Number(field.dataset.scale ?? 1);
    return field.value;
  };

  function changed(field) {
    const edit = JSON.parse(field.dataset.edit), said = value(field);
    if (field.hasAttribute("data-optional") && said === "") return send({ edit: { do: "clear", path: edit.path }, step: field.dataset.step }, field);
    send({ edit: { ...edit, [field.dataset.arg ?? "value"]: said }, step: field.dataset.step }, field);
  }

  function flush() { // what is typed or picked and not sent yet
    clearTimeout(typing);
    root.querySelectorAll("[data-picking]").forEach((field) => {
      field.removeAttribute("data-picking");
      if (!field.value) return;
      const what = JSON.parse(field.value);
      send(what.ui ? what : { edit: what });
      later();
    });
    root.querySelectorAll("[data-dirty]").forEach((field) => { field.removeAttribute("data-dirty"); changed(field); });
  }

  function act(json, after) {
    if (!json) return;
    flush();
    const what = JSON.parse(json);
    send(what.ui ? what : { edit: what }, undefined, after);
    later();
  }

  let keyed = false, unfolded = false; // whether the last thing was a key, and in an unfolded list
  root.addEventListener("pointerdown", () => (keyed = false), true);
  root.addEventListener("focusin", ({ target }) => { if (target.dataset?.edit) target.dataset.step = `${Date.now()}-${step++}`; });
  root.addEventListener("input", ({ target }) => {
    if (target.dataset.seek !== undefined) return seek(target.value);
    if (target.dataset.words) return words(target);
    if (!target.matches("[data-edit]:is(input, textarea)")) return;
    target.dataset.step ??= `${Date.now()}-${step++}`;
    target.setAttribute("data-dirty", "");
    clearTimeout(typing);
    typing = setTimeout(flush, TYPING_MS);
    if (performance.now() - asked > TYPING_MS) flush(); // at once after a pause, so that little is lost
    asked = performance.now();
    later();
  });
  root.addEventListener("change", ({ target }) => {
    if (target.matches("[data-ui-pick]") && target.value) return send(JSON.parse(target.value), target); // one looks around with the arrows
    if (target.matches(PICK)) {
      if (!keyed || unfolded) return act(target.value);
      if (!target.hasAttribute("data-picking")) heard.textContent = model.get("said").pick;
      return target.setAttribute("data-picking", ""); // on the way with the arrows: it counts with Enter or Tab
    }
    if (target.type === "file") return;
    if (target.matches("[data-on]")) return act(target.checked ? target.dataset.on : target.dataset.off);
    if (target.matches("[data-edit]:is(input, textarea)")) flush();
  });
  let drawing = false; // what is on the way stays so while the page is drawn anew around it
  root.addEventListener("focusout", () => drawing || flush());
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-send], [data-ui]");
    if (!button || button.disabled) return;
    event.preventDefault();
    const seeking = root.querySelector("[data-seek]");
    if (seeking && button.matches(".node")) seek((seeking.value = ""));
    act(button.dataset.send ?? button.dataset.ui, { then: button.dataset.then, playing: Boolean(button.closest(".try")) });
  });
  root.addEventListener("submit", async (event) => {
    event.preventDefault();
    const sent = event.target;
    if (sent.dataset.edit) {
      const field = sent.querySelector("[data-plain]");
      send({ edit: { ...JSON.parse(sent.dataset.edit), [sent.dataset.arg]: field.value } });
      return later();
    }
    if (sent.dataset.begin === undefined) return;
    const data = new FormData(sent), story = data.get("story");
    const begin = Object.fromEntries([...data].filter(([, one]) => typeof one === "string"));
    begin.target = Number(begin.target) / 100;
    if (story instanceof File) begin.story = await story.text();
    send({ ui: { begin } });
    later();
  });

  function words(slider) {
    const n = Number(slider.value), number = n ? `${n > 0 ? "+" : "−"}${Math.abs(n)}` : "0";
    const said = `${JSON.parse(slider.dataset.words).find(([upto]) => n < upto)?.[1] ?? ""}, ${number}`;
    slider.setAttribute("aria-valuetext", said);
    root.querySelector(`output[for="${slider.id}"]`).textContent = said;
  }

  function seek(wanted) { // places with all the words, in a list where the map was
    const hits = root.querySelector(".hits"), asked = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    if (!hits) return;
    hits.hidden = !asked.length;
    for (const one of hits.children) one.hidden = !asked.every((word) => one.textContent.toLowerCase().includes(word));
  }

  // ---- showing: what is the same stays, and so do focus, cursor and what is being typed
  function put(box, html) {
    const next = document.createElement("template");
    next.innerHTML = html;
    morph(box, next.content);
  }

  const underway = (node) => Boolean(node.id) && (node.id === waiting?.field || queue.some((one) => one.field === node.id));
  const busy = (node) => node === document.activeElement || node.hasAttribute("data-dirty") || underway(node);

  function morph(old, fresh) {
    const keyed = new Map([...old.children].filter((node) => node.id).map((node) => [node.id, node]));
    let at = old.firstChild;
    for (const want of [...fresh.childNodes]) {
      const same = want.id && keyed.get(want.id)?.nodeName === want.nodeName ? keyed.get(want.id) : null;
      if (same && same !== at) old.insertBefore(same, at);
      const have = same ?? at;
      const alike = have && have.nodeName === want.nodeName && (same || !(have.id && have.id !== want.id));
      if (!alike) {
        old.insertBefore(want, at);
        continue;
      }
      if (have === at) at = at.nextSibling;
      if (have.nodeType !== Node.ELEMENT_NODE) {
        if (have.nodeValue !== want.nodeValue) have.nodeValue = want.nodeValue;
        continue;
      }
      attributes(have, want);
      const chosen = want.selectedIndex; // before its entries go over
      if (have.nodeName === "TEXTAREA") {
        if (!busy(have) && have.value !== want.value) have.value = want.value;
      } else morph(have, want);
      if (have.nodeName === "SELECT" && !have.hasAttribute("data-picking") && !underway(have)) have.selectedIndex = chosen;
      if (have.nodeName === "INPUT") fields(have, want);
    }
    while (at) at = remove(at);
  }
  const remove = (node) => { const next = node.nextSibling; node.remove(); return next; };

  function fields(have, want) {
    if (have.type === "checkbox" || have.type === "radio") have.checked = want.hasAttribute("checked");
    else if (have.type !== "file" && !have.matches("[data-plain], [data-seek]") && !busy(have)) have.value = want.getAttribute("value") ?? "";
    else if (have.matches("[data-plain]") && have !== document.activeElement) have.value = want.getAttribute("value");
  }

  function attributes(have, want) {
    const own = have.hasAttribute("data-own") ? ["open"] : have.matches(".hits, .hits *") ? ["hidden"] : ["data-step", "data-dirty", "data-picking"];
    for (const { name } of [...have.attributes]) if (!want.hasAttribute(name) && !own.includes(name) && name !== "data-lm-suppress-shortcuts") have.removeAttribute(name);
    for (const { name, value: said } of want.attributes) if (have.getAttribute(name) !== said && !own.includes(name)) have.setAttribute(name, said);
  }

  function draw() {
    const said = model.get("said");
    let after = {};
    if (waiting && said.ack === waiting.nonce) {
      clearTimeout(waiting.timer);
      after = waiting.after ?? {};
      waiting = null;
      say(said.error);
    }
    root.lang = said.lang;
    root.setAttribute("aria-label", said.label);
    root.classList.toggle("is-new", said.new);
    root.style.setProperty("--pick", JSON.stringify(said.pick ?? ""));
    const hold = held();
    drawing = true;
    put(top, model.get("top"));
    put(form, model.get("form"));
    put(side, model.get("side"));
    const seeking = root.querySelector("[data-seek]");
    if (seeking) seek(seeking.value);
    hold();
    drawing = false;
    if (said.focus || after.then) point(said.focus || after.then);
    const talk = side.querySelector(".talk"), words = talk?.textContent ?? "";
    if (talk && words !== spokenOf) { // the newest line, and the replies under it
      talk.scrollTop = talk.scrollHeight;
      if (after.playing) (side.querySelector(".try .opts > :last-child") ?? side.querySelector(".try .ended"))?.scrollIntoView({ block: "nearest" });
    }
    spokenOf = words;
    const here = root.querySelector(".map .node.on"), frame = here?.closest(".map-frame");
    if (here && frame && here.id !== shown) frame.scrollTop = here.offsetTop - frame.clientHeight / 2;
    shown = here?.id ?? "";
    if (said.error) heard.textContent = said.error;
    clearTimeout(counting);
    if (said.later) counting = setTimeout(count, COUNT_MS);
    pump();
  }

  const isOpen = (select) => { try { return select.matches(":open"); } catch { return false; } };

  function beside(nodes, from, key) { // the next node in the direction of an arrow
    const middle = (node) => { const box = node.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; };
    const [x, y] = middle(from), across = /Left|Right/.test(key) ? 0 : 1, sign = /Right|Down/.test(key) ? 1 : -1;
    const away = (node) => { const at = middle(node), gone = [at[0] - x, at[1] - y]; return [sign * gone[across], Math.abs(gone[1 - across])]; };
    const ahead = nodes.map((node) => [node, ...away(node)]).filter(([node, on]) => node !== from && on > 8);
    return ahead.toSorted((a, b) => a[1] + 2 * a[2] - b[1] - 2 * b[2])[0]?.[0];
  }

  // Where the cursor was, it stays, though what it was on is gone: else keys would act on the notebook.
  const fields_of = (box) => [...box.querySelectorAll("input, textarea, select, button, summary, [tabindex]")].filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility());

  function held() {
    const at = document.activeElement;
    if (!root.contains(at) || at === root) return () => {};
    const above = [];
    for (let one = at; one !== root; one = one.parentElement) above.push(one);
    const number = fields_of(root).indexOf(at), name = at.id, words = at.textContent;
    return () => {
      if (document.activeElement === at && at.isConnected && !at.disabled && at.checkVisibility()) return;
      if (document.activeElement !== at && root.contains(document.activeElement)) return;
      const again = name && root.querySelector(`[id="${CSS.escape(name)}"]`);
      const near = above.find((one) => one !== at && one.isConnected && fields_of(one).length);
      const all = fields_of(root), close = near && fields_of(near);
      const alike = close?.find((one) => one.nodeName === at.nodeName && one.textContent === words && words);
      (again || alike || (close ? close.toSorted((a, b) => Math.abs(all.indexOf(a) - number) - Math.abs(all.indexOf(b) - number))[0] : all[0]) || root).focus({ preventScroll: true });
    };
  }

  const count = () => { // once nobody types
    if (waiting || queue.length || root.querySelector("[data-dirty]")) counting = setTimeout(count, COUNT_MS);
    else send({ ui: { count: true } });
  };

  function point(id) { // to a field, the first within it, or the nearest part of the form that holds it
    for (let name = id; name; name = name.replace(/-?[^-]+$/, "")) {
      const found = root.querySelector(`[id="${CSS.escape(name)}"]`) ?? root.querySelector(`[id$="-${CSS.escape(name)}"]`);
      if (!found) continue;
      found.closest("details")?.setAttribute("open", "");
      const field = found.matches("input, textarea, select, button") ? found : found.querySelector("textarea, input, select, button");
      field?.focus({ preventScroll: false });
      field?.scrollIntoView({ block: "nearest" });
      return;
    }
  }

  // ---- keys
  root.addEventListener("keydown", (event) => {
    keyed = true;
    const opens = event.altKey || !/^(Arrow|Home|End|Page|\S$)/.test(event.key); // an unfolded list keeps its keys to itself
    unfolded = event.target.matches("select") && (isOpen(event.target) || opens);
    if (event.target.hasAttribute("data-picking") && !isOpen(event.target) && /^(Enter|Escape)$/.test(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") { // as it was
        event.target.removeAttribute("data-picking");
        event.target.selectedIndex = [...event.target.options].findIndex((one) => one.defaultSelected);
      }
      return flush();
    }
    if (event.target.dataset?.seek !== undefined && /^(Enter|Escape|ArrowDown)$/.test(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      const hit = root.querySelector(".hits:not([hidden]) > :not([hidden]) > .node");
      if (event.key === "Escape") seek((event.target.value = ""));
      else if (event.key === "Enter") hit?.click();
      else (hit ?? root.querySelector(".map .node"))?.focus();
      return;
    }
    const { key, target } = event, command = event.ctrlKey || event.metaKey;
    if (command && !event.altKey && /^[zya]$/i.test(key)) {
      event.stopPropagation();
      if (/^a$/i.test(key)) return;
      event.preventDefault();
      flush();
      send({ ui: { do: /^y$/i.test(key) || event.shiftKey ? "redo" : "undo" } });
      return later();
    }
    if (command && /^s$/i.test(key)) save(); // and JupyterLab saves the notebook
    if (event.altKey && /^Arrow(Up|Down)$/.test(key)) {
      const part = target.closest("[data-move]");
      if (!part) return;
      event.preventDefault();
      event.stopPropagation();
      flush();
      send({ edit: { ...JSON.parse(part.dataset.move), by: key === "ArrowUp" ? -1 : 1 } });
      return later();
    }
    if (command || event.altKey) return;
    event.stopPropagation(); // else letters and arrows act on the cell
    if (target.matches(".node") && /^Arrow/.test(key)) {
      event.preventDefault();
      const to = beside([...target.closest(".map, .hits").querySelectorAll(".node")].filter((one) => one.checkVisibility()), target, key);
      to?.focus();
      to?.scrollIntoView({ block: "nearest" });
    }
  });
  const early = ({ target }) => root.contains(target) && target.toggleAttribute?.("data-lm-suppress-shortcuts", true);
  window.addEventListener("keydown", early, true);

  const leaving = () => { // nobody waits for answers any more
    flush();
    if (saving) save();
    while (queue.length) model.send({ ...queue.shift().message, nonce: "" });
  };
  const hidden = () => document.visibilityState === "hidden" && leaving();
  window.addEventListener("pagehide", leaving);
  document.addEventListener("visibilitychange", hidden);
  const looking = setInterval(() => {
    if (document.visibilityState === "visible" && root.offsetParent && !waiting && !queue.length && !root.querySelector("[data-dirty]")) send({ look: true });
  }, LOOK_MS);

  // The keyboard belongs to the form once it is on the screen, for who has run its cell.
  const arrival = new ResizeObserver(() => {
    if (!root.clientHeight) return;
    arrival.disconnect();
    const at = document.activeElement, notebook = el.closest(".jp-Notebook");
    if (!notebook || document.querySelector(".jp-Dialog, .lm-Menu") || at.matches("input, textarea, select, [contenteditable=true]")) return;
    if (at !== document.body && !el.closest(".jp-Cell")?.contains(at)) return;
    root.scrollIntoView({ block: "nearest" });
    (form.querySelector(".begin :checked") ?? top.querySelector("select") ?? form.querySelector("input, textarea"))?.focus({ preventScroll: true });
  });
  arrival.observe(root);

  let planned = false;
  const soon = () => { // the parts of one answer come one by one
    if (planned) return;
    planned = true;
    queueMicrotask(() => { planned = false; draw(); });
  };
  model.on("change:said", soon);
  const dead = () => say("dead");
  model.on("comm:close", dead);
  model.on("comm_live_update", () => model.comm_live === false && dead());
  const size = new ResizeObserver(() => root.style.setProperty("--page", `${el.closest(".jp-WindowedPanel-outer, .jp-Notebook")?.clientHeight ?? 800}px`));
  size.observe(root);
  draw();
  return () => {
    leaving();
    clearInterval(looking);
    clearTimeout(counting);
    size.disconnect();
    arrival.disconnect();
    window.removeEventListener("keydown", early, true);
    window.removeEventListener("pagehide", leaving);
    document.removeEventListener("visibilitychange", hidden);
  };
}
export default { render };
