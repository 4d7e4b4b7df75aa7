"""Spark is real: a standalone cluster and a Connect server, from PySpark's wheel and Debian's Java, get DuckDB's figures."""

import pandas as pd
import pyarrow.parquet as pq
import pytest
from support.command_line import run

from trainkit.bulk.score_files import score_files

pytest.importorskip("pyspark", reason="PySpark isn't installed (pip install 'trainkit[spark]')")


@pytest.fixture(scope="module")
def spoilt(many, tmp_path_factory):
    """Decisions in several files, among them bad rows, doubled ones and such that say something else of the same."""
    folder = tmp_path_factory.mktemp("spoilt")
    table = pq.read_table(many).to_pandas()
    third = len(table) // 3
    table.loc[5, "weight"], table.loc[third + 7, "weight"] = None, float("inf")
    table.loc[[50, 2 * third], "position"] = 3.0
    again = pd.concat([table.iloc[100:140], table.iloc[[third]].assign(option="another")])
    for number, rows in enumerate((table.iloc[:third], table.iloc[third:], again)):
        rows.to_parquet(folder / f"{number}.parquet", index=False)
    done = score_files(str(folder), folder.parent / "expected.parquet", "duckdb")
    assert len(done.set_aside) == 5, done.set_aside
    return folder, done, pd.read_parquet(folder.parent / "expected.parquet")


@pytest.mark.parametrize("way", ["master", "connect"])
def test_a_cluster_gets_the_same_figures(way, spark_cluster, spoilt, tmp_path):
    folder, done, expected = spoilt
    master = spark_cluster.master if way == "master" else spark_cluster.connect()
    out = tmp_path / "out.parquet"
    said = run("score", folder, "-o", out, "--master", master, "--lang", "en", **spark_cluster.environment)
    assert said.returncode == 0, said.stderr[-3000:]
    found = pd.read_parquet(out)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, check_dtype=False)
    assert found["position"].isna().sum() == expected["position"].isna().sum() > 0
    assert f"{done.decisions:,} decisions (spark)" in said.stdout
    for why, count in done.set_aside.items():
        assert f"{count:,}  {why}" in said.stdout
    assert spark_cluster.said("master").count("Registering worker 127.0.0.1") == 2
    assert "Registered app" in spark_cluster.said("master")


def test_a_cluster_that_is_not_there_is_told_in_a_sentence(spark_cluster, spoilt, tmp_path):
    for master in ("sc://127.0.0.1:9", "spark://127.0.0.1:9"):
        line = ("score", spoilt[0], "-o", tmp_path / "out.parquet", "--master", master, "--lang", "en")
        said = run(*line, **spark_cluster.environment)
        assert said.returncode == 2 and "Traceback" not in said.stderr
        assert f'trainkit: no Spark answers at "{master}": ' in said.stderr
        assert not (tmp_path / "out.parquet").exists()
