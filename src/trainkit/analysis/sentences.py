"""What does a statistic say in plain words? Computed sentences with the interval; that there are too few data is one, too.

For notebooks and the report alike: each takes what the functions of this folder return. Numbers are said as precisely as
they are known, and a difference whose interval holds zero is called one that can't be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from trainkit.analysis.generalisability import COMPONENTS, Components
from trainkit.analysis.groups import Difference, Equivalence
from trainkit.analysis.reliability import NeverTogether, Reliability, needed_items
from trainkit.analysis.summary import Mean, Share
from trainkit.analysis.tables import Alike, TooFew
from trainkit.errors import N_, TrainkitError
from trainkit.i18n import NBSP, catalog, decimal, typeset

WHAT = {  # what there can be too little of, as TooFew names it
    "people": N_("people"), "items": N_("scenes"), "cases": N_("cases"), "scenes in a case": N_("scenes in a case"),
}  # fmt: skip
SOURCES = {
    "person": N_("between people"),
    "case": N_("between cases"),
    "scene": N_("between scenes"),
    "person_case": N_("person by case"),
    "residual": N_("person by scene, and chance"),
}
ENOUGH = 0.7  # reliability that is usually asked for where groups are compared (Nunnally 1978)


# ---- numbers ------------------------------------------------------------------------------------------------------


def points(value: float, lang: str, sign: bool = False) -> str:
    """Points of a scale of 100, to one decimal: 7.1 and, with a sign, +7.1 or −7.1."""
    said = decimal(value, lang, 1)
    if set(said) <= set("\N{MINUS SIGN}0.,"):
        return said.removeprefix("\N{MINUS SIGN}")  # no zero is below zero
    return ("+" if sign and value > 0 else "") + said


def correlation(value: float, lang: str) -> str:
    """A coefficient to two decimals; to three where it would else be rounded to 1, and no zero is below zero."""
    said = decimal(value, lang, 3 if 0.995 <= abs(value) < 1 else 2)
    return said.removeprefix("\N{MINUS SIGN}") if set(said) <= set("\N{MINUS SIGN}0.,") else said


def per_cent(value: float, lang: str) -> str:
    """A share in per cent; what is no 0 or 100 isn't rounded to one."""
    shown = f"{100 * value:.0f}"
    if (shown == "0" and value > 0) or (shown == "100" and value < 1):
        shown = decimal(min(99.9, max(0.1, 100 * value)), lang, 1)
    return catalog(lang).gettext("{n} %").format(n=shown).replace(" ", NBSP)


def count(value: int, lang: str) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}".replace(",", "," if lang == "en" else NBSP)


def interval(low: str, high: str, level: float, lang: str) -> str:
    """An interval in words, as it stands in brackets."""
    said = catalog(lang).gettext("{level} interval {low} to {high}")
    return said.format(level=per_cent(level, lang), low=low, high=high)


def levels(texts: Iterable[str], lang: str) -> list[float]:
    """The levels of the intervals that stand in sentences, the highest first."""
    begins = (
        catalog(lang).gettext("{level} interval {low} to {high}").partition("{low}")[0].replace("{level}", "LEVEL %")
    )
    form = r"\s".join(map(re.escape, begins.strip().split(" "))).replace("LEVEL", r"(\d+)")
    return sorted({int(one) / 100 for text in texts for one in re.findall(form, text)}, reverse=True)


def of_levels(shown: Iterable[float], lang: str) -> str:
    """What intervals of these levels promise together: how many of them miss."""
    gettext = catalog(lang).gettext
    each = gettext("one in {n} of those of {level}")
    told = [each.format(n=round(1 / (1 - level)), level=per_cent(level, lang)) for level in shown if 0 < level < 1]
    if not told:
        return ""
    both = gettext(" and ").join((", ".join(told[:-1]), told[-1])) if len(told) > 1 else told[0]
    return typeset(gettext("Each interval stands for itself: {which} misses on average.").format(which=both), lang)


