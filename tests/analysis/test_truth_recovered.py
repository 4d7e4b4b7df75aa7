"""The truth of simulated people is found again by statistics: whom position tells apart, what a difference of groups is."""

import math

import numpy as np
import pandas as pd
import pytest

from trainkit.analysis.groups import compare
from trainkit.analysis.reliability import alpha
from trainkit.files.casebook import cases, load_case
from trainkit.simulation.personas import chooser
from trainkit.simulation.runner import CaseRunner

PEOPLE = 1_500


@pytest.mark.slow
@pytest.mark.parametrize("spread_of_skill", [0, 1])
def test_position_over_the_cases_follows_the_lean(spread_of_skill):
    """What a mean position over the cases has to do with lean is what its reliability allows: √alpha, within .05.

    Where skill differs, too, it is part of what is reliable (who sees what fits goes where the cases ask): then both
    together.
    """
    dice = np.random.default_rng(21)
    people = np.column_stack(
        [dice.normal(0.2, 0.25, PEOPLE).clip(-1, 1), dice.normal(4, spread_of_skill, PEOPLE).clip(0)]
    )
    positions = {}
    for case in cases()["id"]:
        runner = CaseRunner(load_case(case))
        positions[case] = [
            runner.run(chooser("one", (lean, 0), (skill, 0), (1.5, 0)), number, seed=3).scores()["position"]
            for number, (lean, skill) in enumerate(people)
        ]
    table = pd.DataFrame(positions, dtype=float)
    mean, traits = table.mean(axis=1), np.column_stack([np.ones(PEOPLE), people])
    told = traits @ np.linalg.lstsq(traits, mean, rcond=None)[0]
    assert np.corrcoef(mean, told)[0, 1] == pytest.approx(math.sqrt(alpha(table).value), abs=0.05)
    assert np.corrcoef(mean, people[:, 0])[0, 1] > 0.65


@pytest.mark.long
def test_intervals_of_a_group_difference_hold_the_truth():
    """500 studies of two groups of forty: 90 % intervals hold what 100,000 people of each differ by, in 450 ± 20."""
    case = load_case("counters_a")
    groups = [chooser(name, (lean, 0.25), (skill, 1), (1.5, 0)) for name, lean, skill in (("a", 0, 3), ("b", 0.3, 4))]

    def fits(group, people, seed):
        runner = CaseRunner(case)
        return np.array([runner.run(group, number, seed).scores()["fit"] for number in range(people)])

    truth = [fits(group, 100_000, seed=1).mean() for group in groups]
    held = 0
    samples = [fits(group, 500 * 40, seed=2).reshape(500, 40) for group in groups]
    for one, other in zip(*samples, strict=True):
        low, high = compare(one, other, level=0.9).interval
        held += low <= truth[1] - truth[0] <= high
    assert abs(held - 450) <= 20, held
