"""The files of a case's folder ↔ what they say, as one document; written with only what has changed rewritten."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from trainkit.case.model import SOURCE_LANGUAGE
from trainkit.editor.document import Document, source_texts
from trainkit.editor.merge import ordered_like
from trainkit.errors import N_, CaseError, KeyPath, NotSaved
from trainkit.files import text_tree, translation, yaml_reader
from trainkit.files.alignment import Aligned, Prints, align
from trainkit.files.gaps import MARK, gaps, unmarked
from trainkit.files.reading import decoded, shown_path
from trainkit.files.yaml_dump import item_as_yaml
from trainkit.files.yaml_edit import Edits, same
from trainkit.files.yaml_writer import spaced

CASE, WALKS, ACCEPTED, PRINTS = "case.yml", "walks.yml", "accepted.yml", "translated.json"
TOO_LARGE = N_("{file} would have more than {n} bytes, and couldn’t be read any more.")
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True)
class Files:
    """What the files of a folder said: their texts by name; those that can't be read, but for ``case.yml``, are let alone."""

    texts: Mapping[str, str]
    folder: Path
    unread: dict[str, tuple[str, ...]] = field(default_factory=dict)  # name → what is wrong with it

    @cached_property
    def data(self) -> dict[str, Any]:
        """File name → plain data, of those that can be read.

        Raises
        ------
        CaseError
            If ``case.yml`` can't be read; each place with its line.
        """
        found: dict[str, Any] = {}
        for name, text in self.texts.items():
            shown = shown_path(self.folder / name)
            try:
                data = json.loads(text) if name == PRINTS else yaml_reader.parse(text.removeprefix(BOM), shown)[0]
                if not isinstance(data, list if name == ACCEPTED else dict):
                    continue
                found[name] = data
            except CaseError as error:
                if name == CASE:
                    raise
                self.unread[name] = tuple(map(str, error.problems))
            except ValueError:
                continue
        return found

    @cached_property
    def document(self) -> Document:
        """What the files say, as one document."""
        case = self.data.get(CASE)
        doc: Document = {"case": case if isinstance(case, dict) else {}, "texts": {}, "prints": {}, "right": {}}
        prints = self.data.get(PRINTS, {})
        source = source_texts(doc)
        for lang in self.languages:
            known = prints.get(lang) if isinstance(prints.get(lang), dict) else {}
            there = self._aligned(lang, source)
            texts = {**there.stale, **there.texts}
            doc["texts"][lang] = {key: texts[key] for key in source if key in texts}
            doc["prints"][lang] = {str(key): str(value) for key, value in known.items()}
        return {**doc, "walks": self.data.get(WALKS), "accepted": self.data.get(ACCEPTED)}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages whose texts can be read."""
        names = [name.removeprefix("text.").removesuffix(".yml") for name in self.data if name.startswith("text.")]
        case = self.data.get(CASE)
        own = case.get("lang", SOURCE_LANGUAGE) if isinstance(case, dict) else SOURCE_LANGUAGE
        return tuple(sorted(name for name in names if translation.is_language(name) and name != own))

    def _aligned(self, lang: str, source: Mapping[str, str]) -> Aligned:
        """The texts of a translation beside their source."""
        leaves = text_tree.leaves(self.data[f"text.{lang}.yml"])
        found = {text_tree.dotted(path): value for path, value in leaves if isinstance(value, str) and value.strip()}
        known = self.data.get(PRINTS, {}).get(lang)
        return align(found, _prints(known if isinstance(known, dict) else {}), source)

    @cached_property
    def _edits(self) -> dict[str, Edits]:
        return {
            name: Edits(text.removeprefix(BOM), self.data[name])
            for name, text in self.texts.items()
            if name in self.data
        }

    def saying(self, doc: Document) -> dict[str, str]:
        """File name → the text that says what a document does; those as they are which say it already.

        Raises
        ------
        NotSaved
            If a text can't be made to say it.
        """
        wanted = {CASE: doc["case"], WALKS: doc["walks"], ACCEPTED: doc["accepted"]}
        said = self.document
        was = {CASE: said["case"], WALKS: said["walks"], ACCEPTED: said["accepted"]}
        texts = dict(self.texts)
        for name, after in wanted.items():
            if after and not (name in self.data and same(was[name], after)):
                texts[name] = self._text(name, after)
            elif after is None and was[name] is not None:
                del texts[name]
        if doc.get("right") and MARK in texts.get(CASE, ""):
            texts[CASE] = _without_marks(texts[CASE], [tuple(path) for path in doc["right"].values()])
        for lang, translated in doc["texts"].items():
            name = f"text.{lang}.yml"
            if translated != self.document["texts"].get(lang, {}):
                texts[name] = self._translation(lang, name, translated, source_texts(doc))
        if doc["prints"] != self.document["prints"]:
            kept = {**self.data.get(PRINTS, {}), **{lang: prints for lang, prints in doc["prints"].items() if prints}}
            texts[PRINTS] = json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        return texts

    def _text(self, name: str, after: Any) -> str:
        """The text of a file that says ``after``: edited where it can be, else written anew."""
        text = self._edits[name].text(after) if name in self._edits else None
        if text is None or not _says(text, after):
            text = spaced(after) if isinstance(after, Mapping) else "".join(map(item_as_yaml, after)) or "[]\n"
            if not _says(text, after):
                raise NotSaved("{file} can’t be written so that it reads as it should", file=name)
        if len(text.encode("utf-8", "replace")) > yaml_reader.MAX_BYTES:
            raise NotSaved(TOO_LARGE, file=name, n=yaml_reader.MAX_BYTES)
        return (BOM if self.texts.get(name, "").startswith(BOM) else "") + text

    def _translation(self, lang: str, name: str, texts: Mapping[str, str], source: Mapping[str, str]) -> str:
        ordered = {key: texts[key] for key in source if key in texts}
        after = _like(text_tree.listed(text_tree.tree(ordered)) or {}, self.data.get(name))
        new = self._text(name, after)
        if lang not in self.languages:
            return new
        gone = self._aligned(lang, source_texts(self.document)).gone
        aside = "".join(f"# {key}: {json.dumps(text, ensure_ascii=False)}\n" for key, text in gone.items())
        return new.rstrip("\n") + f"\n\n# The source texts of these are gone:\n{aside}" if aside else new


def _without_marks(text: str, right: Sequence[KeyPath]) -> str:
    """The text of ``case.yml`` without the marks of these parts."""
    bom = BOM if text.startswith(BOM) else ""
    try:
        _, lines = yaml_reader.parse(text.removeprefix(BOM), CASE)
    except CaseError:
        return text
    plain = text.removeprefix(BOM)
    return bom + unmarked(plain, lines, keep=[gap.path for gap in gaps(plain, lines) if gap.path not in right])


def _like(after: Any, before: Any) -> Any:
    """Plain data with the keys of its mappings in the order they had."""
    if isinstance(after, dict) and isinstance(before, dict):
        return {key: _like(value, before.get(key)) for key, value in ordered_like(after, before).items()}
    if isinstance(after, list) and isinstance(before, list):
        return [_like(item, old) for item, old in zip(after, before, strict=False)] + after[len(before) :]
    return after


def read_files(folder: Path) -> Files:
    """Read the files of a case's folder, if it is there.

    Raises
    ------
    CaseError
        If ``case.yml`` can't be read; told with its line.
    """
    texts: dict[str, str] = {}
    for file in (folder / CASE, *sorted(folder.glob("text.*.yml")), folder / WALKS, folder / ACCEPTED, folder / PRINTS):
        if file.exists():
            try:
                texts[file.name] = decoded(file, shown_path(file), "a file of a case", yaml_reader.MAX_BYTES)
            except CaseError:
                if file.name == CASE:
                    raise
    files = Files(texts, folder)
    _ = files.data
    return files


def _prints(known: Mapping[str, Any]) -> dict[str, Prints]:
    return {str(key): Prints(*str(value).split()[:2]) for key, value in known.items() if str(value).strip()}


def _says(text: str, data: Any) -> bool:
    try:
        return same(yaml_reader.parse(text, "")[0], data)
    except CaseError:
        return False
