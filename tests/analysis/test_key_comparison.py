"""Ranks under two keys: R's published interval, ranks by hand, coverage by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from trainkit.analysis.key_comparison import moved, spearman, stability
from trainkit.analysis.tables import TooFew

# the example of R's statpsych::ci.spear(.05, y, x): 0.8699639, 0.5840951 … 0.9638297
Y = [21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19]
X = [67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51]


def test_spearman_as_r_prints_it():
    r, (low, high) = spearman(Y, X)
    assert (r, low, high) == (
        pytest.approx(0.8699639, abs=1e-7), pytest.approx(0.5840951, abs=1e-7), pytest.approx(0.9638297, abs=1e-7),
    )  # fmt: skip
    assert r == pytest.approx(spearmanr(Y, X).statistic)


def test_intervals_hold():
    """Rank correlation of a bivariate normal with r = .7 is 6/π · asin(.35) = .683 (Pearson 1907); 90 % of 400 samples."""
    truth, dice, held = 6 / np.pi * np.arcsin(0.35), np.random.default_rng(1), 0
    for _ in range(400):
        pair = dice.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 40)
        low, high = spearman(pair[:, 0], pair[:, 1], 0.9)[1]
        held += low <= truth <= high
    assert 342 <= held <= 378


def test_every_pair_of_keys():
    scores = pd.DataFrame({"a": Y, "b": X, "same": Y, "flat": 1.0}, index=[f"p{n}" for n in range(15)])
    scores.loc["p3", "b"] = np.nan
    found = stability(scores).set_index(["first", "second"])
    assert found.loc[("a", "b"), "people"] == 14 and found.loc[("a", "same"), ["spearman", "changed"]].tolist() == [
        1,
        0,
    ]
    assert found.loc[("a", "flat"), ["spearman", "low", "high"]].isna().all()
    with pytest.raises(TooFew, match="1 keys"):
        stability(scores[["a"]])
    assert stability(scores[:2])["spearman"].isna().all()


def test_who_moves():
    """Six people by hand: ``f`` is best by one key and last by the other, everybody else moves up a rank."""
    scores = pd.DataFrame({"one": [1, 2, 3, 4, 5, 6], "two": [1, 2, 3, 4, 5, 0]}, index=list("abcdef"))
    found = moved(scores, "one", "two").set_index("person")
    assert found.index[0] == "f" and found.loc["f", ["rank_first", "rank_second", "shift"]].tolist() == [1, 6, -5]
    assert found.loc["f", ["third_first", "third_second"]].tolist() == ["high", "low"]
    assert found.drop(index="f")["shift"].tolist() == [1] * 5
    assert found["changed"].to_dict() == {"f": True, "a": False, "b": True, "c": False, "d": True, "e": False}
    with pytest.raises(TooFew):
        moved(scores[:2], "one", "two")
