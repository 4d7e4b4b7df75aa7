// Shows the text that Python rendered and sends back which code was given. It knows nothing of texts or codes.
const PATIENCE_MS = 4000;

function render({ model, el }) {
  const root = Object.assign(document.createElement("section"), { className: "tk coding", tabIndex: -1 });
  const page = Object.assign(document.createElement("div"), { className: "page" });
  root.append(page);
  el.append(root);
  let waiting = null, timer;

  function send(message) {
    if (waiting) return; // a double press is one code
    const nonce = crypto.getRandomValues(new Uint32Array(2)).join("-");
    waiting = nonce;
    root.setAttribute("aria-busy", "true");
    timer = setTimeout(silent, PATIENCE_MS);
    try {
      model.send({ ...message, screen: model.get("state").screen, nonce });
    } catch {
      silent(); // the kernel was shut down
    }
  }

  function silent() { // what was pressed can be pressed again: a code that is there already changes nothing
    settle();
    page.querySelector(".alert")?.remove();
    const told = Object.assign(document.createElement("p"), { className: "alert", textContent: model.get("state").busy });
    told.setAttribute("role", "alert");
    page.append(told);
  }

  function settle() {
    clearTimeout(timer);
    waiting = null;
    root.removeAttribute("aria-busy");
  }

  function draw() {
    const state = model.get("state"), mine = root.contains(document.activeElement);
    if (waiting && state.ack !== waiting) return;
    settle();
    root.lang = state.lang;
    page.innerHTML = state.html;
    const log = page.querySelector(".log");
    if (log) log.scrollTop = log.scrollHeight;
    if (mine) (page.querySelector("[data-focus]") ?? root).focus({ preventScroll: true });
  }

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button?.name) send({ [button.name]: button.value });
  });
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return; // Ctrl+S stays JupyterLab's
    event.stopPropagation(); // else m, x, d d and the digits act on the cell
    if (event.repeat) return; // held down: one text, one code
    const press = (button) => button && !button.disabled && (event.preventDefault(), send({ [button.name]: button.value }));
    if (/^[1-9]$/.test(event.key)) press(page.querySelectorAll(".opt")[event.key - 1]);
    else if (event.key === "ArrowLeft") press(page.querySelector("[name=go][value=back]"));
    else if (event.key === "ArrowRight") press(page.querySelector("[name=go][value=on]"));
    else if (event.key === "Backspace") press(page.querySelector("[name=undo]"));
  });
  // Notebook 7 reads shortcuts before the widget can stop them: d d would delete the cell
  const early = ({ target, ctrlKey, altKey, metaKey }) =>
    root.contains(target) && target.toggleAttribute("data-lm-suppress-shortcuts", !ctrlKey && !altKey && !metaKey);
  window.addEventListener("keydown", early, true);
  const arrival = new ResizeObserver(() => { // before it has a size it isn't in the page: focusing does nothing
    if (!root.clientHeight) return;
    arrival.disconnect();
    const notebook = el.closest(".jp-Notebook"), at = document.activeElement;
    if (notebook && !notebook.matches(".jp-mod-editMode") && (at === document.body || notebook.contains(at)))
      (page.querySelector("[data-focus]") ?? root).focus({ preventScroll: true });
  });
  arrival.observe(root);
  model.on("change:state", draw);
  draw();
  return () => {
    clearTimeout(timer);
    arrival.disconnect();
    window.removeEventListener("keydown", early, true);
  };
}
export default { render };
