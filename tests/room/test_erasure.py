"""Erasing one person: nothing of theirs stays, down to the bytes; everybody else's runs, rooms and figures are as before."""

import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa
from support.logs import filled
from support.own_words import SAID, spoken

from trainkit.cli.main import main
from trainkit.errors import Conflict, Held, TrainkitError
from trainkit.exchange.folder import export_folder
from trainkit.exchange.incoming import import_runs
from trainkit.exchange.log_tables import Reading
from trainkit.log import schema as tables
from trainkit.log.codes import add_code, coded, written
from trainkit.log.erased import Marks
from trainkit.log.store import Log
from trainkit.room.controls import count_controls, load_stage, record_control
from trainkit.room.erasure import erase, find, traces
from trainkit.room.members import members_of
from trainkit.room.questions import ask
from trainkit.room.run_cache import RunCache, rooms_of, teams_of
from trainkit.room.workshops import all_workshops


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    """Where a log may lie."""
    return tmp_path / "log.sqlite3" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def log(url):
    log = Log(url)
    yield log
    log.close()


def everything(log):
    """All rows of all tables, each table as a set."""
    with log.reading() as connection:
        return {
            table.name: {tuple(row) for row in connection.execute(sa.select(table))}
            for table in tables.metadata.sorted_tables
        }


