"""Runs from elsewhere: the same tables afterwards, each run once, what was changed refused, what differs told."""

import random
import shutil
import sqlite3

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from support.logs import wander

from trainkit.cli.main import main
from trainkit.errors import TrainkitError
from trainkit.exchange import incoming
from trainkit.exchange.columns import TABLES
from trainkit.exchange.folder import BESIDE, export_folder
from trainkit.exchange.incoming import import_runs
from trainkit.exchange.log_tables import Reading, Wanted
from trainkit.files import casebook
from trainkit.log import schema
from trainkit.log.codes import coded
from trainkit.log.store import Log
from trainkit.session.resume import begin, resume


@pytest.fixture
def out(there, tmp_path):
    return shutil.copytree(there / "out", tmp_path / "out")


def parquet(folder):
    return {name: pq.read_table(folder / f"{name}.parquet") for name in (*TABLES, *BESIDE)}


def same(one, other):
    one, other = parquet(one), parquet(other)
    for name, table in one.items():
        pd.testing.assert_frame_equal(table.to_pandas(), other[name].to_pandas())


def change(folder, table, what):
    file = folder / f"{table}.parquet"
    frame = pq.read_table(file)
    pq.write_table(what(frame), file)


def set_cell(frame, column, row, value):
    values = frame[column].to_pylist()
    values[row] = value
    number = frame.column_names.index(column)
    return frame.set_column(number, frame.schema.field(column), pa.array(values, frame.schema.field(column).type))


def test_log_export_import_export(there, out, store, tmp_path):
    """The tables are equal to the last cell: also whose runs they are, in rooms with names and without."""
    done = import_runs(store, out)
    assert done[:5] == (len(pq.read_table(out / "attempts.parquet")), 0, 0, 0, 0) and done.told == []
    export_folder(Reading(store), tmp_path / "again")
    same(out, tmp_path / "again")
    assert import_runs(store, out)[:3] == (0, 0, done.added)  # twice is harmless
    export_folder(Reading(store), tmp_path / "thrice")
    same(out, tmp_path / "thrice")


def test_codes_of_own_words_come_along(there, out, store):
    """Those of both coders, what was thought better of and taken back included; again, none is doubled."""
    log = Log(there / "log.sqlite3")
    expected = coded(log, history=True)
    log.close()
    assert expected["coder"].nunique() == 2 and expected["code"].isna().any() and expected["number"].max() == 1
    done = import_runs(store, out)
    assert done.codes == len(expected) and not done.told
    pd.testing.assert_frame_equal(coded(store, history=True), expected)
    assert import_runs(store, out).codes == 0 and import_runs(store, there / "log.sqlite3").codes == 0
    pd.testing.assert_frame_equal(coded(store, history=True), expected)


def test_codes_that_were_given_later_come_later(out, store, tmp_path):
    """The runs are here; a second coder's codes come with another export of them."""
    one_coder = shutil.copytree(out, tmp_path / "one")
    change(one_coder, "codes", lambda table: table.filter(pc.equal(table["coder"], "Вера")))
    first, second = import_runs(store, one_coder), import_runs(store, out)
    assert (second.added, second.continued, second.known) == (0, 0, first.added)
    assert first.codes > 0 and first.codes + second.codes == len(coded(store, history=True))
    (out / "codes.parquet").unlink()  # an export of an earlier trainkit
    assert import_runs(store, out)[1:5] == (0, first.added, 0, 0)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("step", 999, "a code is of step 999, where nothing was said in own words"),
        ("step", None, "a code is of step None, where nothing"),
        ("number", -1, "has no number, no scheme or no time"),
        ("at", "yesterday", "has no number, no scheme or no time"),
        ("scheme", None, "has no number, no scheme or no time"),
        ("coder", "  Вера\n", "is of nobody who could have given it"),
        ("coder", None, "is of nobody who could have given it"),
        ("code", "x" * 41, "is longer than 40 characters"),
    ],
)
def test_a_code_edited_by_hand_is_refused_with_its_run(out, store, column, value, why):
    whole = len(pq.read_table(out / "attempts.parquet"))
    change(out, "codes", lambda table: set_cell(table, column, 0, value))
    done = import_runs(store, out)
    assert (done.refused, done.added) == (1, whole - 1) and why in done.told[0]


