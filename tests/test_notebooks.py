"""The notebooks: twins in two languages, tidy; each exercise plays itself, and a research notebook says what it computed."""

import csv
import itertools
import json
import re
import subprocess
import sys

import nbformat
import pytest
from support.own_words import spoken
from support.places import CASEBOOK, ROOT

from trainkit.checks.expected_paths import walks
from trainkit.files import casebook
from trainkit.log.codes import add_code, written
from trainkit.log.store import Log

WIDGET = "application/vnd.jupyter.widget-view+json"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
RESEARCH = [file for file in NOTEBOOKS if file.stem >= "2"]
EXERCISES = [file for file in NOTEBOOKS if file.stem < "2"]
CHECKED = "nbval-check-output"  # the tag by which nbval compares what a cell gives with what is kept
UNCHECKED = ("# parameters", "# tools")  # cells that give nothing


def named(file):
    return f"{file.parent.name}-{file.stem}"


@pytest.fixture(scope="module")
def kernel():
    """One kernel for all notebooks: beginning one takes longer than playing one. (nbval begins one for each.)"""
    from nbclient import NotebookClient

    client = NotebookClient(nbformat.v4.new_notebook(), kernel_name="python3", timeout=120)
    with client.setup_kernel():
        yield client


def play(notebook, kernel, folder, **demonstration):
    """Execute a notebook with a folder and a log of its own, and no name of the one before; ``TRAINKIT_…`` as told."""
    said = {"DATABASE": str(folder / "log.sqlite3"), "ANSWERS": "", "FIXED": ""} | demonstration
    begin = f"""%reset -f
import os
os.chdir({str(folder)!r})
os.environ |= { ({f"TRAINKIT_{name}": value for name, value in said.items()})!r}
del os"""
    for kernel.nb in (nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(begin)]), notebook):
        kernel.execute(cleanup_kc=False)


def code(notebook, lang):
    return [cell.source.replace(f'"{lang}"', '""') for cell in notebook.cells if cell.cell_type == "code"]


def headings(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [len(mark) for mark in re.findall(r"^(#+) ", text, re.M)]


def test_notebooks_are_twins():
    names = {lang: sorted(file.name for file in (ROOT / "notebooks" / lang).glob("*.ipynb")) for lang in ("ru", "en")}
    assert (
        names["ru"] == names["en"]
        and names["ru"][0] == "00_start_here.ipynb"
        and len(names["ru"]) == len(NOTEBOOKS) / 2
    )
    for name in names["ru"]:
        ru, en = (nbformat.read(ROOT / "notebooks" / lang / name, 4) for lang in ("ru", "en"))
        assert code(ru, "ru") == code(en, "en")
        assert headings(ru) == headings(en)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=named)
def test_headings_and_links(file):
    notebook = nbformat.read(file, 4)
    nbformat.validate(notebook)
    levels = headings(notebook)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    for link in re.findall(r"\]\(([^)]+\.ipynb)\)", json.dumps(notebook.cells)):
        assert (file.parent / link).exists()


