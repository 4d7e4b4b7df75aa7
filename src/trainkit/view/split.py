"""How does a split look in words and lengths, and a room on the scale? The same on the wall and on paper."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from trainkit.case.model import Case
from trainkit.i18n import catalog, signed
from trainkit.room.records import Knew
from trainkit.room.room_summary import RoomSummary, Split
from trainkit.view.heard import heard_last
from trainkit.view.kept_back import needs_asking, unlearnt
from trainkit.view.letters import letters
from trainkit.view.screen import case_text, reply_words

COLUMNS = 37  # of dots side by side: as many as fit without touching
STACK = 5  # more dots over each other than this are drawn as a column


@dataclass(frozen=True)
class Bar:
    """A reply: how many said it first (None: withheld or hidden), and after the talk; widths 0 … 100 of the longest."""

    letter: str
    option: str
    text: str
    count: int | None
    width: float
    again: int | None
    again_width: float
    best: bool
    kept_back: bool = False  # its words would tell what others can still ask about
    other: str = ""  # its words in another half of the room, where these differ
    teams: tuple[str, ...] = ()  # that chose it in the last vote, where that was one of teams


@dataclass(frozen=True)
class Votes:
    """A vote: when, how many took part, how many changed their reply; ``counts`` None where withheld."""

    name: str
    answers: int
    counts: tuple[int, ...] | None
    changed: int | None = None
    teams: tuple[tuple[str, ...], ...] = ()  # of a vote of teams: which chose each reply; counts are of teams
    of: int = 0  # teams that could vote


@dataclass(frozen=True)
class HalfView:
    """A scene in one half of a room: which half, and its bars beside those of the whole; None where it hasn't the reply."""

    label: str
    split: Split
    bars: tuple[Bar | None, ...]
    because: str
    again: Votes | None


@dataclass(frozen=True)
class SplitView:
    """A scene and what the room said in it.

    ``told`` is what the narrator said last, ``line`` what was heard last before the choice, by ``who``; ``because`` why the
    most fitting reply is that; ``votes`` has the first choices and every vote again; bars, in the order of their letters,
    show the first and ``again``, the last that may be shown.
    """

    split: Split
    key: str
    title: str
    told: str
    who: str
    line: str
    bars: tuple[Bar, ...]
    because: str
    votes: tuple[Votes, ...]
    again: Votes | None
    key_waits: bool = False  # somebody can still ask about what the key knows
    least: bool = False  # there are at least so many answers as are counted, and not more is said
    halves: tuple[HalfView, ...] = ()  # where the room was parted by design; then the bars have words and no numbers

    @property
    def withheld(self) -> bool:
        """Whether there is no number to be shown."""
        return all(half.split.withheld for half in self.halves) if self.halves else self.split.withheld


def title(case: Case, scene: str, lang: str) -> str:
    """The title of a scene or ending."""
    key = f"{'endings' if scene in case.endings else 'scenes'}.{scene}.title"
    return case_text(case, key, lang) if key in case.texts else scene


