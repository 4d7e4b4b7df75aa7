"""How does a table of responses get in, whoever made it? Row by row: what is wrong is set aside and told, never used."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trainkit.errors import TrainkitError, UnknownName, shown
from trainkit.exchange.columns import FORMULA, TABLES, WRITTEN_BY_PEOPLE, Column, columns

if TYPE_CHECKING:
    import pandas as pd

KEYS = {
    "decisions": ("attempt", "scene"),
    "attempts": ("attempt",),
    "events": ("attempt", "step"),
    "people": ("person",),
}
_ENCODINGS = {"utf-8-sig": "UTF-8", "cp1251": "Windows-1251"}
_HEX = re.compile(r"(\d+) hexadecimal digits")
_ID = re.compile(r"[a-z0-9_]+")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_TRUE, _FALSE = ("true", "1", "yes", "да"), ("false", "0", "no", "нет")


class SetAside(NamedTuple):
    """A row that isn't used: its number in the file (the first of data is 1), the column, what stood there and why not."""

    row: int
    column: str
    value: str
    why: str


class Responses(NamedTuple):
    """What was read: ``rows`` to work with, ``set_aside`` with reasons, ``notes`` on what was guessed or is worth knowing."""

    rows: pd.DataFrame
    set_aside: list[SetAside]
    notes: list[str]

    def report(self, most: int = 20) -> str:
        """The same in sentences: how many rows there are, what was set aside, what was guessed."""
        told = [f"{len(self.rows):,} rows, {len({one.row for one in self.set_aside}):,} set aside"]
        told += [f"  {note}" for note in self.notes]
        told += [f"  row {one.row}, {one.column} = {shown(one.value)}: {one.why}" for one in self.set_aside[:most]]
        if len(self.set_aside) > most:
            told.append(f"  … and {len(self.set_aside) - most:,} reasons more")
        return "\n".join(told)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.report())}</pre>{self.rows.head()._repr_html_()}"


def read(
    source: str | Path, table: str = "decisions", columns: Mapping[str, str] | None = None, synthetic: bool = True
) -> Responses:
    """Read a table of responses, checked against the codebook.

    Parameters
    ----------
    source : str or Path
        A folder of ``trainkit export``, a ``.parquet`` or ``.csv`` file, an SQLite log or a database URL. CSV may be UTF-8
        (with a byte order mark or not) or Windows-1251, separated by comma, semicolon or tab; with semicolons, decimals may
        have commas.
    table : str
        ``decisions``, ``attempts``, ``events`` or ``people``.
    columns : mapping, optional
        Of a table that isn't ours: its column → ours, e.g. ``{"Участник": "person", "Сцена": "scene"}``; other columns stay
        as they are, under their names. Whoever is named there may be called anything (a pseudonym, a number), and so may
        scenes, options and cases, unless most have ids as ours are.
    synthetic : bool
        Whether simulated trainees of a log are read, too.

    Returns
    -------
    Responses
        A row is set aside where a value is none of its column (type, range, list of values), where something required is
        missing or infinite, and where it stands there twice (of equal rows the first is used, of unequal ones none).

    Raises
    ------
    TrainkitError
        If there is nothing to read, it can't be read, or no column is one of the codebook's.

    Examples
    --------
    >>> import trainkit as tk
    >>> read = tk.read("responses", columns={"who": "person"})  # doctest: +SKIP
    """
    if table not in TABLES:
        raise UnknownName("table", table, TABLES)
    frame, notes = _frame(source, table, synthetic)
    frame, more = _renamed(frame, table, columns or {})
    checked = _checked(frame, table, set((columns or {}).values()))
    return checked._replace(notes=[*notes, *more, *checked.notes])


def plain_table(file: str | Path) -> tuple[pd.DataFrame, list[str]]:
    """A CSV or Parquet file of anybody's as it is, cells of CSV as text; and what was guessed.

    Raises
    ------
    TrainkitError
        If it isn't there, or can't be read.
    """
    path = Path(file).expanduser()
    if not path.is_file():
        raise TrainkitError(f"{shown(str(path))} isn't there, or is no file")
    if path.suffix == ".parquet":
        return _of_parquet(path), []
    try:
        return _of_text(path.read_bytes(), path.name)
    except OSError as error:
        raise TrainkitError(f"{shown(str(path))} can't be read: {error.strerror or error}") from error


# ---- where it comes from ------------------------------------------------------------------------------------------


def _frame(source: str | Path, table: str, synthetic: bool) -> tuple[pd.DataFrame, list[str]]:
    """The table as text or typed as it comes, and what was guessed."""
    if "://" in str(source):
        return _of_log(str(source), table, synthetic)
    path = Path(source).expanduser()
    if path.is_dir():
        there = [file for suffix in ("parquet", "csv") if (file := path / f"{table}.{suffix}").exists()]
        if not there:
            raise TrainkitError(f"{shown(str(path))} has no {table}.parquet or {table}.csv")
        path = there[0]
    if not path.exists():
        raise TrainkitError(f"{shown(str(path))} isn't there")
    if path.suffix == ".parquet":
        return _of_parquet(path), []
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise TrainkitError(f"{shown(str(path))} can't be read: {error.strerror or error}") from error
    if raw.startswith(b"SQLite format 3\0"):
        return _of_log(str(path), table, synthetic)
    return _of_text(raw, path.name)