@pytest.mark.parametrize("file", EXERCISES, ids=named)
def test_notebook_style(file):
    notebook = nbformat.read(file, 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.source.startswith("# ") and cell.metadata.get("jupyter", {}).get("source_hidden")
            assert cell.outputs == [] and cell.execution_count is None
            assert len(cell.source.splitlines()) <= 6
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if file.stem < "10":  # a trainee's: one cell, which begins by itself
        assert set(notebook.metadata) == {"kernelspec", "language_info", "trainkit"} and len(cells) == 1
        assert notebook.metadata.trainkit == {"autorun": True}
        assert file.stem[:2] in ("00", "09") or f'"{file.stem[3:]}", "{file.parent.name}"' in cells[0].source
    else:
        assert set(notebook.metadata) == {"kernelspec", "language_info"}
        assert re.findall(r"^(\w+) =", cells[0].source, re.M) == ["LANG", "CASE"]


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.mark.parametrize("file", RESEARCH, ids=named)
def test_a_research_notebook_shows_its_code_and_keeps_what_it_gave(file):
    """Thin cells, all of them to be read; what each gave is kept, and nbval compares it."""
    notebook = nbformat.read(file, 4)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells[0].metadata.tags == ["parameters"] and cells[0].source.startswith("# parameters")
    assert re.findall(r"^(\w+) =", cells[0].source, re.M)[:2] == ["LANG", "SOURCE"]
    for number, cell in enumerate(cells):
        assert cell.source.startswith("# ") and "jupyter" not in cell.metadata
        if cell.source.startswith(UNCHECKED):
            assert cell.outputs == [] and (
                number == 0 or set(cell.source[cell.source.index("\n") :].split()) & {"import"}
            )
        else:
            assert cell.metadata.tags == [CHECKED] and len(cell.source.splitlines()) <= 9
            assert {output.output_type for output in cell.outputs} <= {"display_data"}  # no error, no warning
    assert len(outputs(notebook)) > len(cells) / 2


@pytest.mark.parametrize("file", RESEARCH, ids=named)
def test_numbers_are_computed_and_synthetic_ones_say_so(file):
    """No figure of the sample stands in the text, where nothing would mend it; pictures have words, and a label."""
    notebook = nbformat.read(file, 4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert not re.findall(r"\d[.,]\d|\d %", text)
    label = {"ru": "СИНТЕТИЧ", "en": "SYNTHETIC"}[file.parent.name]
    assert label in text and outputs(notebook)[0].data["text/plain"].startswith(label)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert len(re.findall(r"_plots\.\w+\(|(?<!import )path_flow\(", cell.source)) == cell.source.count(
                "**how"
            ), cell.source
    for output in outputs(notebook):
        said = output.data["text/plain"]
        assert said and not re.search(r"\bnan\b|\binf\b|Picture\(|None", said), said
    for picture, words in itertools.pairwise(outputs(notebook)):
        if "image/png" in picture.data:
            assert picture.data["text/plain"] in words.data["text/html"].replace("&quot;", '"').replace("&#x27;", "'")


def test_research_twins_give_the_same_numbers():
    """Both languages show as much, and the same figures in the same places."""
    for ru in [file for file in RESEARCH if file.parent.name == "ru"]:
        both = [nbformat.read(ru.parents[1] / lang / ru.name, 4) for lang in ("ru", "en")]
        pairs = list(zip(*map(outputs, both), strict=True))
        assert len(pairs) > 5
        for one, other in pairs:
            figures = [
                re.findall(r"\d+(?:[.,:]\d+)*", re.sub(r"(?<=\d)\u00a0(?=\d)", "", output.data["text/plain"]))
                for output in (one, other)
            ]
            assert len(figures[0]) == len(figures[1]), (ru.name, one.data["text/plain"], other.data["text/plain"])


@pytest.mark.slow
def test_nbval_finds_a_number_that_was_changed(tmp_path):
    """What is kept is compared: the same cell passes as it is, and not when its output says something else."""
    cell = nbformat.v4.new_code_cell("# a number\nfrom trainkit.notebook.research import show\nshow('r 0.72')")
    cell.metadata.tags, cell.execution_count = [CHECKED], 1
    for said in ("r 0.72", "r 0.73"):
        data = {"text/html": f"<p>{said}</p>", "text/plain": said}
        cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / f"kept_{said[-2:]}.ipynb")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--nbval-lax",
        "--rootdir",
        tmp_path,
        tmp_path,
    ]
    found = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert "1 failed, 1 passed" in found.stdout and "kept_73" in found.stdout, found.stdout


def form(file, people):
    """A form's table as it comes: Windows-1251, semicolons, decimal commas, columns of its own; a row with a wrong number."""
    rows = [(f"Участник {n}", f"Вопрос {q}", "абв"[(n * q + n) % 3], ("0", "0,5", "1")[(n * q + n) % 3])
            for n in range(people) for q in range(1, 7)]  # fmt: skip
    with file.open("w", encoding="cp1251", newline="") as out:
        csv.writer(out, delimiter=";").writerows(
            [("Имя", "Вопрос", "Ответ", "Балл"), *rows, ("Участник 0", "Вопрос 7", "а", "7")]
        )
    return file


