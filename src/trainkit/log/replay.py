"""Where do the events of an attempt lead? Records and events → the attempt as it was played."""

from trainkit.engine.attempt import Attempt, back, choose, start
from trainkit.errors import TrainkitError
from trainkit.log.records import AttemptLog, Event, Record


class Unplayable(TrainkitError):
    """An attempt in the log that can't be played on: its case version or one of its events can't be read."""

    def __init__(self, record: Record, why: TrainkitError):
        super().__init__(f"attempt {record.attempt[:8]} can't be played on: {why}")


def advance(attempt: Attempt, event: Event) -> Attempt:
    """The attempt after an event; what is only said changes nothing in it."""
    if event.kind == "choose":
        return choose(attempt, str(event.option))
    return back(attempt) if event.kind == "back" else attempt


def replay(log: AttemptLog, record: Record) -> Attempt:
    """An attempt as it stands in the log, under the case version it was played in.

    Raises Unplayable if its case version can't be read or its events don't fit it.
    """
    try:
        attempt = start(log.case(record), record.seed, record.fixed)
        for event in log.events(record.attempt):
            attempt = advance(attempt, event)
    except TrainkitError as error:
        raise Unplayable(record, error) from error
    return attempt
