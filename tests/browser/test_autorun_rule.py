"""Which cell runs unasked? The real script of the extension in Chromium, in a JupyterLab that only notes what was run."""

import nbformat
import pytest
from support.jupyter_lab import browser
from support.places import ROOT

SCRIPT = ROOT / "src/trainkit/notebook/labextension/static/autorun.js"
OURS = {"trainkit": {"autorun": True}}
SHELF = 'import trainkit\n\ntrainkit.exercise(lang="ru")'
ALL = 'import trainkit\n\ntrainkit.exercise(lang="en", page="all")'
# a line's end for Python, IPython or a browser
BREAKS = ("\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029")


def call(case="racket_refund", lang="ru", more=""):
    """The one cell of a case's notebook."""
    return f'# the exercise\nimport trainkit\n\ntrainkit.exercise("{case}", "{lang}"{more})'


GOOD = [
    call(),
    call("power_upgrade", "en"),
    call("x" * 60, "deu"),
    call().replace("# the exercise\n", "") + "\n",
    call().replace("trainkit\n\n", "trainkit\n"),
    call(more=', seed=7, feedback="end", back=False, own_words=True, ask_why=True'),
    SHELF,
    ALL,
]
HOSTILE = {
    "another text": ["", "print(1)", "# trainkit.exercise", "%run x.py", "import trainkit", call()[:-1], call()[1:]],
    "something after it": [
        *[call() + more for more in ("\nprint(1)", "\n\nprint(1)", "; print(1)", " # x", "\n\n", " ", ".session")],
        *[call() + end + "!touch x" for end in BREAKS],
        *[text + more for text in (SHELF, ALL) for more in ("; print(1)", "\nprint(1)", "\n%run x")],
    ],
    "something before it": [
        *[before + call() for before in ("print(1)\n", "!touch x\n", "%run x\n", "%%bash\n", "\n", " ", "\ufeff")],
        *["# the exercise" + end + "!touch x\n" + call().partition("\n")[2] for end in BREAKS],
        call().replace("# the exercise", "# the exercise; touch x"),
        call().replace("# the exercise", "#!/bin/sh"),
    ],
    "something within it": [
        *[call().replace("\n\n", f"\n{line}\n") for line in ("!touch x", "trainkit.exercise = print", "import evil", " ")],
        *[call().replace("\n\n", end) for end in BREAKS],
        call().replace("\n\n", "\n\n\n"),
    ],
    "another module or function": [
        call().replace("trainkit", "evil"),
        call().replace("import trainkit", "import evil as trainkit"),
        call().replace("import trainkit", "from evil import trainkit"),
        call().replace("import trainkit", "import trainkit, evil"),
        call().replace("import trainkit", "import trainkit as tk"),
        call().replace(".exercise", ".workshop"),
        call().replace(".exercise", ".load_case"),
        call().replace(".exercise", "._exercise"),
        call().replace("exercise(", "exercise ("),
    ],
    "a case by its path, or no id": [
        *[call(case) for case in ("../evil", "/tmp/evil", "C:\\\\evil", "evil.yml", ".", "", "Racket", "_x", "x" * 61)],
        *[call(case) for case in ("аppendicitis", "x\n", "x\\x2f", "${x}", "{x}", 'x" + f() + "', 'x", database="y')],
        call().replace('"racket_refund"', "f()"),
        call().replace('"racket_refund"', 'f"racket_refund"'),
        call().replace('"racket_refund"', "'racket_refund'"),
        call().replace('"racket_refund"', '["racket_refund"]'),
    ],
    "a language that is none": [
        *[call(lang=lang) for lang in ("", "r", "russ", "RU", "ru_RU", "рус", "r\n")],
        *[SHELF.replace('"ru"', lang) for lang in ('""', "f()", 'f"{x}"', "'ru'", '"ru", "ru"', '"ru", database="x"')],
        *[ALL.replace('"all"', page) for page in ('"shelf"', '"../x"', "f()")],
        SHELF.replace('lang="ru"', ""),
    ],
    "settings that are no literals, or reach further": [
        call(more=f", {more}")
        for more in (
            *('database="x"', 'answers=["x"]', 'participant="x"', 'fixed={"a": "b"}', 'page="all"', "*x", "**x", "x"),
            *("seed=f()", "seed=-1", "seed=1e9", "seed=1_0", "seed=0x1", "seed=1,", "seed=" + "9" * 17, "seed =7", "seed=7 "),
            *("back=not True", "back=f()", "back=1", 'feedback="x"', 'feedback=f"end"', "own_words=None", "ask_why=x"),
        )
    ],
}  # fmt: skip

