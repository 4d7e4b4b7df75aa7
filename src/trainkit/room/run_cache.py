"""Which runs of a workshop have gone on? Each is read again only then: a room is tallied after every few answers."""

from __future__ import annotations

from contextlib import suppress

from trainkit.errors import UnknownName
from trainkit.log.records import Record
from trainkit.log.store import Store
from trainkit.room.records import Workshop, events_of, records_of
from trainkit.room.run_summary import Seen, seen
from trainkit.session.session import Session, Unplayable, opened


class Runs:
    """The runs of one workshop, as far as they have been read; :meth:`up_to_date`, or step by step for who must not stop."""

    def __init__(self, store: Store, workshop: Workshop):
        self.store, self.workshop = store, workshop
        self._seen: dict[str, Seen] = {}
        self._order: list[str] = []

    def behind(self) -> list[tuple[Record, int]]:
        """Runs that the log has more of than was read, and how many events it has of each."""
        counts = events_of(self.store, self.workshop)
        new = [attempt for attempt in counts if attempt not in self._seen]
        records = {record.attempt: record for record in records_of(self.store, self.workshop, new)} if new else {}
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
            return opened(self.store, record, self.workshop.part(record.case_id).case)
        return None

    def take(self, session: Session) -> None:
        """Read a run; somebody may be playing it: it is only looked at."""
        self._seen[session.record.attempt] = seen(session)

    def all(self) -> list[Seen]:
        """What was read, each person's in the order in which they began."""
        return [self._seen[attempt] for attempt in self._order if attempt in self._seen]

    def up_to_date(self) -> list[Seen]:
        """All runs as the log has them now."""
        for record, _ in self.behind():
            session = self.opened(record)
            if session is not None:
                self.take(session)
        return self.all()
