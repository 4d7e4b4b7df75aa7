"""Exact play against brute force over all paths and draws, played with the engine that people play with."""

import json
import math
import random
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support.examples import examples
from support.places import ASKED_FOR
from support.random_cases import inquiries, small_cases

from trainkit import load_case, score
from trainkit.engine.attempt import back, choose, replay, start, value
from trainkit.errors import TrainkitError
from trainkit.files import case_errors
from trainkit.files.scaffold import new_case
from trainkit.scoring.decisions import fits
from trainkit.value import array_solver, compiled
from trainkit.value import solver as policy_module
from trainkit.value.regret import review, unasked
from trainkit.value.solver import ExactPlay, exact_play

TOLERANCE = 1e-9
MANY = settings(max_examples=examples(250), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


class TooLong(Exception):
    pass


class BruteForce:
    """Expected values by playing every way through for every draw; shares nothing with policy.py.

    A node is the runs (one for each draw, with its probability) that look the same to the trainee so far.
    """

    def __init__(self, case, limit=20_000):
        self.case, self.left = case, limit

    def roots(self):
        """The nodes a case can begin with."""
        runs = []
        for world, p in zip(self.case.worlds, self.case.probabilities, strict=True):
            runs.append((p, start(self.case, 0, dict(zip(self.case.facts, world, strict=True)))))
        found = {}
        for p, run in runs:
            found.setdefault(self.looks(replace(run, fixed=())), []).append((p, run))
        return list(found.values())

    def looks(self, run):
        return run.state.place, tuple(run.known.items()), tuple(said.text for said in run.said), run.state.patience

    def options(self, node):
        """Option → (is it a question, [probability and node after])."""
        _, run = node[0]
        assert all(other.open == run.open for _, other in node), "options must not betray the draw"
        whole = sum(p for p, _ in node)
        found = {}
        for name in run.open:
            after = {}
            for p, before in node:
                self.left -= 1
                if not self.left:
                    raise TooLong
                then = choose(before, name)
                end = then.ending if then.finished else self.looks(then)
                after.setdefault(end, []).append((p, then))
            asks = self.case.scenes[run.state.place].options[name].ask
            found[name] = asks, [(sum(p for p, _ in part) / whole, part) for part in after.values()]
        return found

    def worth(self, node):
        """(best, worst, without questions, random) of the whole run."""
        if node[0][1].finished:
            v = sum(p * value(run) for p, run in node) / sum(p for p, _ in node)
            return v, v, v, v
        ways = {}
        for name, (asks, parts) in self.options(node).items():
            below = [(p, self.worth(part)) for p, part in parts]
            ways[name] = asks, [sum(p * w[n] for p, w in below) for n in range(4)]
        going = [w[2] for asks, w in ways.values() if not asks] or [w[2] for _, w in ways.values()]
        every = [w for _, w in ways.values()]
        return (
            max(w[0] for w in every),
            min(w[1] for w in every),
            max(going),
            sum(w[3] for w in every) / len(every),
        )


def spent(run):
    """What the run has gained and spent so far."""
    price = run.case.patience.price if run.case.patience else 0
    return sum(step.effect - price * step.cost for step in run.steps)


@MANY
@given(small_cases())
def test_worth_is_that_of_brute_force(case):
    brute = BruteForce(case)
    exact = exact_play(case)
    try:
        for node in brute.roots():
            state = node[0][1].state
            assert exact.worth(state) == pytest.approx(brute.worth(node), abs=TOLERANCE)
            for name, (_, parts) in brute.options(node).items():
                below = [(p, brute.worth(part)) for p, part in parts]
                q = tuple(sum(p * w[n] for p, w in below) for n in range(4))
                assert exact.after(state)[name] == pytest.approx(q, abs=TOLERANCE)
    except TooLong:
        pass


@MANY
@given(small_cases(), st.integers(0, 10**6))
def test_every_reachable_state_is_solved_like_brute_force(case, seed):
    """Also in mid-run, where questions were asked and options were forgone."""
    brute, dice = BruteForce(case), random.Random(seed)
    try:
        for node in brute.roots():
            while not node[0][1].finished:
                own = sum(p * spent(run) for p, run in node) / sum(p for p, _ in node)
                after = exact_play(case).after(node[0][1].state)
                ways = brute.options(node)
                for name, (_, parts) in ways.items():
                    below = [(p, brute.worth(part)) for p, part in parts]
                    q = tuple(sum(p * w[n] for p, w in below) - own for n in range(4))
                    assert after[name] == pytest.approx(q, abs=TOLERANCE)
                _, parts = dice.choice(list(ways.values()))
                node = dice.choice(parts)[1]
    except TooLong:
        pass


@MANY
@given(small_cases(hidden=False), st.integers(0, 10**6))
def test_regrets_telescope_where_nothing_is_hidden(case, seed):
    run, dice = start(case), random.Random(seed)
    best = exact_play(case).worth(run.state).best
    while not run.finished:
        run = choose(run, dice.choice(run.open))
    assert math.fsum(cost.regret for cost in review(run).costs) == pytest.approx(best - value(run), abs=TOLERANCE)


@MANY
@given(small_cases(), st.integers(0, 10**6))
def test_play_and_inquiry_of_a_run(case, seed):
    run, dice = start(case, seed), random.Random(seed)
    while not run.finished:
        run = choose(run, dice.choice(run.open))
    found = review(run)
    for cost, step in zip(found.costs, run.steps, strict=True):
        q = {name: worth.best for name, worth in exact_play(case).after(step.state).items()}
        assert cost.regret == pytest.approx(max(q.values()) - q[step.option])
        assert q[cost.best] == pytest.approx(max(q.values()))
        assert 0 <= cost.inquiry <= cost.regret + TOLERANCE
        assert not cost.idle or case.scenes[step.scene].options[step.option].ask
    for one in (found.play, found.inquiry):
        assert one is None or 0 <= one <= 100
    for one in unasked(run):
        assert one.gain >= 0 and one.own >= 0 and one.ahead >= 0


@pytest.mark.parametrize("name", ASKED_FOR)
def test_best_play_has_full_marks(name):
    case = load_case(name)
    for seed in range(20):
        run = start(case, seed)
        while not run.finished:
            q = {name: worth.best for name, worth in exact_play(case).after(run.state).items()}
            run = choose(run, max(q, key=q.__getitem__))
        found = review(run)
        assert found.play == pytest.approx(100)
        assert found.inquiry is None or found.inquiry == pytest.approx(100)
        assert all(cost.regret < TOLERANCE and not cost.premature for cost in found.costs)


def test_who_never_asks_has_no_inquiry():
    """A rusher gets 0 however he skips."""
    case = load_case("cancer_misdiagnosis")
    for seed in range(20):
        run = start(case, seed)
        while not run.finished:
            going = [name for name in run.open if not case.scenes[run.state.place].options[name].ask]
            run = choose(run, going[seed % len(going)])
        assert review(run).inquiry == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_expected_regret_is_the_loss_of_random_play():
    """Σ regret of random choices, over draws and choices, is V* − V of random play (racket: few enough to be exact)."""
    case = load_case("cancer_misdiagnosis")
    worth = exact_play(case).worth(start(case).state)
    dice, total, runs = random.Random(1), 0.0, 3000
    for seed in range(runs):
        run = start(case, seed)
        while not run.finished:
            run = choose(run, dice.choice(run.open))
        total += math.fsum(cost.regret for cost in review(run).costs)
    assert total / runs == pytest.approx(worth.best - worth.random, abs=0.012)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(inquiries())
def test_the_array_solver_is_as_exact(case):
    """The array solution of a large inquiry, forced upon small ones, against brute force and state by state."""
    brute = BruteForce(case, limit=60_000)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(array_solver, "FEW", 0)
        patched.setattr(compiled, "MANY_WORLDS", 0)
        arrays, (node,) = ExactPlay(case), brute.roots()
        state = node[0][1].state
        found = arrays.worth(state)
        with suppress(TooLong):
            assert found == pytest.approx(brute.worth(node), abs=TOLERANCE)
        assume(any(arrays.array_solvers.values()))
        runs, ways = [start(case, seed) for seed in range(3)], []
        for run in runs:
            while not run.finished:
                ways.append((run.state, arrays.after(run.state)))
                run = choose(run, run.open[len(ways) % len(run.open)])
        patched.setattr(array_solver, "FEW", 10**9)
        one_by_one = ExactPlay(case)
        for state, after in ways:
            for name, worth in one_by_one.after(state).items():
                assert after[name] == pytest.approx(worth, abs=TOLERANCE)


def test_too_large_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(policy_module, "MAX_STATES", 100)
    case = load_case("power_upgrade")
    with pytest.raises(TrainkitError, match=r'exact play of "power_upgrade" takes over 100 states: drop a fact'):
        ExactPlay(case).worth(start(case).state)


def test_a_circle_is_refused(parcel):
    data = json.loads(parcel.source_json)
    scene = next(iter(data["scenes"]))
    data["scenes"][scene]["options"]["when_needed"] |= {"ask": False, "costs": 0}
    case = case_errors.case_from_data(data, "circle")
    with pytest.raises(TrainkitError, match="circle"):
        ExactPlay(case).worth(start(case).state)
    assert score(start(case)).why_not["play"] == "circle"


def test_solved_once_for_a_version():
    case = load_case("racket_refund")
    assert exact_play(case) is exact_play(case)


def test_fit_auto_is_the_share_of_the_attainable_worth(monkeypatch):
    data = json.loads(load_case("racket_refund").source_json)
    for scene in data["scenes"].values():
        for option in scene.get("options", {}).values():
            option["fit"] = [{"value": "auto"}]
    case = case_errors.case_from_data(data, "auto")

    def played():
        run = start(case, 3)
        while not run.finished:
            run = choose(run, run.open[-1])
        return run

    run = played()
    step = run.steps[0]
    q = {name: worth.best for name, worth in exact_play(case).after(step.state).items()}
    low, high = min(q.values()), max(q.values())
    assert fits(case, step) == pytest.approx({name: (v - low) / (high - low) for name, v in q.items()})
    assert score(run).fit is not None
    monkeypatch.setattr(policy_module, "MAX_STATES", 1)
    case.kept.clear()
    run = played()
    assert score(run).fit is None and score(run).why_not["fit"] == "auto"


def test_back_counts_the_first_choice_at_a_scene():
    """What is said again in a scene answered before the step back costs nothing, and mends nothing."""
    case = load_case("racket_refund")
    names = start(case, 2).open
    once = choose(start(case, 2), names[0])
    again = choose(back(once), names[1])
    assert [cost.counts for cost in review(again).costs] == [True, False]
    assert review(again).costs[0] == review(once).costs[0]


def test_going_back_makes_no_premature_closure_free():
    """Ask, go back a scene, come again and skip the rest: the skipping counts, once."""
    case = load_case("power_upgrade")
    facts = {"load": "30", "seals": "missing", "heating": "no", "deadline": "autumn", "style": "lead_me"}
    straight = replay(case, 0, facts, ["total_or_extra", "load", "add_up", "enough"])
    around = replay(case, 0, facts, ["total_or_extra", "load", "add_up", None, None, "enough"])
    assert around.state.place == straight.state.place
    assert review(straight).costs[-1].regret > 0.01
    assert (
        review(around).costs[-1].regret > 0.01
        and review(around).costs[-1].counts
        and review(around).costs[-1].premature
    )
    twice = choose(back(straight), "enough")
    assert not review(twice).costs[-1].counts


def test_an_interrupted_solve_leaves_nothing_behind(monkeypatch):
    case = case_errors.case_from_data(json.loads(load_case("racket_refund").source_json), "racket")
    exact, calls = ExactPlay(case), []

    def interrupted(terms, worlds):
        calls.append(worlds)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return 0.0

    with monkeypatch.context() as patched:
        patched.setattr(exact, "_sum", interrupted)
        with pytest.raises(KeyboardInterrupt):
            exact.worth(start(case).state)
    assert exact.worth(start(case).state) == ExactPlay(case).worth(start(case).state)


@pytest.fixture
def free_questions(tmp_path):
    """The beginning of a case without patience: its questions cost nothing."""
    data = json.loads(load_case(new_case("brakes", tmp_path)).source_json)
    del data["patience"], data["endings"]["rode_off"]
    for option in data["scenes"]["look"]["options"].values():
        option.pop("costs", None)
    return data


def test_a_free_question_is_not_idle(free_questions):
    case = case_errors.case_from_data(free_questions, "free")
    facts = {"cause": "pads", "trip": "later"}
    run = replay(case, 1, facts, ["together", "wet", "when_ride", "enough", "order"])
    assert [cost.idle for cost in review(run).costs] == [False] * 5
    # once it is oil, the trip no longer matters
    oil = replay(case, 1, {"cause": "oil", "trip": "later"}, ["together", "wet", "when_ride", "enough", "clean"])
    assert [cost.idle for cost in review(oil).costs] == [False, False, True, False, False]


def test_going_on_only_with_knowledge_is_no_dead_end(free_questions):
    look = free_questions["scenes"]["look"]["options"]
    look["enough"]["when"] = {"cause": ["pads", "oil"]}
    case = case_errors.case_from_data(free_questions, "knowing")
    run = replay(case, 1, {"cause": "pads", "trip": "later"}, ["together", "wet", "enough", "order"])
    assert review(run).play is not None and not review(run).costs[1].idle


def test_what_was_never_asked_stays_after_a_step_back():
    case = load_case("power_upgrade")
    facts = {"load": "15", "seals": "missing", "heating": "no", "deadline": "autumn", "style": "lead_me"}
    straight = replay(case, 0, facts, ["total_or_extra", "enough", "fifteen", "by_line"])
    assert {one.fact for one in unasked(straight)} >= {"seals", "load"}
    around = choose(choose(back(replay(case, 0, facts, ["total_or_extra", "enough"])), "enough"), "fifteen")
    assert {one.fact for one in unasked(choose(around, "by_line"))} >= {"seals", "load"}
