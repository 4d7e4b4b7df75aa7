"""What is on offer in the scenes of a case: the decisions people come to, each with its weight, words, fits and positions."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from trainkit.audit.crowd import Reached, reached
from trainkit.audit.people import grid
from trainkit.audit.state_table import StateTable
from trainkit.engine.lines import option_texts

SELDOM = 0.01  # a scene that fewer people reach under a condition is left out
SAME = 1e-9


class Offer:
    """A decision as it stands on the screen: what may be said, and what the key says of it.

    ``weight`` is that of a scene, 1 over all its states and conditions, times the share of people who meet it so.
    """

    def __init__(
        self,
        scene: tuple[str, str],
        condition: int,
        weight: float,
        words: dict[str, tuple[str, ...]],
        fits: tuple[float, ...],
        positions: tuple[float | None, ...],
    ):
        self.scene, self.condition, self.weight = scene, condition, weight
        self.words, self.fits, self.positions = words, fits, positions

    @cached_property
    def best(self) -> list[int]:
        """Numbers of the replies with the highest fit."""
        top = max(self.fits)
        return [n for n, fit in enumerate(self.fits) if fit >= top - SAME]

    @cached_property
    def placed(self) -> list[int]:
        """Numbers of the replies with a position, the most orientated first."""
        numbers = [n for n, k in enumerate(self.positions) if k is not None]
        return sorted(numbers, key=lambda n: self.positions[n])

    @cached_property
    def nulls(self) -> list[int]:
        """Numbers of the replies off the axis."""
        return [n for n, k in enumerate(self.positions) if k is None]

    def hit(self, picked: Sequence[int]) -> float:
        """Probability of a best reply for somebody who takes one of these at random."""
        return sum(n in self.best for n in picked) / len(picked)


class Disagreement(NamedTuple):
    """A state in which a best reply by the key is worth noticeably less than the best."""

    scene: str
    keyed: str  # the option
    best: str
    lost: float  # share of the stake
    reach: float  # probability that people come there


def all_reached(table: StateTable) -> list[Reached]:
    """The decision states that people alike reach, exactly."""
    return reached(table, *grid())


def offers(table: StateTable, met: Sequence[Reached], on_axis: bool = True) -> list[Offer]:
    """What is on offer in the scored decisions on the axis (or outside it): scenes alike, conditions alike."""
    case, languages = table.case, table.case.languages
    by_scene: defaultdict[tuple[int, str], list[Reached]] = defaultdict(list)
    for one in met:
        place = table.place(one.state)
        if one.first > 0 and place.on_axis is on_axis and None not in place.fits.values():
            by_scene[one.condition, place.scene].append(one)
    made: dict[tuple, Offer] = {}
    for (condition, scene), states in by_scene.items():
        whole = sum(one.first for one in states)
        for one in states if whole >= SELDOM else ():
            place = table.place(one.state)
            weight = one.first / whole / len(table.begins)
            words = {lang: tuple(option_texts(case, place.state, place.open, lang)) for lang in languages}
            key = condition, scene, words[case.lang], tuple(place.fits.values()), place.positions
            if key in made:
                made[key].weight += weight
            else:
                made[key] = Offer((case.id, scene), condition, weight, words, *key[3:])
    return list(made.values())


def disagreements(table: StateTable, met: Sequence[Reached]) -> tuple[float | None, list[Disagreement]]:
    """Share of states, by how often people come there, in which the key's best replies are best; and where they aren't.

    Best is what has a regret of at most 1 % of the stake. Of several best replies by the key each counts.
    """
    agreed = whole = 0.0
    worst: dict[tuple[str, str, str], Disagreement] = {}
    for one in met:
        place, stake = table.place(one.state), table.stakes[one.condition]
        if table.unsolvable or None in place.fits.values() or stake < SAME:
            continue
        top, best = max(place.fits.values()), place.best_replies[0]
        keyed = [name for name, fit in place.fits.items() if fit >= top - SAME]
        for name in keyed:
            lost = float(place.regret(name) / stake)
            whole += one.whole / len(keyed)
            agreed += one.whole / len(keyed) * (lost <= 0.01 + SAME)
            if lost > 0.01 + SAME:
                before = worst.get((place.scene, name, best), Disagreement(place.scene, name, best, 0.0, 0.0))
                reach = before.reach + one.whole / len(table.begins)
                worst[place.scene, name, best] = before._replace(lost=max(lost, before.lost), reach=reach)
    share = float(agreed / whole) if whole else None
    return share, sorted(worst.values(), key=lambda one: -one.reach * one.lost)
