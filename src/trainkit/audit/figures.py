"""The figures of an audit: of a case, of each of its experimental conditions, and of a set of cases.

What each says and doesn't say stands in ``casebook/INSTRUMENT.md``; who the people are in :mod:`trainkit.audit.people`.
Shares, hits, r and "best" are over scored decisions on the axis: scenes weigh alike, the states of a scene by how often
people alike come there, conditions alike. Figures of people are over simulated ones, the same in every case of a set.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from trainkit.audit.crowd import Played, Reached, play
from trainkit.audit.offers import Disagreement, Offer, all_reached, disagreements, offers
from trainkit.audit.people import (
    ADAPTER,
    AGAINST,
    ALIKE,
    EVERYBODY,
    LEAN_ONLY,
    LESS_SKILLED,
    MANY,
    PREACHER,
    Numbers,
    People,
    draw,
)
from trainkit.audit.state_table import StateTable
from trainkit.audit.statistics import alpha, auc, correlation, covariances, mean, slope
from trainkit.audit.strategies import hits
from trainkit.audit.surface import Surface, surface
from trainkit.case.model import Case
from trainkit.checks.best_play import Asked, asked_apart, best_ways
from trainkit.scoring.profile import third
from trainkit.simulation.personas import Persona
from trainkit.simulation.runner import CaseRunner

LANGUAGES = ("ru", "en")
SECOND = 0.85  # a second-best reply with this fit is as good as right
Figures = dict[str, Any]
Tick = Callable[[str], None]


@dataclass
class CaseStudy:
    """A case with all that its figures are taken from."""

    case: Case
    table: StateTable
    met: Sequence[Reached]
    offers: Sequence[Offer]
    key_agreement: tuple[float | None, list[Disagreement]]  # how far key and exact play agree, and where they don't
    seed: int = 0
    n: int = MANY
    _played: dict[str, Played] = field(default_factory=dict)

    def played(self, kind: Persona) -> Played:
        """What many people of a kind do."""
        if kind.name not in self._played:
            by_scene = kind in (ALIKE, LESS_SKILLED)  # of the others it would be gigabytes that nobody reads
            self._played[kind.name] = play(self.table, self.people(kind), self.seed, by_scene)
        return self._played[kind.name]

    def people(self, kind: Persona) -> People:
        """The people of a kind; the same ones in every case."""
        return draw(kind, self.n, self.seed)

    @cached_property
    def asked(self) -> Asked | None:
        """What the debrief says is asked for and where best play stands, in the draw where they are furthest apart."""
        return None if self.table.unsolvable else asked_apart(best_ways(CaseRunner(self.case)))


def study(case: Case, n: int = MANY, seed: int = 0, tick: Tick = lambda what: None) -> CaseStudy:
    """Let people play a case, and see what they are offered."""
    table = StateTable(case)
    met = all_reached(table)
    made = CaseStudy(case, table, met, offers(table, met), disagreements(table, met), seed, n)
    table.forget_places()
    tick(case.id)
    for kind in EVERYBODY:
        made.played(kind)
        tick(case.id)
    return made


# ---- a case ---------------------------------------------------------------------------------------------------


def surfaces(studies: Sequence[CaseStudy]) -> dict[str, Surface]:
    """The surface logit in each language that all the cases have, each case left out in turn; of one case, each scene."""
    pool = [offer for one in studies for offer in one.offers]
    alone = len(studies) == 1
    return {
        lang: surface(pool, lang, (lambda offer: offer.scene) if alone else (lambda offer: offer.scene[0]))
        for lang in LANGUAGES
        if all(lang in one.case.languages for one in studies)
    }


def case_figures(one: CaseStudy, found: Mapping[str, Surface], alone: bool = False) -> Figures:
    """Every figure of a case; None where it can't be measured, with the reason in ``why_not``."""
    figures: Figures = {"id": one.case.id, "decisions": len({offer.scene for offer in one.offers})}
    figures |= _figures_of(one, None)
    whole: Mapping[str, Any] = figures["hits"]
    for lang in LANGUAGES:
        of_lang = found.get(lang)
        share, error = None, None
        if of_lang is not None:
            both = (of_lang.hits, of_lang.error)
            share, error = both if alone else of_lang.by_group.get(one.case.id, (None, None))
        whole[f"surface_{lang}"], whole[f"surface_{lang}_error"] = share, error
    agreed, apart = one.key_agreement
    figures["key_agrees"] = agreed
    figures["key_apart"] = [worst._asdict() for worst in apart[:10]]
    asked = one.asked
    figures["asked_minus_best_play"] = asked and asked.apart
    figures["asked"], figures["best_play_position"] = (asked.target, asked.position) if asked else (None, None)
    figures["conditions"] = [
        {"condition": condition} | _figures_of(one, number)
        for number, condition in enumerate(one.table.conditions)
        if len(one.table.conditions) > 1
    ]
    figures["why_not"] = _why_not(one, figures)
    return figures


