"""Sentences say what the numbers say: which is higher, what can't be shown, how many would do; in both languages."""

import numpy as np
import pandas as pd
import pytest

from trainkit.analysis import sentences as say
from trainkit.analysis.generalisability import components
from trainkit.analysis.groups import Difference, Equivalence, adjusted, before_after, compare, equivalent
from trainkit.analysis.reliability import NeverTogether, Reliability, alpha
from trainkit.analysis.summary import Mean, mean, share
from trainkit.analysis.tables import Alike, TooFew
from trainkit.errors import TrainkitError

LANGS = ["ru", "en"]


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def differing(value, half):
    g = value / 10, (value / 10 - 0.5, value / 10 + 0.5)
    return Difference(value, (value - half, value + half), 1.0, 40.0, 0.1, *g, (20, 22), 0.95)


@pytest.mark.parametrize("value", [7.25, -7.25])
def test_who_is_higher_is_told_whichever_came_first(value):
    said = plain(say.of_difference(differing(value, 3), "А", "Б", "ru"))
    upper, lower = ("Б", "А") if value > 0 else ("А", "Б")
    assert said == (
        f"Уместность: «{upper}» выше, чем «{lower}», на 7,2 балла "
        "(интервал 95 %: от 4,2 до 10,2; g Хеджеса 0,72, от 0,22 до 1,23)."
    )
    again = plain(say.of_adjusted(differing(value, 3), "А", "Б", "en", "Position"))
    assert (
        again.startswith("Position afterwards, of people with the same score before")
        and f"“{upper}” is 7.2 points above “{lower}” (95 % interval 4.2 to 10.2; 42 people)" in again
    )


@pytest.mark.parametrize("lang", LANGS)
def test_where_zero_is_possible_no_difference_is_claimed(lang):
    words = {"ru": ("не доказан", "выше"), "en": ("can be shown", "above")}[lang]
    for found in (differing(2, 3), differing(-2, 3), differing(0, 1)):
        for said in (
            say.of_difference(found, "a", "b", lang),
            say.of_adjusted(found, "a", "b", lang),
            say.of_change(found, lang),
        ):
            assert words[0] in plain(said) and words[1] not in said


def test_a_change_has_its_direction():
    assert "4.0 points less (95 % interval 3.0 to 5.0; 20 people" in plain(say.of_change(differing(-4, 1), "en"))
    assert "на 4,0 балла больше (интервал 95 %: от 3,0 до 5,0; 20 человек" in plain(
        say.of_change(differing(4, 1), "ru", "все")
    )


def test_the_numbers_are_those_of_the_functions():
    dice = np.random.default_rng(1)
    a, b = dice.normal(50, 10, 40), dice.normal(58, 10, 40)
    found = compare(a, b)
    assert f"{found.value:.1f} points above" in say.of_difference(found, "a", "b", "en")
    changed = before_after(a, b)
    assert f"{abs(changed.value):.1f} points" in say.of_change(changed, "en")
    frame = pd.DataFrame({"y": [*a, *b], "g": ["a"] * 40 + ["b"] * 40, "x": dice.normal(0, 1, 80)})
    assert "with the same score before" in say.of_adjusted(adjusted(frame, "y", "g", "x"), "a", "b", "en")
    one, other = (plain(say.of_equivalence(equivalent(*pair, 2), "en")) for pair in ((a, b), (b, a)))
    assert one == other and "−" not in one  # the same, whichever came first
    assert "alike can’t be said" in say.of_equivalence(equivalent(a, b, 5), "en")
    assert "alike up to 30.0 points" in say.of_equivalence(equivalent(a, b, 30), "en")


def test_reliability_says_how_many_scenes_would_do():
    """Spearman–Brown: .5 over 10 becomes .7 with 23.33, that is 24."""
    said = plain(say.of_reliability(Reliability(0.5, (0.3, 0.65), 0.95, 80, 10), "ru"))
    assert said.startswith("Надёжность по 10 сценам (альфа) — 0,50 (интервал 95 %: от 0,30 до 0,65; 80 человек).")
    assert said.endswith("Для 0,7 нужны 24 такие сцены (по интервалу — 13–55).")
    assert "no number of them" in say.of_reliability(Reliability(-0.1, (-0.5, 0.2), 0.95, 80, 10), "en")


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (0.7, ("0,7 или больше", "By the interval it is 0.7 or more")),
        (0.6, ("но не по интервалу", "0.7 is reached by the best guess, but not by the interval")),
    ],
)
def test_a_reliability_is_judged_by_its_interval(low, said):
    for lang, words in zip(LANGS, said, strict=True):
        told = plain(say.of_reliability(Reliability(0.8, (low, 0.85), 0.95, 80, 10), lang))
        assert words in told and "will do" not in told and "хватит" not in told


@pytest.mark.parametrize(
    ("ends", "alike", "said"),
    [
        ((12.3, 15.6), False, ("отличаются больше чем на 5,0 балла", "differ by more than 5.0 points")),
        ((-15.6, -12.3), False, ("отличаются больше чем на 5,0 балла", "differ by more than 5.0 points")),
        ((4.3, 10.6), False, ("в 5,0 балла или больше не исключена", "5.0 points or more isn’t ruled out")),
        ((-2.0, 4.2), True, ("отличаются меньше чем на 5,0 балла", "alike up to 5.0 points")),
    ],
)
def test_groups_are_alike_apart_or_neither_by_where_the_interval_lies(ends, alike, said):
    for lang, words in zip(LANGS, said, strict=True):
        assert words in plain(say.of_equivalence(Equivalence(alike, 0.5, ends, 5.0), lang))


