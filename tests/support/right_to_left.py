"""A casebook in a language that is written from right to left: the case that ``trainkit new`` begins with, in Hebrew."""

import shutil
from pathlib import Path

from support.places import ROOT
from trainkit.cli.main import main
from trainkit.files.scaffold import new_case


def in_hebrew(folder: Path) -> Path:
    """Make the case in a folder; gives where it is."""
    place = new_case("brakes", folder, "talk")
    shutil.copy(ROOT / "tests" / "right_to_left" / "text.he.yml", place)
    assert main(["translate", str(place), "--to", "he", "--accept"]) == 0
    return place
