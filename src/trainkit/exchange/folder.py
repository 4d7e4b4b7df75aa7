"""How is a folder of tables written? CSV and Parquet, the codebook and a data package; whole, or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from trainkit.exchange.cells import as_texts
from trainkit.exchange.columns import TABLES, WRITTEN_BY_PEOPLE, codebook, frictionless_schema, schema
from trainkit.exchange.iso_times import iso_times
from trainkit.exchange.log_tables import Reading, codes_schema
from trainkit.exchange.new_folder import new_folder
from trainkit.exchange.statements import home_address
from trainkit.exchange.workbook import Workbook
from trainkit.exchange.xapi import StatementsFile
from trainkit.log import schema as tables

if TYPE_CHECKING:
    import pyarrow as pa

BESIDE = ("cases", "translations", "codes")  # what an import needs besides the tables
_BOM = "\ufeff".encode()


class Exported(NamedTuple):
    """What was written: the folder, rows of each table, attempts that are simulated, and why some can't be replayed."""

    folder: Path
    rows: dict[str, int]
    synthetic: int
    unplayable: dict[str, int]


def export_folder(
    reading: Reading,
    folder: Path,
    progress: Callable[[int], object] = lambda attempts: None,
    workbook: bool = False,
    statements: str | None = None,
) -> Exported:
    """Write a log's tables to a folder that isn't there yet, or is empty.

    Parameters
    ----------
    reading : Reading
        The log, and what of it is wanted.
    folder : Path
        It gets ``decisions``, ``attempts``, ``events`` and ``people`` as ``.csv`` (UTF-8 with a byte order mark, so that
        spreadsheets read it; what they would take for a formula has an apostrophe before it) and as ``.parquet``,
        ``codebook.csv``, ``datapackage.json`` (Frictionless, v1), and the versions of cases and translations that were
        played (``cases.parquet``, ``translations.parquet``), by which runs can be replayed elsewhere, and what coders gave
        to own words (``codes.parquet``; coders are called what they call themselves, with ``names`` or without).
    progress : callable
        Told how many attempts were written, again and again.
    workbook : bool
        Whether the tables are wanted in ``responses.xlsx`` as well (needs openpyxl).
    statements : str, optional
        An address of one's own under which ``statements.jsonl`` gets the same as xAPI 1.0.3 statements.

    Raises
    ------
    TrainkitError
        If the folder has something in it, or can't be written; nothing is left then.
    """
    folder = folder.expanduser()
    if statements is not None:
        home_address(statements)
    with new_folder(folder) as part:
        done = _write(reading, part, progress, workbook, statements)
    return done._replace(folder=folder)


def _write(
    reading: Reading, folder: Path, progress: Callable[[int], object], workbook: bool, home: str | None
) -> Exported:
    import pyarrow.parquet as pq

    book = Workbook(folder / "responses.xlsx") if workbook else None
    rows = dict.fromkeys(TABLES, 0)
    synthetic = 0
    versions: dict[str, set[str]] = {"case_hash": set(), "translations_hash": set()}
    with ExitStack() as stack:
        writers = {name: stack.enter_context(_TableWriter(folder, name)) for name in TABLES}
        codes = stack.enter_context(pq.ParquetWriter(folder / "codes.parquet", codes_schema(), compression="zstd"))
        told = None
        if home is not None:
            told = stack.enter_context(closing(StatementsFile(folder / "statements.jsonl", home, reading.log.version)))
        for batch in reading.batches():
            for name, table in batch.tables.items():
                writers[name].write(table)
                if book is not None:
                    book.write(name, table)
                rows[name] += len(table)
            if told is not None:
                told.write(batch.tables)
                rows["statements"] = told.rows
            begun = batch.tables["attempts"]
            synthetic += sum(origin == "synthetic" for origin in begun["origin"].to_pylist())
            for name, seen in versions.items():
                seen.update(begun[name].unique().to_pylist())
            codes.write_table(batch.codes)
            progress(batch.attempts)
    if book is not None:
        book.save()
    _write_versions(reading, folder, versions)
    (folder / "codebook.csv").write_bytes(_BOM + codebook().encode())
    done = Exported(folder, rows, synthetic, dict(reading.paths.unplayable))
    package = json.dumps(_package(folder, done), ensure_ascii=False, indent=2)
    (folder / "datapackage.json").write_text(package + "\n", "utf-8")
    return done


