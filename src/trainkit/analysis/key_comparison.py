"""Do people keep their rank when the key changes? Rank correlations of keys, and who would move."""

from __future__ import annotations

import math
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from trainkit.analysis.tables import TooFew, require
from trainkit.errors import TrainkitError

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 4  # people: the interval's √(n − 3)
THIRDS = ("low", "middle", "high")


def spearman(one: Any, two: Any, level: float = 0.95) -> tuple[float, tuple[float, float]]:
    """Spearman's rank correlation and its interval, of two columns without empty cells; nan where one is the same throughout.

    ``tanh(atanh r ± z · √((1 + r²/2) / (n − 3)))``.

    References
    ----------
    Bonett & Wright 2000, *Psychometrika* 65.
    """
    from scipy.stats import rankdata

    from trainkit.analysis.tables import correlation

    if len(one) < FEWEST:
        raise TooFew("people", len(one), FEWEST)
    r = correlation(_frame(rankdata(one), rankdata(two)))
    if math.isnan(r):
        return r, (r, r)
    if abs(r) > 1 - 1e-12:
        return r, (r, r)
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt((1 + r * r / 2) / (len(one) - 3))
    return r, (math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half))


def _frame(one: Any, two: Any) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"one": one, "two": two})


def stability(scores: Any, level: float = 0.95) -> pd.DataFrame:
    """Of each pair of keys: how alike they rank people.

    Parameters
    ----------
    scores : pandas.DataFrame
        A row a person, a column a key (:func:`trainkit.analysis.keys.score_by`); who lacks one of two is left out there.

    Returns
    -------
    pandas.DataFrame
        ``first``, ``second``, ``people``, ``spearman`` with ``low`` and ``high`` (empty under four people, or where a key
        ranks nobody), ``changed``: how many end up in another third (0 … 1).
    """
    import pandas as pd

    if scores.shape[1] < 2:
        raise TooFew("keys", scores.shape[1], 2)
    rows = []
    for first, second in combinations(scores.columns, 2):
        both = scores[[first, second]].dropna()
        nothing = float("nan")
        r, (low, high) = (nothing, (nothing, nothing))
        if len(both) >= FEWEST:
            r, (low, high) = spearman(both[first], both[second], level)
        changed = float((_third(both[first]) != _third(both[second])).mean()) if len(both) >= 3 else nothing
        rows.append((first, second, len(both), r, low, high, changed))
    return pd.DataFrame(rows, columns=["first", "second", "people", "spearman", "low", "high", "changed"])


def moved(scores: Any, first: str, second: str) -> pd.DataFrame:
    """Who moves between two keys: scores, ranks (1 the best; equal scores share a mean rank) and thirds by each.

    Returns
    -------
    pandas.DataFrame
        ``person``, ``first``, ``second``, ``rank_first``, ``rank_second``, ``shift`` (ranks gained by the second key),
        ``third_first``, ``third_second`` (low, middle, high), ``changed``; who moves furthest comes first.
    """
    import pandas as pd

    require(scores, (first, second))
    both = scores[[first, second]].dropna()
    if len(both) < 3:
        raise TooFew(f"people with a score by {first} and by {second}", len(both), 3)
    ranks = both.rank(ascending=False)
    table = pd.DataFrame(
        {
            "person": both.index, "first": both[first].to_numpy(), "second": both[second].to_numpy(),
            "rank_first": ranks[first].to_numpy(), "rank_second": ranks[second].to_numpy(),
            "third_first": _third(both[first]).to_numpy(), "third_second": _third(both[second]).to_numpy(),
        }
    )  # fmt: skip
    table["shift"] = table["rank_first"] - table["rank_second"]
    table["changed"] = table["third_first"] != table["third_second"]
    order = [
        "person",
        "first",
        "second",
        "rank_first",
        "rank_second",
        "shift",
        "third_first",
        "third_second",
        "changed",
    ]
    furthest = table["shift"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[furthest, order].reset_index(drop=True)


def _third(column: pd.Series) -> pd.Series:
    """Which third of the people each is in by mean rank: people with equal scores are in one."""
    if not len(column):
        raise TrainkitError("there is nobody to rank")
    share = (column.rank() - 0.5) / len(column)
    return share.map(lambda p: THIRDS[min(2, int(3 * p))])
