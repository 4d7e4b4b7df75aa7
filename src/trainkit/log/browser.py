"""What does a browser keep of a log? Rows, which it commits before it shows the page after them.

In a browser nothing in Python may wait for the disk. So the log takes an answer at once, as
:class:`trainkit.log.memory.MemoryLog` does, and hands the rows out; who asked for it commits them, and shows what follows
only then. If they can't be committed, this log is thrown away and another is made of the rows that are there.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.log.memory import MemoryLog
from trainkit.log.records import Event, Record


class Row(NamedTuple):
    """A row as a browser keeps it. Of two rows with one ``key`` the second is refused: somebody was faster."""

    key: str
    value: str  # JSON


class BrowserLog(MemoryLog):
    """A log in memory that knows which of its rows are to be committed; see :class:`trainkit.log.records.AttemptLog`."""

    def __init__(self, rows: Iterable[Row] = ()):
        super().__init__()
        self._waiting: list[Row] = []
        self._versions: dict[tuple[str, str], tuple[str, str]] = {}  # hashes → source, translations
        self.restore(rows)

    # ---- writing --------------------------------------------------------------------------------------------

    def begin(self, record: Record, case: Case) -> None:
        """Log the beginning of an attempt, and its case version if it is new."""
        super().begin(record, case)
        version = case.hash, case.translations_hash
        if version not in self._versions:
            self._versions[version] = case.source_json, case.translations_json
            said = {"source": case.source_json, "translations": case.translations_json}
            self._wait(f"case {' '.join(version)}", said)
        number = len(self._records)
        self._wait(f"attempt {number}", {**record.to_row(), "number": number})

    def append(self, attempt: str, step: int, event: Event) -> None:
        """Add an event as number ``step`` of an attempt; the same event again is harmless."""
        before = len(self._events.get(attempt, ()))
        super().append(attempt, step, event)
        logged = self._events[attempt]
        if len(logged) > before:
            self._wait(f"event {attempt} {step}", logged[step].to_row(attempt, step))

    def _wait(self, key: str, said: Mapping[str, Any]) -> None:
        self._waiting.append(Row(key, json.dumps(said, ensure_ascii=False)))

    def take(self) -> list[Row]:
        """The rows that are to be committed, all or none; they are asked for once."""
        rows, self._waiting = self._waiting, []
        return rows

    # ---- reading --------------------------------------------------------------------------------------------

    def restore(self, rows: Iterable[Row]) -> None:
        """Take in rows that have been committed, here earlier or by another window meanwhile; those known do nothing."""
        for key, value in rows:
            kind, said = key.partition(" ")[0], json.loads(value)
            if kind == "case":
                case_hash, texts_hash = key.split(" ")[1:]
                self._versions[case_hash, texts_hash] = said["source"], said["translations"]
            elif kind == "attempt" and said["attempt"] not in self._records:
                record = Record.from_row(said)
                self._records[record.attempt], self._events[record.attempt] = record, []
            elif kind == "event" and said["step"] == len(self._events[said["attempt"]]):
                self._events[said["attempt"]].append(Event.from_row(said))

    def case(self, record: Record) -> Case:
        """The case version of an attempt, with the translations it began with."""
        version = record.case_hash, record.translations_hash
        if version not in self._cases and version in self._versions:
            self._cases[version] = thaw(*self._versions[version], record.case_id)
        return super().case(record)

    def versions(self) -> Mapping[tuple[str, str], tuple[str, str]]:
        """What was played: hashes of a case and its translations → both as JSON."""
        return self._versions
