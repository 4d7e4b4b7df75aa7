"""A class as trainees and trainer live through it: nothing counts twice, nothing is lost. Real server, HTTP and log."""

import contextlib
import http.client
import random
import signal
import sqlite3
import threading
from collections import Counter
from pathlib import Path

import pytest
from support.class_server import (
    KILL,
    PARCEL,
    PATIENCE,
    Browser,
    Server,
    at_once,
    debrief_pages,
    environment,
    free_port,
    held,
    walk,
)
from support.forked import begin
from support.places import ASKED_FOR, CASEBOOK

from trainkit.engine.facts import draw_facts
from trainkit.files import casebook
from trainkit.log.store import Log
from trainkit.room.controls import record_control
from trainkit.room.workshops import by_code
from trainkit.web.security import proof

TODAY = ("--set", "price=low", "--set", "need=today")
PAGE = 15_000  # bytes: a phone in a cellar gets it in a second
RACKET = "racket_refund"


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class of two cases that tests share: each joins under names of its own and leaves the trainer's switches alone."""
    with held(tmp_path_factory.mktemp("room"), *TODAY, cases=(PARCEL, RACKET)) as server:
        yield server


@pytest.fixture
def hold(tmp_path):
    """Classes of a test's own."""
    return lambda *arguments, cases=(PARCEL,): held(tmp_path, *arguments, cases=cases)


def steer(trainer: Browser, button: str, value: str = "", **fields: str):
    """Press a button of the board, whatever it looks like: a switch leads to 0 or 1, the others ``do`` something."""
    pressed = {button: value} if value else {"do": button}
    page = trainer.post("/board", {**pressed, "token": proof(trainer.cookies["trainkit_board"]), **fields})
    assert page.status == 200 and page.path == "/board", (button, page.status, page.words)
    return page


def plain(text: str) -> str:
    """A text as :attr:`classroom.Page.words` has it."""
    return " ".join(text.split())


def reasons(case, lang="ru") -> list[str]:
    """Every ``because`` of a case."""
    return [plain(case.text(key, lang)) for key in case.texts if ".because" in key]


# ---- a run ------------------------------------------------------------------------------------------------------


def test_from_the_door_to_the_next_case(room, parcel):
    browser = room.joined("Ирис")
    lobby = browser.page
    assert plain(parcel.text("title", "ru")) in lobby.words and plain(parcel.text("role", "ru")) in lobby.words
    assert not room.attempts("Ирис")
    browser.press("begin", "late_parcel")
    assert "Пять вечера, очередь до двери." in browser.page.words
    browser.say("when_needed")
    assert "Сегодня! У сына праздник." in browser.page.words
    browser.say("offer", "refund")
    assert "Ирина довольна" in browser.page.words and not browser.page.buttons("option")
    rest = debrief_pages(browser)
    assert len(rest) == 2  # decisions, and what is argued
    assert all(page.status == 200 for page in rest)
    assert "Верну деньги сейчас же." in rest[0].words and "Дешевле поверить, чем расследовать." in rest[1].words
    assert room.chosen("Ирис") == ["when_needed", "offer", "refund"]

    browser.press("again")
    browser.say("offer", "look")
    browser.press("begin", RACKET)
    browser.say("pay")
    first, second, third = room.attempts("Ирис")
    assert [row["run"] for row in (first, second, third)] == [0, 1, 2]
    assert [row["case_id"] for row in (first, second, third)] == ["late_parcel", "late_parcel", RACKET]
    fates = [draw_facts(parcel, row["seed"], {"price": "low", "need": "today"}) for row in (first, second)]
    assert fates[0] != fates[1]  # another fate
    assert room.chosen("Ирис", 1) == ["offer", "look"] and room.chosen("Ирис", 2) == ["pay"]


def test_every_run_has_the_room_s_settings(room):
    room.playing("Настройка")
    (row,) = room.attempts("Настройка")
    assert (row["feedback"], row["back_allowed"], row["own_words"], row["ask_why"]) == ("now", 1, 0, 0)
    assert row["origin"] == "person" and row["fixed"] == '{"need": "today", "price": "low"}'


