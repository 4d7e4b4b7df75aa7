"""Simulated trainees: how a case looks to an order-taker, a rusher, somebody who guesses the key.

They play by the engine's rules (:mod:`trainkit.engine.rules`) and nothing else, so what they log replays like a
person's. They are caricatures for testing cases and planning workshops, not models of people; wherever their data goes
it says *synthetic*.

A persona with a lean μ takes an option with probability ∝ exp(−|k − μ| / τ), where k is its position and τ the persona's
noise (a multinomial logit; Luce 1959, *Individual Choice Behavior*); off the axis counts as far away.
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
    habit: str  # how it picks an option: a name of :data:`trainkit.simulation.habits.HABITS`
    label: str  # what it does, in a sentence


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
    """Personas by name; ``all`` for every one. Raises UnknownName if there is no such persona."""
    wanted = [names] if isinstance(names, str) else list(names)
    if "all" in wanted:
        return list(PERSONAS.values())
    for name in wanted:
        if name not in PERSONAS:
            raise UnknownName("persona", name, [*PERSONAS, "all"])
    return [PERSONAS[name] for name in wanted]
