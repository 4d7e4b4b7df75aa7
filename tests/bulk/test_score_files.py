"""Files of decisions scored by each engine: the same figures, bad rows set aside and told, nothing used in silence."""

import math

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.command_line import run

from trainkit.bulk.engines import chosen, size_of
from trainkit.bulk.score_files import score_files
from trainkit.errors import TrainkitError, UnknownName
from trainkit.scoring.attempt import score_decisions
from trainkit.scoring.decisions import Decision
from trainkit.scoring.frames import scores

ENGINES = ("pandas", "polars", "duckdb")


@pytest.fixture(scope="module")
def table(many):
    return pq.read_table(many).to_pandas()


@pytest.fixture
def scored(tmp_path):
    """Score rows by an engine: what was told, and the table."""

    def score(rows, engine="duckdb", **how):
        file = tmp_path / "in.parquet"
        rows.to_parquet(file, index=False)
        done = score_files(str(file), tmp_path / "out.parquet", engine, **how)
        return done, pd.read_parquet(tmp_path / "out.parquet")

    return score


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_has_the_figures_of_single_attempts(engine, many, table, tmp_path):
    done = score_files(str(many), tmp_path / "out.parquet", engine)
    found = pd.read_parquet(tmp_path / "out.parquet").set_index("attempt")
    assert done.engine == engine and (done.attempts, done.decisions) == (len(found), len(table))
    assert done.set_aside == {} and done.set_aside_file is None and done.synthetic == len(table)
    assert list(found.index) == sorted(found.index) and not (tmp_path / "out-set-aside.parquet").exists()
    names = list(Decision.__dataclass_fields__)
    for attempt, rows in list(table.groupby("attempt"))[::150]:
        records = rows[names].astype(object).where(rows[names].notna(), None).to_dict("records")
        single, row = score_decisions([Decision(**one) for one in records]), found.loc[attempt]
        assert row["decisions"] == single.decisions and row["set_aside"] == 0
        for name, bounds in (("position", single.interval), ("fit", single.interval_fit)):
            value = getattr(single, name)
            got = [row[name], row[f"{name}_low"], row[f"{name}_high"]]
            if value is None:
                assert all(map(math.isnan, got))
            else:
                assert got == pytest.approx([value, *bounds], abs=1e-4)
                assert got[0] == pytest.approx(value, rel=1e-9)


def test_engines_agree_to_the_ninth_digit(many, tmp_path):
    tables = []
    for engine in ENGINES:
        score_files(str(many), tmp_path / f"{engine}.parquet", engine)
        tables.append(pd.read_parquet(tmp_path / f"{engine}.parquet"))
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0], other, rtol=1e-9, check_dtype=False)


def same(found, expected):
    expected = expected.reset_index(drop=True)
    pd.testing.assert_frame_equal(found[expected.columns], expected, rtol=1e-9, check_dtype=False)