def _figures_of(one: CaseStudy, condition: int | None) -> Figures:
    """The figures of a case, or of one condition of it."""
    on_offer = [offer for offer in one.offers if condition in (None, offer.condition)]
    return {
        "hits": hit_figures(on_offer, one.case.languages),
        "r_position_fit": r_position_fit(on_offer),
        "lean_slope": lean_slope([one], condition),
        **where_best(on_offer),
        **decisive_scenes(one, condition),
        **{name: _auc(one, kind, condition) for name, kind in AGAINST.items()},
        **_alphas(one, condition),
        "mean_fit": {kind.name: mean(_of(one.played(kind), condition).fit) for kind in (ALIKE, ADAPTER, PREACHER)},
        "mean_position": mean(_of(one.played(ALIKE), condition).position),
        "sd_fit": _sd(_of(one.played(ALIKE), condition).fit),
    }


def hit_figures(on_offer: Sequence[Offer], languages: Sequence[str]) -> Figures:
    """Hits of all strategies, by chance, and the best of them with its name."""
    found = hits(on_offer, [lang for lang in LANGUAGES if lang in languages])
    measured = {name: share for name, share in found.items() if share is not None and name != "chance"}
    best = max(measured, key=measured.__getitem__, default=None)
    head = {"chance": found["chance"], "best_strategy": measured.get(best), "best_strategy_name": best}
    return head | {name: share for name, share in found.items() if name != "chance"}


def r_position_fit(on_offer: Sequence[Offer]) -> float | None:
    """Weighted correlation of position and fit over the replies with a position."""
    rows = [(offer.positions[n], offer.fits[n], offer.weight) for offer in on_offer for n in offer.placed]
    return correlation(*np.array(rows, float).T) if rows else None


def where_best(on_offer: Sequence[Offer]) -> Figures:
    """Where the best reply lies, how many replies are off the axis and how often they are right, how near the second is."""
    names = ("centric", "orientated", "middle", "null")
    sides, places = dict.fromkeys(names, 0.0), Counter[int]()
    whole = replies = nulls = right = null_fit = close = 0.0
    for offer in on_offer:
        whole += offer.weight
        for n in offer.best:
            sides[side(offer.positions[n])] += offer.weight / len(offer.best)
            places[n + 1] += offer.weight / len(offer.best)
        replies += offer.weight * len(offer.fits)
        nulls += offer.weight * len(offer.nulls)
        null_fit += offer.weight * sum(offer.fits[n] for n in offer.nulls)
        right += offer.weight * sum(n in offer.best for n in offer.nulls)
        close += offer.weight * (sorted(offer.fits)[-2] >= SECOND)
    if not whole:
        empty = dict.fromkeys(("null_share", "null_fit", "nulls_right", "right_nulls", "close_seconds"))
        return {"best": dict.fromkeys(names), **empty, "best_places": {}}
    return {
        "best": {name: share / whole for name, share in sides.items()},
        "null_share": nulls / replies,
        "null_fit": null_fit / nulls if nulls else None,
        "nulls_right": right / nulls if nulls else None,
        "right_nulls": right,
        "close_seconds": close / whole,
        "best_places": {str(place): places[place] / whole for place in sorted(places)},
    }


def side(position: float | None) -> str:
    """On which side a reply lies."""
    return "null" if position is None else third(position)


def lean_slope(studies: Sequence[CaseStudy], condition: int | None = None) -> float | None:
    """Points of mean Fit over the cases that people with a lean only gain a unit of lean."""
    fits = [_of(one.played(LEAN_ONLY), condition).fit for one in studies]
    lean = studies[0].people(LEAN_ONLY).lean
    if condition is not None:
        lean = lean[studies[0].played(LEAN_ONLY).condition == condition]
    return slope(lean, _mean_of(fits))


def decisive_scenes(one: CaseStudy, condition: int | None = None) -> Figures:
    """How much of the variance of what people alike lose in Play lies in one scene, and in how many effectively (1/Σ share²).

    Of several conditions the one in which the biggest scene has most.
    """
    if condition is None and len(one.table.conditions) > 1:
        each = [decisive_scenes(one, number) for number in range(len(one.table.conditions))]
        return max(each, key=lambda figures: figures["biggest_scene"] or 0.0)
    spread = _of(one.played(ALIKE), condition).lost.var(axis=0, dtype=np.float64)
    if one.table.unsolvable or not spread.sum() > 1e-12:
        return {"biggest_scene": None, "biggest_scene_name": None, "effective_decisions": None, "scene_shares": {}}
    shares = spread / spread.sum()
    order = np.argsort(-shares, kind="stable")
    return {
        "biggest_scene": float(shares.max()),
        "biggest_scene_name": one.table.scenes[int(order[0])],
        "effective_decisions": float(1 / (shares**2).sum()),
        "scene_shares": {one.table.scenes[n]: float(shares[n]) for n in order if shares[n] > 0.0005},
    }


def _auc(one: CaseStudy, kind: Persona, condition: int | None) -> float | None:
    """The adapter over people of a kind, by Fit; within conditions, and their mean."""
    if condition is None:
        each = [_auc(one, kind, number) for number in range(len(one.table.conditions))]
        return None if None in each else float(np.mean(each))
    return auc(_of(one.played(ADAPTER), condition).fit, _of(one.played(kind), condition).fit)


