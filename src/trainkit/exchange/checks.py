"""What is wrong with the rows of a table? Each that isn't used gets its number, its column, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from trainkit.errors import N_, Told, shown
from trainkit.exchange.cells import from_text
from trainkit.exchange.columns import WRITTEN_BY_PEOPLE, Column, columns
from trainkit.i18n import catalog

if TYPE_CHECKING:
    import pandas as pd

KEYS = {
    "decisions": ("attempt", "scene"),
    "attempts": ("attempt",),
    "events": ("attempt", "step"),
    "people": ("person",),
}
WHO = ("attempt", "person", "participant")  # columns that say whose a row is
FIRST = 2  # number of the first row of data, as a spreadsheet counts: the heading is row 1
TWICE = N_("the same row is there before")
OTHERWISE = N_("other rows say something else of the same")
_WHEN = ("at", "seconds")  # by these alone an answer that was sent twice differs
_HEX = re.compile(r"(\d+) hexadecimal digits")
_ID = re.compile(r"[a-z0-9_]+")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_TRUE, _FALSE = ("true", "1", "yes", "да"), ("false", "0", "no", "нет")


class SetAside(NamedTuple):
    """A row that isn't used: its number as a spreadsheet counts (the heading is 1), the column, what stood there, why not."""

    row: int
    column: str
    value: str
    why: str
    theirs: str = ""  # what the column is called in the file, where that isn't our name

    def said(self, lang: str = "en") -> str:
        """The same as a phrase; who answered isn't told: the row can be looked up, and what is printed is passed on."""
        gettext = catalog(lang).gettext
        why = self.why.said(gettext) if isinstance(self.why, Told) else self.why
        told = self.column not in WHO
        said = gettext('row {row}, {column} = "{value}": {why}') if told else gettext("row {row}, {column}: {why}")
        return said.format(row=self.row, column=self.theirs or self.column, value=shown(self.value)[1:-1], why=why)


def alike(value: object) -> str:
    """A name without what a reader doesn't see: large or small letters, spaces at the ends, doubled or unbreakable ones."""
    return " ".join(str(value).split()).casefold()


def checked(
    frame: pd.DataFrame,
    table: str,
    called: Mapping[str, str],
    written: Mapping[str, pd.Series],
    apart: Sequence[str] = (),
) -> tuple[pd.DataFrame, list[SetAside], list[str]]:
    """The rows to work with, typed; those that aren't used; what is worth knowing of the former.

    Parameters
    ----------
    frame : pandas.DataFrame
        By our names; its index is what a spreadsheet calls the rows.
    table : str
        Which of the codebook's tables it is.
    called : mapping
        Our column → what the file calls it: there a person or a scene needn't be called as ours are.
    written : mapping
        Our column → cells as they stood in the file, where the frame has them otherwise.
    apart : sequence of str
        Columns that tell attempts of one person apart, where the table has no ``attempt``.
    """
    aside: list[SetAside] = []

    def put(row: object, column: str, value: str, why: str) -> None:
        value = str(written[column][row]).strip() if column in written and value else value
        aside.append(SetAside(int(str(row)), column, value, why, called.get(column, "")))

    for column in columns(table):
        if column.name in frame.columns:
            if column.name in called and _called_otherwise(frame[column.name], column):
                column = column._replace(values="text" + " or empty" * column.optional)
            frame[column.name], wrong = _typed(frame[column.name], column, table)
            for row, value, why in wrong:
                put(row, column.name, value, why)
    key: Sequence[str] = KEYS[table]
    if table == "decisions" and "attempt" not in frame.columns:
        # somebody else's: whoever answered stands for the attempt, with what tells two attempts of theirs apart
        key = ("person", "case_id", "scene") if "person" in frame.columns else ()
    else:
        apart = ()
    good = frame.drop(index=sorted({one.row for one in aside}))
    ours = [one.name for one in columns(table) if one.name in frame.columns and not (called and one.name in _WHEN)]
    key = [name for name in key if name in frame.columns]
    for row, name, why in _doubled(good, key, [name for name in apart if name in frame.columns], ours):
        put(row, key[0], name, why)
    rows = frame.drop(index=sorted({one.row for one in aside})).reset_index(drop=True)
    return rows, sorted(aside), list(_worth_knowing(rows))


