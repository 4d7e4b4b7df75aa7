"""A run of thousands of events goes on to its end, and its pages stay small."""

import contextlib

import pytest
from support.class_server import walk

from trainkit.errors import Refused
from trainkit.log.memory import MemoryLog
from trainkit.log.records import Event, new_record
from trainkit.log.store import Log
from trainkit.session.session import MOST_EVENTS, Session


def back_and_forth(case, session, upto):
    """Choose and take it back, until there are so many events; what was logged."""
    scene, option = session.attempt.state.place, "offer"
    while session.step < upto:
        session.apply(session.move("choose", "ru", step=session.step, option=option))
        session.apply(Event("back", scene, lang="ru"))
    return session.events


def test_at_the_cap_one_goes_on_to_the_end(parcel):
    log = MemoryLog()
    record = new_record(parcel, "Туда-сюда", 1)
    log.begin(record, parcel)
    session = Session(log, record, parcel, [])
    while session.step < MOST_EVENTS:
        if session.step % 2 == 0:
            session.do("choose", "ru", step=session.step, option="offer")
        else:
            session.do("back", "ru", step=session.step)
    while session.phase != "over":
        session.do("choose", "ru", step=session.step, option=session.attempt.open[-1])
        if session.phase != "over":
            with pytest.raises(Refused, match="only goes on"):
                session.do("back", "ru", step=session.step)
    disagreed = {"number": 0, "text": "Нет"}
    with pytest.raises(Refused, match="only goes on"):
        session.do("disagree", "ru", **disagreed)
    assert session.step == len(log.events(record.attempt)) > MOST_EVENTS


@pytest.mark.slow
def test_a_phone_shows_the_last_part_of_a_run_of_5600_events(room, parcel):
    browser = room.playing("Назадов")
    (run,) = room.attempts("Назадов")
    with contextlib.closing(Log(room.database)) as log:
        (record,) = [one for one in log.attempts() if one.attempt == run["attempt"]]
        events = back_and_forth(parcel, Session(MemoryLog(), record, parcel, []), 5600)
        log.append_all([(record.attempt, step, event) for step, event in enumerate(events)], [])
    talk = browser.get("/talk?lang=ru")
    assert talk.status == 200 and len(talk.body) < 200_000
    assert "только её последняя часть" in talk.words
    page = browser.get("/play")
    assert len(page.body) < 50_000
    browser.press("option", "offer")
    refused = browser.press("back")
    assert refused.status == 422 and "только вперёд" in refused.alert
    walk(browser, lambda options: options[-1], lambda page: None)
    assert browser.page.status == 200 and browser.page.forms and browser.get("/debrief?page=1").status == 200
    assert len(room.events("Назадов")) > 5600