def _alphas(one: CaseStudy, condition: int | None, kind: Persona = ALIKE) -> Figures:
    played = _of(one.played(kind), condition)
    met = (~np.isnan(played.scene_fit)).mean(axis=0) >= 0.01
    placed = met & (~np.isnan(played.scene_position)).any(axis=0)
    return {
        "alpha_fit": alpha(covariances(played.scene_fit[:, met])),
        "alpha_position": alpha(covariances(played.scene_position[:, placed])),
    }


def _of(played: Played, condition: int | None) -> Played:
    if condition is None:
        return played
    return Played(*(values[played.condition == condition] for values in played))


def _sd(values: Numbers) -> float | None:
    measured = values[~np.isnan(values)]
    return float(measured.std()) if len(measured) > 1 else None


def _mean_of(columns: Sequence[Numbers]) -> Numbers:
    """Mean over cases of each person; over those in which it is measured."""
    table = np.column_stack(columns)
    has = ~np.isnan(table)
    with np.errstate(invalid="ignore"):
        return np.where(has.any(axis=1), np.nansum(table, axis=1) / has.sum(axis=1), np.nan)


def _why_not(one: CaseStudy, figures: Figures) -> dict[str, str]:
    """The reason for each figure that is None."""
    keyed = "auto" if one.table.unsolvable else "no_range"
    reasons = {
        "r_position_fit": "no_range" if one.offers else "outside",
        "null_fit": "no_nulls" if one.offers else "outside",
        "nulls_right": "no_nulls" if one.offers else "outside",
        "alpha_fit": "not_together",
        "alpha_position": "not_together" if one.offers else "outside",
        "asked_minus_best_play": one.table.unsolvable.reason if one.table.unsolvable else "few",
    }
    reasons |= {"mean_position": "few", "sd_fit": keyed} | dict.fromkeys(("lean_slope", *AGAINST), keyed)
    reasons |= dict.fromkeys(
        ("biggest_scene", "effective_decisions", "key_agrees"),
        one.table.unsolvable.reason if one.table.unsolvable else "no_stake",
    )
    why = {name: reasons.get(name, "outside") for name, value in figures.items() if value is None and name in reasons}
    why |= {} if one.offers else dict.fromkeys(("hits", "best", "null_share"), "outside")
    for lang in LANGUAGES:
        if figures["hits"][f"surface_{lang}"] is None:
            why[f"hits.surface_{lang}"] = "not_translated" if lang not in one.case.languages else "too_little"
    return why


# ---- a set of cases -------------------------------------------------------------------------------------------


def set_figures(studies: Sequence[CaseStudy], found: Mapping[str, Surface]) -> Figures:
    """The figures of a set of cases together."""
    pool = [offer for one in studies for offer in one.offers]
    languages = [lang for lang in LANGUAGES if all(lang in one.case.languages for one in studies)]
    whole: Figures = {"hits": hit_figures(pool, languages)}
    for lang in LANGUAGES:
        of_lang = found.get(lang)
        whole["hits"][f"surface_{lang}"] = of_lang and of_lang.hits
        whole["hits"][f"surface_{lang}_error"] = of_lang and of_lang.error
    alike = [one.played(ALIKE) for one in studies]
    whole |= {"r_position_fit": r_position_fit(pool), "lean_slope": lean_slope(studies), **where_best(pool)}
    for name in ("position", "fit", "play"):
        covariance = covariances(np.column_stack([getattr(played, name) for played in alike]))
        whole[f"alpha_{name}"] = alpha(covariance)
        whole[f"between_{name}"] = _between(covariance)
        whole[f"alpha_{name}_of_4"] = _range_of(covariance, 4)
    whole |= {name: fit_auc(studies, kind) for name, kind in AGAINST.items()}
    whole["why_not"] = {
        name: "few_cases" if name.endswith("of_4") else "one_case"
        for name in whole
        if name.startswith("alpha") and whole[name] is None
    }
    return whole


def fit_auc(studies: Sequence[CaseStudy], kind: Persona) -> float | None:
    """The adapter over people of a kind, by mean Fit over several cases."""
    return auc(*(_mean_of([one.played(who).fit for one in studies]) for who in (ADAPTER, kind)))


def _range_of(covariance: Numbers, k: int) -> list[float] | None:
    """The lowest and highest alpha over choices of k cases."""
    if len(covariance) < k:
        return None
    found = [alpha(covariance[np.ix_(chosen, chosen)]) for chosen in combinations(range(len(covariance)), k)]
    known = [one for one in found if one is not None]
    return [min(known), max(known)] if known else None


def _between(covariance: Numbers) -> list[float] | None:
    """The lowest and highest correlation of two cases."""
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.diag(covariance))
        r = (covariance / np.outer(spread, spread))[np.triu_indices(len(covariance), 1)]
    r = r[np.isfinite(r)]
    return [float(r.min()), float(r.max())] if len(r) else None
