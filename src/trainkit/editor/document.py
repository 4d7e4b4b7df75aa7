"""All that an author's folder says of a case, as plain data: the case, its translations, walks and accepted warnings.

``case`` is what ``case.yml`` holds, as its author wrote it. ``texts`` has of each language the texts by id, ``prints`` what
``translated.json`` keeps of them; both go along when the text they belong to goes elsewhere. ``walks`` and ``accepted`` are
None where there is no such file. ``right`` are the places of gaps that their author has left as they are, by dotted path.
"""

from collections.abc import Callable, Mapping
from typing import Any

from trainkit.editor.text_ids import text_places
from trainkit.editor.tree import at, put
from trainkit.errors import KeyPath
from trainkit.files.alignment import Prints, fingerprint

Document = dict[str, Any]
Move = Callable[[KeyPath], KeyPath | None]  # where a path leads after an edit; None if its part is gone


def document(case: Any) -> Document:
    """A case alone."""
    return {"case": case, "texts": {}, "prints": {}, "right": {}, "walks": None, "accepted": None}


def with_case(doc: Document, case: Any, moved: Move | None = None) -> Document:
    """The document with another case; ``moved`` says where each path leads now, so that translations go along."""
    new = {**doc, "case": case}
    if moved is None:
        return new
    if doc.get("right"):
        there = [to for path in doc["right"].values() if (to := moved(tuple(path))) is not None]
        new["right"] = {_dotted(path): list(path) for path in there}
    before = text_places(doc["case"])
    after = {path: key for key, path in text_places(case).items()}
    ids = {key: after.get(to) if (to := moved(path)) is not None else None for key, path in before.items()}
    if all(key == now for key, now in ids.items()):
        return new
    for part in ("texts", "prints"):
        new[part] = {lang: _carried(entries, ids) for lang, entries in doc[part].items()}
    return new


def left_as_it_is(doc: Document, path: KeyPath) -> Document:
    """The document with a gap at a path that is none: what stands there is right."""
    return {**doc, "right": {**doc.get("right", {}), _dotted(path): list(path)}}


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))


def _carried(entries: Mapping[str, Any], ids: Mapping[str, str | None]) -> dict[str, Any]:
    names = {key: ids.get(key, key) for key in entries}
    return {now: entries[key] for key, now in names.items() if now is not None}


def source_texts(doc: Document) -> dict[str, str]:
    """Text id → the text of the source, of texts that are texts."""
    found = {key: at(doc["case"], path) for key, path in text_places(doc["case"]).items()}
    return {key: text for key, text in found.items() if isinstance(text, str)}


def stale(doc: Document, lang: str) -> set[str]:
    """Ids of translated texts whose source has changed since somebody read both."""
    prints, source = doc["prints"].get(lang, {}), source_texts(doc)
    known = {key: Prints(*str(value).split()[:2]) for key, value in prints.items() if str(value).strip()}
    return {
        key
        for key, text in doc["texts"].get(lang, {}).items()
        if text and key in source and key in known and known[key].source != fingerprint(source[key])
    }


def translated(doc: Document, lang: str, key: str, text: str) -> Document:
    """The document with a translation of a text, read with its present source; without any where it is empty."""
    source = source_texts(doc)
    texts, prints = doc["texts"].get(lang, {}), doc["prints"].get(lang, {})
    if text:
        mark = f"{fingerprint(source.get(key, ''))} {fingerprint(text)}"
        texts, prints = {**texts, key: text}, {**prints, key: mark}
    else:
        texts, prints = ({name: value for name, value in part.items() if name != key} for part in (texts, prints))
    return {**doc, "texts": {**doc["texts"], lang: texts}, "prints": {**doc["prints"], lang: prints}}


def changed_at(doc: Document, path: KeyPath, value: Any, order: Any = ()) -> Document:
    """The document with another value in its case; for parts that hold no list of texts."""
    return with_case(doc, put(doc["case"], path, value, order))
