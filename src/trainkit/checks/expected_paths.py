"""Named ways through a case and where they must lead, from the case's ``walks.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trainkit.errors import CaseError, Problem, suggest
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
    """The walks of a case's folder; none if there is no ``walks.yml``.

    Raises
    ------
    CaseError
        If the file is not a mapping of names to walks.
    """
    file = place / "walks.yml"
    if not file.exists():
        return ()
    name = shown_path(file)
    data, lines = yaml_reader.read(file, name)
    found, problems = [], []

    def problem(path: tuple, rule: str) -> None:
        problems.append(Problem(f"{name}:{lines.get(path, 1)}", f'walk "{path[0]}"' if path else "", rule))

    known = ("set", "seed", "answers", "ending", "position")
    for key, walk in data.items() if isinstance(data, dict) else ():
        if not isinstance(walk, dict):
            problem((key,), "must be a mapping of set, answers, ending, position")
            continue
        for part in walk:
            if part not in known:
                problem((key, part), f'there is no such key "{part}".{suggest(part, known)}')
        answers, fixed, position = walk.get("answers"), walk.get("set") or {}, walk.get("position")
        if not isinstance(answers, list) or not all(isinstance(a, str) for a in answers):
            problem((key, "answers"), "must be a list of option ids (`back` for a step back)")
        elif not isinstance(walk.get("ending"), str):
            problem((key, "ending"), "must name an ending")
        elif not isinstance(fixed, dict) or not isinstance(walk.get("seed", 0), int):
            problem((key,), "`set` must be a mapping of facts to values, `seed` a whole number")
        elif position is not None and not isinstance(position, int | float):
            problem((key, "position"), "must be a number")
        else:
            values = {
                fact: str(value).lower() if isinstance(value, bool) else str(value) for fact, value in fixed.items()
            }
            moves = tuple(None if answer == "back" else answer for answer in answers)
            found.append(Walk(key, moves, walk["ending"], values, walk.get("seed", 0), position))
    if not isinstance(data, dict):
        problem((), "must be a mapping of names to walks")
    if problems:
        raise CaseError(problems)
    return tuple(found)
