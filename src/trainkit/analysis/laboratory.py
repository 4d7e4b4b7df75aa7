"""What does one log come to by every key there is: the author's, the experts', and those that the choices themselves make?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainkit.analysis.experts import expert_key
from trainkit.analysis.keys import consensus_key, score_by

if TYPE_CHECKING:
    import pandas as pd

MADE = {"share": "proportion", "most": "mode", "distance": "distance"}  # name → kind of consensus


def by_every_key(decisions: Any, ratings: Any = None, measured: str = "fit") -> pd.DataFrame:
    """A row a person, a column a key: ``author``, ``experts`` (their mean, if any), ``share``, ``most``, ``distance``.

    Parameters
    ----------
    decisions : pandas.DataFrame
        Rows of an export; where there are ratings, those in the cases that were rated.
    ratings : pandas.DataFrame, optional
        See :func:`trainkit.analysis.experts.expert_key`.

    Raises
    ------
    TrainkitError
        If there is no decision; if the experts haven't rated a reply that somebody chose.
    """
    keys: dict[str, Any] = {"author": None}
    if ratings is not None and len(ratings):
        keys["experts"] = expert_key(ratings)
    return score_by(decisions, keys | {name: consensus_key(decisions, kind) for name, kind in MADE.items()}, measured)
