"""Whose names stand in what people wrote? Found and taken out, each told; carefully, but never surely.

Left in, because no rule finds it: names written small that nobody in the log bears, surnames that begin a sentence,
nicknames, places and firms in one's own spelling, and what only one person could have lived through. Whoever passes texts on
has to read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from trainkit.errors import N_

NOT_PERFECT = N_(
    "Redaction is not perfect: names in small letters, surnames that begin a sentence, nicknames, places and stories that "
    "only one person could tell stay in. Read the texts before you pass them on."
)
KINDS = ("mail", "link", "handle", "phone", "participant", "name", "capitalised")


class Taken(NamedTuple):
    """What was taken out: its kind, and where it began and ended in the text as it was written."""

    kind: str
    start: int
    end: int


class Redacted(NamedTuple):
    """A text with ``[mail]``, ``[phone]``, ``[name]`` … in the places of what was taken out."""

    text: str
    taken: tuple[Taken, ...]


_MARK = {"handle": "link", "participant": "name", "capitalised": "name"}  # the rest is marked by its own kind
_TLD = r"(?:com|org|net|info|io|me|app|ru|su|рф|by|kz|ua|uk|de|eu|us|online|site|pro|dev|ai)"
_MAIL = re.compile(r"[\w.+%-]+\s?(?:@|\(at\)|\[at\]|собака)\s?[\w-]+(?:\.[\w-]+)+", re.I)
_LINK = re.compile(rf"(?:https?://|www\.)\S+|\b(?:[\w-]+\.)+{_TLD}\b(?:/\S*)?", re.I)
_HANDLE = re.compile(r"(?<![\w@])@[\w.]{3,}")
_PHONE = re.compile(r"(?<![\w+])\+?\(?\d(?:[\s\u00a0().‐-–-]{0,2}\d){6,18}(?!\w)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}:\d\d")
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_PATRONYMIC = re.compile(r"[А-ЯЁ][а-яё]+(?:ович|евич|ьич|овн|евн|ичн|иничн)(?:а|у|ем|ом|е|ы|ой|ою|и)?")
_ENDINGS = r"(?:а|я|ы|и|у|ю|е|ой|ою|ей|ею|ёй|ом|ем|ём|ам|ям|ами|ями|ах|ях|ов|ев|ин|ину|ина|ь)?"
_TITLES = re.compile(
    r"(?i:\b(?:mr|mrs|ms|miss|dr|prof|sir|madam|colleague)\b\.?|\b(?:г-н|г-жа|господин\w*|госпож\w+|доктор\w*|тов|товарищ\w*|"
    r"коллег\w+|дяд\w+|тёт\w+|тет[яиюе]\w*)\b\.?)\s+(?=[^\W\d_])"
)
_NO_NAMES = frozenset(  # what is written large inside a sentence and names nobody
    [
        "I",
        "I'm",
        "I’m",
        "I'll",
        "I’ll",
        "I'd",
        "I’d",
        "I've",
        "I’ve",
        "OK",
        "ОК",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "English",
        "Russian",
        "Вы",
        "Вас",
        "Вам",
        "Вами",
        "Ваш",
        "Ваша",
        "Ваше",
        "Ваши",
        "Вашей",
        "Вашу",
        "Вашего",
        "Вашему",
        "Вашим",
        "Ваших",
        "Вашими",
        "Mr",
        "Mrs",
        "Ms",
        "Miss",
        "Dr",
    ]
)
_SENTENCE = re.compile(r"(?:^|[.!?…:\n\r«\"“„])\W*$")


@lru_cache
def first_names() -> frozenset[str]:
    """First names and their short forms, Russian and English, in small letters (``first_names.txt``)."""
    lines = files(__package__).joinpath("first_names.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.casefold().split())


class Redactor:
    """Takes names out of texts: ``names`` are those of the people in the log, ``known`` words that name nobody here.

    ``known`` are the words of the cases: a client who is called Marina in the story may be called so; unless somebody in the
    log is, too.
    """

    def __init__(self, names: Iterable[str] = (), known: Iterable[str] = ()):
        words = {word for name in names for word in _WORD.findall(name) if len(word) > 2}
        self._exact = {word.casefold() for word in words}
        stems = {_stem(word) for word in words if _cyrillic(word)}
        self._inflected = _any_of(stem for stem in stems if len(stem) > 2)
        self._known = {word.casefold() for text in known for word in _WORD.findall(text) if word[0].isupper()}

    def __call__(self, text: str) -> Redacted:
        """The text without them, and what was taken out, in its order."""
        taken: list[Taken] = []

        def take(kind: str, start: int, end: int) -> None:
            if end > start and not any(one.start < end and start < one.end for one in taken):
                taken.append(Taken(kind, start, end))

        for kind, pattern in (("mail", _MAIL), ("link", _LINK), ("handle", _HANDLE)):
            for found in pattern.finditer(text):
                take(kind, found.start(), found.end())
        dates = [found.span() for found in _DATE.finditer(text)]
        for found in _PHONE.finditer(text):
            if not any(start < found.end() and found.start() < end for start, end in dates):
                take("phone", found.start(), found.end())
        self._names(text, take)
        taken.sort(key=lambda one: one.start)
        return Redacted(_without(text, taken), tuple(taken))

    def _names(self, text: str, take) -> None:
        titled = {found.end() for found in _TITLES.finditer(text)}
        shouted = sum(map(str.isupper, text)) > sum(map(str.islower, text))
        before_was = False  # whether the word before was a name: a surname follows
        end_before = 0
        for found in _WORD.finditer(text):
            word, start = found.group(), found.start()
            gap = text[end_before:start]
            kind = self._kind(word, _SENTENCE.search(text[:start]) is not None, start in titled, shouted)
            if kind is None and before_was and gap in (" ", "\u00a0") and word[0].isupper() and word not in _NO_NAMES:
                kind = "name"
            if kind:
                take(kind, start, found.end())
            before_was, end_before = kind is not None, found.end()

    def _kind(self, word: str, begins: bool, titled: bool, shouted: bool) -> str | None:
        """What kind of name a word is; None: none that is known."""
        small, large = word.casefold(), word[0].isupper()
        if small in self._exact or (large and self._inflected.fullmatch(word)):
            return "participant"
        if not large or word in _NO_NAMES or small in self._known:
            return None
        if _PATRONYMIC.fullmatch(word) or titled or _is_first_name(word):
            return "name"
        if begins or len(word) == 1 or (word.isupper() and (shouted or len(word) < 6)):
            return None
        return "capitalised"


def _is_first_name(word: str) -> bool:
    small = word.casefold()
    names = first_names()
    if small in names:
        return True
    if not _cyrillic(word) or len(small) < 4:
        return False
    return any(
        small.startswith(stem) and name in names and re.fullmatch(_ENDINGS, small[len(stem) :])
        for cut in range(1, min(4, len(small) - 2))
        for stem in (small[:-cut],)
        for name in (stem, stem + "а", stem + "я", stem + "й", stem + "ь")
    )


def _cyrillic(word: str) -> bool:
    return re.search("[А-Яа-яЁё]", word) is not None


def _stem(word: str) -> str:
    """What of a Russian name stays the same in all its cases."""
    return word[:-1] if word[-1].casefold() in "аяйьоеы" and len(word) > 3 else word


def _any_of(stems: Iterable[str]) -> re.Pattern[str]:
    listed = "|".join(sorted(map(re.escape, stems), key=len, reverse=True))
    return re.compile(rf"(?i:{listed}){_ENDINGS}" if listed else r"(?!)")


def _without(text: str, taken: Sequence[Taken]) -> str:
    parts, at = [], 0
    for one in taken:
        parts += [text[at : one.start], f"[{_MARK.get(one.kind, one.kind)}]"]
        at = one.end
    return "".join([*parts, text[at:]])
