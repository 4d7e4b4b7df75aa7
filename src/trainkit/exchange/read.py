"""How does a table of responses get in, whoever made it? Row by row: what is wrong is set aside and told, never used."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trainkit.errors import N_, Told, TrainkitError, UnknownName, shown
from trainkit.exchange.checks import FIRST, SetAside, checked
from trainkit.exchange.columns import TABLES, columns
from trainkit.exchange.table_kinds import refuse_doubled
from trainkit.files.reading import any_text, csv_rows
from trainkit.i18n import catalog

if TYPE_CHECKING:
    import pandas as pd

_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
MOST_COLUMNS = 2_000
WRITTEN = "as written"  # in a frame's attrs: cells as they stood in the file, by their column, where it was changed


class Responses(NamedTuple):
    """What was read: ``rows`` to work with, ``set_aside`` with reasons, ``notes`` on what was guessed or is worth knowing."""

    rows: pd.DataFrame
    set_aside: list[SetAside]
    notes: list[str]

    def report(self, most: int = 20, lang: str = "en") -> str:
        """The same in sentences: how many rows there are, what was set aside, what was guessed."""
        gettext = catalog(lang).gettext
        numbers = {"n": f"{len(self.rows):,}", "aside": f"{len({one.row for one in self.set_aside}):,}"}
        told = [gettext("{n} rows, {aside} set aside").format(**numbers)]
        told += [f"  {note.said(gettext) if isinstance(note, Told) else note}" for note in self.notes]
        told += [f"  {one.said(lang)}" for one in self.set_aside[:most]]
        if len(self.set_aside) > most:
            told.append("  " + gettext("… and {n} reasons more").format(n=f"{len(self.set_aside) - most:,}"))
        return "\n".join(told)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.report())}</pre>{self.rows.head()._repr_html_()}"


def read(
    source: str | Path,
    table: str = "decisions",
    columns: Mapping[str, str] | None = None,
    synthetic: bool = True,
    apart: Sequence[str] = (),
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
    apart : sequence of str
        Columns of a table without ``attempt`` that tell attempts of one person apart, as what was before and what after.

    Returns
    -------
    Responses
        A row is set aside where a value is none of its column (type, range, list of values), where something required is
        missing or infinite, and where it stands there twice (of equal rows the first is used, of unequal ones none); rows
        are equal if they are in our columns, in a table that isn't ours whenever they were sent. Rows are numbered as a
        spreadsheet does: the heading is 1.

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
    written, mapped = frame.attrs.pop(WRITTEN, {}), columns or {}
    frame, more = _renamed(frame, table, mapped)
    called = {our: theirs for theirs, our in mapped.items()}
    as_written = {mapped.get(theirs, theirs): cells for theirs, cells in written.items()}
    rows, aside, worth = checked(frame, table, called, as_written, [mapped.get(name, name) for name in apart])
    return Responses(rows, aside, [*notes, *more, *worth])


def plain_table(file: str | Path) -> tuple[pd.DataFrame, list[str]]:
    """A CSV or Parquet file of anybody's as it is, cells of CSV as text; and what was guessed.

    Raises
    ------
    TrainkitError
        If it isn't there, or can't be read.
    """
    path = Path(file).expanduser()
    if not path.is_file():
        raise TrainkitError(N_("{file} isn't there, or is no file"), file=shown(str(path)))
    if path.suffix == ".parquet":
        return _of_parquet(path), []
    try:
        frame, notes = _of_text(path.read_bytes(), path.name)
    except OSError as error:
        raise _unreadable(path, error) from error
    frame.attrs.pop(WRITTEN, None)
    return frame.reset_index(drop=True), notes


def _unreadable(path: Path, error: OSError) -> TrainkitError:
    return TrainkitError(N_("{file} can't be read: {why}"), file=shown(str(path)), why=error.strerror or error)


# ---- where it comes from ------------------------------------------------------------------------------------------


def _frame(source: str | Path, table: str, synthetic: bool) -> tuple[pd.DataFrame, list[str]]:
    """The table as text or typed as it comes, and what was guessed."""
    if "://" in str(source):
        return _of_log(str(source), table, synthetic)
    path = Path(source).expanduser()
    if path.is_dir():
        there = [file for suffix in ("parquet", "csv") if (file := path / f"{table}.{suffix}").exists()]
        if not there:
            raise TrainkitError(
                N_("{folder} has no {table}.parquet or {table}.csv"), folder=shown(str(path)), table=table
            )
        path = there[0]
    if not path.exists():
        raise TrainkitError(N_("{file} isn't there"), file=shown(str(path)))
    if path.suffix == ".parquet":
        return _numbered(_of_parquet(path)), []
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
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
        raise TrainkitError(N_("there is no log at {url}"), url=shown(url))
    reading = Reading(log, Wanted(synthetic=synthetic))
    parts = [batch.tables[table] for batch in reading.batches()]
    log.close()
    notes = [
        Told(N_("{n} attempts can't be replayed and have no decisions: {why}"), n=count, why=why)
        for why, count in reading.paths.unplayable.items()
    ]
    frame = (pa.concat_tables(parts) if parts else schema(table).empty_table()).to_pandas()
    return _numbered(frame), notes


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """With rows as a spreadsheet numbers them."""
    frame.index = range(FIRST, FIRST + len(frame))
    return frame


def _of_parquet(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        refuse_doubled(pq.read_schema(path).names, path.name)
        return pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise TrainkitError(N_("{file} can't be read: {why}"), file=path.name, why=error) from error


def _refuse_both(raw: bytes, name: str) -> None:
    """Raise if some lines are UTF-8 and others aren't, as where two files were put together: some names would be garbled."""
    first: dict[bool, int] = {}
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.isascii():
            try:
                is_utf_8 = bool(line.decode("utf-8"))
            except UnicodeDecodeError:
                is_utf_8 = False
            first.setdefault(is_utf_8, number)
    if len(first) == 2:
        said = N_("{file} has two encodings: line {utf8} is UTF-8, line {other} isn't. Save it anew in one.")
        raise TrainkitError(said, file=name, utf8=first[True], other=first[False])


