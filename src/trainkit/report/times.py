"""Which time is before which? By when answers were given, else by what the times are called; never by the order of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from trainkit.errors import N_, TrainkitError, UnknownName
from trainkit.exchange.checks import alike

if TYPE_CHECKING:
    import pandas as pd

SET, BY_AT, BY_WORDS = (  # what an order rests on
    N_("as it was set"),
    N_("by when the answers were given"),
    N_("by what they are called"),
)
_WORDS = (  # how a word begins that is of before, of after, of long after
    ("before", "pre", "baseline", "до", "перед", "входн", "исходн", "начал"),
    ("after", "post", "после", "выходн", "итог", "конец", "конеч"),
    ("follow", "later", "delayed", "отсроч", "отдал", "спустя", "через"),
)
_ORDINALS = (("first", "перв"), ("second", "втор"), ("third", "трет"), ("fourth", "четв"), ("fifth", "пят"))
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_DATES = ("%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%y", "%Y-%m", "%m.%Y", "%d/%m/%Y")
_MANY = 8  # values that are named where there are more of them


def in_order(rows: pd.DataFrame, column: str, order: Sequence[str] | None = None) -> tuple[list[str], str]:
    """The times, the earliest first, and what that rests on.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``_wave``, and ``at`` where it is known when answers were given.
    column : str
        What the column of times is called.
    order : sequence of str, optional
        The times to compare, the earliest first.

    Raises
    ------
    TrainkitError
        If nothing tells the order, or it was set by times that there aren't.
    """
    there = sorted(map(str, rows["_wave"].dropna().unique()))
    if order is not None:
        return _as_set(there, order), SET
    if len(there) < 2:
        return there, SET
    if (found := _by_at(rows)) is not None:
        return found, BY_AT
    if (found := _by_words(there)) is not None:
        return found, BY_WORDS
    named = ", ".join(f"“{one}”" for one in there[:_MANY]) + (", …" if len(there) > _MANY else "")
    said = N_(
        "Which time of the column “{column}” is before which? Their names don’t tell: {times}. "
        "Set it, the earliest first: --order “{example}”; or name the column that has when answers were given: "
        "--column THEIRS=at."
    )
    raise TrainkitError(said, column=column, times=named, example=",".join(there[:2]))


def _as_set(there: Sequence[str], order: Sequence[str]) -> list[str]:
    known = {alike(one): one for one in there}
    for one in order:
        if alike(one) not in known:
            raise UnknownName("time", one, there)
    found = [known[alike(one)] for one in order]
    if len(set(found)) != len(found) or len(found) < 2:
        raise TrainkitError(N_("--order names two times or more, each once (got {got})"), got=", ".join(order))
    return found


def _by_at(rows: pd.DataFrame) -> list[str] | None:
    """By when the same people answered, else by when people did; None if that isn't known of each, or tells none apart."""
    if "at" not in rows.columns:
        return None
    known = rows.dropna(subset=["_wave", "at"])
    if known["_wave"].nunique() < rows["_wave"].dropna().nunique():
        return None
    when = known.groupby(["person", "_wave"])["at"].median().unstack()
    same = when.dropna()
    found = (same.sub(same.mean(axis=1), axis=0) if len(same) else when).median().sort_values()
    return [str(one) for one in found.index] if found.is_unique else None


def _by_words(there: Sequence[str]) -> list[str] | None:
    for place in (_before_or_after, _date, _number):
        places = [place(alike(one).replace("ё", "е")) for one in there]
        known = [one for one in places if one is not None]
        if len(known) == len(there) == len({key for _, key in known}) and len({kind for kind, _ in known}) == 1:
            return [one for _, one in sorted(zip((key for _, key in known), there, strict=True))]
    return None


Place = tuple[str, float] | None  # what else the name says, which is the same in all, and where it stands


def _before_or_after(name: str) -> Place:
    for word in re.findall(r"[^\W\d_]+", name)[:1]:
        for place, begins in enumerate(_WORDS):
            if any(word == one if one == "до" else word.startswith(one) for one in begins):
                return "", place
    return None


def _date(name: str) -> Place:
    readers: list[Callable[[str], datetime]] = [datetime.fromisoformat]
    readers += [lambda text, form=form: datetime.strptime(text, form) for form in _DATES]  # type: ignore[misc]
    if re.fullmatch(r"\d+", name):
        return None  # a number
    for reader in readers:
        try:
            return "", reader(name).replace(tzinfo=None).timestamp()
        except ValueError:
            continue
    return None


def _number(name: str) -> Place:
    """The one number of a name: 1, T2, 2-й замер, II, first."""
    found: list[tuple[str, float]] = [
        (
            name[: one.start()] + "#" + re.sub(r"^-?(?:st|nd|rd|th|й|я|е|ый|ой|ий)\b", "", name[one.end() :]),
            float(one[0]),
        )
        for one in re.finditer(r"\d+(?:\.\d+)?", name)
    ]
    for one in re.finditer(r"[^\W\d_]+", name):
        for place, begins in enumerate(_ORDINALS, 1):
            if one[0].startswith(begins):
                found.append((name[: one.start()] + "#" + name[one.end() :], place))
        if one[0] in _ROMAN:
            found.append((name[: one.start()] + "#" + name[one.end() :], _ROMAN.index(one[0]) + 1))
    return found[0] if len(found) == 1 else None
