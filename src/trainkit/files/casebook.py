"""Files → Case: find the casebook, read a case with its translations, refuse what breaks a rule of the format."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trainkit.case.model import (
    FACETS,
    SOURCE,
    SOURCE_LANGUAGE,
    Argument,
    Case,
    CasePart,
    Context,
    Debrief,
    Ending,
    Fact,
    FactValue,
    Option,
    Patience,
    Rule,
    Scene,
)  # fmt: skip
from trainkit.case.names import dangling
from trainkit.errors import CaseError, KeyPath, Problem, TrainkitError, UnknownName, shown, suggest
from trainkit.files import yaml_reader as yamlfile

FEW = 5  # strange texts of a translation that are named one by one
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


# ---- where cases are ----------------------------------------------------------------------------------------


def folder() -> Path:
    """The casebook in use.

    ``TRAINKIT_CASEBOOK`` if set; else ``casebook/`` in the current folder or one above it; else the one that came with
    the program.
    """
    if named := os.environ.get("TRAINKIT_CASEBOOK"):
        if not names(Path(named)):
            raise TrainkitError(f"TRAINKIT_CASEBOOK has no cases (got {shown(named)})")
        return Path(named)
    here = Path.cwd()
    candidates = [place / "casebook" for place in (here, *here.parents)]
    package = Path(__file__).parents[1]
    candidates += [package / "_casebook", package.parents[1] / "casebook"]
    for candidate in candidates:
        if any(candidate.glob("*/case.yml")):
            return candidate
    raise TrainkitError("no casebook found: go to a folder that has casebook/, or set TRAINKIT_CASEBOOK to one")


def names(casebook: Path | None = None) -> tuple[str, ...]:
    """Ids of the cases in a casebook, sorted."""
    return tuple(sorted(file.parent.name for file in (casebook or folder()).glob("*/case.yml")))


def place(name: str | os.PathLike, casebook: Path | None = None) -> Path:
    """The folder of a case: a case id, or the path of a folder with ``case.yml``.

    Raises
    ------
    UnknownName
        If there is no such case; names the nearest.
    """
    if not isinstance(name, str | os.PathLike):
        raise TrainkitError(f"a case is named by its id or its folder (got {shown(name)})")
    text = os.fspath(name)
    path = Path(text)
    here = _is_file(path / "case.yml")
    if here and (len(path.parts) != 1 or text != path.name):  # said as a path
        return path.resolve()
    root = casebook or folder()
    if text in names(root):
        return root / text
    if here and casebook is None:
        return path.resolve()
    raise UnknownName("case", text, names(root))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a null character
        return False


def load(name: str | os.PathLike | Case, casebook: Path | None = None) -> Case:
    """Read a case.

    Parameters
    ----------
    name : str, path or Case
        A case id, or the path of a case's folder; a case that is loaded already is returned as it is.
    casebook : Path, optional
        Where to look; :func:`folder` if left out.

    Raises
    ------
    UnknownName
        If there is no such case; names the nearest.
    CaseError
        If the case breaks a rule of the format; names every place.
    """
    if isinstance(name, Case):
        return name
    where_it_is = place(name, casebook)
    files = [where_it_is / "case.yml", *sorted(where_it_is.glob("text.*.yml"))]
    try:
        stamp = tuple((str(file.resolve()), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    except OSError as error:
        raise CaseError([Problem(str(error.filename), "", f"can't be read: {error.strerror}")]) from None
    return _read(stamp)


@lru_cache(maxsize=64)
def _read(stamp: tuple[tuple[str, int, int], ...]) -> Case:
    source, *texts = (Path(file) for file, _, _ in stamp)
    case = read_case(source)
    found = {}
    for file in texts:
        lang = file.name.removeprefix("text.").removesuffix(".yml")
        if not _LANGUAGE.fullmatch(lang) or lang == SOURCE_LANGUAGE:
            rule = "a translation is called text.<language>.yml, e.g. text.en.yml; the Russian source is case.yml"
            raise CaseError([Problem(shown_path(file), "", rule)])
        found[lang] = read_texts(file, case)
    return case.with_translations(found)


def shown_path(file: Path) -> str:
    """A file's name in errors: from the current folder if it is below it."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(file)


