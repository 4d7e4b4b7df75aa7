"""A study's sentences say what the numbers say, in both languages, and claim nothing that an interval doesn't bear."""

import numpy as np
import pandas as pd
import pytest

from trainkit.analysis import study_sentences as study
from trainkit.analysis.groups import Difference
from trainkit.analysis.mixed import mixed
from trainkit.analysis.reliability import Reliability
from trainkit.analysis.summary import Mean, share

LANGS = ["ru", "en"]


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def reliable(value, half=0.05, people=80):
    return Reliability(value, (value - half, value + half), 0.95, people, 12)


def apart(value, half):
    return Difference(value, (value - half, value + half), 1.0, 40.0, 0.1, 0.2, (0.0, 0.4), (20, 22), 0.95)


@pytest.mark.parametrize(
    ("omega", "said"),
    [
        (reliable(0.721), ("Альфа (0,72) говорит то же", "says the same")),
        (reliable(0.65, 0.2), ("по стольким людям не узнать", "from so few people")),
        (reliable(0.85), ("омега точнее", "better estimate")),
    ],
)
def test_omega_is_the_better_estimate_only_where_it_is_another(omega, said):
    for lang, words in zip(LANGS, said, strict=True):
        assert words in plain(study.of_omega(omega, reliable(0.72), lang))


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (0.62, ("часть прежних 0,72", "part of the 0.72")),
        (0.80, ("занижали", "had hidden")),
        (0.73, ("почти как с ними", "much the same")),
    ],
)
def test_what_careless_answers_did_to_a_reliability(without, said):
    for lang, words in zip(LANGS, said, strict=True):
        assert words in plain(study.of_without(reliable(0.72), reliable(without), lang))


def test_who_stayed_away_is_told_with_a_direction_only_where_there_is_one():
    told = {value: plain(study.of_those_who_stayed_away(apart(value, 3), "en")) for value in (5, -5, 1)}
    assert "5.0 points above those who didn’t (95 % interval 2.0 to 8.0)" in told[5]
    assert "5.0 points below those who didn’t (95 % interval 2.0 to 8.0)" in told[-5]
    assert "can’t be shown: 1.0 points (95 % interval −2.0 to 4.0)" in told[1]
    assert plain(study.of_those_who_stayed_away(apart(5, 3), "ru", "А")).startswith("«А»: пришедшие снова")
    assert "«А»: не пришли снова 3 из 20 (15 %" in plain(study.of_stayed_away(share(3, 20), "А", "ru"))
    assert "all 20 came again" in plain(study.of_stayed_away(share(0, 20), "A", "en"))
    assert "— 3 из 20 (15 %" in plain(study.of_broken_off(share(3, 20), "ru"))


def test_how_many_it_takes_beside_how_many_there_are():
    said = plain(study.of_needed(5, 21, "ru", (30, 28)))
    assert "разницу в 5,0 балла" in said and "в группе нужен 21 человек; здесь их 30 и 28." in said
    assert plain(study.of_needed(5, 64, "en")).endswith("80 % of the time, it takes 64 people a group.")
    said = plain(study.of_needed(5, 161, "en", (139, 138), adjusted=66))
    assert said.endswith(
        "161 people a group; of people with the same score before (ANCOVA), 66; here there are 139 and 138."
    )
    group = study.of_group(Mean(70.04, (65.0, 75.1), 10.0, 12, 0.95), "a", "en")
    assert plain(group) == "Fit, “a”: 70.0 on average (95 % interval 65.0 to 75.1; 12 people)."


