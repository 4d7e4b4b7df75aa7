"""What a research notebook shows: sentences escaped, pictures with words and table, and why something can't be said."""

import pandas as pd
import pytest

from trainkit.analysis.generalisability import Components
from trainkit.analysis.tables import TooFew
from trainkit.figures.people_plots import how_many_cases
from trainkit.notebook.research import beside, explained, show, table

FOUND = Components(
    0.02, 0.0, 0.007, 0.001, 0.1, {"person": (0.01, 0.03), "case": (0.0, 0.02), "scene": (0.0, 0.01)}, 0.9, 200, 2, 12.0
)


@pytest.fixture
def displayed(monkeypatch):
    """What was displayed, as a notebook gets it."""
    found = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw, metadata=None: found.append(data))
    return found


def test_a_sentence_is_text_and_not_markup(displayed):
    show("“<b>trained</b>” & co.")
    assert displayed[0] == {
        "text/html": "<p>“&lt;b&gt;trained&lt;/b&gt;” &amp; co.</p>",
        "text/plain": "“<b>trained</b>” & co.",
    }


def test_a_table_has_words_numbers_as_they_are_known_and_nothing_for_nothing(displayed):
    frame = pd.DataFrame({"item": ["c/a", "c/<b>"], "people": [1234, 5], "item_rest": [0.456, float("nan")]})
    show(table(frame, "ru", names={"c/a": "Касса"}), table(pd.concat([frame] * 8), "en"))
    one, long = displayed
    assert one["text/plain"] == "Сцена | Люди | С остальными сценами, r\nКасса | 1\u00a0234 | 0,46\nc/<b> | 5 | –"
    assert "<th" in one["text/html"] and "c/&lt;b&gt;" in one["text/html"] and "<details>" not in one["text/html"]
    assert "<details><summary>16 rows</summary>" in long["text/html"]


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_picture_has_its_finding_as_text_and_its_table_under_it(lang, displayed):
    picture = how_many_cases(FOUND, lang, synthetic=True)
    show(picture)
    seen, words = displayed
    assert seen["image/png"] and seen["text/plain"] == picture.said and picture.said in words["text/html"]
    assert words["text/html"].count("<tr>") == 11
    label = [text.get_text() for text in picture.figure.texts]
    assert {"ru": "СИНТЕТИЧЕСКИЕ ДАННЫЕ: никто не отвечал", "en": "SYNTHETIC DATA: nobody answered"}[lang] in label


def test_what_cannot_be_said_is_a_sentence_and_other_errors_stay_errors(displayed):
    with explained("en", "The station"):
        raise TooFew("people", 2, 3)
    assert displayed[0]["text/plain"] == "The station. Can’t be said yet (people: 2; needed: 3 or more)."
    with pytest.raises(ZeroDivisionError), explained("ru"):
        raise ZeroDivisionError


def test_a_table_beside_is_told_where_it_is_made_up_or_wrong_and_has_its_columns_then(displayed, tmp_path):
    file = tmp_path / "criterion.csv"
    for text, said in (
        (
            "person,rating,origin\np1,3.5,synthetic\np2,,synthetic\n",
            "SYNTHETIC: criterion.csv was made up by a program.",
        ),
        ("person,rating\np1,3.5\np2,good\n", "criterion.csv, row 2: rating is no number."),
        ("person,mark\np1,3.5\n", "The table has no column rating (it has person, mark)."),
    ):
        file.write_text(text, "utf-8")
        found = beside(file, ["person", "rating"], "en", ["rating"])
        assert displayed.pop()["text/plain"] == said and {"person", "rating"} <= set(found.columns)
        assert len(found) == (2 if said.startswith("SYNTHETIC") else 0)
    assert len(beside(None, ["person"], "en")) == 0 and not displayed
    assert len(beside(tmp_path / "none.csv", ["person"], "en")) == 0 and "isn't there" in displayed.pop()["text/plain"]
