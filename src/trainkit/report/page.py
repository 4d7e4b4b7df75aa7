"""How is a report laid out? One self-contained page: findings first, then pictures, then how it was worked out."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import NamedTuple

from trainkit.analysis.careless import FASTEST
from trainkit.analysis.sentences import levels, of_levels
from trainkit.figures.picture import Picture
from trainkit.i18n import catalog, decimal, typeset
from trainkit.report.findings import FEW, Findings, findings, set_aside, taken_for_granted
from trainkit.report.source import Source
from trainkit.view.render import asset, template

ROWS = 15  # of a table that goes on for long: ways through a case


class Shown(NamedTuple):
    """A picture as the page has it."""

    title: str
    said: str
    image: str
    heads: list[tuple[str, bool]]
    rows: list[list[str]]
    more: int


def page(source: Source, lang: str) -> str:
    """The report as HTML: style and pictures inside, no script, no outside address; it prints on A4."""
    found = findings(source, lang)
    aside = set_aside(source, lang)
    return template(
        "report.html",
        lang,
        package="trainkit.report",
        css=(files("trainkit.report") / "report.css").read_text("utf-8") + asset("direction.css"),
        name=source.name,
        synthetic=source.is_synthetic,
        found=found,
        pictures=[_shown(picture) for picture in found.pictures],
        methods=[typeset(line, lang) for line in _methods(source, found, lang)],
        limits=[typeset(line, lang) for line in limits(source, lang, levels(_sentences(found), lang))],
        aside=aside,
        version=version("trainkit"),
    )


def _sentences(found: Findings) -> Iterator[str]:
    """All that the page says with figures in it."""
    yield from (line.said for line in (*found.lines, *found.talk, *found.reliability, *found.pictures))
    yield from (chosen for talk in found.talk if (chosen := talk.chosen))


def _shown(picture: Picture) -> Shown:
    heads, rows = picture.cells()
    most = ROWS if "step" in picture.table.columns else len(rows)
    image = "data:image/svg+xml;base64," + b64encode(picture.svg().encode()).decode()
    return Shown(picture.title, picture.said, image, heads, rows[:most], len(rows) - len(rows[:most]))


def _methods(source: Source, found: Findings, lang: str) -> Iterator[str]:
    gettext, there = catalog(lang).gettext, {*source.decisions.columns} - {*source.taken}
    if "position" in there:
        yield gettext(
            "Position is the mean of the chosen replies between −100 (the request as it is) and +100 (first "
            "understand what it is for); replies that serve neither count in no position."
        )
    yield gettext(
        "Fit is the share of what could be reached: 0 the worst reply in every scene, 100 the best, by the key of"
        " the case’s author."
    )
    yield gettext(
        "Of each person the first attempt at a case counts. Means are over people, their intervals Student’s; "
        "intervals of shares are Wilson’s (Newcombe 1998)."
    )
    if source.groups and len(source.waves) < 2:
        yield gettext(
            "Groups are compared by Welch’s test; Hedges’ g is the difference in standard deviations (Hedges 1981)."
        )
    if len(source.waves) >= 2:
        yield gettext(
            "The same people are compared by the mean of their differences; g is that mean in standard deviations"
            " of the differences."
        )
        said = gettext(
            "What isn’t said to be before or after is of both times together; “{first}” is before, “{last}” after, {order}."
        )
        yield said.format(first=source.waves[0], last=source.waves[-1], order=gettext(source.order))
    yield gettext(
        "Of scenes and of reliability: in a scene that somebody met more than once, their first answer counts."
    )
    if source.groups and len(source.waves) >= 2:
        yield gettext(
            "Afterwards, groups are compared at the same beginning (ANCOVA with robust errors, HC3: MacKinnon & "
            "White 1985)."
        )
    if found.reliability:
        yield gettext(
            "Reliability: variance components of people, cases and scenes (Brennan 2001; intervals: Ting et al."
            " 1990); alpha with Feldt’s interval, and only where people met the same scenes."
        )
    if "seconds" in there:
        said = gettext(
            "Too fast is under {n} seconds a decision, in half of an attempt’s decisions or more (Meade & Craig "
            "2012): a sign, no proof."
        )
        yield said.format(n=decimal(FASTEST, lang, 0))
    yield gettext(
        "Scenes that fewer than {n} people met, or less than a quarter of the most that met one, stand in no table."
    ).format(n=FEW)
    yield from taken_for_granted(source, lang)


def limits(source: Source, lang: str, shown: Sequence[float] = (0.95, 0.9)) -> Iterator[str]:
    """What the answers don't show: sentences; ``shown`` are the levels of the intervals that stand beside them."""
    gettext, rows = catalog(lang).gettext, source.decisions
    if source.is_synthetic:
        yield gettext(
            "The answers are made up by a program. They show what such a report looks like, and nothing of people."
        )
    yield gettext(
        "The key is one author’s judgement. That its scores say something of people at work hasn’t been shown."
    )
    yield gettext(
        "Nothing here is about a single person: one or a few cases are too few to judge anybody by, or to rank people."
    )
    if source.groups:
        yield gettext(
            "Unless people were put into the groups by lot, the groups may have differed before in more than what"
            " is measured here."
        )
    if source.waves:
        yield gettext(
            "Who came again may differ from who didn’t; cases before and after are compared fairly only if they "
            "were dealt out evenly, or are as hard."
        )
        yield gettext(
            "What lies between two times, as a training, is part of how people differ from case to case, and of "
            "reliability."
        )
    hint = gettext("What was not asked beforehand is a hint to look again, not a result.")
    yield f"{of_levels(shown, lang)} {hint}".strip()
    if "case_hash" in rows.columns:
        versions = rows.groupby("case_id")["case_hash"].nunique()
        mixed = versions[versions > 1]
        if len(mixed):
            said = gettext(
                "Of some cases there are several versions, whose keys may differ; they are counted together: {cases}."
            )
            yield said.format(cases=", ".join(f"{case} ({n})" for case, n in mixed.items()))
