"""The log: committed before it counts, append-only, resumable, and unhurt by disks and deaths."""

import csv
import itertools
import json
import sqlite3
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa
from support.class_server import at_once
from support.places import ROOT, TEST_CASES

from trainkit.errors import NotSaved, OutOfDate, Refused, TrainkitError, UnknownName
from trainkit.files import casebook, explain
from trainkit.log import schema
from trainkit.log import schema as tables
from trainkit.log.records import Event, Settings, pseudonym
from trainkit.log.store import Log
from trainkit.room.controls import count_controls, load_stage, record_control
from trainkit.room.members import add_member, member_by_secret, members_of
from trainkit.room.secrets import link_of, seat_of
from trainkit.room.workshops import create, parts_of
from trainkit.scoring import attempt, frames
from trainkit.session import history as responses
from trainkit.session.resume import begin, play_again, resume
from trainkit.session.session import Session
from trainkit.simulation import export as synthetic
from trainkit.simulation.personas import PERSONAS


def reopened(session):
    """The same run as another process would see it."""
    log = Log(session.store.url)
    (record,) = [r for r in log.attempts() if r.attempt == session.record.attempt]
    return Session(log, record, log.case(record), log.events(record.attempt))


def test_an_answer_is_on_disk_when_it_shows(store, parcel):
    session = begin(store, parcel, "anna", seed=1)
    session.answer("offer", 0, "ru")
    raw = (
        sqlite3.connect(store._engine.url.database)
        .execute("SELECT step, kind, scene, option, ending FROM events")
        .fetchall()
    )
    assert raw == [(0, "choose", "call", "offer", None)]
    session.answer("refund", 1, "en")
    last = store.events(session.record.attempt)[-1]
    assert last.ending == "content" and last.lang == "en" and last.at.endswith("Z")


def test_durable_settings(store, parcel):
    begin(store, parcel, "anna")
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_the_log_is_append_only(store, parcel):
    session = begin(store, parcel, "anna")
    session.answer("offer", 0, "ru")
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), store._engine.begin() as connection:
        connection.execute(schema.events.update().values(option="refund"))


def test_no_points_in_the_log():
    names = {column.name for table in tables.metadata.tables.values() for column in table.columns}
    assert not names & {"position", "fit", "score", "points", "value", "play", "regret"}


