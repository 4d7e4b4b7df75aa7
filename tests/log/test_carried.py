"""A log where SQLite can't work, as in a JupyterLite: brought there whole by every commit, or not confirmed."""

import sqlite3
from contextlib import closing

import pytest

from trainkit.errors import Conflict, NotSaved, TrainkitError
from trainkit.files import casebook
from trainkit.log import carried, store
from trainkit.log.carried import Carried
from trainkit.log.store import Log
from trainkit.session.resume import resume


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """A file in a folder that is treated as JupyterLite's; each log works on a copy of its own, as two kernels do."""
    monkeypatch.setattr(carried, "DRIVE", tmp_path)
    monkeypatch.setattr(carried, "in_browser", lambda: True)
    return tmp_path / "data" / "log.sqlite3"


@pytest.fixture
def case():
    return casebook.load_case("racket_refund")


def play(session):
    session.play(session.attempt.open[:1], "ru")


def rows(file):
    """What stands in the file itself, read as anybody reads it who has downloaded it."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return connection.execute("SELECT count(*) FROM events").fetchone()[0]


def test_each_answer_stands_in_the_file_before_it_is_confirmed(kept, case):
    session = resume(Log(kept), case, "Чиж", seed=7)
    for number in range(1, 4):
        play(session)
        assert rows(kept) == number
    assert [file.name for file in kept.parent.iterdir()] == ["log.sqlite3"]


def test_two_pages_go_on_with_each_others_answers(kept, case):
    one, other = Log(kept), Log(kept)
    here = resume(one, case, "Чиж", seed=7)
    play(here)
    there = resume(other, case, "Чиж")
    assert there.step == here.step and there.record.attempt == here.record.attempt
    play(there)
    assert len(one.events(here.record.attempt)) == rows(kept) == 2
    with pytest.raises(TrainkitError):  # this screen is behind the other
        here.play(here.attempt.open[1:2], "ru")
    assert rows(kept) == 2


def test_what_could_not_be_kept_is_not_confirmed_and_counts_once_when_it_is(kept, case, monkeypatch):
    log = Log(kept)
    session = resume(log, case, "Чиж", seed=7)
    play(session)
    before, choice = kept.read_bytes(), session.attempt.open[:1]

    def full(self, *_how, **_named):
        raise OSError("no room")

    with monkeypatch.context() as broken:
        broken.setattr("pathlib.Path.open", full)
        with pytest.raises(NotSaved):
            session.play(choice, "ru")
    assert kept.read_bytes() == before and len(log.events(session.record.attempt)) == 1
    session.play(choice, "ru")
    assert rows(kept) == len(Log(kept).events(session.record.attempt)) == 2


def test_a_log_that_was_deleted_comes_back_whole(kept, case):
    session = resume(Log(kept), case, "Чиж", seed=7)
    play(session)
    kept.unlink()
    play(session)
    assert rows(kept) == 2


def test_a_log_brought_from_a_computer_is_taken(kept, case, tmp_path):
    """Made there with a write-ahead log, put among the files of the page while it is open."""
    elsewhere = store.Log("sqlite:///" + str(tmp_path.parent / f"{tmp_path.name}.sqlite3"))
    assert elsewhere._carried is None
    session = resume(elsewhere, case, "Чиж", seed=7)
    play(session)
    elsewhere.close()
    page = Log(kept)
    assert page.attempts() == []
    kept.parent.mkdir()
    kept.write_bytes(elsewhere.file.read_bytes())
    assert [record.attempt for record in page.attempts()] == [session.record.attempt]
    play(resume(page, case, "Чиж"))
    assert rows(kept) == 2


def test_the_log_is_among_the_files_of_the_page(kept, monkeypatch):
    monkeypatch.delenv("TRAINKIT_DATABASE", raising=False)
    monkeypatch.setattr(store, "in_browser", lambda: True)
    monkeypatch.setattr(store, "DRIVE", kept.parents[1])
    assert store.default_database() == f"sqlite:///{carried.LOG}" == "sqlite:////drive/data/log.sqlite3"


def test_nothing_is_written_where_nothing_has_changed(kept, case):
    log = Log(kept)
    session = resume(log, case, "Чиж", seed=7)
    play(session)
    written = kept.stat().st_mtime_ns
    log.prepare()
    with pytest.raises(Conflict):
        log.append_all([(session.record.attempt, 0, session.events[0])])
    assert kept.stat().st_mtime_ns == written


def test_files_elsewhere_are_worked_on_where_they_are(kept, tmp_path):
    assert Carried.of(str(tmp_path.parent / "log.sqlite3")) is None and Carried.of(None) is None
    assert Carried.of(str(kept)) is not None
