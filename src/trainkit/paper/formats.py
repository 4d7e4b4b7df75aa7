"""How are dates and numbers written on paper? As Unicode's locale data (by Babel) have it for a language."""

from __future__ import annotations

from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal


def known_locale(lang: str) -> str:
    """The language as Babel knows it; English where it doesn't."""
    try:
        return str(Locale.parse(lang, sep="-"))
    except (UnknownLocaleError, ValueError):
        return "en"


def long_date(day: str, lang: str) -> str:
    """A day (ISO 8601) in words."""
    return format_date(date.fromisoformat(day[:10]), "long", locale=known_locale(lang))


def short_number(value: float, lang: str) -> str:
    """A number with at most two decimals."""
    return format_decimal(value, format="0.##", locale=known_locale(lang))
