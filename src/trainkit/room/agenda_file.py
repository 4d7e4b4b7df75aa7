"""How does a file become the plan of a workshop? Cases and breaks in order, errors with line and rule."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainkit.case.model import Case
from trainkit.errors import CaseError, KeyPath, Problem, TrainkitError, shown, suggest
from trainkit.files.case_errors import by_line, located
from trainkit.files.casebook import load_case
from trainkit.files.reading import shown_path
from trainkit.files.yaml_reader import read
from trainkit.room.agenda import Agenda, Item, added, break_item, case_item
from trainkit.room.records import WorkshopCase
from trainkit.room.workshops import parts_of

CASE_KEYS, BREAK_KEYS = ("case", "pace", "story", "clock", "minutes", "set"), ("break", "minutes")


def read_agenda(file: Path) -> tuple[Agenda, tuple[WorkshopCase, ...]]:
    """The items of an agenda and its cases, in order.

    Raises
    ------
    CaseError
        If the file can't be read or an item breaks a rule; names every place.
    """
    data, lines = read(file, shown_path(file))

    def problem(path: KeyPath, rule: str) -> Problem:
        item = f"item {path[-1] + 1}" if path and isinstance(path[-1], int) else ""
        return Problem(located(shown_path(file), lines, path, rule).place, item, rule)

    items = data.get("agenda") if isinstance(data, Mapping) else data
    if not isinstance(items, list) or not items:
        raise CaseError(
            [problem((), "an agenda is a list of cases and breaks: `- case: racket_refund`, `- break: Coffee`")]
        )
    base: KeyPath = ("agenda",) if isinstance(data, Mapping) else ()
    agenda: Agenda = ()
    parts: list[WorkshopCase] = []
    problems: list[Problem] = []
    for number, entry in enumerate(items):
        try:
            item, part = _entry(entry, agenda, file.parent)
            agenda = added(agenda, item)
            parts += [part] if part else []
        except CaseError as error:
            problems += error.problems
        except TrainkitError as error:
            problems.append(problem((*base, number), str(error)))
    if not problems and not parts:
        problems.append(problem(base, "an agenda has a case"))
    if problems:
        raise CaseError(sorted(set(problems), key=by_line))
    return agenda, tuple(parts)


def _entry(entry: Any, agenda: Agenda, folder: Path) -> tuple[Item, WorkshopCase | None]:
    if not isinstance(entry, Mapping) or ("case" in entry) == ("break" in entry):
        raise TrainkitError(
            f"an item is a case or a break: `- case: racket_refund`, `- break: Coffee` (got {shown(entry)})"
        )
    known = CASE_KEYS if "case" in entry else BREAK_KEYS
    for key in entry:
        if key not in known:
            raise TrainkitError(f"unknown key {shown(key)}.{suggest(key, known)} There are: {', '.join(known)}.")
    minutes = _whole(entry, "minutes")
    if "break" in entry:
        return break_item(agenda, str(entry["break"] or ""), minutes), None
    case = _case(str(entry["case"] or ""), folder)
    how = {name: str(entry[name]) for name in ("pace", "story") if name in entry}
    fixed = entry.get("set") or {}
    if not isinstance(fixed, Mapping):
        raise TrainkitError(f"set maps facts to values (got {shown(fixed)})")
    item = case_item(case.id, minutes=minutes, clock=_whole(entry, "clock"), **how)
    return item, parts_of([case], {str(fact): str(value) for fact, value in fixed.items()})[0]


def _case(name: str, folder: Path) -> Case:
    """A case by its id, or by the path of its folder as seen from the file."""
    beside = folder / name
    return load_case(beside if name and os.path.isfile(beside / "case.yml") else name)


def _whole(entry: Mapping[str, Any], name: str) -> int:
    got = entry.get(name, 0)
    if isinstance(got, bool) or not isinstance(got, int):
        raise TrainkitError(f"{name} is a number of minutes (got {shown(got)})")
    return got
