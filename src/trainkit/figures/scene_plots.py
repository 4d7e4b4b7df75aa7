"""What happens in a scene? Splits, the map of items, option curves: with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trainkit.analysis.items import MANY, WEAK, weak
from trainkit.analysis.sentences import of_share, per_cent, points
from trainkit.analysis.study_sentences import of_best_curve
from trainkit.analysis.summary import share
from trainkit.errors import UnknownName
from trainkit.figures.colours import ACCENT, INK, LINE, MUTED, ON_ACCENT, towards_accent
from trainkit.figures.picture import LEVEL, Picture, begin, muted_labels, style, wrapped
from trainkit.i18n import catalog, decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Names = Mapping[str, str] | None  # of scenes (``case/scene``) and replies (``case/scene/option``), in words


def splits(
    endorsed: Any, item: str, lang: str, *, synthetic: bool, names: Names = None, ax: Axes | None = None
) -> Picture:
    """How a scene divided people: a bar a reply with its interval, the one that the key calls best marked.

    Parameters
    ----------
    endorsed : pandas.DataFrame
        What :func:`trainkit.analysis.items.endorsement` returns.
    item : str
        ``case/scene``.

    Raises
    ------
    UnknownName
        If nobody met it, or there is no such.
    """
    import pandas as pd

    gettext, names = catalog(lang).gettext, names or {}
    if item not in set(endorsed["item"]):
        raise UnknownName("scene", item, sorted(set(endorsed["item"])))
    mine = endorsed[endorsed["item"] == item].sort_values(["people", "option"], ascending=[False, True])
    n, best, title = int(mine["people"].sum()), mine["fit"].max(), names.get(item, item)
    labels = [wrapped(names.get(f"{item}/{option}", str(option))) for option in mine["option"]]
    ax = begin(ax, 1.3 + 0.22 * sum(label.count("\n") + 2 for label in labels), title, synthetic, lang)
    rows, said = [], ""
    for row, (_, one) in enumerate(mine.iterrows()):
        found, right = share(int(one["people"]), n, LEVEL), bool(one["fit"] == best)
        fill = ACCENT if right else towards_accent(0.3)
        ax.barh(row, found.value, height=0.5, color=fill, edgecolor=ACCENT, linewidth=0.8)
        ax.plot(found.interval, [row + 0.36] * 2, color=INK, linewidth=1.4)
        for end in found.interval:
            ax.plot([end] * 2, [row + 0.3, row + 0.42], color=INK, linewidth=1.4)
        mark = gettext("  ✓ best by the key, on average") if one["varies"] else gettext("  ✓ best by the key")
        label = per_cent(found.value, lang) + (mark if right else "")
        weight = "bold" if right else "normal"
        end = max(found.value, found.interval[1]), row
        ax.annotate(label, end, xytext=(6, 0), textcoords="offset points", va="center", color=INK, fontweight=weight)
        if right and not said:
            told = gettext("{k} of {n} took the reply that the key calls best: {share} ({interval}).")
            if one["varies"]:  # what was known decides
                told = gettext("{k} of {n} took the reply that on average is best by the key: {share} ({interval}).")
            said = of_share(found, told, lang)
        key = gettext("best") if right else None
        rows.append((names.get(f"{item}/{one['option']}", one["option"]), found.k, found.value, *found.interval, key))
    ax.set_yticks(range(len(labels)), labels)
    ax.set_xlim(0, 1.75)
    ax.set_xticks([0, 0.5, 1], [per_cent(one, lang) for one in (0, 0.5, 1)])
    told = gettext("share of people; the thin line is the {level} interval")
    ax.set_xlabel(told.format(level=per_cent(LEVEL, lang)))
    muted_labels(ax)
    ax.invert_yaxis()
    table = pd.DataFrame(rows, columns=["option", "people", "share", "share_low", "share_high", "key"])
    return Picture(ax, title, f"{title}. {said}", table, lang)


def item_map(
    scenes: Any, items: Any, lang: str, *, synthetic: bool, names: Names = None, ax: Axes | None = None
) -> Picture:
    """Scenes by how many took the best reply, and by how the scene goes with the others; numbers lead to the table.

    Those that fewer than 20 people met stand in the table only: a correlation of so few says next to nothing.

    Parameters
    ----------
    scenes, items : pandas.DataFrame
        What :func:`trainkit.analysis.summary.by_scene` and :func:`trainkit.analysis.items.item_table` return.
    """
    gettext, names = catalog(lang).gettext, names or {}
    title = gettext("How hard each scene is, and how well it tells people apart")
    ax = begin(ax, 5.4, title, synthetic, lang)
    rest = items.assign(item_rest=items["item_rest"].where(items["people_rest"] >= MANY))[
        ["item", "item_rest", "people_rest"]
    ]
    both = scenes.merge(rest, on="item", how="left").sort_values("best", kind="stable").reset_index(drop=True)
    both.insert(0, "number", both.index + 1)
    shown = both.dropna(subset=["item_rest"])
    ax.axhspan(-1, WEAK, color=towards_accent(0.08), zorder=0)
    for _, one in shown.iterrows():
        place = one["best"], one["item_rest"]
        ax.plot([one["low"], one["high"]], [place[1]] * 2, color=LINE, linewidth=1.2, zorder=1)
        ax.plot(*place, "o", ms=12.5, color=ON_ACCENT, mec=ACCENT, mew=1.2, zorder=2)
        ax.annotate(str(one["number"]), place, ha="center", va="center", fontsize=7, color=INK, zorder=3)
    lowest, highest = min([0.0, *shown["item_rest"]]) - 0.08, max([0.5, *shown["item_rest"]]) + 0.06
    left, right = max(0.0, min([0.9, *both["low"]]) - 0.03), min(1.0, max([0.1, *both["high"]]) + 0.03)
    how: dict[str, Any] = {"textcoords": "offset points", "va": "top", "color": MUTED, "fontsize": 9}
    ax.annotate(gettext("hardly tells people apart"), (left, WEAK), xytext=(4, -4), **how)
    ax.set_xticks([one / 10 for one in range(11)], [per_cent(one / 10, lang) for one in range(11)])
    ticks = [one / 10 for one in range(-10, 11, 2)]
    ax.set_yticks(ticks, [decimal(one, lang, 1) for one in ticks])
    ax.set(xlim=(left, right), ylim=(lowest, highest))
    told = gettext("share that took the best reply, with its {level} interval")
    ax.set_xlabel(told.format(level=per_cent(LEVEL, lang)))
    ax.set_ylabel(gettext("correlation with fit in the other scenes"))
    muted_labels(ax)
    both["scene"] = [names.get(item, item) for item in both["item"]]
    table = both[["number", "scene", "people", "best", "low", "high", "item_rest"]]
    table = table.rename(columns={"low": "share_low", "high": "share_high"})
    return Picture(ax, title, _of_map(both, lang), table, lang)


def _of_map(both: Any, lang: str) -> str:
    """How hard the scenes are, and how many of them tell little."""
    if not len(both):
        return catalog(lang).gettext("No scene has a key and enough people.")
    under, surely = weak(both, WEAK, LEVEL)
    said = catalog(lang).ngettext(
        "{n} scene, best replies from {low} to {high}; hardly telling people apart (r under {limit}): {weak}, surely {sure}.",
        "{n} scenes, best replies from {low} to {high}; hardly telling people apart (r under {limit}): {weak}, surely "
        "{sure}.",
        len(both),
    )
    low, high = (per_cent(one, lang) for one in (both["best"].min(), both["best"].max()))
    return said.format(n=len(both), low=low, high=high, weak=under, sure=surely, limit=decimal(WEAK, lang, 1))


def option_curves(
    curves: Any, item: str, lang: str, *, synthetic: bool, names: Names = None, ax: Axes | None = None
) -> Picture:
    """How the choice in one scene changes with how people do elsewhere: a line a reply.

    Parameters
    ----------
    curves : pandas.DataFrame
        What :func:`trainkit.analysis.items.option_curves` returns: the first option is the best one.
    """
    import pandas as pd

    gettext, names = catalog(lang).gettext, names or {}
    title = gettext("{scene}: who chooses what").format(scene=names.get(item, item))
    ax = begin(ax, 4.4, title, synthetic, lang)
    options = [name for name in curves.columns if name not in ("people", "rest")]
    words = {option: names.get(f"{item}/{option}", str(option)) for option in options}
    x = 100 * curves["rest"]
    start, end, width = float(x.min()), float(x.max()), float(x.max() - x.min()) or 1.0
    placed = -1.0
    for number, option in enumerate(sorted(options, key=lambda name: float(curves[name].iloc[-1]))):
        look, place = style(len(options) - 1 - number), float(curves[option].iloc[-1])
        how: dict[str, Any] = {"marker": look.marker, "mfc": look.fill, "linestyle": look.line}
        ax.plot(x, curves[option], color=look.colour, linewidth=1.8, ms=7, **how)
        placed = max(place, placed + 0.15)
        ax.annotate(
            wrapped(words[option], 34, 2), (end, place), xytext=(end + 0.06 * width, placed), textcoords="data",
            va="center", color=INK, fontsize=8.5, arrowprops={"arrowstyle": "-", "color": LINE, "shrinkB": 6},
        )  # fmt: skip
    ax.set(xlim=(start - 0.03 * width, end + 0.8 * width), ylim=(-0.06, max(1.03, placed + 0.05)))
    ax.set_xticks(x, [points(one, lang) for one in x])
    ax.set_yticks([0, 0.5, 1], [per_cent(one, lang) for one in (0, 0.5, 1)])
    ax.set_xlabel(gettext("mean fit in the other scenes: people in bands from the lowest to the highest"))
    ax.set_ylabel(gettext("share that chose it here"))
    muted_labels(ax)
    ax.grid(axis="y", color=LINE, linewidth=0.6)
    text = of_best_curve(curves, options[0], wrapped(words[options[0]], 60, 1), lang)
    told = gettext("fit {points}, people: {n}")
    heads = [told.format(points=points(one, lang), n=int(n)) for one, n in zip(x, curves["people"], strict=True)]
    shares = [[words[option], *curves[option]] for option in options]
    table = pd.DataFrame(shares, columns=["option", *_distinct(heads)])
    return Picture(ax, title, f"{names.get(item, item)}. {text}", table, lang)


def _distinct(heads: list[str]) -> list[str]:
    """Heads of which no two are alike."""
    return [head + "\N{ZERO WIDTH SPACE}" * heads[:n].count(head) for n, head in enumerate(heads)]
