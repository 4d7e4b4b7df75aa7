"""What is told of a room? Splits, endings, positions, what was never asked; None where it is withheld."""

from dataclasses import dataclass, replace

from trainkit.case.model import Case
from trainkit.room.records import FEW, Knew
from trainkit.room.run_summary import Choice


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who began the case, by number in order of beginning; ``place`` is where the newest run is."""

    number: int
    member: str
    name: str
    place: str
    finished: bool
    run: tuple[float, int]  # grows from one run of this person to the next, in whichever case
    runs: int
    choices: tuple[Choice, ...] = ()  # of the first run
    by_file: bool = False  # not in the room: played elsewhere
    twice: tuple[tuple[str, str, str], ...] = ()  # answered on two phones: scene, first reply, the other


@dataclass(frozen=True)
class Again:
    """A vote again: ``counts`` as in :class:`Split`, ``changed``: how many left their first choice; None: withheld.

    Of a vote of teams all counts are of teams: ``teams`` names those that chose each option, ``of`` is how many could vote.
    """

    round: int
    answers: int
    counts: tuple[int, ...] | None
    changed: int | None
    teams: tuple[tuple[str, ...], ...] = ()
    of: int = 0


@dataclass(frozen=True)
class Split:
    """The first choices in a scene; ``counts`` and ``diversity`` are None where withheld."""

    scene: str
    options: tuple[str, ...]  # that were open to anyone, in the order of the case
    answers: int  # people who decided here; in an anonymous room as many of them as count
    counts: tuple[int, ...] | None  # how many chose each option
    diversity: float | None  # index of qualitative variation, 0 all alike … 1 evenly split
    best: str | None  # most fitting by the key, for what most who answered knew; None if nobody has, or not measured
    knew: Knew  # what most who answered remembered and knew, as far as it changes words or keys here
    again: tuple[Again, ...] = ()  # votes again, in order
    learnt: frozenset[str] = frozenset()  # facts that somebody had asked about whose words and best reply are shown
    voters: int = 0  # people who decided here, and so may vote on it again
    varied: bool = False  # whether some of who answered heard or read it otherwise
    reached: bool = False  # whether it may be said that somebody has decided here
    otherwise: tuple[tuple[str, Knew], ...] = ()  # in an open room: replies that were chosen by who knew otherwise

    @property
    def withheld(self) -> bool:
        """Whether too few have answered for the counts to be shown."""
        return self.counts is None


@dataclass(frozen=True)
class Inquired:
    """A fact that could be asked about, among those who are past asking.

    ``changed`` of ``reviewed`` (finished runs that never asked) would have had another best reply knowing it, ``points`` of
    Play better on average; ``reply`` is the reply that was best most often then, as (scene, option, knew). None: withheld,
    or not measured.
    """

    fact: str
    asked: int
    never: int
    reviewed: int
    changed: int | None
    points: float | None
    reply: tuple[str, str, Knew] | None


@dataclass(frozen=True)
class Disagreed:
    """Reasons against the key of a reply: (number of the person, words)."""

    scene: str
    option: str
    knew: Knew
    reasons: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class RoomSummary:
    """What a room did in a case; None stands for what is withheld because it is of too few people."""

    case: Case  # in the version that counts
    few: int = FEW  # figures of fewer people are withheld
    lang: str = "ru"  # the room's
    hidden: frozenset[str] = frozenset()  # facts that somebody in the room can still ask about
    anonymous: bool = False  # nobody may know who said what: figures move in steps
    counting: int | None = None  # number of the vote again that is open in this case
    people: tuple[Person, ...] = ()  # everyone who began it
    left_out: int = 0  # people whose first run was of another version of the case; nothing below counts them
    finished: int = 0  # first runs that reached an ending
    splits: tuple[Split, ...] = ()  # one for each scene where there is something to decide, in the order of the case
    endings: dict[str, int] | None = None  # where finished first runs ended
    positions: tuple[float, ...] | None = None  # −100 … +100, sorted, of who has three placed decisions
    target: tuple[float, float, float] | None = None  # lowest, mean and highest position that the case asked of them
    passed: int = 0  # people who are past asking
    inquiry: tuple[Inquired, ...] | None = None  # one for each fact one can ask about; empty where there is none
    disagreements: tuple[Disagreed, ...] | None = None  # in the order of the case
    halves: tuple[tuple[Knew, "RoomSummary"], ...] = ()  # condition → who played it, where a room was parted by design

    def split(self, scene: str) -> Split | None:
        """The split of a scene, if there is something to decide in it."""
        return next((split for split in self.splits if split.scene == scene), None)


def withheld(room: RoomSummary, few: int) -> RoomSummary:
    """What an open room did, as :func:`tally` tells it where figures of fewer than ``few`` people are withheld.

    ``room`` was tallied for fewer; people and what is of enough of them are not made a second time.
    """
    first = len(room.people) - room.left_out
    return replace(
        room,
        few=few,
        splits=tuple([_split_withheld(split, few) for split in room.splits]),
        endings=room.endings if room.finished >= few else None,
        positions=room.positions if len(room.positions or ()) >= few else None,
        target=room.target if len(room.positions or ()) >= few else None,
        inquiry=tuple([_inquired_withheld(one, few) for one in room.inquiry or ()]) if room.passed >= few else None,
        disagreements=room.disagreements if first >= few else None,
        halves=tuple([(condition, withheld(half, few)) for condition, half in room.halves]),
    )


def _split_withheld(split: Split, few: int) -> Split:
    again = tuple(
        [one if one.of or one.answers >= few else replace(one, counts=None, changed=None) for one in split.again]
    )
    if split.answers < few:
        return replace(split, counts=None, diversity=None, again=again)
    return replace(split, again=again) if again != split.again else split


def _inquired_withheld(one: Inquired, few: int) -> Inquired:
    return one if one.reviewed >= few else replace(one, changed=None, points=None, reply=None)
