"""What is different between two states of plain data: a change that can be kept as JSON, made, and taken back.

A change is one of ``{"was": …, "is": …}`` (either left out where nothing stands), ``{"keys": [before, after], "in": {key:
change}}`` of a mapping, ``keys`` left out where they stay, and ``{"at": n, "was": […], "is": […]}`` of a list in which items
from number n on gave place to others; ``{"items": {n: change}}`` where as many items stay.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from trainkit.errors import KeyPath
from trainkit.files.yaml_edit import same

Change = dict[str, Any]


def change(before: Any, after: Any) -> Change | None:
    """What leads from one to the other; None if they say the same."""
    if before is after:
        return None
    if isinstance(before, dict) and isinstance(after, dict):
        inner: dict[str, Change] = {}
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in after:
                inner[key] = {"was": before[key]}
            elif key not in before:
                inner[key] = {"is": after[key]}
            elif (one := change(before[key], after[key])) is not None:
                inner[key] = one
        keys = {} if list(before) == list(after) else {"keys": [list(before), list(after)]}
        return {**keys, "in": inner} if keys or inner else None
    if isinstance(before, list) and isinstance(after, list):
        return _of_lists(before, after)
    return None if same(before, after) else {"was": before, "is": after}


def _of_lists(before: list, after: list) -> Change | None:
    if len(before) == len(after):
        pairs = zip(before, after, strict=True)
        items = {str(n): one for n, (old, new) in enumerate(pairs) if (one := change(old, new)) is not None}
        return {"items": items} if items else None
    first = 0
    while first < min(len(before), len(after)) and same(before[first], after[first]):
        first += 1
    last = 0
    while last < min(len(before), len(after)) - first and same(before[-1 - last], after[-1 - last]):
        last += 1
    return {"at": first, "was": before[first : len(before) - last], "is": after[first : len(after) - last]}


def made(data: Any, one: Change) -> Any:
    """The data with a change made; it must be in the state the change began with."""
    if "items" in one:
        return [made(item, one["items"][str(n)]) if str(n) in one["items"] else item for n, item in enumerate(data)]
    if "at" in one:
        start = one["at"]
        return [*data[:start], *one["is"], *data[start + len(one["was"]) :]]
    if "in" in one:
        names = one["keys"][1] if "keys" in one else list(data)
        inner = one["in"]
        return {name: made(data.get(name), inner[name]) if name in inner else data[name] for name in names}
    return one["is"]


def undone(one: Change) -> Change:
    """The change that takes a change back."""
    if "items" in one:
        return {"items": {n: undone(inner) for n, inner in one["items"].items()}}
    if "in" in one:
        keys = {"keys": one["keys"][::-1]} if "keys" in one else {}
        return {**keys, "in": {key: undone(inner) for key, inner in one["in"].items()}}
    swapped = {"was" if name == "is" else "is": value for name, value in one.items() if name in ("was", "is")}
    return {"at": one["at"], **swapped} if "at" in one else swapped


def places(one: Change, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Where a change changes something, as deep as it tells."""
    inner: Mapping[Any, Change] = one.get("in") or {int(n): item for n, item in one.get("items", {}).items()}
    if not inner:
        yield (*path, one["at"]) if "at" in one else path
    for key, further in inner.items():
        yield from places(further, (*path, key))