def _of_text(raw: bytes, name: str) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    notes: list[str] = []
    if not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _refuse_both(raw, name)
    text, guessed = any_text(raw, name)
    if guessed:
        notes.append(Told(N_("{file} is no UTF-8: read as {called}"), file=name, called=guessed))
    if not text.strip():
        raise TrainkitError(N_("{file} is empty"), file=name)
    heading = text.splitlines()[0]
    mark = max((",", ";", "\t"), key=heading.count)
    if mark != ",":
        said = N_("{file} is separated by semicolons") if mark == ";" else N_("{file} is separated by tabs")
        notes.append(Told(said, file=name))
    names, *rows = (row for _, row in csv_rows(text, mark, name))
    names = [one.strip() for one in names]
    if len(names) > MOST_COLUMNS:
        said = N_("{file} has {n:,} columns; at most {most:,} are read")
        raise TrainkitError(said, file=name, n=len(names), most=MOST_COLUMNS)
    if doubled := [one for one, times in Counter(names).items() if times > 1]:
        raise TrainkitError(N_("{file} has the column '{name}' twice"), file=name, name=min(doubled))
    numbered = {number: row for number, row in enumerate(rows, FIRST) if row}
    for number, row in numbered.items():
        if len(row) != len(names):
            said = N_("{file}: row {row} has {n} cells, the heading {wanted}")
            raise TrainkitError(said, file=name, row=number, n=len(row), wanted=len(names))
    frame = pd.DataFrame([*numbered.values()], columns=names, index=[*numbered], dtype=object)
    if mark != "," and (written := _with_points(frame)):
        notes.append(Told(N_("decimal commas in {columns}"), columns=", ".join(written)))
        frame.attrs[WRITTEN] = written
    return frame, notes


def _with_points(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Decimal commas become points; the cells as they stood there, of columns that have such."""
    written = {}
    for name in frame.columns:
        decimal = frame[name].map(lambda cell: bool(_DECIMAL_COMMA.fullmatch(cell.strip()))).astype(bool)
        if decimal.any():
            written[name] = frame[name].copy()
            frame[name] = frame[name].where(~decimal, frame[name].str.replace(",", "."))
    return written


def _renamed(frame: pd.DataFrame, table: str, mapped: Mapping[str, str]) -> tuple[pd.DataFrame, list[str]]:
    ours = [one.name for one in columns(table)]
    for theirs, our in mapped.items():
        if theirs not in frame.columns:
            raise UnknownName("column of the table", theirs, list(map(str, frame.columns)))
        if our not in ours:
            raise UnknownName(f"column of {table}", our, ours)
    frame = frame.rename(columns=dict(mapped))
    refuse_doubled(list(map(str, frame.columns)), "the table")
    known = [name for name in ours if name in frame.columns]
    if not known:
        said = N_("no column of the table is one of {table} ({names}, …): name them with columns={{theirs: ours}}")
        raise TrainkitError(said, table=table, names=", ".join(ours[:6]))
    missing = [one.name for one in columns(table) if one.name not in known and not one.optional]
    return frame, [Told(N_("not in the table: {columns}"), columns=", ".join(missing))] if missing else []
