"""Does form give the key away? Planted cues are found, and none is found where there is none."""

import random

import numpy as np
import pytest

from trainkit.audit.offers import Offer
from trainkit.audit.surface import CUES, SHAPES, cues, fit, surface


def offers(texts, n=60, seed=0):
    """Decisions of six cases in which the best reply has one kind of text, the others another."""
    dice, made = random.Random(seed), []
    for number in range(n):
        best = dice.randrange(4)
        words = tuple(texts(dice, place == best) for place in range(4))
        fits = tuple(float(place == best) for place in range(4))
        made.append(Offer((f"case{number % 6}", f"s{number}"), 0, 1.0, {"ru": words}, fits, (0.1, 0.2, 0.3, 0.4)))
    return made


def by_case(offer):
    return offer.scene[0]


def test_there_are_enough_cues():
    assert len(CUES) + len(SHAPES) >= 16
    rows = cues(["Да, конечно!", "Когда вам это нужно?", "Нет."], "ru")
    assert rows.shape == (3, len(CUES) + len(SHAPES)) and np.allclose(rows.sum(axis=0), 0)


def test_a_planted_cue_is_found_in_a_case_it_was_not_fitted_on():
    found = surface(offers(lambda dice, best: f"Слова {dice.random()}" + ("?" if best else ".")), "ru", by_case)
    assert found.hits == 1 and found.error == 0 and set(found.by_group) == {f"case{n}" for n in range(6)}


def test_a_cue_by_absence_is_found():
    found = surface(offers(lambda dice, best: "а" * dice.randrange(30, 40) + ("" if best else "!")), "ru", by_case)
    assert found.hits == 1


def test_where_form_says_nothing_it_hits_by_chance():
    texts = lambda dice, _best: "а, " * dice.randrange(5) + "б" * dice.randrange(20) + dice.choice(".?!")  # noqa: E731
    found = surface(offers(texts, n=400), "ru", by_case)
    assert found.hits == pytest.approx(0.25, abs=2.5 * found.error)
    assert found.error == pytest.approx((found.hits * (1 - found.hits) / 400) ** 0.5)


def test_the_penalty_keeps_weights_finite():
    pool = offers(lambda dice, best: "?" if best else ".")
    weights, scale = fit(pool, [cues(offer.words["ru"], "ru") for offer in pool])
    assert np.isfinite(weights).all() and (scale > 0).all() and np.abs(weights).max() < 20


def test_one_group_is_too_little():
    found = surface(offers(lambda dice, best: "…", n=6)[:1], "ru", by_case)
    assert found.hits is None and found.error is None
