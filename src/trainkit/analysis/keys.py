"""What would other keys say of the same choices? Keys by consensus, by distance, of experts: made here, scored as ever.

A key is a table: ``case``, ``scene``, ``option``, ``condition`` (empty: any), ``position`` and ``fit``. It may bring bounds
(``fit_min``, ``fit_max``, ``fit_mean``); else they are those of its options in a scene. No key is the truth: the kit's own is
one author's, experts share a school, and a consensus rewards what is usual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from trainkit.analysis.tables import TooFew, require
from trainkit.errors import TrainkitError, UnknownName, shown
from trainkit.scoring.frames import scores

if TYPE_CHECKING:
    import pandas as pd

KEY = ("case", "scene", "option", "condition", "position", "fit")
WHERE = ("case", "scene", "condition")
BOUNDS = ("fit_min", "fit_max", "fit_mean")
KINDS = ("proportion", "mode", "distance")


def consensus_key(
    decisions: Any, kind: str = "proportion", without_self: bool = True, offered: Any = None
) -> pd.DataFrame:
    """Key options by what everybody chose.

    Parameters
    ----------
    decisions : pandas.DataFrame
        Rows of an export; the first choice of a person in a scene counts.
    kind : {"proportion", "mode", "distance"}
        Fit is the share of the others who chose the same; 1 for what most of the others chose (several, if as many did), else
        0; or ``1 − |k − m| / max |k_o − m|`` with m the mean position that the others chose, and 0 off the axis.
    without_self : bool
        Whether one's own choice is left out of one's own key, as it has to be where few answered.
    offered : pandas.DataFrame, optional
        A key that names every option on offer: what nobody chose has no share, and counts as a bound. Without it a scene's
        bounds are those of the options that somebody chose.

    Returns
    -------
    pandas.DataFrame
        A key with its bounds and ``people`` who decided there. Fit is empty where nobody else did.

    References
    ----------
    Mode and proportion: Bergman et al. 2006, *International Journal of Selection and Assessment* 14; Mayer, Salovey & Caruso
    2002. Distance from the mean: Legree et al. 2010, *ARI Technical Report* 1272.
    """
    import numpy as np
    import pandas as pd

    if kind not in KINDS:
        raise UnknownName("kind of consensus", kind, KINDS)
    first = first_votes(decisions)
    counted = first.groupby([*WHERE, "option"]).size()
    chosen = _placed(decisions).groupby([*WHERE, "option"])["position"].mean().to_frame()
    chosen = chosen.assign(votes=counted).fillna({"votes": 0}).reset_index()
    if offered is not None:
        chosen = _with_offered(chosen, checked_key(offered))
    rows = []
    for where, scene in chosen.groupby(list(WHERE), sort=True):
        votes, places = scene["votes"].to_numpy(dtype=float), scene["position"].to_numpy(dtype=float)
        for number, (option, place) in enumerate(zip(scene["option"], places, strict=True)):
            others = votes.copy()
            if without_self and others[number] > 0:
                others[number] -= 1
            fits = _FITS[kind](others, places) if others.sum() > 0 else np.full(len(others), np.nan)
            bounds = (np.nan,) * 3 if np.isnan(fits).any() else (fits.min(), fits.max(), fits.mean())
            rows.append((*where, option, place, fits[number], *bounds, int(votes.sum())))
    names = [*WHERE, "option", "position", "fit", *BOUNDS, "people"]
    return pd.DataFrame(rows, columns=names)[[*KEY, *BOUNDS, "people"]]


def _proportion(votes: Any, _places: Any) -> Any:
    return votes / votes.sum()


def _mode(votes: Any, _places: Any) -> Any:
    return (votes == votes.max()).astype(float)


def _distance(votes: Any, places: Any) -> Any:
    import numpy as np

    placed = ~np.isnan(places)
    voted = votes[placed].sum()
    if voted == 0:
        return np.zeros(len(votes))
    away = np.abs(places - (votes[placed] * places[placed]).sum() / voted)
    furthest = away[placed].max()
    return np.where(placed, 1 - away / furthest if furthest > 0 else 1.0, 0.0)


_FITS: dict[str, Callable[[Any, Any], Any]] = {"proportion": _proportion, "mode": _mode, "distance": _distance}


def _with_offered(chosen: pd.DataFrame, offered: pd.DataFrame) -> pd.DataFrame:
    """What was chosen, and with no votes what was offered in the scenes where somebody chose."""
    import pandas as pd

    scenes = chosen[list(WHERE)].drop_duplicates()
    exact = offered.merge(scenes, on=list(WHERE))
    anywhere = offered[offered["condition"] == ""].drop(columns="condition").merge(scenes, on=["case", "scene"])
    every = pd.concat([exact, anywhere]).drop_duplicates([*WHERE, "option"])
    both = chosen.merge(
        every[[*WHERE, "option", "position"]], on=[*WHERE, "option"], how="outer", suffixes=("", "_key")
    )
    both["position"] = both["position"].fillna(both["position_key"])
    return both.fillna({"votes": 0}).drop(columns="position_key")


def first_votes(decisions: Any) -> pd.DataFrame:
    """The first choice of each person in each scene."""
    require(decisions, ("person", "case_id", "scene", "option", "position"))
    if not len(decisions):
        raise TooFew("decisions", 0, 1)
    return _placed(decisions).drop_duplicates(["person", *WHERE])


def _placed(decisions: Any) -> pd.DataFrame:
    """Decisions with a key's names for where they were made."""
    frame = decisions.assign(case=decisions["case_id"].astype(str))
    frame["condition"] = conditions(frame)
    return frame


