"""A case to begin with: small, whole, playable; and the skeleton of a translation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from trainkit.case.model import SOURCE_LANGUAGE, Case
from trainkit.errors import TrainkitError
from trainkit.files import casebook

FILES = ("case.yml", "text.en.yml", "walks.yml")
MODEL = "squeaky_brakes"  # the id the skeleton is written with


def new_case(case_id: str, folder: Path) -> Path:
    """Write the files of a new case; it passes ``trainkit check`` and can be played at once.

    Returns
    -------
    Path
        The case's folder.

    Raises
    ------
    TrainkitError
        If the id is no id, the folder exists, or it can't be written; nothing is changed then.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", case_id):
        raise TrainkitError(f'a case id has a–z, 0–9 and _, and begins with a letter (got "{case_id}")')
    place = folder / case_id
    if place.exists():
        raise TrainkitError(f'"{casebook.shown_path(place)}" exists; choose another id')
    try:
        place.mkdir(parents=True)
        for name in FILES:
            text = (files("trainkit.files") / "skeleton" / name).read_text("utf-8")
            (place / name).write_text(re.sub(rf"^id: {MODEL}$", f"id: {case_id}", text, flags=re.M), "utf-8")
    except OSError as error:
        raise TrainkitError(f"{casebook.shown_path(place)} can't be written: {error.strerror or error}") from error
    casebook.accept(place, "en", casebook.load(place))
    return place


def new_translation(case: Case, place: Path, lang: str) -> Path:
    """Write ``text.<lang>.yml`` in the shape of ``case.yml``, the Russian standing in a comment above each text.

    Raises
    ------
    TrainkitError
        If the language is no language, the file exists, or it can't be written.
    """
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", lang) or lang == SOURCE_LANGUAGE:
        raise TrainkitError(f'a translation is into another language, e.g. en, de, kk (got "{lang}")')
    file = place / f"text.{lang}.yml"
    if file.exists():
        raise TrainkitError(
            f"{casebook.shown_path(file)} exists; `trainkit translate {case.id} --to {lang}` says what is missing"
        )
    title = case.text("title", SOURCE_LANGUAGE)
    head = f"# {title}: {lang}. Write each text after its colon or dash; the Russian stands above it.\n"
    try:
        file.write_text(head + "\n".join(_lines(_shape(case), 0)) + "\n", "utf-8")
    except OSError as error:
        raise TrainkitError(f"{casebook.shown_path(file)} can't be written: {error.strerror or error}") from error
    return file


def _shape(case: Case) -> dict:
    """The texts of a case as nested mappings; numbers, from 1, are places in a list."""
    root: dict = {}
    for key, text in case.texts.items():
        *path, last = key.split(".")
        part = root
        for name in path:
            part = part.setdefault(name, {})
        part[last] = text
    return root


_NAMED = ("facts", "values", "scenes", "options", "endings", "speakers")  # their parts have names, be they numbers


def _lines(part: dict, depth: int, of: str = "") -> Iterator[str]:
    indent = "  " * depth
    for name, value in part.items():
        numbered = name.isdecimal() and of not in _NAMED
        key = "-" if numbered else f'"{name}":' if name.isdecimal() else f"{name}:"
        if isinstance(value, str):
            yield f"{indent}# {' '.join(value.split())}"
            yield f"{indent}{key}"
        else:
            yield f"{indent}{key}"
            yield from _lines(value, depth + 1, name)
