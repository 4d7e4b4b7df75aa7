"""What both databases promise beyond the contract of every log: nothing is changed, and rooms are counted under a lock."""

import pytest
import sqlalchemy as sa
from support.class_server import at_once

from trainkit.errors import Refused, UnknownName
from trainkit.log import schema
from trainkit.log.store import Log
from trainkit.room.controls import count_controls, load_stage, record_control
from trainkit.room.members import add_member, member_by_secret, members_of
from trainkit.room.secrets import link_of, seat_of
from trainkit.room.workshops import create, parts_of
from trainkit.session.resume import begin


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    log = Log(tmp_path / "log.sqlite3" if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield log
    log.close()


def test_the_log_is_append_only(log, parcel):
    session = begin(log, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), log._engine.begin() as connection:
        connection.execute(schema.events.update().values(option="refund"))


def test_numbers_of_controls_have_no_gap_and_no_double(log, parcel):
    """However many press at once, on however many servers, each waits their turn.

    SQLite lets those who wait go in no order, and nobody longer than five seconds: so fewer there.
    """
    trainers, times = (4, 6) if log.is_sqlite else (8, 25)
    room = create(log, parts_of([parcel]))
    logs = [Log(log.url) for _ in range(trainers)]

    def press(number):
        for n in range(times):
            record_control(logs[number], room, "scene", f"late_parcel/{number}-{n}")

    assert at_once(press, trainers) == [None] * trainers
    with log.reading() as connection:
        numbers = connection.execute(sa.select(schema.controls.c.number).order_by("number")).scalars().all()
    assert numbers == list(range(trainers * times))
    assert load_stage(log, room)[2] == trainers * times
    [log.close() for log in logs]


def test_a_button_pressed_everywhere_at_once_is_pressed_once(log, parcel):
    room = create(log, parts_of([parcel]))
    logs = [Log(log.url) for _ in range(6)]
    for turn in range(5):
        assert at_once(lambda n: record_control(logs[n], room, "ballot", "late_parcel/offer"), 6) == [None] * 6
        assert load_stage(log, room)[0].ballot.number == turn + 1
        others = at_once(lambda n: record_control(logs[n], room, "ballot", f"late_parcel/{n}"), 6)
        assert [str(one) for one in others] == ["another vote is open"] * 6
        assert at_once(lambda n: record_control(logs[n], room, "ballot"), 6) == [None] * 6
        assert count_controls(log, room) == 2 * (turn + 1)
    with pytest.raises(UnknownName):
        record_control(log, room, "balot")
    [log.close() for log in logs]


def test_who_comes_twice_is_one(log, parcel):
    room, other = (create(log, parts_of([parcel]), places=2) for _ in range(2))
    logs = [Log(log.url) for _ in range(6)]
    keys = [seat_of(one, visit) for one in (room, other) for visit in ("a", "b", "c")]
    assert len(set(keys)) == 6
    came = at_once(lambda n: add_member(logs[n], room, f"Ирис {n}", False, "ru", keys[0]), 6)
    assert len(members_of(log, room)) == 1 and len(set(came)) == 1, came
    member, key = came[0]
    assert member_by_secret(log, room, key) == member_by_secret(log, room, link_of(key)) == member
    assert add_member(log, room, "Клён", False, "ru", keys[1])[0] != member
    with pytest.raises(Refused):
        add_member(log, room, "Ёж", False, "ru", keys[2])
    assert add_member(log, room, "Ирис", False, "ru", key) == came[0], "whoever is in is in, full or not"
    [log.close() for log in logs]
