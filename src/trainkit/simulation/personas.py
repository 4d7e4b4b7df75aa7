"""Simulated trainees: how a case looks to an order-taker, a rusher, somebody who guesses the key.

They play by the engine's rules (:mod:`trainkit.engine.rules`) and nothing else, so what they log replays like a
person's. They are caricatures for testing cases and planning workshops, not models of people; wherever their data goes
it says *synthetic*.

A persona with a lean μ takes an option with probability ∝ exp(−|k − μ| / τ), where k is its position and τ the persona's
noise (a multinomial logit; Luce 1959, *Individual Choice Behavior*); off the axis counts as far away.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from trainkit.case.model import Case, first, text_id
from trainkit.engine.attempt import Step, draw_facts, offered, start
from trainkit.engine.rules import State, knowledge, open_options, outcomes
from trainkit.errors import TrainkitError, UnknownName
from trainkit.scoring.formulas import Decision, decision, fits, measure
from trainkit.value.solver import exact_play

FAR = 1.2  # how far off the axis lies from everyone, in positions
MAX_PLACES = 60_000  # met states kept in memory

POLITE = {
    "ru": (
        "пожалуйста", "спасибо", "извин", "прости", "понима", "сочувств", "конечно", "с удовольствием", "рады", "благодар",
        "не волнуйтесь", "не переживайте", "разумеется", "позвольте", "будьте добры", "жаль", "ваше право", "для вас",
    ),
    "en": (
        "please", "thank", "sorry", "apolog", "understand", "of course", "happy to", "pleasure", "glad", "appreciate",
        "don’t worry", "certainly", "allow me", "kindly", "afraid", "your right", "for you",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Persona:
    """A kind of simulated trainee.

    Attributes
    ----------
    name : str
    lean : float
        μ, −1 orientation … +1 centricity: the position it is drawn to.
    spread : float
        SD of the lean between trainees of this kind.
    noise : float
        τ > 0: how easily it takes an option further off; for those without a lean, how easily it slips.
    habit : str
        ``lean`` (by position), ``best`` (exact play), ``never_asks``, ``asks_all``, ``longest``, ``politest``, ``careless``
        (every other time off the axis or in a hurry), ``random``.
    label : str
        What it does, in a sentence.
    """

    name: str
    lean: float
    spread: float
    noise: float
    habit: str
    label: str


PERSONAS: Mapping[str, Persona] = {
    persona.name: persona
    for persona in (
        Persona("order-taker", -0.8, 0.1, 0.15, "lean", "Takes the request as it is and gets it done."),
        Persona("centric", 0.8, 0.1, 0.15, "lean", "Looks for the task behind every request."),
        Persona("best-player", 0.0, 0.0, 0.003, "best", "Plays exactly best, with a slip now and then."),
        Persona("rusher", 0.0, 0.3, 0.3, "never_asks", "Never asks anything; otherwise from the middle."),
        Persona("over-asker", 0.4, 0.2, 0.3, "asks_all", "Asks everything there is to ask before going on."),
        Persona("longest-guesser", 0.0, 0.0, 0.05, "longest", "Guesses the key: the longest reply."),
        Persona("politest-guesser", 0.0, 0.0, 0.05, "politest", "Guesses the key: the reply with the warmest words."),
        Persona("careless", -0.2, 0.3, 0.4, "careless", "Half the time evades or brushes off; else anything."),
        Persona("random", 0.0, 0.0, 1.0, "random", "Every reply is equally likely."),
    )
}


def personas(names: str | Sequence[str]) -> list[Persona]:
    """Personas by name; ``all`` for every one.

    Raises
    ------
    UnknownName
        If there is no such persona.
    """
    wanted = [names] if isinstance(names, str) else list(names)
    if "all" in wanted:
        return list(PERSONAS.values())
    for name in wanted:
        if name not in PERSONAS:
            raise UnknownName("persona", name, [*PERSONAS, "all"])
    return [PERSONAS[name] for name in wanted]


@dataclass(frozen=True)
class SimulatedRun:
    """A simulated run.

    Attributes
    ----------
    persona : Persona
    number : int
        Of the trainee, from 1.
    lean : float
        This trainee's own μ.
    seed : int
        Of the draw of facts.
    fixed : dict
        Facts set beforehand.
    choices : tuple of (Place, str)
        Where it was and what it chose, in order.
    ending : str
    """

    persona: Persona
    number: int
    lean: float
    seed: int
    fixed: Mapping[str, str]
    choices: tuple[tuple[MetState, str], ...]
    ending: str

    @property
    def answers(self) -> list[str]:
        """Options chosen, for :func:`trainkit.replay`."""
        return [option for _, option in self.choices]

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """The scored decisions: each scene's first choice among at least two."""
        met: set[str] = set()
        found = []
        for place, option in self.choices:
            if place.scene not in met and len(place.open) > 1:
                found.append(place.decision(option))
            met.add(place.scene)
        return tuple(found)

    @property
    def stake(self) -> float:
        """W = V* − V_min where the run began."""
        begin, _ = self.choices[0]
        worth = exact_play(begin.ground.case).worth(begin.state)
        return worth.best - worth.worst

    @property
    def play(self) -> float | None:
        """Play, 0 … 100; None where nothing was at stake."""
        stake = self.stake
        if stake < 1e-9:
            return None
        return 100 * max(0.0, 1 - math.fsum(place.regret(option) for place, option in self.choices) / stake)


