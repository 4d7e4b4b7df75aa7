"""What does a study say in plain words? Who stayed away, what carelessness changes, how many people it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trainkit.analysis.groups import Difference
from trainkit.analysis.items import WEAK
from trainkit.analysis.mixed import Mixed
from trainkit.analysis.reliability import Reliability
from trainkit.analysis.sentences import count, interval, of_share, per_cent, points, within_scale
from trainkit.analysis.summary import Mean, Share, apart, share
from trainkit.i18n import catalog, decimal, typeset

if TYPE_CHECKING:
    import pandas as pd

SMALL = 0.02  # of a reliability: less isn't worth a word


def of_broken_off(found: Share, lang: str) -> str:
    """How many people left a case unfinished."""
    said = catalog(lang).gettext("{k} of {n} people ({share}; {interval}) broke off at least one conversation.")
    return of_share(found, said, lang)


def of_omega(found: Reliability, alpha: Reliability, lang: str) -> str:
    """Omega, and what it says beside alpha."""
    gettext = catalog(lang).gettext
    low, high = (decimal(one, lang) for one in found.interval)
    said = gettext("Omega, which lets scenes weigh as they may, is {value} ({interval}).")
    text = said.format(value=decimal(found.value, lang), interval=interval(low, high, found.level, lang))
    if abs(found.value - alpha.value) < SMALL:
        more = gettext(
            "Alpha ({alpha}) says the same: for this coefficient it makes hardly any difference how much a scene weighs."
        )
    elif found.interval[0] <= alpha.value <= found.interval[1]:
        more = gettext("Alpha is {alpha}; whether scenes weigh differently can’t be told from so few people.")
    else:
        more = gettext("Alpha is {alpha}: scenes weigh differently, and omega is the better estimate.")
    return typeset(f"{text} {more.format(alpha=decimal(alpha.value, lang))}", lang)


def of_without(all_of_them: Reliability, without: Reliability, lang: str) -> str:
    """What of a reliability is telling who reads from who doesn't."""
    gettext = catalog(lang).gettext
    low, high = (decimal(one, lang) for one in without.interval)
    said = gettext(
        "Without the attempts that were too fast to have been read alpha is {without} ({interval}; {people})"
    )
    people = catalog(lang).ngettext("{n} person", "{n} people", without.people)
    text = said.format(
        without=decimal(without.value, lang),
        interval=interval(low, high, without.level, lang),
        people=people.format(n=count(without.people, lang)),
    )
    if all_of_them.value - without.value >= SMALL:
        more = gettext(": part of the {all} was telling who reads from who doesn’t.")
    elif without.value - all_of_them.value >= SMALL:
        more = gettext(": careless answers had hidden some of it ({all} with them).")
    else:
        more = gettext(", much the same as with them ({all}).")
    return typeset(text + more.format(all=decimal(all_of_them.value, lang)), lang)


def of_stayed_away(found: Share, group: str, lang: str) -> str:
    """How many of a group didn't come again."""
    gettext = catalog(lang).gettext
    if not found.k:
        return of_share(found, gettext("“{group}”: all {n} came again ({interval} stayed away)."), lang, group=group)
    said = gettext("“{group}”: {k} of {n} didn’t come again ({share}; {interval}).")
    return of_share(found, said, lang, group=group)


def of_those_who_stayed_away(found: Difference, lang: str, group: str = "") -> str:
    """Whether those (of a group) who didn't come again had begun otherwise: ``found`` is came again − stayed away."""
    gettext = catalog(lang).gettext
    low, high = found.interval
    if low > 0:
        said = gettext("Those who came again had begun {value} points above those who didn’t ({interval}).")
    elif high < 0:
        said = gettext("Those who came again had begun {value} points below those who didn’t ({interval}).")
    else:
        said = gettext(
            "That those who came again had begun otherwise than those who didn’t can’t be shown: {value} points ({interval})."
        )
    told = found.turned() if high < 0 else found
    low, high = (points(one, lang) for one in told.interval)
    text = said.format(value=points(told.value, lang), interval=interval(low, high, found.level, lang))
    return typeset(
        gettext("“{group}”: {said}").format(group=group, said=text[0].lower() + text[1:]) if group else text, lang
    )


