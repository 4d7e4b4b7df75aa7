"""Responses as tables: the log's decisions, whatever is in it; nobody told who may not be; whole folders or none."""

import csv
import json
import os
import signal
import subprocess
import sys

import frictionless
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from support.logs import filled

from trainkit.cli.main import main
from trainkit.errors import TrainkitError
from trainkit.exchange import log_tables
from trainkit.exchange.columns import TABLES, codebook, columns, schema
from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading, Wanted
from trainkit.log import schema as log_schema
from trainkit.log.store import Log
from trainkit.room.workshops import all_workshops


@pytest.fixture
def full(tmp_path):
    log = filled(Log(tmp_path / "log.sqlite3"))
    yield log
    log.close()


def tables_of(log, wanted=None):
    parts = {name: [] for name in TABLES}
    for batch in Reading(log, wanted).batches():
        for name, table in batch.tables.items():
            parts[name].append(table.to_pandas())
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def test_decisions_are_those_of_the_log(full):
    """The same rows as replaying attempt by attempt gives, in the order in which attempts were begun."""
    found, expected = tables_of(full)["decisions"], full.decisions()
    shared = [name for name in found if name in expected]
    assert len(found) == len(expected) > 60 and len(shared) > 18
    pd.testing.assert_frame_equal(found[shared], expected[shared], check_dtype=False)
    assert found["went_back"].any() and not found["finished"].all()
    for _, mine in found.groupby("attempt"):
        assert mine["number"].tolist() == list(range(1, len(mine) + 1))


def test_attempts_and_events_are_the_logs_own(full):
    found = tables_of(full)
    with full.reading() as connection:
        a, e = log_schema.attempts, log_schema.events
        query = sa.select(e).join(a, a.c.attempt == e.c.attempt).order_by(a.c.number, a.c.attempt, e.c.step)
        events = pd.read_sql(query, connection)
    plain = ["attempt", "step", "kind", "scene", "option", "text", "ending", "lang"]
    pd.testing.assert_frame_equal(found["events"][plain], events[plain], check_dtype=False)
    attempts = found["attempts"]
    assert attempts["attempt"].tolist() == [record.attempt for record in full.attempts()]
    counts = found["events"].groupby("attempt").size()
    assert (attempts.set_index("attempt")["events"].loc[counts.index] == counts).all()
    assert attempts["decisions"].sum() == len(found["decisions"])
    assert (attempts["ending"].notna() == attempts["finished"]).all()


def test_times_are_what_was_logged(full):
    found = tables_of(full)
    lone = found["attempts"].loc[found["attempts"]["workshop"].isna(), "attempt"]
    (first, *_) = [one for one in lone if (found["decisions"]["attempt"] == one).any()]
    decision = found["decisions"].query("attempt == @first").iloc[0]
    events = full.events(first)
    (number, made) = next((n, e) for n, e in enumerate(events) if e.kind == "choose" and e.scene == decision["scene"])
    before = events[number - 1].at if number else next(r for r in full.attempts() if r.attempt == first).started_at
    assert decision["at"] == pd.Timestamp(made.at)
    assert decision["seconds"] == pytest.approx(
        (pd.Timestamp(made.at) - pd.Timestamp(before)).total_seconds(), abs=1e-6
    )


def test_people_are_people_and_anonymous_rooms_have_no_names(full):
    found = tables_of(full)
    people, attempts = found["people"], found["attempts"]
    assert set(attempts["person"]) == set(people["person"]) and people["person"].is_unique
    lone = people[people["workshop"].isna()]
    assert lone["participant"].tolist() == ["Анна", "=cmd", "Борис"]  # who plays twice is one person
    open_, anonymous = [mine for _, mine in people[people["workshop"].notna()].groupby("workshop", sort=False)]
    assert open_["participant"].tolist() == ["Соечка", "Двое", "Тролль"]  # two phones joined, renamed, told apart
    assert open_["removed"].tolist() == [False, False, True] and open_["pair"].tolist() == [False, True, False]
    assert set(open_["team"].dropna()) <= {"Дуб", "Ясень"} and open_["team"].notna().any()
    assert anonymous["participant"].isna().all() and len(anonymous) == 4
    hidden = attempts["workshop"] == anonymous["workshop"].iloc[0]
    of_hidden = found["events"]["attempt"].isin(attempts.loc[hidden, "attempt"])
    assert (found["events"].loc[of_hidden, "at"].dt.second == 0).all() and of_hidden.any()
    assert (found["events"].loc[of_hidden, "at"].dt.microsecond == 0).all()
    assert not (found["events"].loc[~of_hidden, "at"].dt.microsecond == 0).all()
    assert (
        found["decisions"]
        .loc[found["decisions"]["attempt"].isin(attempts.loc[hidden, "attempt"]), "seconds"]
        .isna()
        .all()
    )
    with full.reading() as connection:
        members = connection.execute(sa.select(log_schema.members.c.member)).scalars().all()
    written = "".join(frame.to_csv() for frame in found.values())
    assert not any(member in written for member in members)  # nothing leads back to the log's own ids


