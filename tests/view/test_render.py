"""Pages that are filled in say exactly what the template would, whatever the texts are."""

import random
from dataclasses import replace

import pytest
from support.places import CASEBOOK, TEST_CASES

from trainkit.case.cache import Cache
from trainkit.files import casebook
from trainkit.log.records import Event, new_record
from trainkit.log.store import Log
from trainkit.room.records import Member
from trainkit.session.session import Session
from trainkit.view import phone as pages
from trainkit.view import render
from trainkit.view.debrief import debrief
from trainkit.view.screen import screen

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
    store = Log("sqlite://")
    store.prepare()
    session = Session(store, new_record(case, "Лис", seed), case, [])
    while session.phase != "over":
        event = session.move("choose", "ru", step=session.step, option=dice.choice(session.attempt.open))
        session.apply(event)
    if seed % 3 == 0:
        session.apply(session.move("disagree", "ru", number=0, text=NASTY[seed % len(NASTY)]))
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
        quick = [pages.scene(frame, session, member)] + [
            pages.debrief_page(frame, session, n) for n in range(2, number)
        ]
        with monkeypatch.context() as patched:
            patched.setattr(render, "filled", whole)
            pages._DEBRIEFS.clear()
            slow = [pages.scene(frame, session, member)] + [
                pages.debrief_page(frame, session, n) for n in range(2, number)
            ]
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


def test_a_dead_end_is_said_though_questions_were_asked(tmp_path):
    """Asked questions stay on the screen; they are no way on."""
    text = (TEST_CASES / "late_parcel" / "case.yml").read_text("utf-8")
    folder = tmp_path / "late_parcel"
    folder.mkdir()
    text = text.replace("      offer:\n", "      offer:\n        when: {need: today}\n", 1)
    (folder / "case.yml").write_text(text.replace("  budget: 3\n", "  budget: 9\n", 1), "utf-8")
    case = casebook.load(folder)
    session = Session(Log("sqlite://"), new_record(case, "Лис", 1, {"need": "whenever"}), case, [])
    while session.attempt.open:
        session.apply(session.move("choose", "ru", step=session.step, option=session.attempt.open[0]))
    shown = screen(session, "en").choice
    assert session.attempt.state.place == "call" and len(shown.buttons) > 1
    assert shown.prompt.startswith("The case has a dead end") and not any(button.open for button in shown.buttons)


def kept_with(case):
    return sum(len(kept) for kept in case.kept.values() if isinstance(kept, Cache))


def test_what_is_ones_own_is_not_kept_with_the_case():
    """A choice is the same object for the whole room; words and times are nobody else's, and would be kept for ever."""
    case = casebook.load(CASEBOOK / "racket_refund")
    session = finished(case, 1)
    kept = kept_with(case)
    for number, text in enumerate(NASTY):
        session.apply(Event("disagree", session.events[0].scene, option=session.events[0].option, text=text))
        session.apply(Event("revote", session.events[0].scene, option="x", text=f"{number}"))
    assert kept_with(case) == kept
    again = Session(session.log, session.record, case, [replace(event, at=AT) for event in session.events])
    assert again.attempt == session.attempt and kept_with(case) == kept
    assert finished(case, 1).events[0] is session.events[0]
