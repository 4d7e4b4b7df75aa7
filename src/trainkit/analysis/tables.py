"""How is a table of responses laid out for an analysis: a row a person, a column an item?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trainkit.errors import N_, TrainkitError

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 3  # people or items under which nothing is said


class TooFew(TrainkitError):
    """There is too little to say anything: ``n`` is what there is, ``wanted`` what would do."""

    def __init__(self, what: str, n: int, wanted: int):
        self.what, self.n, self.wanted = what, n, wanted
        super().__init__(f"{n} {what} are too few: from {wanted} on it can be said")


class Alike(TrainkitError):
    """Nobody differs where a difference is what one would measure by."""


def require(frame: Any, names: Sequence[str]) -> None:
    """Raise TrainkitError, with the columns that there are, if one of these is missing."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        said = N_("The table has no column {missing} (it has {there}).")
        raise TrainkitError(said, missing=", ".join(missing), there=", ".join(map(str, frame.columns)))


def correlation(pairs: pd.DataFrame) -> float:
    """Of two columns without empty cells: nan under three rows, or where a column is the same throughout."""
    varies = len(pairs) >= FEWEST and (pairs.std() > 0).all()
    return float(pairs.corr().iloc[0, 1]) if varies else float("nan")


def wide(
    decisions: Any, value: str = "fit", person: str = "person", item: Sequence[str] = ("case_id", "scene")
) -> pd.DataFrame:
    """A row a person, a column an item, in it the value of the first decision there; empty where somebody never was.

    Parameters
    ----------
    decisions : pandas.DataFrame
        Rows of ``decisions`` (an export, or ``trainkit.Log().decisions()``).
    value : str
        A numeric column: ``fit`` (0 … 1) or ``position`` (−1 … +1).
    person, item
        The columns that name them.

    Raises
    ------
    TrainkitError
        If a column is missing.
    """
    require(decisions, (value, person, *item))
    first = decisions.drop_duplicates([person, *item])
    named = first.assign(_item=first[list(item)].astype(str).agg("/".join, axis=1))
    return named.pivot(index=person, columns="_item", values=value).rename_axis(columns=None)
