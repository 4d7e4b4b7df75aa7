"""Plain data with one part changed: what has not changed is shared, nothing is changed in place."""

from collections.abc import Mapping, Sequence
from typing import Any

from trainkit.errors import KeyPath, Refused

MISSING: Any = object()

# the order of casebook/README.md; a key that comes later stands behind those before it
ORDER: Mapping[str, Sequence[str]] = {
    "case": (
        "id", "lang", "title", "role", "minutes", "source", "notice", "context", "speakers", "client", "patience", "facts",
        "memory", "start", "scenes", "endings", "debrief",
    ),
    "scenes": ("title", "kind", "prompt", "axis", "target", "weight", "lines", "options", "goto"),
    "options": (
        "text", "because", "ask", "costs", "reveals", "position", "fit", "facets", "remember", "effect", "when", "reply",
        "goto",
    ),
    "endings": ("title", "lines", "mood", "value", "after"),
    "facts": ("label", "design", "given", "values"),
    "patience": ("budget", "label", "last", "leaves", "price"),
    "values": ("p", "label"),
    "tomorrow": ("text", "when", "asks", "toward"),
}  # fmt: skip


def at(data: Any, path: KeyPath, default: Any = MISSING) -> Any:
    """The part a path leads to; ``default`` where there is none, or :class:`Refused` is raised."""
    for key in path:
        if (isinstance(data, Mapping) and key in data) or (
            isinstance(data, list) and isinstance(key, int) and 0 <= key < len(data)
        ):
            data = data[key]
        elif default is not MISSING:
            return default
        else:
            raise _nothing(path)
    return data


def entries(data: Any, path: KeyPath) -> Mapping[str, Any]:
    """The mapping a path leads to; an empty one where there is none, or something else."""
    found = at(data, path, None)
    return found if isinstance(found, Mapping) else {}


def put(data: Any, path: KeyPath, value: Any, order: Sequence[str] = ()) -> Any:
    """The data with another value at a path; a new key of a mapping stands where ``order`` has it, or last."""
    if not path:
        return value
    key, *rest = path
    if isinstance(data, Mapping):
        if key not in data and rest:
            raise _nothing(path)
        new = put(data.get(key), tuple(rest), value, order)
        return {**data, key: new} if key in data else _in_order({**data, key: new}, key, order)
    if isinstance(data, list) and isinstance(key, int) and 0 <= key < len(data):
        return [*data[:key], put(data[key], tuple(rest), value, order), *data[key + 1 :]]
    raise _nothing(path)


def without(data: Any, path: KeyPath) -> Any:
    """The data without the part at a path."""
    *above, key = path
    holder = at(data, tuple(above))
    at(holder, (key,))
    if isinstance(holder, Mapping):
        rest: Any = {name: value for name, value in holder.items() if name != key}
    else:
        rest = [*holder[:key], *holder[key + 1 :]]
    return put(data, tuple(above), rest)


def inserted(data: Any, path: KeyPath, value: Any) -> Any:
    """The data with an item in a list, before the one that had its number."""
    *above, number = path
    items = at(data, tuple(above))
    if not isinstance(items, list) or not isinstance(number, int) or not 0 <= number <= len(items):
        raise _nothing(path)
    return put(data, tuple(above), [*items[:number], value, *items[number:]])


def placed(entries: Mapping[str, Any], name: str, place: int) -> dict[str, Any]:
    """A mapping with one entry at another place among the others."""
    names = [one for one in entries if one != name]
    names.insert(max(0, place), name)
    return {one: entries[one] for one in names}


def renamed_key(entries: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """A mapping with one key called otherwise, in its place."""
    return {new if name == old else name: value for name, value in entries.items()}


def order_of(path: KeyPath) -> Sequence[str]:
    """The order of the keys of the part that a path's last key belongs to."""
    above = [part for part in path[:-1] if isinstance(part, str)]
    if not above:
        return ORDER["case"]
    for kind in (above[-1], above[-2] if len(above) > 1 else ""):
        if kind in ORDER:
            return ORDER[kind]
    return ()


def _in_order(data: dict, key: str | int, order: Sequence[str]) -> dict:
    """A mapping whose last key moves before the first that comes later in the order."""
    if key not in order:
        return data
    later = set(order[order.index(key) + 1 :])
    names = [name for name in data if name != key]
    place = next((number for number, name in enumerate(names) if name in later), len(names))
    return placed(data, key, place)


def _nothing(path: KeyPath) -> Refused:
    return Refused(f"there is no such part any more: {'.'.join(map(str, path))[:200]}")
