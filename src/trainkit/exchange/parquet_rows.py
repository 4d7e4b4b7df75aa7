"""How is a Parquet table from elsewhere read? By its metadata first, then some rows at a time: a small file can hold a lot.

Texts are read as their file has them, each different one once, and are made whole only where they are known to be short: a
file of 4 kB can name a text of a megabyte two thousand times.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainkit.errors import N_, TrainkitError, shown
from trainkit.exchange.table_kinds import as_wanted
from trainkit.log.foreign import LONGEST, YEARS

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROWS = 100_000  # and one more for each byte of the file: a row of an export takes several
UNPACKED = 2**28  # bytes of a column in one group of rows, and of the texts of the rows that are read at once
AT_ONCE = 2_000  # rows
_DATES = [datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) for year in (YEARS.start, YEARS.stop)]


def look_at_tables(folder: Path, names: Sequence[str]) -> None:
    """Look at what all these tables of a folder say of themselves, before any is read; see :func:`rows_of`."""
    for name in names:
        with _opened(folder, f"{name}.parquet"):
            pass


def rows_of(folder: Path, name: str, wanted: pa.Schema) -> Iterator[dict[str, Any]]:
    """The rows of a table in a folder, as the columns that are wanted.

    Raises
    ------
    TrainkitError
        If it isn't there, can't be read, has other columns, or is more than a file of an export can be.
    """
    import pyarrow as pa

    place = f"{name}.parquet"
    with _opened(folder, place) as file:
        as_wanted(file.schema_arrow.empty_table(), wanted, place)
        for batch in file.iter_batches(AT_ONCE, columns=wanted.names):
            _refuse_long(batch, place)
            table = as_wanted(pa.Table.from_batches([batch]), wanted, place)
            yield from _dated(table).to_pylist()


@contextmanager
def _opened(folder: Path, name: str) -> Iterator[pq.ParquetFile]:
    """A table of a folder; what is wrong with the file, also in the middle of it, becomes a TrainkitError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = folder / name
    if not file.exists():
        said = N_("{folder} has no {file}: it is no folder of trainkit export")
        raise TrainkitError(said, folder=shown(str(folder)), file=file.name)
    try:
        found = pq.read_metadata(file)
        _refuse_big(found, file)
        columns = found.schema.to_arrow_schema()
        texts = [
            field.name for field in columns if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        with pq.ParquetFile(file, metadata=found, read_dictionary=texts) as content:
            yield content
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        place = shown(f"{folder.name}/{file.name}")
        raise TrainkitError(N_("{file} can't be read: {why}"), file=place, why=error) from error


def _refuse_big(found: pq.FileMetaData, file: Path) -> None:
    """Raise TrainkitError if a file's metadata says that it has more rows, or unpacks to more, than honest ones do."""
    if found.num_rows > ROWS + file.stat().st_size:
        said = N_("{file} has {rows} rows, which a table of its size can't have: it was not read")
        raise TrainkitError(said, file=shown(file.name), rows=f"{found.num_rows:,}")
    for number in range(found.num_row_groups):
        group = found.row_group(number)
        sizes = (group.column(column).total_uncompressed_size for column in range(group.num_columns))
        if max(sizes, default=0) > UNPACKED:
            raise _too_big(file.name)


def _too_big(name: str) -> TrainkitError:
    said = N_("{file} unpacks to more than {most} MB at once: it was not read")
    return TrainkitError(said, file=shown(name), most=UNPACKED >> 20)


def _refuse_long(batch: pa.RecordBatch, name: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    total = 0
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            lengths = pc.binary_length(column.dictionary)
            if (pc.max(lengths).as_py() or 0) > LONGEST:
                raise _too_big(name)
            total += pc.sum(pc.cast(lengths.take(column.indices), pa.int64())).as_py() or 0
    if total > UNPACKED:
        raise _too_big(name)


def _dated(table: pa.Table) -> pa.Table:
    """The same, without times that Python has no name for: these are empty, and refused with their run."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for number, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            column = table.column(number)
            first, last = (pa.scalar(date, field.type) for date in _DATES)
            known = pc.and_(pc.greater_equal(column, first), pc.less(column, last))
            column = pc.if_else(known, column, pa.scalar(None, field.type))
            table = table.set_column(number, field.with_nullable(True), column)
    return table
