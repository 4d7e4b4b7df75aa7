"""What is the smallest log? One in memory, which keeps the same promises for as long as the program runs."""

import threading
from dataclasses import replace

from trainkit.case.model import Case
from trainkit.errors import NotSaved, OutOfDate, TrainkitError
from trainkit.log.records import BEGUN_ELSEWHERE, Event, Record, check_repeated, known_as, now, refuse_unknown_kind


class MemoryLog:
    """A log that ends with the program; see :class:`trainkit.log.records.AttemptLog`."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._events: dict[str, list[Event]] = {}
        self._cases: dict[tuple[str, str], Case] = {}
        self._lock = threading.Lock()

    def begin(self, record: Record, case: Case) -> None:
        """Log the beginning of an attempt, and its case version."""
        with self._lock:
            if record.member and any((r.member, r.run) == (record.member, record.run) for r in self._records.values()):
                raise OutOfDate(BEGUN_ELSEWHERE)
            if record.attempt in self._records:
                raise NotSaved(f"attempt {record.attempt[:8]} has been begun already")
            self._cases[case.hash, case.translations_hash] = case
            record = replace(record, number=len(self._records) + 1)
            self._records[record.attempt], self._events[record.attempt] = record, []

    def append(self, attempt: str, step: int, event: Event) -> None:
        """Add an event as number ``step`` of an attempt; the same event again is harmless."""
        refuse_unknown_kind(event)
        with self._lock:
            logged = self._events.get(attempt)
            if logged is not None and step == len(logged):
                logged.append(event if event.at else replace(event, at=now()))
            else:
                check_repeated(logged or [], step, event)

    def attempts(
        self, participant: str | None = None, case_id: str | None = None, *, member: str | None = None
    ) -> list[Record]:
        """Attempts, oldest first; of a case, of a workshop's member, or of a participant who played alone if named."""
        records = list(self._records.values())  # a dict keeps the order in which they came
        if member is not None:
            records = sorted((r for r in records if r.member == member), key=lambda record: record.run or 0)
        elif participant is not None:
            who = known_as(participant)
            records = [record for record in records if record.participant in who and record.member is None]
        return [record for record in records if case_id in (None, record.case_id)]

    def events(self, attempt: str) -> list[Event]:
        """Everything that was logged of an attempt, in order."""
        return list(self._events.get(attempt, ()))

    def case(self, record: Record) -> Case:
        """The case version of an attempt, with the translations it began with."""
        try:
            return self._cases[record.case_hash, record.translations_hash]
        except KeyError:
            raise TrainkitError(f"the log has no case version {record.case_hash[:12]}") from None
