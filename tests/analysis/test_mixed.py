"""Mixed models: R's published fit of Orthodont, what can't be told apart, and fits that fail in a sentence."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from trainkit.analysis import mixed as mixed_models
from trainkit.analysis.mixed import mixed
from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError, UnknownName

# Potthoff & Roy 1964, "Orthodont" of R's nlme: distances (mm) at 8, 10, 12 and 14 years of 16 boys and 11 girls
BOYS = """26 25 29 31; 21.5 22.5 23 26.5; 23 22.5 24 27.5; 25.5 27.5 26.5 27; 20 23.5 22.5 26; 24.5 25.5 27 28.5;
22 22 24.5 26.5; 24 21.5 24.5 25.5; 23 20.5 31 26; 27.5 28 31 31.5; 23 23 23.5 25; 21.5 23.5 24 28; 17 24.5 26 29.5;
22.5 25.5 25.5 26; 23 24.5 26 30; 22 21.5 23.5 25"""
GIRLS = """21 20 21.5 23; 21 21.5 24 25.5; 20.5 24 24.5 26; 23.5 24.5 25 26.5; 21.5 23 22.5 23.5; 20 21 21 22.5;
21.5 22.5 23 25; 23 23 23.5 24; 20 21 22 21.5; 16.5 19 19 19.5; 24.5 25 28 28"""


@pytest.fixture
def orthodont():
    rows = [
        (f"{sex}{number}", sex, age, float(distance))
        for sex, text in (("male", BOYS), ("female", GIRLS))
        for number, line in enumerate(text.split(";"))
        for age, distance in zip((8, 10, 12, 14), line.split(), strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["person", "sex", "age", "distance"])
    return frame.assign(sex=pd.Categorical(frame["sex"], ["male", "female"]))


def test_orthodont_as_r_prints_it(orthodont):
    """Pinheiro & Bates 2000: ``lme(distance ~ age * Sex, data = Orthodont, random = ~ 1 | Subject)``."""
    found = mixed(orthodont, "distance", "age", "sex", None)
    assert found.converged and found.notes == () and (found.people, found.rows) == (27, 108)
    assert found.person**0.5 == pytest.approx(1.816214, abs=1e-5)
    assert found.residual**0.5 == pytest.approx(1.386382, abs=1e-5)
    assert found.log_likelihood == pytest.approx(-216.8786, abs=5e-4)
    for term, value, error, df, t in (
        ("age", 0.784375, 0.0775011, 79, 10.120823),
        ("sex female", 1.032102, 1.5374208, 25, 0.671321),
        ("age × sex female", -0.304830, 0.1214209, 79, -2.510520),
    ):
        row = found.effect(term)
        assert (row["value"], row["error"], row["df"], row["t"]) == (
            pytest.approx(value, abs=1e-6), pytest.approx(error, abs=1e-6), df, pytest.approx(t, abs=1e-5),
        )  # fmt: skip
    assert found.effect("age × sex female")["p"] == pytest.approx(0.0141, abs=5e-5)
    assert found.effect("sex female")["p"] == pytest.approx(0.5082, abs=5e-5)
    with pytest.raises(UnknownName, match="age × sex female"):
        found.effect("age x sex female")


@pytest.mark.parametrize(
    ("sex", "variances", "likelihood", "terms"),
    [
        (None, (2.3270, 0.2264, -0.609, 1.3100), -221.3183, {
            "intercept": (16.761111, 0.7752461), "age": (0.660185, 0.0712533)}),
        ("sex", (2.4055, 0.1803, -0.668, 1.3100), -216.2908, {
            "intercept": (16.340625, 1.018532), "sex female": (1.032102, 1.595733), "age": (0.784375, 0.086000),
            "age × sex female": (-0.304830, 0.134735)}),
    ],
)  # fmt: skip
def test_own_slopes_as_r_prints_them(orthodont, sex, variances, likelihood, terms):
    """Pinheiro & Bates 2000: ``lme(distance ~ age, Orthodont, random = ~ age | Subject)``, and with ``age * Sex``."""
    found = mixed(orthodont, "distance", "age", sex, None, slopes=True)
    assert found.converged and found.notes == ()
    seen = found.person**0.5, found.slope**0.5, found.correlation, found.residual**0.5
    assert seen == pytest.approx(variances, abs=6e-4)
    assert found.log_likelihood == pytest.approx(likelihood, abs=5e-4)
    for term, (value, error) in terms.items():
        row = found.effect(term)
        assert (row["value"], row["error"]) == (pytest.approx(value, abs=1e-5), pytest.approx(error, abs=2e-4)), term
    assert found.effect("age")["df"] == (26 if sex is None else 25)  # as Satterthwaite has it for a slope a person


def test_own_slopes_are_at_the_top_of_the_likelihood():
    """Unbalanced, with cases: nothing nearby, worked out from the definition alone, has a greater likelihood (REML)."""
    frame = sloped(np.random.default_rng(4), 15, rows=3)
    frame = frame.drop(frame.sample(9, random_state=1).index)
    found = mixed(frame, group=None, slopes=True)
    assert found.converged and found.notes == () and found.slope > 0
    x = np.column_stack([np.ones(len(frame)), frame["case_id"] == "case1", frame["case_id"] == "case2", frame["time"]])

    def restricted(person, slope, correlation, residual):
        """Harville 1977, *JASA* 72, equation 3.4, with the constant of n − p rows."""
        covariance = correlation * np.sqrt(person * slope)
        time, same = frame["time"].to_numpy(), frame["person"].to_numpy()[:, None] == frame["person"].to_numpy()
        v = same * (person + covariance * (time[:, None] + time) + slope * np.outer(time, time))
        v = v + residual * np.eye(len(frame))
        w = np.linalg.inv(v)
        a = x.T @ w @ x
        rest = frame["fit"].to_numpy() - x @ np.linalg.solve(a, x.T @ w @ frame["fit"].to_numpy())
        terms = np.linalg.slogdet(v)[1] + np.linalg.slogdet(a)[1] + rest @ w @ rest
        return -0.5 * (terms + (len(frame) - x.shape[1]) * np.log(2 * np.pi)), np.linalg.solve(a, np.eye(4))

    best = found.person, found.slope, found.correlation, found.residual
    top, covariance = restricted(*best)
    assert found.log_likelihood == pytest.approx(top, abs=1e-6)
    assert found.effect("time")["error"] == pytest.approx(covariance[3, 3] ** 0.5, rel=1e-3)
    for place in range(4):
        for factor in (0.97, 1.03):
            near = [value * factor if place == at else value for at, value in enumerate(best)]
            assert restricted(*near)[0] < top


def sloped(dice, people, rows=4, own=0.15):
    """Everybody changes by .1, and by something of their own; several rows at each time."""
    found = []
    for number in range(people):
        level, change = dice.normal(0, 0.1), 0.1 + dice.normal(0, own)
        for row in range(rows):
            for after in (0.0, 1.0):
                value = 0.5 + 0.05 * row + level + change * after + dice.normal(0, 0.1)
                found.append((number, "one", after, f"case{row}", value))
    return pd.DataFrame(found, columns=["person", "group", "time", "case_id", "fit"])


@pytest.mark.long
def test_intervals_of_a_change_hold_with_own_slopes_and_are_too_narrow_without():
    """Fifteen people, 90 %: 135 ± 11 of 150 samples with own slopes."""
    held = {True: 0, False: 0}
    for seed in range(150):
        frame = sloped(np.random.default_rng(seed), 15)
        for slopes in held:
            change = mixed(frame, group=None, level=0.9, slopes=slopes).effect("time")
            held[slopes] += change["low"] <= 0.1 <= change["high"]
    assert 124 <= held[True] <= 146 and held[False] < 115


def test_slopes_that_cannot_be_are_left_out_and_told():
    frame = sloped(np.random.default_rng(2), 20)
    once = frame.groupby(["person", "group", "time"], as_index=False)["fit"].mean()
    found = mixed(once, group=None, case=None, slopes=True)
    assert found.converged and found.slope is None
    assert found.notes[0].startswith("nobody has more than a row at each of two values of time")
    assert found.effects.equals(mixed(once, group=None, case=None).effects)
    few = frame[(frame["time"] == 0) | (frame["person"] < 2)]
    assert mixed(few, group=None, slopes=True).notes[0].startswith("own slopes need 3 people or more")
    with pytest.raises(TrainkitError, match="own slopes want a time that is a number"):
        mixed(frame.assign(time=frame["case_id"]), group=None, case=None, slopes=True)
    with pytest.raises(TrainkitError, match="own slopes want a time"):
        mixed(frame, time=None, group=None, slopes=True)


def test_people_who_change_alike_have_no_slopes_of_their_own():
    frame = sloped(np.random.default_rng(3), 20, own=0.0)
    shift = frame.groupby(["person", "time"])["fit"].transform("mean") - frame.groupby("time")["fit"].transform("mean")
    level = frame.groupby("person")["fit"].transform("mean") - frame["fit"].mean()
    frame["fit"] += level - shift  # nobody's change is their own, not even by chance
    found = mixed(frame, group=None, slopes=True)
    plain = mixed(frame, group=None)
    assert found.notes == (
        "people change alike as far as chance lets one see: the model is without slopes of their own",
    )
    assert found.slope is None and found.effects.equals(plain.effects)


def test_own_slopes_that_no_search_finds_are_refused(monkeypatch):
    monkeypatch.setattr(mixed_models, "_METHODS", ())
    found = mixed(sloped(np.random.default_rng(3), 20), group=None, slopes=True)
    assert not found.converged and found.effects.empty and found.slope is None
    assert found.notes == (
        "the model did not converge: no optimiser found a maximum; without slopes of people’s own it may",
    )


def trained(dice, people, gain=0.2, between=0.1, cases=4, apart=True):
    """Two groups, half the cases before and half after; ``apart``: no case at both times."""
    rows = []
    for number in range(people):
        own, group = dice.normal(0, between), ("control", "trained")[number % 2]
        for case in range(cases):
            times = (case >= cases // 2,) if apart else (False, True)
            for after in times:
                more = gain * after * (group == "trained")
                rows.append(
                    (number, group, float(after), f"case{case}", 0.5 + 0.05 * case + own + more + dice.normal(0, 0.1))
                )
    return pd.DataFrame(rows, columns=["person", "group", "time", "case_id", "fit"])


def test_time_that_is_cases_is_told_and_the_change_is_still_found():
    found = mixed(trained(np.random.default_rng(0), 60))
    assert found.converged and "time" not in found.effects["term"].tolist()
    assert found.notes == (
        "time can’t be told apart from the other terms and is left out: no case_id comes up at two values of time",
    )
    change = found.effect("time × group trained")
    assert change["low"] < 0.2 < change["high"] and change["high"] - change["low"] < 0.15
    assert "time" in mixed(trained(np.random.default_rng(0), 60, apart=False)).effects["term"].tolist()


@pytest.mark.long
def test_intervals_hold_in_small_samples():
    """Twelve people: 90 % intervals of the change hold the truth in 108 ± 9 of 120 samples."""
    held = 0
    for seed in range(120):
        change = mixed(trained(np.random.default_rng(seed), 12), level=0.9).effect("time × group trained")
        held += change["low"] <= 0.2 <= change["high"]
    assert 99 <= held <= 117


def test_cases_and_people_as_an_analysis_of_variance_has_them():
    """Balanced: variances are those of mean squares, a case's error √(2·MS/n) (Searle, Casella & McCulloch 1992)."""
    frame = trained(np.random.default_rng(1), 15, apart=False).query("time == 0")
    table = frame.pivot(index="person", columns="case_id", values="fit").to_numpy()
    n, k = table.shape
    apart = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    rest = (apart**2).sum() / ((n - 1) * (k - 1))
    people = k * ((table.mean(axis=1) - table.mean()) ** 2).sum() / (n - 1)
    found = mixed(frame, time=None, group=None)
    assert found.residual == pytest.approx(rest, rel=1e-4)
    assert found.person == pytest.approx((people - rest) / k, rel=1e-4)
    row = found.effect("case_id case2")
    assert row["value"] == pytest.approx(table[:, 2].mean() - table[:, 0].mean(), abs=1e-6)
    assert row["error"] == pytest.approx(np.sqrt(2 * rest / n), rel=1e-4) and row["df"] == (n - 1) * (k - 1)


