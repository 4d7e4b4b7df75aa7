"""Interface words in a language: gettext catalogs, with right plurals.

The English text is the key; ``locale/<lang>/LC_MESSAGES/trainkit.po`` holds the translation and is read as it is, so a
translator needs no compiler.
"""

from __future__ import annotations

import gettext
import io
import re
from functools import lru_cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
NBSP = "\N{NO-BREAK SPACE}"
_SHORT = re.compile(r"(?<![\w-])([А-Яа-яЁёA-Za-z]{1,2}) (?=\S)")


@lru_cache
def languages() -> tuple[str, ...]:
    """Languages the interface speaks."""
    return ("en", *sorted(file.parts[-3] for file in LOCALE.glob("*/LC_MESSAGES/trainkit.po")))


@lru_cache(maxsize=100)
def catalog(lang: str) -> gettext.NullTranslations:
    """The catalog of a language; English where there is none."""
    file = LOCALE / lang / "LC_MESSAGES" / "trainkit.po"
    if not file.exists():
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with file.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=lang))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def known_locale(lang: str) -> str:
    """The language as babel knows it, for figures; English where it doesn't."""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(lang, sep="-"))
    except (UnknownLocaleError, ValueError):
        return "en"


@lru_cache(maxsize=5000)
def typeset(text: str, lang: str) -> str:
    """Set no-break spaces as Russian wants them: before a dash, after words of one or two letters."""
    if lang != "ru":
        return text
    return _SHORT.sub(rf"\1{NBSP}", text).replace(" —", f"{NBSP}—").replace(" –", f"{NBSP}–")


def signed(value: float) -> str:
    """A score as it is written: +38, −15, 0."""
    number = round(value)
    return f"+{number}" if number > 0 else f"\N{MINUS SIGN}{-number}" if number < 0 else "0"


def percent(value: float) -> str:
    """Where a position is on a drawn scale whose ends keep a little off the margins."""
    return f"{3 + 94 * (value + 100) / 200:.1f}%"
