"""How does a foreign story that has changed come into the case that was made of it? What its author has filled in stays.

What the story was like when it was taken (``taken.json``), what the case says now and what the story says now are merged;
where both have changed the same the case stays, and is told. Nothing is written unless the result is a case.
"""

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from trainkit.editor.changes import change
from trainkit.editor.disk import write_whole
from trainkit.editor.merge import Clash, merged
from trainkit.errors import N_, KeyPath, TrainkitError, shown
from trainkit.files import yaml_reader
from trainkit.files.case_errors import examined
from trainkit.files.gaps import blank, gaps, marked, part_of
from trainkit.files.outline import NOTES, TAKEN, Outline, Skeleton, skeleton_of, write_beside
from trainkit.files.reading import read_text, shown_path
from trainkit.files.yaml_edit import edited
from trainkit.files.yaml_writer import spaced

NEARLY = 0.8  # how alike the words of two passages are, of 1, for one to be the other under a new name


class TakenAgain(NamedTuple):
    """What became of it: whether anything was new, what the case kept though the story says otherwise, how many gaps.

    ``kept`` has both wordings, with the line; ``scenes`` and ``replies`` are how many are new, other or gone in the story;
    ``renamed`` are passages that go under the name they had, as (now, then).
    """

    changed: bool
    kept: list[tuple[int | None, Clash]]
    gaps: int
    scenes: int
    replies: int
    renamed: list[tuple[str, str]]


def take_again(outline: Outline, folder: Path) -> TakenAgain:
    """Bring a story as it is now into its case.

    Raises
    ------
    TrainkitError
        If the case was not made of a story, can't be read, or would be no case any more; nothing is changed then.
    """
    file, place = folder / "case.yml", shown_path(folder)
    text = read_text(file, shown_path(file), N_("a file of a case"), yaml_reader.MAX_BYTES)
    mine, _ = yaml_reader.parse(text, shown_path(file))
    base, aside = _as_taken(folder)
    notes = folder / NOTES
    own_notes = notes.is_file() and read_text(notes, NOTES, "", yaml_reader.MAX_BYTES) != aside
    new, renamed = _with_old_places(skeleton_of(outline, folder), base)
    new = _with_old_names(new, base)
    together, clashes = merged(base.data, mine, new.data)
    _, found = examined(together, folder.resolve().name)
    if found:
        path, rule = found[0]
        said = N_(
            "the story and {place} have gone apart, nothing is changed ({at}: {rule}); take the story into another folder "
            "(-o) and bring over by hand what is new"
        )
        raise TrainkitError(said, place=place, at=".".join(map(str, path)), rule=rule)
    after = text if change(mine, together) is None else edited(text, mine, together) or spaced(together)
    _, lines = yaml_reader.parse(after, "case.yml")
    before = dict(base.notes)
    known = {(path[:2], note, repr(part_of(base.data, path))) for path, note in base.notes}
    fresh = [
        (path, note)
        for path, note in new.notes
        if path in lines
        and before.get(path) != note
        and (not note or (path[:2], note, repr(part_of(new.data, path))) not in known)
        and part_of(together, path) == part_of(new.data, path)
    ]
    after = marked(after, lines, fresh)
    if after != text:
        write_whole(file, after.encode())
    write_beside(outline, new, folder, own_notes)
    return TakenAgain(
        after != text,
        [(lines.get(clash.path), clash) for clash in clashes],
        len([*gaps(after, lines, together)]),
        _different(_places(base.data), _places(new.data)),
        _different(_replies(base.data), _replies(new.data)),
        renamed,
    )


def _places(data: Mapping[str, Any]) -> dict[KeyPath, Any]:
    """Scenes and endings without their replies, by their paths."""
    return {
        (kind, name): {key: value for key, value in part.items() if key != "options"}
        for kind in ("scenes", "endings")
        for name, part in data[kind].items()
    }


def _replies(data: Mapping[str, Any]) -> dict[KeyPath, Any]:
    return {
        (scene, name): one for scene, part in data["scenes"].items() for name, one in part.get("options", {}).items()
    }


