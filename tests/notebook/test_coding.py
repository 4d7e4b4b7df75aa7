"""The coding widget through its message handler: blind, resumable, undone, and hostile messages change nothing."""

import json

import pytest
from support.own_words import SAID, spoken

from trainkit.analysis.own_words import SIDES
from trainkit.errors import NotSaved, TrainkitError, UnknownName
from trainkit.log.codes import coded
from trainkit.log.store import Log
from trainkit.notebook import coding as module
from trainkit.notebook.coding import coding


@pytest.fixture
def file(tmp_path):
    spoken(Log(tmp_path / "log.sqlite3")).close()
    return tmp_path / "log.sqlite3"


def press(widget, **message):
    """What the browser sends, the way it arrives."""
    widget._handle_custom_msg({"nonce": "n1", "screen": widget.state["screen"], **message}, [])
    return widget.state


def codes_of(file, coder="first", **how):
    log = Log(file)
    found = coded(log, "sides", coder, **how)
    log.close()
    return found["code"].tolist()


def test_code_all_and_be_done(file):
    widget = coding("first", "en", database=file)
    shown = []
    for number in range(6):
        shown.append(widget.texts[widget.place].text)
        state = press(widget, code=SIDES.codes[number % 5].id)
        assert state["ack"] == "n1" and f"{number + 1} of 6 coded" in state["html"]
    assert sorted(shown) == sorted(text for pair in SAID.values() for text in pair if text)
    assert "All texts are coded." in state["html"] and len(codes_of(file)) == 6
    press(widget, go="back")
    assert "All texts are coded." not in widget.state["html"] and 'aria-pressed="true"' in widget.state["html"]
    press(widget, go="on")
    press(widget, go="on")
    assert widget.place == 0


def test_it_is_blind(file):
    """Neither who wrote it, nor the reply chosen then, nor another coder's code is in what the browser gets."""
    other = coding("second", "ru", database=file)
    for _ in range(6):
        press(other, code="off")
    widget = coding("first", "ru", database=file)
    said = []
    for _ in range(6):
        said.append(json.dumps(widget.state, ensure_ascii=False))
        press(widget, go="on")
    whole = "\n".join(said)
    assert "Анна" not in whole and "Клара" not in whole and "second" not in whole and "attempt" not in whole
    assert 'aria-pressed="true"' not in whole and 'class="opt chosen' not in whole
    one = next(one for one in widget.texts if one.text == SAID["Анна"][0])
    widget.place = widget.texts.index(one)
    html = press(widget)["html"]
    case = widget.store.version(*versions(widget.store, one.attempt))
    assert case.text("scenes.call.options.offer.text", "ru") not in html and case.title not in html
    assert [item.text for item in other.texts] == [item.text for item in widget.texts]  # the same order for both


def versions(log, attempt):
    record = next(one for one in log.attempts() if one.attempt == attempt)
    return record.case_hash, record.translations_hash


def test_it_goes_on_where_the_coder_stopped(file):
    widget = coding("first", database=file)
    press(widget, code="off")
    press(widget, go="on")
    press(widget, code="centric")
    later = coding("first", database=file)
    assert later.done == 2 and later.place == 1 and "Закодировано: 2 из 6" in later.state["html"]
    press(later, undo="1")  # also what was given in another sitting
    assert later.place == 2 and later.done == 1 and codes_of(file) == ["off"]
    assert [code for code in codes_of(file, history=True) if code is None] == [None]


def test_undo_gives_back_the_code_before(file):
    widget = coding("first", database=file)
    press(widget, code="off")
    press(widget, go="back")
    press(widget, code="middle")  # thought better of it
    assert codes_of(file) == ["middle"]
    press(widget, undo="1")
    assert codes_of(file) == ["off"] and widget.place == 0
    press(widget, undo="1")
    assert codes_of(file) == [] and "disabled" in widget.state["html"].split('name="undo"')[1][:80]
    assert press(widget, undo="1")["html"] == widget.state["html"]
    assert len(codes_of(file, history=True)) == 4
    press(widget, code="off")
    press(widget, go="back")
    press(widget, code="off")  # the same again is no second code
    assert len(codes_of(file, history=True)) == 5


def test_undo_of_an_earlier_sitting_gives_back_the_code_before(file):
    widget = coding("first", database=file)
    press(widget, code="off")
    press(widget, go="back")
    press(widget, code="middle")
    later = coding("first", database=file)
    press(later, undo="1")
    assert codes_of(file) == ["off"]


@pytest.mark.parametrize(
    "message",
    [
        {"code": "nothing"}, {"code": None}, {"code": ["off"]}, {"screen": 99, "code": "off"}, {"screen": "0", "code": "off"},
        {"go": "away"}, {"undo": "1"}, {"nonce": "x" * 500},
    ],
)  # fmt: skip
def test_what_no_button_sends_changes_nothing(file, message):
    widget = coding("first", database=file)
    press(widget, **message)
    assert widget.place == 0 and codes_of(file, history=True) == [] and len(widget.state["ack"]) <= 40
    widget._handle_custom_msg("no form", [])
    widget._handle_custom_msg(None, [])


def test_texts_stay_texts(file):
    widget = coding("first", database=file)
    widget.place = next(n for n, one in enumerate(widget.texts) if "<b>" in one.text)
    html = press(widget)["html"]
    assert "&lt;b&gt;по правилам&lt;/b&gt;" in html and "<b>по" not in html


def test_what_cannot_be_saved_is_said_and_can_be_given_again(file, monkeypatch):
    widget = coding("first", "en", database=file)

    def full(*_):
        raise NotSaved("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(module, "add_code", full)
        state = press(widget, code="off")
    assert "Not saved: the disk is full" in state["html"] and widget.place == 0 and widget.done == 0
    assert press(widget, code="off")["screen"] == 1 and codes_of(file) == ["off"]


def test_a_saved_notebook_has_nothing_of_what_people_wrote(file):
    bundle = coding("first", database=file)._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == "first: 0/6" and not any(text in json.dumps(data) for text in SAID["Анна"])


def test_what_there_is_nothing_to_code(file, tmp_path):
    with pytest.raises(TrainkitError, match="nobody has written own words there"):
        coding("first", database=tmp_path / "none.sqlite3")
    with pytest.raises(TrainkitError, match="nobody has written"):
        coding("first", case="racket_refund", database=file)
    with pytest.raises(TrainkitError, match="a coder has a name"):
        coding("  ", database=file)
    with pytest.raises(UnknownName, match="language"):
        coding("first", "xx", database=file)
