"""What would a preacher, an order-taker and best play choose in each scene of a case, and what does the scene add to it?

The choice model is that of :mod:`trainkit.simulation.personas`, by which an instrument is judged; so what is told describes
assumed people as much as the scene. States are those in which best play meets a scene, by their probability; where it never
comes, those that simulated trainees meet.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from trainkit.case.cache import Cache
from trainkit.case.model import Case
from trainkit.checks.best_play import best_ways
from trainkit.errors import TrainkitError
from trainkit.simulation.habits import choice_shares
from trainkit.simulation.met_state import MetState
from trainkit.simulation.personas import CARICATURES, CHOOSERS, Persona, chooser
from trainkit.simulation.runner import CaseRunner

PREACHER = CHOOSERS["preacher"]
ORDER_TAKER = chooser("plain-order-taker", (-PREACHER.lean, PREACHER.spread), (0, 0), (PREACHER.pull, 0))
GIVES_ITSELF_AWAY = 0.75  # how often somebody who follows one line may hit the best reply of a scene
RUNS = 40  # of each caricature, for scenes that best play never meets
SMALL = 2.0  # points of Play; a scene in which less is at stake adds nothing
NODES = (  # Gauss–Hermite for a normal distribution: Abramowitz & Stegun 1964, table 25.10, n = 5
    (0.0, 0.533333333333), (-1.355626179974, 0.222075922006), (1.355626179974, 0.222075922006),
    (-2.856970013873, 0.011257411328), (2.856970013873, 0.011257411328),
)  # fmt: skip
TOO_MANY = 2_000  # draws of the facts that are not played through while somebody writes


class Chosen(NamedTuple):
    """How often a reply is chosen where it is open, 0 … 1."""

    option: str
    preacher: float
    order_taker: float
    best: float


class Beside(NamedTuple):
    """What one may want to see beside a scene while writing it.

    ``chance``, ``preacher`` and ``order_taker`` are the shares of best replies of somebody who takes any, or follows that
    line; ``stake`` is how many points of Play (0 … 100) lie between the best reply and the worst; ``turns`` whether another
    reply is best where something else is known.
    """

    chosen: tuple[Chosen, ...]
    chance: float
    preacher: float
    order_taker: float
    stake: float
    turns: bool

    @property
    def given_away_to(self) -> str:
        """Who hits the best reply too often by their line alone: ``preacher``, ``order_taker`` or nobody, ""."""
        worst = max(("preacher", "order_taker"), key=lambda name: getattr(self, name))
        return worst if getattr(self, worst) > GIVES_ITSELF_AWAY and self.chance < GIVES_ITSELF_AWAY else ""

    @property
    def adds_nothing(self) -> bool:
        """Whether it hardly matters what is said here."""
        return self.stake < SMALL


_BESIDE: Cache[str, dict[str, Beside]] = Cache(16)  # by the hash of a case, which is read anew with every edit


def beside(case: Case) -> dict[str, Beside]:
    """Scene → what stands beside it, of scenes in which there is something to choose.

    Raises
    ------
    TrainkitError
        If the case is too large for exact play, or goes round in circles.
    """
    known = _BESIDE.get(case.hash)
    if known is None:
        if len(case.worlds) > TOO_MANY:
            raise TrainkitError(
                f"the facts can be drawn in {len(case.worlds):,} ways; too many to be played through here"
            )
        known = _BESIDE.keep(case.hash, _beside(CaseRunner(case)))
    return known


def _beside(ground: CaseRunner) -> dict[str, Beside]:
    met: defaultdict[str, dict[MetState, float]] = defaultdict(dict)
    spans: dict[MetState, float] = {}
    for p, run in best_ways(ground):
        _meet(met, spans, run.choices, p, run.at_start.span)
    for persona in CARICATURES.values():
        by_best = set(met)
        for number in range(1, RUNS + 1):
            run = ground.run(persona, number, 0)
            others = [choice for choice in run.choices if choice[0].scene not in by_best]
            _meet(met, spans, others, 1.0, run.at_start.span)
    return {scene: _of_scene(ground.case, scene, met[scene], spans) for scene in ground.case.scenes if scene in met}


def _meet(
    met: dict[str, dict[MetState, float]],
    spans: dict[MetState, float],
    choices: Sequence[tuple[MetState, str]],
    p: float,
    span: float,
) -> None:
    for place, _ in choices:
        if len(place.open) > 1:
            met[place.scene][place] = met[place.scene].get(place, 0.0) + p
            spans[place] = max(span, 1e-9)


def _of_scene(case: Case, scene: str, states: dict[MetState, float], spans: dict[MetState, float]) -> Beside:
    whole = sum(states.values())
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    hits, stake, bests = [0.0, 0.0, 0.0], 0.0, set()
    for place, p in states.items():
        best = place.best_replies
        bests.add(best)
        shares = [_shares(place, PREACHER), _shares(place, ORDER_TAKER)]
        for number, name in enumerate(place.open):
            row = sums[name]
            row[0] += p
            row[1] += p * shares[0][number]
            row[2] += p * shares[1][number]
            row[3] += p * (name == best[0])
        hits[0] += p * len(best) / len(place.open)
        for who in (0, 1):
            hits[who + 1] += p * sum(share for name, share in zip(place.open, shares[who], strict=True) if name in best)
        stake += p * 100 * (max(place.worth) - min(place.worth)) / spans[place]
    names = [name for name in case.scenes[scene].options if name in sums]
    chosen = tuple([Chosen(name, *[part / sums[name][0] for part in sums[name][1:]]) for name in names])
    return Beside(chosen, *[hit / whole for hit in hits], stake / whole, len(bests) > 1)


def _shares(place: MetState, kind: Persona) -> list[float]:
    """How often people of a kind take each open reply, over the spread of their leans."""
    whole = [0.0] * len(place.open)
    for node, weight in NODES:
        lean = max(-1.0, min(1.0, kind.lean + kind.spread * node))
        shares = choice_shares(place, lean, kind.skill, kind.pull)
        whole = [sum_ + weight * share for sum_, share in zip(whole, shares, strict=True)]
    return whole
