"""Pictures of responses: on axes of one's own or new ones, in both languages, with a finding, a table, and "synthetic"."""

import pandas as pd
import pytest
from matplotlib.figure import Figure
from support.places import ROOT

import trainkit as tk
from trainkit.analysis import experts, flows, generalisability, items, summary
from trainkit.figures.key_plots import how_sure
from trainkit.figures.path_plot import path_flow
from trainkit.figures.people_plots import before_after, how_many_cases, spectrum, variance_components
from trainkit.figures.picture import style
from trainkit.figures.scene_names import scene_names
from trainkit.figures.scene_plots import item_map, option_curves, splits

ITEM = "counters_a/massage"
LABEL = {"ru": "СИНТЕТИЧЕСКИЕ ДАННЫЕ: никто не отвечал", "en": "SYNTHETIC DATA: nobody answered"}


@pytest.fixture(scope="module")
def decisions():
    design = pd.read_csv(ROOT / "data/sample/design.csv", encoding="utf-8-sig")
    return tk.read(ROOT / "data/sample").rows.merge(design[["attempt", "group", "wave"]], on="attempt")


def drawers(decisions):
    each = summary.people(decisions, by=["person", "group"])
    by_wave = summary.people(decisions, by=["person", "group", "wave"])
    changed = by_wave.pivot(index=["person", "group"], columns="wave", values="fit").reset_index()
    stand = {group: mine["position"] for group, mine in each.groupby("group")}
    found = generalisability.components(summary.complete_block(decisions))
    tables = summary.by_scene(decisions), items.item_table(decisions)
    curves = items.option_curves(decisions, ITEM)
    ratings = pd.read_csv(ROOT / "data/sample/experts.csv", encoding="utf-8-sig")
    panel = experts.resampled(ratings, decisions[decisions["case_id"].isin(ratings["case"])], rounds=100)
    return {
        "spectrum": lambda lang, **how: spectrum(stand, lang, target=-9.3, **how),
        "before_after": lambda lang, **how: before_after(changed, lang, waves=("before", "after"), **how),
        "components": lambda lang, **how: variance_components(found, lang, **how),
        "splits": lambda lang, **how: splits(items.endorsement(decisions), ITEM, lang, **how),
        "items": lambda lang, **how: item_map(*tables, lang, **how),
        "curves": lambda lang, **how: option_curves(curves, ITEM, lang, **how),
        "cases": lambda lang, **how: how_many_cases(found, lang, **how),
        "sure": lambda lang, **how: how_sure(panel, lang, **how),
        "flow": lambda lang, **how: path_flow(flows.flows(decisions, "racket_refund"), "racket_refund", lang, **how),
    }


NAMES = ["spectrum", "before_after", "components", "splits", "items", "curves", "flow"]


@pytest.fixture(scope="module")
def draw(decisions):
    return drawers(decisions)


def texts(figure):
    return [text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text"))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_picture_has_its_finding_and_its_table_and_says_what_it_is_of(draw, name, lang):
    picture = draw[name](lang, synthetic=True)
    words = texts(picture.figure)
    assert LABEL[lang] in words and not any("nan" in word for word in words)
    assert len(picture.said.split()) > 8 and any(sign.isdigit() for sign in picture.said) and "nan" not in picture.said
    heads, rows = picture.cells()
    assert len(rows) >= 2 and all(len(row) == len(heads) for row in rows)
    assert all(cell and "nan" not in cell for row in rows for cell in row)
    english = any(
        word in " ".join(head for head, _ in heads)
        for word in ("Share", "People", "from", "Attempts", "Variance", "Reply")
    )
    assert english == (lang == "en")
    assert LABEL[lang] not in texts(draw[name](lang, synthetic=False).figure)


@pytest.mark.parametrize("name", NAMES)
def test_axes_go_in_and_come_out(draw, name):
    """Nothing of matplotlib's own state is touched."""
    import matplotlib.pyplot as plt

    ax = Figure().add_subplot()
    picture = draw[name]("en", synthetic=True, ax=ax)
    assert picture.axes is ax and LABEL["en"] in texts(ax.figure) and ax.get_title(loc="left")
    assert not plt.get_fignums()


def test_the_same_picture_is_the_same_text(draw):
    first, second = (draw["splits"]("ru", synthetic=True).svg() for _ in range(2))
    assert first == second and first.startswith("<?xml") and "<dc:date>" not in first
    shown, about = draw["splits"]("en", synthetic=True)._repr_mimebundle_()
    assert shown["image/png"].startswith(b"\x89PNG") and shown["text/plain"] == about["image/png"]["alt"]


def test_bars_are_as_long_as_the_shares_of_the_table(draw, decisions):
    picture = draw["splits"]("en", synthetic=True)
    mine = decisions[decisions["scene"].eq("massage") & decisions["case_id"].eq("counters_a")]
    shares = mine["option"].value_counts(normalize=True)
    assert sorted(bar.get_width() for bar in picture.axes.patches) == pytest.approx(sorted(shares))
    assert picture.table["people"].sum() == len(mine) and picture.table["key"].tolist().count("best") == 1


def test_bands_carry_as_many_as_went(draw, decisions):
    """What enters the bars of a step is as tall as what leaves them, whatever is drawn as one."""
    picture = draw["flow"]("en", synthetic=True)
    bars = [patch for patch in picture.axes.patches if hasattr(patch, "get_width")]
    first = [bar.get_height() for bar in bars if abs(bar.get_x() + 0.05 - 1) < 1e-9]
    second = [bar.get_height() for bar in bars if abs(bar.get_x() + 0.05 - 2) < 1e-9]
    attempts = decisions[decisions["case_id"] == "racket_refund"]["attempt"].nunique()
    assert sum(first) == sum(second) == attempts
    assert picture.table["attempts"].sum() == (decisions["case_id"] == "racket_refund").sum()


def test_several_are_told_apart_without_colour():
    marks = [(style(n).marker, style(n).line) for n in range(7)]
    assert len(set(marks)) == 7 and len({marker for marker, _ in marks}) == 7


def test_one_person_is_a_picture_with_a_reason():
    picture = spectrum({"": [12.0]}, "en", synthetic=False)
    assert "needed: 3" in picture.said and picture.table.empty
    changed = pd.DataFrame({"person": ["a"], "group": [""], "before": [40.0], "after": [50.0]})
    assert "needed: 3" in before_after(changed, "en", synthetic=False, waves=("before", "after")).said


def test_scenes_and_replies_have_their_words():
    case = tk.load_case("racket_refund")
    for lang in ("ru", "en"):
        names = scene_names([case], lang)
        assert names["racket_refund/counter"].replace("\N{NO-BREAK SPACE}", " ") == case.text(
            "scenes.counter.title", lang
        )
        assert len([key for key in names if key.count("/") == 2]) == sum(
            len(scene.options) for scene in case.scenes.values()
        )