def conditions(table: Any) -> Any:
    """The conditions of a table as text, "" where there is none."""
    if "condition" not in table.columns:
        return ""
    column = table["condition"].astype(object)
    return column.where(column.notna(), "").astype(str)


def checked_key(key: Any) -> pd.DataFrame:
    """A key as a table of its own: conditions that are empty are "", no option twice, fits 0 … 1 and positions −1 … +1."""
    import pandas as pd

    require(key, tuple(name for name in KEY if name != "condition"))
    table = pd.DataFrame(key).reset_index(drop=True)
    table["condition"] = conditions(table)
    for name, low in (("position", -1), ("fit", 0)):
        try:
            table[name] = pd.to_numeric(table[name])
        except (ValueError, TypeError) as error:
            raise TrainkitError(f"{name} of a key is a number or empty ({error})") from error
        wrong = table[(table[name] < low) | (table[name] > 1)]
        if len(wrong):
            row = wrong.iloc[0]
            place = f"row {wrong.index[0] + 1} of the key ({row['case']}/{row['scene']}/{row['option']})"
            raise TrainkitError(f"{place}: {name} is between {low} and 1 (got {shown(row[name])})")
    doubled = table[table.duplicated([*WHERE, "option"])]
    if len(doubled):
        row = doubled.iloc[0]
        raise TrainkitError(
            f"the key has {row['case']}/{row['scene']}/{row['option']} twice (row {doubled.index[0] + 1})"
        )
    return table


def in_every_condition(table: pd.DataFrame) -> pd.DataFrame:
    """A key that names all options of a scene in each condition it knows; ``row`` is the row of the key that each is of."""
    import pandas as pd

    table = table.assign(row=range(len(table)))
    known = table.loc[table["condition"] != "", list(WHERE)].drop_duplicates()
    general = table[table["condition"] == ""].drop(columns="condition").merge(known, on=["case", "scene"])
    return pd.concat([table, general]).drop_duplicates([*WHERE, "option"]).reset_index(drop=True)


def rekeyed(decisions: Any, key: Any) -> pd.DataFrame:
    """The same decisions by another key: its fit and position, and their bounds, in place of the log's.

    A row of the key for the very condition goes before one for any. Bounds are over all options that the key has in a scene,
    where the log's own are over those that were open. A scene off the axis stays there.

    Raises
    ------
    TrainkitError
        If the key lacks an option that somebody chose, names the first of them; or has one twice, or out of range.
    """
    table = in_every_condition(checked_key(key)).drop(columns="row")
    if any(name not in table.columns for name in BOUNDS):
        about = table.groupby(list(WHERE))["fit"].agg(fit_min="min", fit_max="max", fit_mean="mean").reset_index()
        table = table.drop(columns=list(BOUNDS), errors="ignore").merge(about, on=list(WHERE))
    placed = table.groupby(list(WHERE))["position"].agg(position_min="min", position_max="max").reset_index()
    table = table.drop(columns=["position_min", "position_max"], errors="ignore").merge(placed, on=list(WHERE))
    names = ["fit", *BOUNDS, "position", "position_min", "position_max"]
    frame = _placed(decisions)
    frame = frame.drop(columns=[name for name in names if name in frame.columns]).reset_index(drop=True)
    exact = frame[[*WHERE, "option"]].merge(
        table[[*WHERE, "option", *names]], on=[*WHERE, "option"], how="left", indicator=True
    )
    general = table[table["condition"] == ""].drop(columns="condition")
    anywhere = frame[["case", "scene", "option"]].merge(
        general[["case", "scene", "option", *names]], on=["case", "scene", "option"], how="left", indicator=True
    )
    found = exact["_merge"] == "both"
    missing = frame[~found & (anywhere["_merge"] != "both")]
    if len(missing):
        row = missing.iloc[0]
        more = missing.drop_duplicates(["case", "scene", "option"])
        also = f", and {len(more) - 1} more" if len(more) > 1 else ""
        raise TrainkitError(f"the key has no {row['case']}/{row['scene']}/{row['option']}, which somebody chose{also}")
    frame[names] = exact[names].where(found, anywhere[names])
    if "on_axis" in frame.columns:
        placed_here = frame["on_axis"].astype(bool)
        for name in ("position", "position_min", "position_max"):
            frame[name] = frame[name].where(placed_here)
    if "target" in frame.columns:
        frame["aim"] = frame["target"].clip(frame["position_min"], frame["position_max"])
        frame["aim"] = frame["aim"].where(frame["position_min"].notna())
    return frame.drop(columns="case")


def score_by(decisions: Any, keys: Mapping[str, Any], measured: str = "fit", by: str = "person") -> pd.DataFrame:
    """A row a person, a column a key: their score by it, −100 … 100 (position) or 0 … 100 (fit); empty where not measured.

    Parameters
    ----------
    keys : mapping
        Name → key; None stands for the log's own.
    measured : str
        A name of ``trainkit.scores``.
    """
    import pandas as pd

    columns = {}
    for name, key in keys.items():
        frame = decisions if key is None else rekeyed(decisions, key)
        if key is not None and frame[measured].isna().any() and measured == "fit":
            frame = frame[frame["fit"].notna()]  # nobody else decided there: no consensus to be had
        scored = scores(pd.DataFrame(frame), by=(by,))
        columns[name] = scored.set_index(by)[measured].astype(float)
    return pd.DataFrame(columns)
