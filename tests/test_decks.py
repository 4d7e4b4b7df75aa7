"""The two decks are parallel forms: both keep to casebook/blueprint.yml, and measure alike with simulated people."""

import pytest
import yaml
from support.places import CASEBOOK

from trainkit import load_case
from trainkit.audit.decks import deck_figures
from trainkit.audit.figures import study, surfaces
from trainkit.scoring.profile import third

DECKS = ("counters_a", "counters_b")
PLAN = yaml.safe_load((CASEBOOK / "blueprint.yml").read_text("utf-8"))
FAR = 0.2  # positions of the same reply in both decks may differ by as much


def only(rules):
    """What holds whatever happened before: a deck has no conditions in its keys."""
    (rule,) = rules
    return float(rule.value) if isinstance(rule.value, int) else rule.value


@pytest.fixture(scope="module")
def decks():
    return {name: load_case(name) for name in DECKS}


@pytest.mark.parametrize("deck", DECKS)
@pytest.mark.parametrize("scene", PLAN)
def test_a_scene_keeps_to_the_plan(decks, deck, scene):
    plan, here = PLAN[scene], decks[deck].scenes[scene]
    found = [[only(option.position), only(option.fit)] for option in here.options.values()]
    assert sorted(found, key=str) == sorted([[k, float(fit)] for k, fit in plan["layout"][deck]], key=str)
    assert third(only(here.target)) == plan["third"] and here.axis
    assert plan["stake"] in ("low", "medium", "high") and plan["knows"] in ("client", "counter", "both", "nobody")
    assert set(plan["trade"]) == {"ru", "en"}


@pytest.mark.parametrize("deck", DECKS)
def test_a_deck_is_twelve_single_scenes(decks, deck):
    case = decks[deck]
    assert set(case.scenes) == set(PLAN) and len(PLAN) == 12
    for scene in case.scenes.values():
        assert len(scene.options) == 4
        assert (
            len({only(option.goto) for option in scene.options.values()}) == 1
        )  # whatever one says, the next is the same
    best = [
        max(range(4), key=[only(o.fit) for o in scene.options.values()].__getitem__) for scene in case.scenes.values()
    ]
    assert sorted(best) == sorted([0, 1, 2, 3] * 3)
    assert not case.facts and 10 <= case.minutes <= 12


def test_the_plan_is_of_parallel_forms():
    thirds = [plan["third"] for plan in PLAN.values()]
    assert {name: thirds.count(name) for name in thirds} == {"orientated": 4, "middle": 4, "centric": 4}
    apart = []
    for plan in PLAN.values():
        for (k, fit), (other, other_fit) in zip(*(plan["layout"][deck] for deck in DECKS), strict=True):
            assert (k is None) == (other is None) and abs(fit - other_fit) < 0.11
            apart += [] if k is None else [abs(k - other)]
    assert max(apart) <= FAR + 1e-9 and sum(apart) / len(apart) > 0.05  # neither teaches the other


def test_people_words_and_order_are_others(decks):
    """One deck must not teach the other: no name, no reply and no line of one is in the other, nor the order."""
    a, b = (decks[name] for name in DECKS)
    assert list(a.scenes) != list(b.scenes)
    assert not set(a.speakers.values()) & set(b.speakers.values())
    for lang in ("ru", "en"):
        said = [{case.text(name, lang) for name in case.texts if name.count(".") > 1} for case in (a, b)]
        assert min(map(len, said)) > 96 and not said[0] & said[1]


@pytest.mark.slow
def test_they_measure_alike(decks):
    """The figures that the decks are for, by simulated people: the goals of casebook/INSTRUMENT.md."""
    studies = [study(decks[name], 15_000) for name in DECKS]
    found = deck_figures(*studies, surfaces(studies))
    for name in DECKS:
        deck = found[name]
        assert deck["alpha_fit"] >= 0.5 and deck["alpha_fit_less_skilled"] >= 0.55 and deck["alpha_position"] >= 0.45
        assert min(deck["auc_skilled_preacher"], deck["auc_skilled_orderer"]) >= 0.95
        assert min(deck["auc_equal_preacher"], deck["auc_equal_orderer"]) >= 0.8
    assert found["r_fit"] >= 0.5 and found["together"]["alpha_fit"] >= 0.65
    assert abs(found["means_difference"]) <= 2 and found["apart"] == []