SPOILT = {
    "weight is empty": ("weight", None, "weight: it must not be empty"),
    "weight is NaN": ("weight", math.nan, "weight: it must not be empty"),
    "weight is infinite": ("weight", math.inf, "weight: it is not from 0 up and finite"),
    "weight is negative": ("weight", -1.0, "weight: it is not from 0 up and finite"),
    "position out of range": ("position", 1.7, "position: it is not from -1 to 1"),
    "position infinite": ("position", -math.inf, "position: it is not from -1 to 1"),
    "position not on offer": ("position_max", -1.0, "position: it is not in the range that was on offer"),
    "no range": ("position_min", None, "position: it is not in the range that was on offer"),
    "fit out of range": ("fit", 1.2, "fit: it is not from 0 to 1"),
    "no scene": ("scene", None, "scene: it must not be empty"),
    "no axis": ("on_axis", None, "on_axis: it must not be empty"),
    "no number": ("number", None, "number: it must not be empty"),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_bad_rows_are_set_aside_and_told_and_change_no_other_attempt(engine, table, scored):
    """One of each kind, each in an attempt of its own; beside it, rows that are good."""
    some = table[table["attempt"].isin(table["attempt"].unique()[:60])].reset_index(drop=True)
    spoilt = some.astype({"number": "Int64", "on_axis": object})
    rows = some.index[some["position"].notna() & (some["number"] == 2)][: len(SPOILT)]
    for row, (column, value, _) in zip(rows, SPOILT.values(), strict=True):
        spoilt.loc[row, column] = value
    done, found = scored(spoilt, engine)
    expected = {}
    for *_, why in SPOILT.values():
        expected[why] = expected.get(why, 0) + 1
    assert done.set_aside == expected
    same(found, scores(some.drop(index=rows), intervals=True))
    wrong = set(some["attempt"][rows])
    assert set(found["attempt"][found["set_aside"] == 1]) == wrong and found["set_aside"].sum() == len(rows)
    aside = pd.read_parquet(done.set_aside_file).set_index("attempt")
    for row, (*_, why) in zip(rows, SPOILT.values(), strict=True):
        assert aside["why"][some["attempt"][row]] == why and aside["times"][some["attempt"][row]] == 1


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("numbered", [True, False])
def test_of_doubled_rows_one_is_used_and_of_unlike_ones_none(engine, numbered, table, scored):
    some = table[table["attempt"].isin(table["attempt"].unique()[:30])].reset_index(drop=True)
    some = some if numbered else some.drop(columns="number")
    again = some[some["attempt"] == some["attempt"][0]]  # a whole attempt once more
    unlike = some.iloc[[len(some) - 1]].assign(option="another")
    done, found = scored(pd.concat([some, again, unlike]), engine)
    key = "number" if numbered else "scene"
    assert done.set_aside == {
        f"{key}: the same row is there before": len(again),
        f"{key}: other rows say something else of the same": 2,
    }
    expected = scores(some.iloc[:-1], intervals=True)
    same(found, expected)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_file_twice_changes_nothing_but_what_is_told(engine, many, table, tmp_path):
    double = tmp_path / "double"
    double.mkdir()
    pq.write_table(pq.read_table(many), double / "a.parquet")
    pq.write_table(pq.read_table(many), double / "b.parquet")
    done = score_files(str(double), tmp_path / "twice.parquet", engine)
    score_files(str(many), tmp_path / "once.parquet", engine)
    assert done.set_aside == {"number: the same row is there before": len(table)}
    once, twice = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("once", "twice"))
    pd.testing.assert_frame_equal(twice.drop(columns="set_aside"), once.drop(columns="set_aside"), rtol=1e-9)


