"""A class in Hebrew in real Chromium: phone, wall, remote and paper are mirrored, and scales still run as numbers do."""

import pytest
from support.class_pages import class_pages, pictured
from support.class_server import held
from support.right_to_left import in_hebrew

from trainkit.cli.main import main
from trainkit.session.option_codes import code_of

PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "he-IL"}
WALL = {"viewport": {"width": 1280, "height": 720}, "locale": "he-IL"}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BOXES = """(selectors) => selectors.map((one) => {
  const { left, right } = document.querySelector(one).getBoundingClientRect(); return { left, right }; })"""


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return in_hebrew(tmp_path_factory.mktemp("cases"))


def boxes(page, *selectors):
    return page.evaluate(BOXES, [*selectors])


def reads_from_the_right(page, name):
    assert page.get_attribute("html", "dir") == "rtl" and page.get_attribute("html", "lang") == "he"
    assert page.evaluate(WIDER) == 0
    pictured(page, f"right-to-left-{name}", whole_page=True)


@pytest.mark.long
def test_a_room_in_hebrew(chromium, case, tmp_path):
    with held(tmp_path, "--new", "--lang", "he", "--open", cases=[str(case)]) as server, class_pages(chromium) as open_:
        phone = open_(server, f"/?code={server.code}", **PHONE)
        phone.fill("#name", "דנה")
        phone.check("[name=consent]")
        phone.click("main form .btn")
        phone.wait_for_selector("[name=begin]")
        reads_from_the_right(phone, "lobby")
        phone.click("[name=begin]")
        phone.wait_for_selector(".choice .opt")
        number, words, back = boxes(phone, ".opt kbd", ".opt span", ".opt")
        assert number["left"] > words["right"] - 1 and back["right"] - number["right"] < 40
        phone.wait_for_timeout(500)
        phone.click(f"button[value={code_of('together')}]")
        phone.wait_for_selector(f"button[value={code_of('wet')}]")
        them, mine = boxes(phone, ".say.them p", ".say.you p")
        assert them["right"] > mine["right"] and them["left"] > mine["left"]  # the client from where one begins to read
        arrow = phone.evaluate("getComputedStyle(document.querySelector('.icon.ahead')).transform")
        assert arrow == "matrix(-1, 0, 0, 1, 0, 0)"
        reads_from_the_right(phone, "scene")
        for option in ("enough", "clean"):
            phone.wait_for_timeout(500)
            phone.click(f"button[value={code_of(option)}]")
            clean = f"button[value={code_of('clean')}]"
            phone.wait_for_selector(clean if option == "enough" else ".over, .one-top")
        phone.wait_for_selector(".one-top")
        reads_from_the_right(phone, "debrief")
        first, last = boxes(phone, ".poles > :first-child", ".poles > :last-child")
        assert first["right"] < last["right"]  # orientation where the scale has −100, which numbers have on the left
        wall = open_(server, "/wall", **WALL)
        wall.wait_for_selector(".wall")
        reads_from_the_right(wall, "wall")
        remote = open_(server, server.remote, **WALL)
        remote.wait_for_selector(".knob")
        reads_from_the_right(remote, "remote")
        knobs = remote.evaluate(
            "[...document.querySelectorAll('.knob')].map((one) => one.getBoundingClientRect().left)"
        )
        assert knobs[0] > knobs[1]


def test_the_sheets_of_paper_in_hebrew(chromium, case, tmp_path):
    file = tmp_path / "sheets.html"
    assert main(["print", str(case), "--lang", "he", "-o", str(file)]) == 0
    page = chromium.new_page(viewport={"width": 900, "height": 1200})
    page.goto(file.as_uri())
    reads_from_the_right(page, "paper")
    number, words = boxes(page, ".questions li, .steps li", "h1, h2")
    assert words["right"] >= number["right"]
    assert page.evaluate("getComputedStyle(document.querySelector('.arrow')).transform").startswith("matrix(-1")
    page.close()