def test_a_pair_at_one_phone(room):
    browser = room.playing("Двое", pair=True, lang="en")
    assert "Двое, as a pair" in browser.page.words
    browser.say("offer")
    assert "Decide together: what do you say?" in browser.page.words
    assert room.rows("SELECT pair FROM members WHERE name = 'Двое'")[0]["pair"] == 1


def test_the_language_stays(room):
    browser = room.playing("Язык")
    browser.say("offer")
    assert '<html lang="en">' in browser.get("/play?lang=en").text
    browser.press("option", "rules")
    assert '<html lang="en">' in browser.page.text and "How dare you" in browser.page.words
    assert '<html lang="en">' in browser.get("/talk").text
    assert '<html lang="ru">' in browser.get("/play?lang=ru").text
    browser.say("sorry")
    assert [(event[2], event[4]) for event in room.events("Язык")] == [
        ("offer", "ru"),
        ("rules", "en"),
        ("sorry", "ru"),
    ]
    assert '<html lang="ru">' in browser.get("/play?lang=xx").text  # a language the room hasn't


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        ({"consent": False}, 422, "agreement"),
        ({"name": "  "}, 422, "name"),
        ({"name": "…!?"}, 422, "name"),
        ({"name": "я" * 25}, 422, "24 characters"),
        ({"code": "000 00"}, 404, "no such class"),
    ],
)
def test_who_is_not_let_in(room, said, status, sentence):
    before, browser = room.count("members"), Browser(room)
    browser.get("/?lang=en")
    page = browser.join(**({"name": "Никто"} | said))
    assert page.status == status and sentence in page.alert
    assert page.path == "/join" and page.forms[0].fields["name"] == (said.get("name", "Никто").strip())[:24]
    assert browser.get("/play").path == "/" and room.count("members") == before
    browser.get("/")
    assert browser.join("Теперь можно").path == "/play"  # the mistake costs nothing


def test_a_code_may_be_written_as_it_is_shown(room):
    browser = Browser(room)
    browser.get(f"/?code={room.code}")
    assert browser.page.forms[0].fields["code"] == f"{room.code[:3]} {room.code[3:]}"
    assert browser.join("Пробел", code=f" {room.code[:3]} {room.code[3:]} ").path == "/play"


def test_a_double_click_at_the_door_is_one_person(room):
    browser = Browser(room)
    browser.get("/")
    fields = browser.page.forms[0].fields | {"code": room.code, "name": "Дважды", "consent": "1"}
    visitor, tabs = dict(browser.cookies), [Browser(room), Browser(room)]
    for tab in tabs:  # both clicks leave before the first answer arrives
        tab.cookies = dict(visitor)
        assert tab.post("/join", fields).path == "/play"
    assert len(room.rows("SELECT 1 FROM members WHERE name = 'Дважды'")) == 1


def test_whose_answer_was_lost_at_the_door_comes_again(hold):
    """The server died, or the wifi did, after he was let in and before he was told; meanwhile the door was closed."""
    with hold("--places", "1") as server:
        browser = Browser(server)
        browser.get("/")
        fields = browser.page.forms[0].fields | {"code": server.code, "name": "Потерян", "consent": "1"}
        lost, code = Browser(server), server.code
        lost.cookies = dict(browser.cookies)
        assert lost.post("/join", fields).path == "/play"
        steer(server.trainer(), "entry", "0")
        server.stop()
        server.start("--workshop", code)
        assert browser.post("/join", fields).path == "/play" and browser.cookies == lost.cookies
        assert len(server.rows("SELECT 1 FROM members")) == 1


def test_who_was_erased_may_come_again(hold):
    with hold() as server:
        browser = Browser(server)
        browser.get("/")
        visitor, fields = dict(browser.cookies), browser.page.forms[0].fields | {"code": server.code, "consent": "1"}
        browser.join("Стёртый")
        with contextlib.closing(sqlite3.connect(server.database)) as database, database:
            database.execute("DELETE FROM members")
        assert browser.get("/play").path == "/"
        assert browser.join("Снова").path == "/play"
        with contextlib.closing(sqlite3.connect(server.database)) as database, database:
            database.execute("DELETE FROM members")
        browser.cookies = visitor  # the very form that once let him in
        assert browser.post("/join", {**fields, "name": "Опять"}).path == "/play"
        assert [row["name"] for row in server.rows("SELECT name FROM members")] == ["Опять"]


