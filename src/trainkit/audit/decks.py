"""Are two decks parallel forms? A deck is a case of twelve single scenes; people alike play both."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from trainkit.audit.crowd import Played
from trainkit.audit.figures import CaseStudy, Figures, case_figures, fit_auc
from trainkit.audit.people import AGAINST, ALIKE, LESS_SKILLED, Numbers
from trainkit.audit.statistics import alpha, correlation, covariances, mean
from trainkit.audit.surface import Surface
from trainkit.errors import TrainkitError

SCENES = 12
LIMITS = {  # figure → how far two parallel decks may be apart
    "decisions": 0.0,
    "mean_fit": 2.0,
    "mean_position": 5.0,
    "sd_fit": 2.0,
    "alpha_fit": 0.1,
    "alpha_position": 0.1,
    "null_share": 0.05,
    "best.centric": 0.1,
    "best.orientated": 0.1,
    "best.middle": 0.1,
}


class Apart(NamedTuple):
    """A figure in which two decks are further apart than parallel forms may be."""

    figure: str
    a: float | None
    b: float | None
    by: float | None
    limit: float


def refuse_decks(names: Sequence[str]) -> None:
    """Raise TrainkitError for anything but no deck or two."""
    if len(names) not in (0, 2):
        got = f'one: "{names[0]}"' if len(names) == 1 else f"{len(names)}"
        raise TrainkitError(
            f"--deck compares two decks, so it is given twice (got {got}). "
            "For example: trainkit audit --deck counters_a --deck counters_b"
        )
    if len(set(names)) == 1:
        raise TrainkitError(f'--deck compares two decks; both are "{names[0]}"')


def deck_figures(a: CaseStudy, b: CaseStudy, found: Mapping[str, Surface]) -> Figures:
    """The figures of each deck under its id, and of both together; and in what they are no parallel forms.

    Raises TrainkitError if both have one id.
    """
    refuse_decks([a.case.id, b.case.id])
    each = [_deck(one, found) for one in (a, b)]
    alike = [one.played(ALIKE) for one in (a, b)]
    apart = parallel_apart(*each)
    return {
        "ids": [a.case.id, b.case.id],
        **dict(zip((a.case.id, b.case.id), each, strict=True)),
        "r_fit": correlation(alike[0].fit, alike[1].fit),
        "r_position": correlation(alike[0].position, alike[1].position),
        "means_difference": _difference(alike),
        "together": {
            "alpha_fit": _scenes_alpha([played.scene_fit for played in alike]),
            "alpha_position": _scenes_alpha([played.scene_position for played in alike]),
            "alpha_fit_less_skilled": _scenes_alpha([one.played(LESS_SKILLED).scene_fit for one in (a, b)]),
            **{name: fit_auc([a, b], kind) for name, kind in AGAINST.items()},
        },
        "parallel": not apart,
        "apart": [one._asdict() for one in apart],
    }


def _deck(one: CaseStudy, found: Mapping[str, Surface]) -> Figures:
    less = one.played(LESS_SKILLED)
    counts = (~np.isnan(one.played(ALIKE).scene_fit)).sum(axis=1)
    return case_figures(one, found) | {
        "decisions": mean(counts.astype(float)),
        "decisions_range": [int(counts.min()), int(counts.max())],
        "alpha_fit_less_skilled": _scenes_alpha([less.scene_fit]),
        "alpha_position_less_skilled": _scenes_alpha([less.scene_position]),
    }


def _scenes_alpha(parts: Sequence[Numbers]) -> float | None:
    items = np.column_stack(parts)
    return alpha(covariances(items[:, (~np.isnan(items)).mean(axis=0) >= 0.01]))


def _difference(alike: Sequence[Played]) -> float | None:
    means = [mean(played.fit) for played in alike]
    return None if None in means else means[0] - means[1]


def parallel_apart(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Apart]:
    """In which figures two decks differ by more than parallel forms may, and whether each has twelve decisions."""
    found = []
    for figure, limit in LIMITS.items():
        values = [_look_up(one, figure) for one in (a, b)]
        if None in values:
            if values != [None, None]:
                found.append(Apart(figure, *values, None, limit))
        elif abs(values[0] - values[1]) > limit + 1e-9:
            found.append(Apart(figure, *values, abs(values[0] - values[1]), limit))
        elif figure == "decisions" and abs(values[0] - SCENES) > 1e-9:
            found.append(Apart(figure, *values, abs(values[0] - SCENES), limit))
    return found


def _look_up(figures: Mapping[str, Any], name: str) -> float | None:
    head, _, rest = name.partition(".")
    value = figures[head]
    if rest:
        return value[rest]
    return value[ALIKE.name] if isinstance(value, Mapping) else value
