"""Texts by id (``scenes.call.lines.1``) and as a tree, the shape of a file of translations."""

from collections.abc import Iterator, Mapping
from typing import Any

from trainkit.errors import KeyPath

_NAMED = ("facts", "values", "scenes", "options", "endings", "speakers")  # their parts have names, be they numbers


def leaves(data: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """What stands at the ends of nested mappings and lists, with its path."""
    if isinstance(data, Mapping | list):
        for key, value in data.items() if isinstance(data, Mapping) else enumerate(data):
            yield from leaves(value, (*path, key))
    else:
        yield path, data


def dotted(path: KeyPath) -> str:
    """The id of the text at a path; places in lists count from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def tree(texts: Mapping[str, str]) -> dict[str, Any]:
    """Texts by id as nested mappings; numbers, from 1, are places in a list."""
    root: dict[str, Any] = {}
    for key, text in texts.items():
        *path, last = key.split(".")
        part = root
        for name in path:
            part = part.setdefault(name, {})
        part[last] = text
    return root


def counts(name: str, of: str) -> bool:
    """Whether a key of a tree, below the key ``of``, is a place in a list."""
    return name.isdecimal() and of not in _NAMED


def listed(data: Any, of: str = "") -> Any:
    """A tree with lists for the mappings whose keys are the places 1, 2, 3 …"""
    if not isinstance(data, Mapping):
        return data
    inner = {key: listed(value, key) for key, value in data.items()}
    whole = list(data) == [str(number + 1) for number in range(len(data))]
    return list(inner.values()) if inner and whole and of not in _NAMED else inner


def part_of(data: Any, name: str) -> Any:
    """The part of a listed tree that a key or a place leads to; an empty mapping where there is none."""
    if isinstance(data, list):
        return data[int(name) - 1] if int(name) <= len(data) else {}
    return data.get(name, {}) if isinstance(data, Mapping) else {}
