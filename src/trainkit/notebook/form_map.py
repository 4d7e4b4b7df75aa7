"""Where do scenes and endings lie on the form's map, and which lines lead from one to the other?"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from trainkit.editor.problems import FieldProblem
from trainkit.editor.tree import at
from trainkit.notebook.form_words import place

ROW = 50  # pixels from one to the next
MANY = 9  # places in a column beyond which the lines of all of them would be a thicket


class Node(NamedTuple):
    """A scene or an ending on the map; ``lone`` if nothing leads there.

    ``column`` is ``left``, ``middle``, ``right``, or "" in a grid. ``replies`` are the numbers of those that lead
    there from the scene on the screen, ``before`` whether it leads to the place on the screen.
    """

    name: str
    title: str
    kind: str
    column: str
    top: int
    here: bool
    lone: bool
    wrong: bool
    replies: str = ""
    before: bool = False


class Way(NamedTuple):
    """A line on the map: an SVG path in a box 100 wide and as high as the map; ``here``: from the scene on the screen."""

    path: str
    here: bool


class FormMap(NamedTuple):
    """The map of a draft: all of it with lines while it is small; else what is around a place, or all places as a grid."""

    nodes: tuple[Node, ...]
    ways: tuple[Way, ...]
    height: int
    kind: str  # "small", "near" or "grid"


def form_map(case: Any, here: str, found: list[FieldProblem], lang: str, whole: bool = False) -> FormMap:
    """The map of a case that may still have gaps; of a large one all places where ``whole`` or nothing is on the screen."""
    scenes, endings = _names(case, "scenes"), _names(case, "endings")
    leads = {name: _leads(at(case, ("scenes", name), {}), case) for name in scenes}
    reached = {to for name, ways in leads.items() for to in ways if to != name} | {at(case, ("start",), "")}
    wrong = {
        problem.path[1]
        for problem in found
        if problem.path[:1] in (("scenes",), ("endings",)) and len(problem.path) > 1
    }
    replies = _replies(at(case, ("scenes", here), {}))

    def node(name: str, column: str = "", top: float = 0) -> Node:
        kind = "scene" if name in leads else "end"
        before = name != here and here in leads.get(name, ())
        marks = name == here, name not in reached, name in wrong
        return Node(name, place(case, name, lang), kind, column, round(top), *marks, replies.get(name, ""), before)

    high = max(len(scenes), len(endings), 1)
    if high > MANY:
        if whole or here not in (*scenes, *endings):
            return FormMap(tuple(node(name) for name in (*scenes, *endings)), (), 0, "grid")
        return _near(node, here, leads)
    rows = {name: number * _step(len(scenes), high) for number, name in enumerate(scenes)}
    rows |= {name: number * _step(len(endings), high) for number, name in enumerate(endings)}
    nodes = [
        node(name, column, rows[name]) for column, names in (("left", scenes), ("right", endings)) for name in names
    ]
    ways = [
        Way(_path(rows[name] + 22, rows[to] + 22, to in endings), name == here)
        for name, all_ways in leads.items()
        for to in all_ways
        if to in rows and to != name
    ]
    ways.sort(key=lambda way: way.here)
    return FormMap(tuple(nodes), tuple(ways), round((high - 1) * ROW + 44), "small")


def _near(node: Callable[..., Node], here: str, leads: Mapping[str, list[str]]) -> FormMap:
    """A place in the middle, what leads there on the left, where it leads on the right."""
    before = [name for name, ways in leads.items() if here in ways and name != here]
    after = [name for name in leads.get(here, ()) if name != here]
    high = max(len(before), len(after), 1)
    middle = (high - 1) * ROW / 2
    nodes, ways = [node(here, "middle", middle)], []
    for column, names in (("left", before), ("right", after)):
        for number, name in enumerate(names):
            top = (high - len(names)) * ROW / 2 + number * ROW
            nodes.append(node(name, column, top))
            left, right = (top, middle) if column == "left" else (middle, top)
            edge = 30 if column == "left" else 65
            ways.append(Way(f"M{edge} {left + 22:.0f}L{edge + 5} {right + 22:.0f}", column == "right"))
    nodes.sort(key=lambda one: ("left", "middle", "right").index(one.column))
    return FormMap(tuple(nodes), tuple(ways), round((high - 1) * ROW + 44), "near")


def _replies(scene: Any) -> dict[str, str]:
    """Place → the numbers of a scene's replies that lead there."""
    found: dict[str, list[str]] = {}
    options = scene.get("options") if isinstance(scene, Mapping) else None
    for number, option in enumerate(options.values() if isinstance(options, Mapping) else (), 1):
        for name in _places(option.get("goto")) if isinstance(option, Mapping) else ():
            found.setdefault(name, []).append(str(number))
    return {name: ", ".join(numbers) for name, numbers in found.items()}


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
    return list(dict.fromkeys(name for goto in gotos for name in _places(goto)))


def _places(goto: Any) -> list[str]:
    """Where something leads, under whatever condition."""
    values = [
        rule.get("value") if isinstance(rule, Mapping) else rule
        for rule in (goto if isinstance(goto, list) else [goto])
    ]
    return [name for name in dict.fromkeys(one for one in values if isinstance(one, str)) if name]


def _path(top: float, to: float, ending: bool) -> str:
    if ending:
        return f"M44 {top:.0f}L56 {to:.0f}"
    bulge = 44 + min(8, 2 + abs(to - top) / ROW)
    return (
        f"M44 {top:.0f}C{bulge:.1f} {top:.0f} {bulge:.1f} {to:.0f} 44 {to:.0f}"
        if abs(to - top) > 2.2 * ROW
        else f"M22 {top:.0f}L22 {to:.0f}"
    )
