"""How sure are scores by a panel's key? Everybody's fit with what other experts would have made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trainkit.analysis.experts import Panel
from trainkit.analysis.key_sentences import of_panel
from trainkit.analysis.sentences import per_cent
from trainkit.figures.colours import ACCENT, LINE
from trainkit.figures.picture import Picture, begin, muted_labels
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def how_sure(
    found: Panel, lang: str, *, synthetic: bool, names: Mapping[str, str] | None = None, ax: Axes | None = None
) -> Picture:
    """People in the order of their fit by the panel's key: a dot each, and a line as long as experts leave it open.

    The table has the replies about whose position the experts differ most.
    """
    gettext = catalog(lang).gettext
    title = gettext("How sure the panel’s scores are")
    ax = begin(ax, 4.0, title, synthetic, lang)
    people = found.people.dropna(subset=["fit"]).sort_values(["fit", "fit_low"]).reset_index(drop=True)
    ax.vlines(people.index + 1, people["fit_low"], people["fit_high"], color=ACCENT, linewidth=0.8, alpha=0.55)
    ax.plot(people.index + 1, people["fit"], "o", color=ACCENT, ms=2.2)
    ax.set_xlabel(
        gettext(
            "people, from the lowest fit to the highest; the line is the {level} interval over resampled experts"
        ).format(level=per_cent(found.level, lang))
    )
    ax.set_ylabel(gettext("Fit"))
    muted_labels(ax)
    ax.grid(axis="y", color=LINE, linewidth=0.6)
    parted = found.options.assign(item=found.options["case"] + "/" + found.options["scene"])
    parted = parted.sort_values("position_error", ascending=False, kind="stable").head(10)
    words = names or {}
    parted["option"] = [
        words.get(f"{item}/{one}", one) for item, one in zip(parted["item"], parted["option"], strict=True)
    ]
    parted["item"] = [words.get(item, item) for item in parted["item"]]
    table = parted[["item", "option", "experts", "position", "position_low", "position_high"]]
    return Picture(ax, title, of_panel(found, lang), table.reset_index(drop=True), lang)
