"""The log: committed before it counts, append-only, resumable, and unhurt by disks and deaths."""

import csv
import itertools
import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa
from support.places import ROOT, TEST_CASES

from trainkit.bulk.runs import PLAYED
from trainkit.errors import NotSaved, TrainkitError, UnknownName
from trainkit.log import schema as tables
from trainkit.log.records import Event
from trainkit.log.store import Log
from trainkit.scoring.formulas import FORMULAS
from trainkit.scoring.interval_expressions import SCALES
from trainkit.session.resume import begin, resume
from trainkit.session.session import Session
from trainkit.simulation import export as synthetic
from trainkit.simulation.personas import PERSONAS


def reopened(session):
    """The same run as another process would see it."""
    log = Log(session.log.url)
    (record,) = [r for r in log.attempts() if r.attempt == session.record.attempt]
    return Session(log, record, log.case(record), log.events(record.attempt))


def test_an_answer_is_on_disk_when_it_shows(store, parcel):
    session = begin(store, parcel, "anna", seed=1)
    session.do("choose", "ru", step=0, option="offer")
    raw = (
        sqlite3.connect(store._engine.url.database)
        .execute("SELECT step, kind, scene, option, ending FROM events")
        .fetchall()
    )
    assert raw == [(0, "choose", "call", "offer", None)]
    session.do("choose", "en", step=1, option="refund")
    last = store.events(session.record.attempt)[-1]
    assert last.ending == "content" and last.lang == "en" and last.at.endswith("Z")


def test_durable_settings(store, parcel):
    begin(store, parcel, "anna")
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_no_points_in_the_log():
    names = {column.name for table in tables.metadata.tables.values() for column in table.columns}
    assert not names & {"position", "fit", "score", "points", "value", "play", "regret"}


def test_codebook_describes_every_column():
    with (ROOT / "data" / "codebook.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(None not in row and all(row[key] for key in ("label_en", "label_ru", "type", "values")) for row in rows)
    described = [(row["table"], row["variable"]) for row in rows]
    simulated = [("simulated", name) for name in synthetic.ADDED]
    bounds = [f"{name}_{side}" for name in SCALES for side in ("low", "high")]
    scores = (
        "attempt",
        "decisions",
        *FORMULAS,
        *bounds,
        "set_aside",
        *PLAYED[1:],
    )  # of trainkit.scores and trainkit score
    scored = [("scores", name) for name in scores]
    logged = [(t.name, c.name) for t in tables.metadata.tables.values() for c in t.columns]
    assert described == logged + simulated + scored
    assert all(name in next(row for row in rows if row["variable"] == "persona")["values"] for name in PERSONAS)
    types = {"text": sa.String, "integer": sa.Integer, "boolean": sa.Boolean}
    for row in rows[: len(logged)]:
        column = tables.metadata.tables[row["table"]].columns[row["variable"]]
        assert isinstance(column.type, types[row["type"]]), row


def test_full_disk_and_retry(store, parcel):
    session = begin(store, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    path = store._engine.url.database
    store.close()

    def limit(connection, _record):  # SQLite's own "database or disk is full"
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    sa.event.listen(store._engine, "connect", limit)
    long = "я" * 2000
    with pytest.raises(NotSaved, match="full"):
        for _ in range(50):
            text = long + str(session.step) if session.step % 2 else long
            session.do("disagree", "ru", number=0, text=text)
            store.append(session.record.attempt, session.step, Event("disagree", "call", "offer", long * 5))
            session = reopened(session)
            session.log = store
    steps = session.step
    with pytest.raises(NotSaved):
        store.append(session.record.attempt, steps, Event("disagree", "call", "offer", long * 50))
    sa.event.remove(store._engine, "connect", limit)
    store.close()
    fresh = reopened(session)
    fresh.do("choose", "ru", step=fresh.step, option="refund")  # room again: the retry goes through
    assert fresh.attempt.finished
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_read_only_file(store, parcel, tmp_path):
    session = begin(store, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    store.close()
    readonly = Log(f"sqlite:///file:{store._engine.url.database}?mode=ro&uri=true")
    (record,) = readonly.attempts()
    stuck = Session(readonly, record, parcel, readonly.events(record.attempt))
    with pytest.raises(NotSaved, match="readonly"):
        stuck.do("choose", "ru", step=1, option="refund")
    assert stuck.step == 1 and not stuck.attempt.finished
    stuck.log = Log(store.url)
    stuck.do("choose", "ru", step=1, option="refund")
    assert stuck.attempt.finished


def test_a_folder_that_is_not_there(parcel, tmp_path):
    with pytest.raises(NotSaved):
        begin(Log(tmp_path / "no" / "such" / "log.sqlite3"), parcel, "anna")


PLAYER = """
import sys
from trainkit.files import casebook
from trainkit.session.resume import begin
from trainkit.log.store import Log
case = casebook.load_case({folder!r})
log = Log({file!r})
while True:
    session = begin(log, case, "robot")
    for option in ("when_needed", "offer", "look"):
        session.do("choose", "ru", step=session.step, option=option)
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


def test_the_log_refuses_gaps_replacements_and_unknown_kinds(store, parcel):
    session = begin(store, parcel, "anna")
    session.do("choose", "ru", step=0, option="offer")
    with pytest.raises(NotSaved, match="no place for step 7"):
        store.append(session.record.attempt, 7, Event("choose", "call", "offer"))
    with pytest.raises(UnknownName, match='Did you mean "choose"'):
        store.append(session.record.attempt, 1, Event("chose", "call", "offer"))
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), store._engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO events SELECT attempt, step, kind, scene, 'refund', text, ending, lang, at FROM events"
        )


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
begin(Log({file!r}), casebook.load_case({folder!r}), "p" + sys.argv[1])
"""


@pytest.mark.slow
def test_many_programs_may_begin_a_log_at_once(tmp_path):
    code = OPENER.format(file=str(tmp_path / "log.sqlite3"), folder=str(TEST_CASES / "late_parcel"))
    started = [subprocess.Popen([sys.executable, "-c", code, str(n)], stderr=subprocess.PIPE) for n in range(6)]
    errors = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 6, errors
    assert len(Log(tmp_path / "log.sqlite3").attempts()) == 6
