"""The notebooks: twins in two languages, tidy, and each plays itself through the best walk."""

import itertools
import json
import re

import nbformat
import pytest
from support.places import CASEBOOK, ROOT

from trainkit.checks.expected_paths import walks
from trainkit.files import casebook

WIDGET = "application/vnd.jupyter.widget-view+json"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))


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
    assert names["ru"] == names["en"] and names["ru"][0] == "00_start_here.ipynb" and len(names["ru"]) == 13
    for name in names["ru"]:
        ru, en = (nbformat.read(ROOT / "notebooks" / lang / name, 4) for lang in ("ru", "en"))
        assert code(ru, "ru") == code(en, "en")
        assert headings(ru) == headings(en)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_notebook_style(file):
    notebook = nbformat.read(file, 4)
    nbformat.validate(notebook)
    levels = headings(notebook)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
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
    for link in re.findall(r"\]\(([^)]+\.ipynb)\)", json.dumps(notebook.cells)):
        assert (file.parent / link).exists()


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
    [file for file in NOTEBOOKS if file.stem[:2] not in ("00", "09", "10")],
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
