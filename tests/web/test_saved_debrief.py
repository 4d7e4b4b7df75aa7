"""The debrief as a file: whole, alone, nobody else's, and only where there is one."""

import re
from datetime import datetime
from urllib.parse import unquote

import pytest
from support.class_server import RACKET, debrief_pages, plain, walk
from support.hostile import HOSTILE, harmless

from trainkit.files import casebook


def finished(server, name, **how):
    browser = server.playing(name, **how)
    walk(browser, lambda options: options[0], lambda page: None)
    return browser


def test_a_debrief_can_be_saved_as_one_file(hold):
    with hold(cases=(RACKET,)) as server:
        browser = finished(server, "Ирис")
        first, *_, last = [browser.get("/play"), *debrief_pages(browser)]
        for page in (first, last):
            assert "/debrief/file" in page.links and "пока включён ноутбук тренера" in page.words
        saved = browser.get("/debrief/file")
        assert saved.status == 200 and saved.header("content-type") == "text/html; charset=utf-8"
        day = datetime.fromisoformat(server.attempts("Ирис")[0]["started_at"]).astimezone().date().isoformat()
        told = saved.header("content-disposition")
        assert told.startswith(f'attachment; filename="racket_refund-{day}.html"')
        title = casebook.load_case(RACKET).text("title", "ru")
        assert unquote(told.partition("filename*=UTF-8''")[2]) == f"{title}, {day}.html"
        # all that the phone's pages tell, in one
        for page in (first, *debrief_pages(browser)):
            for said in re.findall(r'<p class="(?:said|did|say-plain)[^"]*">(.*?)</p>', page.text):
                assert said in saved.text or "откройте строку" in said, said
        names = {tag for tag, _ in saved.tags}
        assert "style" in names and not names & {"script", "link", "img", "form", "button", "a", "iframe", "input"}
        assert not [said for _, said in saved.tags if said.keys() & {"src", "href", "action"}]
        assert not re.search(r"url\(|@import|://", saved.text.replace("http://www.w3.org/2000/svg", ""))
        assert not [
            secret for secret in (browser.cookies["trainkit"], server.code, server.address) if secret in saved.text
        ]
        english = finished(server, "Fern", lang="en").get("/debrief/file")
        assert '<html lang="en">' in english.text and "Debrief" in english.words


def test_there_is_none_before_the_end_or_without_feedback(hold):
    with hold() as server:
        browser = server.playing("Ирис")
        assert browser.get("/debrief/file").path == "/play"
        browser.cookies.clear()
        assert browser.get("/debrief/file").path == "/"
        server.stop()
    with hold("--feedback", "none") as server:
        browser = finished(server, "Ирис")
        assert "/debrief/file" not in browser.page.links and browser.get("/debrief/file").path == "/play"


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE[:3], ids=ascii)
def test_hostile_words_stay_words_in_it(hold, hostile):
    with hold("--own-words", "--ask-why") as server:
        browser = server.playing(hostile[:24])
        while browser.page.buttons("words") or browser.page.buttons("why") or browser.page.buttons("option"):
            for kind in ("words", "why"):
                if browser.page.buttons(kind):
                    browser.press(kind, "1", text=f"{hostile} слова")
                    break
            else:
                browser.press("option", browser.page.buttons("option")[0])
        saved = browser.get("/debrief/file")
        harmless(saved, [plain(f"{hostile} слова")])
        assert saved.text.count("<style>") == 1
