"""Alpha, omega and what drops out of them, against published values and definitions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainkit.analysis.reliability import (
    NeverTogether,
    alpha,
    alpha_if_dropped,
    needed_items,
    omega,
    omega_resampled,
)
from trainkit.analysis.tables import TooFew, wide
from trainkit.errors import TrainkitError


def people(n, items, seed=0, loading=0.7):
    """One factor: what everybody shares, and what is each item's own."""
    dice = np.random.default_rng(seed)
    factor = dice.normal(size=(n, 1))
    return pd.DataFrame(loading * factor + np.sqrt(1 - loading**2) * dice.normal(size=(n, items))).add_prefix("i")


def test_alpha_of_a_published_table():
    """Bland & Altman 1997, *BMJ* 314: the mini-HAQ's ten items have variances that add up to 11.16, their sum has 77.44."""
    k, variances, total = 10, 11.16, 77.44
    # items with just these: each variance 1.116, each covariance (77.44 − 11.16) / 90
    covariance = np.full((k, k), (total - variances) / (k * (k - 1)))
    np.fill_diagonal(covariance, variances / k)
    dice = np.random.default_rng(1)
    raw = dice.normal(size=(200, k))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T
    table = pd.DataFrame(white @ np.linalg.cholesky(covariance).T)
    assert alpha(table).value == pytest.approx(0.951, abs=5e-4)


@given(st.integers(0, 1000), st.integers(3, 8), st.integers(5, 40))
def test_alpha_is_one_less_mean_error_of_halves(seed, items, n):
    """The definition by variances: k / (k − 1) · (1 − Σ var(item) / var(sum))."""
    table = people(n, items, seed)
    expected = items / (items - 1) * (1 - table.var(ddof=1).sum() / table.sum(axis=1).var(ddof=1))
    assert alpha(table).value == pytest.approx(expected)


def test_feldts_interval_covers():
    """True alpha of parallel items with loading .6 and eight of them: .818; 95 % intervals hold it in 95 % of samples."""
    share = 0.36
    true = 8 * share / (1 + 7 * share)
    inside = [low <= true <= high for seed in range(600) for low, high in [alpha(people(60, 8, seed, 0.6)).interval]]
    assert 0.93 <= np.mean(inside) <= 0.97


def test_pairs_that_nobody_met_raise_and_name_them():
    """Routed data: pingouin gives a number there, though none can be had."""
    table = people(60, 4)
    table.loc[:29, "i2"] = np.nan
    table.loc[30:, "i3"] = np.nan
    with pytest.raises(NeverTogether, match="nobody met both i3 and i2") as error:
        alpha(table)
    assert error.value.pairs == [("i3", "i2")] and "IRT" in str(error.value)
    assert alpha(table.drop(columns="i3")).value > 0


def test_missing_answers_at_random_change_little():
    table = people(2000, 6, 3)
    holes = table.mask(np.random.default_rng(4).random(table.shape) < 0.2)
    assert alpha(holes).value == pytest.approx(alpha(table).value, abs=0.02)
    whole, some = alpha(table).interval, alpha(holes).interval
    assert some[1] - some[0] > whole[1] - whole[0]


def test_what_cannot_be_said():
    table = people(20, 3)
    with pytest.raises(TooFew, match="1 items are too few"):
        alpha(table[["i0"]])
    with pytest.raises(TooFew, match="2 people are too few"):
        alpha(table.head(2))
    with pytest.raises(TrainkitError, match="same value in i1"):
        alpha(table.assign(i1=1.0))


def test_dropping_items():
    table = people(300, 5, 7).assign(noise=np.random.default_rng(8).normal(size=300))
    found = alpha_if_dropped(table).set_index("item")
    assert found["alpha_without"].idxmax() == "noise" and abs(found.loc["noise", "item_rest"]) < 0.15
    rest = table.drop(columns="i0").mean(axis=1)
    assert found.loc["i0", "item_rest"] == pytest.approx(table["i0"].corr(rest))
    assert found.loc["i0", "alpha_without"] == pytest.approx(alpha(table.drop(columns="i0")).value)


def test_omega_is_alpha_for_parallel_items_and_more_for_unequal_ones():
    k, share = 6, 0.5
    equal = np.full((k, k), share) + np.eye(k) * (1 - share)
    assert omega(with_covariance(equal)) == pytest.approx(k * share / (1 + (k - 1) * share), abs=1e-6)
    loadings = np.array([0.9, 0.8, 0.6, 0.4, 0.3])
    unequal = np.outer(loadings, loadings)
    np.fill_diagonal(unequal, 1)
    table = with_covariance(unequal)
    expected = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    assert omega(table) == pytest.approx(expected, abs=1e-4) and omega(table) > alpha(table).value
    with pytest.raises(TooFew):
        omega(table.iloc[:, :2])


def with_covariance(covariance, n=400):
    """A table whose covariances are just these."""
    raw = np.random.default_rng(2).normal(size=(n, len(covariance)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T
    return pd.DataFrame(white @ np.linalg.cholesky(covariance).T)


def test_how_many_items_would_do():
    """Spearman–Brown: twice the items of .5 give .667, 3 of 7 times give .75."""
    assert needed_items(0.5, 2 / 3, 10) == 20 and needed_items(0.5, 0.75, 1) == 3
    assert needed_items(0.9, 0.7, 10) == 3
    with pytest.raises(TrainkitError, match="no number of items"):
        needed_items(-0.1, 0.7, 5)
    with pytest.raises(TrainkitError, match="between 0 and 1"):
        needed_items(0.5, 1.0, 5)


def test_a_wide_table_has_first_decisions():
    rows = pd.DataFrame({
        "person": ["a", "a", "a", "b"], "case_id": ["x"] * 4, "scene": ["s", "t", "s", "s"], "fit": [1.0, 0.5, 0.0, 0.2],
    })  # fmt: skip
    found = wide(rows)
    assert found.loc["a", "x/s"] == 1.0 and found.loc["b", "x/s"] == 0.2 and np.isnan(found.loc["b", "x/t"])
    with pytest.raises(TrainkitError, match="has no column position"):
        wide(rows, "position")


@pytest.mark.long
def test_the_interval_of_omega_holds():
    """One factor with loadings .7, six items: omega is 6·6·.49 / (6·6·.49 + 6·.51); it is held in .88 and more."""
    true = 36 * 0.49 / (36 * 0.49 + 6 * 0.51)
    found = [omega_resampled(people(60, 6, seed), rounds=100) for seed in range(100)]
    assert np.mean([one.interval[0] <= true <= one.interval[1] for one in found]) >= 0.88
    assert found[0] == omega_resampled(people(60, 6, 0), rounds=100) and found[0].value == omega(people(60, 6, 0))