# ---- case.yml -----------------------------------------------------------------------------------------------


def read_case(file: Path) -> Case:
    """Read ``case.yml`` alone; the Russian source without translations."""
    name = shown_path(file)
    data, lines = yamlfile.read(file, name)
    return case_from_data(data, name, lines, folder_name=file.parent.name)


def case_from_data(
    data: object, name: str = "case", lines: yamlfile.Lines | None = None, folder_name: str | None = None
) -> Case:
    """Validate plain data as a case; ``lines`` gives the line of each part for errors."""
    lines = lines or {}

    problem = partial(located, name, lines)
    if not isinstance(data, dict):
        raise CaseError([problem((), "a case is a mapping of keys to values")])
    try:
        case = Case.model_validate(data)
    except ValidationError as error:
        raise CaseError(
            sorted({problem(*_explained(item, data)) for item in error.errors(include_url=False)}, key=by_line)
        ) from None
    problems = [problem(path, rule) for path, rule in dangling(case)]
    if folder_name is not None and case.id != folder_name:
        problems.append(
            problem(("id",), f"must be the folder's name (got {shown(case.id)}, folder {shown(folder_name)})")
        )
    if problems:
        raise CaseError(sorted(set(problems), key=by_line))
    return case


def by_line(problem: Problem) -> tuple[str, int, Problem]:
    """Order of problems: by file, then by line."""
    name, _, line = problem.place.rpartition(":")
    return name, int(line) if line.isdecimal() else 0, problem


def located(name: str, lines: yamlfile.Lines, path: KeyPath, rule: str) -> Problem:
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


def _explained(item: Mapping[str, Any], data: object) -> tuple[KeyPath, str]:
    """A pydantic error as a path in the author's file and a rule in his words."""
    path: list[str | int] = []
    at: Any = data
    for part in item["loc"]:
        # pydantic counts a plain value as rule 0, and a line's text as `text`; the author wrote neither
        if (isinstance(at, dict) and part in at) or (isinstance(at, list) and isinstance(part, int) and part < len(at)):
            at = at[part]
        elif isinstance(at, dict) and part == "text":
            speaker = next((key for key in at if key != "when"), None)
            at, part = at.get(speaker), speaker
        elif item["type"] == "missing" and part == item["loc"][-1]:
            return tuple(path), f'the key "{part}" is missing'
        else:
            continue
        path.append(part)
    got = item.get("input")
    if item["type"] == "extra_forbidden":
        key = item["loc"][-1]
        near = suggest(key, _keys_at(("", *item["loc"])))
        if not near and " " in str(key):
            near = " In {…} and […] a comma ends a text: put the text in quotes, or on a line of its own."
        return tuple(path), f"there is no such key {shown(key)}.{near}"
    rules = {
        "string_pattern_mismatch": "must be a name of a–z, 0–9 and _",
        "literal_error": f"must be {item.get('ctx', {}).get('expected', '')}",
        "string_type": "must be text",
        "float_type": "must be a number",
        "int_type": "must be a whole number",
        "bool_type": "must be true or false",
        "dict_type": "must be a mapping of names to values",
        "model_type": "must be a mapping of keys to values",
        "tuple_type": "must be a list",
    }
    rule = rules.get(item["type"]) or item["msg"].removeprefix("Value error, ")
    pattern = item.get("ctx", {}).get("pattern", "") if item["type"] == "string_pattern_mismatch" else ""
    if "diagnosis" in pattern:
        rule = f"must be a facet with + or −: {', '.join(FACETS)}"
    elif pattern == SOURCE:
        rule = 'must be an article, "000" … "004", or own'
    elif item["type"] == "too_short":
        rule = f"must have at least {item['ctx']['min_length']}"
    elif item["type"] in ("greater_than_equal", "less_than_equal"):
        sign, bound = ("from", "ge") if item["type"] == "greater_than_equal" else ("at most", "le")
        rule = f"must be {sign} {item['ctx'][bound]:g}"
    elif item["type"] == "float_type" and isinstance(got, str) and "," in got:
        rule = "must be a number, with a point"
    plain = isinstance(got, str | int | float | bool) or got is None
    return tuple(path), rule + (f" (got {shown(got)})" if plain else "")


