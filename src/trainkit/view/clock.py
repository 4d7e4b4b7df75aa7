"""How is time told to a room? In minutes and words; nothing counts seconds, and nothing ends by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from trainkit.i18n import catalog, typeset

if TYPE_CHECKING:
    from trainkit.room.records import Clock


class Ticking(NamedTuple):
    """A clock that runs: seconds that are left and that there were; ``now`` in words, ``words`` by what is left, as JSON.

    ``words[0]`` is said when nothing is left, ``words[1]`` under three quarters of a minute, ``words[1 + n]`` about n minutes
    before.
    """

    left: int
    of: int
    now: str
    words: str


def ticking(clock: Clock | None, lang: str, at: datetime | None = None, short: bool = False) -> Ticking | None:
    """A clock at a moment (now, unless one is given), in ``short`` words where there is little room; None where none runs."""
    if clock is None:
        return None
    left = round(clock.left(at or datetime.now(UTC)))
    words = _short_words(clock.minutes, lang) if short else _words(clock.minutes, lang)
    number = 0 if left <= 0 else 1 if left < 45 else 1 + round(left / 60)
    return Ticking(left, 60 * clock.minutes, words[number], json.dumps(words, ensure_ascii=False))


def _words(minutes: int, lang: str) -> list[str]:
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    said = [gettext("time to round off"), gettext("less than a minute left")]
    for n in range(1, minutes + 1):
        said.append(typeset(ngettext("about {n} minute left", "about {n} minutes left", n).format(n=n), lang))
    return said


def _short_words(minutes: int, lang: str) -> list[str]:
    gettext = catalog(lang).gettext
    said = [gettext("it is time"), gettext("under 1 min")]
    return [*said, *(typeset(gettext("{n} min").format(n=n), lang) for n in range(1, minutes + 1))]


def until_words(ends: datetime | None, lang: str) -> str:
    """Until when a break is."""
    return catalog(lang).gettext("until {time}").format(time=f"{ends:%H:%M}") if ends else ""