def test_numbers_that_have_the_sums_of_others_are_still_seen(table, scored):
    """1 … 7 less 1, 5, 6 and with 2, 3 twice has the same sum and sum of squares; powers of two tell them apart."""
    long = table.groupby("attempt").filter(lambda rows: len(rows) == 7)
    some = long[long["attempt"] == long["attempt"].iloc[0]].copy()
    some["number"] = [2, 2, 3, 3, 4, 7, 7]
    done, found = scored(some)
    assert done.set_aside == {"number: other rows say something else of the same": 6} and list(found["decisions"]) == [
        1
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_of_nobody_are_told(engine, table, scored):
    some = table[table["attempt"].isin(table["attempt"].unique()[:5])].reset_index(drop=True)
    nobody = some.assign(attempt=None).iloc[:3]
    done, found = scored(pd.concat([some, nobody]), engine)
    assert done.set_aside == {"attempt: it must not be empty": 3} and found["attempt"].notna().all()
    assert len(found) == 5


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_files_from_before_there_was_an_axis_stand_beside_others(engine, table, tmp_path):
    some = table[table["on_axis"] & table["attempt"].isin(table["attempt"].unique()[:50])]
    old, new = some.iloc[:100].drop(columns=["on_axis", "number"]), some.iloc[100:].drop(columns="number")
    (tmp_path / "in").mkdir()
    old.to_parquet(tmp_path / "in" / "a.parquet")
    new.to_parquet(tmp_path / "in" / "b.parquet")
    done = score_files(str(tmp_path / "in"), tmp_path / "out.parquet", engine)
    found, expected = pd.read_parquet(tmp_path / "out.parquet"), scores(some, intervals=True)
    assert done.set_aside == {}
    same(found, expected)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_table_and_one_attempt(engine, table, scored):
    done, found = scored(table.iloc[:0], engine)
    assert (done.attempts, done.decisions, len(found)) == (0, 0, 0)
    done, found = scored(table[table["attempt"] == table["attempt"][0]], engine)
    assert done.attempts == 1 and found["fit_low"][0] < found["fit"][0] < found["fit_high"][0] + 1e-9


def test_two_versions_of_a_case_are_told(table, tmp_path):
    some = table.iloc[:400].copy()
    some.loc[some.index[:100], ["case_id", "case_hash"]] = [some["case_id"].iloc[200], "f" * 64]
    some.to_parquet(tmp_path / "in.parquet")
    done = run("score", tmp_path / "in.parquet", "-o", tmp_path / "out.parquet", "--lang", "en")
    assert "is there in 2 versions, which may have other keys" in done.stdout and "ffffffff (100)" in done.stdout
    assert "SYNTHETIC: 400 rows are of simulated trainees" in done.stdout


def test_a_csv_is_checked_cell_by_cell_and_csv_comes_out(table, tmp_path):
    some = table[table["attempt"].isin(table["attempt"].unique()[:20])].drop(columns=["at", "seconds"])
    text = some.to_csv(index=False).splitlines()
    text[5] = text[5].replace(",1.0,", ",heavy,", 1)
    (tmp_path / "in.csv").write_text("\ufeff" + "\n".join(text), "utf-8")
    done = run("score", tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    assert done.returncode == 0 and "weight: it is no number" in done.stdout and "Отложена 1 строка" in done.stdout
    assert (tmp_path / "out.csv").read_bytes().startswith('\ufeff"attempt","decisions",'.encode())
    assert len(pd.read_csv(tmp_path / "out.csv")) == 20


def sentence(*arguments):
    done = run("score", *arguments, "--lang", "en")
    assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.slow
def test_what_cannot_be_scored_is_said_in_a_sentence_and_nothing_is_left(table, tmp_path):
    out = tmp_path / "out.parquet"
    out.write_text("what was there before")
    whole = tmp_path / "whole.parquet"
    table.iloc[:500].to_parquet(whole)
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(whole.read_bytes()[:-200])
    assert "cut.parquet is no Parquet file, or was cut short" in sentence(cut, "-o", out)
    (tmp_path / "nothing").mkdir()
    assert "has no Parquet files" in sentence(tmp_path / "nothing", "-o", out)
    assert "isn't there" in sentence(tmp_path / "none.parquet", "-o", out)
    in_russian = run("score", tmp_path / "none.parquet", "-o", out)  # which it speaks, unless asked otherwise
    assert in_russian.returncode == 2 and "такого нет" in in_russian.stderr
    (tmp_path / "empty.csv").write_text("")
    assert "empty.csv is empty" in sentence(tmp_path / "empty.csv", "-o", out)
    table.iloc[:50].rename(columns={"position_min": "position_mn"}).to_parquet(tmp_path / "renamed.parquet")
    assert 'no column position_min. Is it "position_mn"?' in sentence(tmp_path / "renamed.parquet", "-o", out)
    table.iloc[:50].astype({"fit": str}).to_parquet(tmp_path / "text.parquet")
    assert "text.parquet, fit: numbers are wanted" in sentence(tmp_path / "text.parquet", "-o", out)
    assert "ends in .parquet or .csv" in sentence(whole, "-o", tmp_path / "out.xlsx")
    assert 'unknown engine "duckbd". Did you mean "duckdb"?' in sentence(whole, "-o", out, "--engine", "duckbd")
    assert "--memory is kept by DuckDB alone" in sentence(whole, "-o", out, "--engine", "polars", "--memory", "1GB")
    assert 'as "1GB" (got "lots")' in sentence(whole, "-o", out, "--memory", "lots")
    assert out.read_text() == "what was there before"
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_auto_takes_duckdb_for_what_does_not_fit():
    assert chosen("auto", 1_000, None, None) == "polars"
    assert chosen("auto", 100_000_000, size_of("1GB"), None) == "duckdb"
    assert chosen("auto", None, None, None) == "duckdb"
    assert chosen("auto", 1_000, None, "spark://127.0.0.1:7077") == "spark"
    with pytest.raises(TrainkitError, match="--master is for Spark"):
        chosen("polars", 1, None, "local")
    with pytest.raises(UnknownName):
        chosen("dask", 1, None, None)
    assert (size_of("1GB"), size_of("0.5 gb"), size_of("300MB")) == (10**9, 5 * 10**8, 3 * 10**8)


def test_a_memory_limit_is_kept_and_the_figures_are_the_same(many, tmp_path):
    score_files(str(many), tmp_path / "a.parquet", "duckdb")
    score_files(str(many), tmp_path / "b.parquet", "duckdb", memory=size_of("60MB"))
    a, b = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in "ab")
    pd.testing.assert_frame_equal(a, b, rtol=1e-9)


def test_a_polars_frame_is_scored_as_a_lazy_one_is(table):
    rows = pl.from_pandas(table)
    eager, lazy = scores(rows, intervals=True), scores(rows.lazy(), intervals=True)
    assert isinstance(eager, pl.DataFrame) and isinstance(lazy, pl.LazyFrame)
    pd.testing.assert_frame_equal(eager.to_pandas(), lazy.collect().to_pandas(), rtol=1e-9)
    relation = scores(duckdb.from_arrow(pa.Table.from_pandas(table)), intervals=True)
    np.testing.assert_allclose(relation.df()["fit_low"], eager["fit_low"].to_numpy(), rtol=1e-9)
