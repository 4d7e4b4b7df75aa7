"""What did everybody answer? A workshop's log → one entry a decision, first answers and votes again."""

from collections.abc import Iterator

from trainkit.case.model import Case
from trainkit.engine.turn import Step
from trainkit.errors import UnknownName
from trainkit.log.replay import Unplayable
from trainkit.log.store import Log
from trainkit.room.by_file import every_run, everybody
from trainkit.room.records import Answer, Stage, Workshop
from trainkit.scoring.decisions import fits
from trainkit.session.resume import reopen


def answers_of(log: Log, workshop: Workshop, stage: Stage) -> Iterator[Answer]:
    """Every decision of who is in the room, in the order of who joined, of their runs and of the decisions."""
    seated = {member.member: member for member in stage.seated(everybody(log, workshop))}
    begun: set[tuple[str | None, str]] = set()
    for record in every_run(log, workshop):
        member = seated.get(record.member or "")
        if member is None:
            continue
        try:
            session = reopen(log, record, workshop.part(record.case_id).case)
        except (Unplayable, UnknownName):
            continue  # a version that this program can't play any more
        first = (record.member, record.case_id) not in begun
        begun.add((record.member, record.case_id))
        case, attempt, votes = session.case, session.attempt, session.revotes()
        whose = member.name, member.pair, case, (record.run or 0) + 1, record.drawn, case.design_of(attempt.truth)
        for step in attempt.decisions:
            yield Answer(*whose, step.scene, step.option, step.knew, *_key(case, step, step.option), first=first)
            for (scene, number), option in sorted(votes.items()):
                if scene == step.scene:
                    yield Answer(*whose, scene, option, step.knew, *_key(case, step, option), number, first)


def _key(case: Case, step: Step, option: str) -> tuple[float | None, float | None]:
    position = next((position for name, position, _ in step.open if name == option), None)
    return position, fits(case, step).get(option)
