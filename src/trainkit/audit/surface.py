"""Can the best reply be told from its form alone? A conditional logit of surface cues, tested on what it wasn't fitted on.

McFadden's conditional logit (1974) of "is best" among the replies of a decision, with a ridge penalty, by Newton's method.
The cues know nothing of what is meant; each is taken relative to the other replies of its decision.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from trainkit.audit.offers import SAME, Offer
from trainkit.audit.people import Numbers
from trainkit.simulation.habits import POLITE

RIDGE = 2.0  # against the weight of some sixty scenes: a cue has to earn its place
STEPS = 30  # of Newton's method; it stops when it moves no more

_NEGATIVE = {"ru": r"(?i)\b(?:не|нет|нельзя|ни)\b", "en": r"(?i)\b(?:no|not|never|none)\b|n’t\b"}
_YOU = {"ru": r"(?i)\b(?:вы|вас|вам|вами|ваш\w*|ты|тебя|тебе|тво\w+)\b", "en": r"(?i)\b(?:you|your|yours)\b"}
_WE = {"ru": r"(?i)\b(?:я|мы|мне|меня|нам|нас|мой|моя|наш\w*)\b", "en": r"(?i)\b(?:i|we|me|us|my|our)\b"}
_IF = {"ru": r"(?i)\b(?:если|когда|тогда)\b", "en": r"(?i)\b(?:if|when|then)\b"}
_BUT = {"ru": r"(?i)\b(?:но|а|зато|только)\b", "en": r"(?i)\b(?:but|only|though|just)\b"}


def _times(patterns: Mapping[str, str]) -> Callable[[str, str], float]:
    return lambda text, lang: len(re.findall(patterns[lang], text)) if lang in patterns else 0


CUES: Mapping[str, Callable[[str, str], float]] = {
    "ends in ?": lambda text, _: text.rstrip("»”’\"'").endswith("?"),
    "?": lambda text, _: text.count("?"),
    "!": lambda text, _: text.count("!"),
    "commas": lambda text, _: text.count(","),
    "dashes": lambda text, _: len(re.findall("[—–]", text)),
    "colons": lambda text, _: len(re.findall("[:;]", text)),
    "digits": lambda text, _: bool(re.search(r"\d", text)),
    "quotation marks": lambda text, _: bool(re.search("[«“„]", text)),
    "ellipsis": lambda text, _: "…" in text,
    "sentences": lambda text, _: len(re.findall(r"[.!?…]+", text)),
    "length of words": lambda text, _: len(text) / (1 + text.count(" ")),
    "warm words": lambda text, lang: sum(text.lower().count(word) for word in POLITE.get(lang, ())),
    "negation": _times(_NEGATIVE),
    "begins with a negation": lambda text, lang: bool(re.match(_NEGATIVE[lang], text)) if lang in _NEGATIVE else 0,
    "you": _times(_YOU),
    "we": _times(_WE),
    "if": _times(_IF),
    "but": _times(_BUT),
}
SHAPES = ("length", "longest", "shortest", "first", "last")


class Surface(NamedTuple):
    """Hits of the logit where it was tested, and their standard error; None where it can't be fitted."""

    hits: float | None
    error: float | None
    by_group: Mapping[Hashable, tuple[float, float]]  # hits and error in each group that was left out


def cues(words: Sequence[str], lang: str) -> Numbers:
    """The cues of each reply, less their mean over the decision: replies × cues."""
    lengths = np.array([len(text) for text in words], float)
    shapes = [
        lengths / lengths.mean(),
        lengths == lengths.max(),
        lengths == lengths.min(),
        np.arange(len(words)) == 0,
        np.arange(len(words)) == len(words) - 1,
    ]
    rows = np.array([[cue(text, lang) for cue in CUES.values()] for text in words], float)
    rows = np.column_stack([rows, *shapes]).astype(float)
    return rows - rows.mean(axis=0)


def surface(offers: Sequence[Offer], lang: str, group: Callable[[Offer], Hashable]) -> Surface:
    """Fit on all groups but one and test on that one, group after group."""
    groups = list(dict.fromkeys(map(group, offers)))
    if len(groups) < 2:
        return Surface(None, None, {})
    rows = [cues(offer.words[lang], lang) for offer in offers]
    right: dict[int, float] = {}
    for left_out in groups:
        train = [n for n, offer in enumerate(offers) if group(offer) != left_out]
        weights, scale = fit([offers[n] for n in train], [rows[n] for n in train])
        for n, offer in enumerate(offers):
            if group(offer) == left_out:
                gains = rows[n] / scale @ weights
                right[n] = offer.hit(list(np.flatnonzero(gains >= gains.max() - SAME)))
    by_group = {
        one: _share([(offer, right[n]) for n, offer in enumerate(offers) if group(offer) == one]) for one in groups
    }
    return Surface(*_share([(offer, right[n]) for n, offer in enumerate(offers)]), by_group)


def _share(tested: Sequence[tuple[Offer, float]]) -> tuple[float, float]:
    """Weighted share of hits, and its standard error over scenes."""
    whole = sum(offer.weight for offer, _ in tested)
    share = sum(offer.weight * right for offer, right in tested) / whole
    by_scene: defaultdict[tuple[str, str], float] = defaultdict(float)
    for offer, _ in tested:
        by_scene[offer.scene] += offer.weight
    n = whole**2 / sum(weight**2 for weight in by_scene.values())
    return share, float(np.sqrt(share * (1 - share) / n))


def fit(offers: Sequence[Offer], rows: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    """Weights of the cues, in units of their standard deviation, and these."""
    x = np.vstack(rows)
    scale = x.std(axis=0)
    scale[scale < SAME] = 1.0
    x = x / scale
    sizes = [len(part) for part in rows]
    begins = np.cumsum([0, *sizes[:-1]])
    each = np.repeat(np.arange(len(offers)), sizes)
    mass = np.array([offer.weight for offer in offers])[each]
    best = np.concatenate([_best_shares(offer) for offer in offers])
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        gains = x @ weights
        gains = np.exp(gains - np.maximum.reduceat(gains, begins)[each])
        p = gains / np.add.reduceat(gains, begins)[each]
        slope = x.T @ (mass * (best - p)) - RIDGE * weights
        mean = np.add.reduceat(p[:, None] * x, begins)[each]
        bend = (x * (mass * p)[:, None]).T @ (x - mean) + RIDGE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return weights, scale


def _best_shares(offer: Offer) -> Numbers:
    shares = np.zeros(len(offer.fits))
    shares[offer.best] = 1 / len(offer.best)
    return shares
