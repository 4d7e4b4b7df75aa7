"""A new case to begin with: small, whole, playable."""

import re
from importlib.resources import files
from pathlib import Path

from trainkit.case.model import SOURCE_LANGUAGE
from trainkit.errors import N_, TrainkitError, UnknownName, shown
from trainkit.files import casebook, translation
from trainkit.files.reading import shown_path, writing

FILES = ("case.yml", "text.en.yml", "walks.yml")  # of a case in Russian; one in English needs no translation
LANGUAGES = ("ru", "en")
PATTERNS = {
    "talk": N_("a talk with questions: three scenes, two hidden facts, patience, five endings"),
    "one-decision": N_("one decision: one scene, four replies, an ending for each"),
    "ten-counters": N_("ten counters: ten short scenes, each with a client of its own, four endings"),
}  # what a case may be begun with; the first is taken where none is named


def files_of(lang: str) -> tuple[str, ...]:
    """Names of the files that a case in this language begins with."""
    return FILES if lang == SOURCE_LANGUAGE else ("case.yml", "walks.yml")


def skeleton(case_id: str, name: str = "case.yml", like: str = "talk", lang: str = SOURCE_LANGUAGE) -> str:
    """The text of a file of a pattern in a language, called otherwise."""
    if lang != SOURCE_LANGUAGE:
        name = name.replace(".yml", f".{lang}.yml")
    text = (files("trainkit.files") / "skeleton" / like.replace("-", "_") / name).read_text("utf-8")
    return re.sub(r"^id: \w+$", f"id: {case_id}", text, count=1, flags=re.M)


def new_case(case_id: str, folder: Path, like: str = "talk", lang: str = SOURCE_LANGUAGE) -> Path:
    """Write the folder of a new case ``like`` a pattern, in a language; it passes ``trainkit check`` as it is.

    Raises
    ------
    TrainkitError
        If the id is no id, there is no such pattern or none in this language, the folder exists, or it can't be written;
        nothing is changed then.
    """
    if like not in PATTERNS:
        raise UnknownName("pattern", like, PATTERNS)
    if lang not in LANGUAGES:
        raise UnknownName("language", lang, LANGUAGES)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", case_id):
        raise TrainkitError(
            N_("a case id has a–z, 0–9 and _, and begins with a letter (got {got})"), got=shown(case_id)
        )
    place = folder / case_id
    if place.exists():
        raise TrainkitError(N_("{place} exists; choose another id"), place=shown(shown_path(place)))
    with writing(shown_path(place)):
        place.mkdir(parents=True)
        for name in files_of(lang):
            (place / name).write_text(skeleton(case_id, name, like, lang), "utf-8")
    for other in casebook.translations(place):
        translation.accept(casebook.load_case(place), other)
    return place
