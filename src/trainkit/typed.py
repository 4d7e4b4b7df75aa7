"""When is what somebody typed the same? One spelling for names, ids and words, however they were typed or pasted.

macOS gives «й» in file names as и and a breve, and what is pasted brings soft hyphens, zero-width spaces, byte order and
direction marks along: nobody sees them, and a name with one of them would be another person's.
"""

import re
import unicodedata

# seen by nobody in any script; Hangul fillers are letters to Python, tags are of flags that hardly any font has
_UNSEEN = re.compile(
    "[\xad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]+"
)
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
# Persian, Indic scripts and emoji need joiners between two signs; Latin, Greek and Cyrillic never do
_NEEDS = "[\u0590-\u1dff\u2100-\U0010ffff]"
_IDLE_JOINER = re.compile(f"(?<!{_NEEDS})[{JOINERS}]|[{JOINERS}](?!{_NEEDS})")


def typed(text: str) -> str:
    """A text in Unicode's composed form (NFC) without what nobody sees.

    >>> typed("Й\u00adод") == typed("И\u0306од") == "Йод"
    True
    """
    if text.isascii():
        return text
    seen = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return unicodedata.normalize("NFC", _IDLE_JOINER.sub("", seen))


def spellings(text: str) -> tuple[str, ...]:
    """What a text may be kept as: composed, as now, and decomposed, as an earlier version kept what it got so."""
    text = typed(text)
    return tuple(dict.fromkeys((text, unicodedata.normalize("NFD", text))))
