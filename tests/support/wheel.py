"""How does a test get trainkit as somebody who has only the wheel? Built from the tree, put into a Python of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from support.places import ROOT

EPOCH = "1767225600"  # SOURCE_DATE_EPOCH of what is built here: 2026-01-01


def built(target: str, folder: Path, tree: Path = ROOT) -> Path:
    """A ``wheel`` or an ``sdist`` of a source tree."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder],
        cwd=tree, capture_output=True, text=True, env=environment | {"SOURCE_DATE_EPOCH": EPOCH},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.whl" if target.startswith("wheel") else "*.tar.gz")
    return file


def contents(wheel: Path) -> dict[str, bytes]:
    """Name → bytes of all that is in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@dataclass(frozen=True)
class Installed:
    """A Python with the wheel in it, and a home and working folder without anything of the checkout."""

    python: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Of a person at this home; nothing says where a checkout is."""
        ours = ("PYTHON", "TRAINKIT", "XDG", "VIRTUAL_ENV", "JUPYTER", "IPYTHON")
        plain = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        return plain | {"HOME": str(self.home), "USERPROFILE": str(self.home)}

    def run(self, *arguments: object, **demonstration: str) -> subprocess.CompletedProcess:
        """``python -m`` with these arguments, in the home folder; it must go well."""
        done = subprocess.run(
            [self.python, "-m", *map(str, arguments)], cwd=self.home, capture_output=True, encoding="utf-8",
            env=self.environment | demonstration, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done


def installed(wheel: Path, folder: Path) -> Installed:
    """``pip install`` of the wheel alone; what it needs comes from its own metadata, in the versions of the pins."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    line = [python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel]
    # pip would take what is on PYTHONPATH for installed
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(line, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    home = folder / "home"
    home.mkdir()
    return Installed(python, home)
