"""What is a report of? Decisions from anywhere, with the columns that name groups and times, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trainkit.analysis.summary import TAKEN, complete, first_attempts, people
from trainkit.errors import N_, TrainkitError, UnknownName, shown
from trainkit.exchange.own_words import names_in
from trainkit.exchange.read import Responses, plain_table, read
from trainkit.log.store import Log

if TYPE_CHECKING:
    import pandas as pd

CASES = (
    "cases"  # beside an export's folder: the versions that were played, frozen, as data/make_responses.py keeps them
)
DESIGN = "design.csv"  # in an export's folder: who was in which group, and when
KEYS = ("attempt", "person", "participant")  # by which a table of one's own can be joined, the nearest first


class Source(NamedTuple):
    """Decisions to report on: ``group`` and ``wave`` are columns of their own there, where they were asked for."""

    decisions: pd.DataFrame
    name: str
    groups: list[str]  # in their order; none: no comparison was asked for
    waves: list[str]  # the earliest first
    attempts: int  # that there are, with those that were left out
    unfinished: int
    again: int  # attempts left out since they were second ones at the same case
    removed: int  # … since the trainer removed whoever played
    not_people: int  # … since nobody answered: simulated, scripted or blind ones among those of people
    no_group: int  # people of whom the group isn't known
    synthetic: int  # attempts of simulated trainees that are reported on
    read: Responses
    taken: list[str]  # columns that were missing, and what they mean is taken for granted
    cases: Path | None = None  # where the versions that were played lie, if they do

    @property
    def is_synthetic(self) -> bool:
        """Whether somebody is among them who doesn't exist."""
        return self.synthetic > 0


def load(
    source: str | Path,
    columns: Mapping[str, str] | None = None,
    group: str | None = None,
    time: str | None = None,
    design: Path | None = None,
) -> Source:
    """Read what is to be reported on.

    Parameters
    ----------
    source : str or Path
        An export's folder, a table, a log: what :func:`trainkit.read` takes.
    columns : mapping, optional
        Of a table that isn't ours: its column → ours.
    group, time : str, optional
        Columns that say who belonged where, and what was before and what after: of the decisions, of the export's attempts
        or people, or of ``design``.
    design : Path, optional
        A table with one of the columns attempt, person or participant; ``design.csv`` of the folder, if there is one.

    Raises
    ------
    TrainkitError
        If there is nothing to report on, or there is no such column.
    """
    found = read(source, "decisions", columns)
    if found.rows.empty:
        told = f": all {len({one.row for one in found.set_aside})} rows were set aside" if found.set_aside else ""
        raise TrainkitError(f"there is no answer in {shown(str(source))}{told}")
    taken = [name for name in TAKEN if name not in found.rows.columns]
    rows = complete(found.rows)
    attempts, unfinished = rows["attempt"].nunique(), 0
    if "finished" in rows.columns:
        unfinished = int((~rows.groupby("attempt")["finished"].first().astype(bool)).sum())
    tables = list(_others(source, design))
    for name, asked in (("_group", group), ("_wave", time)):
        if asked is not None:
            rows = rows.assign(**{name: _column(rows, asked, tables)})
    rows, removed = _without(rows, _removed(rows, tables))
    rows, not_people = _without(rows, _not_people(rows))
    waves = _in_time(rows) if time is not None else []
    known = rows if time is None else rows.dropna(subset=["_wave"])
    kept = first_attempts(known, ["_wave"] if time is not None else [])
    groups = sorted(kept["_group"].dropna().unique()) if group is not None else []
    no_group = kept.loc[kept["_group"].isna(), "person"].nunique() if group is not None else 0
    made = kept.loc[kept["origin"] == "synthetic", "attempt"].nunique() if "origin" in kept.columns else 0
    return Source(
        kept.reset_index(drop=True), Path(str(source)).name or str(source), groups, waves, attempts, unfinished,
        known["attempt"].nunique() - kept["attempt"].nunique(), removed, not_people, no_group, made, found, taken,
        _frozen(source),
    )  # fmt: skip


def names_of(source: str | Path) -> set[str]:
    """What people are called there: in a log by all names they ever bore, else by those of the table people."""
    if "://" in str(source) or Path(str(source)).suffix == ".sqlite3":
        return names_in(Log(str(source)))
    tables = [table for table in _others(source, None) if "participant" in table.columns]
    return {str(name) for table in tables for name in table["participant"].dropna()}


def changed(source: Source, parts: pd.DataFrame | None = None, measured: str = "fit") -> pd.DataFrame:
    """A row a person: ``group`` (empty texts where none was asked for), and the score ``before`` and ``after``.

    ``parts`` are scores by person, ``_group`` and ``_wave`` (:func:`trainkit.analysis.summary.people`), if they are there
    already. Of answers of one time all are after.
    """
    if parts is None:
        by = ["person", *(name for name in ("_group", "_wave") if name in source.decisions.columns)]
        parts = people(source.decisions, by=by)
    missing = {name: value for name, value in {"_group": "", "_wave": "after"}.items() if name not in parts.columns}
    parts = parts.assign(**missing).dropna(subset=["_group"])
    wide = parts.pivot(index=["person", "_group"], columns="_wave", values=measured).reset_index()
    last = source.waves[-1] if source.waves else "after"
    names = {"_group": "group", last: "after"} | ({source.waves[0]: "before"} if len(source.waves) > 1 else {})
    return wide.rename(columns=names).reindex(columns=["person", "group", "before", "after"])


