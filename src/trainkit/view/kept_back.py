"""What must a screen for the whole room not tell yet? What a question reveals to those who ask, while others still can."""

from collections.abc import Iterable

from trainkit.case.cache import kept_per_case
from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import Case, Option
from trainkit.room.records import Knew


def unlearnt(case: Case, knew: Knew, hidden: frozenset[str]) -> Knew:
    """What is known or remembered, for someone who never asked about the ``hidden`` facts."""
    if not hidden:
        return knew
    told, forgotten = _remembered_by_asking(case, hidden), []
    for name, value in knew:
        if name in hidden:
            value = UNKNOWN
        elif (name, value) in told:
            value = case.memory[name][0]
        forgotten.append((name, value))
    return tuple(forgotten)


def needs_asking(case: Case, scene: str, option: str, hidden: frozenset[str]) -> bool:
    """Whether only who has asked about a ``hidden`` fact can say this."""
    return bool(hidden) and _asked_for(case.scenes[scene].options[option], hidden, _remembered_by_asking(case, hidden))


def _asked_for(option: Option, hidden: frozenset[str], told: Iterable[tuple[str, str]] = ()) -> bool:
    for name, values in (option.when or {}).items():
        if name in hidden and UNKNOWN not in values:
            return True
        if name not in hidden and all((name, value) in told for value in values):
            return True
    return False


@kept_per_case(1_000)
def _remembered_by_asking(case: Case, hidden: frozenset[str]) -> frozenset[tuple[str, str]]:
    """What is remembered (name, value) by nobody but those who asked about a ``hidden`` fact."""
    by_asking, otherwise = set(), {(name, values[0]) for name, values in case.memory.items()}
    for scene in case.scenes.values():
        for option in scene.options.values():
            asks = not hidden.isdisjoint(option.reveals) or _asked_for(option, hidden)
            (by_asking if asks else otherwise).update(option.remember.items())
    return frozenset(by_asking - otherwise)
