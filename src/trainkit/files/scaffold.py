"""A new case to begin with: small, whole, playable."""

import re
from importlib.resources import files
from pathlib import Path

from trainkit.errors import TrainkitError
from trainkit.files import casebook, translation
from trainkit.files.reading import shown_path, writing

FILES = ("case.yml", "text.en.yml", "walks.yml")
MODEL = "squeaky_brakes"  # the id the skeleton is written with


def skeleton(case_id: str, name: str = "case.yml") -> str:
    """The text of a file of the skeleton, called otherwise."""
    text = (files("trainkit.files") / "skeleton" / name).read_text("utf-8")
    return re.sub(rf"^id: {MODEL}$", f"id: {case_id}", text, flags=re.M)


def new_case(case_id: str, folder: Path) -> Path:
    """Write the folder of a new case; it passes ``trainkit check`` and can be played at once.

    Raises
    ------
    TrainkitError
        If the id is no id, the folder exists, or it can't be written; nothing is changed then.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", case_id):
        raise TrainkitError(f'a case id has a–z, 0–9 and _, and begins with a letter (got "{case_id}")')
    place = folder / case_id
    if place.exists():
        raise TrainkitError(f'"{shown_path(place)}" exists; choose another id')
    with writing(shown_path(place)):
        place.mkdir(parents=True)
        for name in FILES:
            (place / name).write_text(skeleton(case_id, name), "utf-8")
    (english,) = casebook.translations(place)
    translation.accept(casebook.load_case(place), english)
    return place
