"""Where does one stand on the scale, and with what around it? Numbers → everything that the gauge draws."""

from __future__ import annotations

from typing import NamedTuple

from trainkit.i18n import catalog, percent, signed
from trainkit.scoring.attempt import Score


class Gauge(NamedTuple):
    """Position on the scale, −100 … +100, with everything drawn beside it, as a page needs it.

    Places on the scale are in percent of the width: the band of what was offered (``low``, ``width``), the interval
    (``from_``, ``to``), ``target`` and ``you``; the sides are to which words go there; ``left``, ``right``, ``middle``:
    whether there is room for the scale's own number. ``legend`` has number and words for you, interval, target, band.
    """

    description: str
    low: str
    width: str
    from_: str
    to: str
    target: str
    target_said: str
    target_side: str
    you: str
    you_said: str
    you_side: str
    left: bool
    right: bool
    middle: bool
    legend: tuple[tuple[str, str], ...]


def gauge_of(found: Score, lang: str) -> Gauge | None:
    """The gauge of a score; None where Position is not measured."""
    if found.position is None:
        return None
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    (low, high), (from_, to) = found.offered, found.interval
    you, target = signed(found.position), signed(found.target)
    offered = {"low": signed(low), "high": signed(high)}
    told = {"from_": signed(from_), "to": signed(to)}
    description = gettext(
        "A scale from −100, orientation, to +100, centricity. You were offered {low} to {high}. You are at {you}, which "
        "this few decisions tell to between {from_} and {to}. The case asks {target}."
    )
    span = gettext("{low} to {high}")
    n = found.decisions - round(found.decisions * (found.off_axis or 0))
    mean = ngettext("you, the mean of {n} decision", "you, the mean of {n} decisions", n)
    sure = ngettext("how exactly {n} decision can tell it (90 %)", "how exactly {n} decisions can tell it (90 %)", n)
    return Gauge(
        description=description.format(you=you, target=target, **offered, **told),
        low=percent(low),
        width=f"{94 * (high - low) / 200:.1f}%",
        from_=percent(from_),
        to=percent(to),
        target=percent(found.target),
        target_said=gettext("the case asks {n}").format(n=target),
        target_side=_side(1.25 * found.target),
        you=percent(found.position),
        you_said=gettext("you {n}").format(n=you),
        you_side=_side(1.1 * found.position),
        left=found.position > -70,
        right=found.position < 70,
        middle=abs(found.target) > 25,
        legend=(
            (you, mean.format(n=n)),
            (span.format(low=told["from_"], high=told["to"]), sure.format(n=n)),
            (target, gettext("what this case asks for")),
            (span.format(**offered), gettext("what the replies offered you")),
        ),
    )


def _side(value: float) -> str:
    """Where words at a place begin, so that they stay on the page."""
    return "start" if value < -80 else "end" if value > 80 else "middle"
