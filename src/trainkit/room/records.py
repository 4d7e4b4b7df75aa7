"""Which workshop is this, who sits in it, and what has its trainer set? Plain data, as the log has it."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace

from trainkit.case.model import Case
from trainkit.errors import UnknownName
from trainkit.log.records import Settings

Knew = tuple[tuple[str, str], ...]  # names and values that somebody knew or remembered
FEW = 5  # under so many people a figure is withheld, unless the room is open
PACES = ("free", "case")
SWITCHES = ("entry", "paused", "over", "votes", "key", "door")  # that the trainer may set at any time


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
    """A vote again on a scene: ``number`` 1, 2, … in the workshop."""

    number: int
    case_id: str
    scene: str


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
    places: int | None = None  # how many may be in; None: as the workshop began

    def may_begin(self, number: int) -> bool:
        """Whether the case with this number, 0 …, may be begun."""
        return self.opened is None or number < self.opened

    def counting(self, case_id: str) -> int | None:
        """Number of the vote again that is open in a case."""
        return self.ballot.number if self.ballot and self.ballot.case_id == case_id else None

    @property
    def few(self) -> int:
        """Under so many people the wall shows no figure."""
        return 3 if self.open else FEW

    @property
    def few_for_trainer(self) -> int:
        """Under so many people the remote shows no figure."""
        return 1 if self.open else FEW

    def seated(self, members: Iterable[Member]) -> list[Member]:
        """Who is in the room, as they are called now."""
        here = (member for member in members if member.member not in self.removed)
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


@dataclass(frozen=True)
class Answer:
    """A decision: whose, where, what was said; ``vote`` is 0 for the first answer, then the number of the vote again."""

    person: str  # as the room sees them
    pair: bool
    case: Case
    run: int  # of this person: 1, 2, …
    drawn: str
    condition: Knew
    scene: str
    option: str
    knew: Knew
    position: float | None  # None: off the axis
    fit: float | None  # by the key; None: not known
    vote: int = 0
    first: bool = True  # of the run that counts: this person's first of the case
