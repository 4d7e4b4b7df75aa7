"""How does an outline become a case? Scenes, words, replies and where they lead are known; the rest is marked to be filled.

What can't be known stands there as something neutral (``…``, 0, ``fit: auto``), so that the case can be read and played at
once; each such line is a gap (:mod:`trainkit.files.gaps`), which ``trainkit check`` lists.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from trainkit.case.model import NARRATOR, PLAYER, SOURCE_LANGUAGE
from trainkit.errors import N_, KeyPath, TrainkitError, shown
from trainkit.files import yaml_reader
from trainkit.files.case_errors import case_from_data
from trainkit.files.gaps import BLANK, gaps, marked
from trainkit.files.reading import shown_path, writing
from trainkit.files.yaml_writer import spaced
from trainkit.i18n import catalog

TAKEN = "taken.json"  # what a story was like when it was taken: a later one is compared with it
NOTES = "notes.twee"  # passages that are no part of a case, beside its files
_LEAST = 20  # bytes that a scene, a line, half a reply have in case.yml besides their words, at the very least
LONGEST = 1500  # characters of a line; what is longer is cut between sentences
_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "c",
    "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip


@dataclass
class Reply:
    """Something to say: the words, the place they lead to, and what was known of it and has no place in the outline."""

    words: str
    to: str
    notes: list[str] = field(default_factory=list)


@dataclass
class Place:
    """A scene, or, if it has no replies and doesn't go ``on``, an ending: what is heard there, as (speaker, words).

    ``notes`` are what has to be looked at in a line, by its number from 0; ``named`` whether somebody has given the title.
    """

    title: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    on: str = ""
    notes: dict[int, list[str]] = field(default_factory=dict)
    named: bool = True


@dataclass
class Outline:
    """A story as far as its text tells it; the first place is where it begins, ``lang`` the language it is written in."""

    title: str
    places: dict[str, Place]
    speakers: Mapping[str, str] = field(default_factory=dict)
    lang: str = SOURCE_LANGUAGE
    aside: str = ""  # passages that are no part of it, as Twee
    me: str = ""  # whose words are the player's, in a conversation
    unsure: tuple[str, ...] = ()  # what was made up to stand there: ``title``, ``speakers``


def ids(names: Collection[str], taken: Collection[str] = ()) -> dict[str, str]:
    """An id for each name, alike and each once: letters are written in Latin, all else is an underscore."""
    return dict(zip(names, _ids(names, taken), strict=True))


def _ids(names: Iterable[str], taken: Collection[str] = ()) -> Iterator[str]:
    """An id for each, also of names that are there twice."""
    used, numbers = {*taken, "back", "unknown"}, Counter[str]()
    for name in names:
        plain = "".join(_LATIN.get(char, char) for char in name.lower())
        plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
        base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_") or "part"
        one = base
        while one in used:
            numbers[base] += 1
            one = f"{base}_{numbers[base] + 1}"
        used.add(one)
        yield one


def language_of(texts: Collection[str]) -> str:
    """Russian, if most letters are; else English is taken for it."""
    letters = [char for text in texts for char in text if char.isalpha()]
    return SOURCE_LANGUAGE if 2 * sum("а" <= char.lower() <= "я" for char in letters) > len(letters) else "en"


class Skeleton(NamedTuple):
    """What an outline says of a case: the data of ``case.yml``, and what of it is a gap, each with a note."""

    data: dict[str, Any]
    notes: list[tuple[KeyPath, str]]


def write_outline(outline: Outline, folder: Path) -> int:
    """Write the case of an outline into a new folder, which gives it its id; the number of its gaps.

    Raises
    ------
    TrainkitError
        If the folder's name is no id, the case is too large, or it can't be written; nothing is changed then.
    """
    if (folder / "case.yml").exists():
        raise TrainkitError(
            N_("{place} exists; name another folder (-o), or bring in what has changed in a story (--replace)"),
            place=shown(shown_path(folder)),
        )
    new = skeleton_of(outline, folder)
    text = _head(outline.lang) + spaced(new.data)
    if len(text.encode()) > yaml_reader.MAX_BYTES:
        raise _too_large(outline)
    read, lines = yaml_reader.parse(text, "case.yml")
    case_from_data(read, "case.yml", lines)
    text = marked(text, lines, [(path, note) for path, note in new.notes if path in lines])
    with writing(shown_path(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "case.yml").write_text(text, "utf-8", newline="\n")
    write_beside(outline, new, folder)
    return len([*gaps(text, lines, read)])


def _head(lang: str) -> str:
    """What stands over a case that was taken from elsewhere, for its author."""
    gettext = catalog(lang).gettext
    rows = (
        gettext("Taken from elsewhere. Lines with ??? behind them, and texts that are but “…”, are yours to fill in."),
        gettext(
            "`trainkit check` lists them; delete the mark when a line is as it should be. All keys: casebook/README.md."
        ),
        gettext(
            "position: −1 does as asked, +1 finds out what is behind it; null: neither. value: how well an ending serves."
        ),
        gettext("fit: auto: how fitting a reply is will be worked out from the endings it leads to; leave it."),
    )
    return "".join(f"# {row}\n" for row in rows)


def skeleton_of(outline: Outline, folder: Path) -> Skeleton:
    """The case of an outline, with the folder's name for an id.

    Raises
    ------
    TrainkitError
        If that is no id, or the case is too large.
    """
    case_id = folder.resolve().name
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]{0,59}", case_id):
        raise TrainkitError(N_("a case's folder has its id for a name: a–z, 0–9 and _ (got {got})"), got=shown(case_id))
    parts = sum(_LEAST * (1 + len(place.lines) + 2 * len(place.replies)) for place in outline.places.values())
    if parts + sum(len(words) for place in outline.places.values() for _, words in place.lines) > yaml_reader.MAX_BYTES:
        raise _too_large(outline)
    return Skeleton(*_data(outline, case_id))


def _too_large(outline: Outline) -> TrainkitError:
    rule = N_(
        "a case of all this would be larger than one may be, {most:,} bytes (scenes and endings {places}, replies "
        "{replies}): take a part of it"
    )
    replies = sum(len(place.replies) for place in outline.places.values())
    return TrainkitError(rule, most=yaml_reader.MAX_BYTES, places=len(outline.places), replies=replies)


def write_beside(outline: Outline, new: Skeleton, folder: Path, own_notes: bool = False) -> None:
    """Write what is kept beside a case that was taken from elsewhere: what is no part of it, and what it was like then.

    ``own_notes``: what is no part of it has been changed by the author since, and stays.
    """
    kept = {"case": new.data, "gaps": [[list(path), note] for path, note in new.notes], "aside": outline.aside}
    with writing(shown_path(folder)):
        (folder / TAKEN).write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n")
        if outline.aside and not own_notes:
            (folder / NOTES).write_text(outline.aside, "utf-8", newline="\n")


def _data(outline: Outline, case_id: str) -> tuple[dict[str, Any], list[tuple[KeyPath, str]]]:
    """What stands in case.yml, and its gaps."""
    notes: list[tuple[KeyPath, str]] = [
        (path, "")
        for path in (
            ("role",), ("minutes",), ("context", "service"), ("context", "stakes"), ("context", "orientation"),
            ("context", "centricity"), ("context", "target"), ("context", "why"), ("client",),
            *(("debrief", part, key) for part in ("argument", "counter") for key in ("title", "text")),
            *(("debrief", "questions", number) for number in range(3)), ("debrief", "tomorrow"), ("debrief", "again"),
        )
    ]  # fmt: skip
    notes += [((key,), "") for key in outline.unsure if key != "speakers"]
    speakers = dict(outline.speakers) or {"client": BLANK}
    if not outline.speakers or "speakers" in outline.unsure:
        notes += [(("speakers", one), "") for one in speakers]
    scenes, endings = {}, {}
    for name, place in outline.places.items():
        if place.replies or place.on:
            scenes[name] = _scene(name, place, notes)
        else:
            endings[name] = _ending(name, place, notes)
    if not endings:
        endings["the_end"] = _ending("the_end", Place(BLANK), notes)
    own = {"lang": outline.lang} if outline.lang != SOURCE_LANGUAGE else {}
    side = {"title": BLANK, "text": BLANK, "source": "own"}
    data = {
        "id": case_id, **own, "title": outline.title, "role": BLANK, "minutes": 5, "source": ["own"],
        "context": {
            "service": "retail", "stakes": "medium", "orientation": BLANK, "centricity": BLANK, "target": 0.0, "why": BLANK,
        },
        "speakers": speakers, "client": next(iter(speakers)), "start": next(iter(outline.places)),
        "scenes": scenes, "endings": endings,
        "debrief": {
            "argument": side, "counter": dict(side), "questions": [BLANK] * 3, "tomorrow": BLANK, "again": BLANK,
        },
    }  # fmt: skip
    return data, notes


def _scene(name: str, place: Place, notes: list[tuple[KeyPath, str]]) -> dict[str, Any]:
    """A scene with its replies; why they are said, and where they lie on the axis, is still to be told."""
    notes += [] if place.named else [(("scenes", name, "title"), "")]
    if not place.replies:
        return {"title": place.title, "lines": _lines(name, "scenes", place, notes), "goto": place.on}
    options: dict[str, Any] = {}
    words = [" ".join(reply.words.split()[:4]) if reply.words != BLANK else "other" for reply in place.replies]
    for reply, key in zip(place.replies, _ids(words), strict=True):
        base = ("scenes", name, "options", key)
        text, *more = cut(reply.words)
        rest = {"reply": [{PLAYER: part} for part in more]} if more else {}
        options[key] = {"text": text, "because": BLANK, "position": 0.0, "fit": "auto", **rest, "goto": reply.to}
        notes += [
            ((*base, "because"), ""),
            ((*base, "position"), ""),
            *(((*base, "text"), note) for note in reply.notes or ([""] if reply.words == BLANK else [])),
        ]
    return {"title": place.title, "lines": _lines(name, "scenes", place, notes), "options": options}


def _ending(name: str, place: Place, notes: list[tuple[KeyPath, str]]) -> dict[str, Any]:
    notes += [(("endings", name, key), "") for key in ("mood", "value", *(["title"] if place.title == BLANK else []))]
    return {"title": place.title, "lines": _lines(name, "endings", place, notes), "mood": BLANK, "value": 0.5}


def _lines(name: str, kind: str, place: Place, notes: list[tuple[KeyPath, str]]) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = []
    for number, (speaker, words) in enumerate(place.lines):
        notes += [((kind, name, "lines", len(lines), speaker), note) for note in place.notes.get(number, ())]
        lines += [{speaker: part} for part in cut(words)]
    if not lines:
        notes.append(((kind, name, "lines", 0, NARRATOR), ""))
    return lines or [{NARRATOR: BLANK}]


def cut(words: str) -> list[str]:
    """Words in parts that are not too long, cut between sentences where there are any."""
    parts = [""]
    for sentence in re.split(r"(?<=[.!?…»”])\s+", words.strip()):
        for piece in (sentence[at : at + LONGEST] for at in range(0, max(len(sentence), 1), LONGEST)):
            if parts[-1] and len(parts[-1]) + len(piece) > LONGEST:
                parts.append(piece)
            else:
                parts[-1] = f"{parts[-1]} {piece}".strip()
    return [part for part in parts if part] or [BLANK]
