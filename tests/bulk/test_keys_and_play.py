"""Runs of an export, replayed by another key and against exact play; each distinct way once, and on from where it was."""

import csv
import shutil
import sqlite3

import pandas as pd
import pyarrow.parquet as pq
import pytest
from support.command_line import run
from support.logs import filled

from trainkit.analysis.keys import KEY
from trainkit.bulk import ways
from trainkit.bulk.keys import Key, key_table
from trainkit.bulk.score_files import score_files
from trainkit.errors import TrainkitError
from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading
from trainkit.files import casebook
from trainkit.log.replay import replay
from trainkit.log.store import Log
from trainkit.scoring.attempt import score

ENGINES = ("pandas", "polars", "duckdb")


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """An export, and beside it every attempt of the log it came from, replayed."""
    folder = tmp_path_factory.mktemp("played")
    log = filled(Log(folder / "log.sqlite3"))
    export_folder(Reading(log), folder / "out")
    runs = {record.attempt: replay(log, record) for record in log.attempts()}
    log.close()
    return folder / "out", runs


@pytest.mark.parametrize("engine", ENGINES)
def test_play_is_that_of_single_attempts(engine, there, tmp_path):
    folder, runs = there
    done = score_files(str(folder), tmp_path / "out.parquet", engine, play=True)
    found = pd.read_parquet(tmp_path / "out.parquet").set_index("attempt")
    assert (
        done.ways and not done.unplayable and list(found.index) == sorted(n for n, run in runs.items() if run.decisions)
    )
    measured = 0
    for name, row in found.iterrows():
        single = score(runs[name])
        assert (row["finished"], row["went_back"]) == (single.finished, single.went_back)
        for figure in ("play", "inquiry", "position", "fit"):
            value = getattr(single, figure)
            measured += figure == "play" and value is not None
            assert pd.isna(row[figure]) if value is None else row[figure] == pytest.approx(value, rel=1e-9), figure
    assert measured > 3
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_exported_key_gives_the_same_scores(engine, there, tmp_path):
    """Every position and fit of two cases, conditions and exact play among them, there and back."""
    folder, runs = there
    cases = {run.case.id: run.case for run in runs.values()}
    (tmp_path / "key.csv").write_text(key_table(cases.values()), "utf-8-sig")
    own = score_files(str(folder), tmp_path / "own.parquet", engine)
    by_key = score_files(str(folder), tmp_path / "key.parquet", engine, key=tmp_path / "key.csv")
    assert by_key.decisions == own.decisions and by_key.ways
    tables = [pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("own", "key")]
    pd.testing.assert_frame_equal(*tables, rtol=1e-9, check_dtype=False)


def test_another_key_turns_scores_round(there, tmp_path):
    folder, runs = there
    cases = {run.case.id: run.case for run in runs.values()}
    turned = []
    for row in csv.DictReader(key_table(cases.values()).splitlines()):
        if row["position"] not in ("", "off"):
            row["position"] = f"{-float(row['position']):g}"
        turned.append({**row, "fit": ""} if row["condition"] else {**row, "fit": "0.5" if row["option"] < "m" else "1"})
    key = tmp_path / "key.csv"
    with key.open("w", encoding="utf-8") as file:
        write = csv.DictWriter(file, KEY)
        write.writeheader()
        write.writerows(turned)
    score_files(str(folder), tmp_path / "own.parquet", "duckdb")
    score_files(str(folder), tmp_path / "key.parquet", "duckdb", key=key)
    own, other = (pd.read_parquet(tmp_path / f"{name}.parquet").set_index("attempt") for name in ("own", "key"))
    measured = own["position"].notna()
    assert measured.any()
    pd.testing.assert_series_equal(other["position"][measured], -own["position"][measured], rtol=1e-9)
    pd.testing.assert_series_equal(other["offered_low"], -own["offered_high"], rtol=1e-9, check_names=False)
    assert not other["fit"].equals(own["fit"])


