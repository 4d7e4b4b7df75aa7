"""A key that calls another reply most fitting than exact play would take is told, with the scene and what was known."""

import json

import pytest

from trainkit import load_case
from trainkit.checks.playtest import playtest
from trainkit.files import case_errors
from trainkit.files.scaffold import new_case


@pytest.fixture
def brakes(tmp_path):
    """The case that `trainkit new` writes, as data."""
    return json.loads(load_case(new_case("brakes", tmp_path)).source_json)


def disagreements(data):
    """(place, sentence) of each scene where key and exact play part."""
    warnings = playtest(case_errors.case_from_data(data, "changed"), 120).warnings
    return [(".".join(path), rule) for code, path, rule in warnings if code == "key_disagrees"]


def key(data, scene, **fits):
    """Give replies of a scene a key of their own; a fit is a number, `auto` or a list of rules."""
    for name, fit in fits.items():
        rules = fit if isinstance(fit, list) else [{"value": fit}]
        data["scenes"][scene]["options"][name]["fit"] = rules


def test_the_beginning_has_nothing_to_tell(brakes):
    assert disagreements(brakes) == []


def test_the_scene_and_what_was_known_are_named(brakes):
    """Oil on the disc and no hurry: wiping is best, and this key says so only where the ride is tomorrow."""
    wipe = [{"when": {"cause": ["oil"], "trip": ["later"]}, "value": 0.2}, {"value": "auto"}]
    order = [{"when": {"cause": ["oil"], "trip": ["later"]}, "value": 1.0}, {"value": "auto"}]
    key(brakes, "offer", clean=wipe, order=order)
    [(place, rule)] = disagreements(brakes)
    assert place == "scenes.offer"
    assert 'the key says "order" (fit 1), best play "clean" (fit 0.2)' in rule
    assert "cause=oil, trip=later" in rule


def test_a_key_that_says_what_is_best_is_left_alone(brakes):
    """Numbers of one's own, another one for each thing known, that put the same reply first as exact play."""
    oil, pads = {"cause": ["oil"]}, {"cause": ["pads"]}
    key(
        brakes,
        "offer",
        clean=[{"when": oil, "value": 1.0}, {"when": pads, "value": 0.0}, {"value": "auto"}],
        order=[{"when": oil, "value": 0.3}, {"value": "auto"}],
        pads_now=[{"when": oil, "value": 0.3}, {"value": "auto"}],
    )
    assert disagreements(brakes) == []


def test_equally_fitting_replies_are_asked_for_the_best_of_them(brakes):
    key(brakes, "offer", clean=1.0, order=1.0, pads_now=1.0)
    assert disagreements(brakes) == []
