"""What does a hostile client send, and what must every answer be like? For the tests in tests/web/security."""

import re
import sys

import pytest

from support.class_server import (
    URLENCODED,
    Browser,
    debrief_pages,
    plain,
    walk,
)  # fmt: skip
from trainkit.engine.rules import knowledge
from trainkit.view.screen import option_words
from trainkit.web.security import HEADERS

FORM = {"Content-Type": URLENCODED}
COOKIE, BOARD = "trainkit", "trainkit_remote"
HOSTILE = (
    "<script>alert(1)</script>",
    "'\"><img src=x>",
    '" onclick="x()',
    "</main><b>{{7*7}}",
    "<!--token-->&lt;",
    "ann\u202ea\u200f\u0000\u0007b",
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")


def everything(server):
    """What the log has of everybody."""
    return [server.count(table) for table in ("members", "attempts", "events", "controls")]


def guarded_well(page, but=()):
    """Whether an answer has every header it must have, each once; ``but`` those it has a stricter need for."""
    said = [(name.lower(), value) for name, value in page.headers]
    wanted = [(name.decode(), value.decode()) for name, value in HEADERS]
    names = [name for name, _ in said]
    return all((one in said or one[0] in but) and names.count(one[0]) == 1 for one in wanted)


def forgeries(right, own, other):
    """(fields changed, headers) that no page of ours would send."""
    return [
        ({"token": ""}, {}),
        ({"token": right[:-1]}, {}),
        ({"token": "0" * len(right)}, {}),
        ({"token": other}, {}),
        ({"token": right + "\ud7ff"}, {}),
        ({}, {"Origin": "http://evil.example"}),
        ({}, {"Origin": f"http://{own}.evil.example"}),
        ({}, {"Origin": "http://["}),
        ({}, {"Origin": ""}),
    ]


def harmless(page, words=()):
    """No tag, attribute or mark of a person's is alive on a page; ``words`` are there, as text."""
    scripts = [said for tag, said in page.tags if tag == "script"]
    assert all(re.fullmatch(r"/(page|class|clock|wall|remote)\.js\?\w+", said.get("src", "")) for said in scripts), (
        page.path
    )
    assert not {tag for tag, _ in page.tags} & {"img", "iframe", "object", "embed", "base", "b2"}, page.path
    assert not [name for _, said in page.tags for name in said if name.startswith("on")], page.path
    assert not re.search("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]", page.text)
    assert "{{" not in page.text.replace("{{7*7}}", "")  # a template's own mark, as it was written
    for one in words:
        assert one in page.words, (page.path, one)


def pages_of_a_run(server, name):
    """Every kind of page of a trainee's: door, refusals, lobby, talk, debrief, links."""
    browser, found = Browser(server), []
    found.append(browser.get("/"))
    found.append(browser.join(name, consent=False))
    browser.join(name)
    found += [browser.page, browser.get("/link")]
    browser.get("/play")
    browser.press("begin")
    walk(browser, lambda options: options[-1], found.append)
    found += debrief_pages(browser)
    found += [browser.get("/talk"), browser.get("/disagree?n=0"), browser.get("/nowhere")]
    return found


def allowed(session, lang):
    """Every text of the case that somebody at this point of a run may see."""
    case, attempt = session.case, session.attempt
    names = ["title", "role", "notice", "patience.label", "patience.last"]
    names += [f"speakers.{name}" for name in case.speakers]
    names += [said.text for said in attempt.said]
    names += [step.because for step in attempt.steps if session.settings.feedback == "now"]
    place = attempt.state.place
    names += [f"scenes.{place}.{part}" for part in ("title", "prompt")]
    found = {case.text(name, lang) for name in names if name in case.texts}
    if place in case.scenes:
        knows, asked = knowledge(case, attempt.state), {name for at, name in attempt.state.asked if at == place}
        found |= {option_words(case, place, name, "text", knows, lang) for name in {*attempt.open, *asked}}
    return {plain(text) for text in found}
