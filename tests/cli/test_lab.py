"""``trainkit lab``: the JupyterLab it starts."""

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
    assert command[:3] == [sys.executable, "-m", "jupyterlab"] and f"--ServerApp.root_dir={ROOT}" in command
    assert "--LabApp.default_url=/lab/tree/notebooks/ru/00_start_here.ipynb" in command
    assert "--ServerApp.port=8888" in command and "--no-browser" not in command


def test_lab_in_english_without_a_browser(started):
    command = started("--lang", "en", "--no-browser", "--port", "8899")
    assert "--LabApp.default_url=/lab/tree/notebooks/en/00_start_here.ipynb" in command
    assert "--ServerApp.port=8899" in command and "--no-browser" in command


def test_lab_from_elsewhere_finds_the_notebooks(started, tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.cwd", lambda: tmp_path)
    assert f"--ServerApp.root_dir={ROOT}" in started()
