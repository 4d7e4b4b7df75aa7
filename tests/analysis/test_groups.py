"""Groups, and before against after: R's results on Student's sleep data, and intervals that hold the truth."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from trainkit.analysis.groups import adjusted, before_after, compare, equivalent, people_for, spread_left
from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError

# Student 1908, "sleep" of R: extra hours with two drugs, the same ten people
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_welch_as_r_prints_it():
    """``t.test(extra ~ group, data = sleep)``: t = -1.8608, df = 17.776, p-value = 0.07939, -3.3654832 … 0.2054832."""
    found = compare(FIRST, SECOND)
    assert (found.value, found.t, found.df, found.p) == (
        pytest.approx(1.58), pytest.approx(1.8608, abs=5e-5), pytest.approx(17.776, abs=5e-4),
        pytest.approx(0.07939, abs=5e-6),
    )  # fmt: skip
    assert found.interval == (pytest.approx(-0.2054832, abs=1e-7), pytest.approx(3.3654832, abs=1e-7))


def test_paired_as_r_prints_it():
    """``t.test(..., paired = TRUE)``: t = -4.0621, df = 9, p-value = 0.002833, -2.4598858 … -0.7001142."""
    found = before_after(FIRST, SECOND)
    assert found.t == pytest.approx(4.0621, abs=5e-5) and found.df == 9 and found.p == pytest.approx(0.002833, abs=5e-7)
    assert found.interval == (pytest.approx(0.7001142, abs=1e-7), pytest.approx(2.4598858, abs=1e-7))


def test_g_is_d_corrected_and_its_interval_holds():
    """Hedges 1981: J(18) = .9576; 95 % intervals hold a true difference of half an SD in 95 % of samples."""
    found = compare(FIRST, SECOND)
    pooled = np.sqrt((np.var(FIRST, ddof=1) + np.var(SECOND, ddof=1)) / 2)
    assert found.g == pytest.approx(1.58 / pooled * 0.9576, abs=1e-4)
    dice, inside = np.random.default_rng(0), []
    for _ in range(400):
        one = compare(dice.normal(0, 1, 15), dice.normal(0.5, 1, 20))
        inside.append(one.g_interval[0] <= 0.5 <= one.g_interval[1])
    assert 0.92 <= np.mean(inside) <= 0.98


def test_intervals_of_a_difference_hold():
    """Two groups of simulated people, true difference .3: 90 % intervals of 500 seeds hold it in 450 ± 20."""
    dice = np.random.default_rng(1)
    held = 0
    for _ in range(500):
        low, high = compare(dice.normal(0, 1, 25), dice.normal(0.3, 2, 40), level=0.9).interval
        held += low <= 0.3 <= high
    assert 430 <= held <= 470


def test_equivalence_is_two_one_sided_tests():
    dice = np.random.default_rng(2)
    one, two = dice.normal(0, 1, 60), dice.normal(0.05, 1, 60)
    found = equivalent(one, two, margin=0.6)
    lower = scipy.stats.ttest_ind(two + 0.6, one, equal_var=False, alternative="greater").pvalue
    upper = scipy.stats.ttest_ind(two - 0.6, one, equal_var=False, alternative="less").pvalue
    assert found.p == pytest.approx(max(lower, upper)) and found.equivalent
    assert found.interval[0] > -0.6 and found.interval[1] < 0.6
    assert not equivalent(one, two, margin=0.1).equivalent


def test_adjusting_takes_out_where_people_began():
    dice = np.random.default_rng(3)
    before = dice.normal(50, 10, 80)
    group = np.repeat(["control", "trained"], 40)
    after = 0.8 * before + 4 * (group == "trained") + dice.normal(0, 1 + 3 * (group == "trained"), 80)
    frame = pd.DataFrame({"before": before, "after": after, "group": group})
    found = adjusted(frame, "after", "group", "before")
    assert found.interval[0] < 4 < found.interval[1] and found.n == (40, 40)
    plain = compare(frame.query("group == 'control'")["after"], frame.query("group == 'trained'")["after"])
    assert found.interval[1] - found.interval[0] < plain.interval[1] - plain.interval[0]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: compare([1, 2], [1, 2, 3]), "2 people in the first group are too few"),
        (lambda: compare([1, 1, 1], [1, 1, 1]), "in neither group"),
        (lambda: compare([1, 2, float("inf")], [1, 2, 3]), "infinite"),
        (lambda: before_after([1, 2, 3], [1, 2]), "same people"),
        (lambda: before_after([1, 2, 3], [2, 3, 4]), "changed by the same"),
        (lambda: equivalent([1, 2, 3], [1, 2, 4], 0), "margin is over 0"),
        (
            lambda: adjusted(pd.DataFrame({"y": [1, 2, 3], "g": list("abc"), "x": [1, 2, 3]}), "y", "g", "x"),
            "two groups",
        ),
        (lambda: adjusted(pd.DataFrame({"y": [1, 2, 3], "g": list("aab"), "x": [1, 2, 3]}), "y", "g", "x"), "too few"),
        (
            lambda: adjusted(pd.DataFrame({"y": range(6), "g": list("aaabbb"), "x": [1.0] * 6}), "y", "g", "x"),
            "nothing can be adjusted",
        ),
    ],
)
def test_what_cannot_be_said(call, said):
    with pytest.raises((TooFew, TrainkitError), match=said):
        call()


def test_how_many_people_it_takes_is_cohens_table():
    """Cohen 1988, table 2.4.1: d = .2, .5, .8 at two-sided .05 and power .80 take 393, 64 and 26 a group (394 exactly)."""
    assert [people_for(size, 1.0) for size in (0.2, 0.5, 0.8)] == [394, 64, 26]
    assert people_for(-5, 10) == people_for(0.5, 1) and people_for(0.5, 1, power=0.9) == 86
    with pytest.raises(TrainkitError, match="aren't 0"):
        people_for(0, 1)
    with pytest.raises(TrainkitError, match="more people than there will ever be"):
        people_for(1e-6, 1)


def test_what_a_score_before_leaves_of_the_spread():
    """The residual SD of a regression by hand: n over the plain one by about 1 − r² (Borm, Fransen & Lemmens 2007)."""
    dice = np.random.default_rng(4)
    before, group = dice.normal(50, 10, 400), np.repeat(["a", "b"], 200)
    after = 0.8 * before + 5 * (group == "b") + dice.normal(0, 6, 400)
    frame = pd.DataFrame({"before": before, "after": after, "group": group})
    left = spread_left(adjusted(frame, "after", "group", "before"))
    design = np.column_stack([np.ones(400), group == "b", before]).astype(float)
    residual = after - design @ np.linalg.lstsq(design, after, rcond=None)[0]
    assert left == pytest.approx(np.sqrt((residual**2).sum() / 397))
    assert people_for(5, left) < people_for(5, float(np.std(after[:200], ddof=1)))
