"""Which teams are there, and how large are they? Names that will do, sizes, people by team."""

from collections import Counter
from collections.abc import Iterable

from trainkit.errors import N_, Refused, shown
from trainkit.i18n import catalog
from trainkit.room.records import Member, Stage
from trainkit.typed import typed

MOST_TEAMS, MAX_TEAM_NAME = 12, 24


def default_names(lang: str) -> tuple[str, ...]:
    """Names for teams that nobody has named."""
    gettext = catalog(lang).gettext
    return (
        gettext("Maple"),
        gettext("Ash"),
        gettext("Rowan"),
        gettext("Linden"),
        gettext("Oak"),
        gettext("Pine"),
        gettext("Birch"),
        gettext("Spruce"),
        gettext("Aspen"),
        gettext("Willow"),
        gettext("Alder"),
        gettext("Cedar"),
    )


def team_names(asked: str, lang: str) -> tuple[str, ...]:
    """Names of teams from what was asked for: how many, or names with commas between them.

    Raises Refused if there are fewer than two or more than twelve, a name is too long or says nothing, or two are alike.

    >>> team_names("3", "en")
    ('Maple', 'Ash', 'Rowan')
    >>> team_names("North, South", "en")
    ('North', 'South')
    """
    asked = typed(asked).strip()
    if asked.isascii() and asked.isdecimal():
        if not 2 <= int(asked[:4]) <= MOST_TEAMS:
            raise Refused(N_("a room has 2 to {most} teams (got {got})"), most=MOST_TEAMS, got=asked[:4])
        return default_names(lang)[: int(asked)]
    names = tuple(name for name in (part.strip() for part in asked.replace("\n", ",").split(",")) if name)
    if not 2 <= len(names) <= MOST_TEAMS:
        rule = N_(
            "teams are a number from 2 to {most}, or 2 to {most} names with commas between them (got {got} of them)"
        )
        raise Refused(rule, most=MOST_TEAMS, got=len(names))
    for name in names:
        if len(name) > MAX_TEAM_NAME:
            rule = N_("a team’s name has at most {most} characters (got {name}, which has {n})")
            raise Refused(rule, most=MAX_TEAM_NAME, name=shown(name[:40]), n=len(name))
        if not any(c.isalnum() for c in name):
            raise Refused(N_("a team’s name has letters or digits in it (got {name})"), name=shown(name))
    alike = Counter(typed(name).casefold() for name in names)
    if twice := [name for name in names if alike[typed(name).casefold()] > 1]:
        raise Refused(N_("two teams are called {name}"), name=shown(twice[0]))
    return names


def sizes(stage: Stage) -> list[int]:
    """How many people each team has: without who was removed, and two phones of one person once."""
    counted = Counter(
        index for member, index in stage.team.items() if member not in stage.removed and member not in stage.merged
    )
    return [counted[index] for index in range(len(stage.teams))]


def mates(stage: Stage, member: str) -> list[str]:
    """The members of this member's team, in the order in which they came into it; empty for who is in none."""
    mine = stage.team.get(member)
    if mine is None:
        return []
    return [
        one
        for one, index in stage.team.items()
        if index == mine and one not in stage.removed and one not in stage.merged
    ]


def in_teams(stage: Stage, people: Iterable[Member]) -> list[tuple[str, list[Member]]]:
    """People by team, in the order of the teams; who is in none comes last, under no name."""
    groups: list[list[Member]] = [[] for _ in (*stage.teams, "")]
    for one in people:
        groups[stage.team.get(one.member, len(stage.teams))].append(one)
    return [*zip(stage.teams, groups, strict=False), *([("", groups[-1])] if groups[-1] else [])]