def _different(one: Mapping[KeyPath, Any], other: Mapping[KeyPath, Any]) -> int:
    """How many are new, other or gone."""
    return sum(one.get(key) != other.get(key) for key in {**one, **other})


def _as_taken(folder: Path) -> tuple[Skeleton, str]:
    """What the story was like when it was taken, and what of it was no part of the case."""
    try:
        kept = json.loads((folder / TAKEN).read_text("utf-8"))
        return Skeleton(kept["case"], [(tuple(path), note) for path, note in kept["gaps"]]), str(kept["aside"])
    except (OSError, ValueError, KeyError, TypeError):
        rule = N_(
            "{place} holds a case, but not what the story was like when it was taken ({file}), so it can’t be told what you "
            "have changed; take the story into another folder (-o)"
        )
        raise TrainkitError(rule, place=shown(shown_path(folder)), file=TAKEN) from None


def _with_old_places(new: Skeleton, base: Skeleton) -> tuple[Skeleton, list[tuple[str, str]]]:
    """The new skeleton with passages under their old ids that have other names, but say nearly the same; and which."""
    names: dict[str, str] = {}
    titles: list[tuple[str, str]] = []
    for kind in ("scenes", "endings"):
        now, was = new.data[kind], base.data[kind]
        gone = {name: _words(was[name]) for name in was if name not in new.data["scenes"] | new.data["endings"]}
        for name in [name for name in now if name not in base.data["scenes"] | base.data["endings"]]:
            words = _words(now[name])
            like = {old: difflib.SequenceMatcher(None, words, said).ratio() for old, said in gone.items() if said}
            old = max(like, key=like.__getitem__, default="")
            if words and old and like[old] >= NEARLY:
                names[name] = old
                titles.append((str(now[name]["title"]), str(was[old]["title"])))
                del gone[old]
    if not names:
        return new, []
    data = {**new.data, "start": names.get(new.data["start"], new.data["start"])}
    for kind in ("scenes", "endings"):
        data[kind] = {names.get(name, name): _leading(part, names) for name, part in new.data[kind].items()}
    notes: list[tuple[KeyPath, str]] = [
        (
            (path[0], names.get(str(path[1]), path[1]), *path[2:]) if path[:1] in (("scenes",), ("endings",)) else path,
            note,
        )
        for path, note in new.notes
    ]
    return Skeleton(data, notes), titles


def _words(part: Mapping[str, Any]) -> list[str]:
    """What is said in a scene or an ending, word by word."""
    said = [str(words) for line in part.get("lines", ()) for words in line.values()]
    said += [str(option["text"]) for option in part.get("options", {}).values()]
    return " ".join(one for one in said if not blank(one)).split()


def _leading(part: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A scene or an ending that leads where the old names say."""
    led = {**part}
    if "goto" in led:
        led["goto"] = names.get(led["goto"], led["goto"])
    if "options" in led:
        options = led["options"].items()
        led["options"] = {key: {**one, "goto": names.get(one["goto"], one["goto"])} for key, one in options}
    return led


def _with_old_names(new: Skeleton, base: Skeleton) -> Skeleton:
    """The new skeleton with a reply under its old id where its words are other ones, but it alone leads where it led."""
    names: dict[KeyPath, str] = {}
    for scene, part in new.data["scenes"].items():
        now, was = part.get("options", {}), base.data["scenes"].get(scene, {}).get("options", {})
        fresh, gone = [name for name in now if name not in was], [name for name in was if name not in now]
        for name in fresh:
            alike = [old for old in gone if was[old]["goto"] == now[name]["goto"]]
            if len(alike) == 1 == sum(now[other]["goto"] == now[name]["goto"] for other in fresh):
                names["scenes", scene, "options", name] = alike[0]
        if now:
            part["options"] = {names.get(("scenes", scene, "options", name), name): one for name, one in now.items()}
    notes: list[tuple[KeyPath, str]] = [
        ((*path[:3], names[path[:4]], *path[4:]) if path[:4] in names else path, note) for path, note in new.notes
    ]
    return Skeleton(new.data, notes)
