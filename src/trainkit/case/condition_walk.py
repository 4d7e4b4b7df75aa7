"""Every condition of a case, in the order of the file: where it stands and what a fact means in it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from trainkit.case.conditions import CasePart
from trainkit.case.model import Case, Line
from trainkit.errors import KeyPath


class Condition(NamedTuple):
    """A ``when`` of a case, and where it stands."""

    path: KeyPath
    place: str | None  # the scene or ending it stands in; None for the target of the whole case
    decides: str  # the key it decides about; ``options`` where it decides whether one is open
    known: bool  # whether a fact means what is *known*, with ``unknown`` as a value; else the truth
    when: Mapping[str, Sequence[str]]


def conditions(case: Case) -> Iterator[Condition]:
    """Every condition of a case; that of a line or an option before those within it."""
    yield from _of_keys(("context",), None, case.context, True, "target")
    for name, scene in case.scenes.items():
        base: KeyPath = ("scenes", name)
        yield from _of_keys(base, name, scene, True, "target", "lines")
        for key, option in scene.options.items():
            path = (*base, "options", key)
            if option.when is not None:
                yield Condition((*path, "when"), name, "options", True, option.when)
            yield from _of_keys(path, name, option, True, "text", "because", "position", "fit")
            yield from _of_keys(path, name, option, False, "effect")
            yield from _of_keys(path, name, option, True, "reply")
            yield from _of_keys(path, name, option, False, "goto")
        yield from _of_keys(base, name, scene, False, "goto")
    for name, ending in case.endings.items():
        yield from _of_keys(("endings", name), name, ending, False, "lines", "mood", "value", "after")
    for number, line in enumerate(case.debrief.lines):
        if line.when is not None:
            yield Condition(("debrief", "tomorrow", number, "when"), None, "tomorrow", True, line.when)


def _of_keys(base: KeyPath, place: str | None, part: CasePart, known: bool, *keys: str) -> Iterator[Condition]:
    """The conditions of rules and lines under these keys of a part."""
    for key in keys:
        for number, item in enumerate(getattr(part, key) or ()):
            path = (*base, key, number)
            if item.when is not None:
                yield Condition((*path, "when"), place, key, known, item.when)
            for variant, rule in enumerate(item.text if isinstance(item, Line) else ()):
                if rule.when is not None:
                    yield Condition((*path, item.speaker, variant, "when"), place, key, known, rule.when)