def _of_log(url: str, table: str, synthetic: bool) -> tuple[pd.DataFrame, list[str]]:
    import pyarrow as pa

    from trainkit.exchange.columns import schema
    from trainkit.exchange.log_tables import Reading, Wanted
    from trainkit.log.store import Log

    log = Log(url)
    if not log.exists:
        raise TrainkitError(f"there is no log at {shown(url)}")
    reading = Reading(log, Wanted(synthetic=synthetic))
    parts = [batch.tables[table] for batch in reading.batches()]
    log.close()
    notes = [
        f"{count} attempts can't be replayed and have no decisions: {why}"
        for why, count in reading.paths.unplayable.items()
    ]
    return (pa.concat_tables(parts) if parts else schema(table).empty_table()).to_pandas(), notes


def _of_parquet(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise TrainkitError(f"{path.name} can't be read: {error}") from error


def _of_text(raw: bytes, name: str) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    notes: list[str] = []
    for encoding, called in _ENCODINGS.items():
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8-sig":
            notes.append(f"{name} is no UTF-8: read as {called}")
        break
    else:
        raise TrainkitError(f"{name} is a text neither in UTF-8 nor in Windows-1251")
    if "\0" in text:
        raise TrainkitError(f"{name} is no text")
    if not text.strip():
        raise TrainkitError(f"{name} is empty")
    heading = text.splitlines()[0]
    mark = max((",", ";", "\t"), key=heading.count)
    if mark != ",":
        notes.append(f"{name} is separated by {'semicolons' if mark == ';' else 'tabs'}")
    names, *rows = csv.reader(io.StringIO(text), delimiter=mark)
    names = [one.strip() for one in names]
    if doubled := {one for one in names if names.count(one) > 1}:
        raise TrainkitError(f"{name} has the column {sorted(doubled)[0]!r} twice")
    ragged = [number for number, row in enumerate(rows, 1) if row and len(row) != len(names)]
    if ragged:
        raise TrainkitError(f"{name}: row {ragged[0]} has {len(rows[ragged[0] - 1])} cells, the heading {len(names)}")
    frame = pd.DataFrame([row for row in rows if row], columns=names, dtype=object)
    if mark != ",":
        commas = [
            one for one in names if frame[one].map(lambda cell: bool(_DECIMAL_COMMA.fullmatch(cell.strip()))).any()
        ]
        for one in commas:
            frame[one] = frame[one].map(
                lambda cell: cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell.strip()) else cell
            )
        if commas:
            notes.append(f"decimal commas in {', '.join(commas)}")
    return frame, notes


def _renamed(frame: pd.DataFrame, table: str, mapped: Mapping[str, str]) -> tuple[pd.DataFrame, list[str]]:
    ours = [one.name for one in columns(table)]
    for theirs, our in mapped.items():
        if theirs not in frame.columns:
            raise UnknownName("column of the table", theirs, list(map(str, frame.columns)))
        if our not in ours:
            raise UnknownName(f"column of {table}", our, ours)
    frame = frame.rename(columns=dict(mapped))
    known = [name for name in ours if name in frame.columns]
    if not known:
        raise TrainkitError(
            f"no column of the table is one of {table} ({', '.join(ours[:6])}, …): name them with columns={{theirs: ours}}"
        )
    missing = [one.name for one in columns(table) if one.name not in known and not one.optional]
    return frame, [f"not in the table: {', '.join(missing)}"] if missing else []


# ---- what is wrong with it ----------------------------------------------------------------------------------------


def _checked(frame: pd.DataFrame, table: str, theirs: set[str]) -> Responses:
    """Of a table whose columns ``theirs`` were renamed: what they call a person or a scene needn't have the form of ours."""
    import pandas as pd

    frame = frame.reset_index(drop=True)
    aside: list[SetAside] = []
    for column in columns(table):
        if column.name in frame.columns:
            if column.name in theirs and _called_otherwise(frame[column.name], column):
                column = column._replace(values="text" + " or empty" * column.optional)
            frame[column.name], wrong = _typed(frame[column.name], column, table)
            aside += [SetAside(int(row) + 1, column.name, value, why) for row, value, why in wrong]
    bad = {one.row - 1 for one in aside}
    key = KEYS[table]
    if (
        table == "decisions" and "attempt" not in frame.columns
    ):  # somebody else's: whoever answered stands for the attempt
        key = ("person", "case_id", "scene") if "person" in frame.columns else ()
    aside += _doubled(frame.drop(index=sorted(bad)), [name for name in key if name in frame.columns])
    bad = {one.row - 1 for one in aside}
    rows = frame.drop(index=sorted(bad)).reset_index(drop=True)
    notes = []
    if "case_hash" in rows.columns and "case_id" in rows.columns:
        for case, versions in rows.groupby("case_id")["case_hash"]:
            counts = versions.value_counts()
            if len(counts) > 1:
                told = ", ".join(f"{name[:8]} ({count:,} rows)" for name, count in counts.items())
                notes.append(f"{case} is there in {len(counts)} versions, which may have other keys: {told}")
    if "origin" in rows.columns and (made := int((rows["origin"] == "synthetic").sum())):
        notes.append(f"SYNTHETIC: {made:,} of {len(rows):,} rows are of simulated trainees")
    assert isinstance(rows, pd.DataFrame)
    return Responses(rows, sorted(aside), notes)


