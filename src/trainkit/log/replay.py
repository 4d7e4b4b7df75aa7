"""Where do the events of an attempt lead? Records and events → the attempt as it was played."""

from collections.abc import Mapping

from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt, back, begin, choose, start
from trainkit.engine.facts import draw_facts, quantile
from trainkit.errors import TrainkitError
from trainkit.log.records import AttemptLog, Event, Record


class Unplayable(TrainkitError):
    """An attempt in the log that can't be played on: its case version or one of its events can't be read."""

    def __init__(self, record: Record, why: TrainkitError):
        super().__init__(f"attempt {record.attempt[:8]} can't be played on: {why}")


def begun(case: Case, record: Record) -> Attempt:
    """The beginning of an attempt, with what was true of the client then, whatever rules it was drawn by."""
    if record.draw_version > 1:
        return start(case, record.seed, record.fixed)
    return begin(case, record.seed, dict(record.fixed), facts_of(case, record))


def facts_of(case: Case, record: Record) -> tuple[str, ...]:
    """What was true of the client of an attempt: the values of ``case.facts``, by the rules they were drawn by."""
    draw = draw_facts if record.draw_version > 1 else _first_draw
    return draw(case, record.seed, record.fixed)


def _first_draw(case: Case, seed: int, fixed: Mapping[str, str]) -> tuple[str, ...]:
    """Facts as they were drawn at first: a fixed fact told nothing of the one it is given by."""
    world: dict[str, str] = {}
    for name, fact in case.facts.items():
        if name in fixed:
            world[name] = fixed[name]
            continue
        u, total = quantile(seed, name), 0.0
        for value in fact.values:
            share = fact.probability(value, world)
            total += share
            if share > 0:
                world[name] = value
            if u < total and share > 0:
                break
    truth = tuple(world.values())
    if truth in case.world_numbers:
        return truth
    possible = [w for w in case.worlds if fixed.items() <= dict(zip(case.facts, w, strict=True)).items()]
    return max(possible, key=lambda w: sum(a == b for a, b in zip(w, truth, strict=True)))


def advance(attempt: Attempt, event: Event) -> Attempt:
    """The attempt after an event; what is only said changes nothing in it."""
    if event.kind == "choose":
        return choose(attempt, str(event.option))
    return back(attempt) if event.kind == "back" else attempt


def replay(log: AttemptLog, record: Record) -> Attempt:
    """An attempt as it stands in the log, under the case version it was played in.

    Raises Unplayable if its case version can't be read or its events don't fit it.
    """
    try:
        attempt = begun(log.case(record), record)
        for event in log.events(record.attempt):
            attempt = advance(attempt, event)
    except TrainkitError as error:
        raise Unplayable(record, error) from error
    return attempt
