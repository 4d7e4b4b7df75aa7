"""What do own words say beside the replies? Coders' agreement, coded words against what was chosen then, by scene."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from trainkit.analysis.agreement import krippendorff_alpha, weighted_kappa
from trainkit.analysis.tables import FEWEST, TooFew, require
from trainkit.errors import N_, TrainkitError, UnknownName
from trainkit.scoring.profile import third

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

WHICH = ("attempt", "step")
CLASS = {"orientated": -1.0, "middle": 0.0, "centric": 1.0}  # third of the axis → the position of its code


class Code(NamedTuple):
    """A code: its id in the log, what a coder reads, and the position it stands for; None where it stands for none."""

    id: str
    label: str
    position: float | None


class Scheme(NamedTuple):
    """A coding scheme: its name in the log, and its codes in their order; ``untold`` is the one that says nothing."""

    name: str
    codes: tuple[Code, ...]
    untold: str = ""

    def position(self, code: str) -> float | None:
        """The position of a code; UnknownName if the scheme has no such."""
        for one in self.codes:
            if one.id == code:
                return one.position
        raise UnknownName("code", code, [one.id for one in self.codes])


SIDES = Scheme(
    "sides",
    (
        Code("orientated", N_("Takes the client at their word and does what is asked"), -1.0),
        Code("middle", N_("Both: does it, and asks or offers something beside it"), 0.0),
        Code("centric", N_("First finds out what they need it for, or starts from that"), 1.0),
        Code("off", N_("Neither: insists, lectures, threatens, deceives, passes the buck"), None),
        Code("unclear", N_("Can’t be told: too short, a joke, about something else"), None),
    ),
    untold="unclear",
)


def agreement(
    codes: Any, scheme: Scheme = SIDES, level: float = 0.95, rounds: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """Of each pair of coders: how far they agree on the texts that both have coded, beyond what chance gives.

    Parameters
    ----------
    codes : pandas.DataFrame
        ``attempt``, ``step``, ``coder``, ``code`` (:func:`trainkit.log.codes.coded`).
    level, rounds, seed
        Of the intervals: a bootstrap over attempts, so that what one person wrote stays together.

    Returns
    -------
    pandas.DataFrame
        ``first``, ``second``, ``texts``, ``same`` (share, 0 … 1), ``kappa`` (Cohen 1960) with ``low`` and ``high``;
        ``placed``: texts that both gave a position, and ``alpha`` (Krippendorff's, interval) of these positions with its
        ``alpha_low`` and ``alpha_high``. Empty where both gave one and the same code to all.

    Raises
    ------
    TooFew, UnknownName
        Under two coders; where nobody coded the same three texts; for a code that the scheme hasn't.
    """
    import pandas as pd

    table = _wide(codes, scheme)
    if table.shape[1] < 2:
        raise TooFew("coders", table.shape[1], 2)
    rows = []
    for first, second in combinations(table.columns, 2):
        both = table[[first, second]].dropna()
        if len(both) >= FEWEST:
            rows.append((first, second, *_agreed(both, scheme, level, rounds, seed)))
    if not rows:
        raise TooFew("texts that two have coded", 0, FEWEST)
    names = [
        "first", "second", "texts", "same", "kappa", "low", "high", "placed", "alpha", "alpha_low", "alpha_high",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _wide(codes: Any, scheme: Scheme) -> pd.DataFrame:
    """A row a text, a column a coder."""
    require(codes, (*WHICH, "coder", "code"))
    for code in codes["code"].dropna().unique():
        scheme.position(code)
    doubled = codes.duplicated([*WHICH, "coder"])
    if doubled.any():
        row = codes[doubled].iloc[0]
        raise TrainkitError(
            f"{row['coder']} has coded step {row['step']} of attempt {str(row['attempt'])[:8]} twice: give the newest codes "
            "alone"
        )
    return codes.pivot(index=list(WHICH), columns="coder", values="code").rename_axis(columns=None)


def _agreed(both: pd.DataFrame, scheme: Scheme, level: float, rounds: int, seed: int) -> tuple[float, ...]:
    import numpy as np

    places = both.map(scheme.position).astype(float)
    kappa, alpha = _kappa(both, scheme), _alpha(places)
    groups = [np.flatnonzero(both.index.get_level_values(0) == one) for one in both.index.get_level_values(0).unique()]
    dice, drawn = np.random.default_rng(seed), []
    for _ in range(rounds):
        take = np.concatenate([groups[number] for number in dice.integers(0, len(groups), len(groups))])
        drawn.append((_kappa(both.iloc[take], scheme), _alpha(places.iloc[take])))
    (low, high), (alpha_low, alpha_high) = (_middle(np.array(one), level) for one in zip(*drawn, strict=True))
    same = float((both.iloc[:, 0] == both.iloc[:, 1]).mean())
    return len(both), same, kappa, low, high, len(places.dropna()), alpha, alpha_low, alpha_high


def _kappa(both: pd.DataFrame, scheme: Scheme) -> float:
    try:
        order = [one.id for one in scheme.codes]
        return weighted_kappa(both.iloc[:, 0].tolist(), both.iloc[:, 1].tolist(), order, power=0)
    except TrainkitError:
        return float("nan")


def _alpha(places: pd.DataFrame) -> float:
    try:
        return krippendorff_alpha(places.dropna(), "interval")
    except TrainkitError:
        return float("nan")


def _middle(values: np.ndarray, level: float) -> tuple[float, float]:
    import numpy as np

    known = values[~np.isnan(values)]
    if len(known) < 0.9 * len(values):  # too often there is nothing to agree about
        return float("nan"), float("nan")
    low, high = np.quantile(known, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


# ---- against what was chosen --------------------------------------------------------------------------------------


def against_options(
    codes: Any, events: Any, decisions: Any, scheme: Scheme = SIDES, coder: str | None = None
) -> pd.DataFrame:
    """Each coded text beside the reply that was chosen then.

    Parameters
    ----------
    codes, events, decisions : pandas.DataFrame
        :func:`trainkit.log.codes.coded`, and the tables of an export.
    coder : str, optional
        Whose codes; else the code that more than half of a text's coders gave, and none where there is no such.

    Returns
    -------
    pandas.DataFrame
        ``attempt``, ``step``, ``case_id``, ``scene``, ``code``, ``coded`` (its position), ``option``, ``chosen`` (its
        position; empty off the axis), ``side`` of that (``orientated``, ``middle``, ``centric``, ``off``), ``aim`` and
        ``aim_side`` (what the key asks for), ``same_side``. Only scenes on the axis, and texts after which a scored reply
        was chosen there.
    """
    import pandas as pd

    require(events, ("attempt", "step", "kind", "scene", "option"))
    require(decisions, ("attempt", "case_id", "scene", "option", "position", "aim", "on_axis"))
    table = _wide(codes, scheme)
    if coder is not None:
        if coder not in table.columns:
            raise UnknownName("coder", coder, table.columns)
        told = table[coder].dropna()
    else:
        told = table.apply(_most, axis=1).dropna()
    frame = told.rename("code").reset_index()
    said = events[events["kind"] == "words"][["attempt", "step", "scene"]]
    frame = frame.merge(said, on=list(WHICH))
    first = decisions.drop_duplicates(["attempt", "scene"])
    frame = frame.merge(first[["attempt", "case_id", "scene", "option", "position", "aim", "on_axis"]],
                        on=["attempt", "scene"])  # fmt: skip
    frame = frame[frame["on_axis"].astype(bool)]
    made = events[events["kind"] == "choose"][["attempt", "scene", "step"]].rename(columns={"step": "made"})
    made = made.drop_duplicates(["attempt", "scene"])  # the scored choice is the first one there
    frame = frame.merge(made, on=["attempt", "scene"])
    frame = frame[frame["made"] > frame["step"]]
    frame["coded"] = frame["code"].map(scheme.position).astype(float)
    frame["side"] = [_side(one) for one in frame["position"]]
    frame["aim_side"] = [_side(one) for one in frame["aim"]]
    frame["coded_side"] = [
        "" if code == scheme.untold else _side(place) for code, place in zip(frame["code"], frame["coded"], strict=True)
    ]
    frame["same_side"] = (frame["coded_side"] == frame["side"]).where(frame["coded_side"] != "")
    order = [*WHICH, "case_id", "scene", "code", "coded", "coded_side", "option", "chosen", "side", "aim", "aim_side",
             "same_side"]  # fmt: skip
    return pd.DataFrame(frame.rename(columns={"position": "chosen"})[order]).reset_index(drop=True)


def _most(row: pd.Series) -> str | None:
    given = row.dropna()
    counts = given.value_counts()
    return str(counts.index[0]) if len(counts) and 2 * counts.iloc[0] > len(given) else None


def _side(position: float | None) -> str:
    return "off" if position is None or position != position else third(position)


def by_person(linked: Any) -> pd.DataFrame:
    """Of each attempt, texts of one person not being independent: what intervals are over.

    Returns
    -------
    pandas.DataFrame
        ``attempt``, ``texts`` that could be told, ``same_side`` (0 … 100), and of texts where both have one mean positions
        ``coded``, ``chosen`` (both in three classes: −100, 0, +100) and ``graded`` (the reply's own position), means of
        −100 … +100; empty where no text has both. Coders can't grade: beside their classes a reply is put into one as well.
    """
    told = linked[linked["same_side"].notna()]
    both = told[told["coded"].notna() & told["chosen"].notna()].assign(graded=lambda frame: frame["chosen"])
    both["chosen"] = [CLASS[third(one)] for one in both["graded"]]
    both = both.groupby("attempt")[["coded", "chosen", "graded"]].mean() * 100
    same = told["same_side"].astype(bool).groupby(told["attempt"])
    table = same.agg(texts="size", same_side="mean").join(both).reset_index()
    return table.assign(same_side=100 * table["same_side"])


def same_by_chance(linked: Any) -> float:
    """How often replies lie on the side of somebody else's words in the same scene, 0 … 1; nan where there are none."""
    told = linked[linked["same_side"].notna()]
    met = texts = 0.0
    for _, mine in told.groupby(["case_id", "scene"]):
        if len(mine) > 1:
            words, replies = mine["coded_side"].value_counts(), mine["side"].value_counts()
            pairs = float(words.mul(replies, fill_value=0).sum()) - int(mine["same_side"].astype(bool).sum())
            met, texts = met + pairs / (len(mine) - 1), texts + len(mine)
    return met / texts if texts else float("nan")


def by_scene(linked: Any, level: float = 0.95) -> pd.DataFrame:
    """Of each scene: where own words and the key part.

    Returns
    -------
    pandas.DataFrame
        ``case_id``, ``scene``, ``texts``; ``coded``, ``chosen``, ``aim`` (mean positions); ``same_side``; ``against_key``:
        share of texts whose side is not the one that the key asks for, with ``low`` and ``high`` (Wilson), empty where the
        best reply has no position and thus no side (texts and positions are then of the whole scene); the most first. A
        scene where nearly everybody's own words run against the key asks whether the key is right, or the replies leave no
        other way.
    """
    import pandas as pd
    from statsmodels.stats.proportion import proportion_confint

    told = linked[linked["same_side"].notna()]
    rows = []
    for (case_id, scene), mine in told.groupby(["case_id", "scene"], sort=True):
        against, low, high = float("nan"), float("nan"), float("nan")
        if mine["aim"].notna().all():
            against = int((mine["coded_side"] != mine["aim_side"]).sum())
            low, high = proportion_confint(against, len(mine), alpha=1 - level, method="wilson")
        means = [float(mine[name].mean()) for name in ("coded", "chosen", "aim")]
        same = float(mine["same_side"].astype(bool).mean())
        rows.append((case_id, scene, len(mine), *means, same, against / len(mine), float(low), float(high)))
    names = ["case_id", "scene", "texts", "coded", "chosen", "aim", "same_side", "against_key", "low", "high"]
    table = pd.DataFrame(rows, columns=names)
    return table.sort_values(["against_key", "texts"], ascending=False, kind="stable").reset_index(drop=True)


def objections(events: Any, decisions: Any, level: float = 0.95, fewest: int = 1) -> pd.DataFrame:
    """Of each scene: how many of those who decided there said that they disagree with the key.

    Returns
    -------
    pandas.DataFrame
        ``case_id``, ``scene``, ``attempts`` that decided there, ``disagreed``, ``share`` with ``low`` and ``high`` (Wilson),
        ``options`` (what they had chosen, the most frequent first); scenes with at least ``fewest`` objections, the most
        first.
    """
    import pandas as pd
    from statsmodels.stats.proportion import proportion_confint

    require(events, ("attempt", "kind", "scene", "option"))
    require(decisions, ("attempt", "case_id", "scene"))
    first = decisions.drop_duplicates(["attempt", "scene"])[["attempt", "case_id", "scene"]]
    said = events[events["kind"] == "disagree"].drop_duplicates(["attempt", "scene"], keep="last")
    both = first.merge(said[["attempt", "scene", "option"]], on=["attempt", "scene"], how="left", indicator=True)
    rows = []
    for (case_id, scene), mine in both.groupby(["case_id", "scene"], sort=True):
        against = mine[mine["_merge"] == "both"]
        if len(against) < fewest:
            continue
        low, high = proportion_confint(len(against), len(mine), alpha=1 - level, method="wilson")
        options = ", ".join(map(str, against["option"].value_counts().index))
        rows.append(
            (case_id, scene, len(mine), len(against), len(against) / len(mine), float(low), float(high), options)
        )
    names = ["case_id", "scene", "attempts", "disagreed", "share", "low", "high", "options"]
    table = pd.DataFrame(rows, columns=names)
    return table.sort_values(["share", "attempts"], ascending=False, kind="stable").reset_index(drop=True)


def confusion(codes: Any, first: str, second: str, scheme: Scheme = SIDES) -> pd.DataFrame:
    """How often one coder's code (rows) met the other's (columns), in the order of the scheme."""
    import pandas as pd

    table = _wide(codes, scheme)
    for name in (first, second):
        if name not in table.columns:
            raise UnknownName("coder", name, table.columns)
    both = table[[first, second]].dropna()
    order = [one.id for one in scheme.codes]
    counted = pd.crosstab(both[first], both[second]).reindex(index=order, columns=order, fill_value=0)
    return counted.rename_axis(index=first, columns=second)
