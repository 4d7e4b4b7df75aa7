"""How does a test change the project? In a copy of what git knows of it, with commands of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.places import ROOT


def copied(folder: Path) -> Path:
    """A copy of the project's files, as they are now; needs git, and skips where there is no checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("an unpacked archive, no checkout: nothing says which files are the project's")
    names = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():  # some may be gone, and not committed yet
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@dataclass(frozen=True)
class Tree:
    """A copy of the project that a test may change."""

    root: Path

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands there."""
        file = self.root / name
        text = file.read_text("utf-8")
        assert old in text, f"{name} has no {old!r} any more"
        file.write_text(text.replace(old, new, 1), "utf-8")

    def run(self, *arguments: object, fails: bool = False) -> str:
        """``python`` with these arguments, importing this copy; what it said. It must go well (or must not)."""
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(self.root / "src"), os.environ.get("PYTHONPATH", "")])
        }
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.root,
            capture_output=True,
            encoding="utf-8",
            env=environment,
        )
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, f"{arguments}\n{said[-3000:]}"
        return said

    def trainkit(self, *arguments: object, fails: bool = False) -> str:
        """The command."""
        return self.run("-m", "trainkit", *arguments, fails=fails)

    def pytest(self, *arguments: object, fails: bool = False) -> str:
        """Tests of the copy."""
        return self.run("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *arguments, fails=fails)
