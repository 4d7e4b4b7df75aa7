"""Translations of a case: ``text.<lang>.yml``, and which source text each was read with (``translated.json``)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from trainkit.case.model import LANGUAGE, Case
from trainkit.errors import N_, CaseError, Problem, Told, TrainkitError, shown, suggest
from trainkit.files import text_tree, yaml_reader
from trainkit.files.alignment import TO_WRITE, Aligned, Prints, align, fingerprint, list_of
from trainkit.files.case_errors import where
from trainkit.files.reading import read_text, shown_path, writing
from trainkit.files.yaml_dump import as_yaml
from trainkit.files.yaml_edit import edited

NOTHING = Aligned({}, {}, {}, {})
COLON_IN_TEXT = N_(
    'must be text, but ": " splits it in two; it is left out. A text with ": " in it goes into double quotes'
)
FEW = 5  # strange texts of a translation that are named one by one


def is_language(lang: str) -> bool:
    """Whether it is the code of a language."""
    return bool(re.fullmatch(LANGUAGE, lang))


def _language(file: Path) -> str:
    """What a file of translations is called after; perhaps no language."""
    return file.name.removeprefix("text.").removesuffix(".yml")


class Translation(NamedTuple):
    """A file of translations as it stands against the present source; what is wrong with it keeps nothing from working."""

    file: Path
    aligned: Aligned
    unread: tuple[str, ...] = ()  # ids of texts that nobody has accepted as they are
    strange: tuple[str, ...] = ()  # ids in the file that case.yml doesn't have, and never had
    problems: tuple[Problem, ...] = ()  # what can't be read; it is left out

    @property
    def lang(self) -> str:
        """Which language it is."""
        return _language(self.file)

    @property
    def texts(self) -> dict[str, str]:
        """Text id → text, of those that fit the source."""
        return self.aligned.texts

    def told(self) -> list[str]:
        """Sentences that say what is shown untranslated though the file has something for it, or can't be read."""
        return [str(problem) for problem in self.left_out()]

    def left_out(self) -> list[Problem]:
        """The same as problems, which can be told in other languages."""
        name, said = shown_path(self.file), list(self.problems)
        for keys, rule in (
            (self.aligned.stale, N_("the source text has changed since; the translation is left out")),
            (self.aligned.gone, N_("the source text is gone; the translation is left out")),
        ):
            if keys:
                said.append(Problem(name, some(list(keys)), Told(rule)))
        return said


def read_translation(file: Path, case: Case) -> Translation:
    """Read ``text.<lang>.yml`` against the source text of a case."""
    name, lang = shown_path(file), _language(file)
    if not is_language(lang) or lang == case.lang:
        rule = N_("a translation is called text.<language>.yml; the source, in {language}, is case.yml")
        return Translation(file, NOTHING, problems=(Problem(name, "", Told(rule, language=case.lang)),))
    try:
        data, lines = yaml_reader.read(file, name)
    except CaseError as error:
        return Translation(file, NOTHING, problems=tuple(error.problems))
    found: dict[str, str] = {}
    places: dict[str, Problem] = {}
    problems: list[Problem] = []
    for path, value in text_tree.leaves(data) if isinstance(data, dict | list) else ():
        key, place = text_tree.dotted(path), f"{name}:{lines.get(path, 1)}"
        if key in found:
            problems.append(Problem(place, where(path), Told(N_("this text stands here twice"))))
        elif value is None or value == "":
            continue  # still to be translated
        elif not isinstance(value, str) or not value.strip():
            problems.append(Problem(place, where(path), Told(N_("must be text (got {got})"), got=shown(value))))
        else:
            found[key] = value
            places[key] = Problem(place, where(path), "")
    known = accepted(file.parent, lang)
    aligned = align(found, known, case.texts)
    never = tuple([key for key in aligned.gone if key not in known])
    strange = [_strange(key, places[key], case) for key in never[: FEW + 1]]  # finding what is like it takes a while
    if len(never) > FEW:  # rewritten, or another case's: no use in naming every line
        rest = N_(
            "{n} more texts are not in case.yml, either. Has case.yml been rewritten? Put this file aside and begin the "
            "translation anew: `{command}`"
        )
        command = f"trainkit translate {file.parent.name} --to {lang}"
        strange = [*strange[:FEW], Problem(name, "", Told(rest, n=len(never) - FEW, command=command))]
    read = {key: Prints(fingerprint(case.texts[key]), fingerprint(text)) for key, text in aligned.texts.items()}
    before = {(list_of(key), *prints) for key, prints in known.items()}
    unread = tuple(
        [key for key, now in read.items() if not {(list_of(key), *now), (list_of(key), now.source, "")} & before]
    )
    return Translation(file, aligned, unread, never, (*problems[:50], *strange))


