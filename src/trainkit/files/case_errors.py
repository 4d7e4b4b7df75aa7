"""What is wrong with this file, and where? Errors with location, rule and suggestion."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError

from trainkit.case import model
from trainkit.case.conditions import CasePart, Rule
from trainkit.case.names import dangling
from trainkit.errors import N_, CaseError, KeyPath, Problem, Told, shown, suggest
from trainkit.files.stand_ins import mended
from trainkit.files.yaml_reader import Lines, Reading


def case_from_data(
    data: object, name: str = "case", lines: Lines | None = None, folder_name: str | None = None
) -> model.Case:
    """Validate plain data as a case; ``lines`` gives the line of each part for errors."""
    return case_from(Reading(data, lines or {}), name, folder_name)


def case_from(reading: Reading, name: str, folder_name: str | None = None) -> model.Case:
    """Validate what was read as a case; where that isn't the whole text, what follows from it isn't told again.

    Raises
    ------
    CaseError
        All that is wrong, in the order of the file: of YAML, of each part, and names that nothing has.
    """
    problem = partial(located, name, reading.lines)
    if reading.problems and not isinstance(reading.data, dict):
        raise CaseError(reading.problems)
    case, wrong = examined(reading.data, folder_name, reading.whole)
    told = {problem(path, rule) for path, rule in wrong if not reading.in_doubt(path)}
    if case is None or told or reading.problems:
        raise CaseError(sorted({*reading.problems, *told}, key=by_line))
    return case


def examined(
    data: object, folder_name: str | None = None, whole: bool = True
) -> tuple[model.Case | None, list[tuple[KeyPath, str]]]:
    """Plain data as a case, if it has the form of one, and what is wrong with it: where, and which rule is broken.

    Names are looked at although the form is wrong elsewhere. What is not ``whole`` lacks parts that may stand in the file:
    nothing is said of what is missing then, nor of names.
    """
    if not isinstance(data, dict):
        return None, [((), Told(N_("a case is a mapping of keys to values")))]
    wrong: list[tuple[KeyPath, str]] = []
    broken: set[KeyPath] = set()
    try:
        case = named = model.Case.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        wrong = [_explained(item, data) for item in found if whole or item["type"] != "missing"]
        places = [_place(item, data) for item in found]
        broken = {path for path, _ in places}
        case, named = None, mended(data, places)
    for path, rule in dangling(named) if named is not None and whole else ():
        if not any(path[: len(part)] == part for part in broken):
            wrong.append((path, rule))
    got = data.get("id")
    if folder_name is not None and isinstance(got, str) and got != folder_name and ("id",) not in broken:
        rule = N_("must be the folder's name (got {got}, folder {folder})")
        wrong.append((("id",), Told(rule, got=shown(got), folder=shown(folder_name))))
    return case, wrong


def by_line(problem: Problem) -> tuple[str, int, Problem]:
    """Order of problems: by file, then by line."""
    name, _, line = problem.place.rpartition(":")
    return name, int(line) if line.isdecimal() else 0, problem


def located(name: str, lines: Lines, path: KeyPath, rule: str) -> Problem:
    """A problem at a part of a file, on the line of the nearest part above it that has one."""
    at = path
    while at not in lines and at:
        at = at[:-1]
    return Problem(f"{name}:{lines.get(at, 1)}", where(path), rule, path)


_KINDS = {
    "scenes": N_('scene "{name}"'), "options": N_('option "{name}"'), "endings": N_('ending "{name}"'),
    "facts": N_('fact "{name}"'), "speakers": N_('speaker "{name}"'),
}  # fmt: skip


def where(path: KeyPath) -> Told:
    """The part of a case in an author's words: ``scene "boot", option "pay", goto``."""
    said: list[Told] = []
    parts = iter(path)
    for part in parts:
        if part in _KINDS:
            name = next(parts, None)
            said.append(Told() + str(part) if name is None else Told(_KINDS[part], name=name))
        elif isinstance(part, int):
            said[-1:] = [said[-1] + f" {part + 1}" if said else Told(str(part + 1))]
        else:
            said.append(Told() + str(part))
    whole = Told()
    for number, one in enumerate(said):
        whole = whole + (", " if number else "") + one
    return whole


