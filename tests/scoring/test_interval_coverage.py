"""Do the intervals hold what they say, for every kind of person? By simulation: how often is their own figure inside?"""

import random
from itertools import cycle

import pytest
from support.places import CASEBOOK

from trainkit.files import casebook
from trainkit.scoring.attempt import score_decisions
from trainkit.simulation.habits import habit_of
from trainkit.simulation.personas import PERSONAS
from trainkit.simulation.runner import CaseRunner

ROOMS = 240
FEWEST = 0.88


@pytest.fixture(scope="module")
def met():
    """Scenes of all cases as simulated people meet them, once each for every state."""
    places = {}
    for name in casebook.case_ids(CASEBOOK):
        runner = CaseRunner(casebook.load_case(name, CASEBOOK))
        for number, persona in zip(range(40), cycle(PERSONAS.values()), strict=False):
            for place, _ in runner.run(persona, number, 0).choices:
                if len(place.open) > 1:
                    places.setdefault((name, place.scene), place)
    return list(places.values())


@pytest.mark.slow
@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda one: one.name)
def test_position_and_fit_lie_in_their_intervals(met, persona):
    """At 3 to 10 decisions drawn at random, for each persona by itself, not on average."""
    dice = random.Random(f"coverage {persona.name}")
    pick = habit_of(persona, persona.skill, persona.pull)

    def decide(place):
        lean = max(-1.0, min(1.0, persona.lean))
        return place.decision(place.open[pick(place, lean, persona.noise, dice)])

    rows = [decide(place) for place in met for _ in range(60)]
    own = {name: getattr(score_decisions(rows), name) for name in ("position", "fit")}
    for n in range(3, 11):
        inside, measured = {"position": 0, "fit": 0}, {"position": 0, "fit": 0}
        for _ in range(ROOMS):
            found = score_decisions(dice.sample(rows, n))
            for name, interval in (("position", found.interval), ("fit", found.interval_fit)):
                if interval is not None and own[name] is not None:
                    measured[name] += 1
                    inside[name] += interval[0] - 1e-9 <= own[name] <= interval[1] + 1e-9
        for name, count in measured.items():
            if count >= 50:  # careless people have no position in most rooms
                assert inside[name] / count >= FEWEST, (persona.name, n, name, inside[name] / count)


@pytest.mark.slow
@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda one: one.name)
def test_within_one_case_too(persona):
    """The same person plays one case again and again; one run's interval holds the mean of all."""
    for name in ("racket_refund", "power_upgrade"):
        runner = CaseRunner(casebook.load_case(name, CASEBOOK))
        runs = [score_decisions(runner.run(persona, number, 1).decisions) for number in range(200)]
        placed = [run for run in runs if run.position is not None]
        if len(placed) >= 50:
            own = sum(run.position for run in placed) / len(placed)
            share = sum(run.interval[0] <= own <= run.interval[1] for run in placed) / len(placed)
            assert share >= FEWEST, (persona.name, name, share)