# a JupyterLab as the script sees one; gives for each notebook which of its cells were run
JUPYTERLAB = """
async ([script, notebooks]) => {
  delete window._JUPYTERLAB;
  (0, eval)(script);
  const ran = notebooks.map(() => []), signal = { connect() {} }, settled = Promise.resolve();
  const runCells = async ({ at }, cells) => ran[at].push(...cells.map((cell) => cell.model.sharedModel.getSource()));
  const shared = (module) => ({ "4.9.9": { get: async () => () => module } });
  const { trainkit } = window._JUPYTERLAB;
  trainkit.init({
    "@jupyterlab/notebook": shared({ NotebookActions: { executed: signal, runCells } }),
    "@jupyterlab/settingregistry": shared({ ISettingRegistry: "settings" }),
  });
  let extension;
  const docRegistry = { addWidgetExtension: (_, it) => (extension = it) };
  (await trainkit.get("./extension"))().default.activate({ docRegistry, shell: {} });
  notebooks.forEach(({ cells, metadata, language }, at) => {
    const node = document.body.appendChild(document.createElement("div"));
    node.style.cssText = "position: fixed; top: 0; width: 9px; height: 9px";
    const widgets = cells.map(([type, source]) => ({ node, model: { type, sharedModel: { getSource: () => source } } }));
    const model = { getMetadata: (name) => metadata[name], dirty: false };
    const kernel = { name: "one", requestExecute() {} }, specsManager = { specs: { kernelspecs: { one: { language } } } };
    const sessionContext = { ready: settled, session: { kernel }, specsManager, statusChanged: signal };
    const panel = { node, content: { at, model, widgets, node }, revealed: settled, disposed: signal, isVisible: true };
    extension.createNew(panel, { model, ready: settled, sessionContext });
  });
  const frame = () => new Promise(requestAnimationFrame);
  for (let frames = 0; frames < 600 && !ran.at(-1).length; frames++) await frame();
  for (let frames = 0; frames < 5; frames++) await frame();
  return ran;
}
"""


@pytest.fixture(scope="module")
def page(chromium_path):
    with browser(chromium_path) as chromium:
        yield chromium.new_page()


def notebook(*cells, metadata=OURS, language="python"):
    return {"cells": [["markdown", "# Text"], *cells], "metadata": metadata, "language": language}


def runs(page, *notebooks):
    """For each notebook, the texts that were run; a good one opened after them proves that nobody was still waiting."""
    page.goto("about:blank")
    *ran, last = page.evaluate(JUPYTERLAB, [SCRIPT.read_text("utf-8"), [*notebooks, notebook(["code", call()])]])
    assert last == [call()]
    return ran


def test_the_kits_own_call_is_run(page):
    assert runs(page, *[notebook(["code", text]) for text in GOOD]) == [[text] for text in GOOD]


@pytest.mark.parametrize("kind", HOSTILE)
def test_any_other_text_is_not_run(page, kind):
    ran = runs(page, *[notebook(["code", text]) for text in HOSTILE[kind]])
    assert [text for text, one in zip(HOSTILE[kind], ran, strict=True) if one] == []


def test_one_cell_is_run_of_a_notebook_that_says_so(page):
    beside = ["code", "open('x', 'w')"]
    assert runs(page, notebook(beside, ["code", call()], beside, ["code", SHELF])) == [[call()]]
    for said in (
        {},
        {"trainkit": {}},
        {"trainkit": {"autorun": "true"}},
        {"trainkit": {"autorun": 1}},
        {"autorun": True},
    ):
        assert runs(page, notebook(["code", call()], metadata=said)) == [[]], said


def test_no_other_kind_of_cell_or_kernel(page):
    others = [notebook(["code", call()], language=name) for name in ("R", "bash", "Python", "", None)]
    others += [notebook([kind, call()]) for kind in ("markdown", "raw")]
    assert not any(runs(page, *others))


def test_no_notebook_with_buttons_of_its_own(page):
    """Its Markdown would be shown as trusted with the first output: a button could run a command of JupyterLab."""
    button = '<button DATA-CommandLinker-command="terminal:create-new">Begin</button>'
    assert not any(runs(page, *[notebook(["code", call()], [kind, button]) for kind in ("markdown", "raw", "code")]))


def test_of_our_notebooks_those_for_trainees(page):
    files = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
    books = [nbformat.read(file, 4) for file in files]
    ran = runs(page, *[notebook(*[[c.cell_type, c.source] for c in b.cells], metadata=b.metadata) for b in books])
    assert {file.stem: len(texts) for file, texts in zip(files, ran, strict=True)} == {
        file.stem: int(file.stem < "10") for file in files
    }
