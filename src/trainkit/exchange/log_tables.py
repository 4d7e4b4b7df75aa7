"""How do the tables of an export come from a log? In batches, as one transaction sees it, ordered by attempt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import sqlalchemy as sa

from trainkit.errors import TrainkitError
from trainkit.exchange.columns import schema
from trainkit.exchange.paths import MOVES, Path, Paths
from trainkit.exchange.people import Begun, People, read_begun, with_who_played
from trainkit.log import schema as tables
from trainkit.log.store import Log
from trainkit.room.records import Workshop

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 100_000  # events a batch, and not more than one attempt over
_EVENT = ("step", "kind", "scene", "option", "text", "ending", "lang", "at")


@dataclass(frozen=True)
class Wanted:
    """What of a log is exported."""

    workshop: Workshop | None = None  # only who took part in it; None: everybody
    synthetic: bool = False  # simulated trainees, too
    names: bool = True  # pseudonyms, where somebody may see who said what


class Batch(NamedTuple):
    """Rows of the tables, as Arrow tables in the export's order; ``people`` who come up here for the first time."""

    tables: dict[str, pa.Table]
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
            raise TrainkitError(
                f"the log has rows that it could not have been given, so it was changed: {told}"
            ) from error

    def _batches(self) -> Iterator[Batch]:
        if not self.log.exists:
            return
        a, e = tables.attempts, tables.events
        wanted, people = self._attempts(), People(self.log, self.wanted.names)
        plain = [column for column in a.c if column.name != "attempt"]
        begun = with_who_played(wanted.add_columns(*plain)).order_by(a.c.number, a.c.attempt)
        names = [column.name for column in begun.selected_columns]
        logged = (
            wanted.add_columns(*(e.c[name] for name in _EVENT))
            .join(e, e.c.attempt == a.c.attempt)
            .order_by(a.c.number, a.c.attempt, e.c.step)
        )
        with self.log.snapshot() as rows_of:
            events = groupby(rows_of(logged), itemgetter(0))
            following = next(events, None)
            waiting: list[tuple[Begun, list[tuple[Any, ...]]]] = []
            rows = 0
            for row in rows_of(begun):
                mine: list[tuple[Any, ...]] = []
                if following is not None and following[0] == row[0]:
                    mine = list(following[1])
                    following = next(events, None)
                waiting.append((read_begun(names, row), mine))
                rows += len(mine) + 1
                if rows >= ROWS:
                    yield self._batch(waiting, people)
                    waiting, rows = [], 0
            if waiting:
                yield self._batch(waiting, people)

    def _batch(self, waiting: Sequence[tuple[Begun, list[tuple[Any, ...]]]], people: People) -> Batch:
        import pyarrow as pa
        import pyarrow.compute as pc

        begun = [one for one, _ in waiting]
        logged = [event for _, events in waiting for event in events]
        ends = np.cumsum([len(events) for _, events in waiting])
        starts = ends - [len(events) for _, events in waiting]
        hidden = np.array([people.anonymous(one) for one in begun])

        # ---- events
        columns = dict(zip(("attempt", *_EVENT), zip(*logged, strict=True) if logged else [()] * 9, strict=True))
        per_event = np.repeat(hidden, ends - starts)
        exact = _times(columns["at"])
        columns["at"] = shown = _to_the_minute(exact, per_event)
        events = pa.table(columns, schema("events"))

        # ---- what they come to
        paths, moves = [], []
        for one, (_, events_of) in zip(begun, waiting, strict=True):
            led_on = [n for n, event in enumerate(events_of) if event[2] in MOVES]
            moves.append(led_on)
            paths.append(self.paths.of(one.record, [(events_of[n][2], events_of[n][4]) for n in led_on]))
        attempts = self._attempt_rows(begun, people, paths, shown, starts, ends, hidden)

        # ---- decisions: rows of the bank of decisions, and of the attempts and events they were made in
        played = [n for n, path in enumerate(paths) if path is not None and len(path.decisions)]
        counts = [len(paths[n].decisions) for n in played]
        whose = np.repeat(np.array(played, dtype=np.int64), counts)
        numbers = np.concatenate([paths[n].decisions for n in played]) if played else np.array([], dtype=np.int64)
        made_at = [starts[n] + np.array(moves[n], dtype=np.int64)[paths[n].moves] for n in played]
        at = np.concatenate(made_at) if played else np.array([], dtype=np.int64)
        place = np.concatenate([np.arange(1, count + 1) for count in counts]) if played else numbers
        bank, head = self.paths.bank().take(numbers), attempts.take(whose)
        before = np.where(at > starts[whose], at - 1, -1) if played else at
        began = _times([one.record.started_at for one in begun]).take(pa.array(whose))
        previous = pc.if_else(pa.array(before < 0), began, exact.take(pa.array(np.maximum(before, 0))))
        seconds = pc.divide(pc.cast(pc.microseconds_between(previous, exact.take(pa.array(at))), pa.float64()), 1e6)
        seconds = pc.if_else(pa.array(hidden[whose]), pa.scalar(None, pa.float64()), pc.max_element_wise(seconds, 0.0))
        made = {
            "number": pa.array(place, pa.int64()),
            "at": shown.take(pa.array(at)),
            "seconds": seconds,
            "lang": events["lang"].take(pa.array(at)),
        }
        fields = schema("decisions")
        taken = {
            name: made[name] if name in made else bank[name] if name in bank.column_names else head[name]
            for name in fields.names
        }
        decisions = pa.table(taken).cast(fields)
        rows = {"decisions": decisions, "attempts": attempts, "events": events}
        return Batch(rows | {"people": self._people_rows(people.new(begun))}, len(waiting))

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
