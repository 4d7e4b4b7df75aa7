"""Every condition of a case, in the order of the file: where it stands and what a fact means in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from trainkit.case.conditions import Rule
from trainkit.case.model import Case, Line
from trainkit.errors import KeyPath


class Condition(NamedTuple):
    """A ``when`` of a case.

    Attributes
    ----------
    path : tuple
        Keys and indexes that lead to the ``when``.
    place : str or None
        The scene or ending it stands in; None for the target of the whole case.
    decides : str
        The key it decides about: ``lines``, ``target``, ``text`` …; ``options`` where it decides whether one is open.
    known : bool
        Whether a fact means what is *known*, with ``unknown`` as a value; else the truth.
    when : mapping of str to tuple of str
        Names of facts and memories, and the values they may have.
    """

    path: KeyPath
    place: str | None
    decides: str
    known: bool
    when: Mapping[str, Sequence[str]]


def conditions(case: Case) -> Iterator[Condition]:
    """Every condition of a case; that of a line or an option before those within it."""
    yield from _of_rules(("context", "target"), None, "target", True, case.context.target)
    for name, scene in case.scenes.items():
        base: KeyPath = ("scenes", name)
        yield from _of_rules((*base, "target"), name, "target", True, scene.target)
        yield from _of_lines((*base, "lines"), name, "lines", True, scene.lines)
        for key, option in scene.options.items():
            path = (*base, "options", key)
            if option.when is not None:
                yield Condition((*path, "when"), name, "options", True, option.when)
            for part in ("text", "because", "position", "fit"):
                yield from _of_rules((*path, part), name, part, True, getattr(option, part))
            yield from _of_rules((*path, "effect"), name, "effect", False, option.effect)
            yield from _of_lines((*path, "reply"), name, "reply", True, option.reply)
            yield from _of_rules((*path, "goto"), name, "goto", False, option.goto)
        yield from _of_rules((*base, "goto"), name, "goto", False, scene.goto)
    for name, ending in case.endings.items():
        base = ("endings", name)
        yield from _of_lines((*base, "lines"), name, "lines", False, ending.lines)
        yield from _of_rules((*base, "mood"), name, "mood", False, ending.mood)
        yield from _of_rules((*base, "value"), name, "value", False, ending.value)
        yield from _of_lines((*base, "after"), name, "after", False, ending.after)


def _of_rules(
    path: KeyPath, place: str | None, decides: str, known: bool, rules: Sequence[Rule] | None
) -> Iterator[Condition]:
    for number, rule in enumerate(rules or ()):
        if rule.when is not None:
            yield Condition((*path, number, "when"), place, decides, known, rule.when)


def _of_lines(path: KeyPath, place: str, decides: str, known: bool, lines: Sequence[Line]) -> Iterator[Condition]:
    for number, line in enumerate(lines):
        if line.when is not None:
            yield Condition((*path, number, "when"), place, decides, known, line.when)
        yield from _of_rules((*path, number, line.speaker), place, decides, known, line.text)
