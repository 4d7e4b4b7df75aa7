"""What does an export say of a run beside its rows? Who it is of, under which condition, and its scored decisions."""

import hashlib
from collections.abc import Iterable, Sequence

from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt
from trainkit.log.records import Event
from trainkit.log.replay import advance
from trainkit.scoring.decisions import Decision, decision_of


def person_id(of: str) -> str:
    """What stands for a person: made from a random id that isn't exported, so that nothing leads back to a name."""
    return hashlib.sha256(f"trainkit person {of}".encode()).hexdigest()[:32]


def condition_of(case: Case, truth: Sequence[str]) -> str | None:
    """The condition of a run by what was true of its client; None where the case has no design."""
    return " ".join(f"{name}={value}" for name, value in case.design_of(tuple(truth))) or None


def scored(attempt: Attempt, events: Iterable[Event]) -> tuple[Attempt, list[tuple[int, Decision]]]:
    """Where events lead from the beginning of an attempt; its scored decisions, each with the number of its event.

    Raises TrainkitError if they can't have been done.
    """
    made_by: list[int] = []  # which event made each step
    for number, event in enumerate(events):
        attempt = advance(attempt, event)
        made_by += [number] * (len(attempt.steps) - len(made_by))
    steps = zip(made_by, attempt.steps, strict=True)
    return attempt, [(n, decision_of(attempt.case, step)) for n, step in steps if step.first and step.decision]
