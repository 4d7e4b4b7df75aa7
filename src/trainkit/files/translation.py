"""Translations of a case: ``text.<lang>.yml``, and which Russian text each was accepted for (``translated.json``)."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trainkit.case.model import SOURCE_LANGUAGE, Case
from trainkit.errors import CaseError, Problem, TrainkitError, shown, suggest
from trainkit.files import text_tree, yaml_reader
from trainkit.files.case_errors import where
from trainkit.files.reading import shown_path, writing

LANGUAGE = r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?"
FEW = 5  # strange texts of a translation that are named one by one


def is_translation(lang: str) -> bool:
    """Whether it is the code of a language, and not of the source's."""
    return bool(re.fullmatch(LANGUAGE, lang)) and lang != SOURCE_LANGUAGE


def read_texts(file: Path, case: Case) -> dict[str, str]:
    """Read a translation: text id → text; refuses ids that the case doesn't have and what isn't text."""
    name = shown_path(file)
    data, lines = yaml_reader.read(file, name)
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    strange: list[Problem] = []
    for path, value in text_tree.leaves(data) if isinstance(data, dict | list) else ():
        key = text_tree.dotted(path)
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
    file = place / "translated.json"
    with writing(shown_path(file)):
        file.write_text(text + "\n", "utf-8")


def _prints(place: Path) -> dict[str, Any]:
    """What ``translated.json`` holds; nothing if it can't be read, so that everything counts as not accepted."""
    try:
        data = json.loads((place / "translated.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def new_translation(case: Case, place: Path, lang: str) -> Path:
    """Write ``text.<lang>.yml`` in the shape of ``case.yml``, the Russian standing in a comment above each text.

    Raises
    ------
    TrainkitError
        If the language is no language, the file exists, or it can't be written.
    """
    if not is_translation(lang):
        raise TrainkitError(f'a translation is into another language, e.g. en, de, kk (got "{lang}")')
    file = place / f"text.{lang}.yml"
    if file.exists():
        command = f"trainkit translate {case.id} --to {lang}"
        raise TrainkitError(f"{shown_path(file)} exists; `{command}` says what is missing")
    title = case.text("title", SOURCE_LANGUAGE)
    head = f"# {title}: {lang}. Write each text after its colon or dash; the Russian stands above it.\n"
    with writing(shown_path(file)):
        file.write_text(head + "\n".join(_lines(text_tree.tree(case.texts), 0)) + "\n", "utf-8")
    return file


def _lines(part: dict, depth: int, of: str = "") -> Iterator[str]:
    indent = "  " * depth
    for name, value in part.items():
        key = "-" if text_tree.counts(name, of) else f'"{name}":' if name.isdecimal() else f"{name}:"
        if isinstance(value, str):
            yield f"{indent}# {' '.join(value.split())}"
        yield f"{indent}{key}"
        if not isinstance(value, str):
            yield from _lines(value, depth + 1, name)