def test_people_who_hardly_differ_are_plain_regression():
    dice = np.random.default_rng(3)
    frame = trained(dice, 20, between=0.0, apart=False)
    frame["fit"] -= frame.groupby("person")["fit"].transform("mean")  # less than chance has it
    found = mixed(frame)
    plain = smf.ols("fit ~ case_id + time * group", frame).fit()
    assert found.converged and found.person == 0 and found.icc == 0 and "plain regression" in found.notes[0]
    assert found.effect("time")["value"] == pytest.approx(plain.params["time"])
    assert found.effect("time")["error"] == pytest.approx(plain.bse["time"])


def test_a_fit_that_fails_is_a_result():
    """What is measured is said whole by the terms: no variance is left to estimate."""
    frame = trained(np.random.default_rng(0), 8, apart=False)
    found = mixed(frame.assign(fit=frame["time"] * 0.5 + (frame["group"] == "trained")))
    assert not found.converged and found.effects.empty and found.person is None and found.icc is None
    assert found.notes == ("the model did not converge: the terms say everything, nothing is left to people or chance",)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda f: f[f["person"] < 2], TooFew, "2 people are too few"),
        (lambda f: f[(f["person"] < 5)], TooFew, "people in the group trained"),
        (lambda f: f.drop_duplicates("person"), TrainkitError, "everybody has one row"),
        (lambda f: f.assign(fit=0.5), TrainkitError, "the same in all rows"),
        (lambda f: f.assign(fit=np.inf), TrainkitError, "infinite"),
        (lambda f: f.drop(columns="group"), TrainkitError, "no column group"),
    ],
)
def test_what_cannot_be_modelled_is_said(change, error, said):
    with pytest.raises(error, match=said):
        mixed(change(trained(np.random.default_rng(0), 12)))


def test_nothing_but_people_and_an_intercept(orthodont):
    found = mixed(orthodont, "distance", None, None, None)
    assert found.effects["term"].tolist() == ["intercept"]
    assert found.effect("intercept")["value"] == pytest.approx(orthodont["distance"].mean())