def _strange(key: str, place: Problem, case: Case) -> Problem:
    """A text that stands where case.yml has none, and never had."""
    listed = key.rpartition(".")[2].isdecimal() and key.rpartition(".")[0] in {k.rpartition(".")[0] for k in case.texts}
    comma = Told(N_(" In […] a comma ends a text: put the text in quotes."))
    parts = key.split(".")
    split = any(".".join(parts[:end]) in case.texts for end in range(1, len(parts)))
    if split and not parts[-1].isdecimal():  # a colon has made two parts of a text
        return replace(place, rule=Told(COLON_IN_TEXT))
    near = comma if listed else suggest(key, case.texts)
    return replace(place, rule=Told(N_("case.yml has no such text; it is left out.")) + near)


def some(keys: Sequence[str]) -> Told:
    """A few ids of texts, and how many more there are."""
    more = Told(N_(" and {n} more"), n=len(keys) - 3) if len(keys) > 3 else Told()
    return Told() + ", ".join(keys[:3]) + more


def accepted(place: Path, lang: str) -> dict[str, Prints]:
    """Text id → what a text and its source said when the translation was last accepted."""
    known = _prints(place).get(lang)
    if not isinstance(known, dict):
        return {}
    return {str(key): Prints(*str(value).split()[:2]) for key, value in known.items() if str(value).strip()}


def accept(case: Case, translation: Translation) -> None:
    """Record that a translation fits the present source, stale texts too; puts the file in order."""
    put_in_order(case, translation)
    texts = translation.aligned.stale | translation.texts
    _record(translation.file, _read_now(case, {key: fingerprint(text) for key, text in texts.items()}))


def put_in_order(case: Case, translation: Translation) -> list[str]:
    """Write each text where its source stands now; those whose source is gone become comments at the end of the file.

    Gives a line for each that was moved or laid aside; nothing is written where there is none, or the file has what nobody
    has a place for: that is for its author to mend.
    """
    aligned, file = translation.aligned, translation.file
    if translation.problems or not (aligned.moved or aligned.gone):
        return []
    there = aligned.stale | aligned.texts
    kept = {key.rpartition(".")[0] for key in there}
    shape = {key: there.get(key) for key in case.texts if key in there or key.rpartition(".")[0] in kept}
    before, _ = yaml_reader.read(file)
    after = text_tree.listed(text_tree.tree(shape))
    old = read_text(file, shown_path(file), "a file of a case", yaml_reader.MAX_BYTES)
    new = edited(old, before, after) or as_yaml(after)
    aside = "".join(f"# {key}: {json.dumps(text, ensure_ascii=False)}\n" for key, text in aligned.gone.items())
    if aside:
        new = new.rstrip("\n") + f"\n\n# The source texts of these are gone:\n{aside}"
    known, at = accepted(file.parent, translation.lang), {to: here for here, to in aligned.moved.items()}
    with writing(shown_path(file)):
        file.write_text(new, "utf-8", newline="\n")
    was = {key: known[at.get(key, key)] for key in there if at.get(key, key) in known}
    prints = _read_now(case, {key: one.translation for key, one in was.items()})
    _record(file, prints | {key: was[key] for key in aligned.stale if key in was})  # what is stale stays so
    return [*(f"{old} → {to}" for old, to in aligned.moved.items()), *(f"{key} → #" for key in aligned.gone)]


def _read_now(case: Case, read: Mapping[str, str]) -> dict[str, Prints]:
    """Prints of each source text as it is now, with the print of the translation it was ``read`` with, if any."""
    return {key: Prints(fingerprint(text), read.get(key, TO_WRITE)) for key, text in case.texts.items()}


def _record(file: Path, prints: Mapping[str, Prints]) -> None:
    """Write the prints of a translation, beside those of the others."""
    kept = file.with_name("translated.json")
    data = _prints(file.parent) | {_language(file): {key: " ".join(one) for key, one in prints.items()}}
    written = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False)
    with writing(shown_path(kept)):
        kept.write_text(written + "\n", "utf-8")


def _prints(place: Path) -> dict[str, Any]:
    """What ``translated.json`` holds; nothing if it can't be read, so that everything counts as not accepted."""
    try:
        data = json.loads((place / "translated.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def new_translation(case: Case, place: Path, lang: str) -> Path:
    """Write ``text.<lang>.yml`` in the shape of ``case.yml``, the source standing in a comment above each text.

    Raises
    ------
    TrainkitError
        If the language is no language, the file exists, or it can't be written.
    """
    if not is_language(lang) or lang == case.lang:
        raise TrainkitError(N_("a translation is into another language, e.g. en, de, kk (got {got})"), got=shown(lang))
    file = place / f"text.{lang}.yml"
    if file.exists():
        command = f"trainkit translate {case.id} --to {lang}"
        raise TrainkitError(
            N_("{file} exists; `{command}` says what is missing"), file=shown_path(file), command=command
        )
    title = case.texts["title"]
    head = f"# {title}: {lang}. Write each text after its colon or dash; the source stands above it.\n"
    with writing(shown_path(file)):
        file.write_text(head + "\n".join(_lines(text_tree.tree(case.texts), 0)) + "\n", "utf-8")
    _record(file, _read_now(case, {}))
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