def test_codebook_describes_every_column():
    with (ROOT / "data" / "codebook.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(None not in row and all(row[key] for key in ("label_en", "label_ru", "type", "values")) for row in rows)
    described = [(row["table"], row["variable"]) for row in rows]
    simulated = [("simulated", name) for name in synthetic.COLUMNS[-2:]]
    assert described == [(t.name, c.name) for t in tables.metadata.tables.values() for c in t.columns] + simulated
    assert all(name in rows[-2]["values"] for name in PERSONAS)
    types = {"text": sa.String, "integer": sa.Integer, "boolean": sa.Boolean}
    for row in rows[:-2]:
        column = tables.metadata.tables[row["table"]].columns[row["variable"]]
        assert isinstance(column.type, types[row["type"]]), row


def test_resume_by_participant_and_case(store, parcel):
    session = resume(store, parcel, "anna")
    session.answer("offer", 0, "ru")
    assert resume(store, parcel, "anna").attempt.state == session.attempt.state
    assert resume(store, parcel, "boris").step == 0
    assert resume(store, parcel, "anna", settings=Settings(feedback="end")).step == 0  # another setting, another run
    session.answer("refund", 1, "ru")
    assert resume(store, parcel, "anna").phase == "over"  # its debrief is shown again
    assert resume(store, parcel, "anna", finished=False).step == 0


def test_resume_goes_on_with_the_version_it_began_with(store, parcel, tmp_path):
    session = resume(store, parcel, "anna")
    session.answer("offer", 0, "ru")
    folder = tmp_path / "late_parcel"
    folder.mkdir()
    text = (TEST_CASES / "late_parcel" / "case.yml").read_text("utf-8")
    (folder / "case.yml").write_text(text.replace("Верну деньги сейчас же.", "Другие слова."), "utf-8")
    edited = casebook.load(folder)
    assert edited.hash != parcel.hash
    resumed = resume(store, edited, "anna")
    assert resumed.changed and resumed.case.hash == parcel.hash and resumed.attempt.state.place == "solve"
    assert resumed.case.text("title", "en") == parcel.text("title", "en")  # translations are kept, too
    resumed.answer("look", 1, "ru")
    assert resume(store, edited, "anna", finished=False).case.hash == edited.hash


def test_again_is_another_fate(store, parcel):
    session = begin(store, parcel, "anna", seed=5)
    for n, option in enumerate(["offer", "refund"]):
        session.answer(option, n, "ru")
    for _ in range(10):
        assert play_again(session).attempt.truth != session.attempt.truth


def test_the_same_answer_twice_is_one(store, parcel):
    session = begin(store, parcel, "anna")
    session.answer("offer", 0, "ru")
    session.answer("offer", 0, "ru")  # a retry after a lost confirmation
    assert session.step == 1
    with pytest.raises(OutOfDate):
        session.answer("when_needed", 0, "ru")  # something else from an old screen
    for step in (None, "1", 1.0, True, -1, 10**12):
        with pytest.raises(OutOfDate):
            session.answer("refund", step, "ru")
    assert len(store.events(session.record.attempt)) == 1


def test_two_windows_never_disagree(store, parcel):
    one = begin(store, parcel, "anna")
    two = reopened(one)
    one.answer("offer", 0, "ru")
    with pytest.raises(OutOfDate):
        two.answer("when_needed", 0, "ru")
    assert two.attempt.state == one.attempt.state  # it has caught up
    two.answer("refund", 1, "ru")
    one.answer("refund", 1, "ru")  # the same: harmless
    assert one.attempt.finished and len(store.events(one.record.attempt)) == 2


def test_refused_options_leave_no_trace(store, parcel):
    session = begin(store, parcel, "anna", fixed={"need": "today"})
    session.answer("offer", 0, "ru")
    for option in ("send", "nonsense", "", None, {"a": 1}, "'; DROP TABLE events; --", "x" * 10**6):
        with pytest.raises((Refused, UnknownName)):
            session.answer(option, 1, "ru")
    assert session.step == 1 and len(store.events(session.record.attempt)) == 1
    assert session.attempt.state.place == "solve"


def test_words_why_and_disagreement(store, parcel):
    session = begin(store, parcel, "anna", settings=Settings(own_words=True, ask_why=True))
    assert session.phase == "words"
    with pytest.raises(OutOfDate):
        session.answer("offer", 0, "ru")
    session.say("  Сейчас узнаю!\x00 ", 0, "ru")
    assert session.phase == "choose" and session.events[0].text == "Сейчас узнаю!"
    session.answer("offer", 1, "ru")
    assert session.phase == "why"
    session.explain("", 2, "ru")
    with pytest.raises(Refused, match="reason"):
        session.disagree(0, " ", "ru")
    with pytest.raises(Refused):
        session.disagree(7, "нет", "ru")
    session.disagree(0, "Она спешила", "ru")
    session.disagree(0, "Она спешила", "ru")
    kinds = [event.kind for event in store.events(session.record.attempt)]
    assert kinds == ["words", "choose", "why", "disagree"]
    assert reopened(session).phase == session.phase == "words"


def test_going_back_is_logged_and_can_be_switched_off(store, parcel):
    session = begin(store, parcel, "anna")
    session.answer("offer", 0, "ru")
    session.go_back(1, "ru")
    assert [event.kind for event in store.events(session.record.attempt)] == ["choose", "back"]
    assert reopened(session).attempt.went_back
    strict = begin(store, parcel, "anna", settings=Settings(back=False))
    strict.answer("offer", 0, "ru")
    with pytest.raises(Refused, match="switched off"):
        strict.go_back(1, "ru")


def test_full_disk_and_retry(store, parcel):
    session = begin(store, parcel, "anna")
    session.answer("offer", 0, "ru")
    path = store._engine.url.database
    store.close()

    def limit(connection, _record):  # SQLite's own "database or disk is full"
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    sa.event.listen(store._engine, "connect", limit)
    long = "я" * 2000
    with pytest.raises(NotSaved, match="full"):
        for _ in range(50):
            session.disagree(0, long + str(session.step), "ru") if session.step % 2 else session.disagree(0, long, "ru")
            store.append(session.record.attempt, session.step, Event("disagree", "call", "offer", long * 5))
            session = reopened(session)
            session.store = store
    steps = session.step
    with pytest.raises(NotSaved):
        store.append(session.record.attempt, steps, Event("disagree", "call", "offer", long * 50))
    sa.event.remove(store._engine, "connect", limit)
    store.close()
    fresh = reopened(session)
    fresh.answer("refund", fresh.step, "ru")  # room again: the retry goes through
    assert fresh.attempt.finished
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_read_only_file(store, parcel, tmp_path):
    session = begin(store, parcel, "anna")
    session.answer("offer", 0, "ru")
    store.close()
    readonly = Log(f"sqlite:///file:{store._engine.url.database}?mode=ro&uri=true")
    (record,) = readonly.attempts()
    stuck = Session(readonly, record, parcel, readonly.events(record.attempt))
    with pytest.raises(NotSaved, match="readonly"):
        stuck.answer("refund", 1, "ru")
    assert stuck.step == 1 and not stuck.attempt.finished
    stuck.store = Log(store.url)
    stuck.answer("refund", 1, "ru")
    assert stuck.attempt.finished


def test_a_folder_that_is_not_there(parcel, tmp_path):
    with pytest.raises(NotSaved):
        begin(Log(tmp_path / "no" / "such" / "log.sqlite3"), parcel, "anna")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("=cmd()|' /C calc'!A0", "=cmd()|' /C calc'!A0"),
        ("Роберт'); DROP TABLE attempts;--", "Роберт'); DROP TABLE attempts;--"),
        ("x" * 10_000, "x" * 80),
        ("ann\u202ea\u0000\n\tb", "ann a b"),
        ("   ", "anonymous"),
        ("", "anonymous"),
    ],
)
def test_hostile_pseudonyms_stay_text(store, parcel, name, kept):
    session = resume(store, parcel, name)
    assert session.record.participant == kept == pseudonym(name)
    session.answer("offer", 0, "ru")
    assert resume(store, parcel, name).step == 1


