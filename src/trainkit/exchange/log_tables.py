"""How do the tables of an export come from a log? In batches, as one transaction sees it, ordered by attempt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress, groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np
import sqlalchemy as sa

from trainkit.errors import N_, TrainkitError
from trainkit.exchange.columns import schema
from trainkit.exchange.paths import Path, Paths
from trainkit.exchange.people import Begun, People, read_begun, with_who_played
from trainkit.garbage import gc_paused
from trainkit.log import schema as tables
from trainkit.log.codes import COLUMNS
from trainkit.log.store import Log
from trainkit.room.records import Workshop

if TYPE_CHECKING:
    import pyarrow as pa

Row = TypeVar("Row")
ROWS = 50_000  # events a batch, and not more than one attempt over
_EVENT = ("step", "kind", "scene", "option", "text", "ending", "lang", "at")


@dataclass(frozen=True)
class Wanted:
    """What of a log is exported."""

    workshop: Workshop | None = None  # only who took part in it; None: everybody
    synthetic: bool = False  # simulated trainees, too
    names: bool = True  # pseudonyms, where somebody may see who said what


class Batch(NamedTuple):
    """Rows of the tables, as Arrow tables in the export's order; ``people`` who come up here for the first time.

    ``codes`` is what coders gave to what these attempts have in own words, everything there ever was.
    """

    tables: dict[str, pa.Table]
    codes: pa.Table
    attempts: int


class Reading:
    """A log as batches: :meth:`count` first, then :meth:`batches`; :attr:`paths` says what could not be replayed."""

    def __init__(self, log: Log, wanted: Wanted | None = None):
        self.log, self.wanted = log, wanted or Wanted()
        self.paths = Paths(log)

    def _attempts(self) -> sa.Select:
        """The attempts that are wanted."""
        a, m = tables.attempts, tables.members
        query = sa.select(a.c.attempt).select_from(a.outerjoin(m, m.c.member == a.c.member))
        if self.wanted.workshop is not None:
            query = query.where(m.c.workshop == self.wanted.workshop.workshop)
        return query if self.wanted.synthetic else query.where(a.c.origin != "synthetic")

    def count(self) -> tuple[int, int]:
        """How many attempts there will be, and how many simulated ones are left out."""
        if not self.log.exists:
            return 0, 0
        with self.log.reading() as connection:
            here = connection.scalar(sa.select(sa.func.count()).select_from(self._attempts().subquery()))
            everything = Reading(self.log, Wanted(self.wanted.workshop, synthetic=True))._attempts().subquery()
            return here, connection.scalar(sa.select(sa.func.count()).select_from(everything)) - here

    def batches(self) -> Iterator[Batch]:
        """All rows. An attempt is in one batch; attempts are in the order in which they were begun.

        Raises TrainkitError if rows hold what no log can: somebody has changed them.
        """
        import pyarrow as pa

        try:
            yield from self._batches()
        except (pa.ArrowException, ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            told = str(error).splitlines()[0] if str(error) else type(error).__name__
            said = N_("the log has rows that it could not have been given, so it was changed: {told}")
            raise TrainkitError(said, told=told) from error

    def _batches(self) -> Iterator[Batch]:
        import pyarrow as pa

        if not self.log.exists:
            return
        a, e = tables.attempts, tables.events
        wanted, people = self._attempts(), People(self.log, self.wanted.names)
        plain = [column for column in a.c if column.name != "attempt"]
        begun = with_who_played(wanted.add_columns(*plain)).order_by(a.c.number, a.c.attempt)
        names = [column.name for column in begun.selected_columns]
        logged = (  # an outer join: SQLite would begin an inner one with the events, and sort them all
            wanted.add_columns(*(e.c[name] for name in _EVENT))
            .outerjoin(e, e.c.attempt == a.c.attempt)
            .order_by(a.c.number, a.c.attempt, e.c.step)
        )
        k = tables.codes
        given = (
            wanted.add_columns(*(k.c[name] for name in COLUMNS[1:]))
            .join(k, k.c.attempt == a.c.attempt)
            .order_by(a.c.number, a.c.attempt, *(k.c[name] for name in ("step", "scheme", "coder", "number")))
        )
        with self.log.snapshot() as parts_of:
            codes = BesideAttempts(chain.from_iterable(parts_of(given, ROWS)), itemgetter(0))
            heads = chain.from_iterable(parts_of(begun, ROWS // 10 + 1))
            parts = _whole_attempts(parts_of(logged, ROWS))
            while True:
                with gc_paused():  # rows by the hundred thousand, none in a circle: looking through them takes a fifth
                    if (rows := next(parts, None)) is None:
                        return
                    counts = np.array([sum(1 for _ in mine) for _, mine in groupby(map(itemgetter(0), rows))])
                    some = [read_begun(names, row) for row in islice(heads, len(counts))]
                    found = self._batch(some, rows, counts, people)
                    coded = [
                        dict(zip(COLUMNS, row, strict=True)) for one in some for row in codes.of(one.record.attempt)
                    ]
                    batch = Batch(found, pa.Table.from_pylist(coded, codes_schema()), len(some))
                del rows, some
                yield batch

    def _batch(
        self, begun: Sequence[Begun], rows: Sequence[Sequence[Any]], counts: np.ndarray, people: People
    ) -> dict[str, pa.Table]:
        """Attempts as tables; of the rows each has so many (one without events has one of nulls)."""
        import pyarrow as pa
        import pyarrow.compute as pc

        said = np.array([row[1] is not None for row in rows])
        if not said.all():
            counts = np.add.reduceat(said, np.cumsum(counts) - counts, dtype=np.int64)
            rows = list(compress(rows, said))
        ends = np.cumsum(counts)
        starts = ends - counts
        hidden = np.array([people.anonymous(one) for one in begun])

        # ---- events
        columns: dict[str, Any] = {
            name: list(map(itemgetter(number), rows)) for number, name in enumerate(("attempt", *_EVENT))
        }
        kinds, options, times = columns["kind"], columns["option"], columns["at"]
        exact = _times(times)
        columns["at"] = shown = _to_the_minute(exact, np.repeat(hidden, counts))
        events = pa.table(columns, schema("events"))

        # ---- what they come to
        paths = [
            self.paths.of(one.record, kinds[start:end], options[start:end])
            for one, start, end in zip(begun, starts.tolist(), ends.tolist(), strict=True)
        ]
        attempts = self._attempt_rows(begun, people, paths, shown, starts, ends, hidden)

        # ---- decisions: rows of the bank of decisions, and of the attempts and events they were made in
        played = [(n, path) for n, path in enumerate(paths) if path is not None and len(path.decisions)]
        made = [len(path.decisions) for _, path in played]
        whose = np.repeat(np.array([n for n, _ in played], dtype=np.int64), made)
        numbers = _joined([path.decisions for _, path in played])
        at = _joined([path.events for _, path in played]) + starts[whose]
        place = np.arange(1, len(whose) + 1) - np.repeat(np.cumsum(made) - made, made)
        began = _times([one.record.started_at for one in begun]).take(pa.array(whose))
        previous = pc.if_else(pa.array(at == starts[whose]), began, exact.take(pa.array(np.maximum(at - 1, 0))))
        seconds = pc.divide(pc.cast(pc.microseconds_between(previous, exact.take(pa.array(at))), pa.float64()), 1e6)
        seconds = pc.if_else(pa.array(hidden[whose]), pa.scalar(None, pa.float64()), pc.max_element_wise(seconds, 0.0))
        fields, bank = schema("decisions"), self.paths.bank()
        taken = {
            "number": pa.array(place, pa.int64()),
            "at": shown.take(pa.array(at)),
            "seconds": seconds,
            "lang": events["lang"].take(pa.array(at)),
        }
        for source, which in ((bank, numbers), (attempts, whose)):
            needed = [name for name in fields.names if name not in taken and name in source.column_names]
            rows_of = source.select(needed).combine_chunks().take(pa.array(which))
            taken |= dict(zip(needed, rows_of.columns, strict=True))
        decisions = pa.table({name: taken[name] for name in fields.names}).cast(fields)
        tables_of = {"decisions": decisions, "attempts": attempts, "events": events}
        return tables_of | {"people": self._people_rows(people.new(begun))}

    def _attempt_rows(
        self, begun: Sequence[Begun], people: People, paths: Sequence[Path | None], at: pa.Array,
        starts: np.ndarray, ends: np.ndarray, hidden: np.ndarray,
    ) -> pa.Table:  # fmt: skip
        import pyarrow as pa

        last = pa.array(
            [int(end) - 1 if end > start else None for start, end in zip(starts, ends, strict=True)], pa.int64()
        )
        found: dict[str, Any] = {
            "person": [people.person(one) for one in begun],
            "workshop": [one.workshop for one in begun],
            "condition": [path and path.condition for path in paths],
            "facts": [path and path.facts for path in paths],
            "started_at": _to_the_minute(_times([one.record.started_at for one in begun]), hidden),
            "ended_at": at.take(last),
            "events": ends - starts,
            "decisions": [None if path is None else len(path.decisions) for path in paths],
            "finished": [path is not None and path.ending is not None for path in paths],
            "ending": [path and path.ending for path in paths],
            "went_back": [path is not None and path.went_back for path in paths],
            "removed": [people.removed(one) for one in begun],
        }
        fields = schema("attempts")
        for field in fields:
            if field.name not in found:
                values = [one.row[field.name] for one in begun]
                found[field.name] = list(map(bool, values)) if pa.types.is_boolean(field.type) else values
        return pa.table({name: found[name] for name in fields.names}, fields)

    def _people_rows(self, rows: Sequence[dict[str, Any]]) -> pa.Table:
        import pyarrow as pa

        fields = schema("people")
        joined = _times([row["joined_at"] for row in rows])
        at = _to_the_minute(joined, np.array([row["anonymous"] for row in rows], dtype=bool))
        columns = {name: at if name == "joined_at" else [row[name] for row in rows] for name in fields.names}
        return pa.table(columns, fields)


def _whole_attempts(parts: Iterator[Sequence[Sequence[Any]]]) -> Iterator[Sequence[Sequence[Any]]]:
    """The same rows, of which the first field is the attempt, in parts that cut no attempt in two."""
    rows: list[Sequence[Any]] = []
    for part in parts:
        whole = len(rows)
        while whole and rows[whole - 1][0] == part[0][0]:  # the last one goes on
            whole -= 1
        if whole:
            yield rows[:whole]
        rows = [*rows[whole:], *part]
    if rows:
        yield rows


class BesideAttempts(Generic[Row]):
    """Rows in the order of attempts, given out attempt by attempt; ``next`` is the first that has some left."""

    def __init__(self, rows: Iterator[Row], attempt_of: Callable[[Row], str]):
        self._rows = groupby(rows, attempt_of)
        self._advance()

    def _advance(self) -> None:
        self.next, self._mine = next(self._rows, (None, iter(())))

    def of(self, attempt: str) -> list[Row]:
        """The rows of this attempt, if they are next."""
        if self.next != attempt:
            return []
        mine = list(self._mine)
        self._advance()
        return mine


def codes_schema() -> pa.Schema:
    """The Arrow schema of codes, as the log has them."""
    import pyarrow as pa

    whole = ("step", "number")
    return pa.schema([(name, pa.int64() if name in whole else pa.string()) for name in COLUMNS])


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.array([], dtype=np.int64)


def _times(texts: Sequence[str | None]) -> pa.Array:
    """Times of the log as UTC to the microsecond."""
    import pyarrow as pa

    return pa.array(list(texts), pa.string()).cast(pa.timestamp("us", "UTC"))


def _to_the_minute(times: pa.Array, hidden: np.ndarray) -> pa.Array:
    """Times, those of an anonymous room without seconds: so that nobody is known by when they pressed."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not hidden.any():
        return times
    return pc.if_else(pa.array(hidden), pc.floor_temporal(times, unit="minute"), times)