def test_no_interval_of_a_group_leaves_the_scale():
    high, low = Mean(97.0, (91.0, 103.0), 5.0, 4, 0.95), Mean(-98.0, (-104.0, -92.0), 5.0, 4, 0.95)
    assert "91.0 to 100.0" in plain(study.of_group(high, "a", "en"))
    assert "от −100,0 до −92,0" in plain(study.of_group(low, "a", "ru", "Положение", -100.0))


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((0.2, 0.8), ("растёт", "grows with fit elsewhere")),
        ((0.8, 0.2), ("падает", "falls with fit elsewhere")),
        ((0.4, 0.5), ("не доказано", "can’t be shown")),
    ],
)
def test_the_best_reply_is_told_of_and_grows_only_where_the_interval_says_so(ends, said):
    """The other reply changes more, but wasn't asked about beforehand; the interval is statsmodels' own of Newcombe."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    curves = pd.DataFrame({"people": [30, 20], "rest": [0.4, 0.9], "best": ends, "other": [0.0, 1.0]})
    low, high = (study.points(100 * one, "en") for one in confint_proportions_2indep(
        round(20 * ends[1]), 20, round(30 * ends[0]), 30, method="newcomb", compare="diff"))  # fmt: skip
    for lang, words in zip(LANGS, said, strict=True):
        told = plain(study.of_best_curve(curves, "best", "Да", lang))
        assert words in told and "Да" in told
    assert f"percentage points (95 % interval {low} to {high})" in told


def changed(difference, people=40, seed=0):
    """Two groups over two times and two cases, of whom the second gains more."""
    dice = np.random.default_rng(seed)
    rows = []
    for number in range(people):
        group, own = "ab"[number % 2], dice.normal(60, 8)
        for time, case in (("before", "x"), ("before", "y"), ("after", "x"), ("after", "y")):
            gain = difference * (group == "b") * (time == "after")
            rows.append((f"p{number}", case, time, group, own + gain + dice.normal(0, 4)))
    frame = pd.DataFrame(rows, columns=["person", "case_id", "time", "group", "fit"])
    return frame.assign(time=pd.Categorical(frame["time"], ["before", "after"]))


@pytest.mark.parametrize("difference", [10, -10])
def test_a_mixed_model_says_whose_change_was_higher_whichever_came_first(difference):
    found = mixed(changed(difference))
    said = plain(study.of_mixed(found, "a", "b", ("before", "after"), "en"))
    upper, lower = ("b", "a") if difference > 0 else ("a", "b")
    term = found.effect("time after × group b")
    ends = sorted(abs(one) for one in (term["low"], term["high"]))
    assert f"the change of “{upper}” was {abs(term['value']):.1f} points higher than that of “{lower}”" in said
    assert f"(95 % interval {ends[0]:.1f} to {ends[1]:.1f}; 160 attempts, 40 people)" in said
    table = study.terms_in_words(found, "ru", {"y": "Случай"})
    assert table["term"].tolist() == ["когда все остальные на первом значении", "Случай", "after", "b", "after × b"]
    assert table["points"].tolist() == found.effects["value"].tolist()


def test_a_mixed_model_claims_nothing_where_zero_is_possible_or_nothing_can_be_told():
    said = plain(study.of_mixed(mixed(changed(0, seed=3)), "a", "b", ("before", "after"), "ru"))
    assert "изменились по-разному, не доказано" in said and "выше" not in said
    one_time = changed(5).query("time == 'before'")
    assert "can’t tell" in study.of_mixed(mixed(one_time, time=None), "a", "b", ("before", "after"), "en")


@pytest.mark.parametrize(
    ("value", "blind", "said"),
    [
        (16, 30, ("ближе к центричности", "towards centricity (95 % interval 13.0 to 19.0"), ),
        (-16, -30, ("ближе к ориентированности", "towards orientation (95 % interval 13.0 to 19.0"), ),
        (1, 30, ("сдвиг не доказан", "no lean can be shown, 1.0 points (95 % interval −2.0 to 4.0"), ),
    ],
)  # fmt: skip
def test_a_lean_is_paired_and_told_from_inaccuracy(value, blind, said):
    for lang, words, part in zip(LANGS, said, ("неточность", "inaccuracy, not lean"), strict=True):
        told = plain(study.of_lean(apart(value, 3), lang, blind))
        assert words in told and (part in told) == (value != 1)
        assert part not in plain(study.of_lean(apart(value, 3), lang, -blind))  # away from where chance would lead


def test_scenes_that_are_left_out_are_counted():
    said = plain(study.of_left_out(21, 80, "ru"))
    assert said.startswith("21 сцена не показана") and "80 человек" in said and "прежние ответы" in said
    assert plain(study.of_left_out(3, 80, "en")).startswith("3 scenes are left out: fewer than 80 people met each.")
    assert plain(study.of_weak((4, 1), "en")).endswith("r under 0.2 in 4, surely in 1.")