def test_many_writers_lose_nothing(store, parcel):
    sessions = [begin(store, parcel, f"p{n}", seed=n) for n in range(8)]
    times = (
        5 if store.is_sqlite else 20
    )  # SQLite lets those who wait go in no order, and nobody longer than five seconds
    errors = []

    def play(session):
        try:
            for n in range(times):
                session.disagree(0, f"нет {n}", "ru") if n else session.answer("offer", 0, "ru")
        except Exception as error:  # what any thread met is shown below
            errors.append(error)

    threads = [threading.Thread(target=play, args=(session,)) for session in sessions]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not errors
    assert [len(store.events(session.record.attempt)) for session in sessions] == [times] * 8


def test_numbers_of_controls_have_no_gap_and_no_double(store, parcel):
    """However many press at once, on however many servers, each waits his turn.

    SQLite lets those who wait go in no order, and nobody longer than five seconds: so fewer there.
    """
    trainers, times = (4, 6) if store.is_sqlite else (8, 25)
    room = create(store, parts_of([parcel]))
    logs = [Log(store.url) for _ in range(trainers)]

    def press(number):
        for n in range(times):
            record_control(logs[number], room, "scene", f"late_parcel/{number}-{n}")

    assert at_once(press, trainers) == [None] * trainers
    with store.reading() as connection:
        numbers = connection.execute(sa.select(tables.controls.c.number).order_by("number")).scalars().all()
    assert numbers == list(range(trainers * times))
    assert load_stage(store, room)[2] == trainers * times
    [log.close() for log in logs]


def test_a_button_pressed_everywhere_at_once_is_pressed_once(store, parcel):
    room = create(store, parts_of([parcel]))
    logs = [Log(store.url) for _ in range(6)]
    for turn in range(5):
        assert at_once(lambda n: record_control(logs[n], room, "ballot", "late_parcel/offer"), 6) == [None] * 6
        assert load_stage(store, room)[0].ballot.number == turn + 1
        others = at_once(lambda n: record_control(logs[n], room, "ballot", f"late_parcel/{n}"), 6)
        assert [str(one) for one in others] == ["another vote is open"] * 6
        assert at_once(lambda n: record_control(logs[n], room, "ballot"), 6) == [None] * 6
        assert count_controls(store, room) == 2 * (turn + 1)
    with pytest.raises(UnknownName):
        record_control(store, room, "balot")
    [log.close() for log in logs]


