"""Which runs of a workshop have gone on? Each is read again only then: a room is tallied after every few answers."""

from __future__ import annotations

from contextlib import suppress

from trainkit.errors import UnknownName
from trainkit.log.records import Record
from trainkit.log.store import Log
from trainkit.room.members import event_counts, runs_of
from trainkit.room.records import Workshop
from trainkit.room.run_summary import RunSummary, summarise_run
from trainkit.session.resume import Unplayable, reopen
from trainkit.session.session import Session


class RunCache:
    """The runs of one workshop, as far as they have been read; :meth:`up_to_date`, or step by step for who must not stop."""

    def __init__(self, store: Log, workshop: Workshop):
        self.store, self.workshop = store, workshop
        self._seen: dict[str, RunSummary] = {}
        self._order: list[str] = []

    def outdated(self) -> list[tuple[Record, int]]:
        """Runs that the log has more of than was read, and how many events it has of each."""
        counts = event_counts(self.store, self.workshop)
        new = [attempt for attempt in counts if attempt not in self._seen]
        records = {record.attempt: record for record in runs_of(self.store, self.workshop, new)} if new else {}
        found, self._order = [], []
        for attempt, count in counts.items():
            run = self._seen.get(attempt)
            record = run.record if run else records.get(attempt)
            if record is not None:
                self._order.append(record.attempt)
                if run is None or run.step < count:
                    found.append((record, count))
        return found

    def opened(self, record: Record) -> Session | None:
        """A run as the log has it; None if it can't be read, which must not keep the others from the trainer."""
        with suppress(Unplayable, UnknownName):
            return reopen(self.store, record, self.workshop.part(record.case_id).case)
        return None

    def add(self, session: Session) -> None:
        """Read a run; somebody may be playing it: it is only looked at."""
        self._seen[session.record.attempt] = summarise_run(session)

    def all(self) -> list[RunSummary]:
        """What was read, each person's in the order in which they began."""
        return [self._seen[attempt] for attempt in self._order if attempt in self._seen]

    def up_to_date(self) -> list[RunSummary]:
        """All runs as the log has them now."""
        for record, _ in self.outdated():
            session = self.opened(record)
            if session is not None:
                self.add(session)
        return self.all()