def test_a_vote_opened_by_half_is_opened_wholly_by_the_next_press(hold):
    """The log could be reached for the first row and not for the second; the vote is open, the wall shows another scene."""
    with hold() as server:
        trainer = server.trainer()
        log = Log(server.database)
        record_control(log, by_code(log, server.code), "ballot", "late_parcel/solve")
        for _ in range(2):
            steer(trainer, "ballot", scene="late_parcel/solve")
        log.close()
        said = [(row["kind"], row["setting"]) for row in server.rows("SELECT * FROM controls ORDER BY number")]
        assert said[-2:] == [("ballot", "late_parcel/solve"), ("scene", "late_parcel/solve")]


def test_who_has_joined_needs_no_door(room):
    browser = room.joined("Внутри")
    assert browser.get("/").path == "/play"
    assert browser.post("/join", {"token": proof(browser.cookies["trainkit"]), "code": room.code}).path == "/play"
    assert len(room.rows("SELECT 1 FROM members WHERE name = 'Внутри'")) == 1


def test_the_personal_link_opens_the_same_place(room):
    phone = room.playing("Ссылка")
    phone.say("offer")
    phone.get("/link")
    (link,) = [href for href in phone.page.links if "/me/" in href]
    assert link.startswith(f"{room.address}/me/")
    laptop = Browser(room)
    laptop.get(link.removeprefix(room.address))
    assert laptop.page.path == "/play" and "refund" in laptop.page.buttons("option")
    laptop.say("refund")
    assert "Ирина довольна" in laptop.page.words and "Ирина довольна" in phone.get("/play").words
    assert link in laptop.get("/link").links  # the same link again, also where one came by it
    assert room.chosen("Ссылка") == ["offer", "refund"]


# ---- nothing counts twice ---------------------------------------------------------------------------------------


def test_two_tabs(room):
    tab = room.playing("Вкладки")
    other = tab.copy()
    tab.say("offer")
    refused = other.press("option", "when_needed")
    assert refused.status == 409 and refused.alert and "refund" in refused.buttons("option")
    assert room.chosen("Вкладки") == ["offer"]
    other.say("refund")  # the true page can be gone on with
    assert other.page.status == 200 and "Ирина довольна" in tab.get("/play").words
    stale = tab.copy()
    tab.press("again")
    assert stale.post("/play", {**tab.page.sent("option", "offer"), "attempt": "0" * 32}).status == 409
    assert room.chosen("Вкладки", 1) == []


def test_the_same_click_often_is_one(room):
    browser = room.playing("Клики")
    fields = browser.page.sent("option", "offer")
    for _ in range(2):
        assert browser.post("/play", fields).status == 200
    assert room.chosen("Клики") == ["offer"]
    fields = browser.page.sent("option", "rules")
    pages = at_once(lambda _: browser.copy().post("/play", fields), 8)
    assert [page.status for page in pages] == [200] * 8
    assert all("Да как вы смеете!" in page.words for page in pages)
    assert room.chosen("Клики") == ["offer", "rules"]


def test_the_next_page_is_the_answer_to_who_asks_for_it(room):
    browser = room.playing("Сразу")
    fields = browser.page.sent("option", "offer")
    plain, asked = browser.copy(), {"Prefer": "return=representation"}
    page = browser.post("/play", fields, **asked)
    assert (page.status, page.moved, page.header("preference-applied")) == (200, [], asked["Prefer"])
    assert page.header("cache-control") == "no-store"
    again = plain.post("/play", fields)  # the same click without the wish: sent there
    assert again.moved == ["/play"] and not again.header("preference-applied")
    assert again.text == page.text == browser.get("/play").text
    assert browser.post("/play", {**fields, "option": "when_needed"}, **asked).status == 409
    assert room.chosen("Сразу") == ["offer"]


def test_different_clicks_at_once_are_one(room):
    browser = room.playing("Спор")
    browser.say("offer")
    choices = [browser.page.sent("option", option) for option in ("refund", "look", "rules")]
    pages = at_once(lambda n: browser.copy().post("/play", choices[n % 3]), 9)
    assert {page.status for page in pages} <= {200, 409} and 409 in {page.status for page in pages}
    assert len(room.chosen("Спор")) == 2