def test_who_comes_twice_is_one(store, parcel):
    room, other = (create(store, parts_of([parcel]), places=2) for _ in range(2))
    logs = [Log(store.url) for _ in range(6)]
    keys = [seat_of(one, visit) for one in (room, other) for visit in ("a", "b", "c")]
    assert len(set(keys)) == 6
    came = at_once(lambda n: add_member(logs[n], room, f"Ирис {n}", False, "ru", keys[0]), 6)
    assert len(members_of(store, room)) == 1 and len(set(came)) == 1, came
    member, key = came[0]
    assert member_by_secret(store, room, key) == member_by_secret(store, room, link_of(key)) == member
    assert add_member(store, room, "Клён", False, "ru", keys[1])[0] != member
    with pytest.raises(Refused):
        add_member(store, room, "Ёж", False, "ru", keys[2])
    assert add_member(store, room, "Ирис", False, "ru", key) == came[0], "whoever is in is in, full or not"
    [log.close() for log in logs]


PLAYER = """
import sys
from trainkit.files import casebook
from trainkit.session.resume import begin
from trainkit.log.store import Log
case = casebook.load({folder!r})
log = Log({file!r})
while True:
    session = begin(log, case, "robot")
    for option in ("when_needed", "offer", "look"):
        session.answer(option, session.step, "ru")
        print(session.record.attempt, session.step, flush=True)
"""


def test_kill_9_loses_no_confirmed_answer(tmp_path):
    file = tmp_path / "log.sqlite3"
    confirmed: dict[str, int] = {}
    for killed in range(5):
        code = PLAYER.format(folder=str(TEST_CASES / "late_parcel"), file=str(file))
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for line in itertools.islice(process.stdout, 50 + 7 * killed):
            attempt, step = line.split()
            confirmed[attempt] = int(step)
        process.kill()
        rest = process.stdout.read()  # what it had still printed
        for line in rest.splitlines(keepends=True):
            if line.endswith("\n") and len(line.split()) == 2:
                attempt, step = line.split()
                confirmed[attempt] = int(step)
        process.wait()
        process.stdout.close()
    log = Log(file)
    assert len(confirmed) > 20
    for attempt, step in confirmed.items():
        assert len(log.events(attempt)) >= step
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    half = [record for record in log.attempts() if len(log.events(record.attempt)) < 3]
    for record in half:  # and whoever was in the middle goes on
        session = Session(log, record, log.case(record), log.events(record.attempt))
        assert not session.attempt.finished


def test_rows_of_decisions_from_the_log(store, parcel):
    session = begin(store, parcel, "anna", fixed={"need": "today"})
    for n, option in enumerate(["when_needed", "offer", "send"]):
        session.answer(option, n, "ru")
    rows = responses.decision_rows(store)
    assert [row["option"] for row in rows] == ["when_needed", "send"]
    assert rows[0]["participant"] == "anna" and rows[0]["finished"]
    import pandas as pd

    table = frames.scores(pd.DataFrame(rows))
    assert table["fit"].iloc[0] == pytest.approx(attempt.score(session.attempt).fit)


@pytest.mark.parametrize("ask_why", [False, True])
def test_a_finished_run_keeps_its_debrief_and_play_again_is_found(store, parcel, ask_why):
    settings = Settings(ask_why=ask_why)
    session = resume(store, parcel, "anna", seed=7, settings=settings)
    session.play(["offer", "refund"][:1], "ru")
    session.answer("refund", session.step, "ru")
    assert (
        resume(store, parcel, "anna", seed=7, settings=settings).phase == session.phase
    )  # `why` of the last choice, too
    if ask_why:
        session.explain("так", session.step, "ru")
    more = play_again(session)
    assert more.record.seed != 7
    more.answer("offer", 0, "ru")
    found = resume(store, parcel, "anna", seed=7, settings=settings)
    assert found.record.attempt == more.record.attempt


@pytest.mark.parametrize("kind", ["choose", "why", "words", "back", "disagree"])
def test_every_retry_is_harmless(store, parcel, kind):
    session = begin(store, parcel, "anna", settings=Settings(own_words=kind == "words", ask_why=kind == "why"))
    moves = {
        "choose": lambda step: session.answer("offer", step, "ru"),
        "why": lambda step: session.explain("потому", step, "ru"),
        "words": lambda step: session.say("сам", step, "ru"),
        "back": lambda step: session.go_back(step, "ru"),
        "disagree": lambda _step: session.disagree(0, "нет", "ru"),
    }
    if kind not in ("choose", "words"):
        session.answer("offer", 0, "ru")
    step = session.step
    moves[kind](step)
    moves[kind](step)
    assert session.step == step + 1 == len(store.events(session.record.attempt))


