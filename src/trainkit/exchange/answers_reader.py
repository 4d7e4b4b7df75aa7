"""What does a browser's file of answers hold? Rows as an export has them, and nothing that no browser could have kept."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from trainkit.case.model import LANGUAGE
from trainkit.errors import N_, Told, TrainkitError, UnknownName, shown
from trainkit.exchange.answers_file import MARK, VERSION, digest
from trainkit.log.records import clean_words, pseudonym

ORIGINS = ("person", "scripted", "synthetic", "blind")
MAX_BYTES = 20_000_000
_ALONE = {"workshop": None, "team": None, "pair": False, "lang": None, "removed": False, "anonymous": False}
_MAYBE = (str, type(None))
_FIRST, _AHEAD = datetime(2020, 1, 1, tzinfo=UTC), timedelta(days=2)  # there were none before; a clock may be ahead
_KEPT: Mapping[str, Callable[[str], Any]] = {  # what texts come to on the way into a log; else somebody wrote them in
    "participant": pseudonym,
    "text": clean_words,
    "origin": lambda text: text if text in ORIGINS else None,
    "lang": lambda text: text if re.fullmatch(LANGUAGE, text) else None,
    **dict.fromkeys(
        ("person", "attempt", "case_id", "case_hash", "translations_hash", "drawn", "scene", "option", "ending"),
        lambda text: text if text.isascii() and len(text) <= 200 else None,
    ),
}
_HELD = {"feedback": str, "back_allowed": bool, "own_words": bool, "ask_why": bool}
_SHAPES: Mapping[str, Mapping[str, Any]] = {  # table → column → type
    "people": {"person": str, "participant": str, "joined_at": datetime},
    "attempts": {
        **dict.fromkeys(("attempt", "person", "case_id", "case_hash", "translations_hash", "fixed", "facts"), str),
        **{"seed": int, "draw_version": int, "drawn": str, "origin": str, "started_at": datetime, **_HELD},
    },
    "events": {
        **{"attempt": str, "step": int, "kind": str, "scene": str, "lang": str, "at": datetime},
        **dict.fromkeys(("option", "text", "ending"), _MAYBE),
    },
}


class Travelled(NamedTuple):
    """What came: hash → source of cases, hash → translations, and rows (attempt, its events, who played it)."""

    cases: Mapping[str, str]
    translations: Mapping[str, str]
    runs: Sequence[tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]]


def is_answers(head: bytes) -> bool:
    """Whether a file that begins so is one of these, or at least means to be."""
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and MARK.encode() in head


def read_answers(text: str, name: str) -> Travelled:
    """What such a file, called ``name`` in errors, holds; of no row is known yet whether it can be replayed.

    Raises
    ------
    TrainkitError
        If it is none, was made by a newer version, or was changed.
    """
    try:
        content = json.loads(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))
        version = content[MARK]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise TrainkitError(N_("{name} can't be read: it is cut, or no file of answers"), name=name) from None
    if version != VERSION:
        said = N_(
            "{name} can't be read: it is of version {got}, and this program reads {known}. Install the newest trainkit, and "
            "import it again."
        )
        raise TrainkitError(said, name=name, got=shown(version), known=VERSION)
    said = content.pop("sha256", None)
    if said != digest(content):
        raise TrainkitError(
            N_("{name} was changed after the browser saved it: ask for the file as it was saved"), name=name
        )
    people = {row["person"]: {**_ALONE, **row} for row in _rows(content, "people", name)}
    runs: dict[str, tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]] = {}
    for row in _rows(content, "attempts", name):
        runs[row["attempt"]] = ({**row, "run": None}, [], people.get(row["person"], {}))
    for row in _rows(content, "events", name):
        if row["attempt"] not in runs:
            said = N_("{name} has events of {attempt}, and no such attempt")
            raise TrainkitError(said, name=name, attempt=shown(row["attempt"]))
        runs[row["attempt"]][1].append(row)
    return Travelled(*(_texts(content, table, name) for table in ("cases", "translations")), list(runs.values()))


def _rows(content: Mapping[str, Any], table: str, name: str) -> Iterator[dict[str, Any]]:
    rows = content.get(table)
    if not isinstance(rows, list):
        raise TrainkitError(N_("{name}: {table} must be a list of rows"), name=name, table=table)
    shape = _SHAPES[table]
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            said = N_("{name}: row {number} of {table} must be an object")
            raise TrainkitError(said, name=name, number=number, table=table)
        for column in shape:
            if column not in row:
                raise UnknownName(f"column of row {number} of {table} in {name}", column, row)
        made = {
            column: _value(row[column], kind, name=name, column=column, row=number) for column, kind in shape.items()
        }
        for column, kept in _KEPT.items():
            if made.get(column) is not None and made[column] != kept(made[column]):
                said = N_("{name}: {column} of row {row} is nothing that a browser could have kept (got {got})")
                raise TrainkitError(said, name=name, column=column, row=number, got=shown(made[column]))
        yield made


def _value(value: Any, kind: Any, **place: Any) -> Any:
    if kind is datetime:
        try:
            at = datetime.fromisoformat(value)
            at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
            if not _FIRST <= at <= datetime.now(UTC) + _AHEAD:
                raise ValueError
            return at
        except (TypeError, ValueError, OverflowError):
            said = N_("{name}: {column} of row {row} must be a time (got {got})")
            raise TrainkitError(said, **place, got=shown(value)) from None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        said = N_("{name}: {column} of row {row} must be {kind} (got {got})")
        raise TrainkitError(said, **place, kind=Told(_CALLED[kind]), got=shown(value))
    return value


_CALLED = {str: N_("text"), int: N_("a whole number"), bool: N_("true or false"), _MAYBE: N_("text or null")}


def _texts(content: Mapping[str, Any], table: str, name: str) -> Mapping[str, str]:
    texts = content.get(table)
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise TrainkitError(N_("{name}: {table} must be texts by their hashes"), name=name, table=table)
    return texts
