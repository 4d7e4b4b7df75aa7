"""The page of an audit: whole in itself, in both languages, with every verdict, and readable without colour."""

import re

import pytest
from support.command_line import PARCEL
from support.toy_cases import BLUEPRINT, row_of_scenes

from trainkit import load_case
from trainkit.audit.figures import study
from trainkit.audit.offers import Offer
from trainkit.audit.page import page
from trainkit.audit.pictures import bars, columns, spreads
from trainkit.audit.report import audit, sentence


@pytest.fixture(scope="module")
def audited():
    toys = [row_of_scenes(BLUEPRINT, (0.05,), name) for name in ("deck_a", "deck_b")]
    return audit([load_case(PARCEL), row_of_scenes(english=False)], toys, n=2_000)


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_verdict_is_on_the_page(audited, lang):
    html = page(audited, lang)
    plain = html.replace("\N{NO-BREAK SPACE}", " ").replace("&#39;", "'")
    for name, verdicts in audited.verdicts.items():
        for verdict in verdicts:
            assert sentence(audited, name, verdict, lang).replace("\N{NO-BREAK SPACE}", " ") in plain
    assert html.count('class="verdicts"') == 2 + 2 + 2  # all, both decks, each deck, each case
    assert ("Where the best reply lies" if lang == "en" else "Где лежит лучший ответ") in html
    assert ("no English text" if lang == "en" else "нет английского текста") in html


def test_the_page_needs_nothing_else(audited):
    html = page(audited, "en")
    assert "<script" not in html and "http" not in html.replace("http-equiv", "")
    assert "prefers-color-scheme: dark" in html and "@media print" in html and "width=device-width" in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) and set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
    for level, mark in (("good", "✓"), ("look", "?"), ("bad", "✕")):
        assert len(
            re.findall(f'<li class="{level}"><span class="level"><i aria-hidden="true">{re.escape(mark)}</i>', html)
        )


def test_the_columns_of_a_picture_by_hand():
    offer = Offer(("toy", "s"), 0, 1.0, {"ru": ("a", "b", "c", "d")}, (1.0, 0.5, 1.0, 0.0), (-1.0, 0.0, 1.0, None))
    shown = columns([offer])
    assert [column.low for column in shown[:-1]] == [-1.0, -0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8]
    assert (shown[0].best, shown[9].best, shown[5].best, shown[10].best) == (50, 50, 0, 0)
    assert [shown[place].offered for place in (0, 5, 9, 10)] == [25] * 4
    assert shown[0].best_height == 100 and shown[0].offered_height == 50


def test_bars_have_the_biggest_first_and_the_rest_together():
    shown = bars({f"s{n}": 0.1 for n in range(10)})
    assert len(shown) == 9 and shown[-1].scene is None and shown[-1].share == pytest.approx(20)
    assert [bar.scene for bar in bars({"a": 0.25, "b": 0.75})] == ["b", "a"]


def test_spreads_are_in_order():
    for spread in spreads(study(row_of_scenes(), 500)):
        assert spread.low <= spread.lower <= spread.middle <= spread.upper <= spread.high