@pytest.mark.slow
@pytest.mark.parametrize("people", [2, 40])
@pytest.mark.parametrize("file", [file for file in RESEARCH if file.parent.name == "ru"], ids=named)
def test_a_table_from_a_form_takes_the_place_of_the_sample(file, people, kernel, tmp_path):
    """Whoever changes the first cell alone gets sentences throughout, and no traceback, however few there are."""
    notebook = nbformat.read(file, 4)
    parameters = next(cell for cell in notebook.cells if cell.cell_type == "code")
    own = {
        "SOURCE": str(form(tmp_path / "form.csv", people)),
        "COLUMNS": {"Имя": "person", "Вопрос": "scene", "Ответ": "option", "Балл": "fit"},
    }
    parameters.source += "".join(f"\n{name} = {value!r}" for name, value in own.items())
    parameters.source += (
        "\nGROUP, TIME, CASES, UNTRAINED = None, None, [], None\nEXPERTS = CRITERION = WORDS = CODES = None"
    )
    play(notebook, kernel, tmp_path)
    said = [output.data["text/plain"] for output in outputs(notebook)]
    assert not any("СИНТЕТИЧ" in one or "nan" in one for one in said)
    assert any("form.csv" in one or "Людей: " in one for one in said) and any(
        "Вопрос 7" in one or "fit" in one for one in said
    )


@pytest.mark.parametrize("name", ["00_start_here", "09_all_cases"])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_the_pages_of_all_cases(lang, name, kernel, tmp_path):
    notebook = nbformat.read(ROOT / "notebooks" / lang / f"{name}.ipynb", 4)
    play(notebook, kernel, tmp_path)
    (output,) = next(cell for cell in notebook.cells if cell.cell_type == "code").outputs
    assert 'class="shelf"' in output.data["text/html"]
    assert WIDGET not in output.data  # a page made of it would show nothing where there is no Internet


@pytest.mark.parametrize(
    "file",
    [file for file in EXERCISES if file.stem[:2] not in ("00", "09", "10")],
    ids=lambda f: f"{f.parent.name}-{f.stem}",
)
def test_a_notebook_plays_itself_through_the_best_walk(file, kernel, tmp_path):
    notebook = nbformat.read(file, 4)
    own = file.stem == "11_write_a_case"
    place = ROOT / "src/trainkit/files/skeleton/talk" if own else CASEBOOK / file.stem[3:]
    (walk,) = [walk for walk in walks(place) if walk.name == ("centric" if own else "best")]
    exercise = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    fixed = ",".join(f"{fact}={value}" for fact, value in walk.fixed.items())
    play(notebook, kernel, tmp_path, ANSWERS=",".join(walk.answers), FIXED=fixed)
    (output,) = exercise.outputs
    assert WIDGET not in output.data
    ending = casebook.load_case(tmp_path / "my_cases" / "my_case" if own else place).endings[walk.ending]
    assert ending and 'class="talk"' in output.data["text/html"]


@pytest.mark.slow
def test_own_words_of_a_log_are_coded_there_and_leave_it_without_names(kernel, tmp_path):
    """Typed and coded in one log: agreement, replies beside words, and a file in which nobody of the log is called."""
    log = spoken(Log(tmp_path / "own.sqlite3"))
    for number, text in enumerate(written(log)):
        for coder in ("one", "two"):
            add_code(log, text, "sides", coder, "orientated" if number == 0 and coder == "two" else "centric")
    log.close()
    notebook = nbformat.read(ROOT / "notebooks/ru/25_own_words.ipynb", 4)
    own = {
        "SOURCE": str(tmp_path / "own.sqlite3"),
        "WORDS": None,
        "CODES": None,
        "REDACTED": str(tmp_path / "texts.csv"),
    }
    next(cell for cell in notebook.cells if cell.cell_type == "code").source += "".join(
        f"\n{name} = {value!r}" for name, value in own.items()
    )
    play(notebook, kernel, tmp_path)
    said = "\n".join(output.data["text/plain"] for output in outputs(notebook)).replace("\u00a0", " ")
    assert "«one» и «two» дали один код" in said and "на стороне выбранного затем ответа" in said
    cleaned = (tmp_path / "texts.csv").read_text("utf-8-sig")
    assert "[phone]" in cleaned and "[name]" in cleaned and "Анне" not in cleaned and "Петров" not in cleaned
