"""What did each team do? The room's tally once more for the people of each; nothing of too few in a team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trainkit.room.records import Member, Stage
from trainkit.room.room_summary import RoomSummary
from trainkit.room.run_summary import RunSummary
from trainkit.room.steps import Order
from trainkit.room.tally import figured_as, tally
from trainkit.room.teams import in_teams


@dataclass(frozen=True)
class TeamFigures:
    """A team: how many are in it, and what they did in a case."""

    name: str
    people: int
    room: RoomSummary


def team_figures(
    runs: Sequence[RunSummary],
    rooms: Mapping[str, RoomSummary],
    stage: Stage,
    seated: Sequence[Member],
    few: int,
    order: Order | None = None,
) -> dict[str, tuple[TeamFigures, ...]]:
    """Case → figures of each team in the version of it that the room's ``rooms`` are of; ``runs`` are those that count.

    A figure of fewer than ``few`` people of a team is withheld; see :func:`tally` for ``order``. Empty where there are none.
    """
    if not stage.teams:
        return {}
    groups = in_teams(stage, seated)[: len(stage.teams)]
    # in an anonymous room also who was removed or joined with another: see :meth:`Stage.figured`
    team = {one.member: n for n, (_, people) in enumerate(groups) for one in people} if order is None else stage.team
    theirs: list[list[RunSummary]] = [[] for _ in groups]
    for run in runs:
        n = team.get(figured_as(run, stage, order))
        if n is not None and n < len(theirs):
            theirs[n].append(run)
    return {
        case_id: tuple(
            TeamFigures(name, len(people), _tallied(played, room, few, stage, order))
            for (name, people), played in zip(groups, theirs, strict=True)
        )
        for case_id, room in rooms.items()
    }


def _tallied(
    played: Sequence[RunSummary], room: RoomSummary, few: int, stage: Stage, order: Order | None
) -> RoomSummary:
    return tally(
        played, room.case, few=few, lang=room.lang, hidden=room.hidden, order=order, stage=stage, version=room.case.hash
    )
