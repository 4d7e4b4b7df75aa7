"""How do people compare? Groups on the spectrum, before and after, and how much is people at all: with intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trainkit.analysis.generalisability import Components
from trainkit.analysis.groups import before_after as change_of
from trainkit.analysis.sentences import (
    ENOUGH,
    components_table,
    of_change,
    of_components,
    of_dependability,
    of_position,
    of_trouble,
    per_cent,
    points,
)
from trainkit.analysis.summary import Mean, mean
from trainkit.errors import TrainkitError
from trainkit.figures.colours import ACCENT, INK, LINE, MUTED, towards_accent
from trainkit.figures.picture import Picture, begin, style, wrapped
from trainkit.i18n import catalog, decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMN = 4  # points of the scale that share a stack of dots


def spectrum(
    positions: Mapping[str, Sequence[float]],
    lang: str,
    *,
    synthetic: bool,
    target: float | None = None,
    ax: Axes | None = None,
) -> Picture:
    """Groups between orientation and centricity: a dot a person, and the mean with its interval.

    Parameters
    ----------
    positions : mapping
        Group → position of each person, −100 … +100; the name may be empty where there is one group only.
    synthetic : bool
        Whether simulated people are among them.
    target : float, optional
        What the scenes ask for on average, −100 … +100.
    """
    import pandas as pd

    gettext = catalog(lang).gettext
    clean = {group: [float(one) for one in values if one == one] for group, values in positions.items()}
    stacks = {group: Counter(round(one / COLUMN) for one in values) for group, values in clean.items()}
    tallest = max((max(stack.values(), default=1) for stack in stacks.values()), default=1)
    ax = begin(ax, 1.5 + 1.35 * max(1, len(clean)), gettext("Where people stand"), synthetic, lang)
    said, rows = [], []
    size = max(2.0, min(6.0, 62 / tallest))
    for row, (group, values) in enumerate(clean.items()):
        look, base = style(row), -1.3 * row
        for column, n in stacks[group].items():
            heights = [base + 0.06 + 0.8 * (one + 0.5) / max(tallest, 12) for one in range(n)]
            ax.plot(
                [COLUMN * column] * n,
                heights,
                look.marker,
                color=look.colour,
                mfc=look.fill,
                ms=size,
                mew=0.7,
                alpha=0.75,
            )
        ax.axhline(base, color=LINE, linewidth=1, zorder=0)
        try:
            found: Mean | None = mean(values)
        except TrainkitError as error:
            found = None
            said.append(f"{group}: {of_trouble(error, lang)}" if group else of_trouble(error, lang))
        if found is not None:
            low, high = found.interval or (found.value, found.value)
            ax.plot([low, high], [base - 0.14] * 2, color=look.colour, linewidth=5, solid_capstyle="butt")
            ax.plot(found.value, base - 0.14, look.marker, color=look.colour, mfc=look.fill, ms=9, mew=1.5)
            label = points(found.value, lang, sign=True)
            ax.annotate(label, (high, base - 0.14), xytext=(9, 0), textcoords="offset points", va="center", color=INK)
            sentence = of_position(found, lang, target)
            said.append(f"{group}: {sentence}" if group else sentence)
            rows.append((group, found.n, found.value, low, high))
        if group:
            ax.annotate(wrapped(str(group), 22), (-104, base + 0.5), color=INK, va="center", fontweight="bold")
    bottom = -1.3 * (max(1, len(clean)) - 1) - 0.38
    if target is not None and target == target:
        ax.axvline(target, color=INK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        asked = gettext("asked for: {n}").format(n=points(target, lang, sign=True))
        ax.annotate(asked, (target, 1.0), xytext=(5, 0), textcoords="offset points", va="top", color=INK, fontsize=9)
    ax.set(xlim=(-106, 106), ylim=(bottom, 1.02), yticks=[])
    ends = gettext("Take the request as it is"), gettext("First understand what it is for")
    ax.set_xticks([-100, -50, 0, 50, 100], [f"−100\n{ends[0]}", "−50", "0", "+50", f"+100\n{ends[1]}"])
    for label, side in zip(ax.get_xticklabels()[::4], ("left", "right"), strict=True):
        label.set_horizontalalignment(side)
    table = pd.DataFrame(rows, columns=["group", "people", "mean", "low", "high"])
    if not any(clean):  # a group without a name is everybody
        table = table.drop(columns="group")
    return Picture(ax, gettext("Where people stand"), " ".join(said), table, lang)


def before_after(
    frame: Any, lang: str, *, synthetic: bool, waves: tuple[str, str], what: str = "", ax: Axes | None = None
) -> Picture:
    """The same people before and after: each a line, groups as means with intervals.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a person: ``group`` (empty texts where there is one), ``before`` and ``after`` (points of a scale of 100).
        Groups stand in the order in which they come.
    waves : pair of str
        What before and after are called.
    """
    import pandas as pd

    gettext = catalog(lang).gettext
    title = gettext("{what} before and after").format(what=what or gettext("Fit"))
    ax = begin(ax, 4.4, title, synthetic, lang)
    both = frame.dropna(subset=["before", "after"])
    for _, one in both.iterrows():
        ax.plot([0, 1], [one["before"], one["after"]], color=LINE, linewidth=0.5, alpha=0.5, zorder=1)
    said, rows, ends = [], [], []
    for number, (group, mine) in enumerate(both.groupby("group", sort=False)):
        look, shift = style(number), 0.012 * number
        try:
            found = [mean(mine[when]) for when in ("before", "after")]
            said.append(of_change(change_of(mine["before"], mine["after"]), lang, str(group) or None, what))
        except TrainkitError as error:
            said.append((f"{group}: " if group else "") + of_trouble(error, lang))
            continue
        places, values = [shift, 1 + shift], [one.value for one in found]
        bounds = [one.interval or (one.value, one.value) for one in found]
        pairs = list(zip(values, bounds, strict=True))
        away = [[value - low for value, (low, _) in pairs], [high - value for value, (_, high) in pairs]]
        ax.errorbar(
            places, values, yerr=away, color=look.colour, marker=look.marker, mfc=look.fill, ms=8, linewidth=2,
            linestyle=look.line, capsize=5, elinewidth=2, zorder=3 + number,
        )  # fmt: skip
        ends.append([values[1], f"{group} {points(values[1], lang)}".strip()])
        rows += [(group, when, one.n, one.value, *bound) for when, one, bound in zip(waves, found, bounds, strict=True)]
    for place, text in _apart(ends, 5.0):
        ax.annotate(wrapped(text, 20), (1.06, place), color=INK, va="center")
    shown = [*both["before"], *both["after"], 100.0]
    low = 10 * (min(shown) // 10)
    ax.set(
        xlim=(-0.08, 1.42),
        ylim=(low - 2, max(shown) + 2),
        ylabel=gettext("{what}, points").format(what=what or gettext("Fit")),
    )
    ax.yaxis.label.set_color(MUTED)
    ax.grid(axis="y", color=LINE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xticks([0, 1], list(waves))
    table = pd.DataFrame(rows, columns=["group", "wave", "people", "mean", "low", "high"])
    return Picture(ax, title, " ".join(said), table, lang)


def _apart(ends: list[list[Any]], least: float) -> list[tuple[float, str]]:
    """Places of labels, from below, so that no two are nearer than this."""
    placed: list[tuple[float, str]] = []
    for place, text in sorted(ends):
        placed.append((max(place, placed[-1][0] + least) if placed else place, text))
    return placed


def variance_components(found: Components, lang: str, *, synthetic: bool, ax: Axes | None = None) -> Picture:
    """What answers differ by: people, cases, scenes, and the rest, as shares of all variance with their intervals."""
    import pandas as pd

    gettext = catalog(lang).gettext
    title = gettext("What makes answers differ")
    ax = begin(ax, 3.1, title, synthetic, lang)
    parts = components_table(found, lang)
    whole = sum(part["variance"] for part in parts) or 1.0
    names = [wrapped(str(part["source"]), 26) for part in parts]
    for row, part in enumerate(parts):
        low, high = part["low"] / whole, part["high"] / whole
        ax.barh(row, part["share"], height=0.5, color=towards_accent(0.75), edgecolor=ACCENT)
        ax.plot([low, min(high, 1.0)], [row, row], color=INK, linewidth=1.6, zorder=3)
        for end in (low, high):
            if end <= 1.0:
                ax.plot([end] * 2, [row - 0.12, row + 0.12], color=INK, linewidth=1.6, zorder=3)
        if high > 1.0:  # an honest interval may go beyond all that there is
            ax.plot(1.0, row, ">", color=INK, ms=7, clip_on=False, zorder=3)
        label = per_cent(part["share"], lang)
        ax.annotate(label, (min(high, 1.0), row), xytext=(8, 0), textcoords="offset points", va="center", color=INK)
    ax.set_yticks(range(len(parts)), names)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], [per_cent(one, lang) for one in (0, 0.25, 0.5, 0.75, 1)])
    ax.set(
        xlim=(0, 1.1),
        xlabel=gettext("share of all variance; the thin line is the {level} interval").format(
            level=per_cent(found.level, lang)
        ),
    )
    ax.xaxis.label.set_color(MUTED)
    ax.invert_yaxis()
    table = pd.DataFrame(parts)[["source", "variance", "low", "high", "share"]]
    table = table.rename(columns={"low": "variance_low", "high": "variance_high"})
    return Picture(ax, title, of_components(found, lang), table, lang)


def how_many_cases(
    found: Components, lang: str, *, synthetic: bool, most: int = 10, wanted: float = ENOUGH, ax: Axes | None = None
) -> Picture:
    """How dependable a mean over one, two, … cases is: to compare people, with its interval; against a standard, at worst."""
    gettext = catalog(lang).gettext
    title = gettext("How many cases would do")
    ax = begin(ax, 3.6, title, synthetic, lang)
    table = found.d_study(most)
    one, two = style(0), style(1)
    ax.fill_between(
        table["cases"], table["number_low"], table["number_high"], color=towards_accent(0.2), linewidth=0, zorder=1
    )
    for column, look, shift, told in (
        ("dependability", one, 5, gettext("to compare people who met the same cases")),
        ("worst", two, -5, gettext("against a standard, if cases are as unlike as the interval allows")),
    ):
        ax.plot(
            table["cases"],
            table[column],
            color=look.colour,
            marker=look.marker,
            mfc=look.fill,
            linestyle=look.line,
            zorder=3,
        )
        ax.annotate(
            wrapped(told, 24), (most, table[column].iloc[-1]), xytext=(10, shift), textcoords="offset points",
            va="bottom" if shift > 0 else "top", color=INK, fontsize=9, annotation_clip=False,
        )  # fmt: skip
    ax.axhline(wanted, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=2)
    ax.set(xlim=(0.7, most * 1.42), ylim=(0, 1.02), xticks=range(1, most + 1))
    ticks = [0.0, 0.25, 0.5, wanted, 1.0]
    ax.set_yticks(ticks, [decimal(tick, lang) for tick in ticks])
    ax.set_xlabel(
        gettext("cases; the band is the {level} interval of the upper line").format(level=per_cent(found.level, lang))
    )
    ax.set_ylabel(gettext("generalisability coefficient of a person’s mean"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_color(MUTED)
    return Picture(ax, title, of_dependability(found, lang, wanted), table, lang)