def test_an_answer_replayed_after_the_end(room):
    browser = room.playing("Повтор")
    sent = [browser.page.sent("option", "offer")]
    browser.say("offer")
    sent.append(browser.page.sent("option", "refund"))
    browser.say("refund")
    logged = room.events("Повтор")
    for fields in sent:
        page = browser.post("/play", fields)
        assert page.status == 200 and "Ирина довольна" in page.words
    assert browser.post("/play", {**sent[1], "option": "look"}).status == 409
    assert browser.post("/play", {**sent[1], "step": "2"}).status in (409, 422)
    assert room.events("Повтор") == logged


def test_the_back_button_and_reload(room):
    browser = room.playing("Назад")
    old = browser.page
    for page in (browser.page, browser.get("/link"), browser.get("/talk"), browser.get("/"), browser.get("/play")):
        assert page.header("cache-control") == "no-store"
    browser.say("offer")
    browser.page = old  # what a browser may still have
    assert browser.press("option", "what_is_it").status == 409
    for _ in range(3):
        assert "refund" in browser.get("/play").buttons("option")
    assert room.chosen("Назад") == ["offer"]


def test_going_back_a_step(room):
    browser = room.playing("Передумал")
    browser.say("offer")
    back = browser.page.sent("back")
    browser.press("back")
    assert browser.page.status == 200 and "when_needed" in browser.page.buttons("option")
    assert browser.post("/play", back).status == 200  # a double click
    assert [event[0] for event in room.events("Передумал")] == ["choose", "back"]


def test_beginning_twice_at_once_is_one_run(room):
    browser = room.joined("Старт")
    fields = browser.page.sent("begin")
    assert [page.status for page in at_once(lambda _: browser.copy().post("/play", fields), 6)] == [200] * 6
    assert len(room.attempts("Старт")) == 1
    browser.get("/play")
    browser.say("offer", "refund")
    fields = browser.page.sent("again")
    assert [page.status for page in at_once(lambda _: browser.copy().post("/play", fields), 6)] == [200] * 6
    assert browser.post("/play", fields).status == 200
    assert len(room.attempts("Старт")) == 2


def test_cases_come_in_the_room_s_order(room):
    browser = room.joined("Порядок")
    early = browser.post("/play", {**browser.page.sent("begin"), "begin": RACKET})
    assert early.status in (409, 422) and not room.attempts("Порядок")


def test_a_run_must_end_before_another_begins(room):
    browser = room.playing("Рано")
    mine = room.attempts("Рано")[0]["attempt"]
    token = browser.page.forms[0].fields["token"]
    for fields in ({"begin": RACKET, "run": "1"}, {"begin": RACKET, "run": "7"}, {"again": mine}):
        assert browser.post("/play", {"token": token, **fields}).status == 409
    for path in ("/debrief?page=2", "/debrief?page=3", "/debrief", "/debrief?page=x"):
        assert browser.get(path).path == "/play"
    assert len(room.attempts("Рано")) == 1


def test_disagreeing_with_a_key(room):
    browser = room.playing("Несогласие")
    browser.say("offer")
    browser.get("/disagree?n=0")
    browser.press("disagree", text="Она спешила")
    assert "Она спешила" in browser.page.words
    assert browser.get("/disagree?n=7").path == "/play"
    assert [event[0] for event in room.events("Несогласие")] == ["choose", "disagree"]
    browser.say("refund")
    assert browser.page.status == 200