def _place(item: Mapping[str, Any], data: object) -> tuple[KeyPath, Mapping[str, Any]]:
    """Where a pydantic error stands in the author's file, with what is missing there, and the error."""
    loc = item["loc"]
    if item["type"] == "missing":
        return (*_authored_path(loc[:-1], data), loc[-1]), item
    return _authored_path(loc, data), item


def _explained(item: Mapping[str, Any], data: object) -> tuple[KeyPath, str]:
    """A pydantic error as a path in the author's file and a rule in the author's words."""
    loc = item["loc"]
    if item["type"] == "missing":
        return _authored_path(loc[:-1], data), Told(N_('the key "{key}" is missing'), key=loc[-1])
    path = _authored_path(loc, data)
    if item["type"] == "extra_forbidden":
        return path, _unknown_key(loc)
    got = item.get("input")
    plain = isinstance(got, str | int | float | bool) or got is None
    return path, _rule(item) + (Told(N_(" (got {got})"), got=shown(got)) if plain else "")


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


def _unknown_key(loc: KeyPath) -> Told:
    key = loc[-1]
    near = suggest(key, _keys_at(("", *loc)))
    if not near and " " in str(key):
        near = Told(N_(" In {…} and […] a comma ends a text: put the text in quotes, or on a line of its own."))
    return Told(N_("there is no such key {key}."), key=shown(key)) + near


_RULES = {
    "string_pattern_mismatch": N_("must be a name of a–z, 0–9 and _"),
    "literal_error": N_("must be {expected}"),
    "string_type": N_("must be text"),
    "float_type": N_("must be a number"),
    "int_type": N_("must be a whole number"),
    "bool_type": N_("must be true or false"),
    "dict_type": N_("must be a mapping of names to values"),
    "model_type": N_("must be a mapping of keys to values"),
    "tuple_type": N_("must be a list"),
    "too_short": N_("must have at least {min_length}"),
    "too_long": N_("must have at most {max_length}"),
    "string_too_short": N_("must not be empty"),
    "string_too_long": N_("must have at most {max_length} characters"),
    "greater_than": N_("must be over {gt:g}"),
    "greater_than_equal": N_("must be from {ge:g}"),
    "less_than_equal": N_("must be at most {le:g}"),
    "finite_number": N_("must be a number"),
}  # by pydantic's name of the error, with what it says of the bounds
_PATTERNS = {
    model.FACET: Told(N_("must be a facet with + or −: {facets}"), facets=", ".join(model.FACETS)),
    model.SOURCE: Told(N_('must be an article, "000" … "004", or own')),
}  # of texts that are not names


def _rule(item: Mapping[str, Any]) -> Told:
    """What must hold where pydantic met an error."""
    kind, bounds = item["type"], item.get("ctx", {})
    if bounds.get("pattern") in _PATTERNS:
        return _PATTERNS[bounds["pattern"]]
    if kind == "float_type" and isinstance(item.get("input"), str) and "," in item["input"]:
        return Told(N_("must be a number, with a point"))
    if kind == "literal_error":
        return Told(_RULES[kind], expected=_choice(bounds["expected"]))
    if kind in _RULES:
        return Told(_RULES[kind], **{name: value for name, value in bounds.items() if f"{{{name}" in _RULES[kind]})
    if kind == "value_error" and isinstance(told := bounds["error"].args[0], Told):
        return told
    return Told() + item["msg"].removeprefix("Value error, ")


def _choice(expected: str) -> Told:
    """Pydantic's ``'a', 'b' or 'c'``."""
    *some, last = expected.replace(" or ", ", ").split(", ")
    return Told(N_("{some} or {last}"), some=", ".join(some), last=last) if some else Told() + last


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