def split_view(
    room: RoomSummary, split: Split, lang: str, counting: int | None = None, public: bool = False
) -> SplitView:
    """A split for the eye; the vote with number ``counting`` is still open and not shown.

    Where it is ``public``, words and key tell nothing that somebody in the room can still ask about.
    """
    gettext, case = catalog(lang).gettext, room.case
    knew = unlearnt(case, split.knew, room.hidden) if public else split.knew
    named = letters(case, split.scene, room.lang)
    places = sorted(range(len(split.options)), key=[*map([*named].index, split.options)].__getitem__)

    def in_order(counts: Sequence[Any] | None) -> tuple[Any, ...] | None:
        return tuple([counts[n] for n in places]) if counts else None if counts is None else ()

    def words(option: str, part: str) -> str:
        return reply_words(case, split.scene, option, part, knew, lang)

    counting = room.counting if counting is None else counting
    votes = [Votes(gettext("first"), split.answers, in_order(split.counts))]
    closed = [one for one in split.again if one.round != counting]
    for number, one in enumerate(closed, 1):
        name = gettext("after the discussion") if len(closed) == 1 else gettext("repeat vote {n}").format(n=number)
        name = gettext("after the discussion, by team") if one.of and len(closed) == 1 else name
        votes.append(Votes(name, one.answers, in_order(one.counts), one.changed, in_order(one.teams), one.of))
    again = next((vote for vote in reversed(votes[1:]) if vote.counts is not None), None)
    first_shares, again_shares = _shares(votes[0]), _shares(again)
    longest = max((*first_shares, *again_shares), default=0) or 1
    bars = [
        Bar(
            letter=named[option],
            option=option,
            text=public_words(room, split, option, lang) if public else words(option, "text"),
            count=votes[0].counts[n] if votes[0].counts is not None else None,
            width=100 * first_shares[n] / longest if first_shares else 0.0,
            again=again.counts[n] if again else None,
            again_width=100 * again_shares[n] / longest if again else 0.0,
            best=option == split.best,
            kept_back=needs_asking(case, split.scene, option, room.hidden),
            teams=again.teams[n] if again and again.teams else (),
            other=_other_words(room, split, option, lang) if public else "",
        )
        for n, option in enumerate([split.options[place] for place in places])
    ]
    told, who, line = heard_last(case, split.scene, knew, lang)
    whole = SplitView(
        split=split,
        key=f"{case.id}/{split.scene}",
        title=title(case, split.scene, lang),
        told=told,
        who=who,
        line=line,
        bars=tuple(bars),
        because=words(split.best, "because") if split.best and not (public and key_waits(room, split)) else "",
        votes=tuple(votes),
        again=again,
        key_waits=key_waits(room, split),
        least=room.anonymous,
    )
    return _beside_each_other(room, whole, lang, counting, public) if room.halves else whole


def _beside_each_other(room: RoomSummary, whole: SplitView, lang: str, counting: int | None, public: bool) -> SplitView:
    """The same scene with the halves of the room: a reply in the words of those whom most have heard say it."""
    case, scene = room.case, whole.split.scene
    seen = []
    for condition, half in room.halves:
        split = half.split(scene)
        if split is not None and split.reached:
            seen.append((condition_words(case, condition, lang), split_view(half, split, lang, counting, public)))
    if not seen:  # in no half may it be said that somebody is there
        hushed = [replace(bar, count=None, again=None, width=0.0, again_width=0.0, best=False) for bar in whole.bars]
        split = replace(whole.split, counts=None, diversity=None)
        return replace(whole, split=split, bars=tuple(hushed), because="", again=None, votes=whole.votes[:1])
    seen_most = sorted((view for _, view in seen), key=lambda view: -view.split.answers)
    bars = []
    for option in letters(case, scene, room.lang):
        said = [bar for view in seen_most for bar in view.bars if bar.option == option]
        if said:
            other = next((bar.text for bar in said if bar.text != said[0].text), "")
            bars.append(replace(said[0], count=None, again=None, width=0.0, again_width=0.0, best=False, other=other))
    shares = [_shares(vote) for _, view in seen for vote in (view.votes[0], view.again)]
    longest = max((share for one in shares for share in one), default=0) or 1
    halves = [_half(label, view, [bar.option for bar in bars], longest) for label, view in seen]
    first = seen_most[0] if seen_most else whole
    return replace(
        whole,
        told=first.told,
        who=first.who,
        line=first.line,
        bars=tuple(bars),
        because="",
        again=None,
        key_waits=any(view.key_waits for _, view in seen),
        halves=tuple(halves),
    )


def _half(label: str, view: SplitView, options: Sequence[str], longest: float) -> HalfView:
    """One half, drawn to the scale of both."""
    mine = {}
    for bar in view.bars:
        width = 100 * (bar.count or 0) / (view.split.answers or 1) / longest
        again = 100 * (bar.again or 0) / view.again.answers / longest if view.again else 0.0
        mine[bar.option] = replace(bar, width=width, again_width=again)
    return HalfView(label, view.split, tuple(map(mine.get, options)), view.because, view.again)