# ---- restarts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGTERM, KILL])
def test_the_same_command_goes_on(tmp_path, how):
    consent = tmp_path / "consent.txt"
    # a file ends with a line's end, and one of Notepad's begins with a mark
    consent.write_text("Ответы видит тренер.\n\nИмён на стене нет.\n", "utf-8-sig")
    server = Server(tmp_path, *TODAY, "--consent", consent).start()
    try:
        door = Browser(server).get("/").words
        assert "Имён на стене нет." in door and "\ufeff" not in door
        browser, code, links = server.playing("Обрыв"), server.code, [server.board]
        browser.say("when_needed")
        sent = browser.page.sent("option", "offer")
        server.stop(how)
        server.start()
        assert server.code == code
        links.append(server.board)
        assert browser.post("/play", sent).status == 200 and "refund" in browser.page.buttons("option")
        assert server.chosen("Обрыв") == ["when_needed", "offer"]
        assert all(Browser(server).get(link).path == "/board" for link in links)  # the old link goes on to work
        browser.say("refund")
        server.stop()
        server.start("--new")
        assert server.code != code
        assert browser.get("/play").path == "/"  # he is in the other room
        server.stop()
        server.start("--workshop", code)
        assert server.code == code and "Ирина довольна" in browser.get("/play").words
        server.stop()
        assert "Traceback" not in server.complaints()
    finally:
        server.stop(KILL)


# ---- settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("feedback", ["end", "none"])
def test_feedback_comes_when_it_was_said(hold, parcel, feedback):
    with hold("--feedback", feedback, *TODAY) as server:
        browser, pages = server.playing("Молчок"), []
        walk(browser, lambda options: options[-1], pages.append)
        during, over = pages[:-1], [pages[-1], *debrief_pages(browser), browser.get("/talk")]
        early = server.playing("Рано")
        early.say("offer")
        token = early.page.forms[0].fields["token"]
        during += [early.page, early.get("/talk"), early.get("/disagree?n=0"), early.get("/debrief?page=2")]
        mine = server.attempts("Рано")[0]["attempt"]
        for phase in ("early", "none"):
            asked = {"token": token, "attempt": mine, "disagree": "0", "text": phase}
            assert early.post("/play", asked).status == 422
        told = [because for because in reasons(parcel) for page in over if because in page.words]
        assert bool(told) == (feedback == "end")
        assert not [because for because in reasons(parcel) for page in during if because in page.words]
        assert "disagree" not in [event[0] for event in server.events("Рано")]
        assert server.attempts("Молчок")[0]["feedback"] == feedback


def test_no_way_back(hold):
    with hold("--no-back", *TODAY) as server:
        browser = server.playing("Вперёд")
        browser.say("offer")
        assert not browser.page.buttons("back")
        fields = browser.page.sent("option", "refund")
        fields["back"] = fields.pop("option")
        assert browser.post("/play", fields).status == 422
        assert server.chosen("Вперёд") == ["offer"] and server.attempts("Вперёд")[0]["back_allowed"] == 0


def test_own_words_and_reasons(hold, parcel):
    with hold("--own-words", "--ask-why", *TODAY) as server:
        browser = server.playing("Слова")
        assert not browser.page.buttons("option")
        browser.press("words", "1", text="Сейчас узнаю!\r\nМинуту.")
        assert "Сейчас узнаю! Минуту." in browser.page.words
        browser.say("offer")
        assert "offer" not in browser.page.buttons("option") and not browser.page.buttons("option")
        browser.press("why", "1", text="Спешу")
        browser.press("words", "", text="не для журнала")
        browser.say("refund")
        browser.press("why", "")
        assert "Ирина довольна" in browser.page.words
        assert [event[:1] + event[2:4] for event in server.events("Слова")] == [
            ("words", None, "Сейчас узнаю!\nМинуту."),
            ("choose", "offer", None),
            ("why", "offer", "Спешу"),
            ("words", None, ""),
            ("choose", "refund", None),
            ("why", "refund", ""),
        ]
        (decisions, _) = debrief_pages(browser)
        assert "Сейчас узнаю! Минуту." in decisions.words and "Спешу" in decisions.words


def test_the_reason_comes_before_any_feedback(hold, parcel):
    with hold("--ask-why", *TODAY) as server:
        browser = server.playing("Почему")
        browser.say("offer")
        assert browser.page.buttons("why")
        because = plain(parcel.text("scenes.call.options.offer.because", "ru"))
        mine, token = server.attempts("Почему")[0]["attempt"], browser.page.forms[0].fields["token"]
        pages = [browser.page, browser.get("/talk"), browser.get("/disagree?n=0"), browser.get("/play")]
        assert not [page.path for page in pages if because in page.words]
        early = browser.post("/play", {"token": token, "attempt": mine, "disagree": "0", "text": "рано"})
        assert early.status == 422
        browser.get("/play")
        browser.press("why", "1", text="Так надо")
        assert because in browser.page.words