def measured(name: str, lang: str) -> str:
    """What a score is called in a sentence."""
    return catalog(lang).gettext({"fit": N_("Fit"), "position": N_("Position")}.get(name, name))


# ---- a group ------------------------------------------------------------------------------------------------------


def of_fit(found: Mean, lang: str, random: float | None = None) -> str:
    """How well replies suited the clients."""
    gettext = catalog(lang).gettext
    said = gettext("Fit, that is how well the replies suited the clients by the key, is {mean} of 100 on average")
    text = said.format(mean=points(found.value, lang)) + _sure(found, lang, 0)
    if random is not None and random == random:
        chance = gettext("; choosing blindly would give {n}")
        text += chance.format(n=points(random, lang))
    return typeset(text + ".", lang)


def of_best(found: Mean, lang: str) -> str:
    """The share of best replies, of a mean over people (0 … 100)."""
    said = catalog(lang).gettext(
        "On average people took the reply that the key calls best in {share} of their decisions"
    )
    text = said.format(share=per_cent(found.value / 100, lang))
    if found.interval is not None:
        low, high = (per_cent(min(1.0, max(0.0, one / 100)), lang) for one in found.interval)
        text += f" ({interval(low, high, found.level, lang)})"
    return typeset(text + ".", lang)


def of_position(found: Mean, lang: str, target: float | None = None) -> str:
    """Where a group stands between orientation and centricity, beside what the scenes ask for on average.

    Whether it leans to a side is another sentence (:func:`trainkit.analysis.study_sentences.of_lean`): each person is to be
    compared with what their own scenes ask for.
    """
    gettext = catalog(lang).gettext
    said = gettext(
        "Between taking the request as it is (−100) and finding out what it is for (+100) the group stands at {mean}"
    )
    text = said.format(mean=points(found.value, lang, sign=True)) + _sure(found, lang, -100.0) + "."
    if target is not None and target == target:
        asked = points(target, lang, sign=True)
        text += " " + gettext("The scenes ask for {target} on average.").format(target=asked)
    return typeset(text, lang)


def _on_scale(found: Mean, least: float, most: float = 100) -> bool:
    return found.interval is None or (found.interval[0] >= least and found.interval[1] <= most)


def within_scale(ends: tuple[float, float], level: float, lang: str, lowest: float = 0.0) -> str:
    """The interval of a mean in points of a scale up to 100, beyond which it can’t lie."""
    low, high = (points(min(100.0, max(lowest, one)), lang) for one in ends)
    return interval(low, high, level, lang)


FEW = 10  # people under whom an interval that leaves the scale isn't cut at its end, but called what it is


def _sure(found: Mean, lang: str, lowest: float = 0.0) -> str:
    people = catalog(lang).ngettext("{n} person", "{n} people", found.n).format(n=count(found.n, lang))
    if found.interval is None:
        alike = catalog(lang).gettext("the same for all, so there is no interval")
        return f" ({alike}; {people})"
    if not _on_scale(found, lowest) and found.n < FEW:
        return " (" + catalog(lang).gettext("too few for an interval: it would leave the scale") + f"; {people})"
    return f" ({within_scale(found.interval, found.level, lang, lowest)}; {people})"


def of_share(found: Share, what: str, lang: str, **names: str) -> str:
    """A share: ``what`` is a translated sentence with {share}, {k}, {n}, {interval}, and other names."""
    low, high = (per_cent(one, lang) for one in found.interval)
    numbers = {"share": per_cent(found.value, lang), "k": count(found.k, lang), "n": count(found.n, lang)}
    return typeset(what.format(**numbers, **names, interval=interval(low, high, found.level, lang)), lang)


def of_careless(found: Share, lang: str, with_all: float | None = None, without: float | None = None) -> str:
    """How many people answered faster than one can read, and what that changes."""
    gettext = catalog(lang).gettext
    if not found.k:
        return of_share(found, gettext("Of {n} people nobody answered faster than one can read ({interval})."), lang)
    said = gettext(
        "{k} of {n} people ({share}; {interval}) answered faster than one can read, in at least one attempt."
    )
    text = of_share(found, said, lang)
    if with_all is not None and without is not None:
        more = gettext("Without such attempts fit would be {without} instead of {all}; all figures here are with them.")
        text += " " + typeset(more.format(without=points(without, lang), all=points(with_all, lang)), lang)
    return text