def raw(log, request):
    """Every byte of the log's tables on the disk; not PostgreSQL's own write-ahead log, which is told as out of reach."""
    if log.file is not None:
        return b"".join(file.read_bytes() for file in sorted(log.file.parent.glob(f"{log.file.name}*")))
    with log.reading() as connection:
        number = connection.scalar(sa.text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    with sa.create_engine(log._engine.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
    folder = request.getfixturevalue("postgres").data / "base" / str(number)
    return b"".join(file.read_bytes() for file in folder.iterdir())


OWN = "Совсем особые слова, которых больше нигде нет"


def somebody(log, parcel):
    """People with own words and codes, and one of them with words that stand nowhere else, and often changed pages."""
    from trainkit.log.records import Settings
    from trainkit.session.resume import begin

    spoken(log)
    run = begin(log, parcel, "Ремез Болотный", seed=4, fixed={"need": "today"}, settings=Settings(own_words=True))
    run.do("words", "ru", step=run.step, text=OWN)
    for one in written(log):
        add_code(log, one, "sides", "Ремез Болотный" if one.text == SAID["Дина"][1] else "anna", "off")
    return run.record


def test_a_person_who_played_alone_goes_down_to_the_bytes(log, parcel, request):
    somebody(log, parcel)
    log.close()
    assert OWN.encode() in raw(log, request) and "Ремез Болотный".encode() in raw(log, request)
    before = everything(log)
    erase(log, "Ремез Болотный", find(log, "Ремез Болотный"))
    left = traces(log, "Ремез Болотный")
    assert left.gone and left.day and left.rows == dict.fromkeys(left.rows, 0) and not left.of_others
    assert left.bytes_left in (0, None) and (left.bytes_left is None) == (log.file is None)
    log.close()
    content = raw(log, request)
    assert OWN.encode() not in content and "Ремез Болотный".encode() not in content
    assert SAID["Борис"][0].encode() in content  # others are still there
    after = everything(log)
    for name, rows in after.items():
        if name not in ("erased", "codes"):
            assert rows <= before[name]
    assert {one[0] for one in after["attempts"]} == {one[0] for one in before["attempts"] if "Ремез" not in one[1]}
    # what they coded of others' texts is still coded, by nobody
    assert sorted(coded(log)["coder"].str.split().str[0]) == ["anna"] * 5 + ["erased"]


@pytest.mark.parametrize("name", ["Соечка", "Сойка", "Клён"])
def test_one_person_of_a_room_by_any_of_their_names_and_phones(log, name, request):
    filled(log)
    room, other = all_workshops(log)
    stage = load_stage(log, room)[0]
    sizes = len(stage.team), count_controls(log, room)
    erase(log, name, find(log, name, room), everywhere=False)
    assert [one.name for one in members_of(log, room)] == ["Двое", "Тролль"]
    assert len(members_of(log, other)) == 4  # a namesake in another room is somebody else
    after = load_stage(log, room)[0]
    assert (len(after.team), count_controls(log, room)) == (sizes[0] - 2, sizes[1])
    assert not after.merged and not after.renamed and len(after.removed) == 1
    # another look goes on where the last one ended, and the next control finds its number
    read = load_stage(log, room)
    record_control(log, room, "name", f"{members_of(log, room)[0].member} Пара")
    assert load_stage(log, room, read) == load_stage(log, room)
    runs = RunCache(log, room)
    assert teams_of(runs, rooms_of(runs)) and len(runs.up_to_date()) == 4


def test_what_is_left_comes_to_the_same_as_if_they_had_never_been(tmp_path, log, parcel):
    """Replay, ways, tallies and tables of the others: all equal to those of a log that never had this person's runs."""
    filled(log)
    export_folder(Reading(log), tmp_path / "before")
    erase(log, "Анна", find(log, "Анна"))
    export_folder(Reading(log), tmp_path / "after")
    import pyarrow.parquet as pq

    names = "attempts", "events", "people", "decisions"
    before, after = (
        {name: pq.read_table(tmp_path / which / f"{name}.parquet").to_pandas() for name in names}
        for which in ("before", "after")
    )
    anna = set(before["people"].query("participant == 'Анна'")["person"])
    gone = set(before["attempts"][before["attempts"]["person"].isin(anna)]["attempt"])
    assert len(gone) == 2
    for name, frame in before.items():
        key = "person" if name == "people" else "attempt"
        kept = frame[~frame[key].isin(anna | gone)].reset_index(drop=True)
        assert kept.astype(str).equals(after[name].astype(str)), name


def test_the_order_of_rows_stays_the_order_of_answers(store, racket):
    """Anonymous figures go by the order in which events were logged, which SQLite knows by the number of the row."""
    filled(store)
    order = (
        "SELECT e.attempt, e.step FROM events e JOIN attempts a USING (attempt) "
        "WHERE a.participant <> 'Анна' ORDER BY e.rowid"
    )
    with store.reading() as connection:
        before = connection.exec_driver_sql(order).all()
    erase(store, "Анна", find(store, "Анна"))
    with store.reading() as connection:
        assert [*connection.exec_driver_sql(order).all()] == [*before]


def test_an_import_leaves_out_whom_was_erased_with_names_and_without(tmp_path, log, parcel):
    record = somebody(log, parcel)
    export_folder(Reading(log), tmp_path / "named")
    from trainkit.exchange.log_tables import Wanted

    export_folder(Reading(log, Wanted(names=False)), tmp_path / "nameless")
    erase(log, "Ремез Болотный", find(log, "Ремез Болотный"))
    for folder in ("named", "nameless"):
        done = import_runs(log, tmp_path / folder)
        assert (done.erased, done.added, done.refused, done.conflicts) == (1, 0, 0, 0) and done.known == 5
    assert record.attempt not in {one.attempt for one in log.attempts()}
    # what they played on another machine meanwhile stays out, too; a namesake in somebody's room doesn't
    elsewhere = Log(tmp_path / "other.sqlite3")
    somebody(elsewhere, parcel)
    elsewhere.close()
    done = import_runs(log, tmp_path / "other.sqlite3")
    assert (done.erased, done.added) == (1, 5)


def test_marks_tell_no_name(log, parcel):
    somebody(log, parcel)
    erase(log, "Ремез Болотный", find(log, "Ремез Болотный"))
    with log.reading() as connection:
        rows = connection.execute(sa.select(tables.erased)).all()
        assert {row.kind for row in rows} == {"salt", "name", "run"}
        assert all(len(row.mark) == 64 and int(row.mark, 16) and len(row.day) == 10 for row in rows)
        assert Marks(connection).of_run("f" * 32) is False


def test_two_logs_mark_one_name_differently(tmp_path, parcel):
    marks = []
    for name in ("one", "two"):
        log = Log(tmp_path / f"{name}.sqlite3")
        somebody(log, parcel)
        erase(log, "Ремез Болотный", find(log, "Ремез Болотный"))
        with log.reading() as connection:
            marks.append(set(connection.scalars(sa.select(tables.erased.c.mark).where(tables.erased.c.kind == "name"))))
        log.close()
    assert marks[0].isdisjoint(marks[1])


def test_nothing_but_erasing_deletes(log, parcel):
    """The rule is off within that one transaction; before it and after it the database refuses."""
    somebody(log, parcel)
    for _ in range(2):
        for table in ("events", "attempts", "codes"):
            with pytest.raises(Conflict, match="append-only"), log.writing() as connection:
                connection.exec_driver_sql(f"DELETE FROM {table}")
        erase(log, "Дина", find(log, "Дина"))


@pytest.mark.slow
def test_while_another_program_has_the_log_open_nothing_is_erased(log, url, parcel):
    somebody(log, parcel)
    before = everything(log)
    asking = (
        "import sys\nfrom trainkit.log.store import Log\nlog = Log(sys.argv[1])\n"
        "log.change_token()\nprint(1, flush=True)\ninput()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", asking, str(url)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"1\n"
        with pytest.raises(Held, match="another program has this log open"):
            erase(log, "Дина", find(log, "Дина"))
        assert everything(log) == before
        other.communicate(b"\n")
    erase(log, "Дина", find(log, "Дина"))
    assert traces(log, "Дина").gone


def test_broken_off_it_is_as_if_it_had_not_begun(log, parcel, monkeypatch):
    somebody(log, parcel)
    before = everything(log)
    monkeypatch.setattr("trainkit.room.erasure._silence_controls", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erase(log, "Дина", find(log, "Дина"))
    assert everything(log) == before
    with pytest.raises(Conflict), log.writing() as connection:
        connection.exec_driver_sql("DELETE FROM events")


@pytest.mark.postgres
def test_who_may_only_add_may_not_erase(postgres_url, parcel):
    log = Log(postgres_url)
    somebody(log, parcel)
    with log.writing() as connection:
        connection.exec_driver_sql("CREATE ROLE clerk LOGIN PASSWORD 'clerk'")
        connection.exec_driver_sql("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO clerk")
    clerk = Log(sa.make_url(postgres_url).set(username="clerk", password="clerk").render_as_string(False))
    log.close()
    try:
        with pytest.raises(TrainkitError, match="erase as the owner"):
            erase(clerk, "Дина", find(clerk, "Дина"))
        assert not traces(clerk, "Дина").gone
    finally:
        clerk.close()
        with log.writing() as connection:
            connection.exec_driver_sql("DROP OWNED BY clerk")
            connection.exec_driver_sql("DROP ROLE clerk")
        log.close()


# ---- as it is typed -----------------------------------------------------------------------------------------------


def typed(log, *words):
    return main(["erase", *words, "--lang", "en", "--database", str(log.url if log.file is None else log.file)])


def test_the_command_says_what_goes_asks_and_proves(log, parcel, capsys, monkeypatch):
    somebody(log, parcel)
    log.close()
    assert typed(log, "Ремез Болотный") == 2 and "say --yes" in capsys.readouterr().err
    assert typed(log, "Ремез Болотный", "--check") == 1 and "1  attempts" in capsys.readouterr().out
    assert typed(log, "Ремез Болотный", "--yes") == 0
    said = capsys.readouterr().out
    assert "Alone, outside of rooms: Ремез Болотный" in said and "1  texts of their own" in said
    assert "Not reached" in said and "Nothing of theirs is in this log." in said
    assert typed(log, "Ремез Болотный", "--check") == 0 and "Erased on 20" in capsys.readouterr().out
    assert typed(log, "Ремез Болотный", "--yes") == 0  # once more sweeps up
    capsys.readouterr()
    assert typed(log, "Ремес Болотный", "--yes") == 2 and "unknown participant" in capsys.readouterr().err
    assert typed(log, "anonymous", "--yes") == 2 and "nobody can be told apart" in capsys.readouterr().err


def test_what_a_killed_erasing_left_is_found_and_swept_up(store, parcel, capsys):
    """Rows deleted by hand, without what erasing does to the bytes: they lie in the file, and --check says so."""
    somebody(store, parcel)
    store.close()
    with sqlite3.connect(store.file) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        for table in ("events", "attempts", "codes"):
            connection.execute(f"DROP TRIGGER {table}_no_delete")
        connection.execute("DELETE FROM codes")
        connection.execute(
            "DELETE FROM events WHERE attempt IN (SELECT attempt FROM attempts WHERE participant LIKE 'Ремез%')"
        )
        connection.execute("DELETE FROM attempts WHERE participant LIKE 'Ремез%'")
    connection.close()
    assert "Ремез Болотный".encode() in store.file.read_bytes()
    left = traces(store, "Ремез Болотный")
    assert left.bytes_left > 0 and not left.gone
    erase(store, "Ремез Болотный", [])
    assert traces(store, "Ремез Болотный").gone


def test_the_name_in_texts_of_others_is_told(store, parcel):
    somebody(store, parcel)
    filled(store)
    ask(store, all_workshops(store)[0], "q" * 32, "А что сказал Ремез Болотный?", "ru", False)
    erase(store, "Ремез Болотный", find(store, "Ремез Болотный"))
    left = traces(store, "Ремез Болотный")
    assert left.gone and left.of_others == {"questions.text": 1}


def test_imported_people_are_erased_by_the_name_they_came_with(tmp_path, store, parcel):
    other = Log(tmp_path / "other.sqlite3")
    somebody(other, parcel)
    other.close()
    import_runs(store, tmp_path / "other.sqlite3")
    (found,) = find(store, "Ремез Болотный")
    assert found.other_log and len(found.attempts) == 1
    erase(store, "Ремез Болотный", [found])
    store.close()
    assert "Ремез Болотный".encode() not in store.file.read_bytes()
    assert import_runs(store, tmp_path / "other.sqlite3").erased == 1
