"""What both databases promise beyond the contract of every log: nothing is changed, and rooms are counted under a lock."""

import pytest
import sqlalchemy as sa
from support.class_server import at_once

from trainkit.errors import NotSaved, Refused, UnknownName
from trainkit.log import schema
from trainkit.log.store import Log
from trainkit.room.controls import count_controls, load_stage, record_control
from trainkit.room.members import add_member, member_by_secret, members_of
from trainkit.room.questions import (
    all_questions,
    ask,
    is_asked,
    question_counts,
    question_id,
    question_words,
    upvote,
    voted,
    voter_of,
)
from trainkit.room.records import MAX_QUESTION
from trainkit.room.secrets import hashed, link_of, seat_of
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


# ---- questions without a name ---------------------------------------------------------------------------------------


def test_a_question_is_asked_once_and_a_vote_counts_once(log, parcel):
    room, other = (create(log, parts_of([parcel])) for _ in range(2))
    logs = [Log(log.url) for _ in range(6)]
    assert at_once(lambda n: ask(logs[n], room, "a" * 32, "Почему?", "ru", moderated=True), 6) == [1] * 6
    numbers = at_once(lambda n: ask(logs[n], room, f"{n}" * 32, "Почему?", "ru", moderated=True), 6)
    assert sorted(numbers) == [2, 3, 4, 5, 6, 7], "numbers have no gap and no double"
    assert ask(log, other, "b" * 32, "А здесь?", "ru", moderated=True) == 1
    assert at_once(lambda n: upvote(logs[n], "a" * 32, "v" * 64), 6) == [None] * 6
    upvote(log, "a" * 32, "w" * 64)
    with pytest.raises(NotSaved):
        upvote(log, "c" * 32, "v" * 64)  # a question that nobody asked
    assert is_asked(log, "a" * 32) and not is_asked(log, "c" * 32)
    assert voted(log, ["v" * 64, "x" * 64]) == {"a" * 32} and voted(log, []) == set()
    assert question_counts(log, room) == (7, 2) and question_counts(log, other) == (1, 0)
    assert [(one.number, one.votes, one.state) for one in all_questions(log, room)][:2] == [
        (1, 2, "new"),
        (2, 0, "new"),
    ]
    [log.close() for log in logs]


def test_what_becomes_of_a_question_is_a_control(log, parcel):
    room = create(log, parts_of([parcel]))
    for n in range(1, 4):
        ask(log, room, f"{n}" * 32, f"Вопрос {n}", "ru", moderated=n < 3)

    def states():
        return [one.state for one in all_questions(log, room)]

    assert states() == ["new", "new", "shown"], "unmoderated, the room sees it at once"
    with log.reading() as connection:
        times = [*connection.execute(sa.select(schema.questions.c.at)).scalars()]
        times += connection.execute(sa.select(schema.controls.c.at)).scalars()
    assert {len(time) for time in times} == {len("2026-11-29T12:00Z")}, "nobody is known by the second"
    for setting, wanted in (
        ("1 wall", ["wall", "new", "shown"]),
        ("3 wall", ["shown", "new", "wall"]),  # one at a time
        ("2 hidden", ["shown", "hidden", "wall"]),
        ("3 answered", ["shown", "hidden", "answered"]),
        ("2 shown", ["shown", "shown", "answered"]),
        ("1 hidden", ["hidden", "shown", "answered"]),
    ):
        record_control(log, room, "question", setting)
        assert states() == wanted, setting
    assert load_stage(log, room)[0].handled == 7
    record_control(log, room, "scene", "x" * 1000)  # what is set may be long


def test_a_room_has_at_most_five_hundred_questions(log, parcel, monkeypatch):
    monkeypatch.setattr("trainkit.room.questions.MOST", 3)
    room = create(log, parts_of([parcel]))
    for n in range(3):
        ask(log, room, f"{n}" * 32, "Почему?", "ru", moderated=True)
    with pytest.raises(Refused, match="at most 3 questions"):
        ask(log, room, "9" * 32, "Почему?", "ru", moderated=True)
    assert ask(log, room, "1" * 32, "Почему?", "ru", moderated=True) == 2, "what is in is in"


def test_nothing_in_the_log_leads_from_a_question_to_who_asked(log, parcel):
    room = create(log, parts_of([parcel]))
    member, key = add_member(log, room, "Ирис", False, "ru")
    question, link = question_id(key, "visit", "Почему?"), link_of(key)
    ask(log, room, question, "Почему?", "ru", moderated=True)
    upvote(log, question, voter_of(link, question))
    with log.reading() as connection:
        of_people = [str(value) for row in connection.execute(sa.select(schema.members)) for value in row]
        of_questions = [
            str(value)
            for table in (schema.questions, schema.upvotes)
            for row in connection.execute(sa.select(table))
            for value in row
        ]
    secrets = {key, link, hashed(key), hashed(link), member.member, member.name}
    known = {*of_people, room.workshop}
    assert not secrets & {*of_questions} and {*of_questions} & known <= {room.workshop, "ru", "1"}
    made = {question_id(one, "visit", "Почему?") for one in known} | {voter_of(one, question) for one in known}
    assert not made & {*of_questions}, "nor is it made from what the log has"


def test_the_words_of_a_question_are_one_paragraph():
    assert question_words("  Почему\r\n\tникто \u202e не  спросил?\x00 ") == "Почему никто не спросил?"
    assert len(question_words("я" * 5000)) > MAX_QUESTION