# ---- groups, before and after -------------------------------------------------------------------------------------


def of_difference(found: Difference, first: str, second: str, lang: str, what: str = "") -> str:
    """Two groups: which is higher by how much; ``found`` is second − first. ``what`` is compared (fit, if left out)."""
    gettext = catalog(lang).gettext
    found, upper, lower = _from_above(found, first, second)
    if found.interval[0] > 0:
        said = gettext("{what}: “{upper}” is {value} points above “{lower}” ({interval}; Hedges’ g {g}).")
    else:
        said = gettext(
            "{what}: no difference between “{upper}” and “{lower}” can be shown, {value} points ({interval}; Hedges’ g {g})."
        )
    return _told(found, said, lang, what, upper=upper, lower=lower)


def of_change(found: Difference, lang: str, group: str | None = None, what: str = "") -> str:
    """The same people before and after."""
    gettext = catalog(lang).gettext
    (low, high), whose = found.interval, gettext("“{group}”, the same people").format(group=group) if group else None
    if low > 0:
        said = gettext("{what}, {whose} before and after: {value} points more ({interval}; {n}; g of the change {g}).")
    elif high < 0:
        said = gettext("{what}, {whose} before and after: {value} points less ({interval}; {n}; g of the change {g}).")
    else:
        said = gettext(
            "{what}, {whose} before and after: no change can be shown, {value} points ({interval}; {n}; g of the change {g})."
        )
    people = catalog(lang).ngettext("{n} person", "{n} people", found.n[0]).format(n=count(found.n[0], lang))
    whose = whose or gettext("the same people")
    told = found.turned() if high < 0 else found  # a fall is told as so many points less
    return _told(told, said, lang, what, whose=whose, n=people)


def of_unlike_changes(found: Difference, first: str, second: str, lang: str, what: str = "") -> str:
    """Whether one group changed by more than the other; ``found`` compares their changes, second − first."""
    gettext = catalog(lang).gettext
    found, upper, lower = _from_above(found, first, second)
    if found.interval[0] > 0:
        said = gettext(
            "{what}, the changes compared: that of “{upper}” is {value} points above that of “{lower}” ({interval})."
        )
    else:
        said = gettext(
            "{what}, the changes compared: no difference “{upper}” – “{lower}” can be shown, {value} points ({interval})."
        )
    return _told(found, said, lang, what, upper=upper, lower=lower)


def of_adjusted(found: Difference, first: str, second: str, lang: str, what: str = "") -> str:
    """Two groups after a training, among people with the same score before (ANCOVA)."""
    gettext = catalog(lang).gettext
    found, upper, lower = _from_above(found, first, second)
    if found.interval[0] > 0:
        said = gettext(
            "{what} afterwards, of people with the same score before: “{upper}” is {value} points above “{lower}” "
            "({interval}; {n})."
        )
    else:
        said = gettext(
            "{what} afterwards, of people with the same score before: "
            "no difference “{upper}” – “{lower}” can be shown, {value} points ({interval}; {n})."
        )
    people = catalog(lang).ngettext("{n} person", "{n} people", sum(found.n)).format(n=count(sum(found.n), lang))
    return _told(found, said, lang, what, upper=upper, lower=lower, n=people)