_PARTS: dict[str, type[CasePart]] = {
    "context": Context, "patience": Patience, "debrief": Debrief, "argument": Argument, "counter": Argument,
    "facts": Fact, "values": FactValue, "scenes": Scene, "options": Option, "endings": Ending,
}  # fmt: skip


def _keys_at(loc: KeyPath) -> list[str]:
    """The keys that are known where pydantic met an unknown one."""
    if isinstance(loc[-2], int):
        return list(Rule.model_fields)
    parts = [_PARTS[part] for part in loc[:-1] if part in _PARTS]
    return list((parts[-1] if parts else Case).model_fields)


# ---- text.xx.yml --------------------------------------------------------------------------------------------


def read_texts(file: Path, case: Case) -> dict[str, str]:
    """Read a translation: text id → text; refuses ids that the case doesn't have and what isn't text."""
    name = shown_path(file)
    data, lines = yamlfile.read(file, name)
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    strange: list[Problem] = []
    for path, value in _leaves(data, ()):
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
        place = f"{name}:{lines.get(path, 1)}"
        if key in texts:
            problems.append(Problem(place, where(path), "this text stands here twice"))
        elif key not in case.texts:
            listed = isinstance(path[-1], int) and key.rpartition(".")[0] in {k.rpartition(".")[0] for k in case.texts}
            near = " In […] a comma ends a text: put the text in quotes." if listed else suggest(key, case.texts)
            strange.append(Problem(place, where(path), f"case.yml has no such text.{near}"))
        elif value is None or value == "":
            continue  # still to be translated
        elif not isinstance(value, str) or not value.strip():
            problems.append(Problem(place, where(path), f"must be text (got {shown(value)})"))
        else:
            texts[key] = value
    if len(strange) > FEW:  # rewritten, or another case's: no use in naming every line
        rest = (
            f"and {len(strange) - FEW} more texts that case.yml doesn't have. Has case.yml been rewritten? Put this file "
            f"aside and begin the translation anew: `trainkit translate {file.parent.name} --to {file.suffixes[-2][1:]}`"
        )
        strange = [*strange[:FEW], Problem(name, "", rest)]
    if problems or strange:
        raise CaseError([*problems[:50], *strange])
    return texts


def _leaves(data: object, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _leaves(value, (*path, number))
    elif path:
        yield path, data


def fingerprint(text: str) -> str:
    """Eight hexadecimal digits that change when a Russian text changes; kept with its translation."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def accepted(place: Path, lang: str) -> dict[str, str]:
    """Text id → fingerprint of the Russian text that the translation was accepted for."""
    known = _prints(place).get(lang)
    return {str(key): str(value) for key, value in known.items()} if isinstance(known, dict) else {}


def accept(place: Path, lang: str, case: Case) -> None:
    """Record that the translation has been read against the present Russian text."""
    data = _prints(place)
    data[lang] = {key: fingerprint(case.texts[key]) for key in case.translations.get(lang, {})}
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False)
    try:
        (place / "translated.json").write_text(text + "\n", "utf-8")
    except OSError as error:
        raise TrainkitError(f"{shown_path(place / 'translated.json')} can't be written: {error.strerror}") from None


def _prints(place: Path) -> dict[str, Any]:
    """What ``translated.json`` holds; nothing if it can't be read, so that everything counts as not accepted."""
    try:
        data = json.loads((place / "translated.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def language(lang: str, case: Case) -> str:
    """``lang`` if the case has it.

    Raises
    ------
    UnknownName
        Otherwise.
    """
    if lang not in case.languages:
        raise UnknownName("language", lang, case.languages)
    return lang
