"""The exercise widget through its message handler, without a browser; the same run as the terminal."""

import json
import re
import sqlite3
import sys
import time
from contextlib import closing

import pytest
import sqlalchemy as sa
from support.places import TEST_CASES

import trainkit
from trainkit.cli.main import main
from trainkit.errors import TrainkitError, UnknownName
from trainkit.log.store import Log
from trainkit.notebook.exercise import exercise
from trainkit.session.option_codes import code_of
from trainkit.view import render

PARCEL = TEST_CASES / "late_parcel"
FIXED = {"price": "low", "need": "today", "where": "van"}


def press(widget, **message):
    """What the browser sends, the way it arrives."""
    widget._handle_custom_msg({"nonce": "n1", "step": widget.state["step"], **message}, [])
    return widget.state


@pytest.fixture
def widget(tmp_path):
    return exercise(PARCEL, "ru", fixed=FIXED, database=tmp_path / "log.sqlite3")


def test_play_to_the_end(widget):
    assert f'value="{code_of("when_needed")}"' in widget.state["choice"] and "when_needed" not in widget.state["choice"]
    assert not widget.state["debrief"]
    for n, option in enumerate(["when_needed", "offer", "send"], 1):
        state = press(widget, option=option)
        assert state["step"] == n and state["ack"] == "n1" and state["saved"]
    assert "Нашлась" in state["debrief"] and "Сыграть ещё раз" in state["debrief"]
    run = state["run"]
    state = press(widget, again="1")
    assert state["run"] != run and state["step"] == 0 and not state["debrief"]


def test_names_in_cell_and_environment_may_be_spelt_as_they_were_pasted(monkeypatch):
    monkeypatch.setenv("TRAINKIT_FIXED", "\ufeffneed=today\u200b, price\u00ad=low")
    monkeypatch.setenv("TRAINKIT_ANSWERS", "when_needed\u200b,offer")
    assert exercise(PARCEL).state["step"] == 2
    assert exercise(PARCEL, fixed={"need\u200b": "\ufefftoday"}, answers=["offer\u00ad"]).state["step"] == 1


def test_lines_only_grow(widget):
    before = widget.state["lines"]
    for option in ("when_needed", "offer"):
        lines = press(widget, option=option)["lines"]
        assert lines[: len(before)] == before and len(lines) > len(before)
        before = lines


def test_language_switch_keeps_the_place(widget):
    press(widget, option="offer")
    state = press(widget, lang="en")
    assert state["step"] == 1 and state["lang"] == "en"
    assert "I see. Let’s sort it out." in "".join(state["lines"]) and "You get your money back now." in state["choice"]
    assert press(widget, lang="xx")["lang"] == "en"


@pytest.mark.parametrize(
    "message",
    [
        {"option": "send"},
        {"option": "zz"},
        {"option": None},
        {"option": ["offer"]},
        {"option": "x" * 1_000_000},
        {"option": "<img src=x onerror=alert(1)>"},
        {"step": 99, "option": "offer"},
        {"step": "0; DROP", "option": "offer"},
        {"disagree": "0", "text": "нет"},
        {"again": "1"},
        {"words": "1", "text": "я"},
        {"why": "1", "text": "я"},
        {"back": "1"},
        {"unknown": 1},
        {},
    ],
)
def test_forged_messages_change_nothing(widget, message):
    before = widget.state
    state = press(widget, **message)
    assert state["step"] == 0 and state["lines"] == before["lines"]
    assert 'role="alert"' in state["choice"] and "<img" not in state["choice"]
    assert widget.session.log.events(widget.session.record.attempt) == []


def test_messages_that_are_not_mappings(widget):
    for junk in (None, 5, "x", [1], {"nonce": {"a": 1}}):
        widget._handle_custom_msg(junk, [])
    assert widget.state["step"] == 0


def test_a_retry_is_harmless(widget):
    first = press(widget, option="offer", step=0)
    again = press(widget, option="offer", step=0)
    assert first["lines"] == again["lines"] and again["step"] == 1 and "alert" not in again["choice"]


