"""What do other keys say in plain words? How far experts agree, who keeps their rank, what goes with a criterion."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trainkit.analysis.agreement import Icc
from trainkit.analysis.empirical import Empirical, GoesWith
from trainkit.analysis.experts import Panel
from trainkit.analysis.sentences import correlation, count, interval, of_share, per_cent, points
from trainkit.analysis.summary import Mean, share
from trainkit.i18n import catalog, decimal, typeset

if TYPE_CHECKING:
    import pandas as pd

POOR = 0.4  # an agreement up to there (Cicchetti 1994)
ALIKE, FEW = 0.95, 0.05  # “nearly alike”: at least such a rank correlation, and surely fewer than that in another third


def of_experts(one: Icc, mean: Icc, experts: int, what: str, lang: str, level: float = 0.95) -> str:
    """How far a single expert, and the mean of all, would come out again."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    said = ngettext(
        "{what}: the ratings of one expert agree to {one} ({first}), the mean of {n} expert to {mean} ({second}).",
        "{what}: the ratings of one expert agree to {one} ({first}), the mean of {n} experts to {mean} ({second}).",
        experts,
    )
    first, second = (interval(*(decimal(end, lang) for end in found.interval), level, lang) for found in (one, mean))
    text = said.format(
        what=what, n=experts, one=decimal(one.value, lang), mean=decimal(mean.value, lang), first=first, second=second
    )
    if one.interval[1] < POOR:
        text += " " + gettext("One expert alone would not do.")
    elif one.interval[0] < POOR:
        text += " " + gettext("Whether one expert alone would do can’t be said.")
    return typeset(text, lang)


def of_rank(row: Any, lang: str, level: float = 0.95) -> str:
    """A row of :func:`trainkit.analysis.key_comparison.stability`: whether two keys rank people alike."""
    gettext = catalog(lang).gettext
    names = {"first": row.first, "second": row.second}
    if row.spearman != row.spearman:
        said = gettext("“{first}” and “{second}”: one of them ranks nobody, or too few have both.")
        return typeset(said.format(**names), lang)
    said = gettext("“{first}” and “{second}” rank people with r {r} ({interval}); another third for {share}.")
    moved = share(round(row.changed * row.people), int(row.people), level)
    if row.low >= ALIKE and moved.interval[1] < FEW:
        said = gettext(
            "“{first}” and “{second}” rank people nearly alike, r {r} ({interval}); another third for {share}."
        )
    elif row.high < 0:
        said = gettext(
            "“{first}” and “{second}” rank people in opposite order, r {r} ({interval}); another third for {share}."
        )
    elif row.low <= 0:
        said = gettext(
            "That “{first}” and “{second}” rank people alike can’t be shown, r {r} ({interval}); another third for {share}."
        )
    within = interval(correlation(row.low, lang), correlation(row.high, lang), level, lang)
    told = of_share(moved, gettext("{share} of people ({interval})"), lang)
    return typeset(said.format(**names, r=correlation(row.spearman, lang), interval=within, share=told), lang)


def of_moved(moved: pd.DataFrame, first: str, second: str, lang: str, level: float = 0.95) -> str:
    """Of :func:`trainkit.analysis.key_comparison.moved`: how many change third, and how far the furthest goes."""
    gettext = catalog(lang).gettext
    changed = share(int(moved["changed"].sum()), len(moved), level)
    said = gettext("From “{first}” to “{second}” {k} of {n} people end up in another third ({share}; {interval}).")
    text = of_share(changed, said, lang, first=first, second=second)
    more = gettext("Half of all move by {half} places or less, the furthest by {most} (of {n}).")
    shift = moved["shift"].abs()
    numbers = {
        "half": decimal(shift.median(), lang, 0),
        "most": decimal(shift.max(), lang, 0),
        "n": count(len(moved), lang),
    }
    return typeset(f"{text} {more.format(**numbers)}", lang)