def of_equivalence(found: Equivalence, lang: str, level: float = 0.9) -> str:
    """Whether two groups are alike up to a margin."""
    gettext = catalog(lang).gettext
    sign = -1 if sum(found.interval) < 0 else 1  # as of_difference has it: what the higher group is above the other
    ends = sorted(sign * one for one in found.interval)
    if found.equivalent:
        said = gettext("The groups are alike up to {margin} points ({interval}).")
    elif ends[0] > found.margin:
        said = gettext("The groups differ by more than {margin} points ({interval}).")
    else:
        said = gettext(
            "That the groups are alike can’t be said: a difference of {margin} points or more isn’t ruled out ({interval})."
        )
    low, high = (points(one, lang) for one in ends)
    return typeset(said.format(margin=points(found.margin, lang), interval=interval(low, high, level, lang)), lang)


def _from_above(found: Difference, first: str, second: str) -> tuple[Difference, str, str]:
    """The difference as what the higher group is above the other, and which is which; ``found`` is second − first."""
    return (found, second, first) if found.value >= 0 else (found.turned(), first, second)


def _told(found: Difference, said: str, lang: str, what: str, **names: str) -> str:
    """The sentence with the difference's value, interval, and g with its own."""
    gettext = catalog(lang).gettext
    low, high = (points(one, lang) for one in found.interval)
    g, least, most = (decimal(one, lang) for one in (found.g, *found.g_interval))
    size = gettext("{g}, {low} to {high}").format(g=g, low=least, high=most)
    numbers = {"value": points(found.value, lang), "interval": interval(low, high, found.level, lang), "g": size}
    return typeset(said.format(what=what or gettext("Fit"), **numbers, **names), lang)


# ---- how dependable -----------------------------------------------------------------------------------------------


def of_reliability(found: Reliability, lang: str, wanted: float = ENOUGH) -> str:
    """Alpha, and how many scenes alike would do."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    low, high = (decimal(one, lang) for one in found.interval)
    said = ngettext(
        "Reliability over {items} scene (alpha) is {value} ({interval}; {people}).",
        "Reliability over {items} scenes (alpha) is {value} ({interval}; {people}).",
        found.items,
    )
    people = ngettext("{n} person", "{n} people", found.people).format(n=count(found.people, lang))
    within = interval(low, high, found.level, lang)
    text = said.format(items=found.items, value=decimal(found.value, lang), interval=within, people=people)
    if found.interval[0] >= wanted:
        more = gettext("By the interval it is {wanted} or more.").format(wanted=decimal(wanted, lang, 1))
    elif found.value >= wanted:
        more = gettext("{wanted} is reached by the best guess, but not by the interval.")
        more = more.format(wanted=decimal(wanted, lang, 1))
    elif found.value > 0:
        needed, (lowest, highest) = needed_items(found, wanted), found.interval
        if lowest > 0:
            more = ngettext(
                "{wanted} would take {n} scene like these (by the interval {fewest} to {most}).",
                "{wanted} would take {n} scenes like these (by the interval {fewest} to {most}).",
                needed,
            )
        else:
            more = ngettext(
                "{wanted} would take {n} scene like these by the best guess; by the interval, no number may do.",
                "{wanted} would take {n} scenes like these by the best guess; by the interval, no number may do.",
                needed,
            )
        ends = [needed_items(end, wanted, found.items) for end in (highest, lowest) if end > 0]
        more = more.format(wanted=decimal(wanted, lang, 1), n=needed, fewest=ends[0], most=ends[-1])
    else:
        more = gettext("The scenes don’t go together at all: no number of them would do.")
    return typeset(f"{text} {more}", lang)


def of_components(found: Components, lang: str, wanted: float = ENOUGH) -> str:
    """What people differ by, how dependable a mean over these cases is, and how many cases would do."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    shares = found.shares()
    whole = sum(getattr(found, name) for name in COMPONENTS) or 1.0

    def part(name: str) -> str:
        low, high = (min(1.0, end / whole) for end in found.intervals[name])
        return f"{per_cent(shares[name], lang)} ({per_cent(low, lang)}–{per_cent(high, lang)})"

    said = gettext(
        "Of all that differs in fit, people are {person}, cases {case}, scenes {scene}; the rest is who met what, and chance"
    )
    text = said.format(**{name: part(name) for name in ("person", "case", "scene")})
    people = ngettext("{n} person", "{n} people", found.people).format(n=count(found.people, lang))
    cases = ngettext("{n} case", "{n} cases", found.cases).format(n=found.cases)
    of = gettext(" ({people}, {cases}; in brackets {level} intervals of the variances, as shares of today’s total).")
    text += of.format(people=people, cases=cases, level=per_cent(found.level, lang))
    return typeset(f"{text} {_how_many(found, lang, wanted)}", lang)


