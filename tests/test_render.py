"""Pages that are filled in say exactly what the template would, whatever the texts are."""

import random

import pytest
from places import CASEBOOK

from trainkit import casebook
from trainkit.entries import draft
from trainkit.session import Session
from trainkit.store import Store
from trainkit.view import pages, render
from trainkit.view.debrief import debrief
from trainkit.workshops import Member

NASTY = [
    "<b>&amp;\"'",
    "{{ 7 * 7 }}",
    "%s %(n)s {n}",
    "0",
    " ",
    "«ёлки» — да",
    "\\0",
    "</script><script>alert(1)</script>",
]
AT = "2026-11-22T10:00:00.000000Z"


def whole(name, lang, /, texts, **values):
    """What ``filled`` stands for."""
    return render.template(name, lang, **texts, **values)


def finished(case, seed):
    dice = random.Random(seed)
    store = Store("sqlite://")
    store.prepare()
    session = Session(store, draft(case, "Лис", seed), case, [])
    while session.phase != "over":
        event = session.move("choose", "ru", step=session.step, option=dice.choice(session.attempt.open))
        session.take(event)
    if seed % 3 == 0:
        session.take(session.move("disagree", "ru", number=0, text=NASTY[seed % len(NASTY)]))
    return session


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("name", casebook.names(CASEBOOK))
def test_filled_pages_are_the_pages(name, lang, monkeypatch):
    case, frame, member = (
        casebook.load(CASEBOOK / name),
        pages.framed(None, None, lang),
        Member("m", "Лис", False, lang, AT),
    )
    for seed in range(6):
        session = finished(case, seed)
        number = 1 + len(pages._debrief_parts(debrief(session, lang)))
        quick = [pages.scene(frame, session, member)] + [pages.debrief(frame, session, n) for n in range(2, number)]
        with monkeypatch.context() as patched:
            patched.setattr(render, "filled", whole)
            pages._DEBRIEFS.clear()
            slow = [pages.scene(frame, session, member)] + [pages.debrief(frame, session, n) for n in range(2, number)]
        assert quick == slow
        assert len(quick) >= 3 and all("\0" not in page for page in quick)


def test_whatever_is_typed_stays_text():
    for text in NASTY:
        texts = {"heading": text, "error": text, "waiting": "", "counted": "", "title": text, "role": text}
        texts |= {"minutes": text, "notice": text, "run": 0, "case_id": text}
        for _ in range(2):  # made, and then filled in
            assert render.filled("class_lobby.html", "en", texts) == whole("class_lobby.html", "en", texts)
        assert "<script>" not in render.filled("class_lobby.html", "en", texts)


def test_a_text_that_is_missing_makes_another_page():
    texts = {"heading": "h", "waiting": "", "counted": "", "title": "t", "role": "r", "minutes": "m", "notice": ""}
    texts |= {"run": 1, "case_id": "c"}
    without, with_it = (render.filled("class_lobby.html", "en", texts | {"error": error}) for error in ("", "no"))
    assert 'role="alert"' not in without and 'role="alert"' in with_it
    assert 'name="run" value="0"' in render.filled("class_lobby.html", "en", texts | {"run": 0, "error": ""})
