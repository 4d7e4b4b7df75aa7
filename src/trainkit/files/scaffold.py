"""A new case to begin with: small, whole, playable."""

import re
from importlib.resources import files
from pathlib import Path

from trainkit.errors import N_, TrainkitError, UnknownName, shown
from trainkit.files import casebook, translation
from trainkit.files.reading import shown_path, writing

FILES = ("case.yml", "text.en.yml", "walks.yml")
PATTERNS = {
    "talk": N_("a talk with questions: three scenes, two hidden facts, patience, five endings"),
    "one-decision": N_("one decision: one scene, four replies, an ending for each"),
    "ten-counters": N_("ten counters: ten short scenes, each with a client of its own, four endings"),
}  # what a case may be begun with; the first is taken where none is named


def skeleton(case_id: str, name: str = "case.yml", like: str = "talk") -> str:
    """The text of a file of a pattern, called otherwise."""
    text = (files("trainkit.files") / "skeleton" / like.replace("-", "_") / name).read_text("utf-8")
    return re.sub(r"^id: \w+$", f"id: {case_id}", text, count=1, flags=re.M)


def new_case(case_id: str, folder: Path, like: str = "talk") -> Path:
    """Write the folder of a new case ``like`` a pattern; it passes ``trainkit check`` and can be played at once.

    Raises
    ------
    TrainkitError
        If the id is no id, there is no such pattern, the folder exists, or it can't be written; nothing is changed then.
    """
    if like not in PATTERNS:
        raise UnknownName("pattern", like, PATTERNS)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", case_id):
        raise TrainkitError(
            N_("a case id has a–z, 0–9 and _, and begins with a letter (got {got})"), got=shown(case_id)
        )
    place = folder / case_id
    if place.exists():
        raise TrainkitError(N_("{place} exists; choose another id"), place=shown(shown_path(place)))
    with writing(shown_path(place)):
        place.mkdir(parents=True)
        for name in FILES:
            (place / name).write_text(skeleton(case_id, name, like), "utf-8")
    (english,) = casebook.translations(place)
    translation.accept(casebook.load_case(place), english)
    return place
