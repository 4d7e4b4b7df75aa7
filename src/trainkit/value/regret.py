"""What each choice of a run cost, and what was never asked: a run held against exact play (SCORING sections 3 and 4).

Everything is measured with what the trainee could know at the time; the luck of the ending is not scored. Regret is
standard in decision analysis; Play and Inquiry as scores of a person are this kit's own, and their validity with people is
still to be shown.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from trainkit.case.cache import STATES, intern, kept_per_case
from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt, askable
from trainkit.engine.rules import State, begin_state, known_facts
from trainkit.engine.turn import Step, reached
from trainkit.value.solver import DeadEnd, ExactPlay, Unsolvable, Worth, exact_play

NOTHING = 0.005  # of a run's value: half a point of 100, which nobody could notice
PREMATURE = 0.01  # of a run's value
WORTH_ASKING = 0.05  # questions worth less in all are no subject of a score


@dataclass(frozen=True, slots=True)
class Cost:
    """What one choice cost, in the unit of ending values."""

    regret: float  # V* − Q of the choice, from 0
    counts: bool  # whether it enters Play: not where the same had been decided before a step back
    best: str  # the option with the highest Q; the chosen one if it is as good
    inquiry: float  # the part of the regret that is of not asking, or of asking in vain: i_t
    premature: bool  # it left questions behind that were worth asking
    idle: bool  # a question whose answer could not split what was possible, or change any later best choice


@dataclass(frozen=True)
class Review:
    """A run held against exact play; None where something is not measured.

    ``why_not`` has the reasons, for ``play`` and ``inquiry``: ``unfinished``, ``no_stake`` (nothing at stake),
    ``no_questions`` (asking is worth under 0.05), or why the case can't be solved exactly: ``too_large``, ``circle``,
    ``dead_end``.
    """

    costs: tuple[Cost, ...] = ()  # one for each step
    span: float | None = None  # W = V* − V_min at the start: what was at stake
    play_unclipped: float | None = None  # 100·(1 − Σ regret / W); finished runs only
    play_random: float | None = None  # expected Play of random choices, unclipped
    gain: float | None = None  # G = V* − V₀ at the start: what asking is worth in this case
    inquiry_unclipped: float | None = None  # 100·(1 − Σ i / G); finished runs of cases whose questions are worth 0.05
    why_not: tuple[tuple[str, str], ...] = ()

    @property
    def play(self) -> float | None:
        """Play, 0 … 100."""
        return None if self.play_unclipped is None else max(0.0, self.play_unclipped)

    @property
    def inquiry(self) -> float | None:
        """Inquiry, 0 … 100."""
        return None if self.inquiry_unclipped is None else max(0.0, self.inquiry_unclipped)

    def points(self, cost: float) -> float:
        """A regret in points of Play, 0 … 100."""
        return 100 * cost / self.span if self.span else 0.0

    @property
    def prices(self) -> tuple[int, ...] | None:
        """Price of each step in whole points of Play, so that 100 less all of them is Play as it is shown."""
        if self.play_unclipped is None:
            return None
        exact = [self.points(cost.regret) if cost.counts else 0.0 for cost in self.costs]
        whole = [int(price) for price in exact]
        missing = 100 - round(self.play_unclipped) - sum(whole)
        for number in sorted(range(len(exact)), key=lambda n: whole[n] - exact[n])[:missing]:
            whole[number] += 1
        return tuple(whole)


@dataclass(frozen=True, slots=True)
class Unasked:
    """A fact that was not known when it could have mattered; worths are in the unit of ending values, from 0."""

    fact: str
    value: str  # what was true
    step: int  # number of the choice at which knowing it would have gained most
    without: str  # the best option there without the fact
    knowing: str  # ... and with it
    gain: float  # what the best choice knowing it is worth over the best choice without; 0: it would be the same choice
    own: float  # what one's own choice fell short of the best choice knowing it
    ahead: float  # what knowing it was worth in advance, before one could tell the answer


def review(attempt: Attempt) -> Review:
    """Hold a run against exact play."""
    try:
        return _review(attempt)
    except Unsolvable as error:
        return Review(why_not=(("play", error.reason), ("inquiry", error.reason)))


def _review(attempt: Attempt) -> Review:
    _, at_start = _at_start(attempt.case, attempt.case.design_of(attempt.truth))
    gain = at_start.gain
    costs = tuple(_cost(attempt.case, step) for step in attempt.steps)
    counted = [cost for cost in costs if cost.counts]
    why: list[tuple[str, str]] = []
    play = inquiry = None
    play_random = play_of(at_start, [at_start.best - at_start.random])
    if attempt.finished and play_random is not None:
        play = play_of(at_start, [cost.regret for cost in counted])
    else:
        why.append(("play", "no_stake" if play_random is None else "unfinished"))
    if attempt.finished and gain >= WORTH_ASKING:
        inquiry = 100 * (1 - math.fsum(cost.inquiry for cost in counted) / gain)
    else:
        why.append(("inquiry", "no_questions" if gain < WORTH_ASKING else "unfinished"))
    return Review(costs, at_start.span, play, play_random, gain, inquiry, tuple(why))


@kept_per_case(5_000)
def _at_start(case: Case, design: tuple[tuple[str, str], ...]) -> tuple[State, Worth]:
    """Where a run with these design facts begins, and what that is worth."""
    state = begin_state(case, dict(design))
    return state, exact_play(case).worth(state)


def play_of(at_start: Worth, regrets: Iterable[float]) -> float | None:
    """Play of a run, unclipped, by the regrets of its choices; None where nothing was at stake."""
    return 100 * (1 - math.fsum(regrets) / at_start.span) if at_start.span > 1e-9 else None


@kept_per_case(STATES)
def _cost(case: Case, step: Step) -> Cost:
    """What a choice in a state costs is the same for everybody; a room meets the same states again and again."""
    exact, state = exact_play(case), step.state
    q, reach = exact.q(state), reached(case, step)
    regret = max(q.values()) - q[step.option]
    asks = case.scenes[step.scene].options[step.option].ask
    if asks:
        inquiry = regret
    else:
        whole = exact.mass(state.worlds)
        left = math.fsum(exact.mass(after.worlds) / whole * exact.worth(after).gain for after in reach)
        inquiry = min(regret, max(0.0, exact.worth(state).gain - left))
    cost = Cost(
        regret=regret,
        counts=not step.repeats_decision,
        best=step.option if regret <= 1e-9 else max(q, key=q.__getitem__),
        inquiry=inquiry,
        premature=not asks and inquiry > PREMATURE,
        idle=asks and idle(exact, state, step.option, reach),
    )
    return intern(case, cost)


def idle(exact: ExactPlay, state: State, question: str, heard: Sequence[State]) -> bool:
    """Whether no answer changes a later best choice: going on is worth no more than without having heard it."""
    endings = exact.case.endings
    if all(after.place in endings for after in heard) or {after.worlds for after in heard} == {state.worlds}:
        return True
    deaf = state._replace(asked=state.asked | {(state.place, question)}, patience=heard[0].patience)
    worth = math.fsum(exact.mass(after.worlds) * exact.worth(after).best for after in heard)
    try:
        return worth <= exact.mass(state.worlds) * (exact.worth(deaf).best + 1e-9)
    except DeadEnd:  # without the answer there is no way on
        return False


def unasked(attempt: Attempt) -> tuple[Unasked, ...]:
    """What was not known when it could have mattered, what mattered most first; empty where the case can't be solved."""
    try:
        missed = [_unasked(attempt, fact) for fact in askable(attempt)]
    except Unsolvable:
        return ()
    return tuple(sorted((one for one in missed if one), key=lambda one: (-round(one.gain, 9), -round(one.ahead, 9))))