# ---- the trainer --------------------------------------------------------------------------------------------------


def test_pause_and_closing(hold):
    with hold(*TODAY) as server:
        trainer, browser, late = server.trainer(), server.playing("Пауза"), server.joined("Ждёт")
        done = server.playing("Готово")
        done.say("offer", "refund")
        before = browser.page.sent("option", "offer")

        steer(trainer, "paused", "1")
        refused = browser.post("/play", before)
        assert refused.status == 409 and "Look at the screen: now we talk." in browser.get("/play?lang=en").words
        assert not refused.buttons("option") and not server.events("Пауза")
        waiting = late.post("/play", late.page.sent("begin"))
        assert waiting.status == 409 and not waiting.buttons("begin") and not server.attempts("Ждёт")
        assert "Ирина довольна" in done.get("/play").words  # what is over may be read
        steer(trainer, "paused", "1")  # a double click
        steer(trainer, "paused", "0")
        assert browser.post("/play", before).status == 200
        assert server.chosen("Пауза") == ["offer"]

        steer(trainer, "entry", "0")
        stranger = Browser(server)
        shut = stranger.join("Опоздал")
        assert shut.status == 403 and shut.alert and shut.path == "/join"
        assert not server.rows("SELECT 1 FROM members WHERE name = 'Опоздал'")
        assert "refund" in browser.get("/play").buttons("option")  # who is in stays in
        steer(trainer, "entry", "1")
        stranger.get("/")
        assert stranger.join("Успел").path == "/play"

        open_page = browser.page.sent("option", "refund")
        steer(trainer, "over", "1")
        assert browser.post("/play", open_page).status == 409
        assert not browser.get("/play").forms and browser.page.status == 200
        assert late.post("/play", late.page.sent("begin") if late.page.forms else waiting_fields(late)).status == 409
        assert done.post("/play", done.page.sent("again")).status == 409
        assert "Ирина довольна" in done.get("/play").words and len(debrief_pages(done)) == 2
        assert server.chosen("Пауза") == ["offer"] and not server.attempts("Ждёт")
        assert Browser(server).join("После").status == 403


def waiting_fields(browser: Browser) -> dict[str, str]:
    """The form that began a case, from a page that has it no more."""
    return {"token": proof(browser.cookies["trainkit"]), "begin": "late_parcel", "run": "0"}


def test_a_vote_again(hold):
    with hold(*TODAY, cases=(PARCEL, RACKET)) as server:
        trainer, ended, beginner, further = (
            server.trainer(), server.playing("Ответила"), server.playing("Начал"), server.playing("Дальше"),
        )  # fmt: skip
        ended.say("offer", "refund")
        further.say("when_needed", "offer", "send")
        further.press("begin", RACKET)
        further.say("pay")
        offered = further.page.buttons("option")

        steer(trainer, "ballot", scene="late_parcel/solve")
        assert ended.get("/play").form("option").fields["vote"] == "1"
        assert "send" not in ended.page.buttons("option")  # what was on offer then: she had not asked
        vote = ended.page.sent("option", "look")
        pages = at_once(lambda _: ended.copy().post("/play", vote), 6)
        assert [page.status for page in pages] == [200] * 6
        assert not any(page.buttons("option") for page in pages)
        changed = ended.post("/play", {**vote, "option": "rules"})
        assert changed.status == 409 and server.events("Ответила")[-1][:4] == ("revote", "solve", "look", "1")
        assert server.chosen("Ответила") == ["offer", "refund"]  # the first answer stays

        assert "offer" in beginner.get("/play").buttons("option") and "vote" not in beginner.page.form("option").fields
        forged = {"token": beginner.page.forms[0].fields["token"], "vote": "1", "option": "look"}
        assert beginner.post("/play", forged).status in (409, 422) and not server.events("Начал")

        further.get("/play")
        assert further.post("/play", {**further.page.sent("option", "look"), "option": "pay"}).status == 422
        further.get("/play")
        further.say("refund")
        assert server.events("Дальше", 0)[-1][:4] == ("revote", "solve", "refund", "1")
        steer(trainer, "ballot_end")
        assert further.get("/play").buttons("option") == offered  # where he was
        further.say(offered[0])
        assert server.chosen("Дальше", 1) == ["pay", offered[0]]
        assert ended.post("/play", vote).status in (200, 409)  # too late
        assert [event[0] for event in server.events("Ответила")].count("revote") == 1

        steer(trainer, "ballot", scene="late_parcel/solve")  # a second round has its own number
        assert ended.get("/play").form("option").fields["vote"] == "2"
        ended.say("refund")
        assert [event[2:4] for event in server.events("Ответила") if event[0] == "revote"] == [
            ("look", "1"),
            ("refund", "2"),
        ]


