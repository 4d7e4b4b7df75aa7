"""Simulated trainees: how a case looks to an order-taker, a rusher, somebody who guesses the key.

They play by the engine's rules (:mod:`trainkit.engine.rules`) and nothing else, so what they log replays like a
person's. They are for testing cases and planning workshops, not models of people; wherever their data goes it says
*synthetic*.

The *caricatures* each have a habit. One with a lean μ takes an option with probability ∝ exp(−|k − μ| / τ), where k is its
position and τ the persona's noise; off the axis counts as far away.

The *choosers* follow the choice model by which an instrument is judged (:mod:`trainkit.audit`)::

    P(option) ∝ exp(skill · fit − pull · |position − lean|)

with a reply off the axis at distance ``FAR + |lean|``, and in scenes outside the axis by skill alone. That is a multinomial
logit (Luce 1959, *Individual Choice Behavior*; McFadden 1974, *Conditional logit analysis of qualitative choice behavior*)
of two things that draw: what the key calls fitting, and what lies near one's own lean. That people choose so is assumed,
not shown; what comes out describes the assumed people as much as the case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trainkit.errors import UnknownName


@dataclass(frozen=True)
class Persona:
    """A kind of simulated trainee."""

    name: str
    lean: float  # μ, −1 orientation … +1 centricity: the position it is drawn to
    spread: float  # SD of the lean between trainees of this kind
    noise: float  # τ > 0: how easily it takes an option further off; for those without a lean, how easily it slips
    habit: str  # how it picks an option: a name of :data:`trainkit.simulation.habits.HABITS`, or ``CHOOSES``
    label: str  # what it does, in a sentence
    skill: float = 0.0  # of the choice model: how strongly it is drawn by fit; 0 not at all, 4 ordinary, 5 good
    skill_spread: float = 0.0  # SD of the skill between trainees of this kind
    pull: float = 0.0  # of the choice model: how strongly its lean draws it, per unit of position
    pull_spread: float = 0.0

    @property
    def chooses(self) -> bool:
        """Whether it follows the choice model."""
        return self.habit == CHOOSES


CHOOSES = "chooses"  # the habit of those who follow the choice model
Spread = tuple[float, float]  # mean and SD between people


def chooser(name: str, lean: Spread, skill: Spread, pull: Spread, label: str = "") -> Persona:
    """A kind of trainee that follows the choice model."""
    return Persona(name, *lean, 0.0, CHOOSES, label, *skill, *pull)


CARICATURES: Mapping[str, Persona] = {
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

CHOOSERS: Mapping[str, Persona] = {
    persona.name: persona
    for persona in (
        chooser("preacher", (0.75, 0.08), (0, 0), (5, 0), "Preaches the task behind the request, whatever is said."),
        chooser("skilled-preacher", (0.6, 0.08), (3, 0), (3, 0), "Preaches, with an eye for what fits."),
        chooser("skilled-order-taker", (-0.6, 0.08), (3, 0), (3, 0), "Takes orders, with an eye for what fits."),
        chooser("adapter", (0.2, 0.25), (5, 0.7), (0.3, 0), "Sees what fits, and hardly leans to either side."),
    )
}

PERSONAS: Mapping[str, Persona] = {**CARICATURES, **CHOOSERS}


def personas(names: str | Sequence[str]) -> list[Persona]:
    """Personas by name; ``all`` for every one. Raises UnknownName if there is no such persona."""
    wanted = [names] if isinstance(names, str) else list(names)
    if "all" in wanted:
        return list(PERSONAS.values())
    for name in wanted:
        if name not in PERSONAS:
            raise UnknownName("persona", name, [*PERSONAS, "all"])
    return [PERSONAS[name] for name in wanted]