def of_weak(found: tuple[int, int], lang: str) -> str:
    """How many scenes hardly tell people apart without the too fast: :func:`trainkit.analysis.items.weak`."""
    said = catalog(lang).gettext(
        "Without the attempts that were too fast to have been read: r under {limit} in {weak}, surely in {sure}."
    )
    return typeset(said.format(limit=decimal(WEAK, lang, 1), weak=found[0], sure=found[1]), lang)


def of_left_out(scenes: int, fewest: int, lang: str) -> str:
    """How many scenes aren't told of, for too few met them; and who meets the others."""
    said = catalog(lang).ngettext(
        "{n} scene is left out: fewer than {fewest} people met it.",
        "{n} scenes are left out: fewer than {fewest} people met each.",
        scenes,
    )
    branch = catalog(lang).gettext("A scene on a branch is met by those whom earlier replies sent there.")
    return typeset(f"{said.format(n=scenes, fewest=fewest)} {branch}", lang)


def of_lean(found: Difference, lang: str, blind: float | None = None) -> str:
    """Position beside what each person's own scenes ask for, paired; ``blind``: how far choosing blindly is from that."""
    gettext = catalog(lang).gettext
    low, high = found.interval
    if low > 0:
        said = gettext(
            "Beside what each person’s scenes ask for: {value} points towards centricity ({interval}; {people})."
        )
    elif high < 0:
        said = gettext(
            "Beside what each person’s scenes ask for: {value} points towards orientation ({interval}; {people})."
        )
    else:
        said = gettext(
            "Beside what each person’s scenes ask for: no lean can be shown, {value} points ({interval}; {people})."
        )
    told = found.turned() if high < 0 else found
    people = catalog(lang).ngettext("{n} person", "{n} people", found.n[0]).format(n=count(found.n[0], lang))
    within = interval(*(points(one, lang) for one in told.interval), found.level, lang)
    text = said.format(value=points(told.value, lang), interval=within, people=people)
    if blind is not None and blind == blind:
        if not low <= 0 <= high and blind * found.value > 0:
            more = gettext(
                "Choosing blindly would lead {n} points to the same side: part of it is inaccuracy, not lean."
            )
            text += " " + more.format(n=points(abs(blind), lang))
        else:
            more = gettext("Choosing blindly would give {n} (plus is towards centricity).")
            text += " " + more.format(n=points(blind, lang, True))
    return typeset(text, lang)


def of_needed(
    margin: float,
    needed: int,
    lang: str,
    have: tuple[int, int] | None = None,
    power: float = 0.8,
    adjusted: int | None = None,
) -> str:
    """How many people a group it takes to show a difference, plainly and ``adjusted`` (ANCOVA), and how many there are."""
    gettext = catalog(lang).gettext
    said = catalog(lang).ngettext(
        "To show a difference of {margin} points by a plain comparison, if there is one, {power} of the time, it takes "
        "{n} person a group",
        "To show a difference of {margin} points by a plain comparison, if there is one, {power} of the time, it takes "
        "{n} people a group",
        needed,
    )
    text = said.format(margin=points(margin, lang), power=per_cent(power, lang), n=count(needed, lang))
    if adjusted is not None:
        also = gettext("; of people with the same score before (ANCOVA), {n}")
        text += also.format(n=count(adjusted, lang))
    if have is not None:
        there = gettext("; here there are {first} and {second}")
        text += there.format(first=count(have[0], lang), second=count(have[1], lang))
    return typeset(text + ".", lang)