class MetState:
    """A state that runs have met, with all that is asked about it again and again."""

    def __init__(self, ground: CaseRunner, state: State):
        self.ground, self.state, self.scene = ground, state, state.place
        self.open = open_options(ground.case, state)
        self._next: dict[str, list[tuple[int, State]]] = {}
        self._decisions: dict[str, Decision] = {}
        self._words: dict[str, list[str]] = {}

    @cached_property
    def _step(self) -> Step:
        case = self.ground.case
        knows = knowledge(case, self.state)
        return Step(
            scene=self.scene,
            option=self.open[0],
            open=offered(case, self.scene, self.open, knows),
            target=first(case.scenes[self.scene].target or case.context.target, knows),
            weight=case.scenes[self.scene].weight,
            first=True,
            decision=len(self.open) > 1,
            repeats_decision=False,
            cost=0,
            effect=0.0,
            because="",
            knew=(),
            state=self.state,
        )

    @cached_property
    def positions(self) -> tuple[float | None, ...]:
        """Position of each open option."""
        return tuple(k for _, k, _ in self._step.open)

    @cached_property
    def asks(self) -> tuple[bool, ...]:
        """Whether each open option is a question."""
        options = self.ground.case.scenes[self.scene].options
        return tuple(options[name].ask for name in self.open)

    @cached_property
    def going(self) -> list[int]:
        """Numbers of the options that are no questions; of all, where there is nothing else."""
        return [n for n, asks in enumerate(self.asks) if not asks] or list(range(len(self.open)))

    @cached_property
    def bearable(self) -> list[int]:
        """Numbers of the options after which the client will still be there: the button warns of the others."""
        options = self.ground.case.scenes[self.scene].options
        left = self.state.patience
        costs = [options[name].costs for name in self.open]
        return [n for n, cost in enumerate(costs) if not cost or cost < left] or list(range(len(self.open)))

    @cached_property
    def worth(self) -> tuple[float, ...]:
        """Q of each open option."""
        after = exact_play(self.ground.case).after(self.state)
        return tuple(after[name].best for name in self.open)

    @cached_property
    def fits(self) -> dict[str, float | None]:
        """Fit of each open option."""
        return fits(self.ground.case, self._step)

    def words(self, lang: str) -> list[str]:
        """Text of each open option."""
        if lang not in self._words:
            case = self.ground.case
            knows = knowledge(case, self.state)
            options = case.scenes[self.scene].options
            base = f"scenes.{self.scene}.options"
            self._words[lang] = [
                case.text(text_id(f"{base}.{name}.text", options[name].text, knows), lang) for name in self.open
            ]
        return self._words[lang]

    def decision(self, option: str) -> Decision:
        """The row of choosing an option here."""
        if option not in self._decisions:
            self._decisions[option] = decision(self.ground.case, replace(self._step, option=option))
        return self._decisions[option]

    def regret(self, option: str) -> float:
        """V* − Q of an option."""
        return max(self.worth) - self.worth[self.open.index(option)]

    def after(self, option: str, world: int) -> State:
        """The state an option leads to if the world with this number is true."""
        return next(state for worlds, state in self.reached(option) if worlds >> world & 1)

    def reached(self, option: str) -> list[tuple[int, State]]:
        """The sets of worlds an option parts, each with the state it leads to there."""
        if option not in self._next:
            reached = outcomes(self.ground.case, self.state, option)
            self._next[option] = [(after.worlds, after) for _, after in reached]
        return self._next[option]


class CaseRunner:
    """A case as simulated trainees walk over it: every met state is worked out once."""

    def __init__(self, case: Case, lang: str = "ru"):
        self.case, self.lang = case, lang
        self._places: dict[State, MetState] = {}
        self._worlds = {world: number for number, world in enumerate(case.worlds)}

    def place(self, state: State) -> MetState:
        """A met state."""
        found = self._places.get(state)
        if found is None:
            if len(self._places) > MAX_PLACES:
                self._places.clear()
            found = self._places[state] = MetState(self, state)
        return found

    def run(self, persona: Persona, number: int, seed: int, fixed: Mapping[str, str] | None = None) -> SimulatedRun:
        """One simulated run; the same persona, number and seed give the same run everywhere."""
        digest = hashlib.sha256(f"{seed}:{self.case.id}:{persona.name}:{number}".encode()).digest()
        dice = random.Random(int.from_bytes(digest[:8], "big"))
        facts = int.from_bytes(digest[8:14], "big")
        lean = max(-1.0, min(1.0, dice.gauss(persona.lean, persona.spread)))
        pick = HABITS[persona.habit]
        world = self._worlds[draw_facts(self.case, facts, fixed)]
        state = self._begin(world)
        choices = []
        while state.place not in self.case.endings:
            place = self.place(state)
            if len(place.open) == 1:
                option = place.open[0]
            else:
                option = place.open[pick(place, lean, persona.noise, dice)]
            choices.append((place, option))
            state = place.after(option, world)
        return SimulatedRun(persona, number, lean, facts, dict(fixed or {}), tuple(choices), state.place)

    def _begin(self, world: int) -> State:
        key = tuple(
            value for value, fact in zip(self.case.worlds[world], self.case.facts.values(), strict=True) if fact.design
        )
        if key not in self._starts:
            names = [name for name, fact in self.case.facts.items() if fact.design]
            self._starts[key] = start(self.case, 0, dict(zip(names, key, strict=True))).state
        return self._starts[key]

    @cached_property
    def _starts(self) -> dict[tuple[str, ...], State]:
        return {}


