"""What is a report of? Decisions from anywhere, with the columns that name groups and times, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trainkit.analysis.summary import TAKEN, complete, first_attempts, people
from trainkit.errors import N_, Told, TrainkitError, UnknownName, shown
from trainkit.exchange.checks import OTHERWISE, TWICE, alike
from trainkit.exchange.own_words import names_in
from trainkit.exchange.read import Responses, plain_table, read
from trainkit.log.store import Log
from trainkit.report.times import in_order

if TYPE_CHECKING:
    import pandas as pd

# beside an export's folder: the versions that were played, frozen, as data/make_responses.py keeps them
CASES = "cases"
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
    # what was taken for one and the same, who was left out for it, which times are compared
    told: tuple[Told, ...] = ()
    order: str = ""  # what the order of the times rests on

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
    order: Sequence[str] | None = None,
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
    order : sequence of str, optional
        The times to compare, the earliest first; else by when answers were given, or by what they are called
        (:func:`trainkit.report.times.in_order`).

    Raises
    ------
    TrainkitError
        If there is nothing to report on, more was set aside than is left, there is no such column, or nothing tells which
        time is before which.
    """
    found = read(source, "decisions", columns, apart=[time] if time is not None else [])
    _enough(found, source, time)
    taken = [name for name in TAKEN if name not in found.rows.columns]
    rows = complete(_with_attempts(found.rows, (columns or {}).get(time or "", time)))
    attempts, unfinished = rows["attempt"].nunique(), 0
    if "finished" in rows.columns:
        unfinished = int((~rows.groupby("attempt")["finished"].first().astype(bool)).sum())
    tables = list(_others(source, design))
    told = [*_nearly_alike(rows)]
    for name, asked in (("_group", group), ("_wave", time)):
        if asked is not None:
            values, joined = _joined(_column(rows, asked, tables))
            rows, told = rows.assign(**{name: values}), [*told, *joined]
    rows, removed = _without(rows, _removed(rows, tables))
    rows, not_people = _without(rows, _not_people(rows))
    waves, resting = in_order(rows, time, order) if time is not None else ([], "")
    known = rows if time is None else rows.dropna(subset=["_wave"])
    if len(known) == 0:
        raise TrainkitError(N_("the column “{column}” says of nobody when they answered"), column=time)
    kept = first_attempts(known, ["_wave"] if time is not None else [])
    kept = _in_order(kept, waves, "number" in found.rows.columns)
    if len(waves) > 2 or (time is not None and kept["_wave"].nunique() > len(waves)):
        told.append(_compared(kept, waves))
    no_group = kept.loc[kept["_group"].isna(), "person"].nunique() if group is not None else 0
    if group is not None and (both := _in_both(kept)):
        kept = kept.assign(_group=kept["_group"].where(~kept["person"].isin(both), None))
        told.append(Told(N_("People who are in more than one group, left out of comparisons: {n}."), n=len(both)))
    groups = sorted(kept["_group"].dropna().unique()) if group is not None else []
    made = kept.loc[kept["origin"] == "synthetic", "attempt"].nunique() if "origin" in kept.columns else 0
    return Source(
        kept, Path(str(source)).name or str(source), groups, waves, attempts, unfinished,
        known["attempt"].nunique() - kept["attempt"].nunique(), removed, not_people, no_group, made, found, taken,
        _frozen(source), tuple(told), resting,
    )  # fmt: skip


def _enough(found: Responses, source: str | Path, time: str | None) -> None:
    """Refuse where nothing is left, or more was set aside than is left: a page would tell of an accident."""
    aside = len({one.row for one in found.set_aside})
    if aside <= len(found.rows) > 0:
        return
    if not aside:
        raise TrainkitError(N_("there is no answer in {source}"), source=shown(str(source)))
    reasons = Counter((one.theirs or one.column, one.why) for one in found.set_aside)
    (column, why), times = reasons.most_common(1)[0]
    said = N_("{source}: {aside} of {n} rows were set aside, most often for this: {column}: {why} ({times}).")
    if not len(found.rows):
        said = N_("there is no answer in {source}: all {n} rows were set aside; most often: {column}: {why} ({times}).")
    told = Told(
        said, source=shown(str(source)), aside=aside, n=aside + len(found.rows), column=column, why=why, times=times
    )
    way_out = N_("Is each column what --column calls it?")
    if why in (OTHERWISE, TWICE) and time is None:
        way_out = N_(
            "If people answered twice, name the column that says when (--time COLUMN), "
            "or the one that tells their attempts apart (--column THEIRS=attempt)."
        )
    elif why in (OTHERWISE, TWICE):
        way_out = N_("Name the column that tells attempts apart (--column THEIRS=attempt).")
    raise TrainkitError(told + " " + Told(way_out))


