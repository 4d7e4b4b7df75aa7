"""What is there to score? Parquet files of decisions: one, a folder of them, an export, a bucket; or a CSV, checked first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from trainkit.errors import N_, Told, TrainkitError, nearest, shown
from trainkit.exchange.columns import columns as codebook
from trainkit.exchange.read import Responses, read
from trainkit.exchange.table_kinds import refuse_doubled
from trainkit.scoring.frames import NUMBERS
from trainkit.typed import typed

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_CSV = 300_000_000  # bytes; it is checked cell by cell, which takes ten times as much memory


@dataclass(frozen=True)
class Source:
    """Files of decisions.

    Attributes
    ----------
    files
        Paths or addresses, in order.
    mixed
        Whether some are from before there were scenes outside the axis.
    rows
        How many there are; None: they are somewhere else, and nobody has looked.
    folder
        The export they are part of, if they are.
    checked
        What was read and set aside, of a CSV.
    """

    files: tuple[str, ...]
    rows: int | None = None
    mixed: bool = False
    folder: Path | None = None
    checked: Responses | None = None


def find(source: str, work: Path, columns: Sequence[str], fetch: bool) -> Source:
    """The files that are meant by a file, a folder or an address; a CSV becomes Parquet in the folder ``work``.

    What is in a bucket comes into that folder as well (these columns of it), once, however often it is looked at then; not
    if it isn't to be fetched (``fetch``), since a cluster reads it itself.

    Raises
    ------
    TrainkitError
        If there is none, one is no Parquet or was cut short, or has no decisions.
    """
    if "://" in source:
        return _source([_fetched(source, work / "fetched.parquet", columns)]) if fetch else Source((source,))
    path = Path(source).expanduser()
    if not path.exists():
        raise TrainkitError(N_("{file} isn't there"), file=shown(source))
    if path.is_dir():
        return _of_folder(path, work)
    if path.suffix == ".parquet":
        return _source([path])
    return _of_csv(path, work)


def _of_folder(folder: Path, work: Path) -> Source:
    whole = folder / "decisions.parquet"
    if whole.exists() and (folder / "datapackage.json").exists():
        return replace(_source([whole]), folder=folder)
    files = [whole] if whole.is_file() else sorted(file for file in folder.rglob("*.parquet") if file.is_file())
    if files:
        return _source(files)
    if (folder / "decisions.csv").exists():
        return _of_csv(folder / "decisions.csv", work)
    raise TrainkitError(N_("{folder} has no Parquet files, and no decisions.csv"), folder=shown(str(folder)))


def _of_csv(file: Path, work: Path) -> Source:
    """A CSV, checked as every table of responses is; its good rows as Parquet."""
    if file.stat().st_size > LARGEST_CSV:
        said = N_(
            "{file} has {size:,.0f} MB: a CSV is checked cell by cell in memory, up to {most:.0f} MB; give it as Parquet (an "
            "export has both)"
        )
        raise TrainkitError(said, file=file.name, size=file.stat().st_size / 1e6, most=LARGEST_CSV / 1e6)
    found = read(file, "decisions")
    parquet = work / "decisions.parquet"
    found.rows.to_parquet(parquet, index=False)
    return replace(_source([parquet]), checked=found)


def _fetched(address: str, file: Path, columns: Sequence[str]) -> Path:
    """Columns of the Parquet files at an address, by and by; no more of a file is fetched than they are."""
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    storage, _, path = address.partition("://")
    if storage != "s3":
        raise TrainkitError(N_("only s3:// is read without Spark (got {got})"), got=shown(address))
    if not find_spec("s3fs"):
        raise TrainkitError(N_("s3fs isn't installed, which reads object storage: pip install 'trainkit[s3]'"))
    import s3fs

    # read-ahead would fetch a file many times over; a file system that is used again would keep another storage's address
    storage = s3fs.S3FileSystem(default_cache_type="none", skip_instance_cache=True)
    try:
        found = ds.dataset(path, filesystem=storage, format="parquet")
        names = [name for name in found.schema.names if typed(name) in columns]
        there = found.scanner(columns=names, batch_readahead=1, fragment_readahead=1)
        with pq.ParquetWriter(file, there.projected_schema, compression="zstd") as writer:
            for batch in there.to_batches():
                writer.write_batch(batch)
    except Exception as error:  # of pyarrow, s3fs, botocore and aiohttp
        told = " ".join(str(error).split())[:300]
        why = told or type(error).__name__
        raise TrainkitError(N_("{file} can't be read: {why}"), file=shown(address), why=why) from error
    return file


def _source(files: list[Path]) -> Source:
    """Files, by what stands at their ends; the one with the most columns comes first, and is what all are read as."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, names = 0, {}
    for file in files:
        try:
            with pq.ParquetFile(file) as content:
                rows += content.metadata.num_rows
                refuse_doubled(content.schema_arrow.names, file.name)
                _check_columns(file.name, content.schema_arrow)
                names[file] = [typed(one) for one in content.schema_arrow.names]
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            told = str(error).splitlines()[0]
            said = N_("{file} is no Parquet file, or was cut short: {why}")
            raise TrainkitError(said, file=file.name, why=told) from error
    files = sorted(files, key=lambda file: -len(names[file]))
    have = {"on_axis" in names[file] for file in files}
    return Source(tuple(map(str, files)), rows, len(have) > 1)


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return any(of(kind) for of in (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal, pa.types.is_null))


def _check_columns(name: str, schema: pa.Schema) -> None:
    """Whether all columns are there that scores are made of, and figures are numbers."""
    names = {typed(one): one for one in schema.names}
    for one in codebook("decisions"):
        wanted = one.name in (*NUMBERS, "attempt", "scene", "option")
        if wanted and one.name not in names:
            near = nearest(one.name, [other for other in names if other not in {c.name for c in codebook("decisions")}])
            rule = N_(' Is it "{name}"? Rename it, or read the table with trainkit.read.')
            hint = Told(rule, name=near) if near else Told()
            raise TrainkitError(Told(N_("{file} has no column {column}."), file=name, column=one.name) + hint)
        if one.name in NUMBERS and not _is_number(kind := schema.field(names[one.name]).type):
            said = N_("{file}, {column}: numbers are wanted (got {kind}); trainkit.read reads such a table")
            raise TrainkitError(said, file=name, column=one.name, kind=kind)
