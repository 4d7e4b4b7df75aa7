"""Decisions in a bucket: each engine reads them where they lie, and fetches no more than the file has (moto's server)."""

import os
import subprocess
import sys
import threading

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from trainkit.bulk.score_files import score_files
from trainkit.errors import TrainkitError
from trainkit.scoring.decisions import Decision
from trainkit.scoring.frames import scores

COLUMNS = ["attempt", *Decision.__dataclass_fields__]


class _Counting:
    """A WSGI application that counts the bytes of what is got from it."""

    def __init__(self, app):
        self.app, self.fetched = app, 0

    def __call__(self, environ, start_response):
        for part in self.app(environ, start_response):
            self.fetched += len(part) if environ["REQUEST_METHOD"] == "GET" else 0
            yield part


@pytest.fixture
def bucket(many, monkeypatch):
    """A storage on loopback with one file of decisions: (address, its size, how many bytes were fetched)."""
    for name in ("moto.server", "flask_cors", "s3fs"):
        pytest.importorskip(name, reason="moto's server or s3fs isn't installed (pip install 'trainkit[test-scale]')")
    import boto3
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    counting = _Counting(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, counting, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    for name, value in {
        "AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "us-east-1", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    for name in [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]:
        monkeypatch.delenv(name)
    file, table = pa.BufferOutputStream(), pq.read_table(many)
    seconds = np.random.default_rng(1).lognormal(2, 0.5, len(table)).round(3)  # people's, which no two share
    at = pa.array(np.cumsum(seconds * 1e6).astype("int64"), pa.timestamp("us", "UTC"))
    for name, column in (("seconds", pa.array(seconds)), ("at", at)):
        table = table.set_column(table.schema.get_field_index(name), name, column)
    pq.write_table(table, file, compression="zstd")
    content = file.getvalue().to_pybytes()
    client = boto3.client("s3", endpoint_url=address)
    client.create_bucket(Bucket="responses")
    client.put_object(Bucket="responses", Key="friday/decisions.parquet", Body=content)
    counting.fetched = 0
    yield "s3://responses/friday/decisions.parquet", len(content), counting
    client.delete_object(Bucket="responses", Key="friday/decisions.parquet")
    client.delete_bucket(Bucket="responses")
    server.shutdown()


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_no_more_is_fetched_than_the_file_has(engine, bucket, many, tmp_path):
    address, size, counting = bucket
    done = score_files(address, tmp_path / "there.parquet", engine)
    score_files(str(many), tmp_path / "here.parquet", engine)
    there, here = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("there", "here"))
    pd.testing.assert_frame_equal(there, here, rtol=1e-9)
    assert done.attempts == len(here)
    assert 0 < counting.fetched <= size, f"{counting.fetched:,} of {size:,} bytes"


def polars_frame(address):
    url = os.environ["AWS_ENDPOINT_URL"]
    return pl.scan_parquet(address, storage_options={"aws_endpoint_url": url, "aws_allow_http": "true"})


def pandas_frame(address):
    # read-ahead, the default of s3fs, would fetch the file eight times over
    return pd.read_parquet(
        address, columns=COLUMNS, storage_options={"default_cache_type": "none", "skip_instance_cache": True}
    )


def duckdb_frame(address):
    import s3fs

    storage = s3fs.S3FileSystem(default_cache_type="none", skip_instance_cache=True)
    return duckdb.from_arrow(ds.dataset(address.removeprefix("s3://"), filesystem=storage, format="parquet"))


@pytest.mark.parametrize("frame", [pandas_frame, polars_frame, duckdb_frame])
def test_a_frame_over_a_bucket_is_scored_where_it_lies(frame, bucket, many):
    """As README says for each library."""
    address, size, counting = bucket
    found = scores(frame(address), intervals=True)
    if isinstance(found, pl.LazyFrame):
        found = found.collect().to_pandas()
    found = found if isinstance(found, pd.DataFrame) else found.df()
    expected = scores(pq.read_table(many).to_pandas(), intervals=True)
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), expected.reset_index(drop=True), rtol=1e-9, check_dtype=False
    )
    assert 0 < counting.fetched <= size, f"{counting.fetched:,} of {size:,} bytes"


SMALL = """
import os, sys, polars as pl, trainkit
found = trainkit.scores(pl.scan_parquet(sys.argv[1], storage_options={
    "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL"], "aws_allow_http": "true"}), intervals=True)
print(len(found.collect()))
"""


def test_of_a_small_file_polars_fetches_no_more_than_it_has_if_told_so(bucket, monkeypatch):
    """As README says: by default 256 kB are read for the footer, and again for the columns that are in them."""
    import boto3

    address, _, counting = bucket
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    whole = client.get_object(Bucket="responses", Key="friday/decisions.parquet")["Body"].read()
    file = pa.BufferOutputStream()
    pq.write_table(pq.read_table(pa.BufferReader(whole)).slice(0, 15_000), file, compression="zstd")
    content = file.getvalue().to_pybytes()
    client.put_object(Bucket="responses", Key="friday/decisions.parquet", Body=content)
    counting.fetched = 0
    monkeypatch.setenv("POLARS_CLOUD_FOOTER_READ_SIZE", "16384")
    command = [sys.executable, "-c", SMALL, address]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and int(done.stdout) > 1_000, done.stderr
    assert 0 < counting.fetched <= len(content) < 1_000_000, f"{counting.fetched:,} of {len(content):,} bytes"


def test_what_is_not_there_is_said_in_a_sentence(bucket, tmp_path):
    for address in ("s3://responses/monday.parquet", "s3://nowhere/decisions.parquet", "gs://responses/friday"):
        with pytest.raises(TrainkitError, match=r"can't be read: |only s3:// is read without Spark"):
            score_files(address, tmp_path / "out.parquet")
        assert not (tmp_path / "out.parquet").exists()
