"""Pages that are filled in say exactly what the template would, whatever the texts are."""

import random
import re
from dataclasses import replace

import pytest
from jinja2 import TemplateSyntaxError
from markupsafe import escape
from support.places import CASEBOOK, ROOT, TEST_CASES, each_of_the_casebook

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
    "\0",
    "a\0" + "0\0b",
    "0f" * (len(render.HOLE) // 2) + "0" + "0f" * (len(render.HOLE) // 2),
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
@each_of_the_casebook()
def test_filled_pages_are_the_pages(name, lang, monkeypatch):
    case, frame, member = (
        casebook.load_case(CASEBOOK / name),
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
        assert len(quick) >= 3 and all(render.HOLE not in page for page in quick)


def test_whatever_is_typed_stays_text():
    for text in NASTY:
        texts = {
            "heading": text,
            "error": text,
            "namesake": text,
            "waiting": "",
            "counted": "",
            "title": text,
            "role": text,
        }
        texts |= {"minutes": text, "notice": text, "run": 0, "case_id": text, "team": (text, text)}
        for _ in range(2):  # made, and then filled in
            assert render.filled("class_lobby.html", "en", texts) == whole("class_lobby.html", "en", texts)
        assert "<script>" not in render.filled("class_lobby.html", "en", texts)


@pytest.mark.parametrize("text", NASTY)
def test_an_option_comes_out_whole(text, tmp_path):
    """On the phone and in a notebook, among others, and as what was said; no text can pass for the hole of another."""
    plain = TEST_CASES / "late_parcel"
    case = casebook.load_case(plain)
    texts = {
        key: f"{text}{number}" if ".options." in key else said for number, (key, said) in enumerate(case.texts.items())
    }
    case = case.model_copy(update={"texts": texts})
    case.__dict__.pop("kept", None)  # what has been worked out of the other texts, if another test has
    session = Session(Log("sqlite://"), new_record(case, "Лис", 1), case, [])
    frame, member = pages.framed(None, None, "ru"), Member("m", text, False, "ru", AT)
    for _ in range(2):  # made, and then filled in
        offered = [button.text for button in screen(session, "ru").choice.buttons]
        assert len(offered) > 1
        for html in (pages.scene(frame, session, member), render.exercise_html(session, "ru")["choice"]):
            for number, option in enumerate(offered, 1):
                assert f'<kbd aria-hidden="true">{number}</kbd><span>{escape(option)}</span>' in html
            assert html.count(f'name="step" value="{session.step}"') == 1 and render.HOLE not in html
    session.apply(session.move("choose", "ru", step=session.step, option=session.attempt.open[0]))
    for html in (pages.scene(frame, session, member), "".join(render.exercise_html(session, "ru")["lines"])):
        assert f"<p>{escape(offered[0])}</p>" in html


def test_templates_can_be_read():
    """One element or statement a line; a sentence to be translated, which is one key, may stand on a line as it is."""
    folders = [ROOT / "src" / "trainkit" / name / "templates" for name in ("view", "paper", "figures", "notebook")]
    files = [file for folder in folders for file in folder.glob("*.html")]
    assert len(files) > 40
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            shown = re.sub(r"(\{% (?:trans|pluralize)[^%]*%\})[^<>%]+(?=\{% (?:endtrans|pluralize) %\})", r"\1…", line)
            assert len(shown) <= 124, f"{file.name}:{number}"


@pytest.mark.parametrize(
    ("laid_out", "joined"),
    [
        ("<p>\n  two\n  words\n</p>\n<p>\n</p>", "<p>two words</p><p></p>"),
        ("<b>a</b> <i>b</i>\n<i>c</i>", "<b>a</b> <i>b</i><i>c</i>"),
        ("<input\n  value='{{ x }}'\n  required>", "<input value='X' required>"),
        ("{{ x }}\n{{ x }}\nand {{ x }}\n.", "X X and X ."),
        ("{% if x %}\n  {{ x }}\n  {# why #}\n  {% endif %}\n  {% if x %} y{% endif %}\n", "X y"),
        ("{% trans n=3 %}\n  one\n  {{ n }}\n{% pluralize %}\n  many\n  {{ n }}\n{% endtrans %}\n", "many 3"),
        ("{% set a = '1\n 2' %}{{ a }}", "1\n 2"),
    ],
)
def test_lines_are_joined(laid_out, joined):
    assert render._environment("en", render.VIEW).from_string(laid_out).render(x="X") == joined


def test_errors_in_templates_name_the_line():
    with pytest.raises(TemplateSyntaxError) as error:
        render._environment("en", render.VIEW).from_string("<p>\n</p>\n\n{% nothing %}")
    assert error.value.lineno == 4


def test_a_text_that_is_missing_makes_another_page():
    texts = {"heading": "h", "waiting": "", "counted": "", "title": "t", "role": "r", "minutes": "m", "notice": ""}
    texts |= {"namesake": "", "run": 1, "case_id": "c", "team": ()}
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
    case = casebook.load_case(folder)
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
    case = casebook.load_case(CASEBOOK / "racket_refund")
    session = finished(case, 1)
    kept = kept_with(case)
    for number, text in enumerate(NASTY):
        session.apply(Event("disagree", session.events[0].scene, option=session.events[0].option, text=text))
        session.apply(Event("revote", session.events[0].scene, option="x", text=f"{number}"))
    assert kept_with(case) == kept
    again = Session(session.log, session.record, case, [replace(event, at=AT) for event in session.events])
    assert again.attempt == session.attempt and kept_with(case) == kept
    assert finished(case, 1).events[0] is session.events[0]
