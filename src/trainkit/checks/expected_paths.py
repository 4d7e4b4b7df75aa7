"""Named ways through a case and where they must lead, from the case's ``walks.yml``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainkit.errors import N_, CaseError, KeyPath, Problem, Told, shown, suggest
from trainkit.files import yaml_reader
from trainkit.files.reading import shown_path


@dataclass(frozen=True)
class Walk:
    """A named way through a case and where it must lead."""

    name: str
    answers: tuple[str | None, ...]
    ending: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    position: float | None = None


def walks(place: Path) -> tuple[Walk, ...]:
    """The walks of a case's folder, if it has ``walks.yml``. ``CaseError`` if that is not a mapping of names to walks."""
    file = place / "walks.yml"
    if not file.exists():
        return ()
    name = shown_path(file)
    data, lines = yaml_reader.read(file, name)
    if not isinstance(data, dict):
        raise CaseError([Problem(f"{name}:{lines.get((), 1)}", "", Told(N_("must be a mapping of names to walks")))])
    problems = [
        Problem(f"{name}:{lines.get((key, *path), 1)}", Told(N_('walk "{name}"'), name=key), rule)
        for key, walk in data.items()
        for path, rule in _wrong(walk)
    ]
    if problems:
        raise CaseError(problems)
    return tuple(_walk(key, walk) for key, walk in data.items())


_KEYS = ("set", "seed", "answers", "ending", "position")


def _wrong(walk: object) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with an entry of the file."""
    if not isinstance(walk, dict):
        yield (), Told(N_("must be a mapping of set, answers, ending, position"))
        return
    for key in walk:
        if key not in _KEYS:
            yield (key,), Told(N_("there is no such key {key}."), key=shown(key)) + suggest(key, _KEYS)
    answers, position = walk.get("answers"), walk.get("position")
    if not isinstance(answers, list) or not all(isinstance(answer, str) for answer in answers):
        yield ("answers",), Told(N_("must be a list of option ids (`back` for a step back)"))
    elif not isinstance(walk.get("ending"), str):
        yield ("ending",), Told(N_("must name an ending"))
    elif not isinstance(walk.get("set") or {}, dict) or not isinstance(walk.get("seed", 0), int):
        yield (), Told(N_("`set` must be a mapping of facts to values, `seed` a whole number"))
    elif position is not None and not isinstance(position, int | float):
        yield ("position",), Told(N_("must be a number"))


def _walk(name: str, entry: Mapping[str, Any]) -> Walk:
    said = (entry.get("set") or {}).items()
    fixed = {fact: str(value).lower() if isinstance(value, bool) else str(value) for fact, value in said}
    answers = tuple(None if answer == "back" else answer for answer in entry["answers"])
    return Walk(name, answers, entry["ending"], fixed, entry.get("seed", 0), entry.get("position"))
