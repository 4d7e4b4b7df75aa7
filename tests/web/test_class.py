"""A class as trainees live through it: nothing counts twice, nothing is lost. Real server, HTTP and log."""

import contextlib
import sqlite3

import pytest
from support.class_server import RACKET, Browser, at_once, debrief_pages, plain, steer

from trainkit.engine.facts import draw_facts
from trainkit.log.store import Log
from trainkit.room.controls import record_control
from trainkit.room.workshops import by_code
from trainkit.web.security import proof

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
    assert len(rest) == 3  # scale and figures, replies, what is argued
    assert all(page.status == 200 for page in rest)
    assert "Верну деньги сейчас же." in rest[1].words and "Дешевле поверить, чем расследовать." in rest[2].words
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


def test_only_the_ticked_box_makes_a_pair(room):
    browser = Browser(room)
    browser.get("/")
    fields = browser.page.forms[0].fields | {"code": room.code, "name": "Одна", "consent": "1", "pair": "0"}
    browser.post("/join", fields)
    assert room.rows("SELECT pair FROM members WHERE name = 'Одна'")[0]["pair"] == 0


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
        ({"consent": False}, 422, "consent"),
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
            database.execute(
                "DROP TRIGGER IF EXISTS members_no_delete"
            )  # as erasing does, which wants no server running
            database.execute("DELETE FROM members")
        assert browser.get("/play").path == "/"
        assert browser.join("Снова").path == "/play"
        with contextlib.closing(sqlite3.connect(server.database)) as database, database:
            database.execute(
                "DROP TRIGGER IF EXISTS members_no_delete"
            )  # as erasing does, which wants no server running
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
