"""Which story does a room get? The same facts for everybody, the same in each half, or each their own.

Drawn from the workshop's own id, so that every server and every restart tells the same.
"""

import hashlib

from trainkit.engine.attempt import start
from trainkit.engine.facts import draw_facts
from trainkit.engine.rules import knowledge
from trainkit.room.records import Knew, WorkshopCase

TRIED = 200  # seeds among which each condition is looked for; one met in fewer than 1 of 50 may be missed

Condition = tuple[tuple[str, str], ...]  # design facts and their values


def story(workshop: str, part: WorkshopCase) -> int:
    """The seed of the room's story in a case, 0 … 2³¹ − 1."""
    return _seed(workshop, part.case.id, 0)


def stories(workshop: str, part: WorkshopCase) -> dict[Condition, int]:
    """Condition of the case's design facts → the seed of the story that is told in it, in the order of drawing."""
    found: dict[Condition, int] = {}
    for number in range(TRIED if any(fact.design for fact in part.case.facts.values()) else 1):
        seed = _seed(workshop, part.case.id, number)
        found.setdefault(part.case.design_of(draw_facts(part.case, seed, part.fixed)), seed)
    return found


def what_begins(workshop: str, part: WorkshopCase, story_of: str) -> Knew:
    """What everybody knows when a case begins, memory first; nothing where that is not the same for all."""
    if story_of != "one" and len(conditions(part)) > 1:
        return ()
    attempt = start(part.case, story(workshop, part), part.fixed)
    knows = knowledge(part.case, attempt.state)
    return tuple([(name, knows(name)) for name in (*part.case.memory, *part.case.facts)])


def conditions(part: WorkshopCase) -> list[Condition]:
    """The conditions of the case's design facts that can come up, in the order of the case."""
    fixed = part.fixed.items()
    possible = (world for world in part.case.worlds if fixed <= dict(zip(part.case.facts, world, strict=True)).items())
    return [*dict.fromkeys(map(part.case.design_of, possible))]


def _seed(workshop: str, case_id: str, number: int) -> int:
    drawn = hashlib.blake2b(f"{workshop}/{case_id}/{number}".encode(), digest_size=8, person=b"story")
    return int.from_bytes(drawn.digest()) % 2**31
