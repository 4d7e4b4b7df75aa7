"""How do statements get into a file? An export's batches, a statement a line, in the order of the export."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainkit.case.model import Case
from trainkit.exchange.statements import Statements, Told
from trainkit.scoring.decisions import Decision

if TYPE_CHECKING:
    import pyarrow as pa

_DECISION = [field.name for field in fields(Decision)]


class StatementsFile:
    """A file of statements that is being written: UTF-8, one JSON object a line."""

    def __init__(self, file: Path, home: str, case_of: Callable[[str, str], Case]):
        self._statements = Statements(home, case_of)
        self._out = file.open("w", encoding="utf-8", newline="\n")
        self._names: dict[str, str] = {}
        self.rows = 0

    def write(self, batch: Mapping[str, pa.Table]) -> None:
        """Add the statements of a batch of tables."""
        pseudonyms = dict(zip(*(batch["people"][name].to_pylist() for name in ("person", "participant")), strict=True))
        events, decisions = _Following(batch["events"]), _Following(batch["decisions"])
        for attempt in _rows(batch["attempts"]):
            person, mine = attempt["person"], attempt["attempt"]
            if attempt["origin"] != "synthetic" and pseudonyms.get(person):  # of millions simulated nobody needs a name
                self._names[person] = pseudonyms[person]
            scored = decisions.of(mine)
            exact = bool(scored) and scored[0]["seconds"] is not None
            rows = [Decision(**{name: row[name] for name in _DECISION}) for row in scored]
            run = Told(attempt, events.of(mine), rows, self._names.get(person), exact)
            for statement in self._statements.of(run):
                self._out.write(json.dumps(statement, ensure_ascii=False, separators=(",", ":")) + "\n")
                self.rows += 1

    def close(self) -> None:
        """Nothing more is written."""
        self._out.close()


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """The rows of a table, a few at a time: as objects they take ten times the room."""
    for part in table.to_batches(max_chunksize=2000):
        yield from part.to_pylist()


class _Following:
    """The rows of a table that is in the order of attempts, attempt by attempt."""

    def __init__(self, table: pa.Table):
        self._groups = groupby(_rows(table), itemgetter("attempt"))
        self._next = next(self._groups, None)

    def of(self, attempt: str) -> list[dict[str, Any]]:
        """The rows of an attempt; none, if the following ones are of another."""
        if self._next is None or self._next[0] != attempt:
            return []
        mine = list(self._next[1])
        self._next = next(self._groups, None)
        return mine
