"""How are files of decisions scored, however many? Attempts with figures and intervals; bad rows set aside and told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from trainkit.bulk import row_checks
from trainkit.bulk.engines import Engine, chosen, opened
from trainkit.bulk.keys import Key
from trainkit.bulk.runs import PLAYED, Runs, replay_runs
from trainkit.bulk.sources import Source, find
from trainkit.errors import N_, TrainkitError, shown
from trainkit.exchange.cells import as_texts
from trainkit.exchange.checks import TWICE
from trainkit.files.reading import writing
from trainkit.scoring.frames import as_numbers, of_sums, respelt, summed
from trainkit.scoring.interval_expressions import with_intervals

BY = ("attempt",)
USED = ("attempt", "number", *row_checks.IDS, "case_id", "case_hash", "origin")
SUFFIXES = (".parquet", ".csv")


class Version(NamedTuple):
    """Rows of one version of a case."""

    case: str
    version: str
    rows: int


@dataclass(frozen=True)
class Scored:
    """What was done: by which engine, attempts and decisions scored, rows set aside by reason, versions that were met."""

    engine: str
    attempts: int
    decisions: int
    set_aside: dict[str, int]
    set_aside_file: Path | None
    versions: tuple[Version, ...]
    synthetic: int  # decisions of simulated trainees
    ways: int = 0  # distinct ones that were replayed
    unplayable: Mapping[str, int] = field(default_factory=dict)  # why attempts can't be replayed → how many


def score_files(
    source: str,
    out: Path,
    engine: str = "auto",
    memory: int | None = None,
    master: str | None = None,
    key: Path | None = None,
    play: bool = False,
    progress: Callable[[int], object] = lambda ways: None,
) -> Scored:
    """Score files of decisions: a row an attempt, written whole or not at all.

    Parameters
    ----------
    source : str
        A Parquet file of decisions, a folder of them, a folder of ``trainkit export``, a CSV, or an address (``s3://…``).
    out : Path
        ``.parquet`` or ``.csv``; what is there is replaced. Rows set aside are in ``…-set-aside.parquet`` beside it.
    engine : str
        ``auto``, ``pandas``, ``polars``, ``duckdb`` or ``spark``.
    memory : int, optional
        Bytes; DuckDB keeps to it and puts the rest on the disk, beside ``out``.
    master : str, optional
        Of Spark.
    key : Path, optional
        A CSV as ``trainkit key export`` writes it: runs of an export are replayed and scored by it.
    play : bool
        Whether Play, Inquiry, ``finished`` and ``went_back`` are wanted: runs of an export are replayed.
    progress : callable
        Told how many distinct ways were replayed, again and again.

    Returns
    -------
    Scored
        The columns written are those of :func:`trainkit.scores` with intervals, and ``set_aside``: how many rows of the
        attempt were not used.

    Raises
    ------
    TrainkitError
        If there is nothing to score, or the engine isn't installed or could not do it.
    """
    out = out.expanduser()
    if out.suffix not in SUFFIXES:
        raise TrainkitError(
            N_("-o ends in {one} or {other} (got {got})"), one=SUFFIXES[0], other=SUFFIXES[1], got=shown(out.name)
        )
    with writing(f'"{out}"'), tempfile.TemporaryDirectory(prefix=f".{out.stem}-", dir=_parent(out)) as folder:
        work = Path(folder)
        found, kept = (
            find(source, work, _columns(), master is None and engine != "spark"),
            out.with_name(f".{out.stem}-ways.sqlite3"),
        )
        runs = None
        if key is not None or play:
            if found.folder is None:
                raise TrainkitError(
                    f"{shown(source)} is no folder of trainkit export: --key and --play replay its runs"
                )
            runs = replay_runs(found.folder, work, kept, None if key is None else Key(key), play, progress)
            found = found if runs.decisions is None else find(str(runs.decisions), work, _columns(), True)
        with opened(chosen(engine, found.rows, memory, master), memory, master, work) as library:
            done = _Scoring(found, library, work, runs).into(out)
        kept.unlink(missing_ok=True)
        return done


def _parent(out: Path) -> Path:
    out.parent.mkdir(parents=True, exist_ok=True)
    return out.parent


class _Scoring:
    def __init__(self, source: Source, engine: Engine, work: Path, runs: Runs | None):
        self.source, self.engine, self.work, self.runs = source, engine, work, runs

    def into(self, out: Path) -> Scored:
        import narwhals as nw

        raw = _lazy(self.engine.scan(self.source.files, _columns()))
        raw = respelt(raw, BY)
        names = raw.collect_schema().names()
        if self.source.mixed:
            raw = raw.with_columns(nw.col("on_axis").fill_null(True))
        self.numbered = "number" in names
        rows = as_numbers(raw, BY, [name for name in ("number", *row_checks.IDS) if name in names])
        first = self._kept(self._first_look(rows), "first")
        troubled = self._troubled(first, rows)
        scored, aside = first, None
        if troubled is not None:
            scored, aside = self._second_look(first, rows, troubled)
        if self.runs is not None and self.runs.played is not None:
            played = _lazy(self.engine.scan([str(self.runs.played)], PLAYED))
            scored = self._kept(scored.join(played, on=[*BY], how="left").sort(*BY), "played")
        told = scored.select(
            attempts=nw.len().cast(nw.Int64), decisions=nw.col("decisions").sum(), least=nw.col("set_aside").min()
        )
        attempts, decisions, _ = _rows(told)[0]
        reasons, file = self._told(aside, out)
        versions, synthetic = _versions(raw, names)
        self._written(scored, out)
        runs = self.runs
        return Scored(
            self.engine.name, attempts, int(decisions or 0), reasons, file, versions, synthetic,
            0 if runs is None else runs.distinct, {} if runs is None else runs.unplayable,
        )  # fmt: skip

    def _first_look(self, rows: Any) -> Any:
        """All attempts, as if no row was there twice; ``set_aside`` is −1 where that isn't so."""
        sums = summed(rows, BY, row_checks.usable(), row_checks.first_look(self.numbered))
        scored = of_sums(sums, BY, set_aside=row_checks.set_aside(self.numbered))
        return with_intervals(scored).sort(*BY)

    def _troubled(self, first: Any, rows: Any) -> Any | None:
        """The attempts that need a second look, if there are any."""
        import narwhals as nw

        found = first.filter((nw.col("set_aside") != 0) | nw.col("attempt").is_null()).select(*BY)
        if not self.numbered:
            twice = rows.group_by(*BY, "scene").agg(_times=nw.len()).filter(nw.col("_times") > 1).select(*BY)
            found = nw.concat([found, twice]).unique()
        found = self._kept(found, "troubled")
        return found if _rows(found.select(nw.len().cast(nw.Int64)))[0][0] else None

    def _second_look(self, first: Any, rows: Any, troubled: Any) -> tuple[Any, Any]:
        """The scores with those of troubled attempts worked out anew, and the rows that are set aside."""
        import narwhals as nw

        named = rows.join(troubled, on=[*BY], how="semi")
        nameless = rows.filter(nw.col("attempt").is_null())
        key = ["number"] if self.numbered else ["scene"]
        seen = self._kept(row_checks.looked_through(nw.concat([named, nameless]), BY, key), "seen")
        good = nw.col("why").is_null()
        sums = summed(seen, BY, good, {"rows": nw.col("times").cast(nw.Float64)})
        again = with_intervals(of_sums(sums, BY, set_aside=(nw.col("_rows") - nw.col("_n")).cast(nw.Int64)))
        again = again.filter(~nw.col("attempt").is_null())
        rest = first.join(troubled, on=[*BY], how="anti").filter(~nw.col("attempt").is_null())
        scored = self._kept(nw.concat([rest, again]).sort(*BY), "scored")
        doubled = seen.filter(good & (nw.col("times") > 1)).with_columns(
            why=nw.lit(f"{key[0]}: {TWICE}"), times=nw.col("times") - 1
        )
        aside = nw.concat([seen.filter(~good), doubled])
        return scored, self._kept(aside.with_columns(nw.col("times").cast(nw.Int64)), "aside")

    def _told(self, aside: Any | None, out: Path) -> tuple[dict[str, int], Path | None]:
        """How many rows were set aside by which reason, and the file that has them."""
        import narwhals as nw

        reasons: dict[str, int] = {}
        if self.source.checked is not None:
            for one in self.source.checked.set_aside:
                reasons[f"{one.column}: {one.why}"] = reasons.get(f"{one.column}: {one.why}", 0) + 1
        if aside is None:
            return reasons, None
        for why, rows in _rows(aside.group_by("why").agg(rows=nw.col("times").sum()).sort("why")):
            reasons[why] = reasons.get(why, 0) + int(rows)
        file = out.with_name(f"{out.stem}-set-aside.parquet")
        self.engine.write(nw.to_native(aside.sort(*BY)), self.work / "set-aside.parquet")
        (self.work / "set-aside.parquet").replace(file)
        return reasons, file

    def _kept(self, frame: Any, name: str) -> Any:
        return _lazy(self.engine.keep(frame.to_native(), self.work / f"{name}.parquet"))

    def _written(self, scored: Any, out: Path) -> None:
        file = self.work / "out.parquet"
        kept = [one for one in ("played", "scored", "first") if (self.work / f"{one}.parquet").is_file()]
        if kept:
            (self.work / f"{kept[0]}.parquet").replace(file)
        else:
            self.engine.write(scored.to_native(), file)
        if out.suffix == ".csv":
            _as_csv(file, self.work / "out.csv")
            file = self.work / "out.csv"
        file.replace(out)


def _columns() -> Sequence[str]:
    from trainkit.scoring.frames import NUMBERS

    return (*USED, *NUMBERS, "on_axis")


def _lazy(native: Any) -> Any:
    import narwhals as nw

    return nw.from_native(native)


def _rows(frame: Any) -> list[tuple[Any, ...]]:
    """The rows of a small frame."""
    import narwhals as nw

    return (frame.collect() if isinstance(frame, nw.LazyFrame) else frame).rows()


def _versions(raw: Any, names: Sequence[str]) -> tuple[tuple[Version, ...], int]:
    """Rows by case and version, where the table has them; and how many are of simulated trainees."""
    import narwhals as nw

    by = [name for name in ("case_id", "case_hash", "origin") if name in names]
    if not by:
        return (), 0
    counted = _rows(raw.group_by(*by).agg(_rows=nw.len()).sort(*by))
    found: dict[tuple[str, str], int] = {}
    synthetic = 0
    for *values, rows in counted:
        row, rows = dict(zip(by, values, strict=True)), int(rows)
        synthetic += rows if row.get("origin") == "synthetic" else 0
        if row.get("case_id") and row.get("case_hash"):
            key = row["case_id"], row["case_hash"]
            found[key] = found.get(key, 0) + rows
    return tuple(Version(*key, rows) for key, rows in found.items()), synthetic


def _as_csv(parquet: Path, csv: Path) -> None:
    """The same as CSV, by and by: UTF-8 with a byte order mark, so that spreadsheets read it."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    with pq.ParquetFile(parquet) as content, csv.open("wb") as out:
        out.write("\ufeff".encode())
        how = pyarrow.csv.WriteOptions(quoting_style="needed")
        with pyarrow.csv.CSVWriter(out, content.schema_arrow, write_options=how) as lines:
            for batch in content.iter_batches():
                texts = [pa.types.is_string(kind) or pa.types.is_large_string(kind) for kind in batch.schema.types]
                told = [as_texts(one) if text else one for one, text in zip(batch.columns, texts, strict=True)]
                lines.write_batch(pa.record_batch(told, batch.schema))