def test_a_fall_turns_its_size_too():
    fall, rise = (plain(say.of_change(differing(value, 1), "en")) for value in (-4, 4))
    assert fall.replace(" less ", " more ") == rise and "g of the change 0.40, −0.10 to 0.90" in fall
    assert "g изменения 0,40, от −0,10 до 0,90" in plain(say.of_change(differing(-4, 1), "ru"))


def test_no_interval_leaves_its_scale():
    high, low = Mean(97.0, (91.0, 103.0), 5.0, 12, 0.95), Mean(-98.0, (-104.0, -92.0), 5.0, 12, 0.95)
    assert "91.0 to 100.0" in plain(say.of_fit(high, "en")) and "до 100,0" in plain(say.of_fit(high, "ru"))
    assert "−100.0 to −92.0" in plain(say.of_position(low, "en"))


def test_components_say_how_many_cases_would_do():
    dice = np.random.default_rng(0)
    skills = dice.normal(0, 0.2, 60)
    places = [(c, s) for c in range(4) for s in range(3)]
    rows = [
        (f"p{p}", f"c{c}", f"s{s}", skill + dice.normal(0, 0.3)) for p, skill in enumerate(skills) for c, s in places
    ]
    found = components(pd.DataFrame(rows, columns=["person", "case_id", "scene", "fit"]))
    said = plain(say.of_components(found, "en"))
    assert (
        f"0.7 takes {found.cases_for(0.7)} such case" in said
        and f"generalisability coefficient of {found.dependability():.2f}" in said
    )
    assert "90 % intervals of the variances, as shares of today’s total" in said
    russian = plain(say.of_components(found, "ru"))
    assert "обобщаемость" in russian.lower() and "надёжность" not in russian.lower()
    assert len(say.components_table(found, "ru")) == 5


@pytest.mark.parametrize("lang", LANGS)
def test_too_little_is_a_result_with_the_number_that_would_do(lang):
    for call in (
        lambda: mean([1, 2]),
        lambda: compare([1, 2], [1, 2, 3]),
        lambda: alpha(pd.DataFrame({"a": [1, 2], "b": [1, 3]})),
    ):
        with pytest.raises(TooFew) as error:
            call()
        said = plain(say.of_trouble(error.value, lang))
        assert "2" in said and "3" in said and len(said.split()) > 4
    pairs = NeverTogether([("a", "b"), ("a", "c")])
    assert "2" in say.of_trouble(pairs, lang)
    with pytest.raises(Alike) as error:
        before_after([1, 2, 3], [2, 3, 4])
    assert say.of_trouble(error.value, lang) and say.of_trouble(TrainkitError("anything"), lang) == "anything"


@pytest.mark.parametrize("lang", LANGS)
def test_a_group_without_spread_has_no_interval_and_says_so(lang):
    said = plain(say.of_fit(mean([100.0] * 4), lang, random=float("nan")))
    assert "nan" not in said and {"ru": "у всех одно и то же", "en": "the same for all"}[lang] in said


def test_what_the_scenes_ask_for_is_told_without_a_verdict():
    """Whether the group leans is told of each person beside their own scenes (of_lean)."""
    values = [10, 20, 30, 20, 15, 25]
    assert plain(say.of_position(mean(values), "en", -40)).endswith("The scenes ask for −40.0 on average.")
    assert "ask" not in say.of_position(mean(values), "en") and "ask" not in say.of_position(
        mean(values), "en", float("nan")
    )


@pytest.mark.parametrize("lang", LANGS)
def test_the_levels_of_intervals_are_those_that_were_told(lang):
    ninety = say.interval("1", "2", 0.9, lang)
    texts = [say.of_fit(mean([40, 50, 60, 50]), lang), f"… ({ninety})", "95 % 50 %", "80 %"]
    assert say.levels(texts, lang) == [0.95, 0.9] and say.levels(texts[2:], lang) == []
    said = plain(say.of_levels([0.95, 0.9], lang))
    assert said.endswith(
        {
            "en": "one in 20 of those of 95 % and one in 10 of those of 90 % misses on average.",
            "ru": "в среднем промахивается один из 20 интервалов 95 % и один из 10 интервалов 90 %.",
        }[lang]
    )
    assert "90" not in say.of_levels([0.95], lang) and say.of_levels([], lang) == ""


def test_numbers_are_never_rounded_to_what_they_are_not():
    shares = {0: "0 %", 0.0004: "0.1 %", 0.004: "0.4 %", 0.5: "50 %", 0.9999: "99.9 %", 1: "100 %"}
    assert {one: plain(say.per_cent(one, "en")) for one in shares} == shares
    assert [say.points(one, "ru", sign=True) for one in (0.04, -0.04, 7.26, -7.26)] == ["0,0", "0,0", "+7,3", "−7,3"]
    assert plain(say.of_careless(share(0, 50), "en")).startswith("Of 50 people nobody")
    said = plain(say.of_careless(share(5, 50), "ru", 70.2, 74.9))
    assert "— 5 из 50 (10 %" in said and "была бы 74,9 вместо 70,2" in said
