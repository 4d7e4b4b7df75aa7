"""What did a room do? Its tallies as pictures: data in, matplotlib Axes out, no global state."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trainkit.figures.colours import ACCENT, INK, LINE, MUTED, ON_ACCENT
from trainkit.i18n import catalog, signed
from trainkit.room.room_summary import RoomSummary, Split
from trainkit.view.screen import case_text
from trainkit.view.split import condition_words, public_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WRAP = 46  # letters of a reply on a line


def _axes(height: float) -> Axes:
    from matplotlib.figure import Figure

    ax = Figure(figsize=(8, height), layout="constrained").add_subplot()
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(LINE)
    ax.tick_params(colors=MUTED, length=0)
    return ax


def splits(room: RoomSummary, split: Split, lang: str) -> Axes:
    """First choices in a scene as bars, and the last vote again as outlines; the counts must not be withheld."""
    case, texts = room.case, [public_words(room, split, name, lang) for name in split.options]
    wrapped = ["\n".join(textwrap.wrap(text, WRAP)) for text in texts]
    ax = _axes(0.5 + 0.28 * sum(text.count("\n") + 2 for text in wrapped))
    rows = range(len(texts))
    again = next((vote.counts for vote in reversed(split.again) if vote.counts is not None), None)
    ax.barh(rows, split.counts, height=0.36, color=ACCENT)
    for row, count in zip(rows, split.counts, strict=True):
        ax.annotate(str(count), (count, row), xytext=(4, 0), textcoords="offset points", va="center", color=INK)
    if again is not None:
        ax.barh([row + 0.32 for row in rows], again, height=0.2, fill=False, edgecolor=ACCENT, linewidth=1.4)
    ax.set_yticks(rows, wrapped, color=INK)
    ax.set_xticks([])
    ax.invert_yaxis()
    ax.set_title(case_text(case, f"scenes.{split.scene}.title", lang), loc="left", color=INK)
    return ax


def spectrum(positions: Sequence[float], target: float | None, lang: str) -> Axes:
    """Positions of a room on the scale, a dot each, and the position the case asks for: all −100 … +100."""
    gettext = catalog(lang).gettext
    ax = _axes(2.2)
    stacked: Counter[int] = Counter()
    for position in sorted(positions):
        column = round(position / 4)
        stacked[column] += 1
        ax.plot(4 * column, stacked[column], "o", color=ACCENT, markersize=9, markeredgecolor=ON_ACCENT)
    tall = max(stacked.values(), default=1)
    if target is not None:
        ax.plot(target, 0.1, "D", color=INK, markersize=8, clip_on=False)
        asked = gettext("the case asks for {n}").format(n=signed(target))
        ax.annotate(asked, (target, 0.1), xytext=(8, -3), textcoords="offset points", color=INK)
    ax.set(xlim=(-104, 104), ylim=(-0.3, tall + 0.8), yticks=[])
    poles = gettext("Take the request as it is"), gettext("First understand what it is for")
    ax.set_xticks([-100, 0, 100], [poles[0], "0", poles[1]], color=INK)
    return ax


def room_figures(room: RoomSummary, lang: str) -> list[tuple[Figure, str]]:
    """Pictures of a room in one case, each with its description: the spectrum, then the scenes, the most divisive first."""
    gettext = catalog(lang).gettext
    figures = []
    for condition, half in room.halves:
        label = condition_words(room.case, condition, lang)
        for figure, text in room_figures(half, lang):
            figure.suptitle(label, x=0.01, ha="left", color=MUTED)
            figures.append((figure, f"{label}. {text}"))
    if room.halves:
        return figures
    if room.positions is not None:
        target = room.target[1] if room.target else None
        said = gettext("{n} people on the scale, from {low} to {high}.").format(
            n=len(room.positions), low=signed(room.positions[0]), high=signed(room.positions[-1])
        )
        figures.append((spectrum(room.positions, target, lang).figure, said))
    told = sorted((split for split in room.splits if split.counts), key=lambda split: -(split.diversity or 0))
    for split in told:
        title = case_text(room.case, f"scenes.{split.scene}.title", lang)
        counts = ", ".join(map(str, split.counts))
        figures.append((splits(room, split, lang).figure, f"{title}: {counts}"))
    return figures
