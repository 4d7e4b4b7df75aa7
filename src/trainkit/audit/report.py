"""A whole audit: its figures and verdicts as plain data, and what is told of them in the terminal."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainkit.audit.decks import deck_figures
from trainkit.audit.figures import CaseStudy, Figures, case_figures, set_figures, study, surfaces
from trainkit.audit.people import EVERYBODY, MANY
from trainkit.audit.verdicts import (
    BAD,
    GOOD,
    LEVELS,
    Verdict,
    both_decks_verdicts,
    case_verdicts,
    deck_verdicts,
    in_words,
    set_verdicts,
)
from trainkit.case.model import Case
from trainkit.errors import N_
from trainkit.i18n import catalog, decimal, quoted
from trainkit.view.screen import case_text
from trainkit.view.split import condition_words

TICKS = 1 + len(EVERYBODY)  # of progress, a case


@dataclass(frozen=True)
class Audit:
    """An audit; ``figures`` are the JSON's."""

    figures: Figures
    studies: Mapping[str, CaseStudy]  # by id
    verdicts: Mapping[str, Sequence[Verdict]] = field(default_factory=dict)  # by the id of a case, "set", "decks"

    def as_json(self) -> str:
        """The answer of ``trainkit audit --json``."""
        return json.dumps(_plain(self.figures), ensure_ascii=False, indent=1)


def audit(
    cases: Sequence[Case],
    decks: Sequence[Case] = (),
    n: int = MANY,
    seed: int = 0,
    tick: Callable[[str], None] = lambda what: None,
) -> Audit:
    """Audit a set of cases, and two decks beside it or none; ``n`` people of each kind play each of them."""
    known: dict[str, CaseStudy] = {}
    for case in (*cases, *decks):
        if case.hash + case.translations_hash not in known:
            known[case.hash + case.translations_hash] = study(case, n, seed, tick)
    studies = [known[case.hash + case.translations_hash] for case in cases]
    found = surfaces(studies)
    figures: Figures = {
        "cases": [case_figures(one, found, len(studies) == 1) for one in studies],
        "set": set_figures(studies, found) if studies else None,
        "decks": {},
        "people": n,
        "seed": seed,
    }
    verdicts = {one["id"]: case_verdicts(one) for one in figures["cases"]}
    if studies:
        verdicts["set"] = set_verdicts(figures["set"])
    of_decks = [known[case.hash + case.translations_hash] for case in decks]
    if of_decks:
        figures["decks"] = deck_figures(*of_decks, surfaces(of_decks))
        for one in of_decks:
            verdicts[f"deck {one.case.id}"] = deck_verdicts(figures["decks"][one.case.id])
        verdicts["decks"] = both_decks_verdicts(figures["decks"])
    for name, said in verdicts.items():
        part = part_of(figures, name)
        part["verdicts"] = [{key: getattr(one, key) for key in ("figure", "level", "value", "goal")} for one in said]
    return Audit(figures, {one.case.id: one for one in (*studies, *of_decks)}, verdicts)


def part_of(figures: Figures, name: str) -> Figures:
    """The figures that verdicts of this name are on."""
    if name in ("set", "decks"):
        return figures[name]
    if name.startswith("deck "):
        return figures["decks"][name.removeprefix("deck ")]
    return next(one for one in figures["cases"] if one["id"] == name)


def _plain(value: Any) -> Any:
    """Data that JSON has: rounded, without NaN."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return round(float(value), 4) + 0.0 if math.isfinite(value) else None
    return value


def sentence(one: Audit, name: str, verdict: Verdict, lang: str) -> str:
    """A verdict in words, with the condition it is of."""
    known = one.studies.get(name.removeprefix("deck "))

    def title(scene: str) -> str:
        return case_text(known.case, f"scenes.{scene}.title", lang) if known else scene

    said = in_words(verdict, part_of(one.figures, name), lang, title)
    if verdict.where and known:
        return f"{condition_words(known.case, tuple(verdict.where.items()), lang)}. {said}"
    return said


def lines(one: Audit, lang: str) -> list[str]:
    """What is printed: for each case how many figures are good, and each that is not."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    told: list[str] = []
    for name, verdicts in one.verdicts.items():
        good = sum(verdict.level == GOOD for verdict in verdicts)
        bad = sum(verdict.level == BAD for verdict in verdicts)
        counts = ngettext(
            "{good} of {n} figure good, {bad} bad", "{good} of {n} figures good, {bad} bad", len(verdicts)
        )
        told.append(f"{heading(one, name, lang)}: " + counts.format(good=good, n=len(verdicts), bad=bad))
        for verdict in verdicts:
            level = gettext(LEVELS[verdict.level])
            if verdict.level != GOOD:
                told.append(f"  {level}: {sentence(one, name, verdict, lang)}")
    return told + parallel_lines(one, lang)


def parallel_lines(one: Audit, lang: str) -> list[str]:
    """In what two decks are no parallel forms."""
    gettext, decks = catalog(lang).gettext, one.figures["decks"]
    if not decks:
        return []
    if decks["parallel"]:
        return [gettext("The two decks are parallel forms.")]
    told = [gettext("The two decks are not parallel forms:")]
    for apart in decks["apart"]:
        a, b, by = ("—" if apart[key] is None else decimal(apart[key], lang) for key in ("a", "b", "by"))
        words, what = (
            gettext("{figure}: {a} against {b}, apart by {by}; at most {limit} may be"),
            APART[apart["figure"]],
        )
        limit = decimal(apart["limit"], lang)
        told.append("  " + words.format(figure=gettext(what), a=a, b=b, by=by, limit=limit))
    return told


def heading(one: Audit, name: str, lang: str) -> str:
    """What a group of verdicts is on."""
    gettext = catalog(lang).gettext
    if name == "set":
        return gettext("All cases together")
    if name == "decks":
        return gettext("Both decks")
    title = case_text(one.studies[name.removeprefix("deck ")].case, "title", lang)
    return gettext("Deck {title}").format(title=quoted(title, lang)) if name.startswith("deck ") else title


APART = {
    "decisions": N_("decisions in a run (a deck has twelve)"),
    "mean_fit": N_("mean fit of people alike"),
    "mean_position": N_("mean position of people alike"),
    "sd_fit": N_("spread of fit"),
    "alpha_fit": N_("reliability of fit"),
    "alpha_position": N_("reliability of position"),
    "null_share": N_("share of replies off the axis"),
    "best.centric": N_("share of decisions with a centric best reply"),
    "best.orientated": N_("share of decisions with an obliging best reply"),
    "best.middle": N_("share of decisions with a best reply in the middle"),
}
