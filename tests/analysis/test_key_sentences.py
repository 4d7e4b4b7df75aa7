"""What other keys say, in words: nearly alike only where the interval bears it, chance called chance, in both languages."""

from collections import namedtuple

import numpy as np
import pandas as pd
import pytest
from support.keys import choices, own_key

from trainkit.analysis import key_sentences as told
from trainkit.analysis.agreement import Icc
from trainkit.analysis.empirical import Empirical, empirical_key, goes_with
from trainkit.analysis.experts import resampled
from trainkit.analysis.key_comparison import moved, stability
from trainkit.analysis.laboratory import by_every_key
from trainkit.analysis.summary import Mean
from trainkit.analysis.tables import TooFew

Row = namedtuple("Row", "first second people spearman low high changed")


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def ratings(spread=0.1, experts=5, scenes=6):
    dice = np.random.default_rng(1)
    parts = []
    for number in range(experts):
        key = own_key(scenes).assign(expert=f"e{number}")
        key["position"] = (key["position"] + dice.normal(0, spread, len(key))).clip(-1, 1)
        key["fit"] = (key["fit"] + dice.normal(0, spread, len(key))).clip(0, 1)
        parts.append(key)
    return pd.concat(parts)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("a", "b", 200, 0.98, 0.97, 0.99, 0.01), ("почти в одном порядке", "nearly alike")),
        (Row("a", "b", 300, 0.97, 0.96, 0.98, 0.12), ("людей по порядку с r 0,97", "rank people with r 0.97")),
        (Row("a", "b", 200, -0.40, -0.51, -0.28, 0.7), ("в обратном порядке, r −0,40", "in opposite order, r −0.40")),
        (Row("a", "b", 200, 0.70, 0.60, 0.78, 0.4), ("по порядку с r 0,70", "rank people with r 0.70")),
        (Row("a", "b", 20, 0.10, -0.30, 0.50, 0.5), ("не доказано", "can’t be shown")),
        (Row("a", "b", 3, np.nan, np.nan, np.nan, np.nan), ("никого не различает", "ranks nobody")),
    ],
)
def test_how_alike_two_keys_rank_people(row, said):
    for lang, words in zip(("ru", "en"), said, strict=True):
        assert words in plain(told.of_rank(row, lang))
    assert "0.997" in told.of_rank(Row("a", "b", 200, 0.9968, 0.996, 0.998, 0.0), "en")  # and not 1.00


def test_every_key_of_one_log_and_who_moves():
    decisions = choices()
    scores = by_every_key(decisions, ratings())
    assert list(scores.columns) == ["author", "experts", "share", "most", "distance"] and len(scores) == 30
    assert list(by_every_key(decisions).columns) == ["author", "share", "most", "distance"]
    assert len(stability(scores)) == 10
    found = moved(scores, "author", "most")
    said = plain(told.of_moved(found, "author", "most", "en"))
    assert (
        f"{int(found['changed'].sum())} of 30 people" in said
        and f"the furthest by {found['shift'].abs().max():.0f}" in said
    )
    with pytest.raises(TooFew):
        by_every_key(decisions.head(0))


def test_a_panel_says_what_other_experts_would_have_changed():
    found = resampled(ratings(), choices(), rounds=200)
    half = ((found.people["fit_high"] - found.people["fit_low"]) / 2).median()
    said = plain(told.of_panel(found, "en"))
    assert (
        f"instead of these 5, fit of half of the people would move by {half:.1f} points or less (the median "
        f"half-width of 90 %"
        in said
        and f"were 5 others asked, by √2 times as much, {2**0.5 * half:.1f}" in said
    )
    assert said.endswith("no resampling shows.") and "экспертов (5)" in plain(told.of_panel(found, "ru"))


