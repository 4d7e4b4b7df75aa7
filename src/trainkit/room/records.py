"""Which workshop is this, who sits in it, and what has its trainer set? Plain data, as the log has it."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace

from trainkit.case.model import Case
from trainkit.errors import UnknownName
from trainkit.log.records import Settings

Knew = tuple[tuple[str, str], ...]  # names and values that somebody knew or remembered
FEW = 5  # under so many people a figure is withheld, unless the room is open
PACES = ("free", "case")
SWITCHES = (
    "entry",
    "paused",
    "over",
    "votes",
    "key",
    "door",
    "team_vote",
    "compare",
)  # that the trainer may set at any time


@dataclass(frozen=True, slots=True)
class Member:
    """Someone who joined, or two at one phone."""

    member: str
    name: str
    pair: bool
    lang: str
    joined_at: str


@dataclass(frozen=True)
class Ballot:
    """A vote again on a scene: ``number`` 1, 2, … in the workshop; ``team``: each team has one vote."""

    number: int
    case_id: str
    scene: str
    team: bool = False


@dataclass(frozen=True)
class TeamBallot:
    """A vote of teams, and who was in which team when it was closed."""

    ballot: Ballot
    teams: tuple[str, ...]
    team: Mapping[str, int]  # member → index among the teams


@dataclass(frozen=True)
class Pressed:
    """What a trainer did last, and when (ISO 8601)."""

    kind: str
    setting: str
    at: str


@dataclass(frozen=True)
class Stage:
    """What the trainer has set: what holds for everyone, what the wall shows, and what was done to people."""

    entry: bool = True  # joining is open
    paused: bool = False  # everyone waits
    over: bool = False  # no more answers are taken
    votes: bool = True  # shown: how many chose what
    key: bool = False  # shown: what the case asks
    door: bool = False  # shown beside a scene: how latecomers get in
    opened: int | None = None  # how many cases may be begun; 0: everybody waits for the start; None: all of them
    pace: str = "free"  # whether the start opens all cases, or the trainer one after the other ("case")
    open: bool = False  # whether the trainer sees who said what; else nobody does, and figures begin at five
    story: str = "own"  # what is true of the client: one story for all, one in each half, or each their own
    scene: str = ""  # ``case/scene`` on the wall; empty: the most divisive
    ballot: Ballot | None = None  # the vote again that is open
    ballots: int = 0  # how many votes again there have been
    renamed: Mapping[str, str] = field(default_factory=dict)  # member → name
    removed: frozenset[str] = frozenset()  # members: what they said stays in the log and counts no more
    merged: Mapping[str, str] = field(default_factory=dict)  # member → who they are: one person who came by two phones
    teams: tuple[str, ...] = ()  # names; none: everybody is on their own
    team: Mapping[str, int] = field(default_factory=dict)  # member → index among the teams
    team_vote: bool = False  # the next vote again has one vote a team
    compare: bool = False  # shown: the teams side by side
    team_ballots: tuple[TeamBallot, ...] = ()  # votes of teams that are closed
    pressed: Pressed | None = None  # what a trainer did last
    presses: int = 0  # how many things trainers did: without who was dealt into which team
    places: int | None = None  # how many may be in; None: as the workshop began

    def may_begin(self, number: int) -> bool:
        """Whether the case with this number, 0 …, may be begun."""
        return self.opened is None or number < self.opened

    @property
    def few(self) -> int:
        """Under so many people the wall shows no figure."""
        return 3 if self.open else FEW

    @property
    def few_for_trainer(self) -> int:
        """Under so many people the remote shows no figure."""
        return 1 if self.open else FEW

    def person(self, member: str) -> str:
        """Who a member is: the one they were joined with, or themselves."""
        return self.merged.get(member, member)

    def counts(self, member: str) -> bool:
        """Whether what a member said counts: nobody removed this person."""
        return member not in self.removed and self.person(member) not in self.removed

    @property
    def gone(self) -> int:
        """How many members take no place: removed, or a second phone of somebody."""
        return len(self.removed | self.merged.keys())

    def devices(self, person: str) -> list[str]:
        """The members that this person is, besides this one, in the order in which they were joined."""
        return [one for one, into in self.merged.items() if into == person and one not in self.removed]

    def votes_of_teams(self, case_id: str) -> list[TeamBallot]:
        """Votes of teams on scenes of a case, in order; the one that is open has the teams as they are now."""
        held = [one for one in self.team_ballots if one.ballot.case_id == case_id]
        if self.ballot and self.ballot.team and self.ballot.case_id == case_id:
            held.append(TeamBallot(self.ballot, self.teams, self.team))
        return held

    def seated(self, members: Iterable[Member]) -> list[Member]:
        """Who is in the room, as they are called now."""
        here = (member for member in members if member.member not in self.removed and member.member not in self.merged)
        return [replace(one, name=self.renamed[one.member]) if one.member in self.renamed else one for one in here]


@dataclass(frozen=True)
class WorkshopCase:
    """A case as a workshop plays it, and the facts fixed by the trainer."""

    case: Case
    fixed: Mapping[str, str]


@dataclass(frozen=True)
class Workshop:
    """A room: its cases in order, and how they are held."""

    workshop: str
    code: str
    parts: tuple[WorkshopCase, ...]
    lang: str
    settings: Settings
    consent: str | None
    places: int
    started_at: str

    def part(self, case_id: str) -> WorkshopCase:
        """A case of this workshop."""
        for part in self.parts:
            if part.case.id == case_id:
                return part
        raise UnknownName("case of this workshop", case_id, [part.case.id for part in self.parts])

    def next_part(self, played: Container[str]) -> WorkshopCase | None:
        """The case that comes next for whoever has played these, in the order of the room; None after the last."""
        return next((part for part in self.parts if part.case.id not in played), None)


@dataclass(frozen=True, slots=True)
class Pulse:
    """What of a member may have changed in the log since one looked: counts, so that comparing is cheap."""

    here: bool
    runs: int
    events: int
    controls: int
