"""One spelling: what looks alike is the same, and what a script needs stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainkit.log.records import clean_words, pseudonym
from trainkit.typed import spellings, typed

PERSIAN, FAMILY, FIRE = "می‌خواهم", "👩‍👩‍👦", "❤️‍🔥"
UNSEEN = ("\xad", "\u200b", "\u200e", "\u202e", "\u2066", "\ufeff", "\u2060", "\u034f", "\u3164")


@pytest.mark.parametrize("mark", UNSEEN)
def test_what_nobody_sees_makes_no_other_name(mark):
    for name in (
        f"Йо{mark}д",
        f"{mark}Йод",
        f"Йод{mark}",
        unicodedata.normalize("NFD", f"Йо{mark}д"),
        f"И{mark}\u0306од",
    ):
        assert typed(name) == pseudonym(name) == clean_words(name) == "Йод", ascii(name)


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_joiners_stay_where_a_script_needs_them(joiner):
    assert typed(f"Си{joiner}ница{joiner}") == "Синица" and typed(f"{joiner}7{joiner} a") == "7 a"
    for text in (PERSIAN, FAMILY, FIRE):
        assert typed(text) == pseudonym(text) == clean_words(text) == text


def test_spellings_are_what_an_older_log_may_have():
    assert spellings("anna") == ("anna",)
    assert spellings("Йод") == spellings("И\u0306од") == ("Йод", "И\u0306од")


@given(st.text() | st.text("йи\u0306 \u200d\u200c\u200b\xad\x07\ue000👩ка\u0915", max_size=100))
def test_once_is_enough(text):
    assert typed(typed(text)) == typed(text)
    assert pseudonym(pseudonym(text)) == pseudonym(text)
    assert unicodedata.is_normalized("NFC", typed(text)) and not set(UNSEEN) & set(typed(text))