def of_best_curve(curves: pd.DataFrame, best: str, reply: str, lang: str) -> str:
    """Whether those who do better elsewhere take the ``best`` reply more: :func:`trainkit.analysis.items.option_curves`."""
    gettext = catalog(lang).gettext
    ends = [
        share(round(float(row[best] * row["people"])), int(row["people"])) for _, row in curves.iloc[[0, -1]].iterrows()
    ]
    value, (low, high) = apart(*ends)
    if low > 0:
        said = gettext("The share of the best reply, “{reply}”, grows with fit elsewhere")
    elif high < 0:
        said = gettext("The share of the best reply, “{reply}”, falls with fit elsewhere")
    else:
        said = gettext("That the share of the best reply, “{reply}”, changes with fit elsewhere can’t be shown")
    more = gettext(": {low} in the lowest band, {high} in the highest, that is {value} percentage points ({interval}).")
    least, most = (of_share(one, gettext("{share} ({interval})"), lang) for one in ends)
    within = interval(points(100 * low, lang), points(100 * high, lang), ends[0].level, lang)
    text = said.format(reply=reply) + more.format(
        low=least, high=most, value=points(100 * value, lang, True), interval=within
    )
    return typeset(text, lang)


def of_group(found: Mean, group: str, lang: str, what: str = "", lowest: float = 0.0) -> str:
    """The mean of a group with its interval, on a scale from ``lowest`` (−100 of Position) to 100."""
    gettext = catalog(lang).gettext
    people = catalog(lang).ngettext("{n} person", "{n} people", found.n).format(n=count(found.n, lang))
    within = within_scale(found.interval or (found.value, found.value), found.level, lang, lowest)
    said = gettext("{what}, “{group}”: {mean} on average ({interval}; {people}).")
    text = said.format(
        what=what or gettext("Fit"), group=group, mean=points(found.value, lang), interval=within, people=people
    )
    return typeset(text, lang)


def of_mixed(found: Mixed, first: str, second: str, times: tuple[str, str], lang: str, what: str = "") -> str:
    """How much higher the change of one group was than the other’s, by a mixed model of time × group."""
    gettext = catalog(lang).gettext
    changes = [term for term in found.effects["term"] if " × " in term] if len(found.effects) else []
    if not found.converged or len(changes) != 1:
        return typeset(
            gettext("The mixed model can’t tell how differently the groups changed: too little is known of them."), lang
        )
    term = found.effect(changes[0])
    value, low, high = float(term["value"]), float(term["low"]), float(term["high"])
    upper, lower = (second, first) if value >= 0 else (first, second)
    if value < 0:
        value, low, high = -value, -high, -low
    if low > 0:
        said = gettext(
            "{what}, from “{before}” to “{after}”: the change of “{upper}” was {value} points higher than that "
            "of “{lower}” ({interval}; {rows}, {people})."
        )
    else:
        said = gettext(
            "{what}, from “{before}” to “{after}”: that “{upper}” and “{lower}” changed differently can’t be shown, {value} "
            "points ({interval}; {rows}, {people})."
        )
    ngettext = catalog(lang).ngettext
    text = said.format(
        what=what or gettext("Fit"), before=times[0], after=times[1], upper=upper, lower=lower, value=points(value, lang),
        interval=interval(points(low, lang), points(high, lang), found.level, lang),
        rows=ngettext("{n} attempt", "{n} attempts", found.rows).format(n=count(found.rows, lang)),
        people=ngettext("{n} person", "{n} people", found.people).format(n=count(found.people, lang)),
    )  # fmt: skip
    if found.icc is not None:
        said = gettext("Of what the model doesn’t explain, {share} lies between people.")
        text += " " + said.format(share=per_cent(found.icc, lang))
    if found.notes:
        text += " " + gettext("Of the model:") + " " + "; ".join(note.said(gettext) for note in found.notes) + "."
    return typeset(text, lang)


def terms_in_words(found: Mixed, lang: str, names: Mapping[str, str]) -> pd.DataFrame:
    """The terms of a mixed model with their intervals: columns ``term``, ``points``, ``low``, ``high``."""
    gettext = catalog(lang).gettext

    def word(term: str) -> str:
        if " × " in term:
            return " × ".join(word(part) for part in term.split(" × "))
        kind, _, value = term.partition(" ")
        if kind == "intercept":
            return gettext("where all others are at their first value")
        return names.get(value, value) if value else kind

    table = found.effects[["value", "low", "high"]].rename(columns={"value": "points"})
    table.insert(0, "term", [word(str(term)) for term in found.effects["term"]])
    return table
