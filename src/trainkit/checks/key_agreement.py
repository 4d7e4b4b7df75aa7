"""Does the key name the reply that is best? Where it says otherwise than exact play: in which scene, and what was known."""

from collections.abc import Iterator, Mapping, Sequence

from trainkit.case.conditions import UNKNOWN
from trainkit.engine.rules import known_facts
from trainkit.errors import KeyPath
from trainkit.simulation.met_state import MetState
from trainkit.value.regret import NOTHING


def key_disagreements(met: Mapping[str, Sequence[MetState]]) -> Iterator[tuple[str, KeyPath, str]]:
    """Warn of each scene where the most fitting reply is worth noticeably less than the best one.

    ``met`` maps scenes to the states to look at; the rule (code, path, rule) describes the one in which most is lost.
    """
    for scene, states in met.items():
        losses = {state: _loss(state) for state in states if len(state.open) > 1}
        if max(losses.values(), default=0.0) <= NOTHING:
            continue
        worst = max(losses, key=losses.__getitem__)
        keyed, best = _keyed(worst)[0], worst.best_replies[0]
        several = sum(loss > NOTHING for loss in losses.values())
        rule = (
            f'the key says "{keyed}" (fit {worst.fits[keyed]:.2g}), best play "{best}" (fit {worst.fits[best]:.2g}), '
            f"worth {losses[worst]:.2f} more, where {_described(worst)}; so in {several} of {len(losses)} states met"
        )
        yield "key_disagrees", ("scenes", scene), rule


def _keyed(state: MetState) -> list[str]:
    """The most fitting options by the key."""
    top = max(fit or 0.0 for fit in state.fits.values())
    return [name for name, fit in state.fits.items() if (fit or 0.0) >= top]


def _loss(state: MetState) -> float:
    """How much less the most fitting options are worth than the best."""
    if None in state.fits.values():
        return 0.0  # the key asks exact play itself
    return min(state.regret(name) for name in _keyed(state))


def _described(state: MetState) -> str:
    """What is known and remembered there, and the patience left."""
    case, at = state.case, state.state
    known = [f"{fact}={value}" for fact, value in known_facts(case, at).items() if value != UNKNOWN]
    begun = [values[0] for values in case.memory.values()]
    kept = [f"{n}={value}" for n, value, first in zip(case.memory, at.memory, begun, strict=True) if value != first]
    patience = [f"patience={at.patience}"] if case.patience else []
    return ", ".join([*known, *kept, *patience]) or "nothing is known"
