"""Which library does the work? pandas, polars, DuckDB or Spark: each opens files, keeps results, writes them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from trainkit.errors import N_, TrainkitError, UnknownName
from trainkit.typed import typed

NAMES = ("pandas", "polars", "duckdb", "spark")
BYTES_A_ROW = {"pandas": 600, "polars": 110}  # of decisions, at the peak (tests/benchmarks/bench_score.py)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB|TB)", re.IGNORECASE)
_FACTORS = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


class Engine(Protocol):
    """A library at work."""

    name: str

    def scan(self, files: Sequence[str], columns: Sequence[str]) -> Any:
        """The rows of Parquet files, lazily where the library can; of others only these columns."""

    def keep(self, frame: Any, file: Path) -> Any:
        """Work a frame out, once, in a file (or in memory), and give it back to go on with."""

    def write(self, frame: Any, file: Path) -> None:
        """Write a frame as one Parquet file."""

    def close(self) -> None:
        """Let go what was opened."""


def size_of(text: str) -> int:
    """An amount of memory as it is typed, in bytes: 1GB, 500 MB."""
    told = _SIZE.fullmatch(text.strip())
    if not told or not float(told[1]):
        raise TrainkitError(
            N_('an amount of memory is a number with KB, MB, GB or TB, as "1GB" (got "{got}")'), got=text
        )
    return int(float(told[1]) * _FACTORS[told[2].upper()])


def chosen(name: str, rows: int | None, memory: int | None, master: str | None) -> str:
    """The engine that is meant by a name: ``auto`` takes polars where the rows fit into memory, DuckDB where they don't."""
    if name not in ("auto", *NAMES):
        raise UnknownName("engine", name, ("auto", *NAMES))
    if master is not None and name not in ("auto", "spark"):
        raise TrainkitError(N_("--master is for Spark (got --engine {name})"), name=name)
    if memory is not None and name not in ("auto", "duckdb"):
        raise TrainkitError(N_("--memory is kept by DuckDB alone (got --engine {name})"), name=name)
    if name != "auto":
        return name
    if master is not None:
        return "spark"
    limit, here = memory or _half_the_memory(), [one for one in NAMES if find_spec(one)]
    fits = [one for one in ("polars", "pandas") if one in here and (rows or 1e12) * BYTES_A_ROW[one] <= limit]
    if "polars" in fits or ("duckdb" not in here and fits):
        return fits[0]
    if "duckdb" not in here:
        raise TrainkitError(N_("these rows don't fit into memory; DuckDB can do it: pip install 'trainkit[duckdb]'"))
    return "duckdb"


def _half_the_memory() -> int:
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return 4_000_000_000


@contextmanager
def opened(name: str, memory: int | None, master: str | None, work: Path) -> Iterator[Engine]:
    """An engine, closed at the end; what goes wrong in it is told in a sentence.

    Parameters
    ----------
    memory : int, optional
        How much DuckDB may take; what doesn't fit is put into the folder ``work``.
    master : str, optional
        Of Spark: ``spark://host:7077``, ``sc://host:15002`` (Connect), ``local[2]``.
    """
    extra = {"spark": "pyspark"}.get(name, name)
    if not find_spec(extra):
        raise TrainkitError(N_("{library} isn't installed: pip install 'trainkit[{name}]'"), library=extra, name=name)
    engine: Engine
    if name == "spark":
        from trainkit.bulk.spark import Spark

        engine = Spark(master)
    else:
        engine = {"pandas": _Pandas, "polars": _Polars, "duckdb": _DuckDB}[name](memory, work)
    try:
        yield engine
    except TrainkitError:
        raise
    except Exception as error:
        theirs = type(error).__module__.partition(".")[0] in (
            *NAMES,
            "narwhals",
            "_duckdb",
            "pyarrow",
            "pyspark",
            "py4j",
            "botocore",
        )
        if not theirs and not isinstance(error, (OSError, MemoryError)):
            raise
        told = " ".join(str(error).split())[:300]
        raise TrainkitError(N_("{name} could not do it: {why}"), name=name, why=told) from error
    finally:
        engine.close()


# ---- each of them -----------------------------------------------------------------------------------------------------


class _Pandas:
    name = "pandas"

    def __init__(self, memory: int | None, work: Path):
        pass

    def scan(self, files: Sequence[str], columns: Sequence[str]) -> Any:
        import pyarrow.dataset as ds

        found = ds.dataset(list(files), format="parquet")
        names = [name for name in found.schema.names if typed(name) in columns]
        table = found.to_table(columns=names).to_pandas(split_blocks=True, self_destruct=True)
        return table.astype({name: "boolean" for name in names if typed(name) == "on_axis"})  # so that null isn't False

    def keep(self, frame: Any, file: Path) -> Any:
        return frame

    def write(self, frame: Any, file: Path) -> None:
        frame.to_parquet(file, index=False, compression="zstd")

    def close(self) -> None:
        pass


class _Polars:
    name = "polars"

    def __init__(self, memory: int | None, work: Path):
        pass

    def scan(self, files: Sequence[str], columns: Sequence[str]) -> Any:
        import polars as pl

        return pl.scan_parquet(list(files), missing_columns="insert", extra_columns="ignore")

    def keep(self, frame: Any, file: Path) -> Any:
        import polars as pl

        self.write(frame, file)
        return pl.scan_parquet(file)

    def write(self, frame: Any, file: Path) -> None:
        frame.sink_parquet(file)

    def close(self) -> None:
        pass


class _DuckDB:
    name = "duckdb"

    def __init__(self, memory: int | None, work: Path):
        import duckdb

        limit = {"memory_limit": f"{memory // 1_000_000}MB"} if memory else {}
        self._connection = duckdb.connect(config={"temp_directory": str(work / "spilled")} | limit)
        # rows have no order to keep: an attempt's are found by its name
        self._connection.execute("SET preserve_insertion_order = false")

    def scan(self, files: Sequence[str], columns: Sequence[str]) -> Any:
        return self._connection.read_parquet(list(files), union_by_name=len(files) > 1)

    def keep(self, frame: Any, file: Path) -> Any:
        self.write(frame, file)
        return self._connection.read_parquet(str(file))

    def write(self, frame: Any, file: Path) -> None:
        frame.write_parquet(str(file), compression="zstd")

    def close(self) -> None:
        self._connection.close()
