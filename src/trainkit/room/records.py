"""Which workshop is this, who sits in it, and what has its trainer set? Plain data, as the log has it."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from trainkit.case.model import Case
from trainkit.errors import UnknownName
from trainkit.log.records import Settings
from trainkit.room.agenda import Agenda, Item, case_item, onward, rounds_open

Knew = tuple[tuple[str, str], ...]  # names and values that somebody knew or remembered
FEW = 5  # under so many people a figure is withheld, unless the room is open
MAX_QUESTION = 300  # characters
SWITCHES = (
    "entry",
    "paused",
    "over",
    "votes",
    "key",
    "door",
    "box",
    "moderated",
    "team_vote",
    "compare",
)  # that the trainer may set at any time
QUESTION_STATES = ("shown", "hidden", "wall", "answered")  # what becomes of one; until then it is new


@dataclass(frozen=True, slots=True)
class Member:
    """Someone who joined, or two at one phone."""

    member: str
    name: str
    pair: bool
    lang: str
    joined_at: str
    by_file: bool = False  # not joined: their runs came in a file


def people_of_file(setting: str) -> tuple[str, ...]:
    """Who was taken into a room by a control of this setting, each once."""
    return tuple(dict.fromkeys(setting.split()))


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


@dataclass(frozen=True, slots=True)
class Question:
    """A question of nobody's; ``state`` is new, or one of :data:`QUESTION_STATES`."""

    question: str
    number: int
    text: str
    lang: str  # that of the page on which it was asked
    at: str  # to the minute
    votes: int
    state: str


@dataclass(frozen=True)
class Clock:
    """So many minutes that the room is given from a moment on; it ends nothing by itself."""

    minutes: int
    began_at: str  # UTC, ISO 8601

    def left(self, at: datetime) -> float:
        """Seconds that are left at a moment, 0 … 60 × minutes."""
        gone = (at - datetime.fromisoformat(self.began_at)).total_seconds()
        return min(max(60 * self.minutes - gone, 0.0), 60.0 * self.minutes)


