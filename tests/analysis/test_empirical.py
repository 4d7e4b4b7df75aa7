"""An empirical key: scipy's point-biserial, cross-validation by brute force, and noise that earns nothing."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from support.keys import choices

from trainkit.analysis.empirical import empirical_key
from trainkit.analysis.keys import rekeyed
from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError


def criterion_of(decisions, effect, seed=0):
    """A criterion that goes with how often somebody asked."""
    dice = np.random.default_rng(seed)
    asked = (decisions["option"] == "ask").groupby(decisions["person"]).sum()
    return effect * asked + dice.normal(0, 1, len(asked))


def test_weights_are_point_biserial_correlations():
    decisions = choices(60)
    criterion = criterion_of(decisions, 0.8)
    found = empirical_key(decisions, criterion)
    for row in found.key.itertuples():
        scene = decisions[decisions["scene"] == row.scene]
        chose = (scene["option"] == row.option).to_numpy()
        if min(chose.sum(), (~chose).sum()) < 5:
            assert row.weight == 0
        else:
            expected = scipy.stats.pointbiserialr(chose, criterion.loc[scene["person"]]).statistic
            assert row.weight == pytest.approx(expected)
        assert (row.chosen, row.people) == (chose.sum(), 60)
    assert found.key["fit"].min() == 0 and found.key["fit"].max() == 1
    assert rekeyed(decisions, found.key)["fit"].notna().all()  # it is a key like any other


def test_cross_validated_by_brute_force():
    """Leaving one out: each person's score is by the key that is made of the others alone."""
    decisions = choices(25, 4)
    criterion = criterion_of(decisions, 1.0)
    found = empirical_key(decisions, criterion, folds=25).people.set_index("person")
    for person in found.index[:6]:
        others = decisions[decisions["person"] != person]
        key = empirical_key(others, criterion.drop(person), folds=2).key.set_index(["scene", "option"])["weight"]
        mine = decisions[decisions["person"] == person]
        expected = np.mean([key.get((row.scene, row.option), 0.0) for row in mine.itertuples()])
        assert found.loc[person, "score"] == pytest.approx(expected)


def test_what_goes_with_the_criterion_is_found():
    decisions = choices(300, 8)
    found = empirical_key(decisions, criterion_of(decisions, 1.0))
    truth = np.std((decisions["option"] == "ask").groupby(decisions["person"]).sum())
    possible = truth / np.hypot(truth, 1)
    assert found.interval[0] < found.validity < found.interval[1]
    assert found.validity > 0.8 * possible and found.apparent > found.validity
    best = found.key.sort_values("weight").groupby("scene").tail(1)
    assert (best["option"] == "ask").all()


@pytest.mark.slow
def test_noise_looks_good_and_is_worth_nothing():
    """40 people, a criterion by lot: the key seems valid where it was made, and isn't with others (Cureton 1950)."""
    apparent, crossed = [], []
    for seed in range(30):
        decisions = choices(40, 8, seed)
        found = empirical_key(decisions, criterion_of(decisions, 0.0, seed), seed=seed)
        apparent.append(found.apparent)
        crossed.append(found.validity)
    assert np.mean(apparent) > 0.5 and abs(np.mean(crossed)) < 0.1


def test_what_will_not_do():
    decisions = choices(30)
    criterion = criterion_of(decisions, 1.0)
    with pytest.raises(TooFew, match="10 people with a criterion are too few"):
        empirical_key(decisions, criterion[:10])
    with pytest.raises(TrainkitError, match="the same for all"):
        empirical_key(decisions, criterion * 0)
    with pytest.raises(TrainkitError, match="p00 twice"):
        empirical_key(decisions, pd.concat([criterion, criterion[:1]]))
    with pytest.raises(TrainkitError, match="folds are 2 to 30"):
        empirical_key(decisions, criterion, folds=31)
    rare = empirical_key(decisions, criterion, fewest=40)
    assert rare.validity is None and rare.interval is None and rare.apparent is None