def test_no_names(full):
    assert tables_of(full, Wanted(names=False))["people"]["participant"].isna().all()


def test_batches_make_no_difference(full, monkeypatch):
    whole = tables_of(full)
    monkeypatch.setattr(log_tables, "ROWS", 7)
    for name, table in tables_of(full).items():
        pd.testing.assert_frame_equal(table, whole[name], check_dtype=False)


def test_one_workshop_and_no_synthetic(full, tmp_path):
    (room, _) = all_workshops(full)
    only = tables_of(full, Wanted(workshop=room))
    assert set(only["attempts"]["workshop"]) == {room.workshop} and len(only["attempts"]) == 8
    main(["simulate", "racket_refund", "-n", "2", "-o", str(tmp_path / "s.sqlite3")])
    simulated = Log(tmp_path / "s.sqlite3")
    assert Reading(simulated).count() == (0, 26) and len(list(Reading(simulated).batches())) == 0
    assert set(tables_of(simulated, Wanted(synthetic=True))["decisions"]["origin"]) == {"synthetic"}
    simulated.close()


def test_an_attempt_that_cannot_be_replayed_is_told_and_kept(full):
    with full.writing() as connection:
        for (statement,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.exec_driver_sql(f"DROP TRIGGER {statement}")
        first = full.attempts()[0].attempt
        connection.execute(
            sa.update(log_schema.events)
            .where(log_schema.events.c.attempt == first, log_schema.events.c.kind == "choose")
            .values(option="nonsense")
        )
    reading = Reading(full)
    rows = [batch.tables for batch in reading.batches()]
    row = rows[0]["attempts"].to_pandas().iloc[0]
    assert row["attempt"] == first and pd.isna(row["decisions"]) and not row["finished"] and row["events"] > 0
    assert sum(reading.paths.unplayable.values()) == 1 and 'unknown option "nonsense"' in " ".join(
        reading.paths.unplayable
    )


# ---- the folder -------------------------------------------------------------------------------------------------


def test_the_folder_is_a_valid_data_package(full, tmp_path):
    done = export_folder(Reading(full), tmp_path / "out")
    found = sorted(file.name for file in done.folder.iterdir())
    assert found == sorted(
        [
            *(f"{t}.{s}" for t in TABLES for s in ("csv", "parquet")),
            "cases.parquet",
            "translations.parquet",
            "codes.parquet",
            "codebook.csv",
            "datapackage.json",
        ]
    )
    report = frictionless.validate(str(done.folder / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])
    assert {task.name: task.stats["rows"] for task in report.tasks} == done.rows
    assert (done.folder / "codebook.csv").read_text("utf-8-sig") == codebook()


def test_csv_and_parquet_say_the_same(full, tmp_path):
    folder = export_folder(Reading(full), tmp_path / "out").folder
    for name in TABLES:
        assert pq.read_schema(folder / f"{name}.parquet").equals(schema(name))
        parquet = pl.read_parquet(folder / f"{name}.parquet")
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [*rows[0]] == [one.name for one in columns(name)] and len(rows) == len(parquet)
        for one in columns(name):
            for text, value in zip((row[one.name] for row in rows), parquet[one.name], strict=True):
                if value is None:
                    assert text == ""
                elif one.kind == "time":
                    assert text.endswith("Z") and "T" in text and pd.Timestamp(text) == pd.Timestamp(value)
                elif one.kind == "number":
                    assert float(text) == value
                elif one.kind == "text":
                    assert text in (value, f"'{value}")
                else:
                    assert text == str(value).lower()


def test_nothing_in_a_csv_is_a_formula(full, tmp_path):
    folder = export_folder(Reading(full), tmp_path / "out").folder
    texts = {row["text"] for row in csv.DictReader((folder / "events.csv").open(encoding="utf-8-sig", newline=""))}
    assert "'=1+1" in texts and "'-потому что" in texts and "''так'" in texts and "Ну\nздравствуйте" in texts
    people = {
        row["participant"] for row in csv.DictReader((folder / "people.csv").open(encoding="utf-8-sig", newline=""))
    }
    assert "'=cmd" in people
    for file in folder.glob("*.csv"):
        for row in csv.reader(file.open(encoding="utf-8-sig", newline="")):
            for cell in row:
                number = cell[:1] == "-" and cell[1:].replace(".", "").replace("e-", "").isdigit()
                assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r") or number, (file.name, cell)


def test_a_folder_that_will_not_do(full, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "notes.txt").write_text("mine")
    with pytest.raises(TrainkitError, match="has something in it"):
        export_folder(Reading(full), tmp_path / "there")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TrainkitError, match="is a file"):
        export_folder(Reading(full), tmp_path / "file")
    (tmp_path / "empty").mkdir()
    assert export_folder(Reading(full), tmp_path / "empty").rows["attempts"] > 0