@dataclass(frozen=True)
class Stage:
    """What the trainer has set: what holds for everyone, what the wall shows, and what was done to people."""

    entry: bool = True  # joining is open
    entrance: str = ""  # the secret in the QR code and link by which one joins; empty: they have the code
    paused: bool = False  # everyone waits
    over: bool = False  # no more answers are taken
    votes: bool = True  # shown: how many chose what
    key: bool = False  # shown: what the case asks
    door: bool = False  # shown beside a scene: how latecomers get in
    agenda: Agenda = ()  # cases and breaks, in order
    opened: int | None = None  # how many items of it are open; 0: everybody waits for the start; None: all of them
    back: str = ""  # the break that is over though nothing else was opened
    began: Mapping[str, str] = field(default_factory=dict)  # item → when it was opened
    pace: str = "free"  # how the cases come whose item says nothing of it; see :class:`trainkit.room.agenda.Item`
    rounds: Mapping[str, int] = field(default_factory=dict)  # case scene by scene → how many decisions are open
    clock: Clock | None = None  # that runs
    clocks: int = 0  # how many there have been
    clock_minutes: int = 0  # of the last one
    added: tuple[str, ...] = ()  # versions of cases that came while the room was held
    open: bool = False  # whether the trainer sees who said what; else nobody does, and figures begin at five
    story: str = "own"  # what is true of the client: one story for all, one in each half, or each their own
    scene: str = ""  # ``case/scene`` on the wall; empty: the most divisive
    ballot: Ballot | None = None  # the vote again that is open
    ballots: int = 0  # how many votes again there have been
    renamed: Mapping[str, str] = field(default_factory=dict)  # member → name
    removed: frozenset[str] = frozenset()  # members: what they said stays in the log and counts no more
    knocked: frozenset[str] = frozenset()  # of those removed: who has tried to come in again
    merged: Mapping[str, str] = field(default_factory=dict)  # member → who they are: one person who came by two phones
    teams: tuple[str, ...] = ()  # names; none: everybody is on their own
    team: Mapping[str, int] = field(default_factory=dict)  # member → index among the teams
    team_vote: bool = False  # the next vote again has one vote a team
    compare: bool = False  # shown: the teams side by side
    team_ballots: tuple[TeamBallot, ...] = ()  # votes of teams that are closed
    pressed: Pressed | None = None  # what a trainer did last
    presses: int = 0  # how many things trainers did: without who was dealt into which team
    by_file: Mapping[str, None] = field(default_factory=dict)  # people whose runs came by file, in that order
    places: int | None = None  # how many may be in; None: as the workshop began
    box: bool = True  # questions without a name may be asked
    moderated: bool = True  # the trainer reads them before the room does
    questions: Mapping[int, str] = field(default_factory=dict)  # number → what has become of it; not of new ones
    on_wall: int = 0  # number of the question on the wall; 0: none
    handled: int = 0  # how often something became of a question: phones needn't be told

    @property
    def asking(self) -> bool:
        """Whether the room may ask without a name."""
        return self.box and not self.over

    @property
    def asked(self) -> int:
        """How many questions the room may read and vote for."""
        return sum(state == "shown" for state in self.questions.values())

    def question_state(self, number: int) -> str:
        """What has become of a question: new, or one of :data:`QUESTION_STATES`."""
        return "wall" if number == self.on_wall else self.questions.get(number, "new")

    def may_begin(self, case_id: str) -> bool:
        """Whether a case may be begun."""
        opened = self.agenda if self.opened is None else self.agenda[: self.opened]
        return any(item.case_id == case_id for item in opened)

    @property
    def current(self) -> Item | None:
        """What the room is at: the item opened last, or after a break the case before it; None before the start."""
        for number in range(min(self.opened or 0, len(self.agenda)) - 1, -1, -1):
            item = self.agenda[number]
            if not item.is_break or (number == self.opened - 1 and item.key != self.back):
                return item
        return None

    def led(self, *paces: str) -> Item | None:
        """The case that the room is at, if it comes in one of these paces."""
        item = self.current
        return item if item is not None and not item.is_break and item.held(self.pace) in paces else None

    def round_of(self, case_id: str) -> int:
        """How many decisions are open in a case that goes scene by scene."""
        return self.rounds.get(case_id, 1)

    @property
    def on_break(self) -> Item | None:
        """The break that the room has."""
        item = self.current
        return item if item is not None and item.is_break else None

    @property
    def break_ends(self) -> datetime | None:
        """When the break is thought to be over, in the time of this machine."""
        item = self.on_break
        if item is None or item.key not in self.began:
            return None
        return (datetime.fromisoformat(self.began[item.key]) + timedelta(minutes=item.minutes)).astimezone()

    @property
    def waits(self) -> bool:
        """Whether nobody may answer for now."""
        return self.paused or self.on_break is not None

    @property
    def onward(self) -> int:
        """How many items are open once the trainer goes on; 0 if nothing is left."""
        return 0 if self.opened is None else onward(self.agenda, self.opened, self.pace)

    def item(self, case_id: str) -> Item:
        """A case on the agenda; one that is not there any more is held as the room has it."""
        return next((item for item in self.agenda if item.case_id == case_id), Item(case_id, case_id))

    def rounds_open(self, case_id: str) -> float:
        """How many decisions may be made in a case."""
        return rounds_open(self.agenda, case_id, self.opened, self.pace, self.rounds)

    def story_of(self, case_id: str) -> str:
        """Whose the facts of a case are: "one" story for all, one in each "half", or each their "own"."""
        return self.item(case_id).story or self.story

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

    def person(self, member: str) -> str:
        """Who a member is: the one they were joined with, or themselves."""
        return self.merged.get(member, member)

    def counts(self, member: str) -> bool:
        """Whether what a member said counts: nobody removed this person."""
        return member not in self.removed and self.person(member) not in self.removed

    def figured(self, member: str) -> bool:
        """Whether what a member said is in the room's figures.

        In an anonymous room that of everybody is, also of who was removed: figures from which somebody's answers went would
        tell them to whoever looked before and after.
        """
        return not self.open or self.counts(member)

    @property
    def gone(self) -> int:
        """How many members take no place: removed, or a second phone of somebody."""
        return len((self.removed | self.merged.keys()) - self.by_file.keys())

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

    def next_part(self, played: Container[str], agenda: Agenda) -> WorkshopCase | None:
        """The case that comes next for whoever has played these, in the order of the agenda; None after the last."""
        left = (item.case_id for item in agenda if not item.is_break and item.case_id not in played)
        return next((self.part(case_id) for case_id in left), None)


def first_stage(workshop: Workshop) -> Stage:
    """What is set before the trainer has set anything."""
    return Stage(agenda=tuple(case_item(part.case.id) for part in workshop.parts))


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
    when: Any = None  # in an anonymous room what the log sorts by; None: not known to be logged
