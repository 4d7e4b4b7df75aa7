"""What is wrong with this file, and where? Errors with location, rule and suggestion."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError

from trainkit.case import model
from trainkit.case.conditions import CasePart, Rule
from trainkit.case.names import dangling
from trainkit.errors import CaseError, KeyPath, Problem, shown, suggest
from trainkit.files.yaml_reader import Lines


def case_from_data(
    data: object, name: str = "case", lines: Lines | None = None, folder_name: str | None = None
) -> model.Case:
    """Validate plain data as a case; ``lines`` gives the line of each part for errors."""
    case, found = examined(data, folder_name)
    if case is None or found:
        problem = partial(located, name, lines or {})
        raise CaseError(sorted({problem(path, rule) for path, rule in found}, key=by_line))
    return case


def examined(data: object, folder_name: str | None = None) -> tuple[model.Case | None, list[tuple[KeyPath, str]]]:
    """Plain data as a case, if it has the form of one, and what is wrong with it: where, and which rule is broken."""
    if not isinstance(data, dict):
        return None, [((), "a case is a mapping of keys to values")]
    try:
        case = model.Case.model_validate(data)
    except ValidationError as error:
        return None, [_explained(item, data) for item in error.errors(include_url=False) if not _counted_wrong(item)]
    found = list(dangling(case))
    if folder_name is not None and case.id != folder_name:
        found.append((("id",), f"must be the folder's name (got {shown(case.id)}, folder {shown(folder_name)})"))
    return case, found


def by_line(problem: Problem) -> tuple[str, int, Problem]:
    """Order of problems: by file, then by line."""
    name, _, line = problem.place.rpartition(":")
    return name, int(line) if line.isdecimal() else 0, problem


def located(name: str, lines: Lines, path: KeyPath, rule: str) -> Problem:
    """A problem at a part of a file, on the line of the nearest part above it that has one."""
    at = path
    while at not in lines and at:
        at = at[:-1]
    return Problem(f"{name}:{lines.get(at, 1)}", where(path), rule)


def where(path: KeyPath) -> str:
    """The part of a case in an author's words: ``scene "boot", option "pay", goto``."""
    kinds = {"scenes": "scene", "options": "option", "endings": "ending", "facts": "fact", "speakers": "speaker"}
    said: list[str] = []
    parts = iter(path)
    for part in parts:
        if part in kinds:
            name = next(parts, None)
            said.append(kinds[part] if name is None else f'{kinds[part]} "{name}"')
        elif isinstance(part, int):
            said[-1:] = [f"{said[-1]} {part + 1}" if said else str(part + 1)]
        else:
            said.append(str(part))
    return ", ".join(said)


def _counted_wrong(item: Mapping[str, Any]) -> bool:
    """Whether a list is called too short only because what is in it was refused, which is told of itself."""
    given = item.get("input")
    return item["type"] == "too_short" and isinstance(given, list) and len(given) >= item["ctx"]["min_length"]


def _explained(item: Mapping[str, Any], data: object) -> tuple[KeyPath, str]:
    """A pydantic error as a path in the author's file and a rule in the author's words."""
    loc = item["loc"]
    if item["type"] == "missing":
        return _authored_path(loc[:-1], data), f'the key "{loc[-1]}" is missing'
    path = _authored_path(loc, data)
    if item["type"] == "extra_forbidden":
        return path, _unknown_key(loc)
    got = item.get("input")
    plain = isinstance(got, str | int | float | bool) or got is None
    return path, _rule(item) + (f" (got {shown(got)})" if plain else "")


def _authored_path(loc: KeyPath, data: object) -> KeyPath:
    """Where pydantic's error stands in the author's file.

    Pydantic counts a plain value as rule 0, and a line's text as ``text``; the author wrote neither.
    """
    path: list[str | int] = []
    at: Any = data
    for part in loc:
        if isinstance(at, dict) and part == "text" and part not in at:
            part = next((key for key in at if key != "when"), None)
            at = at.get(part)
        elif part in at if isinstance(at, dict) else isinstance(at, list) and part in range(len(at)):
            at = at[part]
        else:
            continue
        path.append(part)
    return tuple(path)


def _unknown_key(loc: KeyPath) -> str:
    key = loc[-1]
    near = suggest(key, _keys_at(("", *loc)))
    if not near and " " in str(key):
        near = " In {…} and […] a comma ends a text: put the text in quotes, or on a line of its own."
    return f"there is no such key {shown(key)}.{near}"


_RULES = {
    "string_pattern_mismatch": "must be a name of a–z, 0–9 and _",
    "literal_error": "must be {expected}",
    "string_type": "must be text",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of keys to values",
    "tuple_type": "must be a list",
    "too_short": "must have at least {min_length}",
    "greater_than_equal": "must be from {ge:g}",
    "less_than_equal": "must be at most {le:g}",
}  # by pydantic's name of the error, with what it says of the bounds
_PATTERNS = {
    model.FACET: f"must be a facet with + or −: {', '.join(model.FACETS)}",
    model.SOURCE: 'must be an article, "000" … "004", or own',
}  # of texts that are not names


def _rule(item: Mapping[str, Any]) -> str:
    """What must hold where pydantic met an error."""
    kind, bounds = item["type"], item.get("ctx", {})
    if bounds.get("pattern") in _PATTERNS:
        return _PATTERNS[bounds["pattern"]]
    if kind == "float_type" and isinstance(item.get("input"), str) and "," in item["input"]:
        return "must be a number, with a point"
    if kind in _RULES:
        return _RULES[kind].format(**bounds)
    return item["msg"].removeprefix("Value error, ")


_PARTS: dict[str, type[CasePart]] = {
    "context": model.Context, "patience": model.Patience, "debrief": model.Debrief, "argument": model.Argument,
    "counter": model.Argument, "facts": model.Fact, "values": model.FactValue, "scenes": model.Scene,
    "options": model.Option, "endings": model.Ending,
}  # fmt: skip


def _keys_at(loc: KeyPath) -> list[str]:
    """The keys that are known where pydantic met an unknown one."""
    if isinstance(loc[-2], int):
        return list(Rule.model_fields)
    parts = [_PARTS[part] for part in loc[:-1] if part in _PARTS]
    return list((parts[-1] if parts else model.Case).model_fields)
