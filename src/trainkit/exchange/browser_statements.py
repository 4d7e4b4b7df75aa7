"""What would a record store hear of what was played in a browser? The same as from an export of these runs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from trainkit.exchange.answers_file import people_of
from trainkit.exchange.played import condition_of, scored
from trainkit.exchange.statements import Statements, Told
from trainkit.log.browser import BrowserLog
from trainkit.log.replay import begun, facts_of


def statements_of(log: BrowserLog, home: str) -> Iterator[dict[str, Any]]:
    """Statements of all runs, under an organisation's address."""
    people = people_of(log.attempts())
    cases = {(record.case_hash, record.translations_hash): log.case(record) for record in log.attempts()}
    made = Statements(home, lambda *version: cases[version])
    for record in log.attempts():
        case, events = log.case(record), log.events(record.attempt)
        _, decisions = scored(begun(case, record), events)
        row = record.to_row() | {"person": people[record.participant][0], "workshop": None}
        row |= {"condition": condition_of(case, facts_of(case, record)), "started_at": _time(record.started_at)}
        rows = [event.to_row(record.attempt, step) for step, event in enumerate(events)]
        told = [{**one, "at": _time(one["at"])} for one in rows]
        yield from made.of(Told(row, told, [one for _, one in decisions], record.participant, exact=True))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