def test_experts_are_told_one_by_one_and_together():
    said = plain(told.of_experts(Icc(0.3, (0.1, 0.5), 2, 0.1), Icc(0.72, (0.4, 0.86), 2, 0.1), 6, "Fit", "en"))
    assert "of one expert agree to 0.30 (95 % interval 0.10 to 0.50), the mean of 6 experts to 0.72" in said
    assert said.endswith(
        "Whether one expert alone would do can’t be said."
    )  # up to .4 agreement is poor: Cicchetti 1994
    for ends, more in (((0.1, 0.39), "One expert alone would not do."), ((0.41, 0.6), "0.86).")):
        found = told.of_experts(Icc(0.3, ends, 2, 0.1), Icc(0.72, (0.4, 0.86), 2, 0.1), 6, "Fit", "en")
        assert plain(found).endswith(more)


def test_a_criterion_bears_out_only_what_its_interval_allows():
    dice = np.random.default_rng(2)
    score = pd.Series(dice.normal(50, 10, 60), index=[f"p{n}" for n in range(60)])
    bears, not_so = score + dice.normal(0, 10, 60), pd.Series(dice.normal(0, 1, 60), index=score.index)
    found = goes_with(score, bears)
    assert found.r == pytest.approx(np.corrcoef(score, bears)[0, 1]) and found.people == 60
    from scipy.stats import pearsonr

    peer = pearsonr(score, bears).confidence_interval(0.95)
    assert found.interval == pytest.approx((peer.low, peer.high))
    assert f"goes with the criterion to r {found.r:.2f}" in plain(told.of_criterion("author", found, "en"))
    assert "не доказана" in plain(told.of_criterion("author", goes_with(score, not_so), "ru"))
    assert goes_with(score, bears * 0).r is None and "everybody has the same" in told.of_criterion(
        "a", goes_with(score, bears * 0), "en"
    )
    with pytest.raises(TooFew):
        goes_with(score.head(3), bears)
    made = empirical_key(choices(), pd.Series(dice.normal(size=30), index=[f"p{n:02}" for n in range(30)]))
    assert f"seems to be {made.apparent:.2f}".replace("-", "\N{MINUS SIGN}") in plain(told.of_empirical(made, "en"))
    assert "r 0,49 (интервал 95 %: от 0,40 до 0,58; 25 человек)" in plain(
        told.of_shape(Mean(0.49, (0.4, 0.58), 0.2, 25, 0.95), "ru")
    )


@pytest.mark.parametrize(
    ("r", "ends", "said"),
    [
        (0.39, (0.29, 0.48), ("связан с ним на r 0,39", "goes with it to r 0.39")),
        (0.05, (-0.07, 0.17), ("не доказано, r 0,05", "can’t be shown, r 0.05")),
        (-0.30, (-0.40, -0.19), ("идёт против него", "runs against it")),
        (0.55, (0.46, 0.63), ("связан с ним на r 0,55", "goes with it to r 0.55")),  # above what it seems to be
    ],
)
def test_an_empirical_key_is_told_by_its_interval_and_beside_pure_chance(r, ends, said):
    found = Empirical(pd.DataFrame(), pd.DataFrame(), r, ends, 0.50, 0.95, 10, 0.31)
    for lang, words in zip(("ru", "en"), said, strict=True):
        text = plain(told.of_empirical(found, lang))
        assert words in text and "most of the difference" not in text and "по большей части" not in text
    assert "at random, it would seem to be 0.31 on average" in text


@pytest.mark.slow
def test_what_a_random_criterion_seems_to_be_is_what_keys_of_random_criteria_come_to():
    decisions, dice = choices(), np.random.default_rng(5)
    people = sorted(decisions["person"].unique())
    criterion = pd.Series(dice.normal(size=len(people)), index=people)
    found = empirical_key(decisions, criterion)
    again = [empirical_key(decisions, pd.Series(dice.permutation(criterion), index=people)).apparent for _ in range(60)]
    assert found.null == pytest.approx(np.mean(again), abs=4 * np.std(again) * np.sqrt(1 / 60 + 1 / 200))
    assert found.null > 0.1 and empirical_key(decisions, criterion).null == found.null
