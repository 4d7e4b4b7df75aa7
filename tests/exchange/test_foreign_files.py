"""Small files that would take gigabytes, or for ever: refused in a sentence, nothing is written, little memory is taken."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainkit.errors import TrainkitError
from trainkit.exchange import parquet_rows
from trainkit.exchange.incoming import import_runs
from trainkit.log import foreign
from trainkit.log.store import Log

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does it")
MEMORY = 1_500_000_000  # bytes of addresses; an honest import takes a third of it


def imported(source, tmp_path):
    """What ``trainkit import`` of this says, in a process that has little memory and not for ever."""
    limits = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({MEMORY},) * 2)"
    program = f"{limits}; import sys; from trainkit.cli.main import main; sys.exit(main(sys.argv[1:]))"
    line = [
        sys.executable,
        "-c",
        program,
        "import",
        str(source),
        "--database",
        str(tmp_path / "mine.sqlite3"),
        "--lang",
        "en",
    ]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    return subprocess.run(line, capture_output=True, text=True, timeout=300, env=os.environ | threads)


def refused(source, tmp_path, said):
    """It is, and nothing was written."""
    done = imported(source, tmp_path)
    assert done.returncode == 2 and said in done.stderr, (done.returncode, done.stdout, done.stderr[-2000:])
    assert "Traceback" not in done.stderr and "cut off" not in done.stderr
    log = Log(tmp_path / "mine.sqlite3")
    assert not log.exists or not log.attempts()
    log.close()


def changed(there, tmp_path, *statements):
    """A log whose schema or rows somebody has changed."""
    file = shutil.copy(there / "log.sqlite3", tmp_path / "theirs.sqlite3")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)
    return file


ENDLESS = (
    "ALTER TABLE cases RENAME TO cases0",
    "CREATE VIEW cases AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
    "SELECT printf('%064d', n) case_hash, 'x' case_id, 's' source, 't' added_at FROM r",
)
HUGE = (
    "ALTER TABLE translations RENAME TO t0",
    "CREATE VIEW translations AS SELECT translations_hash, hex(zeroblob(400000000)) texts, added_at FROM t0",
)
GENERATED = (
    "ALTER TABLE translations RENAME TO t0",
    "CREATE TABLE translations (translations_hash TEXT, texts AS (hex(zeroblob(400000000))), added_at TEXT)",
    "INSERT INTO translations SELECT translations_hash, added_at FROM t0",
)
VIRTUAL = ("ALTER TABLE codes RENAME TO c0", "CREATE VIRTUAL TABLE codes USING fts5(attempt, step)")
LONG = ("UPDATE events SET text = hex(zeroblob(15000000)) WHERE rowid = (SELECT min(rowid) FROM events)",)
AGAIN = (  # without a key each row is there a thousand times, and each is joined with each
    "CREATE TABLE i0 AS SELECT * FROM imported WHERE 0",
    "DROP TABLE imported",
    "ALTER TABLE i0 RENAME TO imported",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 20000) INSERT INTO imported "
    "SELECT attempt, 'i', 'p' FROM r, (SELECT attempt FROM attempts LIMIT 1)",
    "CREATE TABLE p0 AS SELECT * FROM imported_people WHERE 0",
    "DROP TABLE imported_people",
    "ALTER TABLE p0 RENAME TO imported_people",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 20000) INSERT INTO imported_people "
    "SELECT 'p', 'x', NULL, NULL, 0, 'ru', '2026-01-01T00:00:00Z', 0, 0 FROM r",
)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        pytest.param(ENDLESS, "is no plain table", id="endless view"),
        pytest.param(HUGE, "is no plain table", id="huge view", marks=pytest.mark.slow),
        pytest.param(GENERATED, "is no plain table", id="generated", marks=pytest.mark.slow),
        pytest.param(VIRTUAL, "is no plain table", id="virtual", marks=pytest.mark.slow),
        pytest.param(LONG, "a value of more than 20,000,000 bytes", id="long", marks=pytest.mark.slow),
        pytest.param(AGAIN, "may be there several times", id="joined without an end"),
    ],
)
def test_a_log_that_would_never_end(there, tmp_path, statements, said):
    file = changed(there, tmp_path, *statements)
    refused(file, tmp_path, said)


def test_an_honest_log_meets_no_limit(there, tmp_path, monkeypatch, store):
    """Nor would one for which reading cost ten times as much."""
    monkeypatch.setattr(foreign, "STEPS", 0)
    monkeypatch.setattr(foreign, "STEPS_A_BYTE", foreign.STEPS_A_BYTE // 10)
    monkeypatch.setattr(foreign, "_LOOK", 1_000)
    assert import_runs(store, there / "log.sqlite3").added > 10


def test_a_log_that_takes_longer_than_it_could_is_said(there, tmp_path, monkeypatch, store):
    for name, value in {"STEPS": 0, "STEPS_A_BYTE": 0, "_LOOK": 100}.items():
        monkeypatch.setattr(foreign, name, value)
    with pytest.raises(TrainkitError, match="takes longer to read than a log of its size can"):
        import_runs(store, there / "log.sqlite3")
    assert store.attempts() == []


# ---- Parquet ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def out(there, tmp_path):
    return shutil.copytree(there / "out", tmp_path / "out")


def many(table, rows):
    """Its first row, so many times."""
    return table.slice(0, 1).combine_chunks().take(pa.array(np.zeros(rows, dtype="int64")))


def cell(table, column, value):
    number = table.schema.get_field_index(column)
    return table.set_column(
        number, table.schema.field(number), pa.array([value] * len(table), table.schema.field(number).type)
    )


@pytest.mark.slow
def test_many_equal_rows(out, tmp_path):
    """20 million people in 600 kB."""
    some = many(pq.read_table(out / "people.parquet"), 2_000_000)
    with pq.ParquetWriter(out / "people.parquet", some.schema, compression="zstd") as writer:
        for _ in range(10):
            writer.write_table(some, row_group_size=2_000_000)
    assert (out / "people.parquet").stat().st_size < 2_000_000
    refused(out, tmp_path, "has 20,000,000 rows, which a table of its size can't have")


@pytest.mark.parametrize("how", ["once", pytest.param("each", marks=pytest.mark.slow)])
def test_a_long_text_in_many_rows(out, tmp_path, how):
    """In 4 kB, as a text that rows name by its number; or each time it is there, packed."""
    events = cell(pq.read_table(out / "events.parquet").slice(0, 1), "text", "y" * 1_000_000)
    pq.write_table(
        many(events, 600),
        out / "events.parquet",
        compression="zstd",
        row_group_size=2_000,
        use_dictionary=how == "once",
    )
    assert (out / "events.parquet").stat().st_size < 400_000
    refused(out, tmp_path, "unpacks to more than 256 MB")


def test_a_table_that_is_written_by_differences_is_not_read(out, tmp_path, store):
    """Where each text is the one before, a text of a megabyte takes no byte."""
    events = cell(pq.read_table(out / "events.parquet").slice(0, 1), "text", "y" * 1_000_000)
    how = {"text": "DELTA_BYTE_ARRAY"}
    pq.write_table(many(events, 600), out / "events.parquet", use_dictionary=False, column_encoding=how)
    with pytest.raises(TrainkitError, match=r"events\.parquet.* can't be read"):
        import_runs(store, out)
    assert store.attempts() == []


@pytest.mark.parametrize(
    ("table", "column", "value", "said"),
    [
        ("people", "participant", "n" * 5_000, "participant is longer than 80 characters"),
        ("people", "participant", "Zoë\0", "has characters that no text has"),
        ("people", "workshop", "w" * 33, "workshop is longer than 32"),
        ("people", "joined_at", 2**62, "joined_at is empty"),
        ("events", "text", "x" * 3_000_000 + "\0", "text is longer than 2000 characters"),
        ("events", "lang", "../etc", "lang is no language"),
        ("events", "at", -(2**62), "at is no time"),
        ("attempts", "started_at", 2**62, "started_at is empty"),
        ("attempts", "draw_version", 2**62, "draw_version is"),
        ("attempts", "drawn", "x" * 200, "drawn is"),
        ("attempts", "origin", "nobody", "origin is"),
        ("attempts", "fixed", "null", "no table of names and values"),
    ],
)
def test_a_value_that_no_log_has_sets_its_run_aside(out, store, table, column, value, said):
    """And no other: a person's runs with their name, else the one."""
    file = out / f"{table}.parquet"
    rows = pq.read_table(file)
    number = rows.schema.get_field_index(column)
    values = rows.column(number).cast("int64" if isinstance(value, int) else "string").to_pylist()
    values[0] = value
    field = rows.schema.field(number)
    made = pa.array(values, "int64" if isinstance(value, int) else "string")
    made = made.view(field.type) if pa.types.is_timestamp(field.type) else made
    pq.write_table(rows.set_column(number, field, made), file)
    whole = len(pq.read_table(out / "attempts.parquet"))
    done = import_runs(store, out)
    assert done.refused >= 1 and done.added == whole - done.refused > 10, done
    assert said in done.told[0], done.told


def test_an_honest_folder_meets_no_limit(out, store, monkeypatch):
    """Nor would one of which the limits were a twentieth."""
    monkeypatch.setattr(parquet_rows, "ROWS", 0)
    monkeypatch.setattr(parquet_rows, "UNPACKED", parquet_rows.UNPACKED // 20)
    monkeypatch.setattr(parquet_rows, "AT_ONCE", 3)
    assert import_runs(store, out).refused == 0
