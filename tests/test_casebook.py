"""The cases, as a reader would see them: what a program can see of language, length and place of the replies."""

import re

import pytest
from support.places import CASEBOOK

from trainkit.checks.expected_paths import walks
from trainkit.files import casebook
from trainkit.scoring import decisions


@pytest.mark.parametrize("name", casebook.case_ids(CASEBOOK))
def test_case_rules_a_program_can_see(name):
    case = casebook.load_case(name, CASEBOOK)
    text = "\n".join(case.texts.values())
    inner = re.sub(r"„[^„“”]*“", "", text)  # quotes within quotes
    assert not re.search(r'["“”]', inner), "Russian quotes are «ёлочки»"
    assert " - " not in text and "--" not in text and "..." not in text
    for english in case.translations["en"].values():
        assert not re.search("[а-яё]", english.lower()), english
        assert (
            "«" not in english and " — " not in english and '"' not in english and not re.search(r"\w'\w", english)
        ), english
    assert not re.search(r"\b(рад|готов|должен|обязан|понял|поняла|уверен)\b", "\n".join(_player(case)).lower())
    off_axis = [
        (scene, key)
        for scene, part in case.scenes.items()
        for key, option in part.options.items()
        if all(rule.value is None for rule in option.position)
    ]
    accepted = CASEBOOK / name / "accepted.yml"
    excused = accepted.exists() and "warning: few_endings" in accepted.read_text("utf-8")
    assert len(off_axis) >= 2 and (len(case.endings) >= 4 or excused)
    for scene in case.scenes.values():
        if scene.options:
            assert len(scene.options) >= 2
    names = {walk.name for walk in walks(CASEBOOK / name)}
    assert names >= {"oriented", "centric", "careless", "best"}


def _player(case):
    """What the player says."""
    for scene, part in case.scenes.items():
        for key, option in part.options.items():
            for number, rule in enumerate(option.text, 1):
                suffix = "" if len(option.text) == 1 else f".{number}"
                yield case.texts[f"scenes.{scene}.options.{key}.text{suffix}"]
                assert rule.value


@pytest.mark.parametrize("name", casebook.case_ids(CASEBOOK))
def test_options_do_not_give_themselves_away_by_length(name):
    """Replies of a scene lie within 15 % of their mean, in each language and for each thing one may know."""
    case = casebook.load_case(name, CASEBOOK)
    outside = {}
    for lang in case.languages:
        for scene, part in case.scenes.items():
            lengths = {
                key: len(case.text(f"scenes.{scene}.options.{key}.text", lang))
                for key, option in part.options.items()
                if len(option.text) == 1 and option.when is None and (part.kind == "talk" or option.ask)
            }
            if len(lengths) > 2:
                mean = sum(lengths.values()) / len(lengths)
                for key, length in lengths.items():
                    if abs(length / mean - 1) > 0.15:
                        outside[lang, scene, key] = round(length / mean - 1, 2)
    # GOLDEN's own question is short, and stays word for word; options seen only together with some others differ a little
    allowed = {("ru", "ask", "deadline"), ("en", "ask", "deadline")} if name == "power_upgrade" else set()
    assert {key: value for key, value in outside.items() if key not in allowed and abs(value) > 0.2} == {}


@pytest.mark.parametrize("name", casebook.case_ids(CASEBOOK))
def test_the_best_reply_stands_in_every_place(name):
    """By the keyed fit, over the decisions of all walks and some random runs: no place has more than 45 %."""
    import random

    from trainkit.engine import attempt as play

    case = casebook.load_case(name, CASEBOOK)
    chance, places = random.Random(0), []
    for seed in range(150):
        attempt = play.start(case, seed)
        while not attempt.finished:
            attempt = play.choose(attempt, chance.choice(attempt.open))
        for step in attempt.decisions:
            fits = decisions.fits(case, step)
            places.append(list(fits).index(max(fits, key=lambda key: fits[key])) + 1)
    shares = {place: places.count(place) / len(places) for place in set(places)}
    assert len(shares) >= 4 and max(shares.values()) <= 0.5, shares
