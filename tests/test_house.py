"""The house: what is public, what imports what, and that the map in ARCHITECTURE.md is the house's."""

import ast
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
from support.places import ROOT

import trainkit

SOURCE = ROOT / "src" / "trainkit"


def test_public_names():
    assert trainkit.__all__ == sorted(trainkit.__all__) and len(trainkit.__all__) <= 15
    for name in trainkit.__all__:
        assert getattr(trainkit, name).__doc__
    with pytest.raises(AttributeError):
        trainkit.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import trainkit", "pandas numpy matplotlib ipywidgets anywidget pydantic sqlalchemy yaml jinja2"),
        (
            "from pathlib import Path; import trainkit\n"
            "run = trainkit.start(trainkit.load_case(Path('tests/casebook/late_parcel').resolve()), seed=1)\n"
            "print(trainkit.score(run.choose('offer').choose('rules').choose('sorry')))",
            "pandas numpy matplotlib ipywidgets anywidget sqlalchemy scipy narwhals",
        ),
        (
            "import trainkit; trainkit.exercise('tests/casebook/late_parcel', answers=['offer', 'refund'])",
            "pandas numpy matplotlib scipy narwhals",
        ),
    ],
)
def test_heavy_libraries_stay_out(statement, absent):
    code = f"{statement}\nimport sys; print('LOADED', [m for m in {absent.split()!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert "LOADED []" in done.stdout, done.stdout + done.stderr


def test_arrows_run_one_way():
    command = [Path(sysconfig.get_path("scripts"), "lint-imports"), "--no-cache"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, encoding="utf-8", env=os.environ | {"PYTHONUTF8": "1"}
    )
    assert done.returncode == 0, done.stdout + done.stderr


# ---- the map --------------------------------------------------------------------------------------------------


def modules():
    """Every module of the package by its path, without the folders' own and alembic's."""
    aside = {"migrations", "locale", "__pycache__"}
    files = [file.relative_to(SOURCE) for file in SOURCE.rglob("*.py") if not file.name.startswith("__")]
    return sorted(file.as_posix() for file in files if not aside & set(file.parts))


def mapped():
    """(module, what it answers) of the map: rows ``| `folder/` | question | `module`: answer; … |``, or files at the top."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("## Where things live")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    for place, question, *rest in rows:
        assert question.endswith("?"), place
        if not place.strip("`").endswith("/"):
            yield from ((name, question) for name in re.findall(r"`([^`]+)`", place))
            continue
        for part in rest[0].split("; "):
            names, _, answer = part.partition(": ")
            assert answer, f"{place}: {part!r} says nothing of what it answers"
            yield from ((f"{place.strip('`')}{name}.py", answer) for name in re.findall(r"`([^`]+)`", names))


def test_the_map_shows_the_house():
    """Every module on it exists, every module that exists is on it, once."""
    shown = [name for name, _ in mapped()]
    assert len(shown) == len(set(shown))
    assert [name for name in shown if not (SOURCE / name).is_file()] == [], "on the map only"
    assert [name for name in modules() if name not in shown] == [], "not on the map"


def test_the_map_shows_every_folder():
    """In the order of the arrows: what stands further down knows nothing of what stands above."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("## Where things live")[1].split("\n## ")[0]
    folders = re.findall(r"^\| `(\w+)/` ", text, re.M)
    assert set(folders) == {file.parent.name for file in SOURCE.glob("*/__init__.py")}
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0][
        "layers"
    ]
    order = [name.strip() for layer in layers for name in re.split("[:|]", layer)]
    assert folders == [name for name in order if name in folders]


def test_no_part_of_the_house_bears_a_public_name():
    """Importing such a module would bind it over the function of that name."""
    parts = {file.stem for file in SOURCE.glob("*.py")} | {
        folder.name for folder in SOURCE.iterdir() if folder.is_dir()
    }
    assert not parts & set(trainkit.__all__)


def test_public_names_are_the_same_after_all_modules_were_imported():
    code = """
import importlib, pkgutil, trainkit as tk
before = {name: getattr(tk, name) for name in tk.__all__}
for module in pkgutil.walk_packages(tk.__path__, "trainkit."):
    if not module.name.endswith("__main__") and ".migrations" not in module.name:
        importlib.import_module(module.name)
print("CHANGED", [name for name in tk.__all__ for _ in range(2) if getattr(tk, name) is not before[name]])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert "CHANGED []" in done.stdout, done.stdout + done.stderr


def test_every_module_says_what_it_is_for():
    """A first line that is a sentence."""
    for name in modules():
        first = (ast.get_docstring(ast.parse((SOURCE / name).read_text("utf-8"))) or "").split("\n")[0]
        assert len(first.split()) > 2, name