def test_key_export_writes_the_casebook_and_conditions(tmp_path):
    done = run("key", "export", "appendicitis", "racket_refund", "-o", tmp_path / "key.csv")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((tmp_path / "key.csv").read_text("utf-8-sig").splitlines()))
    assert tuple(rows[0]) == KEY and {row["case"] for row in rows} == {"appendicitis", "racket_refund"}
    assert {"case": "appendicitis", "scene": "plan", "option": "cut", "condition": "hand=guards; ecg=changed", "position": "",
            "fit": "0.1"} in rows  # fmt: skip
    assert any(row["position"] == "off" for row in rows) and any(row["fit"] == "auto" for row in rows)
    for name in ("appendicitis", "racket_refund"):
        case = casebook.load_case(name)
        again = Key(tmp_path / "key.csv").applied(case.source_json)
        for scene, one in case.scenes.items():
            for option, told in one.options.items():
                found = again.scenes[scene].options[option]
                assert (found.position, found.fit) == (told.position, told.fit), (scene, option)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("racket_refund,counter,trace", "racket_refund,counter,trase", 'option of counter in key.csv, line'),
        ("racket_refund,counter,trace", "racket_refund,conter,trace", 'Did you mean "counter"?'),
        (",0.8,", ",heavy,", '"heavy" is no number, off, auto or target'),
        (",0.8,", ",8,", "key.csv, racket_refund"),
        ("item=watch", "itm=watch", "key.csv, racket_refund"),
        ("item=watch", "watch", 'a condition is fact=value|value; … (got "watch")'),
        ("case,scene", "case,place", "unknown column of key.csv"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_key_is_said(old, new, said, racket, tmp_path):
    text = key_table([racket])
    assert old in text
    (tmp_path / "key.csv").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TrainkitError) as told:
        Key(tmp_path / "key.csv").applied(racket.source_json)
    assert said in str(told.value)


def test_an_option_without_a_row_is_said(racket, tmp_path):
    lines = key_table([racket]).splitlines()
    (tmp_path / "key.csv").write_text("\n".join([one for one in lines if ",counter,trace," not in one]), "utf-8")
    with pytest.raises(TrainkitError, match=r"key\.csv has no row of racket_refund, counter, trace"):
        Key(tmp_path / "key.csv").applied(racket.source_json)


def test_a_lone_table_has_no_runs_to_replay(there, tmp_path):
    done = run("score", there[0] / "decisions.parquet", "-o", tmp_path / "out.parquet", "--play", "--lang", "en")
    assert done.returncode == 2 and "is no folder of trainkit export: --key and --play replay its runs" in done.stderr


def replayed(folder, work, kept):
    """The ways of an export, replayed, and what each attempt came to."""
    work.mkdir()
    there = ways.Ways(folder, work, kept)
    there.replay()
    parts = list(there.went())
    return there, [(name, part.outcomes[way]) for part in parts
                   for name, way in zip(part.attempts["attempt"].to_pylist(), part.way, strict=True)]  # fmt: skip


def test_what_was_replayed_is_not_replayed_again(there, tmp_path, monkeypatch):
    """A run that was ended in the middle goes on: what is kept is taken, the rest is worked out."""
    folder, _ = there
    kept = tmp_path / "kept.sqlite3"
    found, whole = replayed(folder, tmp_path / "1", kept)
    with sqlite3.connect(kept) as connection:
        connection.execute("DELETE FROM outcomes WHERE rowid > 2")
    asked = []
    real = ways._outcome
    monkeypatch.setattr(ways, "_outcome", lambda *way: asked.append(way) or real(*way))
    assert replayed(folder, tmp_path / "2", kept)[1] == whole
    assert len(asked) == found.distinct - 2 > 3
    asked.clear()
    replayed(folder, tmp_path / "3", kept)
    assert not asked


@pytest.mark.slow
def test_several_processes_and_small_parts_find_the_same(there, tmp_path, monkeypatch):
    folder, _ = there
    _, alone = replayed(folder, tmp_path / "1", tmp_path / "alone.sqlite3")
    for name, value in (("TOGETHER", 3), ("AT_ONCE", 5), ("_REMEMBERED", 2)):
        monkeypatch.setattr(ways, name, value)
    assert replayed(folder, tmp_path / "2", tmp_path / "together.sqlite3")[1] == alone


def test_an_unknown_version_and_moves_that_do_not_fit_are_told(there, tmp_path):
    folder = tmp_path / "export"
    shutil.copytree(there[0], folder)
    events = pq.read_table(folder / "events.parquet").to_pandas()
    first = events.index[events["kind"] == "choose"][0]
    events.loc[first, "option"] = "nonsense"
    events.to_parquet(folder / "events.parquet", index=False)
    done = score_files(str(folder), tmp_path / "out.parquet", "polars", play=True)
    ((why, count),) = done.unplayable.items()
    assert "nonsense" in why and count == 1
    table = pd.read_parquet(tmp_path / "out.parquet").set_index("attempt")
    assert table["finished"].isna().sum() <= 1
    cases = pq.read_table(folder / "cases.parquet")
    pq.write_table(cases.slice(0, 1), folder / "cases.parquet")
    with pytest.raises(TrainkitError, match=r"cases\.parquet has no version"):
        score_files(str(folder), tmp_path / "out.parquet", "polars", play=True)
