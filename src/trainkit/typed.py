"""When is what somebody typed the same? One spelling for names, ids and words, however they were typed or pasted.

macOS gives «й» in file names as и and a breve, and what is pasted brings soft hyphens, zero-width spaces, byte order and
direction marks along: nobody sees them, and a name with one of them would be another person's.
"""

import re
import unicodedata
from functools import cache, lru_cache

# seen by nobody in any script; Hangul fillers are letters to Python, tags are of flags that hardly any font has
_UNSEEN = (
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]+"
)
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
# Persian, Indic scripts and emoji need joiners between two signs; Latin, Greek and Cyrillic never do
_NEEDS = "[\u0590-\u1dff\u2100-\U0010ffff]"
_IDLE_JOINER = f"(?<!{_NEEDS})[{JOINERS}]|[{JOINERS}](?!{_NEEDS})"
_pattern = cache(re.compile)  # when a text first needs it: a browser takes 40 ms for these


def typed(text: str) -> str:
    """A text in Unicode's composed form (NFC) without what nobody sees.

    >>> typed("Й\u00adод") == typed("И\u0306од") == "Йод"
    True
    """
    if text.isascii():
        return text
    seen = unicodedata.normalize("NFC", _pattern(_UNSEEN).sub("", text))
    return unicodedata.normalize("NFC", _pattern(_IDLE_JOINER).sub("", seen))


# letters that look the same in most fonts, after Unicode's confusables (UTS 39): those that a phone's keyboard has
_SAME = str.maketrans(
    "АВЕКМНОРСТУХЅІЈӀԌԚԜҮаеорсухіјѕһԁԛԝѵӏүΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγικкνορυχϲϳıɡɑI",
    "ABEKMHOPCTYXSlJlGQWYaeopcyxijshdqwvlyABEZHlKMNOPTYXayiĸĸvopuxcjigal",
)
_FORMS = "[\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]+"  # they choose a letter's form


# punctuation, spaces, signs, what is no character; not letters, numbers, marks and pictures
_NOT_SAID = {"Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Zl", "Zp", "Zs", "Cc", "Cf", "Co", "Cn", "Sc", "Sk", "Sm"}


@lru_cache(maxsize=5_000)
def looks(name: str) -> str:
    """What a name looks like: the same for names that people can't tell apart on a screen.

    >>> looks("Зоя") == looks("З\N{LATIN SMALL LETTER O}я"), looks("Зоя") == looks("зоя")
    (True, False)
    """
    plain = unicodedata.normalize("NFKD", _pattern(_FORMS).sub("", typed(name))).translate(_SAME)
    return " ".join(unicodedata.normalize("NFC", plain).split())


@lru_cache(maxsize=5_000)
def alike(name: str) -> frozenset[str]:
    """What a name is known by: two are taken for one if they share any of it, as they look the same or are called out so.

    Case, spaces and punctuation make no other name; letters, their marks and pictures do.

    >>> bool(alike("Anna (2)") & alike("ANNA(2).")), bool(alike("Анна") & alike("Ана"))
    (True, False)
    """
    said = "".join(char for char in looks(name.casefold()) if unicodedata.category(char) not in _NOT_SAID)
    return frozenset({looks(name), said} - {""})


def spellings(text: str) -> tuple[str, ...]:
    """What a text may be kept as: composed, as now, and decomposed, as an earlier version kept what it got so."""
    text = typed(text)
    return tuple(dict.fromkeys((text, unicodedata.normalize("NFD", text))))
