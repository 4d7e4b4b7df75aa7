"""Where do scenes and endings lie on the form's map, and which lines lead from one to the other?"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from trainkit.editor.problems import FieldProblem
from trainkit.editor.tree import at
from trainkit.notebook.form_words import place

ROW = 50  # pixels from one to the next


class Node(NamedTuple):
    """A scene (left) or an ending (right) on the map; ``lone`` if nothing leads there."""

    name: str
    title: str
    kind: str
    top: int
    here: bool
    lone: bool
    wrong: bool


class Way(NamedTuple):
    """A line on the map: an SVG path in a box 100 wide and as high as the map; ``here``: from the scene on the screen."""

    path: str
    here: bool


class FormMap(NamedTuple):
    """The map of a draft."""

    nodes: tuple[Node, ...]
    ways: tuple[Way, ...]
    height: int


def form_map(case: Any, here: str, found: list[FieldProblem], lang: str) -> FormMap:
    """The map of a case that may still have gaps."""
    scenes, endings = _names(case, "scenes"), _names(case, "endings")
    leads = {name: _leads(at(case, ("scenes", name), {}), case) for name in scenes}
    reached = {to for name, ways in leads.items() for to in ways if to != name} | {at(case, ("start",), "")}
    wrong = {
        problem.path[1]
        for problem in found
        if problem.path[:1] in (("scenes",), ("endings",)) and len(problem.path) > 1
    }
    high = max(len(scenes), len(endings), 1)
    rows = {name: number * _step(len(scenes), high) for number, name in enumerate(scenes)}
    rows |= {name: number * _step(len(endings), high) for number, name in enumerate(endings)}
    nodes = [
        Node(name, place(case, name, lang), kind, round(rows[name]), name == here, name not in reached, name in wrong)
        for kind, names in (("scene", scenes), ("end", endings))
        for name in names
    ]
    ways = [
        Way(_path(rows[name] + 22, rows[to] + 22, to in endings), name == here)
        for name, all_ways in leads.items()
        for to in all_ways
        if to in rows and to != name
    ]
    ways.sort(key=lambda way: way.here)
    return FormMap(tuple(nodes), tuple(ways), round((high - 1) * ROW + 44))


def _names(case: Any, kind: str) -> list[str]:
    found = at(case, (kind,), {})
    return list(found) if isinstance(found, Mapping) else []


def _step(count: int, high: int) -> float:
    """So that both columns are as high, as far as that isn't too far apart."""
    return min(2 * ROW, (high - 1) * ROW / (count - 1)) if count > 1 else 0


def _leads(scene: Any, case: Any) -> list[str]:
    options = scene.get("options") if isinstance(scene, Mapping) else None
    gotos = [scene.get("goto")] if isinstance(scene, Mapping) else []
    for option in options.values() if isinstance(options, Mapping) else ():
        if isinstance(option, Mapping):
            gotos.append(option.get("goto"))
            if option.get("costs"):
                gotos.append(at(case, ("patience", "leaves"), None))
    found = [
        rule.get("value") if isinstance(rule, Mapping) else rule
        for goto in gotos
        for rule in (goto if isinstance(goto, list) else [goto])
    ]
    return [name for name in dict.fromkeys(found) if isinstance(name, str) and name]


def _path(top: float, to: float, ending: bool) -> str:
    if ending:
        return f"M44 {top:.0f}L56 {to:.0f}"
    bulge = 44 + min(8, 2 + abs(to - top) / ROW)
    return (
        f"M44 {top:.0f}C{bulge:.1f} {top:.0f} {bulge:.1f} {to:.0f} 44 {to:.0f}"
        if abs(to - top) > 2.2 * ROW
        else f"M22 {top:.0f}L22 {to:.0f}"
    )
