"""A panel of experts: its mean, its bootstrap by brute force, errors that are what statistics says they are."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from scipy.stats import spearmanr
from support.keys import choices, own_key

import trainkit as tk
from trainkit.analysis.experts import expert_key, resampled
from trainkit.analysis.keys import rekeyed, score_by
from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError


def panel(experts=5, scenes=6, spread=0.15, seed=0):
    """Everybody rates every option, around the key that the choices were made with."""
    dice = np.random.default_rng(seed)
    parts = []
    for expert in range(experts):
        key = own_key(scenes).assign(expert=f"e{expert}")
        key["position"] = (key["position"] + dice.normal(0, spread, len(key))).clip(-1, 1)
        key["fit"] = (key["fit"] + dice.normal(0, spread, len(key))).clip(0, 1)
        parts.append(key)
    return pd.concat(parts, ignore_index=True)


def test_the_mean_of_the_panel():
    ratings = panel()
    key = expert_key(ratings).set_index(["scene", "option"])
    mine = ratings[(ratings["scene"] == "s2") & (ratings["option"] == "ask")]
    assert key.loc[("s2", "ask"), "fit"] == pytest.approx(mine["fit"].mean())
    assert key.loc[("s2", "ask"), "experts"] == 5 and np.isnan(key.loc[("s2", "shout"), "position"])
    split = ratings.copy()
    split.loc[(split["option"] == "find") & split["expert"].isin(["e0", "e1", "e2"]), "position"] = np.nan
    assert expert_key(split).set_index("option").loc["find", "position"].isna().all()  # three of five: off the axis


def test_people_are_scored_by_the_panel_as_by_any_key():
    decisions, ratings = choices(25), panel()
    found = resampled(ratings, decisions, rounds=50)
    scored = tk.scores(rekeyed(decisions, expert_key(ratings)), by=("person",)).set_index("person")
    people = found.people.set_index("person")
    for name in ("position", "fit"):
        assert people[name].to_numpy() == pytest.approx(scored[name].loc[people.index].to_numpy(), nan_ok=True)
    measured = people.dropna()
    assert len(measured) > 15 and ((measured["fit_low"] <= measured["fit_high"]).all())
    assert people["fit"].rank(ascending=False).tolist() == people["fit_rank"].tolist()


@pytest.mark.long
def test_resampling_by_brute_force():
    """Each round anew: the drawn experts' rows, as often as they were drawn, their key, everybody's score by it."""
    decisions, ratings, rounds = choices(15), panel(4), 40
    ratings = ratings.drop(index=ratings[(ratings["expert"] == "e1") & (ratings["scene"] == "s3")].index)
    found = resampled(ratings, decisions, rounds=rounds, level=0.8, seed=7)
    counts = np.random.default_rng(7).multinomial(3, [0.25] * 4, size=rounds)
    whole = expert_key(ratings)
    fits, ranks = [], []
    for drawn in counts:
        rows = [
            ratings[ratings["expert"] == f"e{n}"].assign(expert=f"e{n}-{copy}")
            for n, many in enumerate(drawn)
            for copy in range(many)
        ]
        key = expert_key(pd.concat(rows))
        missing = whole.merge(key[["scene", "option"]], how="left", indicator=True)["_merge"] == "left_only"
        key = pd.concat([key, whole[missing.to_numpy()]])
        fits.append(score_by(decisions, {"k": key})["k"])
        ranks.append(spearmanr(fits[-1], score_by(decisions, {"k": whole})["k"]).statistic)
    fits = pd.concat(fits, axis=1)
    people = found.people.set_index("person")
    tail = scipy.stats.norm.cdf(scipy.stats.t.ppf(0.1, 3))
    assert people["fit_low"].to_numpy() == pytest.approx(fits.quantile(tail, axis=1).loc[people.index].to_numpy())
    assert people["fit_high"].to_numpy() == pytest.approx(fits.quantile(1 - tail, axis=1).loc[people.index].to_numpy())
    agreed = found.ranks.set_index("measure").loc["fit"]
    assert agreed.tolist() == pytest.approx([np.median(ranks), *np.quantile(ranks, [tail, 1 - tail])])


def test_errors_of_a_mean_are_right():
    """The SD of the drawn means is s/√n, which a bootstrap of as many as there are misses by √((n − 1)/n): .87 for four."""
    ratings = panel(4, 2)
    found = resampled(ratings, choices(5, 2), rounds=20_000).options.set_index(["scene", "option"])
    error = ratings.groupby(["scene", "option"])[["position", "fit"]].std() / 2
    for name in ("position", "fit"):
        there = error[name].dropna().index
        assert found.loc[there, f"{name}_error"].to_numpy() == pytest.approx(
            error.loc[there, name].to_numpy(), rel=0.03
        )


@pytest.mark.long
def test_intervals_of_a_panel_hold_the_truth():
    """Six of endless experts of a kind: 90 % intervals of an option's mean hold what all of them would say in .86 … .94."""
    dice, held = np.random.default_rng(3), []
    decisions = choices(3, 2)
    for _ in range(60):
        key = own_key(2)
        parts = [
            key.assign(expert=f"e{n}", fit=dice.normal(0.5, 0.1, len(key)).clip(0, 1), position=0.1) for n in range(6)
        ]
        found = resampled(pd.concat(parts), decisions, rounds=400, seed=int(dice.integers(1e9))).options
        held += ((found["fit_low"] <= 0.5) & (found["fit_high"] >= 0.5)).tolist()
    assert len(held) == 480 and 0.86 <= np.mean(held) <= 0.94


