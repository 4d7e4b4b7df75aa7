"""Which source text does each text of a translation belong to? Told by what both said when they were last read together.

Places in a file move when a line is put in or taken out, words don't. So ``translated.json`` has of every text a print of
the source and one of the translation; a text of a translation belongs to the source that it was read with, wherever in
its list that stands now. A text that is new, or was written anew, belongs to where it stands.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from trainkit.files import text_tree

TO_WRITE = "-"  # for a print of the translation: there was none yet, only the source to write it for


class Prints(NamedTuple):
    """Of a text that was read with its source: what both said then; an early file doesn't tell of the translation."""

    source: str
    translation: str = ""


class Aligned(NamedTuple):
    """Texts of a translation against the present source."""

    texts: dict[str, str]  # text id → text, in the order of the case
    stale: dict[str, str]  # text id → text for a source that says something else now
    moved: dict[str, str]  # id in the file → id of the source it was read with
    gone: dict[str, str]  # id in the file → text whose source is gone


def fingerprint(text: str) -> str:
    """Eight hexadecimal digits that change when a text changes."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def align(found: Mapping[str, str], known: Mapping[str, Prints], sources: Mapping[str, str]) -> Aligned:
    """Put the texts ``found`` in a file, by their ids there, beside the source texts of a case."""
    now = {key: fingerprint(text) for key, text in sources.items()}
    places: dict[tuple[str, str], list[str]] = defaultdict(list)  # (list, print of the source) → ids
    read: dict[tuple[str, str], list[str]] = defaultdict(list)  # (list, print of the translation) → ids it was read at
    for key, mark in now.items():
        places[list_of(key), mark].append(key)
    for key, prints in known.items():
        read[list_of(key), prints.translation].append(key)
    texts: dict[str, str] = {}
    stale: dict[str, str] = {}
    moved: dict[str, str] = {}
    waiting: dict[str, str] = {}
    for key, text in found.items():
        was = _read_with(key, text, known, read)
        here = [place for place in places[list_of(key), was] if place not in texts] if was else []
        if was is None or now.get(key) == was:
            waiting[key] = text  # it belongs where it stands
        elif here:
            texts[here[0]] = text
            moved[key] = here[0]
        elif key in sources:
            stale[key] = text
        else:
            waiting[key] = text
    gone = {key: text for key, text in waiting.items() if key not in sources or key in texts}
    texts |= {key: text for key, text in waiting.items() if key not in gone}
    gone |= {key: text for key, text in stale.items() if key in texts}
    return Aligned(
        {key: texts[key] for key in sources if key in texts},
        {key: stale[key] for key in sources if key in stale and key not in texts},
        moved,
        gone,
    )


def _read_with(
    key: str, text: str, known: Mapping[str, Prints], read: Mapping[tuple[str, str], list[str]]
) -> str | None:
    """Print of the source that a text was read with; None if it never was, or was written anew since."""
    mark = fingerprint(text)
    here = known.get(key)
    if here is not None and here.translation in ("", TO_WRITE, mark):
        return here.source
    before = read.get((list_of(key), mark), ())
    return known[before[0]].source if before else None


def list_of(key: str) -> str:
    """A text's id without its places in lists: what can change places with it."""
    path = key.split(".")
    return ".".join("*" if text_tree.counts(name, of) else name for of, name in zip(["", *path], path, strict=False))
