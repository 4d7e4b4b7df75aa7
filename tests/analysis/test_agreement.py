"""Agreement of raters, against published tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainkit.analysis.agreement import icc, krippendorff_alpha, weighted_kappa
from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError, UnknownName

# Shrout & Fleiss 1979, table 2: six targets, four judges
SHROUT = pd.DataFrame([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
# Krippendorff 2011: four observers, twelve units, empty where nobody coded
_ = None
OBSERVERS = pd.DataFrame(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ],
    dtype=object,
).T


def test_icc_as_shrout_and_fleiss_give_them():
    found = icc(SHROUT)
    published = {"icc1": 0.17, "icc2": 0.29, "icc3": 0.71, "icc1k": 0.44, "icc2k": 0.62, "icc3k": 0.91}
    assert {name: round(one.value, 2) for name, one in found.items()} == published


def test_their_intervals_are_those_of_r_psych():
    """``psych::ICC`` of R on the same table: lower and upper bounds at 95 %."""
    found = icc(SHROUT)
    published = {
        "icc1": (-0.13, 0.72), "icc2": (0.019, 0.76), "icc3": (0.34, 0.95),
        "icc1k": (-0.88, 0.91), "icc2k": (0.071, 0.93), "icc3k": (0.68, 0.99),
    }  # fmt: skip
    for name, (low, high) in published.items():
        assert found[name].interval == (pytest.approx(low, abs=0.006), pytest.approx(high, abs=0.006)), name
    assert found["icc1"].f == pytest.approx(1.79, abs=0.01) and found["icc3"].f == pytest.approx(11.03, abs=0.01)


@pytest.mark.parametrize(
    ("metric", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_own_example(metric, value):
    assert krippendorff_alpha(OBSERVERS, metric) == pytest.approx(value, abs=0.0006)


def test_kappa_unweighted_as_cohen_has_it():
    """Cohen 1960, table 1: proportions of two judges over three categories; kappa .492, chance agreement .41."""
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    first = [a for a, row in enumerate(table) for count in row for _ in range(count)]
    second = [b for row in table for b, count in enumerate(row) for _ in range(count)]
    assert weighted_kappa(first, second, [0, 1, 2], power=0) == pytest.approx(0.4915, abs=5e-4)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=4, max_size=60))
def test_kappa_with_squared_weights_is_a_correlation_of_agreement(pairs):
    """By hand: 1 − Σ(a − b)² / Σ over all pairs of what both might have given."""
    a, b = (np.array(one) for one in zip(*pairs, strict=True))
    chance = np.mean((a[:, None] - b[None, :]) ** 2)
    if chance > 0:
        expected = 1 - np.mean((a - b) ** 2) / chance
        assert weighted_kappa(list(a), list(b), range(5)) == pytest.approx(expected)


def test_what_cannot_be_said():
    with pytest.raises(TrainkitError, match="wants every rating"):
        icc(SHROUT.astype(float).where(SHROUT != 9))
    with pytest.raises(TooFew, match="1 raters are too few"):
        icc(SHROUT[[0]])
    with pytest.raises(TrainkitError, match="all ratings are the same"):
        icc(pd.DataFrame([[3, 3], [3, 3]]))
    with pytest.raises(TrainkitError, match="all ratings are the same"):
        krippendorff_alpha(pd.DataFrame([[1, 1], [1, 1]]))
    with pytest.raises(TooFew):
        krippendorff_alpha(pd.DataFrame([[1, None], [None, 1]], dtype=object))
    with pytest.raises(UnknownName, match="interval"):
        krippendorff_alpha(OBSERVERS, "intervall")
    with pytest.raises(UnknownName, match="category"):
        weighted_kappa(["a"], ["z"], ["a", "b"])
    with pytest.raises(TrainkitError, match="one and the same category"):
        weighted_kappa(["a", "a"], ["a", "a"], ["a", "b"])