class _TableWriter:
    """One table as CSV and as Parquet."""

    def __init__(self, folder: Path, name: str):
        self._name, self._csv, self._parquet = name, folder / f"{name}.csv", folder / f"{name}.parquet"

    def __enter__(self) -> _TableWriter:
        import pyarrow.csv
        import pyarrow.parquet

        self._stack = ExitStack()
        fields = schema(self._name)
        out = self._stack.enter_context(self._csv.open("wb"))
        out.write(_BOM)
        how = pyarrow.csv.WriteOptions(quoting_style="needed")
        plain = _plain(fields.empty_table(), self._name).schema
        self._lines = self._stack.enter_context(pyarrow.csv.CSVWriter(out, plain, write_options=how))
        self._columns = self._stack.enter_context(
            pyarrow.parquet.ParquetWriter(self._parquet, fields, compression="zstd")
        )
        return self

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        self._columns.write_table(table)
        self._lines.write_table(_plain(table, self._name))

    def __exit__(self, *problem: Any) -> None:
        self._stack.__exit__(*problem)


def _plain(table: pa.Table, name: str) -> pa.Table:
    """A table for text: times with T and Z, and an apostrophe before what a spreadsheet takes for a formula."""
    import pyarrow as pa

    for number, field in enumerate(table.schema):
        column = table.column(number)
        if pa.types.is_timestamp(field.type):
            column = iso_times(column)
        elif field.name in WRITTEN_BY_PEOPLE.get(name, ()):
            column = as_texts(column)
        else:
            continue
        table = table.set_column(number, field.name, column)
    return table


def _write_versions(reading: Reading, folder: Path, versions: dict[str, set[str]]) -> None:
    """Write the versions that were played, as the log has them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for table in (tables.cases, tables.translations):
        (key,) = table.primary_key
        names = [column.name for column in table.c if column.name != "added_at"]
        query = sa.select(*(table.c[name] for name in names)).order_by(key)
        found: list[Any] = []
        if reading.log.exists and versions[key.name]:
            with reading.log.reading() as connection:
                found = [row for row in connection.execute(query) if row[0] in versions[key.name]]
        columns = {name: [row[number] for row in found] for number, name in enumerate(names)}
        plain = pa.schema([(name, pa.string()) for name in names])
        pq.write_table(pa.table(columns, plain), folder / f"{table.name}.parquet", compression="zstd")


def _package(folder: Path, done: Exported) -> dict[str, Any]:
    """The data package: what each file is, and what kind of data these are."""
    described = "Responses to role-play exercises. The keys behind position and fit are one author's and not validated."
    if done.synthetic:
        described = (
            f"SYNTHETIC in part: {done.synthetic} of {done.rows['attempts']} attempts were simulated. " + described
        )
    return {
        "profile": "tabular-data-package",
        "name": "trainkit-responses",
        "title": "trainkit: responses",
        "description": described,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "trainkit": {
            "version": version("trainkit"),
            "attempts": done.rows["attempts"],
            "synthetic": done.synthetic,
            "not_replayed": done.unplayable,
            "parquet": {name: _sha256(folder / f"{name}.parquet") for name in (*TABLES, *BESIDE)},
        },
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name,
                "path": f"{name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8-sig",
                "bytes": (folder / f"{name}.csv").stat().st_size,
                "hash": f"sha256:{_sha256(folder / f'{name}.csv')}",
                "schema": frictionless_schema(name),
            }
            for name in TABLES
        ],
    }


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