def test_buttons_of_the_board_pressed_twice_or_forged(hold):
    with hold() as server:
        trainer = server.trainer()
        for button in (("votes", "0"), ("paused", "1"), ("paused", "0")):
            for _ in range(2):  # the button says what it leads to: a double click doesn't undo itself
                steer(trainer, *button)
        assert [tuple(row) for row in server.rows("SELECT kind, setting FROM controls WHERE kind != 'trainer'")] == [
            ("votes", "0"),
            ("paused", "1"),
            ("paused", "0"),
        ]
        steer(trainer, "ballot", scene="late_parcel/solve")
        before, token = server.count("controls"), proof(trainer.cookies["trainkit_board"])
        pages = [trainer.post("/board", {"do": "ballot", "scene": "late_parcel/solve", "token": token})]
        assert pages[0].status in (200, 409)  # a double click
        for forged in (
            {"do": "nonsense"},
            {"do": "trainer"},
            {"do": "show", "scene": "late_parcel/nowhere"},
            {"do": "show", "scene": "another/solve"},
            {"do": "show", "scene": "'; DROP TABLE controls; --"},
            {"paused": "2"},
            {"trainer": "1"},
            {},
        ):
            pages.append(trainer.post("/board", {"token": token, **forged}))
            assert pages[-1].status in (400, 409, 422), (forged, pages[-1].status, pages[-1].words)
        assert server.count("controls") == before


def test_every_button_of_the_board_is_understood(hold):
    with hold(*TODAY) as server:
        for number in range(6):
            server.playing(f"Гость {number}").say("offer", ("refund", "look", "rules")[number % 3])
        trainer, pressed = server.trainer(), set()
        trainer.get("/board")
        for _ in range(60):
            shown = {button[:2] for form in trainer.page.forms for button in form.buttons}
            left = sorted(shown - pressed)
            if not left:
                break
            pressed.add(left[0])
            page = trainer.post("/board", trainer.page.sent(*left[0]))
            assert page.status == 200 and page.path == "/board", (left[0], page.status, page.words)
        switches = {(name, value) for name in ("entry", "paused", "over", "names", "votes", "key") for value in "01"}
        assert switches <= pressed and {("do", "show"), ("do", "ballot"), ("do", "ballot_end")} <= pressed


def test_conditions_are_balanced(hold):
    case = casebook.load_case(RACKET)
    with hold(cases=(RACKET,)) as server:
        for number in range(20):
            server.playing(f"Гость {number}")
        seeds = [row["seed"] for row in server.rows("SELECT seed FROM attempts")]
        items = Counter(dict(zip(case.facts, draw_facts(case, seed), strict=True))["item"] for seed in seeds)
        assert len(seeds) == 20 and set(items) == {"racket", "watch"} and 8 <= items["racket"] <= 12

        guests = [server.joined(f"Вместе {number}") for number in range(40)]
        at_once(lambda n: guests[n].press("begin"), 40)  # "now begin, all of you"
        seeds = [row["seed"] for row in server.rows("SELECT seed FROM attempts WHERE participant LIKE 'Вместе%'")]
        together = Counter(dict(zip(case.facts, draw_facts(case, seed), strict=True))["item"] for seed in seeds)
        assert len(seeds) == 40 and abs(together["racket"] - together["watch"] + items["racket"] - items["watch"]) <= 4


