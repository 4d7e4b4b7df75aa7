"""Every page of a class, of a site, and that a command leaves: read, reached and understood by whom it may concern.

The table of pages is in support/every_page.py. The exercise, the shelf, the form and the coding in JupyterLab have the same
asked of them where they are tested (test_looks.py, test_lab.py, test_form.py, test_coding.py).
"""

from contextlib import ExitStack, contextmanager
from itertools import product

import pytest
from support import site_pages
from support.accessibility import accessible, at_rest, by_keyboard, in_forced_colours, reads_well, reflows, tree
from support.class_server import held, steer
from support.every_page import MOMENTS, refused
from support.seen import DESKTOP, Seen, Stand, seen_in
from support.sites import enter, play, press

THEMES = ("light", "dark")
# their colours aren't the system's where it has some; the browser puts its own, which axe doesn't see
ON_PAPER = ("pack", "files", "sheets")
PHONE, NARROWEST = {"width": 390, "height": 844}, {"width": 320, "height": 568}  # WCAG 1.4.10
ENLARGED = {"width": 640, "height": 400}  # 1280 × 800 at 200 %
IN_CI = ("talk", "vote")  # the others with the long tests; a site is looked at while it is played, too
EACH = [
    pytest.param(
        name,
        marks=[
            *[pytest.mark.needs("npm")] * (moment in site_pages.MOMENTS), *[pytest.mark.long] * (name not in IN_CI)
        ],
    )
    for name, moment in MOMENTS.items()
]  # fmt: skip


@contextmanager
def pages(moment, folder, *langs):
    """The pages of a moment, one after the other, each as it was when it was there."""
    with ExitStack() as stack:
        stand = Stand(folder, stack, langs)
        yield stand, MOMENTS[moment](stand)


def judged(page, name, looks):
    """All that a program can say of a page."""
    for theme, size in looks:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size(size)
        accessible(page, f"{name}, {theme}, {size['width']}")
    reads_well(page, name)
    for size in (NARROWEST, ENLARGED):
        page.set_viewport_size(size)
        reflows(page, f"{name}, {size['width']}")
    page.emulate_media(reduced_motion="reduce")
    at_rest(page, name)


def test_one_page(chromium, tmp_path):
    """A refusal at the door; test_each_page_once has all of them."""
    with held(tmp_path) as server, ExitStack() as stack:
        stand = Stand(tmp_path, stack, server=server)
        with seen_in(chromium, stand, Seen("join refused", "/", act=refused), "ru") as page:
            *_, wrong = [node for node in tree(page) if node.properties.get("focused")]  # the page itself comes first
            assert wrong.role == "textbox" and wrong.properties["invalid"] == "true"
            assert wrong.description == page.inner_text("#error")
            judged(page, "join refused", [("dark", PHONE)])
            by_keyboard(page, "join refused")
            in_forced_colours(page, "join refused")


@pytest.mark.slow
@pytest.mark.parametrize("moment", EACH)
def test_each_page_once(chromium, tmp_path, moment):
    """In its first language, on a phone, light and dark in turn."""
    with pages(moment, tmp_path, "ru") as (stand, found):
        names = []
        for seen in found:
            names.append(seen.name)
            if seen.again:
                continue
            with seen_in(chromium, stand, seen, seen.langs[0]) as page:
                page.emulate_media(color_scheme=THEMES[len(names) % 2])
                page.set_viewport_size(PHONE)
                accessible(page, seen.name)
                by_keyboard(page, seen.name)
        assert names and len(names) == len(set(names)), names


@pytest.mark.long
@pytest.mark.parametrize("moment", EACH)
def test_every_page_every_way(chromium, tmp_path, moment):
    """In each of its languages, light and dark, wide, narrow and enlarged, by keyboard and in the system's colours."""
    with pages(moment, tmp_path, "ru", "en") as (stand, found):
        for seen in found:
            for lang in seen.langs:
                with seen_in(chromium, stand, seen, lang) as page:
                    assert page.get_attribute("html", "lang") == lang, seen.name
                    assert page.get_attribute("html", "dir") == ("rtl" if lang == "he" else None), seen.name
                    judged(page, f"{seen.name}, {lang}", product(THEMES, (DESKTOP, PHONE)))
                    if lang == seen.langs[0]:
                        by_keyboard(page, seen.name)
                        if not {moment, seen.name} & {*ON_PAPER}:
                            in_forced_colours(page, seen.name)


@pytest.mark.slow
def test_a_screen_reader_is_told_what_is_new(chromium, tmp_path):
    """A page that takes another's place says nothing by itself: new words of a talk, a pause, a refusal are told."""
    with held(tmp_path, cases=["racket_refund"]) as server, ExitStack() as stack:
        stand = Stand(tmp_path, stack, server=server)
        with seen_in(chromium, stand, Seen("talk", "/play", server.playing("Аист")), "ru") as page:
            heard = page.wait_for_selector("#heard", state="attached")
            assert heard.inner_text() == "", "a page that was opened is read as it stands"
            page.wait_for_selector("main:not(.fresh)")
            mine = page.inner_text(".choice .opt >> nth=0 >> span")
            page.click(".choice .opt >> nth=0")
            page.wait_for_function("words => document.querySelector('#heard').innerText.includes(words)", arg=mine)
            after = page.eval_on_selector_all(".talk #now ~ li.them p", "all => all.map((one) => one.innerText)")
            assert after and all(
                one in heard.inner_text() for one in after
            )  # the same element, so that it is listened to
            assert page.evaluate("document.activeElement.matches('.choice fieldset')"), "the replies come next"
            steer(server.trainer(), "paused", "1")
            page.wait_for_selector("h1:has-text('Пауза')")
            page.wait_for_function("document.activeElement.matches('h1')")
            assert "Пауза" in heard.inner_text()


@pytest.mark.long
def test_a_site_tells_what_is_new_too(chromium, npm, tmp_path):
    with pages("site", tmp_path, "ru") as (stand, found):
        conversations = next(seen for seen in found if seen.window)
        with seen_in(chromium, stand, conversations, "ru") as page:
            heard = page.query_selector("#heard")
            enter(page, "boundaries")
            first = page.inner_text(".talk > li >> nth=0")
            assert first in heard.inner_text(), "the beginning of a talk is new"
            assert page.evaluate("document.activeElement.matches('.choice textarea')"), "what is to be done comes next"
            press(page, ".choice [value='1']")
            mine = page.inner_text(".choice .opt >> nth=0 >> span")
            press(page, ".choice .opt >> nth=0")
            press(page, ".choice [name=why][value='']")
            assert mine in heard.inner_text() and first not in heard.inner_text()
            other = page.context.new_page()
            other.goto(page.url)
            other.wait_for_selector(".choice textarea")
            press(other, ".choice [value='']")
            page.wait_for_selector(".choice fieldset")  # another window has gone on
            assert page.evaluate("document.activeElement.matches('.choice fieldset')"), "and the keyboard goes along"
            play(page, lambda turn, n: n - 1)
            assert page.evaluate("document.activeElement.matches('.debrief')")
            page.click("a[href^='/debrief?page=2']")
            page.wait_for_selector(".debrief[aria-labelledby]:focus")
            *_, at = [node for node in tree(page) if node.properties.get("focused")]
            assert at.name == page.inner_text("h1#which")
