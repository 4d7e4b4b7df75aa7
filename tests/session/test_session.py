"""A session over the smallest log: what may be done, what is tried again, and how little it needs."""

import subprocess
import sys
from dataclasses import replace

import pytest
from support.places import ROOT

from trainkit.errors import OutOfDate, Refused, UnknownName
from trainkit.log.memory import MemoryLog
from trainkit.log.records import Event, Settings
from trainkit.session.forms import act
from trainkit.session.resume import begin, reopen


@pytest.fixture
def session(parcel):
    return begin(MemoryLog(), parcel, "anna", seed=1)


def test_a_vote_again_counts_once_a_round(session):
    with pytest.raises(Refused, match="have answered"):
        session.vote("call", 1, "offer", "ru")
    session.do("choose", "ru", step=0, option="offer")
    with pytest.raises(Refused, match="have answered"):
        session.vote("solve", 1, "refund", "ru")
    session.do("choose", "ru", step=1, option="refund")
    with pytest.raises(UnknownName):
        session.vote("solve", 1, "refnd", "ru")
    event = session.vote("solve", 3, "look", "en")
    assert event == Event("revote", "solve", "look", "3", None, "en")
    session.commit(event)
    assert session.vote("solve", 3, "look", "ru") is None  # a retry after a lost confirmation
    with pytest.raises(OutOfDate, match="has been given"):
        session.vote("solve", 3, "refund", "ru")
    assert session.vote("solve", 4, "refund", "ru").text == "4"
    assert session.revotes() == {("solve", 3): "look"} and session.attempt.steps[-1].option == "refund"


def test_only_a_disagreement_is_tried_again(session):
    session.do("choose", "ru", step=0, option="offer")
    other = reopen(session.log, session.record)
    disagreement = other.move("disagree", "ru", number=0, text="нет")
    answer = other.move("choose", "ru", step=1, option="look")
    session.do("choose", "ru", step=1, option="refund")
    assert [*other.steps_for(answer)] == [(1, True)] and [*other.steps_for(disagreement)] == [(1, False), (1, True)]
    other.commit(disagreement)
    assert [event.kind for event in other.events] == ["choose", "choose", "disagree"]
    assert other.attempt == session.attempt
    with pytest.raises(OutOfDate):
        session.commit(replace(answer))
    assert session.step == 3 and [event.kind for event in session.events] == ["choose", "choose", "disagree"]


def test_what_another_reader_took_first_is_taken_once(session):
    event = session.move("choose", "ru", step=0, option="offer")
    session.log.append(session.record.attempt, 0, event)
    session.catch_up(session.log.events(session.record.attempt))
    session.confirm(0, event)
    assert session.step == 1


def test_a_form_plays_on_any_log(parcel):
    session = begin(MemoryLog(), parcel, "anna", settings=Settings(ask_why=True))
    assert act(session, {"option": "offer", "step": "0"}, "ru").error == ""
    assert act(session, {"why": "1", "text": "так", "step": "1"}, "ru").session.phase == "choose"
    assert act(session, {"option": "offer", "step": "7"}, "en").error.startswith("The page had changed meanwhile")


LIGHT = """
import sys
from trainkit.case.frozen import thaw
from trainkit.log.memory import MemoryLog
from trainkit.log.records import Settings
from trainkit.session.forms import act
from trainkit.session.resume import begin, resume
from trainkit.view import render
log, case = MemoryLog(), thaw(sys.stdin.readline(), sys.stdin.readline())
session = begin(log, case, "anna", seed=1)
while session.phase != "over":
    done = act(session, {"option": session.attempt.open[0], "step": session.step}, "ru")
    assert not done.error, done.error
shown = render.exercise_html(resume(log, case, "anna"), "ru")
assert "<section" in shown["debrief"]
heavy = {"sqlalchemy", "alembic", "yaml", "pandas", "pydantic_settings", "starlette", "ipywidgets", "trainkit.log.store"}
print(sorted(heavy & {*sys.modules}), sorted(name for name in sys.modules if name.startswith("trainkit.files")))
"""


def test_playing_needs_neither_a_database_nor_files(parcel):
    """A case that comes as JSON is played to its debrief in a program that has loaded no SQL, no YAML and no tables."""
    frozen = "\n".join((parcel.source_json, parcel.translations_json))
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", LIGHT],
        input=frozen,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[] []"
