"""Which texts has a case that is still being written, where do they stand, and what are their ids in a translation?

Of a case that reads, the ids are those of :attr:`trainkit.case.model.Case.texts`; of one that doesn't, as far as it goes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from trainkit.errors import KeyPath


def text_places(case: Any) -> dict[str, KeyPath]:
    """Text id → the path of the text in the author's data."""
    return dict(_texts(case)) if isinstance(case, Mapping) else {}


def _texts(case: Mapping) -> Iterator[tuple[str, KeyPath]]:
    yield from _of_keys(case, (), "title", "role", "notice")
    yield from _of_keys(_map(case, "context"), ("context",), "orientation", "centricity", "why")
    yield from ((f"speakers.{name}", ("speakers", name)) for name in _map(case, "speakers"))
    yield from _of_keys(_map(case, "patience"), ("patience",), "label", "last")
    for name, fact in _map(case, "facts").items():
        yield from _of_keys(fact, ("facts", name), "label")
        for value, entry in _map(fact, "values").items():
            if isinstance(entry, Mapping) and "label" in entry:
                yield f"facts.{name}.values.{value}", ("facts", name, "values", value, "label")
    for name, scene in _map(case, "scenes").items():
        base = ("scenes", name)
        yield from _of_keys(scene, base, "title", "prompt", "lines")
        for key, option in _map(scene, "options").items():
            yield from _of_keys(option, (*base, "options", key), "text", "because", "reply")
    for name, ending in _map(case, "endings").items():
        yield from _of_keys(ending, ("endings", name), "title", "mood", "lines", "after")
    debrief = _map(case, "debrief")
    for side in ("argument", "counter"):
        yield from _of_keys(_map(debrief, side), ("debrief", side), "title", "text")
    yield from _of_keys(debrief, ("debrief",), "questions")
    yield from _tomorrow(debrief.get("tomorrow"))
    yield from _of_keys(debrief, ("debrief",), "again")


def _map(part: Any, key: str) -> Mapping:
    inner = part.get(key) if isinstance(part, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _of_keys(part: Any, path: KeyPath, *keys: str) -> Iterator[tuple[str, KeyPath]]:
    for key in keys if isinstance(part, Mapping) else ():
        value, base = part.get(key), ".".join(map(str, (*path, key)))
        if key in ("lines", "reply", "after"):
            for number, line in enumerate(value if isinstance(value, list) else ()):
                speaker = speaker_of(line)
                if speaker is not None:
                    yield from _variants(line[speaker], f"{base}.{number + 1}", (*path, key, number, speaker))
        elif key == "questions":
            for number, _ in enumerate(value if isinstance(value, list) else ()):
                yield f"{base}.{number + 1}", (*path, key, number)
        elif value is not None:
            yield from _variants(value, base, (*path, key))


def _variants(value: Any, base: str, path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
    if not isinstance(value, list):
        yield base, path
        return
    for number, rule in enumerate(value):
        if isinstance(rule, Mapping) and "value" in rule:
            yield base if len(value) == 1 else f"{base}.{number + 1}", (*path, number, "value")


def _tomorrow(value: Any) -> Iterator[tuple[str, KeyPath]]:
    path: KeyPath = ("debrief", "tomorrow")
    if isinstance(value, str):
        yield "debrief.tomorrow", path
    for number, line in enumerate(value if isinstance(value, list) else ()):
        if isinstance(line, Mapping) and "text" in line:
            yield "debrief.tomorrow" if len(value) == 1 else f"debrief.tomorrow.{number + 1}", (*path, number, "text")


def speaker_of(line: Any) -> str | None:
    """The key of a line that holds its text."""
    if not isinstance(line, Mapping):
        return None
    if {"speaker", "text"} <= set(line):
        return "text"
    return next((key for key in line if key != "when"), None)