def test_agreeing_experts_leave_no_doubt():
    ratings = panel(6, spread=0.0)
    found = resampled(ratings, choices(20), rounds=30)
    people = found.people.dropna()
    assert people["fit_low"].tolist() == pytest.approx(people["fit_high"].tolist())
    assert people["position_low"].tolist() == pytest.approx(people["position"].tolist())
    assert found.ranks["median"].tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda r: r[r["expert"].isin(["e0", "e1"])], TooFew, "2 experts are too few"),
        (lambda r: r[r["option"] != "ask"], TrainkitError, "the key has no c/s./ask"),
        (lambda r: pd.concat([r, r[:1]]), TrainkitError, "the ratings of e0: the key has c/s0/serve twice"),
        (lambda r: r.assign(fit=7), TrainkitError, "fit is between 0 and 1"),
        (lambda r: r.assign(fit=np.nan), TrainkitError, "row 1 of the ratings has no fit"),
        (lambda r: r.assign(expert=None), TrainkitError, "row 1 of the ratings names no expert"),
        (lambda r: r.drop(columns="expert"), TrainkitError, "no column expert"),
    ],
)
def test_ratings_that_will_not_do(change, error, said):
    with pytest.raises(error, match=said):
        resampled(change(panel()), choices(), rounds=10)


def test_a_condition_that_only_some_options_know():
    decisions = choices(6, 4).assign(condition=["item=watch"] * 12 + ["item=racket"] * 12)
    ratings = panel(4, 4)
    watch = ratings[ratings["option"] == "ask"].assign(condition="item=watch", fit=0.3)
    found = resampled(pd.concat([ratings, watch]), decisions, rounds=20).people.set_index("person")
    scored = tk.scores(rekeyed(decisions, expert_key(pd.concat([ratings, watch]))), by=("person",)).set_index("person")
    assert found["fit"].to_numpy() == pytest.approx(scored["fit"].loc[found.index].to_numpy(), nan_ok=True)


def test_the_readme_s_lines_on_a_file_of_ratings(tmp_path):
    """Ratings as a spreadsheet saves them, with empty conditions and positions; the panel's options are a key themselves."""
    panel().to_csv(tmp_path / "experts.csv", index=False, encoding="utf-8-sig")
    ratings, decisions = pd.read_csv(tmp_path / "experts.csv", encoding="utf-8-sig"), choices()
    found = resampled(ratings, decisions, rounds=20)
    scores = score_by(decisions, {"author": None, "panel": found.options})
    assert scores["panel"].loc[found.people["person"]].tolist() == pytest.approx(found.people["fit"].tolist())