def test_what_goes_wrong_in_the_middle_leaves_nothing(full, tmp_path, monkeypatch):
    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("trainkit.exchange.folder._write_versions", full_disk)
    with pytest.raises(TrainkitError, match="No space left"):
        export_folder(Reading(full), tmp_path / "out")
    assert sorted(os.listdir(tmp_path)) == ["log.sqlite3", "log.sqlite3-shm", "log.sqlite3-wal"]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limit on the size of a file here")
def test_a_disk_that_is_full_in_the_middle_leaves_nothing(full, tmp_path):
    """A real limit on what can be written: whichever table or workbook meets it, one sentence and nothing left."""
    whole = export_folder(Reading(full), tmp_path / "whole", statements="https://example.org").folder
    full.close()
    sizes = sorted(
        file.stat().st_size for file in whole.iterdir() if file.stat().st_size > 34_000
    )  # SQLite needs 32,768
    assert len(sizes) > 1
    for limit in (sizes[0] - 1, sizes[-1] - 1):
        work = tmp_path / str(limit)
        work.mkdir()
        code = (
            "import resource, sys; from trainkit.cli.main import main; "
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY)); sys.exit(main(sys.argv[1:]))"
        )
        command = [sys.executable, "-c", code, "export", "--lang", "en", "--xapi", "-o", work / "out"]
        done = subprocess.run(
            [*command, "--database", tmp_path / "log.sqlite3"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2 and "can't be written: File too large" in done.stderr, (limit, done.stderr)
        assert "Traceback" not in done.stderr and list(work.iterdir()) == []
    assert Log(tmp_path / "log.sqlite3").attempts()


def test_an_empty_log_is_an_empty_package(tmp_path):
    log = Log(tmp_path / "none.sqlite3")
    done = export_folder(Reading(log), tmp_path / "out")
    assert set(done.rows.values()) == {0} and not (tmp_path / "none.sqlite3").exists()
    assert frictionless.validate(str(done.folder / "datapackage.json")).valid
    assert json.loads((done.folder / "datapackage.json").read_text("utf-8"))["trainkit"]["attempts"] == 0


def test_on_postgres_it_is_the_same(full, postgres_url, tmp_path):
    """The same people, played once more into PostgreSQL: other ids and times, the same decisions."""
    there = filled(Log(postgres_url))
    a, b = tables_of(full), tables_of(there)
    there.close()
    for name, plain in {
        "decisions": ["number", "scene", "option", "position", "fit", "condition", "finished", "went_back", "lang"],
        "attempts": ["case_id", "run", "seed", "facts", "events", "decisions", "ending", "removed"],
        "events": ["step", "kind", "scene", "option", "text", "ending"],
        "people": ["participant", "pair", "removed"],
    }.items():
        pd.testing.assert_frame_equal(a[name][plain], b[name][plain], check_dtype=False)


def test_the_command(full, tmp_path, capsys):
    full.close()
    database = str(tmp_path / "log.sqlite3")
    assert main(["export", "--database", database, "--lang", "en", "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "decisions" in said and "people" in said
    assert main(["export", "--database", database, "-o", str(tmp_path / "out")]) == 2
    assert "has something in it" in capsys.readouterr().err
    assert main(["export", "--database", database, "--workshop", "000000", "-o", str(tmp_path / "o2")]) == 2
