"""What every log promises, in memory, in a browser, in SQLite and in PostgreSQL: committed before it counts, once."""

import json
import threading
from dataclasses import replace

import pytest
from support.places import TEST_CASES

from trainkit.errors import NotSaved, OutOfDate, Refused, UnknownName
from trainkit.files import case_errors, casebook
from trainkit.log import history
from trainkit.log.browser import BrowserLog
from trainkit.log.memory import MemoryLog
from trainkit.log.records import Event, Settings, new_record, pseudonym
from trainkit.log.store import Log
from trainkit.room.members import add_member
from trainkit.room.workshops import create, parts_of
from trainkit.scoring import attempt, frames
from trainkit.session.resume import begin, play_again, resume
from trainkit.session.session import Session


@pytest.fixture(params=["memory", "browser", "sqlite", "postgresql"])
def log(request, tmp_path):
    if request.param in ("memory", "browser"):
        yield MemoryLog() if request.param == "memory" else BrowserLog()
        return
    log = Log(tmp_path / "log.sqlite3" if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield log
    log.close()


def reopened(session):
    """The same run as another process would see it."""
    log = session.log if isinstance(session.log, MemoryLog) else Log(session.log.url)
    (record,) = [r for r in log.attempts() if r.attempt == session.record.attempt]
    return Session(log, record, log.case(record), log.events(record.attempt))


def test_resume_by_participant_and_case(log, parcel):
    session = resume(log, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    assert resume(log, parcel, "anna").attempt.state == session.attempt.state
    assert resume(log, parcel, "boris").step == 0
    assert resume(log, parcel, "anna", settings=Settings(feedback="end")).step == 0  # another setting, another run
    session.do("choose", "ru", step=1, option="refund")
    assert resume(log, parcel, "anna").phase == "over"  # its debrief is shown again
    assert resume(log, parcel, "anna", finished=False).step == 0


def test_resume_goes_on_with_the_version_it_began_with(log, parcel, tmp_path):
    session = resume(log, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    folder = tmp_path / "late_parcel"
    folder.mkdir()
    text = (TEST_CASES / "late_parcel" / "case.yml").read_text("utf-8")
    (folder / "case.yml").write_text(text.replace("Верну деньги сейчас же.", "Другие слова."), "utf-8")
    edited = casebook.load_case(folder)
    assert edited.hash != parcel.hash
    resumed = resume(log, edited, "anna")
    assert resumed.changed and resumed.case.hash == parcel.hash and resumed.attempt.state.place == "solve"
    assert resumed.case.text("title", "en") == parcel.text("title", "en")  # translations are kept, too
    resumed.do("choose", "ru", step=1, option="look")
    assert resume(log, edited, "anna", finished=False).case.hash == edited.hash


def test_again_is_another_fate(log, parcel):
    session = begin(log, parcel, "anna", seed=5)
    for n, option in enumerate(["offer", "refund"]):
        session.do("choose", "ru", step=n, option=option)
    for _ in range(10):
        assert play_again(session).attempt.truth != session.attempt.truth


def test_the_same_answer_twice_is_one(log, parcel):
    session = begin(log, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    session.do("choose", "ru", step=0, option="offer")  # a retry after a lost confirmation
    assert session.step == 1
    with pytest.raises(OutOfDate):
        session.do("choose", "ru", step=0, option="when_needed")  # something else from an old screen
    for step in (None, "1", 1.0, True, -1, 10**12):
        with pytest.raises(OutOfDate):
            session.do("choose", "ru", step=step, option="refund")
    assert len(log.events(session.record.attempt)) == 1


def test_two_windows_never_disagree(log, parcel):
    one = begin(log, parcel, "anna")
    two = reopened(one)
    one.do("choose", "ru", step=0, option="offer")
    with pytest.raises(OutOfDate):
        two.do("choose", "ru", step=0, option="when_needed")
    assert two.attempt.state == one.attempt.state  # it has caught up
    two.do("choose", "ru", step=1, option="refund")
    one.do("choose", "ru", step=1, option="refund")  # the same: harmless
    assert one.attempt.finished and len(log.events(one.record.attempt)) == 2


def test_refused_options_leave_no_trace(log, parcel):
    session = begin(log, parcel, "anna", fixed={"need": "today"})
    session.do("choose", "ru", step=0, option="offer")
    for option in ("send", "nonsense", "", None, {"a": 1}, "'; DROP TABLE events; --", "x" * 10**6):
        with pytest.raises((Refused, UnknownName)):
            session.do("choose", "ru", step=1, option=option)
    assert session.step == 1 and len(log.events(session.record.attempt)) == 1
    assert session.attempt.state.place == "solve"


def test_words_why_and_disagreement(log, parcel):
    session = begin(log, parcel, "anna", settings=Settings(own_words=True, ask_why=True))
    assert session.phase == "words"
    with pytest.raises(OutOfDate):
        session.do("choose", "ru", step=0, option="offer")
    session.do("words", "ru", step=0, text="  Сейчас узнаю!\x00 ")
    assert session.phase == "choose" and session.events[0].text == "Сейчас узнаю!"
    session.do("choose", "ru", step=1, option="offer")
    assert session.phase == "why"
    session.do("why", "ru", step=2, text="")
    with pytest.raises(Refused, match="reason"):
        session.do("disagree", "ru", number=0, text=" ")
    with pytest.raises(Refused):
        session.do("disagree", "ru", number=7, text="нет")
    session.do("disagree", "ru", number=0, text="Она спешила")
    session.do("disagree", "ru", number=0, text="Она спешила")
    kinds = [event.kind for event in log.events(session.record.attempt)]
    assert kinds == ["words", "choose", "why", "disagree"]
    assert reopened(session).phase == session.phase == "words"


def test_going_back_is_logged_and_can_be_switched_off(log, parcel):
    session = begin(log, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    session.do("back", "ru", step=1)
    assert [event.kind for event in log.events(session.record.attempt)] == ["choose", "back"]
    assert reopened(session).attempt.went_back
    strict = begin(log, parcel, "anna", settings=Settings(back=False))
    strict.do("choose", "ru", step=0, option="offer")
    with pytest.raises(Refused, match="switched off"):
        strict.do("back", "ru", step=1)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("=cmd()|' /C calc'!A0", "=cmd()|' /C calc'!A0"),
        ("Роберт'); DROP TABLE attempts;--", "Роберт'); DROP TABLE attempts;--"),
        ("x" * 10_000, "x" * 80),
        ("ann\u202ea\u0000\n\tb", "anna b"),
        ("Ан\u00adна И\u0306од\ufeff", "Анна Йод"),
        ("   ", "anonymous"),
        ("", "anonymous"),
    ],
)
def test_hostile_pseudonyms_stay_text(log, parcel, name, kept):
    session = resume(log, parcel, name)
    assert session.record.participant == kept == pseudonym(name)
    session.do("choose", "ru", step=0, option="offer")
    assert resume(log, parcel, name).step == 1


def test_a_name_in_another_spelling_is_the_same_person(log, parcel):
    session = resume(log, parcel, "Йод")
    session.do("choose", "ru", step=0, option="offer")
    for name in ("И\u0306од", "Йо\u00adд", "\u200bЙод\ufeff"):
        assert resume(log, parcel, name).step == 1, ascii(name)


def test_a_name_that_an_older_version_kept_decomposed_is_found(log, parcel):
    old = replace(new_record(parcel, "Йод", 1), participant="И\u0306од")
    log.begin(old, parcel)
    session = resume(log, parcel, "Йод")
    assert session.record.attempt == old.attempt
    for n, option in enumerate(["offer", "refund"]):
        session.do("choose", "ru", step=n, option=option)
    assert play_again(session).record.participant == "Йод" and len(log.attempts("И\u0306од")) == 2


def test_many_writers_lose_nothing(log, parcel):
    sessions = [begin(log, parcel, f"p{n}", seed=n) for n in range(8)]
    # SQLite lets those who wait go in no order, and nobody longer than five seconds
    times = 5 if getattr(log, "is_sqlite", False) else 20
    errors = []

    def play(session):
        try:
            session.do("choose", "ru", step=0, option="offer")
            for n in range(1, times):
                session.do("disagree", "ru", number=0, text=f"нет {n}")
        except Exception as error:  # what any thread met is shown below
            errors.append(error)

    threads = [threading.Thread(target=play, args=(session,)) for session in sessions]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not errors
    assert [len(log.events(session.record.attempt)) for session in sessions] == [times] * 8


def test_rows_of_decisions_from_the_log(log, parcel):
    session = begin(log, parcel, "anna", fixed={"need": "today"})
    for n, option in enumerate(["when_needed", "offer", "send"]):
        session.do("choose", "ru", step=n, option=option)
    rows = history.decision_rows(log)
    assert [row["option"] for row in rows] == ["when_needed", "send"]
    assert rows[0]["participant"] == "anna" and rows[0]["finished"]
    import pandas as pd

    table = frames.scores(pd.DataFrame(rows))
    assert table["fit"].iloc[0] == pytest.approx(attempt.score(session.attempt).fit)


@pytest.mark.parametrize("ask_why", [False, True])
def test_a_finished_run_keeps_its_debrief_and_play_again_is_found(log, parcel, ask_why):
    settings = Settings(ask_why=ask_why)
    session = resume(log, parcel, "anna", seed=7, settings=settings)
    session.play(["offer", "refund"][:1], "ru")
    session.do("choose", "ru", step=session.step, option="refund")
    assert (
        resume(log, parcel, "anna", seed=7, settings=settings).phase == session.phase
    )  # `why` of the last choice, too
    if ask_why:
        session.do("why", "ru", step=session.step, text="так")
    more = play_again(session)
    assert more.record.seed != 7
    more.do("choose", "ru", step=0, option="offer")
    found = resume(log, parcel, "anna", seed=7, settings=settings)
    assert found.record.attempt == more.record.attempt


@pytest.mark.parametrize("kind", ["choose", "why", "words", "back", "disagree"])
def test_every_retry_is_harmless(log, parcel, kind):
    session = begin(log, parcel, "anna", settings=Settings(own_words=kind == "words", ask_why=kind == "why"))
    moves = {
        "choose": lambda step: session.do("choose", "ru", step=step, option="offer"),
        "why": lambda step: session.do("why", "ru", step=step, text="потому"),
        "words": lambda step: session.do("words", "ru", step=step, text="сам"),
        "back": lambda step: session.do("back", "ru", step=step),
        "disagree": lambda _step: session.do("disagree", "ru", number=0, text="нет"),
    }
    if kind not in ("choose", "words"):
        session.do("choose", "ru", step=0, option="offer")
    step = session.step
    moves[kind](step)
    moves[kind](step)
    assert session.step == step + 1 == len(log.events(session.record.attempt))


def test_no_disagreement_before_there_is_feedback(log, parcel):
    for feedback in ("none", "end"):
        session = begin(log, parcel, "anna", settings=Settings(feedback=feedback))
        session.do("choose", "ru", step=0, option="offer")
        with pytest.raises(Refused, match="no feedback"):
            session.do("disagree", "ru", number=0, text="нет")


def test_own_words_and_reasons_belong_to_their_scene(log, parcel):
    session = begin(log, parcel, "anna", settings=Settings(own_words=True))
    session.do("words", "ru", step=0, text="о звонке")
    session.do("choose", "ru", step=1, option="offer")
    session.do("words", "ru", step=2, text="о решении")
    session.do("back", "ru", step=3)
    session.do("choose", "ru", step=4, option="offer")
    session.do("choose", "ru", step=5, option="refund")
    assert session.own_words() == {0: "о звонке", 2: "о решении"}
    other = begin(log, parcel, "boris", settings=Settings(ask_why=True))
    other.do("choose", "ru", step=0, option="offer")
    other.do("why", "ru", step=1, text="первая")
    other.do("choose", "ru", step=2, option="refund")
    other.do("disagree", "ru", number=0, text="нет")
    other.do("why", "ru", step=4, text="вторая")
    assert other.reasons() == {0: "первая", 1: "вторая"}


def test_a_translation_that_came_later_is_used_where_the_russian_is_the_same(log, parcel):
    bare = parcel.with_translations({})
    session = resume(log, bare, "anna")
    session.do("choose", "ru", step=0, option="offer")
    data = json.loads(parcel.source_json) | {"minutes": 9, "role": "Иначе."}
    edited = case_errors.case_from_data(data).with_translations(parcel.translations)
    resumed = resume(log, edited, "anna")
    assert resumed.changed and resumed.case.hash == parcel.hash
    assert resumed.case.text("title", "en") == parcel.text("title", "en")
    assert resumed.case.text("role", "en") == parcel.text("role", "ru")  # its Russian is another now


def test_an_attempt_that_cannot_be_replayed_is_left_out_of_the_rows(log, parcel):
    good = begin(log, parcel, "anna")
    good.do("choose", "ru", step=0, option="offer")
    bad = begin(log, parcel, "boris")
    log.append(bad.record.attempt, 0, Event("choose", "call", "no_such_option"))
    with pytest.warns(UserWarning, match="can't be played on"):
        rows = history.decision_rows(log)
    assert {row["attempt"] for row in rows} == {good.record.attempt}
    assert resume(log, parcel, "boris").step == 0  # and Boris can play


def test_numbers_have_no_gap_and_kinds_are_known(log, parcel):
    session = begin(log, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    with pytest.raises(NotSaved, match="no place for step 7"):
        log.append(session.record.attempt, 7, Event("choose", "call", "offer"))
    with pytest.raises(NotSaved, match="no place for step 0"):
        log.append("0" * 32, 0, Event("choose", "call", "offer"))
    with pytest.raises(UnknownName, match='Did you mean "choose"'):
        log.append(session.record.attempt, 1, Event("chose", "call", "offer"))
    with pytest.raises(OutOfDate):
        log.append(session.record.attempt, 0, Event("choose", "call", "when_needed"))
    log.append(session.record.attempt, 0, Event("choose", "call", "offer"))
    assert len(log.events(session.record.attempt)) == 1 and log.events("0" * 32) == []


def test_one_run_of_a_member_is_begun_once(log, parcel):
    mine = "0" * 32
    if isinstance(log, Log):
        room = create(log, parts_of([parcel]))
        mine = add_member(log, room, "Ирис", False, "ru")[0].member
    for run in (1, 0):  # by number, whatever the clock says
        log.begin(new_record(parcel, "Ирис", run, member=mine, run=run), parcel)
    with pytest.raises(OutOfDate):
        log.begin(new_record(parcel, "Ирис", 2, member=mine, run=0), parcel)
    assert [record.seed for record in log.attempts(member=mine)] == [0, 1]
    assert log.attempts("Ирис") == []  # who plays alone is someone else
    alone = begin(log, parcel, "anna").record
    with pytest.raises(NotSaved):
        log.begin(alone, parcel)


def test_a_beginning_comes_back_as_it_was(log, parcel):
    settings = Settings("end", back=False, own_words=True, ask_why=True)
    record = new_record(parcel, "anna", 2**53 - 1, {"need": "today"}, settings, "scripted")
    log.begin(record, parcel)
    assert log.attempts() == [record] == log.attempts("anna", parcel.id)
    assert log.attempts(case_id="another") == [] == log.attempts("boris")
    assert log.case(record).hash == parcel.hash and log.case(record).translations == parcel.translations


def test_the_table_of_decisions_has_its_types_even_when_it_is_empty(log, parcel):
    empty = history.decisions(log)
    assert len(empty) == 0 and len(frames.scores(empty)) == 0
    session = begin(log, parcel, "anna", fixed={"need": "today"})
    session.play(["when_needed", "offer", "send"], "ru")
    table = history.decisions(log)
    assert dict(table.dtypes) == dict(empty.dtypes) and list(table["option"]) == ["when_needed", "send"]
    assert frames.scores(table).dtypes.to_dict() == frames.scores(empty).dtypes.to_dict()
    assert frames.scores(table)["fit"].iloc[0] == pytest.approx(attempt.score(session.attempt).fit)
    assert table["member"].isna().all() and table["finished"].all()
