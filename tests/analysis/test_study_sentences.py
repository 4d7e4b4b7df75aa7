"""A study's sentences say what the numbers say, in both languages, and claim nothing that an interval doesn't bear."""

import pytest

from trainkit.analysis import study_sentences as study
from trainkit.analysis.groups import Difference
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
    assert "«А»: не пришли снова 3 из 20 (15 %" in plain(study.of_stayed_away(share(3, 20), "А", "ru"))
    assert "all 20 came again" in plain(study.of_stayed_away(share(0, 20), "A", "en"))
    assert "— 3 из 20 (15 %" in plain(study.of_broken_off(share(3, 20), "ru"))


def test_how_many_it_takes_beside_how_many_there_are():
    said = plain(study.of_needed(5, 21, "ru", (30, 28)))
    assert "в 5,0 балла" in said and "в группе нужен 21 человек; здесь их 30 и 28." in said
    assert plain(study.of_needed(5, 64, "en")).endswith("80 % of the time, it takes 64 people a group.")
    group = study.of_group(Mean(70.04, (65.0, 75.1), 10.0, 12, 0.95), "a", "en")
    assert plain(group) == "Fit, “a”: 70.0 on average (95 % interval 65.0 to 75.1; 12 people)."