def test_a_coder_who_coded_otherwise_here_is_told_and_nothing_is_changed(out, store):
    import_runs(store, out)
    before = coded(store, history=True)
    other = {"asks": "tells", "tells": "asks"}
    change(out, "codes", lambda table: set_cell(table, "code", 0, other[table["code"][0].as_py()]))
    done = import_runs(store, out)
    assert (done.conflicts, done.codes) == (1, 0) and "has coded step" in done.told[0]
    pd.testing.assert_frame_equal(coded(store, history=True), before)


def test_another_log_is_taken_as_its_export_is(there, out, store, tmp_path):
    before = (there / "log.sqlite3").read_bytes()
    done = import_runs(store, there / "log.sqlite3")
    assert done.added > 10 and done.refused == done.conflicts == 0
    export_folder(Reading(store), tmp_path / "again")
    same(out, tmp_path / "again")
    assert (there / "log.sqlite3").read_bytes() == before


def test_they_come_behind_what_is_here_and_are_nobody_here(out, store, racket):
    """A namesake who plays here doesn't go on with a run from elsewhere, nor does it count as theirs."""
    mine = wander(begin(store, racket, "Анна", seed=1), random.Random(1))
    import_runs(store, out)
    assert [one.attempt for one in store.attempts("Анна")] == [mine.record.attempt]
    assert resume(store, racket, "Анна").record.attempt == mine.record.attempt
    assert store.attempts()[0].attempt == mine.record.attempt and len(store.attempts()) > 10
    people = pd.concat([batch.tables["people"].to_pandas() for batch in Reading(store).batches()])
    assert (people["participant"] == "Анна").sum() == 2 and people["person"].is_unique


def test_runs_that_went_on_elsewhere_go_on_here(out, store, tmp_path):
    longest = pq.read_table(out / "attempts.parquet").to_pandas().sort_values("events").iloc[-1]
    short = shutil.copytree(out, tmp_path / "short")
    change(short, "events", lambda frame: frame.filter(
        pc.or_(pc.not_equal(frame["attempt"], longest["attempt"]), pc.less(frame["step"], 2))
    ))  # fmt: skip
    change(short, "codes", lambda table: table.filter(pc.not_equal(table["attempt"], longest["attempt"])))
    assert import_runs(store, short).refused == 0
    assert len(store.events(longest["attempt"])) == 2
    done = import_runs(store, out)
    assert (done.added, done.continued, done.conflicts) == (0, 1, 0)
    assert len(store.events(longest["attempt"])) == longest["events"]
    assert import_runs(store, short).known == done.known + 1  # what is older takes nothing away


@pytest.mark.parametrize(
    ("table", "column", "value", "why"),
    [
        ("events", "ending", "paradise", "another ending than it says"),
        ("events", "option", "nonsense", "unknown option of"),
        ("events", "scene", "nowhere", "unknown scene of"),
        ("events", "scene", "thursday", "but the run was in"),
        ("events", "kind", "sing", "is of an unknown kind"),
        ("events", "step", 7, "is missing"),
        ("attempts", "seed", 12345, "not those that its seed draws"),
        ("attempts", "case_hash", "0" * 64, "didn't come with it"),
        ("attempts", "case_id", "boundaries", "is one of"),
        ("attempts", "person", "f" * 32, "nobody in the table of people"),
    ],
)
def test_one_edited_by_hand_is_refused(out, store, table, column, value, why):
    """The run that was changed, and no other."""
    whole = len(pq.read_table(out / "attempts.parquet"))
    row = 0 if table == "attempts" else pq.read_table(out / "events.parquet")["kind"].to_pylist().index("choose")
    change(out, table, lambda frame: set_cell(frame, column, row, value))
    done = import_runs(store, out)
    assert done.refused >= 1 and why in done.told[0] and done.added == whole - done.refused
    assert done.refused == 1 and len(store.attempts()) == whole - 1


def test_a_case_version_that_was_changed_is_refused(out, store):
    change(out, "cases", lambda frame: set_cell(frame, "source", 0, frame["source"][0].as_py().replace("а", "о")))
    done = import_runs(store, out)
    assert done.refused > 0 and any("was changed" in told for told in done.told)


def test_what_differs_from_what_is_here_is_told_and_left(out, store):
    import_runs(store, out)
    first = next(one for one in store.attempts() if len(store.events(one.attempt)) > 1)
    before = store.events(first.attempt)
    with store.writing() as connection:
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(
            sa.update(schema.events)
            .where(schema.events.c.attempt == first.attempt, schema.events.c.step == 0)
            .values(text="!")
        )
    done = import_runs(store, out)
    assert done.conflicts == 1 and "other answers" in done.told[0] and done.added == 0
    assert store.events(first.attempt)[1:] == before[1:]


