"""``trainkit lab``: the JupyterLab it starts."""

import hashlib
import json
import os
import subprocess
import sys

import pytest
from support.places import ROOT

from trainkit.cli.main import main


class Started(Exception):
    """JupyterLab would run from here on."""


@pytest.fixture
def started(monkeypatch):
    """The command line that JupyterLab is started with."""

    def lab(*arguments):
        caught = []

        def start(command):
            caught[:] = command
            raise Started

        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(os, "execv", lambda _program, command: start(command), raising=False)
        monkeypatch.setattr(subprocess, "run", lambda command, **_: start(command))
        with pytest.raises(Started):
            main(["lab", *arguments])
        return caught

    return lab


def test_lab_opens_the_start_notebook(started):
    command = started()
    assert command[:3] == [sys.executable, "-m", "trainkit.notebook.lab_start"] and f"--ServerApp.root_dir={ROOT}" in command
    assert "--LabApp.default_url=/lab/tree/notebooks/ru/00_start_here.ipynb" in command
    assert "--ServerApp.port=8888" in command and "--no-browser" not in command


def test_lab_in_english_without_a_browser(started):
    command = started("--lang", "en", "--no-browser", "--port", "8899")
    assert "--LabApp.default_url=/lab/tree/notebooks/en/00_start_here.ipynb" in command
    assert "--ServerApp.port=8899" in command and "--no-browser" in command


def test_lab_from_elsewhere_finds_the_notebooks(started, tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.cwd", lambda: tmp_path)
    assert f"--ServerApp.root_dir={ROOT}" in started()


# ---- a working folder -------------------------------------------------------------------------------------------

START = "notebooks/ru/00_start_here.ipynb"


def test_a_working_folder_has_notebooks_and_what_they_read(started, tmp_path, capsys):
    folder = tmp_path / "моя работа"
    command = started("--in", str(folder))
    assert f"--ServerApp.root_dir={folder}" in command and str(folder) in capsys.readouterr().out
    for name in (START, "notebooks/en/20_responses.ipynb", "data/sample/decisions.csv", "data/cases/counters_a.json"):
        assert (folder / name).read_bytes() == (ROOT / name).read_bytes()
    assert not [file for file in folder.rglob("*") if file.name == "conftest.py" or "__" in file.name]


def test_what_a_person_changed_stays_and_the_rest_is_brought_up_to_date(started, tmp_path, capsys):
    started("--in", str(tmp_path))
    changed, gone, own = tmp_path / START, tmp_path / "data/sample/design.csv", tmp_path / "notebooks/mine.ipynb"
    changed.write_text("changed", "utf-8")
    gone.unlink()
    own.write_text("mine", "utf-8")
    older = tmp_path / "notebooks/ru/01_appendicitis.ipynb"  # as an older version of the kit laid it
    older.write_bytes(b"older")
    record = tmp_path / ".trainkit.json"
    laid = json.loads(record.read_text("utf-8"))
    laid["notebooks/ru/01_appendicitis.ipynb"] = hashlib.sha256(b"older").hexdigest()
    record.write_text(json.dumps(laid), "utf-8")
    capsys.readouterr()
    started("--in", str(tmp_path))
    assert changed.read_text("utf-8") == "changed" and own.read_text("utf-8") == "mine" and gone.exists()
    assert older.read_bytes() == (ROOT / "notebooks/ru/01_appendicitis.ipynb").read_bytes()
    assert f'left as it is: "{START}"\n' in capsys.readouterr().out


@pytest.mark.parametrize("record", [None, "[]", "{", '{"notebooks/ru/00_start_here.ipynb": 7}', "\x00\xff"])
def test_without_its_record_nothing_that_differs_is_replaced(started, tmp_path, record):
    started("--in", str(tmp_path))
    (tmp_path / START).write_text("changed", "utf-8")
    (tmp_path / ".trainkit.json").unlink()
    if record is not None:
        (tmp_path / ".trainkit.json").write_bytes(record.encode("latin-1"))
    started("--in", str(tmp_path))
    assert (tmp_path / START).read_text("utf-8") == "changed"


def test_a_working_folder_that_cannot_be_made_is_a_sentence(tmp_path, capsys):
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "in it"):
        assert main(["lab", "--in", str(folder)]) == 2
        said = capsys.readouterr().err
        assert "can't be written" in said and len(said.splitlines()) == 1
    assert file.read_text() == "mine"
