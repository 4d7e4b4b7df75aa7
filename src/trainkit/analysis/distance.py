"""How far is a person from what was asked? Profile distance and its parts: elevation, scatter, shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainkit.analysis.tables import TooFew, require
from trainkit.errors import UnknownName
from trainkit.scoring.profile import FEWEST, profile

if TYPE_CHECKING:
    import pandas as pd

ASKED = ("aim", "consensus")


def distances(decisions: Any, asked: str = "aim") -> pd.DataFrame:
    """Of each person: distance between the positions chosen and the positions asked for, over their scenes.

    Parameters
    ----------
    decisions : pandas.DataFrame
        Rows of an export; choices without a position are left out, of a scene met twice the first counts.
    asked : {"aim", "consensus"}
        What one is compared with: the target of a scene as far as its options allow (the key's), or the mean position that
        all others chose there.

    Returns
    -------
    pandas.DataFrame
        A row a person with at least four such scenes, in points of Position: ``person``, ``scenes``, ``distance`` (D², the
        mean squared difference), its parts ``elevation``, ``scatter`` and ``shape`` (:mod:`trainkit.scoring.profile`), and
        ``standardised`` = 2·(1 − shape): D² once everybody's mean and SD are taken out, 0 … 4, empty where somebody chose
        one position throughout. Raw distance mostly says who likes the ends of a scale; McDaniel et al. standardise for that.

    Raises
    ------
    TooFew
        If nobody has four scenes whose targets differ.

    References
    ----------
    Cronbach & Gleser 1953, *Psychological Bulletin* 50; Legree et al. 2010, *ARI Technical Report* 1272; McDaniel, Psotka,
    Legree, Yost & Weekley 2011, *Journal of Applied Psychology* 96.
    """
    import pandas as pd

    if asked not in ASKED:
        raise UnknownName("what was asked", asked, ASKED)
    require(decisions, ("person", "case_id", "scene", "position", *(("aim",) if asked == "aim" else ())))
    first = decisions.drop_duplicates(["person", "case_id", "scene"]).dropna(subset=["position"])
    if asked == "consensus":
        scene = first.groupby(["case_id", "scene"])["position"]
        total, n = scene.transform("sum"), scene.transform("size")
        first = first.assign(aim=((total - first["position"]) / (n - 1)).where(n > 1))
    first = first.dropna(subset=["aim"])
    rows = []
    for person, mine in first.groupby("person"):
        found = profile((100 * mine["position"]).tolist(), (100 * mine["aim"]).tolist())
        if found is not None:
            standardised = None if found.shape is None else 2 * (1 - found.shape)
            rows.append(
                (person, found.n, found.distance, found.elevation, found.scatter, found.shape, standardised)
            )  # fmt: skip
    if not rows:
        most = int(first.groupby("person").size().max()) if len(first) else 0
        raise TooFew("scenes with a position, whose targets differ, of one person", min(most, FEWEST - 1), FEWEST)
    names = ["person", "scenes", "distance", "elevation", "scatter", "shape", "standardised"]
    return pd.DataFrame(rows, columns=names).astype({"shape": float, "standardised": float})
