// Begins an exercise when its notebook is opened: runs the notebook's one cell, if its text is one that the kit itself
// would write, and scrolls to it; the exercise takes the keyboard by itself (exercise.js). Where nothing comes, it says
// what to press. Written by hand, without a build: a federated extension is an object with init and get.
(() => {
  // THE RULE. A cell is run unasked only if its notebook says so ("trainkit": {"autorun": true}), its kernel is Python,
  // and its whole text is the kit's own call: a case id (no path), a language, settings that are literals; nothing else.
  const SETTING = String.raw`seed=\d{1,16}|feedback="(?:now|end|none)"|(?:back|own_words|ask_why)=(?:True|False)`;
  const CASE = String.raw`"[a-z][a-z0-9_]{0,59}", "[a-z]{2,3}"(?:, (?:${SETTING}))*`;
  const SHELF = String.raw`lang="[a-z]{2,3}"(?:, page="all")?`;
  const CALL = new RegExp(String.raw`^(?:# the exercise\n)?import trainkit\n\n?trainkit\.exercise\((?:${CASE}|${SHELF})\)\n?$`);
  // IPython looks for modules in the notebook's folder first: a trainkit.py or yaml.py lying beside a foreign notebook
  // must not be what the import finds.
  const INSTALLED_ONLY = "exec(\"import sys; sys.path[:] = [p for p in sys.path if p not in ('', '.')]\", {})";

  const ID = "trainkit:autorun";
  const LITE = document.querySelector("[data-jupyter-lite-root]") !== null; // Python itself has to come into the browser
  const KERNEL_MS = LITE ? 120_000 : 10_000; // then the page says what to press
  const PATIENCE_MS = LITE ? 120_000 : 60_000;
  const LEAST_PX = 280; // a notebook narrower than that can't be read
  const MOST_RUNS = 5; // a kernel that dies of it isn't fed for ever
  const SAY = {
    ru: {
      kernel: "Разговор ещё не начался: Python не отвечает. Подождите немного или нажмите в меню Run строку Run All Cells. Не помогло? Нажмите в меню Kernel строку Restart Kernel and Run All Cells.",
      changed: "Текст ячейки с разговором изменён, поэтому сама она не запускается. Должно быть так:",
      broken: "Python не смог прочитать эту ячейку: потерялась кавычка или скобка. Должно быть так:",
      missing: "В этом Python нет trainkit. Выберите в меню Kernel другое ядро или установите trainkit: pip install trainkit",
    },
    en: {
      kernel: "The conversation hasn't begun: Python isn't answering. Wait a little, or choose Run All Cells from the Run menu. If that doesn't help, choose Restart Kernel and Run All Cells from the Kernel menu.",
      changed: "The cell with the conversation has been changed, so it doesn't run by itself. It should read:",
      broken: "Python can't read this cell: a quotation mark or a bracket has gone missing. It should read:",
      missing: "This Python has no trainkit. Choose another kernel from the Kernel menu, or install trainkit: pip install trainkit",
    },
  };
  let scope; // what JupyterLab shares: scope[package][version].get()

  async function shared(name) {
    const [version] = Object.values(scope[name]);
    return (await version.get())();
  }

  const source = (cell) => cell.model.sharedModel.getSource();
  const ours = (notebook) => notebook?.model?.getMetadata("trainkit")?.autorun === true;

  function placeOfCall(notebook) {
    if (!ours(notebook)) return -1;
    if (notebook.widgets.some((cell) => /commandlinker/i.test(source(cell)))) return -1; // its buttons would be trusted
    return notebook.widgets.findIndex((cell) => cell.model.type === "code" && CALL.test(source(cell)));
  }

  /** The first code cell of one of the kit's notebooks, whatever is written in it. */
  const firstCode = (notebook) => notebook.widgets.find((cell) => cell.model.type === "code");

  /** What the cell should read, as far as what it reads now tells. */
  function rightText(text, lang) {
    const id = /exercise\(\W*([a-z][a-z0-9_]*)/.exec(text)?.[1];
    const shelf = `lang="${lang}"${/page/.test(text) ? ', page="all"' : ""}`;
    return `import trainkit\n\ntrainkit.exercise(${id && id !== "lang" ? `"${id}", "${lang}"` : shelf})`;
  }

  function language(notebook) {
    const texts = notebook.widgets.map(source).join("\n");
    return /["'](ru|en)\b/.exec(texts)?.[1] ?? (/[а-яё]/i.test(texts) ? "ru" : "en");
  }

  const notice = (cell) => cell.node.querySelector(".trainkit-notice");

  /** A sentence in the exercise's own place, until there is an exercise; `text` is a cell's text to be copied. */
  function say(cell, sentence, text = "") {
    notice(cell)?.remove();
    const box = document.createElement("div");
    box.className = "trainkit-notice jp-RenderedHTMLCommon";
    box.setAttribute("role", "status");
    box.style.cssText = "margin: 8px 0 0 calc(var(--jp-cell-prompt-width) + 8px); padding: 12px 16px; border: 1px dashed var(--jp-border-color1); border-radius: 8px; max-width: 44rem";
    const p = document.createElement("p");
    p.textContent = sentence;
    p.style.whiteSpace = "pre-line"; // a case with several mistakes
    box.append(p);
    if (text) box.append(Object.assign(document.createElement("pre"), { textContent: text }));
    cell.node.append(box);
  }

  const READY = ".tk.exercise .log"; // the still picture in a saved output has none
  function appeared(node) {
    return new Promise((done) => {
      const end = (yes) => (seen.disconnect(), clearTimeout(timer), done(yes));
      const look = () => node.querySelector(READY) && end(true);
      const seen = new MutationObserver(look), timer = setTimeout(end, PATIENCE_MS, false);
      seen.observe(node, { childList: true, subtree: true });
      look();
    });
  }

  const shown = (node) => // MainAreaWidget.revealed is settled in hidden tabs too
    new Promise((done) => {
      const eye = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && (eye.disconnect(), done()));
      eye.observe(node);
    });

  const scenes = new Set(); // our notebooks that are on the screen: no news covers a scene; it stays under the bell
  const quiet = document.createElement("style");
  quiet.textContent = "body.trainkit-scene .Toastify__toast-container :is(.Toastify__toast--info, .Toastify__toast--default) { display: none }";
  document.head.append(quiet);
  function makeRoom(panel, shell) {
    const eye = new IntersectionObserver(([{ isIntersecting, boundingClientRect }]) => {
      // JupyterLab's left panel would leave nothing of a window of 360 px; a click on its icon opens it again
      if (isIntersecting && boundingClientRect.width < LEAST_PX) shell.collapseLeft?.();
      scenes[isIntersecting ? "add" : "delete"](panel);
      document.body.classList.toggle("trainkit-scene", scenes.size > 0);
    });
    eye.observe(panel.node);
    panel.disposed.connect(() => (eye.disconnect(), scenes.delete(panel), document.body.classList.toggle("trainkit-scene", scenes.size > 0)));
  }

  async function begin(panel, { model, ready, sessionContext }, shell, switchedOn) {
    await Promise.all([ready, panel.revealed, shown(panel.node)]); // a tab behind another one waits until it is looked at
    const notebook = panel.content;
    if (!ours(notebook)) return;
    makeRoom(panel, shell);
    if (!(await switchedOn())) return;
    const code = firstCode(notebook), lang = language(notebook);
    if (placeOfCall(notebook) < 0) return void (code && /exercise/.test(source(code)) && say(code, SAY[lang].changed, rightText(source(code), lang)));
    const text = () => JSON.stringify(notebook.widgets.map(source));
    const { NotebookActions } = await shared("@jupyterlab/notebook"), clean = !model.dirty && text();
    let runs = 0, again = false;

    async function run() {
      const patience = setTimeout(() => {
        const cell = notebook.widgets[placeOfCall(notebook)];
        if (cell && !cell.node.querySelector(READY)) say(cell, SAY[lang].kernel);
      }, KERNEL_MS);
      try {
        await sessionContext.ready;
        const kernel = sessionContext.session?.kernel, specs = sessionContext.specsManager.specs?.kernelspecs;
        if (specs?.[kernel?.name]?.language !== "python" || panel.isDisposed || ++runs > MOST_RUNS) return;
        const place = placeOfCall(notebook), cell = notebook.widgets[place]; // as it stands now
        if (!cell) return;
        kernel.requestExecute({ code: INSTALLED_ONLY, silent: true, store_history: false }); // taken before the cell
        const finished = NotebookActions.runCells(notebook, [cell], sessionContext);
        const failed = finished.then((well) => well && new Promise(() => {})); // what was wrong stands below the cell
        if (await Promise.race([appeared(cell.node), failed])) {
          notice(cell)?.remove();
          notebook.activeCellIndex = place;
          if (panel.isVisible) await notebook.scrollToItem(place, "start").catch(() => {}); // "full" mode may not have drawn it
          if (panel.isVisible) cell.node.querySelector(READY)?.closest(".tk").scrollIntoView({ block: "start" }); // JupyterLab 4.3 misses it
        }
        await finished;
        if (clean === text()) model.dirty = false; // nothing of the person's is in it: closing asks nothing, no file changes
      } finally {
        clearTimeout(patience);
      }
    }

    sessionContext.statusChanged.connect((_, status) => {
      again ||= status.endsWith("restarting");
      if (again || status === "dead") // an answer on its way is not confirmed; who gave it hears that at once
        panel.node.querySelectorAll(".tk.exercise").forEach((one) => one.dispatchEvent(new Event("kernel-lost")));
      if (again && status === "idle") (again = false), run().catch(console.error);
    });
    await run();
  }

  /** A cell of ours that failed gets a sentence instead of a traceback: Python couldn't read or import it, or the kit says why. */
  async function sentences() {
    const { NotebookActions } = await shared("@jupyterlab/notebook");
    NotebookActions.executed.connect((_, { notebook, cell, success, error }) => {
      if (!ours(notebook) || cell.model.type !== "code" || !/trainkit/.test(source(cell))) return;
      notice(cell)?.remove();
      if (success) return;
      const lang = language(notebook), name = error?.errorName;
      const syntax = name === "SyntaxError" || name === "IndentationError";
      const missing = name === "ModuleNotFoundError" && /'trainkit'/.test(error.errorValue);
      const own = error?.traceback?.length === 1 && error.errorValue; // errors.py: the sentence alone
      if (!syntax && !missing && !own) return;
      cell.model.outputs?.clear();
      say(cell, syntax ? SAY[lang].broken : missing ? SAY[lang].missing : own, syntax ? rightText(source(cell), lang) : "");
    });
  }

  /** A link in one of our pages to a notebook that lies beside it. */
  function besides(panel, context, commands) {
    panel.node.addEventListener("click", (event) => {
      const name = event.target.closest?.(".tk a[data-beside]")?.getAttribute("href");
      if (!/^\w+\.ipynb$/.test(name ?? "")) return;
      event.preventDefault();
      commands.execute("docmanager:open", { path: context.path.replace(/[^/]*$/, name) });
    });
  }

  const begun = new WeakSet(); // a second view of the same notebook runs nothing
  const plugin = (ISettingRegistry) => ({
    id: ID,
    description: "Begins an exercise when its notebook is opened",
    autoStart: true,
    optional: [ISettingRegistry],
    activate: ({ docRegistry, shell, commands }, settings) => {
      const switchedOn = async () => (await settings?.load(ID).catch(() => null))?.get("autorun").composite !== false;
      sentences().catch(console.error);
      docRegistry.addWidgetExtension("Notebook", {
        createNew(panel, context) {
          if (begun.has(context)) return;
          begun.add(context);
          besides(panel, context, commands);
          begin(panel, context, shell, switchedOn).catch(console.error);
        },
      });
    },
  });
  (window._JUPYTERLAB ??= {}).trainkit = {
    init: (given) => void (scope = given),
    get: async () => {
      const { ISettingRegistry } = await shared("@jupyterlab/settingregistry");
      return () => ({ __esModule: true, default: plugin(ISettingRegistry) });
    },
  };
})();