def test_not_saved_says_so_and_can_be_retried(widget):
    engine = widget.session.log._engine

    def read_only(connection, _record):
        connection.execute("PRAGMA query_only=ON")

    widget.session.log.close()
    sa.event.listen(engine, "connect", read_only)
    state = press(widget, option="offer")
    assert not state["saved"] and state["step"] == 0 and "НЕ сохранён (attempt to write a readonly" in state["trouble"]
    assert "data-retry" in state["trouble"] and "Вы перешли" not in "".join(state["lines"])
    sa.event.remove(engine, "connect", read_only)
    widget.session.log.close()
    state = press(widget, option="offer")
    assert state["step"] == 1 and state["saved"] and not state["trouble"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps an open file from being deleted")
def test_a_log_that_was_deleted_is_said_and_what_was_confirmed_is_beside_it(tmp_path):
    file = tmp_path / "log.sqlite3"
    widget = exercise(TEST_CASES / "late_parcel", "en", fixed={"need": "today"}, database=file)
    press(widget, option="when_needed")
    for part in tmp_path.glob("log.sqlite3*"):
        part.unlink()
    until = time.monotonic() + 20
    while not (widget.session.log.lost and widget.session.log.lost.rescue):
        assert time.monotonic() < until
        time.sleep(0.05)
    press(widget, option="offer")
    (rescue,) = tmp_path.iterdir()
    assert not widget.state["saved"] and widget.session.step == 1
    assert "Your answer is NOT saved. The log" in widget.state["heard"] and str(rescue) in widget.state["heard"]
    assert [event.option for event in Log(rescue).events(widget.session.record.attempt)] == ["when_needed"]


def test_what_people_write_stays_text(tmp_path):
    hostile = "<script>alert(1)</script> {{7*7}} {% raw %} & \" '"
    widget = exercise(PARCEL, "ru", participant=hostile, own_words=True, ask_why=True, database=tmp_path / "l.sqlite3")
    press(widget, words="1", text=hostile)
    press(widget, option="offer")
    press(widget, why="1", text=hostile)
    press(widget, disagree="0", text=hostile)
    press(widget, words="", text="")
    press(widget, option="refund")
    state = press(widget, why="", text="")
    html = "".join([state["head"], *state["lines"], state["choice"], state["debrief"]])
    assert "<script" not in html and html.count("&lt;script&gt;") >= 4 and "{{7*7}}" in html


def test_own_words_come_before_the_options(tmp_path):
    widget = exercise(PARCEL, "ru", own_words=True, database=tmp_path / "l.sqlite3")
    assert "textarea" in widget.state["choice"] and code_of("when_needed") not in widget.state["choice"]
    state = press(widget, words="1", text="Когда нужна?")
    assert code_of("when_needed") in state["choice"] and "Когда нужна?" in "".join(state["lines"])


def test_why_comes_before_feedback_and_reply(tmp_path):
    widget = exercise(PARCEL, "ru", ask_why=True, fixed=FIXED, database=tmp_path / "l.sqlite3")
    state = press(widget, option="when_needed")
    text = "".join(state["lines"])
    assert "праздник" not in text and "спешить" not in text and 'name="why"' in state["choice"]
    text = "".join(press(widget, why="1", text="Надо знать")["lines"])
    assert "праздник" in text and "спешить" in text


@pytest.mark.parametrize(
    ("feedback", "shown", "debriefed"), [("now", True, True), ("end", False, True), ("none", False, False)]
)
def test_feedback_settings(tmp_path, feedback, shown, debriefed):
    widget = exercise(PARCEL, "ru", feedback=feedback, database=tmp_path / "l.sqlite3")
    press(widget, option="offer")
    assert ("перешли" in "".join(widget.state["lines"])) == shown
    state = press(widget, option="refund")
    assert ("перешли" in state["debrief"]) == debriefed and state["debrief"]


def test_patience_is_shown_and_warned_of(widget):
    assert "Терпение Ирины: 3 из 3" in widget.state["head"]
    state = press(widget, option="when_needed")
    assert "2 из 3" in state["head"] and "уже спрошено" in state["choice"] and "disabled" in state["choice"]
    assert "Терпение Ирины: −2, больше не останется" in state["choice"]  # the other one costs 2


def test_resume_after_the_kernel_is_gone(tmp_path):
    file = tmp_path / "log.sqlite3"
    press(exercise(PARCEL, "ru", database=file), option="offer")
    again = exercise(PARCEL, "en", database=file)
    assert again.state["step"] == 1 and "You get your money back now." in again.state["choice"]


def test_a_still_picture_without_a_kernel(widget):
    data, _ = widget._repr_mimebundle_()
    assert "Где моя посылка?" in data["text/html"] and "<script" not in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data
    for option in ("when_needed", "offer", "send"):
        press(widget, option=option)
    assert "Нашлась" in widget._repr_mimebundle_()[0]["text/html"]  # the debrief, too


def test_answers_play_by_themselves():
    played = trainkit.exercise(PARCEL, "en", answers=["when_needed", "offer", "send"], fixed=FIXED)
    assert "Found" in played.state["debrief"]
    with pytest.raises(TrainkitError, match="list of option ids"):
        exercise(PARCEL, answers="offer")
    with pytest.raises(UnknownName, match='Did you mean "offer"'):
        exercise(PARCEL, answers=["ofer"])


def test_bad_arguments_in_one_sentence():
    for call, words in (
        (lambda: exercise("late_parcl"), "unknown case"),
        (lambda: exercise(PARCEL, "de"), 'unknown language "de"'),
        (lambda: exercise(PARCEL, fixed={"nedd": "today"}), 'Did you mean "need"'),
        (lambda: exercise(PARCEL, feedback="later"), "feedback is"),
        (lambda: exercise(PARCEL, seed=-1), "seed"),
        (lambda: exercise(lang="de"), 'unknown language "de"'),
        (lambda: exercise(page="al"), 'Did you mean "all"'),
        (lambda: exercise(5), "named by its id"),
        (lambda: exercise(PARCEL, fixed="price=low"), "fixed maps facts"),
        (lambda: exercise(PARCEL, fixed={"price": [1]}), "value of"),
        (lambda: exercise(PARCEL, answers=5), "list of option ids"),
        (lambda: exercise(PARCEL, back=None), "back is True or False"),
        (lambda: exercise(PARCEL, database=""), "empty"),
    ):
        with pytest.raises(TrainkitError, match=words) as caught:
            call()
        assert len(caught.value._render_traceback_()) == 1  # a notebook shows the sentence alone


def test_a_log_that_cannot_be_written_is_said_in_one_sentence(tmp_path):
    trainkit.Log(tmp_path / "log.sqlite3").prepare()
    read_only = f"sqlite:///file:{tmp_path}/log.sqlite3?mode=ro&uri=true"
    with closing(sqlite3.connect(tmp_path / "log.sqlite3")) as holder, pytest.raises(TrainkitError) as locked:
        holder.execute("BEGIN EXCLUSIVE")
        exercise(PARCEL, database=tmp_path / "log.sqlite3")
    with closing(sqlite3.connect(tmp_path / "new.sqlite3")) as holder, pytest.raises(TrainkitError) as shelf:
        holder.execute("BEGIN EXCLUSIVE")
        exercise(database=tmp_path / "new.sqlite3")
    with pytest.raises(TrainkitError) as refused:
        exercise(PARCEL, database=read_only)
    with pytest.raises(TrainkitError) as no_folder:
        exercise(PARCEL, database=tmp_path / "log.sqlite3" / "log.sqlite3")
    for caught, words in ((locked, "locked"), (shelf, "locked"), (refused, "readonly"), (no_folder, "unable to open")):
        (said,) = caught.value._render_traceback_()
        assert words in said and len(said.splitlines()) == 1
    assert exercise(database=read_only).state["leaf"]  # what is only read, can be


def test_terminal_and_widget_log_and_score_the_same(tmp_path, capsys):
    answers = ["when_needed", "offer", "send"]
    widget = exercise(PARCEL, "ru", seed=11, fixed=FIXED, answers=answers, database=tmp_path / "widget.sqlite3")
    settings = [word for fact, value in FIXED.items() for word in ("--set", f"{fact}={value}")]
    file = tmp_path / "terminal.sqlite3"
    code = main(
        [
            "play",
            str(PARCEL),
            "--seed",
            "11",
            "--answers",
            ",".join(answers),
            "--json",
            "--database",
            str(file),
            *settings,
        ]
    )
    printed = json.loads(capsys.readouterr().out)
    assert code == 0
    logs = []
    for log in (Log(tmp_path / "widget.sqlite3"), Log(file)):
        (record,) = log.attempts()
        logs.append(
            (
                record.case_hash,
                record.seed,
                record.fixed,
                record.origin,
                [(e.kind, e.scene, e.option, e.ending) for e in log.events(record.attempt)],
            )
        )
    assert logs[0] == logs[1]
    attempt = widget.session.attempt
    assert [step["option"] for step in printed["path"]] == [step.option for step in attempt.steps]
    assert printed["hash"] == attempt.case.hash and printed["facts"] == attempt.facts


def test_debrief_texts_are_in_the_language(widget):
    for option in ("when_needed", "offer", "look"):
        press(widget, option=option)
    english = press(widget, lang="en")["debrief"]
    visible = re.sub(r"<[^>]+>", " ", english)
    assert not re.search("[а-яё]", visible.lower())
    russian = re.sub(r"<[^>]+>", " ", press(widget, lang="ru")["debrief"])
    assert not re.search(r"[a-z]{3,}", russian.lower()), re.findall(r"[a-z]{3,}", russian.lower())


def test_one_stylesheet_for_both_dark_themes():
    css = render.asset("tk.css")
    dark = re.findall(r"--tk-bg: var\(--jp-layout-color1, #181715\);.*?color-scheme: dark", css, re.S)
    assert len(dark) == 2 and dark[0] == dark[1]
