"""What is wrong with a case that is being written, and at which field of the form does that stand?"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trainkit.case.model import Case
from trainkit.editor.text_ids import text_places
from trainkit.editor.tree import at
from trainkit.errors import KeyPath
from trainkit.files.case_errors import examined


class FieldProblem(NamedTuple):
    """Something wrong at a part of the case; ``kind`` where a form has its own words for it, ``rule`` in any case."""

    path: KeyPath
    rule: str
    kind: str = ""


def problems(data: Any, folder_name: str | None = None) -> tuple[Case | None, list[FieldProblem]]:
    """The case, if nothing is wrong with it, and everything that is, in the order of the file."""
    case, found = examined(data, folder_name)
    told = list(dict.fromkeys(_at_field(path, rule, data) for path, rule in found))
    known = {problem.path for problem in told}
    for path in text_places(data).values():  # which the model may not have come to
        if at(data, path, "") in ("", None) and path not in known and not _optional(path):
            told.append(FieldProblem(path, "must have text", "empty"))
    for path in _gaps(data):
        if path not in known:
            told.append(FieldProblem(path, "leads nowhere yet", "no_goto"))
    told = [problem for problem in told if not _said_better(problem, told)]
    return (None if told else case), sorted(told, key=lambda one: _place(data, one.path))


def _at_field(path: KeyPath, rule: str, data: Any) -> FieldProblem:
    missing = rule.startswith('the key "') and rule.endswith("is missing")
    if missing:
        path = (*path, rule.split('"')[1])
    if path[-1:] == ("goto",) and missing:
        return FieldProblem(path, rule, "no_goto")
    if "must name a scene or ending" in rule:
        return FieldProblem(path, rule, "no_place")
    if at(data, path, "") in ("", None) and (missing or rule.startswith(("must not be empty", "must be text"))):
        return FieldProblem(path, rule, "empty")
    if "probabilities must add up" in rule:
        return FieldProblem(path, rule, "shares")
    if path[-1:] == ("lines",) and rule.startswith("must have at least"):
        return FieldProblem(path, rule, "no_lines")
    if rule.startswith("an inquiry needs an option"):
        return FieldProblem(path, rule, "no_way_on")
    return FieldProblem(path, rule)


def _optional(path: KeyPath) -> bool:
    return path[-1] in ("notice", "prompt")


def _gaps(data: Any) -> list[KeyPath]:
    """Replies that lead nowhere yet."""
    found: list[KeyPath] = []
    scenes = at(data, ("scenes",), {})
    for name, scene in scenes.items() if isinstance(scenes, dict) else ():
        options = at(scene, ("options",), {})
        for key, option in options.items() if isinstance(options, dict) else ():
            if isinstance(option, dict) and option.get("goto") in (None, ""):
                found.append(("scenes", name, "options", key, "goto"))
    return found


def _said_better(problem: FieldProblem, all_of_them: Sequence[FieldProblem]) -> bool:
    """A rule told at a field that has the same told in the form's own words, or at lines of which the empty one is told."""
    if problem.kind == "no_lines":
        return any(other.kind == "empty" and other.path[: len(problem.path)] == problem.path for other in all_of_them)
    return not problem.kind and any(other.kind and other.path == problem.path for other in all_of_them)


def _place(data: Any, path: KeyPath) -> list[int]:
    """Where a part stands among all, to sort by."""
    place: list[int] = []
    for key in path:
        if isinstance(data, dict):
            place.append(list(data).index(key) if key in data else len(data))
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int):
            place.append(key)
            data = data[key] if key < len(data) else None
        else:
            break
    return place
