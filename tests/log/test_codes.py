"""Codes of own words, in SQLite and PostgreSQL: committed, replaced by newer ones in reading, never changed."""

import threading
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from support.own_words import SAID, spoken

from trainkit.errors import Conflict, NotSaved
from trainkit.log.codes import COLUMNS, add_code, coded, heard_before, written
from trainkit.log.records import Settings, new_record
from trainkit.log.store import Log
from trainkit.room.members import add_member
from trainkit.room.workshops import create, parts_of
from trainkit.session.session import Session


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    log = Log(tmp_path / "log.sqlite3" if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield spoken(log)
    log.close()


def test_texts_are_people_s_own_words_in_an_order_that_tells_nothing(log):
    texts = written(log)
    assert sorted(one.text for one in texts) == sorted(text for pair in SAID.values() for text in pair if text)
    assert [one.text for one in texts] == [one.text for one in written(log)]  # the same for every coder
    assert "Не человек" in [one.text for one in written(log, origins=("person", "scripted"))]
    assert written(log, "racket_refund") == [] and len(written(log, "late_parcel")) == 6
    assert {one.lang for one in texts} == {"ru", "en"}


def test_texts_of_a_workshop(log, parcel):
    room = create(log, parts_of([parcel]))
    assert written(log, code=room.code) == []
    member, *_ = add_member(log, room, "Ива", False, "ru")
    record = new_record(parcel, "Ива", 1, settings=Settings(own_words=True), member=member.member, run=0)
    log.begin(record, parcel)
    Session(log, record, parcel, []).do("words", "ru", step=0, text="Из зала")
    assert [one.text for one in written(log, code=room.code)] == ["Из зала"] and len(written(log)) == 7


def test_what_was_heard_before_is_no_more_than_that(log):
    by_text = {one.text: one for one in written(log)}
    first = heard_before(log, by_text[SAID["Анна"][0]], "ru")
    second = heard_before(log, by_text[SAID["Анна"][1]], "ru")
    assert first and len(second) > len(first) and second[: len(first)] == first
    assert not any(line.speaker in ("Вы", "You") for line in second)  # a coder is blind to the replies
    assert heard_before(log, by_text["Sure, I’ll do that."], "en") != heard_before(
        log, by_text["Sure, I’ll do that."], "ru"
    )


def test_the_newest_code_of_each_coder_counts_and_history_stays(log):
    one, two, *_ = written(log)
    for coder, code in (("anna", "off"), ("boris", "middle"), ("anna", "centric")):
        add_code(log, one, "sides", coder, code)
    add_code(log, two, "sides", "anna", "off")
    add_code(log, two, "sides", "anna", None)
    add_code(log, one, "tone", "anna", "rude")
    again = Log(log.url)  # as another process has it
    found = coded(again, "sides")
    assert sorted(zip(found["coder"], found["code"], strict=True)) == [("anna", "centric"), ("boris", "middle")]
    assert coded(again, "sides", "anna")["number"].tolist() == [1] and len(coded(again)) == 3
    history = coded(again, "sides", "anna", history=True)
    mine = history[history["attempt"].eq(two.attempt) & history["step"].eq(two.step)]
    assert mine["code"].tolist() == ["off", None] and len(history) == 4
    again.close()


def test_the_database_refuses_changed_codes(log):
    one, *_ = written(log)
    add_code(log, one, "sides", "anna", "off")
    for statement in ("UPDATE codes SET code = 'centric'", "UPDATE codes SET number = 5"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), log._engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with pytest.raises(NotSaved):  # words that nobody has written
        add_code(log, one._replace(step=99), "sides", "anna", "off")
    assert coded(log)["code"].tolist() == ["off"]


def test_two_windows_of_one_coder(log):
    """Both code the same text at the same time: every code is kept, numbered without a gap."""
    one, *_ = written(log)
    failed = []

    def window(code):
        mine = Log(log.url)
        for _ in range(10):
            try:
                add_code(mine, one, "sides", "anna", code)
            except NotSaved as error:  # as often as the other was faster
                failed.append(str(error))
        mine.close()

    threads = [threading.Thread(target=window, args=(code,)) for code in ("off", "middle")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = coded(log, history=True)
    assert history["number"].tolist() == list(range(20 - len(failed))) and set(history["code"]) == {"off", "middle"}
    assert all("in another window, too" in said for said in failed)
    if log.url.startswith("sqlite"):
        assert failed == []


def test_who_is_never_fast_enough_is_told(log, monkeypatch):
    one, *_ = written(log)

    @contextmanager
    def taken():
        raise Conflict("a row stands there already")
        yield

    monkeypatch.setattr(log, "writing", taken)
    with pytest.raises(NotSaved, match="this coder codes in another window, too"):
        add_code(log, one, "sides", "anna", "off")


def test_nothing_is_there_in_a_log_that_is_not(tmp_path):
    log = Log(tmp_path / "none.sqlite3")
    assert written(log) == [] and coded(log).empty and not log.exists
    assert coded(log).columns.tolist() == list(COLUMNS)
