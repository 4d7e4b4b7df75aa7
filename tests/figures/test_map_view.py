"""The map to look around in: every place has its card, words are found, a click tells a scene; also in a real browser."""

import json

import pytest
from support.jupyter_lab import browser, watched_page
from support.places import CASEBOOK, TEST_CASES

from trainkit import load_case
from trainkit.figures.case_map import draw_case_map, survey
from trainkit.files.case_errors import case_from_data
from trainkit.files.scaffold import new_case
from trainkit.notebook import author

NARROW = {"width": 760, "height": 800}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("map") / "map.html"
    draw_case_map(load_case(CASEBOOK / "racket_refund"), file, "ru")
    return file


def test_every_place_has_a_card_and_a_box(page_file):
    case, page = load_case(CASEBOOK / "racket_refund"), page_file.read_text("utf-8")
    for name in (*case.scenes, *case.endings):
        assert page.count(f'data-card="{name}"') == page.count(f'id="place-{name}"') == 1, name
    assert 'src="http' not in page and 'href="http' not in page


def test_the_notebook_shows_the_same(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRAINKIT_CASEBOOK", str(TEST_CASES))
    shown = author.picture("late_parcel", "en")._repr_html_()
    assert "<svg" in shown and 'data-card="call"' in shown and "Search words" in shown and "<html" not in shown
    assert "Where’s my parcel? It’s a dear one." in shown and "Where’s my parcel?" in shown, "all variants of a line"


def test_what_is_worth_as_much_as_best_play_is_drawn(tmp_path):
    """A twin of the best reply: best play takes one of them, the map shows both."""
    data = json.loads(load_case(new_case("brakes", tmp_path)).source_json)
    (alone,) = [one for one in survey(case_from_data(data, "x"), "ru").replies["counter"] if one.on_best_way]
    name = list(data["scenes"]["counter"]["options"])[alone.number - 1]
    twin = json.loads(json.dumps(data["scenes"]["counter"]["options"][name]))
    there = twin["goto"][-1]["value"]
    data["scenes"]["there_too"] = json.loads(json.dumps(data["scenes"][there]).replace(f'"{there}"', '"there_too"'))
    data["scenes"]["counter"]["options"]["twin"] = twin | {"goto": [{"value": "there_too"}]}
    case = case_from_data(data, "x")
    twins = [one for one in survey(case, "ru").replies["counter"] if one.on_best_way or one.as_good]
    assert [(one.on_best_way, one.as_good) for one in twins] == [(True, False), (False, True)]
    assert twins[0].text == twins[1].text
    draw_case_map(case, tmp_path / "map.svg", "ru")
    drawn = (tmp_path / "map.svg").read_text("utf-8")
    assert "◎ 5" in drawn and "stroke-dasharray" in drawn


@pytest.mark.slow
def test_in_chromium(page_file, chromium_path):
    with browser(chromium_path) as chromium, watched_page(chromium.new_context(viewport=NARROW)) as page:
        look_around(page, page_file)


def look_around(page, page_file):
    page.goto(page_file.as_uri())
    page.wait_for_selector(".tk-map[data-ready]")
    case = load_case(CASEBOOK / "racket_refund")

    def shown():
        cards = [card.get_attribute("data-card") for card in page.locator(".card").all() if card.is_visible()]
        assert cards == [page.input_value("select")]
        return cards[0]

    assert shown() == case.start
    label = page.locator(".canvas svg text", has_text="○").first.bounding_box()
    assert label["height"] >= 10, "readable as it opens"
    assert page.evaluate("document.documentElement.scrollWidth") <= 760

    def width():
        return page.locator(".canvas svg").bounding_box()["width"]

    before = width()
    page.click('[data-zoom="1.25"]')
    assert width() == pytest.approx(1.25 * before, rel=0.01)
    page.click('[data-zoom="0"]')
    assert width() <= page.locator(".canvas").bounding_box()["width"] + 1
    name = [*case.scenes][3]
    box = page.locator(f"#place-{name}").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert shown() == name
    link = page.locator(f'.card[data-card="{name}"] a').first
    to = link.get_attribute("data-go")
    link.click()
    assert shown() == to
    page.fill("input[type=search]", "термос")
    found = shown()
    assert "термос" in page.locator(f'.card[data-card="{found}"]').inner_text()
    page.select_option("select", case.start)
    assert shown() == case.start