def _with_attempts(rows: pd.DataFrame, time: str | None) -> pd.DataFrame:
    """Where a table names no attempts: one is of a person, a case and a time."""
    if "attempt" in rows.columns or "person" not in rows.columns:
        return rows
    parts = [rows["person"].astype(str)]
    parts += [rows[name].map(alike) for name in ("case_id", time) if name is not None and name in rows.columns]
    attempt = parts[0]
    for part in parts[1:]:
        attempt = attempt + " / " + part
    return rows.assign(attempt=attempt)


def _in_order(rows: pd.DataFrame, waves: Sequence[str], numbered: bool) -> pd.DataFrame:
    """Rows by when attempts were begun, so that of each person the first is the first, however the table was sorted."""
    import pandas as pd

    first = rows.assign(_place=0)
    if waves:
        places = {wave: place for place, wave in enumerate(waves)}
        first["_place"] = rows["_wave"].map(lambda wave: places.get(wave, len(waves)))
    first["_began"] = rows.groupby("attempt")["at"].transform("min") if "at" in rows.columns else pd.NaT
    within = ["number"] if numbered else ["at"] if "at" in rows.columns else []
    by = ["_began", "_place", "person", "attempt", "case_id", *within, "scene", "option"]
    kept = first.sort_values(by, kind="stable").drop(columns=["_place", "_began"]).reset_index(drop=True)
    return kept if numbered else kept.assign(number=kept.groupby("attempt", sort=False).cumcount() + 1)


def _joined(values: pd.Series) -> tuple[pd.Series, list[Told]]:
    """Names of groups or times that differ in letters' case or spaces only are one name: the one that is there most."""
    counts = values.dropna().value_counts()
    spelt: dict[str, list[str]] = {}
    for name in sorted(counts.index, key=lambda name: (-counts[name], name)):
        spelt.setdefault(alike(name), []).append(name)
    said = N_("“{other}” is taken for “{name}”.")
    told = [Told(said, other=other, name=names[0]) for names in spelt.values() for other in names[1:]]
    return values.map(lambda name: spelt[alike(name)][0] if isinstance(name, str) else None), told


def _nearly_alike(rows: pd.DataFrame) -> Iterator[Told]:
    """That somebody may be counted as two: names are nobody's to join, but to be looked at."""
    names = rows["person"].dropna().astype(str).drop_duplicates()
    if doubtful := int(names.map(alike).duplicated(keep=False).sum()):
        said = N_(
            "People: {n}, of whom {doubtful} differ from another in large letters or spaces only; they count apart."
        )
        yield Told(said, n=len(names), doubtful=doubtful)


def _in_both(rows: pd.DataFrame) -> set[str]:
    groups = rows.groupby("person")["_group"].nunique()
    return set(groups.index[groups > 1])


def _compared(rows: pd.DataFrame, waves: Sequence[str]) -> Told:
    others = sorted(set(rows["_wave"]) - {waves[0], waves[-1]}, key=[*waves, *sorted(rows["_wave"].unique())].index)
    said = N_("Compared are “{first}” and “{last}”; what is of all times together has {others} as well.")
    return Told(said, first=waves[0], last=waves[-1], others=", ".join(f"“{one}”" for one in others))


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
            said = N_("{file} has none of the columns {keys} (it has {there})")
            raise TrainkitError(said, file=design.name, keys=", ".join(KEYS), there=listed)
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
                raise TrainkitError(N_("people have no pseudonyms here: name them in the table by person or attempt"))
            of = rows[key] if key in rows.columns else rows["person"].map(names)
            told = table.drop_duplicates(key).set_index(key)[name]
            if not of.isin(told.index).any():
                said = N_("nobody's {key} in the table with {name} is one of those who answered")
                raise TrainkitError(said, key=key, name=name)
            return _texts(of.map(told))
    known = [*rows.columns, *(column for table in tables for column in table.columns)]
    raise UnknownName(
        "column", name, [column for column in dict.fromkeys(map(str, known)) if not column.startswith("_")]
    )


def _texts(values: pd.Series) -> pd.Series:
    text = values.map(lambda cell: " ".join(str(cell).split()) if cell is not None and cell == cell else None)
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
        raise TrainkitError(N_("nobody is left to report on: everybody was removed from the room"))
    return left, rows.loc[out, "attempt"].nunique()
