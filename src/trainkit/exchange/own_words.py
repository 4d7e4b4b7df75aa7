"""How does what people wrote leave the log? As texts without names, with every redaction and all codes beside them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from trainkit.errors import TrainkitError
from trainkit.exchange.cells import as_text
from trainkit.exchange.log_tables import Reading
from trainkit.exchange.new_folder import new_folder
from trainkit.exchange.redaction import Redacted, Redactor
from trainkit.log import schema as tables
from trainkit.log.codes import COLUMNS, coded
from trainkit.log.store import Log

SAID = ("words", "why", "disagree")
TEXTS = (
    "attempt", "step", "person", "case_id", "case_hash", "condition", "origin", "scene", "kind", "option", "lang", "text",
    "redacted",
)  # fmt: skip
TAKEN = ("attempt", "step", "kind", "start", "length")
_NOBODY = ("trainee", "anonymous")  # what is called so by default


class WordsExported(NamedTuple):
    """What was written: the folder, how many texts, how many things of each kind were taken out of them, how many codes."""

    folder: Path
    texts: int
    taken: dict[str, int]
    codes: int


def export_words(reading: Reading, folder: Path, redact: bool = True) -> WordsExported:
    """Write what people wrote to a folder that isn't there yet, or is empty: UTF-8 with a byte order mark, no formulas.

    ``texts.csv`` has own words, reasons and objections, with marks as ``[name]`` for what was taken out; ``redactions.csv``
    where that was in each text as it was written, of what kind and how long, so that somebody who may see the log can look
    it up; ``codes.csv`` what coders gave. Of whoever may be known (an anonymous room) there is no more than in other
    exports.

    Raises
    ------
    TrainkitError
        If the folder has something in it, or can't be written; nothing is left then.

    See Also
    --------
    trainkit.exchange.redaction : the rules, and what they miss.
    """
    folder, counts, texts = folder.expanduser(), Counter(), 0
    redactors = _Redactors(reading.log) if redact else None
    with new_folder(folder) as part:
        which: set[tuple[str, int]] = set()
        with _table(part / "texts.csv", TEXTS) as told, _table(part / "redactions.csv", TAKEN) as taken:
            for row in _written(reading):
                found = redactors.of(row, row["text"]) if redactors else Redacted(row["text"], ())
                for one in found.taken:
                    counts[one.kind] += 1
                    taken.add((row["attempt"], row["step"], one.kind, one.start, one.end - one.start))
                told.add([*(row[name] for name in TEXTS[:-2]), found.text, len(found.taken)])
                which.add((row["attempt"], row["step"]))
                texts += 1
        codes = [row for row in coded(reading.log).itertuples(index=False) if (row.attempt, row.step) in which]
        with _table(part / "codes.csv", COLUMNS) as given:
            for row in codes:
                given.add(row)
    return WordsExported(folder, texts, dict(counts.most_common()), len(codes))


def _written(reading: Reading) -> Iterator[dict[str, Any]]:
    """Every text, with what is known of its attempt."""
    for batch in reading.batches():
        about = {row["attempt"]: row for row in batch.tables["attempts"].to_pylist()}
        for row in batch.tables["events"].to_pylist():
            if row["kind"] in SAID and row["text"]:
                yield about[row["attempt"]] | row


def redacted(
    texts: Sequence[str], names: Iterable[str] = (), known: Iterable[str] = ()
) -> tuple[list[str], dict[str, int]]:
    """Texts that are in no log (a table) without names, and how many things of each kind were taken out.

    ``names`` are those of the people, ``known`` words of the cases, which name nobody here.
    """
    redactor, counts = Redactor(names, known), Counter[str]()
    found = [redactor(text) for text in texts]
    for one in found:
        counts.update(taken.kind for taken in one.taken)
    return [one.text for one in found], dict(counts.most_common())


class _table:
    """A CSV file that is being written."""

    def __init__(self, file: Path, names: Sequence[str]):
        self._file, self._names = file, names

    def __enter__(self) -> _table:
        self._out = self._file.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._out, lineterminator="\n")
        self._rows.writerow(self._names)
        return self

    def add(self, row: Sequence[Any]) -> None:
        """Add a row; what a spreadsheet would take for a formula gets an apostrophe before it."""
        self._rows.writerow([as_text(one) if isinstance(one, str) else one for one in row])

    def __exit__(self, *problem: Any) -> None:
        self._out.close()


class _Redactors:
    """A redactor for each version of a case: it knows the names of everybody in the log, and the words of that case."""

    def __init__(self, log: Log):
        self._log, self._names = log, names_in(log)
        self._of: dict[tuple[str, str], Redactor] = {}

    def of(self, attempt: dict[str, Any], text: str) -> Redacted:
        """A text of an attempt without names."""
        key = attempt["case_hash"], attempt["translations_hash"]
        if key not in self._of:
            try:
                case = self._log.version(*key)
                known = [*case.texts.values(), *(one for texts in case.translations.values() for one in texts.values())]
            except TrainkitError:  # a version that can't be read has no words: more is taken out
                known = []
            self._of[key] = Redactor(self._names, known)
        return self._of[key](text)


def names_in(log: Log) -> set[str]:
    """Every name that somebody has borne in a log: pseudonyms, names in rooms, those that trainers gave."""
    if not log.exists:
        return set()
    a, m, p, c = tables.attempts, tables.members, tables.imported_people, tables.controls
    queries = (
        sa.select(a.c.participant).where(a.c.origin == "person").distinct(),
        sa.select(m.c.name).distinct(),
        sa.select(p.c.participant).where(p.c.participant.is_not(None)).distinct(),
    )
    with log.reading() as connection:
        names = {name for query in queries for name in connection.execute(query).scalars()}
        for setting in connection.execute(sa.select(c.c.setting).where(c.c.kind == "name")).scalars():
            names.add(setting.partition(" ")[2])
    return {name for name in names if name and name not in _NOBODY}