def simulate(
    case: Case,
    kinds: Sequence[Persona],
    n: int,
    seed: int = 0,
    fixed: Mapping[str, str] | None = None,
    lang: str = "ru",
) -> Iterator[SimulatedRun]:
    """Let ``n`` trainees of each kind play a case.

    Raises
    ------
    TrainkitError
        If ``n`` is not a whole number from 1, or a best-player is wanted of a case too large for exact play.
    """
    if not isinstance(n, int) or n < 1:
        raise TrainkitError(f"n is a whole number from 1 (got {n!r})")
    start(case, 0, fixed)  # refuses a bad fact before anything is played
    ground = CaseRunner(case, lang)
    for persona in kinds:
        for number in range(1, n + 1):
            yield ground.run(persona, number, seed, fixed)


class RunMeans:
    """Means of simulated runs, taken one by one."""

    def __init__(self) -> None:
        self.runs = 0
        self._sums: dict[str, tuple[int, float]] = {}

    def take(self, run: SimulatedRun) -> SimulatedRun:
        """Count a run, and hand it on."""
        self.runs += 1
        found, _ = measure(run.decisions)
        for name, value in (("position", found["position"]), ("fit", found["fit"]), ("play", run.play)):
            if value is not None:
                n, total = self._sums.get(name, (0, 0.0))
                self._sums[name] = n + 1, total + value
        return run

    def mean(self, name: str) -> float | None:
        """Mean of ``position``, ``fit`` or ``play`` over the runs where it is measured."""
        n, total = self._sums.get(name, (0, 0.0))
        return total / n if n else None

    def __str__(self) -> str:
        shown = {name: self.mean(name) for name in ("position", "fit", "play")}
        parts = [
            f"{name} {'—' if value is None else f'{value:+.0f}' if name == 'position' else f'{value:.0f}'}"
            for name, value in shown.items()
        ]
        return f"{self.runs} runs: " + ", ".join(parts)


# ---- habits: the number of the option taken -------------------------------------------------------------------


def _softly(dice: random.Random, losses: Sequence[float], noise: float) -> int:
    """A number with probability ∝ exp(−loss / noise)."""
    least = min(losses)
    weights = [math.exp(-(loss - least) / noise) for loss in losses]
    point = dice.random() * sum(weights)
    for number, weight in enumerate(weights):
        point -= weight
        if point < 0:
            return number
    return len(weights) - 1


def _among(place: MetState, numbers: Sequence[int], lean: float, noise: float, dice: random.Random) -> int:
    losses = [FAR + abs(lean) if (k := place.positions[n]) is None else abs(k - lean) for n in numbers]
    return numbers[_softly(dice, losses, noise)]


def _by_lean(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    return _among(place, place.bearable, lean, noise, dice)


def _never_asks(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    return _among(place, place.going, lean, noise, dice)


def _asks_all(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    asking = [n for n in place.bearable if place.asks[n]]
    return dice.choice(asking) if asking else _among(place, place.going, lean, noise, dice)


def _best(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    top = max(place.worth)
    return _softly(dice, [top - q for q in place.worth], noise)


def _longest(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    lengths = [len(text) for text in place.words(place.ground.lang)]
    return _softly(dice, [(max(lengths) - length) / max(lengths) for length in lengths], noise)


def _politest(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    warm = POLITE.get(place.ground.lang, ())
    counts = [sum(text.lower().count(word) for word in warm) for text in place.words(place.ground.lang)]
    return _softly(dice, [max(counts) - count for count in counts], noise)


def _careless(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    off = [n for n, k in enumerate(place.positions) if k is None]
    hurry = off or place.going
    return dice.choice(hurry) if dice.random() < 0.5 else _by_lean(place, lean, noise, dice)


def _random(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    return dice.randrange(len(place.open))


def _at(number: int) -> Callable[[MetState, float, float, random.Random], int]:
    """The reply at this place of the list from 1, or the last if there are fewer; 0 is always the last."""
    return lambda place, *_: min(number, len(place.open)) - 1 if number else len(place.open) - 1


HABITS: Mapping[str, Callable[[MetState, float, float, random.Random], int]] = {
    "lean": _by_lean,
    "best": _best,
    "never_asks": _never_asks,
    "asks_all": _asks_all,
    "longest": _longest,
    "politest": _politest,
    "careless": _careless,
    "random": _random,
    **{f"place{number}": _at(number) for number in range(5)},
}
