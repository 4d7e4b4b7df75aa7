"""Which choices go with a criterion? An empirical key, and what it is worth with people it wasn't made from."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

from trainkit.analysis.keys import KEY, WHERE, first_votes
from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FEWEST_PEOPLE = 20  # under which a key of criterion correlations is noise
DEALT = 200  # times that the criterion is dealt out at random


class Empirical(NamedTuple):
    """An empirical key with its worth.

    ``validity`` is the correlation of score and criterion for people whose own answers and criterion did not make their key,
    ``apparent`` that for the people it was made from, which is too good always; None where a score is the same for all.
    """

    key: pd.DataFrame
    people: pd.DataFrame  # person, criterion, apparent (score by the key of all), score (by the key of the others)
    validity: float | None
    interval: tuple[float, float] | None
    apparent: float | None
    level: float
    folds: int
    null: float | None = None  # the apparent one on average where the criterion is dealt out at random


class GoesWith(NamedTuple):
    """Pearson's correlation of a score with a criterion, its interval (Fisher's z); None where one is the same for all."""

    r: float | None
    interval: tuple[float, float] | None
    people: int
    level: float


def goes_with(scores: pd.Series, criterion: pd.Series, level: float = 0.95) -> GoesWith:
    """How a score of people goes with a criterion from outside, of those who have both (person → number each).

    Raises
    ------
    TooFew
        Under four people.
    """
    import pandas as pd

    both = (
        pd.concat([scores.rename("score"), criterion.rename("criterion")], axis=1, join="inner").dropna().astype(float)
    )
    if len(both) < 4:
        raise TooFew("people with a criterion", len(both), 4)
    r = _correlation(both["score"].to_numpy(), both["criterion"].to_numpy())
    return GoesWith(r, _interval(r, len(both), level), len(both), level)


def empirical_key(
    decisions: Any, criterion: Any, folds: int = 10, fewest: int = 5, level: float = 0.95, seed: int = 0
) -> Empirical:
    """Key options by how choosing them goes with a criterion from outside (a supervisor's rating, complaints, sales).

    The weight of an option is the point-biserial correlation between choosing it and the criterion among those who decided in
    its scene, 0 where fewer than ``fewest`` did or did not choose it; a person's score is the mean weight of what they chose.

    Parameters
    ----------
    decisions : pandas.DataFrame
        Rows of an export.
    criterion : pandas.Series
        Person → a number; people without one are left out.
    folds : int
        Of the cross-validation: people are parted at random, each part is scored by the key of the others.
    seed : int
        Of that parting, and of dealing the criterion out at random.

    Returns
    -------
    Empirical
        ``key`` has ``weight`` and, on the scale of a key, ``fit`` (0 the lowest weight of all, 1 the highest).

    Raises
    ------
    TooFew, TrainkitError
        Under 20 people with a criterion; if it is the same for all.

    References
    ----------
    Mitchell & Klimoski 1982, *Journal of Applied Psychology* 67; Bergman et al. 2006; why it has to be cross-validated:
    Cureton 1950, *Educational and Psychological Measurement* 10.
    """
    import numpy as np
    import pandas as pd

    known = pd.Series(criterion).dropna().astype(float)
    if known.index.duplicated().any():
        raise TrainkitError(f"the criterion has {known.index[known.index.duplicated()][0]} twice")
    if not np.isfinite(known).all():
        raise TrainkitError("the criterion has an infinite value")
    first = first_votes(decisions)
    first = first[first["person"].isin(known.index)]
    people = sorted(first["person"].unique(), key=str)
    if len(people) < FEWEST_PEOPLE:
        raise TooFew("people with a criterion", len(people), FEWEST_PEOPLE)
    y = known.loc[people].to_numpy()
    if np.ptp(y) == 0:
        raise TrainkitError("the criterion is the same for all: nothing goes with it")
    if not 2 <= folds <= len(people):
        raise TrainkitError(f"folds are 2 to {len(people)}, the number of people (got {folds})")
    places = {person: number for number, person in enumerate(people)}
    who = first["person"].map(places).to_numpy()
    names = first[[*WHERE, "option"]].drop_duplicates().sort_values([*WHERE, "option"]).reset_index(drop=True)
    index = pd.MultiIndex.from_frame(names)
    option = index.get_indexer(pd.MultiIndex.from_frame(first[[*WHERE, "option"]]))
    scenes = names.groupby(list(WHERE), sort=False).ngroup().to_numpy()
    chose = np.zeros((len(people), len(names)))
    chose[who, option] = 1
    met = np.zeros((len(people), int(scenes.max()) + 1), dtype=bool)
    met[who, scenes[option]] = True
    there = met[:, scenes]
    weights = _weights(chose, there, y, fewest)
    part = np.random.default_rng(seed).permutation(len(people)) % folds
    crossed = np.empty(len(people))
    for fold in range(folds):
        out = part == fold
        others = _weights(chose[~out], there[~out], y[~out], fewest)
        crossed[out] = chose[out] @ others / chose[out].sum(axis=1)
    apparent = chose @ weights / chose.sum(axis=1)
    positions = first.groupby([*WHERE, "option"])["position"].mean()
    low, spread = weights.min(), np.ptp(weights)
    key = names.assign(
        position=positions.reindex(index).to_numpy(),
        fit=(weights - low) / spread if spread > 0 else np.nan,
        weight=weights,
        people=there.sum(axis=0),
        chosen=chose.sum(axis=0).astype(int),
    )[[*KEY, "weight", "people", "chosen"]]
    told = pd.DataFrame({"person": people, "criterion": y, "apparent": apparent, "score": crossed})
    validity = _correlation(crossed, y)
    dice, chance = np.random.default_rng(seed), []
    for _ in range(DEALT):
        dealt = dice.permutation(y)
        seems = _correlation(chose @ _weights(chose, there, dealt, fewest) / chose.sum(axis=1), dealt)
        chance.append(0.0 if seems is None else seems)
    return Empirical(
        key, told, validity, _interval(validity, len(people), level), _correlation(apparent, y), level, folds,
        float(np.mean(chance)),
    )  # fmt: skip


def _weights(chose: np.ndarray, there: np.ndarray, y: np.ndarray, fewest: int) -> np.ndarray:
    """Of each option: the correlation of choosing it with the criterion, among those who were there."""
    import numpy as np

    n, picked = there.sum(axis=0), chose.sum(axis=0)
    mean = np.divide(y @ there, n, out=np.zeros(len(n)), where=n > 0)
    squares = np.divide(y**2 @ there, n, out=np.zeros(len(n)), where=n > 0)
    sd = np.sqrt(np.clip(squares - mean**2, 0, None))
    p = np.divide(picked, n, out=np.zeros(len(n)), where=n > 0)
    chosen_mean = np.divide(y @ chose, picked, out=np.zeros(len(n)), where=picked > 0)
    enough = (picked >= fewest) & (n - picked >= fewest) & (sd > 1e-12)
    below = np.where(enough, sd * np.sqrt(p * (1 - p)), 1.0)
    return np.where(enough, p * (chosen_mean - mean) / below, 0.0)


def _correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    import numpy as np

    return float(np.corrcoef(x, y)[0, 1]) if np.ptp(x) > 1e-12 and np.ptp(y) > 1e-12 else None


def _interval(r: float | None, n: int, level: float) -> tuple[float, float] | None:
    """Fisher's z; of a cross-validated correlation it leaves out that another parting would give another key."""
    if r is None:
        return None
    if abs(r) > 1 - 1e-12:
        return r, r
    half = NormalDist().inv_cdf((1 + level) / 2) / math.sqrt(n - 3)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