def two_times(source: Source) -> tuple[str, str]:
    """The first time and the last one; TrainkitError if there is one only."""
    if len(source.waves) < 2:
        raise TrainkitError(N_("Before and after take answers of two times; here there is one."))
    return source.waves[0], source.waves[-1]


def two_groups(source: Source, people: pd.DataFrame, when: str) -> tuple[pd.Series, pd.Series]:
    """Of :func:`changed`, the scores of the two groups ``before`` or ``after``; TrainkitError if there aren't two."""
    if len(source.groups) != 2:
        raise TrainkitError(N_("Two groups are compared; here there are {n}."), n=len(source.groups))
    first, second = (people.loc[people["group"] == group, when] for group in source.groups)
    return first, second


def by_attempt(source: Source, measured: str = "fit") -> pd.DataFrame:
    """A row an attempt, as a mixed model takes it: ``person``, ``case_id``, ``time`` and ``group`` in their order, the score.

    Raises
    ------
    TrainkitError
        If there are no two groups, or no two times.
    """
    import pandas as pd

    ends = [*two_times(source)]
    if len(source.groups) != 2:
        raise TrainkitError(N_("Two groups are compared; here there are {n}."), n=len(source.groups))
    rows = source.decisions.dropna(subset=["_group", "_wave"])
    scored = people(rows, by=["person", "case_id", "_wave", "_group"]).rename(
        columns={"_wave": "time", "_group": "group"}
    )
    scored = scored[scored["time"].isin(ends)].assign(
        time=lambda frame: pd.Categorical(frame["time"], ends),
        group=lambda frame: pd.Categorical(frame["group"], source.groups),
    )
    return scored[["person", "case_id", "time", "group", measured]]


def _frozen(source: str | Path) -> Path | None:
    folder = Path(str(source)).expanduser().resolve()
    beside = folder.parent / CASES
    return beside if folder.is_dir() and beside.is_dir() else None


def _others(source: str | Path, design: Path | None) -> Iterator[pd.DataFrame]:
    """The tables beside the decisions: attempts and people of an export or a log, and one's own."""
    path = Path(str(source)).expanduser()
    for table in ("attempts", "people"):
        beside = [path / f"{table}.csv", path / f"{table}.parquet"]
        if any(file.exists() for file in beside) or "://" in str(source) or path.suffix == ".sqlite3":
            yield read(source, table).rows
    if design is None and path.is_dir() and (path / DESIGN).exists():
        design = path / DESIGN
    if design is not None:
        frame, _ = plain_table(design)
        if not any(key in frame.columns for key in KEYS):
            listed = ", ".join(map(str, frame.columns))
            raise TrainkitError(f"{design.name} has none of the columns {', '.join(KEYS)} (it has {listed})")
        yield frame


def _column(rows: pd.DataFrame, name: str, tables: list[pd.DataFrame]) -> pd.Series:
    """A column of the decisions or of a table beside them, as texts."""
    if name in rows.columns:
        return _texts(rows[name])
    named = [table[["person", "participant"]].dropna() for table in tables if {"person", "participant"} <= {*table}]
    names = {person: called for table in named for person, called in table.itertuples(index=False)}
    for table in tables:
        if name in table.columns:
            key = next(key for key in KEYS if key in table.columns)
            if key == "participant" and key not in rows.columns and not names:
                raise TrainkitError("people have no pseudonyms here: name them in the table by person or attempt")
            of = rows[key] if key in rows.columns else rows["person"].map(names)
            told = table.drop_duplicates(key).set_index(key)[name]
            if not of.isin(told.index).any():
                raise TrainkitError(f"nobody's {key} in the table with {name} is one of those who answered")
            return _texts(of.map(told))
    known = [*rows.columns, *(column for table in tables for column in table.columns)]
    raise UnknownName(
        "column", name, [column for column in dict.fromkeys(map(str, known)) if not column.startswith("_")]
    )


def _texts(values: pd.Series) -> pd.Series:
    text = values.map(lambda cell: str(cell).strip() if cell is not None and cell == cell else None)
    return text.where(text != "", None)


def _removed(rows: pd.DataFrame, tables: list[pd.DataFrame]) -> pd.Series:
    gone = {
        one for table in tables if {"attempt", "removed"} <= {*table} for one in table.loc[table["removed"], "attempt"]
    }
    return rows["attempt"].isin(gone)


def _not_people(rows: pd.DataFrame) -> pd.Series:
    """Rows of nobody, where there are people as well."""
    if "origin" not in rows.columns or not (rows["origin"] == "person").any():
        return rows["attempt"].isna()
    return rows["origin"] != "person"


def _without(rows: pd.DataFrame, out: pd.Series) -> tuple[pd.DataFrame, int]:
    left = rows[~out]
    if left.empty:
        raise TrainkitError("nobody is left to report on: everybody was removed from the room")
    return left, rows.loc[out, "attempt"].nunique()


def _in_time(rows: pd.DataFrame) -> list[str]:
    """The values of the wave: by when answers were given, else in the order in which they stand in the table."""
    if "at" in rows.columns and rows["at"].notna().any():
        return [str(one) for one in rows.groupby("_wave")["at"].median().sort_values(kind="stable").index]
    return [str(one) for one in rows["_wave"].dropna().unique()]
