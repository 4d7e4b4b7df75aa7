"""One case's weight: against covariances by hand, known shares, and leaving each case out by brute force."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from trainkit.analysis.dominance import dominance, without_a_case
from trainkit.analysis.tables import TooFew

CASES = ("loud", "usual", "quiet")


@pytest.fixture
def decisions():
    """60 people in three cases of two scenes; ``loud`` spreads people four times as wide as ``usual``."""
    dice = np.random.default_rng(4)
    rows = []
    for person in range(60):
        own = dice.normal(0, 0.3)
        for case, spread in zip(CASES, (2.0, 0.5, 0.1), strict=True):
            for scene in ("one", "two"):
                rows.append((f"p{person:02}", case, scene, own + dice.normal(0, spread)))
    return pd.DataFrame(rows, columns=["person", "case_id", "scene", "fit"])


def test_shares_are_covariances_with_the_total(decisions):
    """By numpy's own covariance matrix: w'Σ over w'Σw (Kane & Case 2004), with equal weights."""
    found = dominance(decisions).set_index("case_id")
    table = decisions.pivot_table(index="person", columns="case_id", values="fit")[list(CASES)]
    covariance = np.cov(table.to_numpy().T)
    assert found["share"].loc[list(CASES)].tolist() == pytest.approx(covariance.sum(axis=0) / covariance.sum())
    assert found["share"].sum() == pytest.approx(1) and found.index[0] == "loud" and found["share"].iloc[0] > 0.7
    assert ((found["low"] < found["share"]) & (found["share"] < found["high"])).all()
    for case in CASES:
        rest = table.drop(columns=case).mean(axis=1)
        assert found.loc[case, "case_rest"] == pytest.approx(np.corrcoef(table[case], rest)[0, 1])
        assert found.loc[case, "rank_without"] == pytest.approx(spearmanr(table.mean(axis=1), rest).statistic)
        top = set(table.mean(axis=1).sort_values().index[-15:]), set(rest.sort_values().index[-15:])
        assert found.loc[case, "leave_top"] == pytest.approx(len(top[0] - top[1]) / 15)


def test_known_shares():
    """Independent cases with variances 9, 4 and 1: shares 9/14, 4/14, 1/14, inside their intervals."""
    dice = np.random.default_rng(5)
    rows = [
        (person, case, "only", dice.normal(0, sd))
        for person in range(2000)
        for case, sd in (("a", 3), ("b", 2), ("c", 1))
    ]
    found = dominance(pd.DataFrame(rows, columns=["person", "case_id", "scene", "fit"]), level=0.99, rounds=300)
    assert found["case_id"].tolist() == ["a", "b", "c"]
    for truth, low, high in zip((9 / 14, 4 / 14, 1 / 14), found["low"], found["high"], strict=True):
        assert low < truth < high and high - low < 0.12


def test_leaving_each_case_out(decisions):
    found = without_a_case(decisions).set_index("person")
    table = decisions.pivot_table(index="person", columns="case_id", values="fit")
    for person, mine in table.iterrows():
        left = {case: mine.drop(case).mean() for case in CASES}
        most = max(CASES, key=lambda case: abs(left[case] - mine.mean()))
        row = found.loc[person]
        assert (row["total"], row["low"], row["high"]) == pytest.approx(
            (mine.mean(), min(left.values()), max(left.values()))
        )
        assert row["case_id"] == most and row["shift"] == pytest.approx(left[most] - mine.mean())
    assert found["shift"].abs().is_monotonic_decreasing and (found["case_id"] == "loud").mean() > 0.7


def test_too_few_and_constant(decisions):
    with pytest.raises(TooFew, match="1 cases"):
        dominance(decisions[decisions["case_id"] == "loud"])
    partly = decisions[(decisions["case_id"] != "quiet") | (decisions["person"] == "p01")]
    with pytest.raises(TooFew, match="1 people who have been in every case"):
        without_a_case(partly)
    flat = dominance(decisions.assign(fit=1.0), rounds=20)
    assert flat[["share", "low", "high", "case_rest", "rank_without"]].isna().all(axis=None)
