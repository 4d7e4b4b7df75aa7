"""The workbook: the tables as they are in Parquet, read by openpyxl and by LibreOffice; nothing in it is a formula."""

import csv
import subprocess

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from support.logs import filled

from trainkit.cli.main import main
from trainkit.exchange import workbook
from trainkit.exchange.columns import TABLES, columns
from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading
from trainkit.log.store import Log

EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workbook")
    log = filled(Log(folder / "log.sqlite3"))
    export_folder(Reading(log), folder / "out", workbook=True)
    log.close()
    return folder / "out"


def test_openpyxl_reads_the_same(out):
    book = openpyxl.load_workbook(out / "responses.xlsx")
    assert {*book.sheetnames} == {"codebook", *TABLES}
    for name in TABLES:
        table = pq.read_table(out / f"{name}.parquet")
        heading, *rows = book[name].iter_rows()
        assert [cell.value for cell in heading] == [one.name for one in columns(name)] and len(rows) == len(table)
        assert not any(cell.data_type == "f" for row in rows for cell in row)
        for row, values in zip(rows, zip(*(column.to_pylist() for column in table.columns), strict=True), strict=True):
            for cell, value, column in zip(row, values, columns(name), strict=True):
                if column.kind == "time" and value is not None:
                    assert abs(cell.value - value.replace(tzinfo=None)).total_seconds() < 0.001
                elif column.kind == "number" and value is not None:
                    assert cell.value == pytest.approx(value, rel=1e-14)  # a workbook has 16 digits
                else:
                    assert cell.value == value
    texts = {row[5].value for row in book["events"].iter_rows()}
    assert {"=1+1", "-потому что", "Ну\nздравствуйте"} <= texts


@pytest.mark.slow
@pytest.mark.needs("libreoffice")
def test_libreoffice_reads_the_same(out, tmp_path):
    """Cyrillic, times in their own form, and what looks like a sum stays what somebody said."""
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", EVERY_SHEET]
    files = ["--outdir", str(tmp_path), str(out / "responses.xlsx")]
    done = subprocess.run([*command, *files], capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    for name in TABLES:
        (file,) = tmp_path.glob(f"*-{name}.csv")
        with file.open(encoding="utf-8", newline="") as content:
            heading, *rows = csv.reader(content)
        frame = pq.read_table(out / f"{name}.parquet").to_pandas()
        assert heading == list(frame.columns) and len(rows) == len(frame)
        for number, column in enumerate(columns(name)):
            for row, value in zip(rows, frame[column.name], strict=True):
                if pd.isna(value):
                    assert row[number] == ""
                elif column.kind == "text":
                    assert row[number] == value
                elif column.kind == "time":
                    assert abs(pd.Timestamp(row[number], tz="UTC") - value) <= pd.Timedelta(seconds=1)
                elif column.kind == "number":
                    assert float(row[number]) == pytest.approx(value, abs=1e-6)


def test_a_table_too_long_for_a_sheet_goes_on_in_another(out, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "ROWS", 50)
    book = workbook.Workbook(tmp_path / "small.xlsx")
    table = pq.read_table(out / "events.parquet")
    book.write("events", table)
    book.save()
    sheets = openpyxl.load_workbook(tmp_path / "small.xlsx")
    parts = [sheets[name] for name in sheets.sheetnames if name.startswith("events")]
    assert [sheet.title for sheet in parts[:2]] == ["events", "events (2)"]
    assert all(sheet.max_row <= 50 for sheet in parts)
    steps = [row[1].value for sheet in parts for row in list(sheet.iter_rows())[1:]]
    assert steps == table["step"].to_pylist()


def test_the_command(tmp_path):
    log = filled(Log(tmp_path / "log.sqlite3"))
    log.close()
    assert main(["export", "--database", str(tmp_path / "log.sqlite3"), "--xlsx", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "responses.xlsx").exists()
