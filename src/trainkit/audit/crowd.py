"""Many people play a case at once, and what each of them scores; or the exact probability with which each state is reached.

The formulas are those of :mod:`trainkit.scoring.formulas` (tests hold both equal), written for arrays over people.
"""

from typing import NamedTuple

import numpy as np

from trainkit.audit.people import Numbers, People
from trainkit.audit.state_table import StateTable
from trainkit.scoring.formulas import MAX_OFF_AXIS, MIN_DECISIONS

RARE = 1e-6  # probability of a state with its history under which it is let go
MAX_STEPS = 1_000


class Played(NamedTuple):
    """What people did in a case: an entry, or a row, for each of them; NaN where not measured."""

    condition: np.ndarray  # number of the experimental condition
    fit: Numbers  # 0 … 100
    position: Numbers  # −100 … 100
    play: Numbers  # 0 … 100
    # by scene, a column each; without columns where it wasn't asked for
    scene_fit: Numbers  # fit of the first choice, 0 … 1
    scene_position: Numbers  # its position; NaN also off the axis
    lost: Numbers  # regret, in points of Play


def play(table: StateTable, people: People, seed: int = 0, by_scene: bool = True) -> Played:
    """Let people play a case; the same people and seed do the same. ``by_scene`` keeps what each did in each scene."""
    n, scenes = len(people.lean), len(table.scenes)
    dice = np.random.default_rng([seed, people.seed, int(table.case.hash[:8], 16)])
    condition = np.arange(n) % len(table.begins)
    state = table.begins[condition]
    on = np.arange(n)  # those who have not come to an end
    kept = (n, scenes if by_scene else 0)
    scene_fit, scene_position = np.full(kept, np.nan, np.float32), np.full(kept, np.nan, np.float32)
    seen, lost, whole, sums = np.zeros((n, scenes), bool), np.zeros(kept, np.float32), np.zeros(n), np.zeros((7, n))
    for _ in range(MAX_STEPS):
        table.know(np.unique(state[on]))
        on = on[table.arrays["open"][state[on]] > 0]
        if not len(on):
            break
        here, rows = state[on], table.arrays
        option = _chosen(table, here, _some(people, on), dice)
        scene = rows["scene"][here]
        regret = rows["regret"][here, option]
        whole[on] += regret
        first = ~seen[on, scene]
        seen[on, scene] = True
        deciding = first & (rows["open"][here] > 1)
        _count(rows, sums, on[deciding], here[deciding], option[deciding])
        if by_scene:
            lost[on, scene] += regret
            at = on[deciding], scene[deciding]
            scene_fit[at] = rows["fit"][here[deciding], option[deciding]]
            scene_position[at] = rows["position"][here[deciding], option[deciding]]
        state[on] = _after(table, here, option, dice)
    else:
        raise RuntimeError(f"{table.case.id} does not come to an end")
    w, wk, axis, placed, b, bq, unkeyed = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        fit = np.where((b > 1e-12) & (unkeyed == 0), 100 * bq / b, np.nan)
        enough = (placed >= MIN_DECISIONS) & (axis - placed <= MAX_OFF_AXIS * axis)
        position = np.where(enough, 100 * wk / w, np.nan)
        stake = table.stakes[condition]
        points = np.where(stake > 1e-12, 100 / stake, np.nan)
        lost *= points[:, None].astype(np.float32)
        played = np.maximum(0, 100 - points * whole)
    return Played(condition, fit, position, played, scene_fit, scene_position, lost)


def _some(people: People, numbers: np.ndarray) -> People:
    return People(people.kind, people.lean[numbers], people.skill[numbers], people.pull[numbers])


def _chosen(table: StateTable, here: np.ndarray, people: People, dice: np.random.Generator) -> np.ndarray:
    upto = np.cumsum(table.shares(here, people), axis=1)
    option = (dice.random(len(here))[:, None] >= upto).sum(axis=1)
    return np.minimum(option, table.arrays["open"][here] - 1)  # should rounding leave the sum under 1


def _after(table: StateTable, here: np.ndarray, option: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    outcome = table.arrays["first_outcome"][here, option].copy()
    luck = dice.random(len(here))
    while (further := luck >= table.upto[outcome]).any():
        outcome[further] += 1
    return table.to[outcome]


def _count(rows: dict[str, np.ndarray], sums: Numbers, on: np.ndarray, here: np.ndarray, option: np.ndarray) -> None:
    """Add first choices to the sums of :mod:`trainkit.scoring.formulas`."""
    weight, position = rows["weight"][here], rows["position"][here, option]
    placed = ~np.isnan(position)
    sums[0, on] += weight * placed
    sums[1, on] += weight * np.where(placed, position, 0)
    sums[2, on] += rows["on_axis"][here]
    sums[3, on] += placed
    sums[4, on] += weight * (rows["high"][here] - rows["low"][here])
    sums[5, on] += weight * (rows["fit"][here, option] - rows["low"][here])
    sums[6, on] += rows["keyed"][here] == 0


class Reached(NamedTuple):
    """A decision state, and with which probability people come to it under its condition."""

    condition: int
    state: int
    first: float  # as the first decision in its scene: the one that is scored
    whole: float  # at all


def reached(table: StateTable, weights: Numbers, people: People) -> list[Reached]:
    """Every state with at least two open options that a grid of people reaches, exactly but for what is rarer than RARE."""
    shares: dict[int, Numbers] = {}
    found: dict[tuple[int, int], list[float]] = {}
    for condition, begin in enumerate(table.begins):
        front = {(int(begin), 0): weights}
        while front:
            table.know({state for state, _ in front})
            further: dict[tuple[int, int], Numbers] = {}
            for (state, seen), p in front.items():
                n, whole = int(table.arrays["open"][state]), float(p.sum())
                if not n or whole < RARE:
                    continue
                if state not in shares:
                    shares[state] = table.shares(np.full(1, state), people)
                scene = 1 << int(table.arrays["scene"][state])
                if n > 1:
                    sums = found.setdefault((condition, state), [0.0, 0.0])
                    sums[0] += whole if not seen & scene else 0.0
                    sums[1] += whole
                for option in range(n):
                    taken = p * shares[state][:, option]
                    begun = int(table.arrays["first_outcome"][state, option])
                    before = 0.0
                    for outcome in range(begun, begun + int(table.arrays["outcomes"][state, option])):
                        upto = min(1.0, float(table.upto[outcome]))
                        key = int(table.to[outcome]), seen | scene
                        part = taken * (upto - before)
                        further[key] = further[key] + part if key in further else part
                        before = upto
            front = further
    return [Reached(*key, *sums) for key, sums in found.items()]