def condition_words(case: Case, condition: Knew, lang: str) -> str:
    """What is so in one half of a room."""
    return "; ".join(
        f"{case_text(case, f'facts.{fact}.label', lang)}: {case_text(case, f'facts.{fact}.values.{value}', lang).rstrip('.')}"
        for fact, value in condition
    )


def key_waits(room: RoomSummary, split: Split) -> bool:
    """Whether the key of a split is made with what somebody in the room can still ask about."""
    best = bool(split.best) and needs_asking(room.case, split.scene, split.best, room.hidden)
    return best or not room.hidden.isdisjoint(split.learnt)


def public_words(room: RoomSummary, split: Split, option: str, lang: str) -> str:
    """The words of a reply as the whole room may read them."""
    if needs_asking(room.case, split.scene, option, room.hidden):
        return catalog(lang).gettext("a reply that not everybody has")
    knew = unlearnt(room.case, split.knew, room.hidden)
    return reply_words(room.case, split.scene, option, "text", knew, lang)


def _other_words(room: RoomSummary, split: Split, option: str, lang: str) -> str:
    """How a reply read for somebody who chose it and remembered something else; empty where it read alike for all."""
    shown = public_words(room, split, option, lang)
    for chosen, knew in split.otherwise:
        if chosen == option and not needs_asking(room.case, split.scene, option, room.hidden):
            words = reply_words(room.case, split.scene, option, "text", unlearnt(room.case, knew, room.hidden), lang)
            if words != shown:
                return words
    return ""


def _shares(vote: Votes | None) -> list[float]:
    return [n / (vote.answers or 1) for n in vote.counts or ()] if vote else []


# ---- the room on the scale ------------------------------------------------------------------------------------


def room_scales(room: RoomSummary, lang: str, key: bool) -> list[tuple[str, dict[str, Any]]]:
    """The scales of a room: that of all, or one for each half with its name; none where that is withheld."""
    parted = [(condition_words(room.case, condition, lang), half) for condition, half in room.halves]
    scales = ((name, room_scale(half, lang, key)) for name, half in parted or [("", room)])
    return [(name, scale) for name, scale in scales if scale is not None]


def room_scale(room: RoomSummary, lang: str, key: bool) -> dict[str, Any] | None:
    """Where the people of a room stand; with ``key`` where the case asks them to. None where that is withheld.

    ``dots`` are (position, level from 0); where they would be too high there are ``columns`` (position, share of the
    highest) instead.
    """
    if room.positions is None:
        return None
    step = 200 / (COLUMNS - 1)
    stacks = Counter(round((position + 100) / step) for position in room.positions)
    highest = max(stacks.values())
    columns = dots = ()
    if highest > STACK:
        columns = tuple((n * step - 100, count / highest) for n, count in sorted(stacks.items()))
    else:
        dots = tuple((n * step - 100, level) for n, count in sorted(stacks.items()) for level in range(count))
    low, mean, high = room.target or (0.0, 0.0, 0.0)
    asks = _asks(low, mean, high, lang) if key and room.target else ""
    return {
        "dots": dots,
        "columns": columns,
        "rows": min(highest, STACK),
        "target": mean if asks else None,
        "target_from": low,
        "target_to": high,
        "asks": asks,
        "description": _described(room.positions, asks, lang),
    }


def _asks(low: float, mean: float, high: float, lang: str) -> str:
    gettext = catalog(lang).gettext
    if high - low < 10:
        return gettext("the case asks for {n}").format(n=signed(mean))
    return gettext("the case asks for {low} to {high}, depending on the way taken").format(
        low=signed(low), high=signed(high)
    )


def _described(positions: Sequence[float], asks: str, lang: str) -> str:
    text = catalog(lang).ngettext(
        "{n} person on the scale: from {low} to {high}, the middle at {middle}",
        "{n} people on the scale: from {low} to {high}, the middle at {middle}",
        len(positions),
    )
    values = {"low": signed(positions[0]), "high": signed(positions[-1]), "middle": signed(median(positions))}
    return text.format(n=len(positions), **values) + (f"; {asks}" if asks else "")