def _called_otherwise(values: pd.Series, column: Column) -> bool:
    """Whether a column has somebody else's names instead of our ids: of whoever answered always, else where most are none."""
    if _HEX.match(column.values):
        return True
    if not column.values.startswith("a-z 0-9 _"):
        return False
    told = values.dropna().map(lambda cell: str(cell).strip())
    told = told[told != ""]
    return len(told) > 0 and float(told.map(lambda cell: bool(_ID.fullmatch(cell))).mean()) < 0.5


Wrong = list[tuple[int, str, str]]


def _typed(values: pd.Series, column: Column, table: str) -> tuple[pd.Series, Wrong]:
    """The column with its type, and (row, value, why) of what is none of it."""
    import pandas as pd

    text = values.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    empty = text.isna() | (text == "") if text.dtype == object or str(text.dtype) in ("str", "string") else text.isna()
    wrong: Wrong = []
    if not column.optional:
        wrong += [(row, "", "it must not be empty") for row in values.index[empty]]
    told = text[~empty]
    if column.kind in ("number", "integer"):
        typed = pd.to_numeric(told, errors="coerce")
        found = typed.astype("float64")
        wrong += [(row, str(told[row]), "it is no number") for row in told.index[found.isna()]]
        infinite = found.abs() == float("inf")
        wrong += [(row, str(told[row]), "it is infinite") for row in told.index[infinite]]
        found = found[found.notna() & ~infinite]
        if column.kind == "integer":
            wrong += [(row, str(told[row]), "it is no whole number") for row in found.index[found % 1 != 0]]
        wrong += [(row, str(told[row]), why) for row, why in _out_of_range(found, column)]
        done = found.reindex(values.index)
        if column.kind == "integer" and not done.isna().any() and not (done % 1 != 0).any():
            done = done.astype("int64")
        return done, wrong
    if column.kind == "time":
        typed = pd.to_datetime(told, errors="coerce", utc=True, format="ISO8601")
        wrong += [(row, str(told[row]), "it is no time (ISO 8601)") for row in told.index[typed.isna()]]
        return typed.reindex(values.index), wrong
    if column.kind == "boolean":
        said = told.map(lambda cell: str(cell).lower())
        none = ~said.isin([*_TRUE, *_FALSE])
        wrong += [(row, str(told[row]), "it is neither true nor false") for row in told.index[none]]
        return said[~none].isin(_TRUE).reindex(values.index, fill_value=False), wrong
    told = told.astype(str)
    if column.name in WRITTEN_BY_PEOPLE.get(table, ()):
        told = told.map(lambda cell: cell[1:] if cell[:1] == "'" and re.match(FORMULA, cell[1:]) else cell)
    wrong += [(row, told[row], why) for row, why in _not_of_form(told, column)]
    return told.reindex(values.index).where(~empty, None), wrong


def _out_of_range(values: pd.Series, column: Column) -> list[tuple[int, str]]:
    if column.bounds is None:
        return []
    low, high = column.bounds
    said = f"it is under {low:.0f}" if high == float("inf") else f"it is not from {low:.0f} to {high:.0f}"
    return [(row, said) for row in values.index[(values < low) | (values > high)]]


def _not_of_form(values: pd.Series, column: Column) -> list[tuple[int, str]]:
    if told := _HEX.match(column.values):
        form = re.compile(rf"[0-9a-f]{{{told[1]}}}")
        return [
            (row, f"it is not {told[0]}") for row in values.index[~values.map(lambda cell: bool(form.fullmatch(cell)))]
        ]
    if column.values.startswith("a-z 0-9 _"):
        return [
            (row, "an id has a–z, 0–9 and _")
            for row in values.index[~values.map(lambda cell: bool(_ID.fullmatch(cell)))]
        ]
    if names := column.allowed:
        return [(row, f"it is none of {', '.join(names)}") for row in values.index[~values.isin(names)]]
    return []


def _doubled(frame: pd.DataFrame, key: Sequence[str]) -> list[SetAside]:
    """Rows with one key: of equal ones all but the first, of unequal ones all."""
    if not key or frame.empty:
        return []
    again = frame[frame.duplicated(list(key), keep=False)]
    found: list[SetAside] = []
    for names, same in again.groupby(list(key), dropna=False):
        name = " ".join(map(str, names))
        if len(same.drop_duplicates()) == 1:
            found += [SetAside(int(row) + 1, key[0], name, "the same row is there before") for row in same.index[1:]]
        else:
            found += [
                SetAside(int(row) + 1, key[0], name, "other rows say something else of the same") for row in same.index
            ]
    return found
