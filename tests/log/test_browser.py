"""What a browser keeps: rows that make the same log again, each once, and none that was not committed."""

import json

import pytest

from trainkit.errors import OutOfDate, TrainkitError
from trainkit.log.browser import BrowserLog, Row
from trainkit.log.records import Event
from trainkit.session.resume import begin, reopen


def played(parcel, *options):
    log = BrowserLog()
    session = begin(log, parcel, "Чиж", seed=5)
    for step, option in enumerate(options):
        session.do("choose", "ru", step=step, option=option)
    return log, session


def test_rows_make_the_same_log_again(parcel):
    log, session = played(parcel, "offer", "refund")
    rows = log.take()
    assert [row.key.split(" ")[0] for row in rows] == ["case", "attempt", "event", "event"]
    again = BrowserLog(Row(*row) for row in json.loads(json.dumps(rows)))
    (record,) = again.attempts()
    assert (record, record.number) == (session.record, 1)
    assert again.events(record.attempt) == log.events(record.attempt)
    assert again.case(record) == parcel and again.case(record).translations == parcel.translations
    assert reopen(again, record).attempt.ending == session.attempt.ending
    assert again.take() == []  # they are committed already


def test_what_was_handed_out_is_handed_out_once(parcel):
    log, session = played(parcel, "offer")
    assert len(log.take()) == 3 and log.take() == []
    log.append(session.record.attempt, 0, Event("choose", "call", option="offer"))  # a retry
    assert log.take() == []
    begin(log, parcel, "Чиж", seed=6)
    assert [row.key for row in log.take()] == ["attempt 2"]  # the case version is there


def test_two_windows_write_the_same_key(parcel):
    """So that a browser, whose keys are unique, refuses the second."""
    log, _ = played(parcel)
    rows = log.take()
    windows = [BrowserLog(rows) for _ in range(2)]
    keys = []
    for window, option in zip(windows, ("offer", "what_is_it"), strict=True):
        session = reopen(window, window.attempts()[0])
        session.do("choose", "ru", step=0, option=option)
        begin(window, parcel, "Чиж")
        keys.append([row.key for row in window.take()])
    assert keys[0] == keys[1]


def test_what_another_window_committed_is_taken_in(parcel):
    log, session = played(parcel, "offer")
    other = BrowserLog(rows := log.take())
    theirs = reopen(other, other.attempts()[0])
    theirs.do("choose", "ru", step=1, option="refund")
    log.restore([*rows, *other.take()])  # what is known already does nothing
    session.catch_up(log.events(session.record.attempt))
    assert session.phase == "over" and len(log.attempts()) == 1
    with pytest.raises(OutOfDate):
        log.append(session.record.attempt, 1, Event("choose", "solve", option="look"))
    assert log.take() == []


def test_a_version_that_is_not_there_is_said(parcel):
    log, _ = played(parcel)
    rows = [row for row in log.take() if not row.key.startswith("case")]
    other = BrowserLog(rows)
    with pytest.raises(TrainkitError, match="no case version"):
        other.case(other.attempts()[0])
