"""How do teams look side by side? A row each, on the remote, on the wall and on paper."""

from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from trainkit.i18n import signed
from trainkit.room.team_figures import TeamFigures


class TeamRow(NamedTuple):
    """A team: ``counts`` of each reply, widths 0 … 100 of those who answered; None and "" where withheld."""

    name: str
    people: int
    answered: int
    counts: tuple[int, ...] | None
    widths: tuple[float, ...]
    position: str


def compared(teams: Sequence[TeamFigures], scene: str, options: Sequence[str], few: int) -> list[TeamRow]:
    """The teams in a scene whose replies are ``options``; a mean Position is of ``few`` people or more.

    What the room's figures less those of the other teams would give away is withheld with it.
    """
    answered = [split.answers if (split := one.room.split(scene)) else 0 for one in teams]
    hidden = [split is None or split.withheld for split in (one.room.split(scene) for one in teams)]
    while 0 < sum(n for n, off in zip(answered, hidden, strict=True) if off) < max(one.room.few for one in teams):
        open_ones = [n for n, off in enumerate(hidden) if not off and answered[n]]
        if not open_ones:
            break
        hidden[min(open_ones, key=answered.__getitem__)] = True
    return [_row(one, scene, options, off, few) for one, off in zip(teams, hidden, strict=True)]


def _row(one: TeamFigures, scene: str, options: Sequence[str], hidden: bool, few: int) -> TeamRow:
    split, positions = one.room.split(scene), one.room.positions or ()
    chosen = dict(zip(split.options, split.counts or (), strict=False)) if split else {}
    counts = None if hidden or split is None else tuple(chosen.get(option, 0) for option in options)
    answers = split.answers if split else 0
    tells = len(positions) >= few and not (hidden and answers and one.room.few > 1)
    return TeamRow(
        name=one.name,
        people=one.people,
        answered=answers,
        counts=counts,
        widths=tuple(100 * n / (answers or 1) for n in counts or ()),
        position=signed(fmean(positions)) if tells else "",
    )


def position_of(one: TeamFigures, few: int) -> str:
    """The mean Position of a team in a case; empty where fewer than ``few`` people have one."""
    positions = one.room.positions or ()
    return signed(fmean(positions)) if len(positions) >= few else ""