def _worth_knowing(rows: pd.DataFrame) -> Iterator[str]:
    if "case_hash" in rows.columns and "case_id" in rows.columns:
        for case, versions in rows.groupby("case_id")["case_hash"]:
            counts = versions.value_counts()
            if len(counts) > 1:
                told = ", ".join(f"{name[:8]} ({count:,} rows)" for name, count in counts.items())
                said = N_("{case} is there in {n} versions, which may have other keys: {told}")
                yield Told(said, case=case, n=len(counts), told=told)
    if "origin" in rows.columns and (made := int((rows["origin"] == "synthetic").sum())):
        said = N_("SYNTHETIC: {made} of {n} rows are of simulated trainees")
        yield Told(said, made=f"{made:,}", n=f"{len(rows):,}")


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
        wrong += [(row, "", Told(N_("it must not be empty"))) for row in values.index[empty]]
    told = text[~empty]
    if column.kind in ("number", "integer"):
        typed = pd.to_numeric(told, errors="coerce")
        found = typed.astype("float64")
        wrong += [(row, str(told[row]), Told(N_("it is no number"))) for row in told.index[found.isna()]]
        infinite = found.abs() == float("inf")
        wrong += [(row, str(told[row]), Told(N_("it is infinite"))) for row in told.index[infinite]]
        found = found[found.notna() & ~infinite]
        if column.kind == "integer":
            wrong += [(row, str(told[row]), Told(N_("it is no whole number"))) for row in found.index[found % 1 != 0]]
        wrong += [(row, str(told[row]), why) for row, why in _out_of_range(found, column)]
        done = found.reindex(values.index)
        if column.kind == "integer" and not done.isna().any() and not (done % 1 != 0).any():
            done = done.astype("int64")
        return done, wrong
    if column.kind == "time":
        typed = pd.to_datetime(told.map(_year_first), errors="coerce", utc=True, format="ISO8601")
        why = Told(N_("it is no time (2024-03-05 12:12:00 or 05.03.2024 12:12:00)"))
        wrong += [(row, str(told[row]), why) for row in told.index[typed.isna()]]
        return typed.reindex(values.index), wrong
    if column.kind == "boolean":
        said = told.map(lambda cell: str(cell).lower())
        none = ~said.isin([*_TRUE, *_FALSE])
        wrong += [(row, str(told[row]), Told(N_("it is neither true nor false"))) for row in told.index[none]]
        return said[~none].isin(_TRUE).reindex(values.index, fill_value=False), wrong
    told = told.astype(str)
    if column.name in WRITTEN_BY_PEOPLE.get(table, ()):
        told = told.map(from_text)
    wrong += [(row, told[row], why) for row, why in _not_of_form(told, column)]
    return told.reindex(values.index).where(~empty, None), wrong


def _year_first(cell: object) -> object:
    """A day as forms in Russian write it, with hours or without, as ISO 8601 does."""
    told = _DAY_FIRST.fullmatch(cell) if isinstance(cell, str) else None
    if not told:
        return cell
    day, month, year, hour, minute, second = (part or "0" for part in told.groups())
    return f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute:0>2}:{second:0>2}"


def _out_of_range(values: pd.Series, column: Column) -> list[tuple[int, str]]:
    if column.bounds is None:
        return []
    low, high = column.bounds
    said = Told(N_("it is not from {low} to {high}"), low=f"{low:.0f}", high=f"{high:.0f}")
    if high == float("inf"):
        said = Told(N_("it is under {low}"), low=f"{low:.0f}")
    return [(row, said) for row in values.index[(values < low) | (values > high)]]


def _not_of_form(values: pd.Series, column: Column) -> list[tuple[int, str]]:
    if told := _HEX.match(column.values):
        form, why = re.compile(rf"[0-9a-f]{{{told[1]}}}"), Told(N_("it is not {form}"), form=told[0])
        return [(row, why) for row in values.index[~values.map(lambda cell: bool(form.fullmatch(cell)))]]
    if column.values.startswith("a-z 0-9 _"):
        return [
            (row, Told(N_("an id has a–z, 0–9 and _")))
            for row in values.index[~values.map(lambda cell: bool(_ID.fullmatch(cell)))]
        ]
    if names := column.allowed:
        return [
            (row, Told(N_("it is none of {names}"), names=", ".join(names)))
            for row in values.index[~values.isin(names)]
        ]
    return []


def _doubled(
    frame: pd.DataFrame, key: Sequence[str], apart: Sequence[str], compared: Sequence[str]
) -> Iterator[tuple[object, str, str]]:
    """Rows with one key, of which one at most can be used: (row, whose, why). Of equal ones the first is, of others none."""
    if not key or frame.empty:
        return
    keyed = frame[[*key]].assign(**{f"_{name}": frame[name].map(alike) for name in apart})
    if "at" in frame.columns:
        keyed = keyed.loc[frame["at"].sort_values(kind="stable").index]
    again = keyed[keyed.duplicated(keep=False)]
    for _, same in again.groupby([*again.columns], dropna=False, sort=False):
        equal = len(frame.loc[same.index, [*compared]].drop_duplicates()) == 1
        name = " ".join(map(str, same.iloc[0]))
        for row in same.index[1:] if equal else same.index:
            yield row, name, Told(TWICE if equal else OTHERWISE)