def of_dependability(found: Components, lang: str, wanted: float = ENOUGH) -> str:
    """How dependable a mean over these cases is to compare people by, how many would do, what it is against a standard."""
    gettext = catalog(lang).gettext
    upper = found.at_most("case")
    said = gettext(
        "Against a fixed standard, where hard cases count against people, it is {phi}; with cases as unlike each other "
        "as the {level} interval from {cases} still allows, {worst}."
    )
    numbers = {
        "phi": decimal(found.dependability(relative=False), lang),
        "worst": decimal(upper.dependability(relative=False), lang),
        "level": per_cent(found.level, lang),
        "cases": catalog(lang).ngettext("{n} case", "{n} cases", found.cases).format(n=found.cases),
    }
    return typeset(f"{_how_many(found, lang, wanted)} {said.format(**numbers)}", lang)


def _how_many(found: Components, lang: str, wanted: float) -> str:
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    low, high = (decimal(one, lang) for one in found.dependability_interval())
    now = gettext("A person’s mean over them has a generalisability coefficient of {now} ({interval}).")
    text = now.format(now=decimal(found.dependability(), lang), interval=interval(low, high, found.level, lang))
    needed, (fewest, most) = found.cases_for(wanted), found.cases_range(wanted)
    if needed is None:
        more = gettext("Not even a thousand such cases would give a generalisability coefficient of {wanted}.")
    elif most is None:
        more = ngettext(
            "{wanted} takes {n} such case by the best guess; by the interval, no number may do.",
            "{wanted} takes {n} such cases by the best guess; by the interval, no number may do.",
            needed,
        )
    elif fewest == most:
        more = ngettext("{wanted} takes {n} such case.", "{wanted} takes {n} such cases.", needed)
    else:
        more = ngettext(
            "{wanted} takes {n} such case (by the interval {fewest} to {most}).",
            "{wanted} takes {n} such cases (by the interval {fewest} to {most}).",
            needed,
        )
    return f"{text} {more.format(wanted=decimal(wanted, lang, 1), n=needed, fewest=fewest, most=most)}"


def components_table(found: Components, lang: str) -> list[Mapping[str, Any]]:
    """Rows of source (in words), variance, low, high, share."""
    shares = found.shares()
    return [
        {
            "source": catalog(lang).gettext(SOURCES[name]),
            "variance": getattr(found, name),
            "low": found.intervals[name][0],
            "high": found.intervals[name][1],
            "share": shares[name],
        }
        for name in COMPONENTS
    ]


# ---- what can't be said -------------------------------------------------------------------------------------------


def of_trouble(error: TrainkitError, lang: str) -> str:
    """Why something can't be said, and what would do: too few data is a result as well."""
    gettext = catalog(lang).gettext
    if isinstance(error, TooFew):
        said = gettext("Can’t be said yet ({what}: {n}; needed: {wanted} or more).")
        what = gettext(WHAT.get(error.what, WHAT["people"]))
        return typeset(said.format(what=what, n=error.n, wanted=error.wanted), lang)
    if isinstance(error, NeverTogether):
        said = catalog(lang).ngettext(
            "Reliability can’t be had, because ways part: {n} pair of scenes was met by one person at most.",
            "Reliability can’t be had, because ways part: {n} pairs of scenes were met by one person at most.",
            len(error.pairs),
        )
        return typeset(said.format(n=count(len(error.pairs), lang)), lang)
    if isinstance(error, Alike):
        return typeset(gettext("Can’t be said: people answered alike, and there is nothing to measure by."), lang)
    return typeset(error.said(gettext), lang)
