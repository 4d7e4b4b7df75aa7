"""Who has the link comes in whatever others guess; one address doesn't take the room; who was removed stays out."""

import time

import pytest
from support.class_server import Browser, steer

from trainkit.log.store import Log
from trainkit.room.controls import load_stage
from trainkit.room.members import members_of
from trainkit.room.workshops import by_code
from trainkit.web import arrivals
from trainkit.web.arrivals import A_MINUTE, FREE, TELL, Arrivals

NEIGHBOUR = "127.0.0.2"  # not this machine itself, which may be a proxy


def way_in(server):
    """The path in the QR code."""
    log = Log(server.database)
    try:
        return f"/?in={load_stage(log, by_code(log, server.code))[0].entrance}"
    finally:
        log.close()


def members(server):
    """Id of each member by their name."""
    log = Log(server.database)
    try:
        return {one.name: one.member for one in members_of(log, by_code(log, server.code))}
    finally:
        log.close()


def at_the_door(server, name, path="/", source=NEIGHBOUR, **filled):
    """A browser, and the page that it gets for its form."""
    browser = Browser(server, source)
    browser.get(path)
    return browser, browser.join(name, **filled)


def test_by_the_link_one_comes_in_while_a_neighbour_guesses(room):
    guesser = Browser(room, NEIGHBOUR)
    guesser.get("/")
    wrong = f"{(int(room.code) + 1) % 10**6:06}"
    while guesser.join("Гадаю", code=wrong).status != 429:
        pass
    path = way_in(room)
    door = Browser(room, NEIGHBOUR).get(path)
    assert door.forms[0].fields["code"].replace("\N{NO-BREAK SPACE}", " ") == f"{room.code[:3]} {room.code[3:]}"
    for n in range(5):
        began = time.monotonic()
        _, page = at_the_door(room, f"По ссылке {n}", path, code=wrong)  # whatever stands in the field
        assert page.path == "/play", page.alert
        assert time.monotonic() - began < 5  # it waits for nobody; else one and more a guess


def test_a_link_that_is_wrong_is_no_way_round_the_code(room):
    for forged in ("/?in=", "/?in=" + "a" * 16, "/?in=%00", way_in(room)[:-1], way_in(room) + "A"):
        browser = Browser(room)
        assert browser.get(forged).forms[0].fields["code"] == ""
        fields = browser.page.forms[0].fields | {"in": forged[5:], "name": "Иду так", "consent": "1", "code": ""}
        assert browser.post("/join", fields).status in (404, 429)


def test_a_mistake_in_the_form_keeps_the_link(room):
    browser, page = at_the_door(room, "…", way_in(room))
    assert page.status == 422
    assert browser.join("Кто пришёл по ссылке", code="000000").path == "/play"


# ---- one address -----------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by hand."""
    now = [1000.0]
    monkeypatch.setattr(arrivals.time, "monotonic", lambda: now[0])
    return now


def come(room, address, n, places=200):
    """How many of n come in."""
    came = [room.begin(address, places) for _ in range(n)]
    for number, one in enumerate(came):
        if one is not None:
            one.member = f"{address} {id(one)} {number}"
    return sum(one is not None for one in came)


def test_a_school_behind_one_router_comes_in(clock):
    room = Arrivals()
    for _ in range(2):
        assert come(room, "school", 20) == 20
        clock[0] += 60
    assert not room.crowds(room._of["school"].came, ()), "nothing to tell of"


def test_one_address_does_not_take_all_places(clock):
    room = Arrivals()
    assert come(room, "program", 1000) == 100, "half of the places"
    assert come(room, "home", 5) == 5
    for _ in range(5):
        clock[0] += 60
        assert come(room, "program", 1000) == A_MINUTE
    assert come(Arrivals(), "program", 1000, places=40) == FREE
    assert come(Arrivals(), "127.0.0.1", 1000) == 1000, "a proxy that doesn't say for whom"


def test_who_has_filled_a_small_room_is_told_of(clock):
    room = Arrivals()
    assert come(room, "program", 30, places=30) == 30 and come(room, "home", 1, places=30) == 1
    assert not room._of["program"].number
    room.full(30)
    assert room._of["program"].number == 1 and not room._of["home"].number and len(room.crowd(1)) == 30