def test_a_full_room(hold):
    with hold("--places", "3", *TODAY) as server:
        inside = [server.joined(f"Гость {number}") for number in range(3)]
        late = Browser(server)
        late.get("/?lang=en")
        page = late.join("Четвёртый")
        assert page.status == 403 and "All places" in page.alert and server.count("members") == 3
        inside[0].press("begin")
        assert "offer" in inside[0].page.buttons("option")


# ---- every page of every case -------------------------------------------------------------------------------------


def test_every_page_fits_a_phone(tmp_path):
    cases = casebook.case_ids(CASEBOOK)
    assert set(ASKED_FOR) < set(cases)
    with held(tmp_path, cases=cases) as server:
        sizes: dict[tuple[str, str, str], int] = {}
        for lang in ("ru", "en"):
            browser, chance = server.joined(f"Игрок {lang}", lang=lang), random.Random(20)
            for number, case_id in enumerate(cases):
                pages = [browser.page]
                browser.press("begin", case_id)
                walk(browser, chance.choice, pages.append)
                offered = browser.page
                pages += [*debrief_pages(browser), browser.get("/link")]
                for page in pages:
                    assert page.status == 200 and f'<html lang="{lang}">' in page.text
                    sizes[case_id, lang, page.path] = max(len(page.body), sizes.get((case_id, lang, page.path), 0))
                # /talk is the whole conversation, asked for by who wants to read it again: as long as what was said
                assert browser.get("/talk").status == 200
                assert len(server.events(f"Игрок {lang}", number)) >= 2
                browser.page = offered
        assert max(sizes.values()) <= PAGE, sorted(sizes.items(), key=lambda item: -item[1])[:8]


# ---- the command --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["racket_refun"], 'Did you mean "racket_refund"'),
        ([PARCEL, PARCEL], "twice"),
        (["--feedback", "sometimes"], '"now", "end" or "none"'),
        (["--set", "item=boat"], "boat"),
        (["--set", "thing=racket"], "thing"),
        (["--set", "item"], "FACT=VALUE"),
        (["--workshop", "000000"], "000000"),
        (["--consent", "no/such/file.txt"], str(Path("no/such/file.txt"))),
        (["--consent", "tests"], "tests"),
        (["--places", "0"], "places"),
        (["--places", "many"], "many"),
        (["--lang", "xx"], "xx"),
        (["--port", "99999"], "99999"),
        (["--host", "192.0.2.1"], "192.0.2.1"),
        (["--database", "no/such/folder/log.sqlite3"], "open"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_input_is_a_sentence(tmp_path, arguments, said):
    assert_refused(tmp_path, arguments, said)


def test_a_consent_text_that_is_no_text(tmp_path):
    for content, said in ((b"\xff\xfe\x00\xd8", "consent.txt"), (b" \n", "consent"), (b"x" * 5000, "4000")):
        (tmp_path / "consent.txt").write_bytes(content)
        assert_refused(tmp_path, ["--consent", str(tmp_path / "consent.txt")], said)


def test_a_port_that_is_taken(room, tmp_path):
    assert_refused(tmp_path, ["--port", str(room.port)], str(room.port))


def assert_refused(tmp_path, arguments, said):
    """One sentence that names what was wrong, exit code 2, nothing printed for the room."""
    line = ["class", "--host", "127.0.0.1", "--port", free_port(), "--database", tmp_path / "log.sqlite3", *arguments]
    with (tmp_path / "stderr.txt").open("wb") as file:
        process = begin(line, environment(), file)
    too_long = threading.Timer(PATIENCE, process.kill)
    too_long.start()
    with process.stdout:
        printed = process.stdout.read()
    code, errors = process.wait(), (tmp_path / "stderr.txt").read_text()
    too_long.cancel()
    assert code == 2 and not printed, (code, printed, errors)
    assert said in errors and "Traceback" not in errors and len(errors.strip().splitlines()) == 1, errors


def test_ending_is_quick_with_a_board_open(hold):
    with hold() as server:
        trainer = server.trainer()
        live = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        live.request("GET", "/board/live", headers={"Cookie": f"trainkit_board={trainer.cookies['trainkit_board']}"})
        answer = live.getresponse()
        assert answer.status == 200 and answer.readline().startswith(b"data: ")
        server.stop()
        assert not server.complaints(), "the board was cut off at the end of the time of grace"
        live.close()
