"""How does a test type a command?"""

import os
import shutil
import subprocess
import sys

from support.places import ROOT, TEST_CASES

PARCEL = str(TEST_CASES / "late_parcel")


def run(*arguments, stdin=None, **environment):
    """The real command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "trainkit", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        cwd=ROOT,
        encoding="utf-8",
        env=os.environ | environment,
    )


def changed(tmp_path, *edits):
    """A copy of the small case with texts of its files replaced: (file, old, new)."""
    folder = tmp_path / "late_parcel"
    shutil.copytree(TEST_CASES / "late_parcel", folder)
    for name, old, new in edits:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    return folder