def test_who_did_not_come_in_after_all_does_not_count(clock):
    room = Arrivals()
    for _ in range(1000):
        room.forget("school", room.begin("school", 200))
    assert come(room, "school", 40) == 40 and len(room.crowd(1)) <= 40


def test_a_series_that_was_removed_comes_slowly(clock):
    room = Arrivals()
    come(room, "program", TELL + 1)
    assert len(room.crowd(1)) == TELL + 1
    room.send_away(1)
    clock[0] += 700
    assert come(room, "program", 100) == A_MINUTE
    room.send_away(1, away=False)
    clock[0] += 700
    assert come(room, "program", 100) == 100


def test_addresses_without_end_are_forgotten(clock):
    room = Arrivals()
    for n in range(3 * arrivals.KEPT):
        come(room, f"10.0.{n}", 1)
    assert len(room._of) == arrivals.KEPT


def test_the_trainer_hears_of_a_series_and_removes_it_at_once(hold):
    with hold("--open") as server:
        path, trainer = way_in(server), server.trainer()
        playing, _ = at_the_door(server, "Играю", path)
        playing.press("begin")
        for n in range(TELL):
            assert at_the_door(server, f"Бот {n}", path)[1].path == "/play"
        home = at_the_door(server, "Дома", path, source="127.0.0.3")[0]
        assert f"С одного адреса за несколько минут вошли {TELL + 1} человек" in trainer.get("/remote").words
        people = trainer.get("/remote?tab=people")
        assert f"{TELL} из них ничего не начали" in people.words
        ask = next(link for link in people.links if "sure=crowd" in link)
        sure = trainer.get("/remote" + ask)
        assert f"Убрать {TELL} человек, пришедших с одного адреса?" in sure.words and "Бот 0" in sure.words
        after = trainer.press("do", "remove_crowd")
        assert after.status == 200 and "занято мест: 2 из 200" in trainer.get("/remote?tab=people").words
        assert playing.get("/play").path == "/play" and home.get("/play").path == "/play"
        assert "за несколько минут" not in trainer.get("/remote").words, "it has been dealt with"
        trainer.get("/remote?tab=people")
        trainer.press("do", "restore_crowd")
        assert f"занято мест: {TELL + 2} из 200" in trainer.get("/remote?tab=people").words


# ---- who was removed ---------------------------------------------------------------------------------------------


def test_who_was_removed_does_not_come_back_by_the_code(hold):
    with hold("--open") as server:
        trainer, wren = server.trainer(), server.joined("Зоя")
        steer(trainer, "remove", who=members(server)["Зоя"])
        assert wren.get("/play").path == "/" and "убрал" in wren.page.alert
        assert wren.join("Другое имя").status == 403 and "убрал" in wren.page.alert, "the same phone"
        assert "снова у входа" in trainer.get("/remote?tab=people").words
        assert "Снова у входа, хотя вы их убрали: Зоя." in trainer.get("/remote").words
        _, page = at_the_door(server, "Зо\u200bя")  # another phone, a name that looks the same
        assert page.status == 403 and "таким именем" in page.alert
        _, page = at_the_door(server, "З\N{LATIN SMALL LETTER O}я")
        assert page.status == 403
        for same in ("зоя", "ЗОЯ", "Зоя.", "З о я", "з\N{LATIN SMALL LETTER O}я"):
            assert at_the_door(server, same)[1].status == 403, same
        assert at_the_door(server, "Зоя Б")[1].path == "/play", "somebody else"
        assert server.count("members") == 2
        knocks = server.rows("SELECT setting FROM controls WHERE kind = 'knock'")
        assert [row["setting"] for row in knocks] == [members(server)["Зоя"]], "told once"
        steer(trainer, "restore", who=members(server)["Зоя"])
        assert "Снова у входа" not in trainer.get("/remote").words
        assert wren.get("/").path == "/play", "the trainer's word"
        assert at_the_door(server, "Зоя")[1].path == "/play"
