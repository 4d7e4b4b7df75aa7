"""What is kept with a case is bounded, shared, and never decides a result."""

import gc
import random
import weakref

import pytest

from trainkit import load_case
from trainkit.case.cache import Cache, PerCase, intern
from trainkit.engine.attempt import back, choose, start
from trainkit.scoring.attempt import score
from trainkit.value.regret import review, unasked


def test_the_bound_holds_and_the_older_half_goes():
    cache = Cache(10)
    for number in range(1_000):
        assert cache.keep(number, str(number)) == str(number)
        assert len(cache) <= 10
    assert 999 in cache and 989 not in cache


def test_what_is_kept_first_stays():
    cache = Cache(3)
    first, second = [1], [1]
    assert cache.keep("a", first) is first and cache.keep("a", second) is first


def test_interned_values_are_one_object_while_they_are_kept():
    case = load_case("racket_refund")
    assert intern(case, (*tuple("ab"), 1)) is intern(case, (*tuple("ab"), 1))


def test_caches_die_with_their_case():
    per_case = PerCase(lambda case: Cache(5))
    case = load_case("racket_refund").model_copy()
    case.__dict__.pop("kept", None)
    cache = per_case.of(case)
    assert per_case.of(case) is cache and per_case.of(case.with_translations({})) is cache
    seen = weakref.ref(case)
    score(choose(start(case, 1), start(case, 1).open[0]))
    del case, cache
    gc.collect()
    assert seen() is None


def fresh(name):
    case = load_case(name).model_copy()
    case.__dict__.pop("kept", None)
    return case


def results(case):
    """What many random runs, with steps back, show."""
    dice, shown = random.Random(3), []
    for seed in range(12):
        run = start(case, seed)
        while not run.finished:
            run = back(run) if run.can_go_back and dice.random() < 0.2 else choose(run, dice.choice(run.open))
        shown.append((run.said, run.steps, run.state, score(run), review(run), unasked(run)))
    return shown


@pytest.mark.parametrize("name", ["racket_refund", "appendicitis"])
def test_a_tiny_bound_changes_no_result(name, monkeypatch):
    usual = results(fresh(name))
    monkeypatch.setattr(Cache, "__init__", lambda self, maximum: setattr(self, "maximum", 1))
    case = fresh(name)
    assert results(case) == usual
    assert all(len(kept) <= 1 for kept in case.kept.values() if isinstance(kept, Cache))


def test_a_room_shares_its_steps():
    case = fresh("racket_refund")
    one, other = (choose(start(case, seed), "hear_out" if "hear_out" in start(case, seed).open else start(case).open[0])
                  for seed in (1, 1))  # fmt: skip
    assert one.steps[0] is other.steps[0] and one.state is other.state and one.said[-1] is other.said[-1]
