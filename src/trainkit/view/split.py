"""How does a split look in words and lengths, and a room on the scale? The same on the wall and on paper."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from trainkit.case.conditions import holds, text_id
from trainkit.case.model import NARRATOR, Case
from trainkit.i18n import catalog, signed
from trainkit.room.tally import RoomSummary, Split
from trainkit.view.screen import case_text, reply_words

COLUMNS = 37  # of dots side by side: as many as fit without touching
STACK = 5  # more dots over each other than this are drawn as a column


@dataclass(frozen=True)
class Bar:
    """A reply: how many said it first (None: withheld or hidden), and after the talk; widths 0 … 100 of the longest."""

    number: int
    option: str
    text: str
    count: int | None
    width: float
    again: int | None
    again_width: float
    best: bool
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
class SplitView:
    """A scene and what the room said in it.

    ``told`` is what the narrator said last, ``line`` what was heard last before the choice, by ``who``; ``because`` why the
    most fitting reply is that; ``votes`` has the first choices and every vote again; bars show the first and ``again``, the
    last that may be shown.
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


def title(case: Case, scene: str, lang: str) -> str:
    """The title of a scene or ending."""
    key = f"{'endings' if scene in case.endings else 'scenes'}.{scene}.title"
    return case_text(case, key, lang) if key in case.texts else scene


def split_view(room: RoomSummary, split: Split, lang: str, counting: int | None = None) -> SplitView:
    """A split for the eye; the vote with number ``counting`` is still open and not shown."""
    gettext, case = catalog(lang).gettext, room.case
    votes = [Votes(gettext("first"), split.answers, split.counts)]
    closed = [one for one in split.again if one.round != counting]
    for number, one in enumerate(closed, 1):
        name = gettext("after the discussion") if len(closed) == 1 else gettext("repeat vote {n}").format(n=number)
        name = gettext("after the discussion, by team") if one.of and len(closed) == 1 else name
        votes.append(Votes(name, one.answers, one.counts, one.changed, one.teams, one.of))
    again = next((vote for vote in reversed(votes[1:]) if vote.counts is not None), None)
    first_shares, again_shares = _shares(votes[0]), _shares(again)
    longest = max((*first_shares, *again_shares), default=0) or 1
    bars = [
        Bar(
            number=n + 1,
            option=option,
            text=reply_words(case, split.scene, option, "text", split.knew, lang),
            count=split.counts[n] if split.counts is not None else None,
            width=100 * first_shares[n] / longest if first_shares else 0.0,
            again=again.counts[n] if again else None,
            again_width=100 * again_shares[n] / longest if again else 0.0,
            best=option == split.best,
            teams=again.teams[n] if again and again.teams else (),
        )
        for n, option in enumerate(split.options)
    ]
    told, who, line = _heard(case, split, lang)
    return SplitView(
        split=split,
        key=f"{case.id}/{split.scene}",
        title=title(case, split.scene, lang),
        told=told,
        who=who,
        line=line,
        bars=tuple(bars),
        because=reply_words(case, split.scene, split.best, "because", split.knew, lang) if split.best else "",
        votes=tuple(votes),
        again=again,
    )


def _shares(vote: Votes | None) -> list[float]:
    return [n / (vote.answers or 1) for n in vote.counts or ()] if vote else []


def _heard(case: Case, split: Split, lang: str) -> tuple[str, str, str]:
    """What the narrator said last, who spoke last before the choice, and the words; empty where there is no such line."""
    value_of, told = dict(split.knew).get, ""
    for number, line in reversed(list(enumerate(case.scenes[split.scene].lines, 1))):
        if holds(line.when, value_of):
            text = text_id(f"scenes.{split.scene}.lines.{number}", line.text, value_of)
            if line.speaker != NARRATOR:
                return told, case_text(case, f"speakers.{line.speaker}", lang), case_text(case, text, lang)
            told = told or case_text(case, text, lang)
    return told, "", ""


# ---- the room on the scale ------------------------------------------------------------------------------------


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
