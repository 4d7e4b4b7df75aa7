"""Two people changed the same data: what they changed apart goes together, where they clash both are told."""

from typing import Any, NamedTuple

from trainkit.editor.changes import change
from trainkit.editor.tree import MISSING, placed, put, without
from trainkit.errors import KeyPath
from trainkit.files.yaml_edit import same


class Clash(NamedTuple):
    """A part that both have changed, each otherwise; ``MISSING`` where one has taken it away."""

    path: KeyPath
    mine: Any
    theirs: Any


def merged(base: Any, mine: Any, theirs: Any) -> tuple[Any, list[Clash]]:
    """Both changes of what was ``base``, mine where they clash; and the clashes."""
    clashes: list[Clash] = []
    return _merged(base, mine, theirs, (), clashes), clashes


def with_theirs(data: Any, clashes: list[Clash]) -> Any:
    """What was merged, with theirs in the clashes."""
    for clash in clashes:
        if clash.theirs is MISSING:
            data = without(data, clash.path)
        else:
            data = put(data, clash.path, clash.theirs)
    return data


def _same(one: Any, other: Any) -> bool:
    if one is MISSING or other is MISSING:
        return one is other
    return same(one, other)


def _merged(base: Any, mine: Any, theirs: Any, path: KeyPath, clashes: list[Clash]) -> Any:
    if _same(mine, theirs) or _same(base, theirs):
        return mine
    if _same(base, mine):
        return theirs
    if all(isinstance(one, dict) for one in (base, mine, theirs)):
        return _of_mappings(base, mine, theirs, path, clashes)
    if all(isinstance(one, list) for one in (base, mine, theirs)):
        together = _of_lists(base, mine, theirs, path, clashes)
        if together is not None:
            return together
    clashes.append(Clash(path, mine, theirs))
    return mine


def _of_mappings(base: dict, mine: dict, theirs: dict, path: KeyPath, clashes: list[Clash]) -> dict:
    new: dict[str, Any] = {}
    for key in [*mine, *(key for key in theirs if key not in mine)]:
        three = [one.get(key, MISSING) for one in (base, mine, theirs)]
        value = _merged(*three, (*path, key), clashes)
        if value is not MISSING:
            new[key] = value
    if [key for key in mine if key in base] == [key for key in base if key in mine]:
        return ordered_like(new, theirs)  # only they may have moved entries
    return ordered_like(new, mine)


def ordered_like(new: dict, theirs: dict) -> dict:
    """A mapping in another's order; entries that it doesn't have stand behind those they stand behind here."""
    result = {key: new[key] for key in theirs if key in new}
    before = None
    for key, value in new.items():
        if key not in result:
            result = placed({**result, key: value}, key, list(result).index(before) + 1 if before else 0)
        before = key
    return result


def _of_lists(base: list, mine: list, theirs: list, path: KeyPath, clashes: list[Clash]) -> list | None:
    if len(base) == len(mine) == len(theirs):
        three = zip(base, mine, theirs, strict=True)
        return [_merged(*items, (*path, number), clashes) for number, items in enumerate(three)]
    spans = [_span(base, other) for other in (mine, theirs)]
    (a, b, own), (c, d, other) = spans
    if b <= c and (a, b) != (c, d):
        return [*base[:a], *own, *base[b:c], *other, *base[d:]]
    if d <= a and (a, b) != (c, d):
        return [*base[:c], *other, *base[d:a], *own, *base[b:]]
    return None


def _span(base: list, other: list) -> tuple[int, int, list]:
    """Which items of a list gave place to which others."""
    one = change(base, other) or {}
    if "at" in one:
        return one["at"], one["at"] + len(one["was"]), one["is"]
    numbers = [int(n) for n in one["items"]]
    return min(numbers), max(numbers) + 1, other[min(numbers) : max(numbers) + 1]
