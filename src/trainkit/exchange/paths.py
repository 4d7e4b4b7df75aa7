"""What does a way through a case come to? Its scored decisions and its end, worked out once for all who went it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from trainkit.case.cache import Cache
from trainkit.engine.attempt import begin
from trainkit.errors import TrainkitError
from trainkit.exchange.played import condition_of, scored
from trainkit.log.records import Event, Record
from trainkit.log.replay import facts_of
from trainkit.log.store import Log
from trainkit.scoring.decisions import Decision

if TYPE_CHECKING:
    import pyarrow as pa

MOVES = ("choose", "back")  # events that lead somewhere; the rest is only said
_KEPT = 100_000  # paths: not quite a kilobyte each


@dataclass(frozen=True, slots=True)
class Path:
    """A way through a case: ``decisions`` are numbers in the bank, ``events`` which of the attempt's events made each."""

    decisions: np.ndarray
    events: np.ndarray
    ending: str | None
    went_back: bool
    facts: str
    condition: str | None


class Paths:
    """The paths of a log: each distinct version, facts and events is replayed once.

    Those that can't be replayed are kept too, as None: :attr:`unplayable` has why.
    """

    def __init__(self, log: Log):
        self._log = log
        self._paths: Cache[tuple, Path | str] = Cache(_KEPT)
        self._numbers: dict[Decision, int] = {}
        self._bank: list[Decision] = []
        self._banked: list[pa.Table] = []
        self.unplayable: dict[str, int] = {}  # why → how many attempts

    def of(self, record: Record, kinds: Sequence[str], options: Sequence[str | None]) -> Path | None:
        """The path of an attempt by the kind and the option of each of its events; None if they can't be replayed."""
        try:
            truth = facts_of(self._log.case(record), record)
        except TrainkitError as error:
            return self._left_out(str(error))
        path = self._paths.get((record.case_hash, truth, *kinds, *options))
        if path is None:
            # what is kept must not keep the batch's own words, of which each row has a copy
            kinds, options = map(sys.intern, kinds), [option and sys.intern(option) for option in options]
            kinds = list(kinds)
            key = (sys.intern(record.case_hash), truth, *kinds, *options)
            path = self._paths.keep(key, self._replayed(record, truth, kinds, options))
        return path if isinstance(path, Path) else self._left_out(path)

    def _left_out(self, why: str) -> None:
        self.unplayable[why] = self.unplayable.get(why, 0) + 1

    def _replayed(
        self, record: Record, truth: tuple[str, ...], kinds: Sequence[str], options: Sequence[str | None]
    ) -> Path | str:
        case = self._log.case(record)
        moves = (Event(kind, "", option) for kind, option in zip(kinds, options, strict=True))
        try:
            attempt, decisions = scored(begin(case, record.seed, dict(record.fixed), truth), moves)
        except TrainkitError as error:
            return f"{case.id}: {error}"
        return Path(
            np.array([self._number(decision) for _, decision in decisions], dtype=np.int64),
            np.array([number for number, _ in decisions], dtype=np.int64),
            attempt.ending,
            attempt.went_back,
            json.dumps(attempt.facts, sort_keys=True),
            condition_of(case, truth),
        )

    def _number(self, decision: Decision) -> int:
        if decision not in self._numbers:
            self._numbers[decision] = len(self._bank)
            self._bank.append(decision)
        return self._numbers[decision]

    def bank(self) -> pa.Table:
        """The fields of all decisions there have been, in the order of their numbers."""
        import pyarrow as pa

        done = sum(map(len, self._banked))
        if done < len(self._bank):
            new = self._bank[done:]
            columns = {one.name: [getattr(decision, one.name) for decision in new] for one in fields(Decision)}
            self._banked.append(pa.table(columns, _bank_schema()))
        return pa.concat_tables(self._banked) if self._banked else _bank_schema().empty_table()


def _bank_schema() -> pa.Schema:
    import pyarrow as pa

    kinds = {"scene": pa.string(), "option": pa.string(), "on_axis": pa.bool_()}
    return pa.schema([(one.name, kinds.get(one.name, pa.float64())) for one in fields(Decision)])