def test_no_disagreement_before_there_is_feedback(store, parcel):
    for feedback in ("none", "end"):
        session = begin(store, parcel, "anna", settings=Settings(feedback=feedback))
        session.answer("offer", 0, "ru")
        with pytest.raises(Refused, match="no feedback"):
            session.disagree(0, "нет", "ru")


def test_own_words_and_reasons_belong_to_their_scene(store, parcel):
    session = begin(store, parcel, "anna", settings=Settings(own_words=True))
    session.say("о звонке", 0, "ru")
    session.answer("offer", 1, "ru")
    session.say("о решении", 2, "ru")
    session.go_back(3, "ru")
    session.answer("offer", 4, "ru")
    session.answer("refund", 5, "ru")
    assert session.own_words() == {0: "о звонке", 2: "о решении"}
    other = begin(store, parcel, "boris", settings=Settings(ask_why=True))
    other.answer("offer", 0, "ru")
    other.explain("первая", 1, "ru")
    other.answer("refund", 2, "ru")
    other.disagree(0, "нет", "ru")
    other.explain("вторая", 4, "ru")
    assert other.reasons() == {0: "первая", 1: "вторая"}


def test_the_log_refuses_gaps_replacements_and_unknown_kinds(store, parcel):
    session = begin(store, parcel, "anna")
    session.answer("offer", 0, "ru")
    with pytest.raises(NotSaved, match="no place for step 7"):
        store.append(session.record.attempt, 7, Event("choose", "call", "offer"))
    with pytest.raises(UnknownName, match='Did you mean "choose"'):
        store.append(session.record.attempt, 1, Event("chose", "call", "offer"))
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), store._engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO events SELECT attempt, step, kind, scene, 'refund', text, ending, lang, at FROM events"
        )


def test_a_translation_that_came_later_is_used_where_the_russian_is_the_same(store, parcel):
    bare = parcel.with_translations({})
    session = resume(store, bare, "anna")
    session.answer("offer", 0, "ru")
    data = json.loads(parcel.source_json) | {"minutes": 9, "role": "Иначе."}
    edited = explain.case_from_data(data).with_translations(parcel.translations)
    resumed = resume(store, edited, "anna")
    assert resumed.changed and resumed.case.hash == parcel.hash
    assert resumed.case.text("title", "en") == parcel.text("title", "en")
    assert resumed.case.text("role", "en") == parcel.text("role", "ru")  # its Russian is another now


def test_what_is_no_log_is_said_in_a_sentence(tmp_path, parcel):
    (tmp_path / "not.sqlite3").write_bytes(b"this is not a database, but it is long enough to be read as one" * 9)
    for place in (tmp_path, tmp_path / "not.sqlite3", "foo://bar", "postgresql+nothing://x/y", "", "://"):
        with pytest.raises(TrainkitError) as caught:
            resume(Log(place), parcel, "anna")
        assert "log" in str(caught.value) or isinstance(caught.value, NotSaved)


OPENER = """
import sys
from trainkit.files import casebook
from trainkit.session.resume import begin
from trainkit.log.store import Log
begin(Log({file!r}), casebook.load({folder!r}), "p" + sys.argv[1])
"""


def test_many_programs_may_begin_a_log_at_once(tmp_path):
    code = OPENER.format(file=str(tmp_path / "log.sqlite3"), folder=str(TEST_CASES / "late_parcel"))
    started = [subprocess.Popen([sys.executable, "-c", code, str(n)], stderr=subprocess.PIPE) for n in range(6)]
    errors = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 6, errors
    assert len(Log(tmp_path / "log.sqlite3").attempts()) == 6


def test_an_attempt_that_cannot_be_replayed_is_left_out_of_the_rows(store, parcel):
    good = begin(store, parcel, "anna")
    good.answer("offer", 0, "ru")
    bad = begin(store, parcel, "boris")
    store.append(bad.record.attempt, 0, Event("choose", "call", "no_such_option"))
    with pytest.warns(UserWarning, match="can't be played on"):
        rows = responses.decision_rows(store)
    assert {row["attempt"] for row in rows} == {good.record.attempt}
    assert resume(store, parcel, "boris").step == 0  # and Boris can play
