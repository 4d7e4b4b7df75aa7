"""A log of an older version becomes a present one where it lies, with all its rows; one of a newer version is left alone."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from support.places import ROOT, TEST_CASES

from trainkit.errors import NotSaved, TrainkitError
from trainkit.log import history, upgrade
from trainkit.log import schema as tables
from trainkit.log.records import Event
from trainkit.log.store import Log
from trainkit.session.resume import begin, resume

# What version 0.1.0 made, word for word.
OLD_TABLES = """
CREATE TABLE IF NOT EXISTS cases (
    case_hash VARCHAR(64) NOT NULL, case_id VARCHAR(60) NOT NULL, source TEXT NOT NULL, added_at VARCHAR(32) NOT NULL,
    PRIMARY KEY (case_hash)
);
CREATE TABLE IF NOT EXISTS translations (
    translations_hash VARCHAR(64) NOT NULL, texts TEXT NOT NULL, added_at VARCHAR(32) NOT NULL,
    PRIMARY KEY (translations_hash)
);
CREATE TABLE IF NOT EXISTS attempts (
    attempt VARCHAR(32) NOT NULL, participant VARCHAR(80) NOT NULL, case_id VARCHAR(60) NOT NULL,
    case_hash VARCHAR(64) NOT NULL, translations_hash VARCHAR(64) NOT NULL, seed BIGINT NOT NULL, fixed TEXT NOT NULL,
    feedback VARCHAR(8) NOT NULL, back_allowed BOOLEAN NOT NULL, own_words BOOLEAN NOT NULL, ask_why BOOLEAN NOT NULL,
    origin VARCHAR(16) NOT NULL, started_at VARCHAR(32) NOT NULL,
    PRIMARY KEY (attempt),
    FOREIGN KEY(case_hash) REFERENCES cases (case_hash),
    FOREIGN KEY(translations_hash) REFERENCES translations (translations_hash)
);
CREATE INDEX IF NOT EXISTS attempts_by_participant ON attempts (participant, case_id, started_at);
CREATE TABLE IF NOT EXISTS events (
    attempt VARCHAR(32) NOT NULL, step INTEGER NOT NULL, kind VARCHAR(16) NOT NULL, scene VARCHAR(60) NOT NULL,
    option VARCHAR(60), text TEXT, ending VARCHAR(60), lang VARCHAR(8) NOT NULL, at VARCHAR(32) NOT NULL,
    PRIMARY KEY (attempt, step),
    FOREIGN KEY(attempt) REFERENCES attempts (attempt)
);
"""
OLD_KEYS = {
    "cases": "case_hash = NEW.case_hash",
    "translations": "translations_hash = NEW.translations_hash",
    "attempts": "attempt = NEW.attempt",
    "events": "attempt = NEW.attempt AND step = NEW.step",
}
OLD_RULES = [  # SQLite only: 0.1.0 had none for PostgreSQL
    rule
    for table, same in OLD_KEYS.items()
    for rule in (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    )
] + [
    "CREATE TRIGGER IF NOT EXISTS events_no_gap BEFORE INSERT ON events "
    "WHEN NEW.step > 0 AND NOT EXISTS (SELECT 1 FROM events WHERE attempt = NEW.attempt AND step = NEW.step - 1) "
    "BEGIN SELECT RAISE(ABORT, 'a step is missing before this one'); END"
]
ANNA, BORIS = "a" * 32, "b" * 32
AT = "2026-11-21T09:00:0{}.000001Z"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    """Where a log may lie."""
    return f"sqlite:///{tmp_path}/log.sqlite3" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def old(url, parcel):
    """A log as 0.1.0 left it: Anna in mid-conversation, with words of her own, and Boris at the end of his."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in filter(str.strip, OLD_TABLES.split(";")):
            connection.exec_driver_sql(statement)
        for rule in OLD_RULES if engine.dialect.name == "sqlite" else ():
            connection.exec_driver_sql(rule)

        def insert(table, **values):
            names = ", ".join(values)
            marks = ", ".join(f":{name}" for name in values)
            connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)

        insert("cases", case_hash=parcel.hash, case_id=parcel.id, source=parcel.source_json, added_at=AT.format(0))
        insert(
            "translations",
            translations_hash=parcel.translations_hash,
            texts=parcel.translations_json,
            added_at=AT.format(0),
        )
        for attempt, name in ((ANNA, "anna"), (BORIS, "Борис 🧵")):
            insert(
                "attempts", attempt=attempt, participant=name, case_id=parcel.id, case_hash=parcel.hash,
                translations_hash=parcel.translations_hash, seed=2**40, fixed='{"need": "today"}', feedback="now",
                back_allowed=True, own_words=False, ask_why=False, origin="person", started_at=AT.format(1),
            )  # fmt: skip
        for attempt, step, kind, scene, option, text, ending in (
            (ANNA, 0, "choose", "call", "offer", None, None),
            (ANNA, 1, "disagree", "call", "offer", "Нет: «так» не говорят\n𝕏", None),
            (BORIS, 0, "choose", "call", "offer", None, None),
            (BORIS, 1, "choose", "solve", "refund", None, "content"),
        ):
            insert(
                "events", attempt=attempt, step=step, kind=kind, scene=scene, option=option, text=text, ending=ending,
                lang="ru", at=AT.format(2 + step),
            )  # fmt: skip
    return url


