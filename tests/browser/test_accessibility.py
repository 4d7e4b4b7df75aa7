"""Every page of a class, and every page that a command leaves: read, reached and understood by whom it may concern.

The table of pages is in support/every_page.py. The exercise, the shelf, the form and the coding in JupyterLab have the same
asked of them where they are tested (test_looks.py, test_lab.py, test_form.py, test_coding.py).
"""

from contextlib import ExitStack, contextmanager
from itertools import islice, product

import pytest
from support.accessibility import accessible, at_rest, by_keyboard, in_forced_colours, reads_well, reflows, tree
from support.class_server import held, steer
from support.every_page import MOMENTS, Seen, Stand, refused, seen_in

LANGUAGES, THEMES = ("ru", "en"), ("light", "dark")
ON_PAPER = (
    "pack",
    "files",
)  # their colours aren't the system's where it has some; the browser puts its own, which axe doesn't see
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
ENLARGED, NARROWEST = {"width": 640, "height": 400}, {"width": 320, "height": 568}  # 1280 × 800 at 200 %; WCAG 1.4.10


@contextmanager
def pages(moment, folder, most=None):
    """The pages of a moment, one after the other, each as it was when it was there."""
    with ExitStack() as stack:
        stand = Stand(folder, stack)
        yield stand, islice(MOMENTS[moment](stand), most)


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


@pytest.mark.parametrize(("moment", "most"), [("door", 2), ("talk", 3)])
def test_the_pages_that_everybody_sees(chromium, tmp_path, moment, most):
    """Joining, a refusal, a conversation, the screen, the remote; test_every_page has all of them."""
    with pages(moment, tmp_path, most) as (stand, found):
        for seen in found:
            with seen_in(chromium, stand, seen, "ru") as page:
                judged(page, seen.name, [("dark", PHONE)])
                by_keyboard(page, seen.name)
                in_forced_colours(page, seen.name)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_every_page(chromium, tmp_path, moment):
    with pages(moment, tmp_path) as (stand, found):
        names = []
        for seen in found:
            names.append(seen.name)
            for lang in LANGUAGES:
                with seen_in(chromium, stand, seen, lang) as page:
                    assert page.get_attribute("html", "lang") == lang, seen.name
                    judged(page, f"{seen.name}, {lang}", product(THEMES, (DESKTOP, PHONE)))
                    if lang == LANGUAGES[0]:
                        by_keyboard(page, seen.name)
                        if moment not in ON_PAPER:
                            in_forced_colours(page, seen.name)
        assert names and len(names) == len(set(names)), names


def test_a_screen_reader_is_told_what_is_new(chromium, tmp_path):
    """A page that takes another's place says nothing by itself: new words of a talk, a pause, a refusal are told."""
    with held(tmp_path, cases=["racket_refund"]) as server, ExitStack() as stack:
        stand = Stand(tmp_path, stack, server)
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
        with seen_in(chromium, stand, Seen("join refused", "/", act=refused), "ru") as page:
            *_, wrong = [node for node in tree(page) if node.properties.get("focused")]  # the page itself comes first
            assert wrong.role == "textbox" and wrong.properties["invalid"] == "true"
            assert wrong.description == page.inner_text("#error")