def _unasked(attempt: Attempt, fact: str) -> Unasked | None:
    value, missed = attempt.facts[fact], []
    for number in _offers(attempt):
        missed += [replace(one, step=number) for one in _unasked_at(attempt.case, attempt.steps[number], fact, value)]
    return max(missed, key=lambda one: (round(one.gain, 9), round(one.ahead, 9)), default=None)


@kept_per_case(STATES)
def _unasked_at(case: Case, step: Step, fact: str, value: str) -> list[Unasked]:
    """What not knowing a fact at a step meant; empty where it was known, or who knows it is not there."""
    exact = exact_play(case)
    if known_facts(case, step.state)[fact] != UNKNOWN:
        return []
    q = exact.q(step.state)
    without = step.option if q[step.option] >= max(q.values()) - 1e-9 else max(q, key=q.__getitem__)
    told = {v: step.state.worlds & case.masks.get((fact, v), 0) for v in case.facts[fact].values}
    with_it = {v: exact.q(step.state._replace(worlds=worlds)) for v, worlds in told.items() if worlds}
    if not all(with_it.values()):
        return []  # who knows it never gets here
    mine = with_it[value]
    if not {without, step.option} <= set(mine):
        return []  # who knows it is not offered this any more
    knowing = without if mine[without] >= max(mine.values()) - 1e-9 else max(mine, key=mine.__getitem__)
    whole = exact.mass(step.state.worlds)
    ahead = math.fsum(exact.mass(told[v]) / whole * max(qs.values()) for v, qs in with_it.items()) - max(q.values())
    gain = max(mine.values()) - mine[without]
    own = max(mine.values()) - mine[step.option]
    return [Unasked(fact, value, 0, without, knowing, max(0.0, gain), max(0.0, own), max(0.0, ahead))]


def _offers(attempt: Attempt) -> list[int]:
    """Numbers of the choices after the last question could have been asked; of all, if there was no inquiry."""
    scenes = attempt.case.scenes
    counted = [(number, step) for number, step in enumerate(attempt.steps) if not step.repeats_decision]
    last = max((number for number, step in counted if scenes[step.scene].kind == "inquiry"), default=-1)
    return [number for number, step in counted if number > last and step.decision]