def test_in_small_parts_it_is_the_same(out, store, tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "MANY", 3)
    seen = []
    import_runs(store, out, seen.append)
    assert sum(seen) == len(pq.read_table(out / "attempts.parquet")) and len(seen) > 3
    export_folder(Reading(store), tmp_path / "again")
    same(out, tmp_path / "again")


def test_broken_off_and_begun_again(out, store, tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "MANY", 3)

    def enough(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_runs(store, out, enough)
    assert len(store.attempts()) == 3
    assert import_runs(store, out)[2] == 3
    export_folder(Reading(store), tmp_path / "again")
    same(out, tmp_path / "again")


def test_what_is_no_import(there, out, store, tmp_path):
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    (tmp_path / "cut.sqlite3").write_bytes((there / "log.sqlite3").read_bytes()[:5000])
    sqlite3.connect(tmp_path / "other.sqlite3").execute("CREATE TABLE t (a)").connection.commit()
    for name, why in {
        "nothing": "isn't there",
        "text.txt": "is no SQLite log",
        "empty": "has no cases.parquet",
        "cut.sqlite3": "can't be read|malformed",
        "other.sqlite3": "there is no log|the log is empty",
    }.items():
        with pytest.raises(TrainkitError, match=why):
            import_runs(store, tmp_path / name)
    cut = (out / "events.parquet").read_bytes()
    (out / "events.parquet").write_bytes(cut[: len(cut) // 2])
    with pytest.raises(TrainkitError, match=r"events\.parquet.*can't be read"):
        import_runs(store, out)
    change(out, "attempts", lambda frame: frame.rename_columns([n.replace("seed", "sead") for n in frame.column_names]))
    (out / "events.parquet").write_bytes(cut)
    with pytest.raises(TrainkitError, match=r'unknown column of attempts\.parquet "seed"'):
        import_runs(store, out)
    assert store.attempts() == []


def test_on_postgres(out, postgres_url, tmp_path):
    log = Log(postgres_url)
    assert import_runs(log, out).refused == 0 and import_runs(log, out).added == 0
    export_folder(Reading(log), tmp_path / "again")
    log.close()
    same(out, tmp_path / "again")


def test_synthetic_runs_stay_synthetic(store, tmp_path):
    main(["simulate", "racket_refund", "-n", "3", "--persona", "preacher", "-o", str(tmp_path / "s.sqlite3")])
    assert import_runs(store, tmp_path / "s.sqlite3").added == 3
    assert Reading(store).count() == (0, 3)
    rows = [
        batch.tables["attempts"]["origin"].to_pylist() for batch in Reading(store, Wanted(synthetic=True)).batches()
    ]
    assert rows == [["synthetic"] * 3]


def test_the_command(out, tmp_path, capsys):
    database = str(tmp_path / "all.sqlite3")
    assert main(["import", str(out), "--database", database, "--lang", "en"]) == 0
    assert "0  refused" in capsys.readouterr().out
    change(out, "events", lambda frame: set_cell(frame, "ending", 0, "paradise"))
    assert main(["import", str(out), "--database", database, "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "1  refused" in said and "it was changed" in said
    assert main(["import", str(out), "--database", database, "--lang", "ru"]) == 1
    assert "ответы ведут не к тому концу, который назван: прохождение изменили" in capsys.readouterr().out
    assert main(["import", str(tmp_path / "nothing"), "--database", database]) == 2
    assert "isn't there" in capsys.readouterr().err


def test_what_is_no_run_at_all_is_said_in_the_language_that_is_asked_for(out, tmp_path, capsys):
    change(out, "attempts", lambda frame: set_cell(frame, "fixed", 0, "no JSON"))
    assert main(["import", str(out), "--database", str(tmp_path / "all.sqlite3"), "--lang", "ru"]) == 1
    assert "это не прохождение: его изменили" in capsys.readouterr().out


def test_the_cases_of_the_casebook_survive(store, tmp_path):
    """Every case, finished and not, with its conditions."""
    dice = random.Random(3)
    for name in casebook.case_ids():
        wander(begin(store, casebook.load_case(name), f"кто-то {name}", seed=dice.randrange(99)), dice)
    export_folder(Reading(store), tmp_path / "out")
    other = Log(tmp_path / "other.sqlite3")
    assert import_runs(other, tmp_path / "out")[:5] == (len(casebook.case_ids()), 0, 0, 0, 0)
    export_folder(Reading(other), tmp_path / "again")
    other.close()
    same(tmp_path / "out", tmp_path / "again")
