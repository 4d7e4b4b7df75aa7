"""What does each scene tell? Who chose what, how it goes with the rest, and how choices change with the rest."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from trainkit.analysis.tables import FEWEST, Alike, TooFew, correlation, require

if TYPE_CHECKING:
    import pandas as pd

MANY = 20  # people under whom a correlation says next to nothing
WEAK = 0.2  # correlation with the rest under which a scene hardly tells people apart
_WHO = ("person", "case_id", "scene", "option", "fit", "position")


def _first_decisions(decisions: Any) -> pd.DataFrame:
    require(decisions, _WHO)
    return decisions.drop_duplicates(["person", "case_id", "scene"]).assign(
        item=lambda frame: frame["case_id"].astype(str) + "/" + frame["scene"].astype(str)
    )


def endorsement(decisions: Any) -> pd.DataFrame:
    """Of each option of each scene: how many chose it first, and their share of those who decided there (0 … 1).

    Returns
    -------
    pandas.DataFrame
        Columns ``item``, ``option``, ``people``, ``share``, ``fit`` and ``position`` (means of that option: a key may hang on
        what was known), ``varies`` (whether its fit did); the most chosen first.
    """
    first = _first_decisions(decisions)
    chosen = first.groupby(["item", "option"], as_index=False).agg(
        people=("person", "size"),
        fit=("fit", "mean"),
        position=("position", "mean"),
        least=("fit", "min"),
        most=("fit", "max"),
    )
    chosen["varies"] = chosen["most"] - chosen["least"] > 1e-9
    chosen["share"] = chosen["people"] / chosen.groupby("item")["people"].transform("sum")
    order = ["item", "option", "people", "share", "fit", "position", "varies"]
    return chosen.sort_values(["item", "people", "option"], ascending=[True, False, True])[order].reset_index(drop=True)


def item_table(decisions: Any, value: str = "fit") -> pd.DataFrame:
    """Of each scene: people, mean and SD of the value, and its correlation with a person's mean over the other scenes.

    ``item_rest`` is corrected for overlap; it is empty under three people who met other scenes too, and where all have the
    same value.
    """
    import pandas as pd

    first = _first_decisions(decisions)[["person", "item", value]].dropna()
    rows = []
    for item, mine in first.groupby("item"):
        others = first[first["item"] != item].groupby("person")[value].mean()
        both = mine.set_index("person")[[value]].join(others.rename("rest"), how="inner")
        rows.append((item, len(mine), mine[value].mean(), mine[value].std(), correlation(both), len(both)))
    return pd.DataFrame(rows, columns=["item", "people", "mean", "sd", "item_rest", "people_rest"])


def weak(table: pd.DataFrame, limit: float = WEAK, level: float = 0.95) -> tuple[int, int]:
    """Of a table of items: how many have an ``item_rest`` under the limit, and how many surely (the interval of Fisher's z).

    Those that fewer than 20 people met, who met other scenes too, don't count.
    """
    import numpy as np

    kept = table[table["people_rest"] >= MANY].dropna(subset=["item_rest"])
    half = NormalDist().inv_cdf((1 + level) / 2) / np.sqrt(kept["people_rest"].astype(float) - 3)
    highest = np.tanh(np.arctanh(kept["item_rest"].clip(-1 + 1e-12, 1 - 1e-12)) + half)
    return int((kept["item_rest"] < limit).sum()), int((highest < limit).sum())


def option_curves(decisions: Any, item: str, bands: int = 4) -> pd.DataFrame:
    """How the choice in one scene changes with how people do elsewhere: shares of its options in bands of their mean fit.

    Returns
    -------
    pandas.DataFrame
        Rows are bands of as equal size as ties let them be, from the lowest; columns ``people``, ``rest`` (mean fit
        elsewhere) and one for each option (share, 0 … 1), from the best by the key (mean fit) to the worst.

    Raises
    ------
    TooFew
        Under three people a band.
    Alike
        If people hardly differ in the other scenes.
    """
    import pandas as pd

    first = _first_decisions(decisions)
    rest = first[first["item"] != item].groupby("person")["fit"].mean()
    mine = first[first["item"] == item].set_index("person")[["option"]].join(rest.rename("rest"), how="inner").dropna()
    if len(mine) < FEWEST * bands:
        raise TooFew(f"people in {item} who met other scenes", len(mine), FEWEST * bands)
    mine["band"] = pd.qcut(mine["rest"].rank(method="average"), bands, labels=False, duplicates="drop")
    if mine["band"].nunique() < 2:
        raise Alike(f"those who met {item} do alike elsewhere: there are no bands to compare")
    shares = pd.crosstab(mine["band"], mine["option"], normalize="index")
    order = first[first["item"] == item].groupby("option")["fit"].mean().sort_values(ascending=False, kind="stable")
    shares = shares[[option for option in order.index if option in shares.columns]]
    about = mine.groupby("band")["rest"].agg(people="size", rest="mean")
    return about.join(shares).reset_index(drop=True)
