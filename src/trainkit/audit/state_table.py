"""The states of a case that people reach, numbered, with what choosing there needs as arrays; found when first reached."""

import math
from collections.abc import Iterable

import numpy as np

from trainkit.audit.people import Numbers, People
from trainkit.case.model import Case
from trainkit.engine.rules import State, starts
from trainkit.simulation.habits import FAR
from trainkit.simulation.met_state import MetState
from trainkit.value.solver import Unsolvable, exact_play


class StateTable:
    """States of a case by number; arrays have a row a state, and a column an option where there are options.

    ``known`` says of which states the row is filled. Options beyond those open have fit NaN. An ending has no option.
    """

    def __init__(self, case: Case):
        self.case = case
        self.places: list[MetState | None] = []
        self.states: list[State] = []
        self.scenes = list(case.scenes)
        self.conditions = [dict(condition) for condition in dict.fromkeys(map(case.design_of, case.worlds))]
        self._numbers: dict[State, int] = {}
        self.width = max(len(scene.options) for scene in case.scenes.values())
        self.arrays: dict[str, np.ndarray] = {}
        self._make_room(256)
        self.to = np.zeros(0, np.int64)  # where choices can lead: a slice of it for each option
        self.upto = np.zeros(0)  # the probability of that outcome and those before it
        self.begins = np.array([self.number(state) for state in starts(case)])
        try:
            self.stakes = np.array([exact_play(case).worth(state).span for state in starts(case)])
            self.unsolvable: Unsolvable | None = None
        except Unsolvable as error:
            self.stakes, self.unsolvable = np.zeros(len(self.begins)), error

    def _make_room(self, rows: int) -> None:
        """Let the arrays have so many rows."""
        wide = {"fit": np.nan, "position": np.nan, "regret": 0.0, "first_outcome": 0, "outcomes": 0}
        narrow = {"open": 0, "known": 0, "scene": 0, "on_axis": 0, "keyed": 0, "low": 0.0, "high": 0.0, "weight": 1.0}
        for name, empty in (wide | narrow).items():
            shape = (rows, self.width) if name in wide else (rows,)
            made = np.full(shape, empty, np.float64 if isinstance(empty, float) else np.int64)
            if name in self.arrays:
                made[: len(self.arrays[name])] = self.arrays[name]
            self.arrays[name] = made

    def number(self, state: State) -> int:
        """The number of a state."""
        number = self._numbers.get(state)
        if number is None:
            number = self._numbers[state] = len(self.states)
            self.states.append(state)
            self.places.append(None)
            if number >= len(self.arrays["known"]):
                self._make_room(2 * number)
        return number

    def place(self, number: int) -> MetState:
        """What is met in a state, by its number; it must be known."""
        place = self.places[number]
        assert place is not None, "an ending, or a state that nobody has reached"
        return place

    def forget_places(self) -> None:
        """Let go what is met in each state, once all that is asked of it has been asked: the arrays are enough to play."""
        self.places = [None] * len(self.places)

    def know(self, numbers: Iterable[int]) -> None:
        """Fill the rows of these states, and number the states they can lead to."""
        new = [number for number in map(int, numbers) if not self.arrays["known"][number]]
        to: list[int] = []
        upto: list[float] = []
        for number in new:
            self._know(number, len(self.to), to, upto)
        if to:
            self.to, self.upto = np.append(self.to, to), np.append(self.upto, upto)

    def _know(self, number: int, begin: int, to: list[int], upto: list[float]) -> None:
        state, case, rows = self.states[number], self.case, self.arrays
        rows["known"][number] = 1
        if state.place in case.endings:
            return
        place = self.places[number] = MetState(case, case.lang, state)
        n = len(place.open)
        first = place.decision(place.open[0])
        measured = None not in place.fits.values()
        row = {
            "open": n, "scene": self.scenes.index(state.place), "on_axis": place.on_axis, "weight": first.weight,
            "keyed": measured, "low": first.fit_min if measured else 0.0, "high": first.fit_max if measured else 0.0,
        }  # fmt: skip
        for name, value in row.items():
            rows[name][number] = value
        rows["fit"][number, :n] = [fit or 0.0 for fit in place.fits.values()]
        rows["position"][number, :n] = [np.nan if k is None else k for k in place.positions]
        if self.unsolvable is None:
            rows["regret"][number, :n] = [place.regret(name) for name in place.open]
        mass = exact_play(case).mass
        for column, name in enumerate(place.open):
            reached = place.reached(name)
            numbers = [self.number(after) for after in reached]
            rows = self.arrays  # there may be others by now
            rows["first_outcome"][number, column], rows["outcomes"][number, column] = begin + len(to), len(reached)
            shares = [mass(after.worlds) / mass(state.worlds) for after in reached]
            to += numbers
            upto += [*np.cumsum(shares)[:-1], math.inf]  # should rounding leave the sum under 1

    def shares(self, numbers: np.ndarray, people: People) -> Numbers:
        """Probability of each option: a row for each number and its person (of one number: for each of the people)."""
        fit, position = self.arrays["fit"][numbers], self.arrays["position"][numbers]
        lean = people.lean[:, None]
        away = np.where(np.isnan(position), FAR + np.abs(lean), np.abs(position - lean))
        pull = people.pull * self.arrays["on_axis"][numbers]
        gains = people.skill[:, None] * fit - pull[:, None] * away
        gains = np.where(np.isnan(fit), -np.inf, gains)
        gains -= gains.max(axis=1, keepdims=True)
        np.exp(gains, out=gains)
        return gains / gains.sum(axis=1, keepdims=True)