def of_panel(found: Panel, lang: str) -> str:
    """What other experts of the kind would have changed."""
    gettext = catalog(lang).gettext
    people = found.people.dropna(subset=["fit_low", "fit_high"])
    half = float(((people["fit_high"] - people["fit_low"]) / 2).median())
    ranks = found.ranks.set_index("measure").loc["fit"]
    said = catalog(lang).ngettext(
        "Were all experts of the kind asked instead of this {n}, fit of half of the people would move by {half} points or "
        "less (the median half-width of {level} intervals); were {n} other asked, by √2 times as much, {other}",
        "Were all experts of the kind asked instead of these {n}, fit of half of the people would move by {half} points or "
        "less (the median half-width of {level} intervals); were {n} others asked, by √2 times as much, {other}",
        found.experts,
    )
    text = said.format(
        n=found.experts, half=points(half, lang), other=points(math.sqrt(2) * half, lang),
        level=per_cent(found.level, lang),
    )  # fmt: skip
    within = interval(decimal(ranks["low"], lang, 3), decimal(ranks["high"], lang, 3), found.level, lang)
    more = gettext(". The order by resampled experts agrees with this one to r {r} ({interval}).")
    text += more.format(r=decimal(ranks["median"], lang, 3), interval=within)
    own = gettext("What all of them share (a school, an age, a trade) no resampling shows.")
    return typeset(f"{text} {own}", lang)


def of_criterion(name: str, found: GoesWith, lang: str) -> str:
    """How a score goes with a criterion from outside."""
    gettext, (r, ends, people, level) = catalog(lang).gettext, found
    if r is None or ends is None:
        return typeset(gettext("“{key}”: everybody has the same, nothing goes with it.").format(key=name), lang)
    said = gettext("“{key}” goes with the criterion to r {r} ({interval}; {people}).")
    if ends[0] <= 0 <= ends[1]:
        said = gettext("That “{key}” goes with the criterion can’t be shown, r {r} ({interval}; {people}).")
    counted = catalog(lang).ngettext("{n} person", "{n} people", people).format(n=count(people, lang))
    within = interval(decimal(ends[0], lang), decimal(ends[1], lang), level, lang)
    return typeset(said.format(key=name, r=decimal(r, lang), interval=within, people=counted), lang)


def of_empirical(found: Empirical, lang: str) -> str:
    """What an empirical key is worth, and how much of its looks is chance."""
    gettext = catalog(lang).gettext
    if found.validity is None or found.interval is None or found.apparent is None:
        return typeset(gettext("No reply goes with the criterion: there is no empirical key."), lang)
    low, high = found.interval
    if low > 0:
        said = gettext("A key made from the criterion goes with it to r {r} ({interval}) in people it wasn’t made from")
    elif high < 0:
        said = gettext(
            "A key made from the criterion runs against it in people it wasn’t made from, r {r} ({interval})"
        )
    else:
        said = gettext(
            "That a key made from the criterion goes with it in people it wasn’t made from can’t be shown, r {r} ({interval})"
        )
    within = interval(correlation(low, lang), correlation(high, lang), found.level, lang)
    text = said.format(r=correlation(found.validity, lang), interval=within)
    text += gettext("; in those it was made from it seems to be {apparent}.")
    text = text.format(apparent=correlation(found.apparent, lang))
    if found.null is not None:
        null = gettext("Made the same way from a criterion dealt out at random, it would seem to be {null} on average.")
        text += " " + null.format(null=correlation(found.null, lang))
    return typeset(text, lang)


def of_shape(found: Mean, lang: str) -> str:
    """How positions follow what scenes ask for, over people."""
    gettext = catalog(lang).gettext
    low, high = found.interval or (found.value, found.value)
    said = gettext("People’s positions follow what the scenes ask for with r {r} on average ({interval}; {people}).")
    people = catalog(lang).ngettext("{n} person", "{n} people", found.n).format(n=count(found.n, lang))
    within = interval(decimal(low, lang), decimal(high, lang), found.level, lang)
    return typeset(said.format(r=decimal(found.value, lang), interval=within, people=people), lang)