def held(url):
    """Everything in a database: columns, rows in their order, and triggers."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        found = {}
        for table in sorted(inspector.get_table_names()):
            names = [column["name"] for column in inspector.get_columns(table)]
            rows = connection.exec_driver_sql(
                f"SELECT * FROM {table} ORDER BY 1, 2" if len(names) > 1 else f"SELECT * FROM {table}"
            )
            found[table] = names, [tuple(row) for row in rows]
        return found | {"triggers": triggers(connection)}


def triggers(connection):
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    else:
        rows = connection.exec_driver_sql(
            "SELECT tgname || ' on ' || tgrelid::regclass, pg_get_triggerdef(t.oid) || prosrc FROM pg_trigger t "
            "JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal"
        )
    return {name: " ".join(text.replace("IF NOT EXISTS ", "").split()) for name, text in rows}


def shape(url):
    """Columns, keys, references and indexes of a database, without the names a database makes up."""
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        inspector = sa.inspect(connection)
        return {
            table: (
                [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)],
                inspector.get_pk_constraint(table)["constrained_columns"],
                sorted((k["constrained_columns"], k["referred_table"], k["referred_columns"], k["options"])
                       for k in inspector.get_foreign_keys(table)),
                sorted(k["column_names"] for k in inspector.get_unique_constraints(table)),
                sorted((i["name"], i["column_names"], i["unique"]) for i in inspector.get_indexes(table)),
            )
            for table in inspector.get_table_names()
        }  # fmt: skip


def differences(url):
    """What Alembic would still change."""
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, tables.metadata)


FIRST = {
    "prepare": lambda log, case: log.prepare(),
    "begin": lambda log, case: begin(log, case, "clara"),
    "resume": lambda log, case: resume(log, case, "anna", fixed={"need": "today"}),
    "list": lambda log, case: log.attempts(),
    "rows": lambda log, case: history.decision_rows(log),
    "append": lambda log, case: log.append(ANNA, 2, Event("back", "solve", lang="ru")),
}


@pytest.mark.parametrize("first", FIRST)
def test_an_older_log_goes_on_whatever_is_done_first(old, parcel, first):
    before = held(old)
    log = Log(old)
    FIRST[first](log, parcel)
    session = resume(log, parcel, "anna", fixed={"need": "today"})
    assert session.record.attempt == ANNA and session.attempt.state.place == ("call" if first == "append" else "solve")
    assert session.disagreements() == {("call", "offer"): "Нет: «так» не говорят\n𝕏"}
    begin(log, parcel, "dora").do("choose", "ru", step=0, option="offer")
    after = held(old)
    for table in ("cases", "translations", "attempts", "events"):
        names, rows = before[table]
        assert after[table][0][: len(names)] == names
        kept = [row[: len(names)] for row in after[table][1]]
        assert [row for row in kept if row in rows] == rows  # each as it was
    assert after["attempts"][0][-5:] == ["member", "run", "number", "drawn", "draw_version"]
    assert {(*row[-5:-3], row[-2]) for row in after["attempts"][1]} == {(None, None, "own")}
    versions = {row[0]: row[-1] for row in after["attempts"][1]}  # what was there goes on by the rules it was drawn by
    assert versions[ANNA] == versions[BORIS] == 1 and {*versions.values()} <= {1, 2}
    numbers = {row[0]: row[-3] for row in after["attempts"][1]}  # those that were there by their time, then who came
    assert (numbers[ANNA], numbers[BORIS]) == (1, 2) and sorted(numbers.values()) == [*range(1, len(numbers) + 1)]
    assert after["alembic_version"][1] == [(upgrade.HEAD,)]
    assert {row["participant"] for row in history.decision_rows(log)} >= {"anna", "Борис 🧵", "dora"}
    log.close()


def test_an_older_log_comes_to_be_as_a_new_one_is(old, url, tmp_path, request):
    assert differences(old), "before, there is something to do"
    Log(old).prepare()
    if url.startswith("sqlite"):
        new = f"sqlite:///{tmp_path}/new.sqlite3"
    else:
        new = request.getfixturevalue("postgres").create()
    Log(new).prepare()
    assert differences(old) == [] == differences(new)
    assert shape(old) == shape(new)
    assert held(old)["triggers"] == held(new)["triggers"] and held(new)["triggers"]  # which Alembic doesn't look at


def test_a_migrated_log_refuses_what_a_new_one_does(old, parcel):
    log = Log(old)
    session = resume(log, parcel, "anna", fixed={"need": "today"})
    log.prepare()
    for table in ("cases", "translations", "attempts", "events"):
        (key, *_) = tables.metadata.tables[table].primary_key
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), log._engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {table} SET {key.name} = {key.name}")
    with pytest.raises(NotSaved, match="no place"):
        log.append(session.record.attempt, 7, Event("back", "solve"))
    with pytest.raises(sa.exc.IntegrityError), log._engine.begin() as connection:  # a member nobody knows
        connection.exec_driver_sql(
            "INSERT INTO attempts SELECT 'c', participant, case_id, case_hash, translations_hash, seed, fixed, feedback, "
            "back_allowed, own_words, ask_why, origin, started_at, 'nobody', 0, 0, 'own', 2 FROM attempts "
            "WHERE participant = 'anna'"
        )
    log.close()


def test_what_a_trainer_has_set_outlives_a_migration(old, parcel):
    """On SQLite the table of controls is made anew for its longer settings."""
    engine = sa.create_engine(old, poolclass=sa.NullPool)
    with engine.begin() as connection:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.stamp(config, "0001")
        command.upgrade(config, "0003")
        connection.exec_driver_sql(
            "INSERT INTO workshops (workshop, code, cases, lang, feedback, back_allowed, own_words, ask_why, places, "
            "started_at) VALUES ('w', '471926', '[]', 'ru', 'now', true, true, true, 9, 'then')"
        )
        for n, kind in enumerate(("paused", "over", "scene")):
            connection.exec_driver_sql(f"INSERT INTO controls VALUES ('w', {n}, '{kind}', '{'1' * 200}', 'then')")
    before = held(old)["controls"]
    log = Log(old)
    log.prepare()
    assert held(old)["controls"] == before and len(before[1]) == 3
    with log._engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO controls VALUES ('w', 3, 'scene', '{'1' * 2000}', 'then')")
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), log._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE controls SET setting = ''")
    with pytest.raises(sa.exc.IntegrityError), log._engine.begin() as connection:  # of a workshop nobody knows
        connection.exec_driver_sql("INSERT INTO controls VALUES ('x', 0, 'scene', '', 'then')")
    log.close()


MIGRATOR = """
import sys
from trainkit.log.store import Log
log = Log({url!r})
print("ready", flush=True)
sys.stdin.readline()
log.prepare()
"""


@pytest.mark.slow
def test_programs_that_start_together_migrate_once(old):
    before = held(old)
    begun = [
        subprocess.Popen([sys.executable, "-c", MIGRATOR.format(url=old)], text=True, stdin=-1, stdout=-1, stderr=-1)
        for _ in range(4)
    ]
    assert [process.stdout.readline() for process in begun] == ["ready\n"] * 4
    for process in begun:
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in begun]
    assert [process.returncode for process in begun] == [0] * 4, errors
    after = held(old)
    assert after["alembic_version"][1] == [(upgrade.HEAD,)]
    assert [row[:13] for row in after["attempts"][1]] == before["attempts"][1] and after["events"] == before["events"]
    assert differences(old) == []


def test_a_migration_that_fails_half_way_leaves_the_log_as_it_was(old):
    """Somebody else's table is in the way of the third one: then the first two are not there either."""
    with sa.create_engine(old, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE members (somebody TEXT, elses TEXT)")
    before = held(old)
    with pytest.raises(NotSaved, match="members"):
        Log(old).prepare()
    assert held(old) == before
    with sa.create_engine(old, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("DROP TABLE members")
    Log(old).prepare()
    assert differences(old) == []


@pytest.mark.parametrize("do", ["prepare", "begin", "append", "resume"])
def test_a_log_of_a_newer_version_is_left_alone(url, parcel, do):
    session = begin(Log(url), parcel, "anna")
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql("ALTER TABLE attempts ADD COLUMN hat VARCHAR(8)")
    before = held(url)
    with pytest.raises(TrainkitError, match="newer") as caught:
        {
            "prepare": lambda log: log.prepare(),
            "begin": lambda log: begin(log, parcel, "anna"),
            "append": lambda log: log.append(session.record.attempt, 0, Event("choose", "call", "offer")),
            "resume": lambda log: resume(log, parcel, "anna").do("choose", "ru", step=0, option="offer"),
        }[do](Log(url))
    assert "9999" in str(caught.value) and len(str(caught.value).splitlines()) == 1
    assert held(url) == before


@pytest.mark.slow
def test_the_command_refuses_a_log_of_a_newer_version(url):
    Log(url).prepare()
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    command = [sys.executable, "-m", "trainkit", "class", str(TEST_CASES / "late_parcel")]
    where = ["--host", "127.0.0.1", "--port", "0", "--database", url]
    done = subprocess.run([*command, *where], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 2 and "newer" in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_reading_a_log_that_cannot_be_written_says_what_is_in_the_way(tmp_path, parcel):
    """An older log on a read-only disk can't be brought up to date."""
    file = tmp_path / "log.sqlite3"
    connection = sqlite3.connect(file)
    connection.executescript(OLD_TABLES)
    connection.close()
    with pytest.raises(TrainkitError, match="readonly"):
        Log(f"sqlite:///file:{file}?mode=ro&uri=true").attempts()
