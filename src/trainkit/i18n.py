"""In which language does the interface speak, and how are figures and texts set in it?

The English text is the key; ``locale/<lang>/LC_MESSAGES/trainkit.po`` holds the translation. Installing compiles it to the
``.mo`` beside it (``hatch_build.py``), so that whoever plays needs no library for it.
"""

import gettext
import re
from functools import lru_cache
from pathlib import Path

from trainkit.errors import TrainkitError

LOCALE = Path(__file__).parent / "locale"
NBSP = "\N{NO-BREAK SPACE}"
# Arabic, Aramaic, Central Kurdish, Divehi, Persian, Hebrew, Kashmiri, Pashto, Sindhi, Syriac, Uyghur, Urdu, Yiddish
_RIGHT_TO_LEFT = frozenset(
    ["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "syc", "syr", "ug", "ur", "yi"]
)
QUOTES = {"ru": "«»"}
_AFTER = re.compile(r" (?=(?:бы|б|же|ж|ли|ль)(?![\w-]))")  # particles belong to the word before them
_SHORT = re.compile(r"(?<![\w-])([А-Яа-яЁёA-Za-z]{1,2}) (?=\S)")


@lru_cache
def languages() -> tuple[str, ...]:
    """Languages the interface speaks."""
    files = LOCALE.glob("*/LC_MESSAGES/trainkit.*o")  # a site has the .mo alone
    return "en", *sorted({file.parts[-3] for file in files})


@lru_cache(maxsize=100)
def catalog(lang: str) -> gettext.NullTranslations:
    """The interface's words in a language, English where it has none; an error where they have not been compiled."""
    if lang not in languages() or lang == "en":
        return gettext.NullTranslations()
    try:
        return gettext.translation("trainkit", LOCALE, [lang])
    except OSError:
        said = f"the interface's words in {lang} are not compiled: install trainkit again (pip install -e .)"
        raise TrainkitError(said) from None


@lru_cache(maxsize=5000)
def typeset(text: str, lang: str) -> str:
    """Set no-break spaces as Russian wants them: before a dash and a particle, after words of one or two letters."""
    if lang != "ru":
        return text
    text = _AFTER.sub(NBSP, text)
    return _SHORT.sub(rf"\1{NBSP}", text).replace(" —", f"{NBSP}—").replace(" –", f"{NBSP}–")


def direction(lang: str) -> str:
    """In which direction a language is written: ``ltr`` or ``rtl``.

    >>> direction("he"), direction("ru")
    ('rtl', 'ltr')
    """
    return "rtl" if lang.lower() in _RIGHT_TO_LEFT else "ltr"


def isolated(text: str, lang: str) -> str:
    """A text within a sentence that may be in another script: it keeps its own order, and the sentence its own."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if direction(lang) == "rtl" else text


def quoted(text: str, lang: str) -> str:
    """Words of a scene in the quotation marks of a language."""
    left, right = QUOTES.get(lang, "“”")
    full_stop = lang == "ru" and text.endswith(".") and not text.endswith("..")  # Russian sets it after the marks
    return f"{left}{text[:-1] if full_stop else text}{right}"


def signed(value: float) -> str:
    """A score as it is written: +38, −15, 0."""
    number = round(value)
    return f"+{number}" if number > 0 else f"\N{MINUS SIGN}{-number}" if number < 0 else "0"


def decimal(value: float, lang: str, digits: int = 2) -> str:
    """A number with two decimals, or so many, as a language writes it: 0.75, −0,25."""
    point = catalog(lang).gettext("0.5")[1]  # translators write this number with their own point
    return f"{value:.{digits}f}".replace(".", point).replace("-", "\N{MINUS SIGN}")


def percent(value: float) -> str:
    """Where a position is on a drawn scale whose ends keep a little off the margins."""
    return f"{3 + 94 * (value + 100) / 200:.1f}%"
