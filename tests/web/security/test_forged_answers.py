"""What is forged or guessed changes nothing: options, steps, scenes, runs, links and cookies."""

import re
import secrets

import pytest
from support.class_server import PARCEL, Browser
from support.hostile import COOKIE, everything, linux

from trainkit.files.casebook import load_case


@pytest.mark.parametrize(
    "option",
    [
        "refund",
        "sorry",
        "nonsense",
        "",
        "send",
        "call.offer",
        "OFFER",
        "offer\0",
        "'; DROP TABLE events; --",
        "x" * 9000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_a_forged_option(room, option):
    browser = room.playing(f"Опция {option[:8].strip()}")
    fields = browser.page.sent("option", "offer")
    before = everything(room)
    page = browser.post("/play", {**fields, "option": option})
    assert page.status == 422 and page.alert and "offer" in page.buttons("option")
    assert everything(room) == before
    assert browser.post("/play", fields).status == 200


def test_no_page_tells_by_names_what_a_reply_is_worth(room):
    case = load_case(PARCEL)
    names = {name for scene in case.scenes.values() for name in scene.options}
    browser, pressed = room.playing("Читает исходник"), []
    while there := browser.page.buttons("option"):
        told = re.findall(r'(?:value|id|class|name|data-[a-z]+)="([^"]*)"', browser.page.text)
        assert set(there) <= names and not names & set(told)
        pressed.append(there[-1])
        browser.press("option", there[-1])
    assert pressed and room.chosen("Читает исходник") == pressed, "the log has the names"


def test_an_option_that_is_closed(room):
    browser = room.playing("Закрыто")
    fields = browser.page.sent("option", "when_needed")
    browser.say("when_needed")
    assert "when_needed" not in browser.page.buttons("option")  # stays on the page, marked, but can't be pressed
    before = everything(room)
    assert browser.post("/play", {**fields, "step": "1"}).status == 422
    browser.get("/play")
    browser.say("offer")
    fields = browser.page.sent("option", "refund")
    assert "send" not in browser.page.text
    assert browser.post("/play", {**fields, "option": "send"}).status == 422  # not open: it need not be today
    assert room.count("events") == before[2] + 1


@pytest.mark.parametrize("step", ["1", "7", "-1", "", "0x0", "0.0", "٠", "null", "9" * 400, "0 OR 1=1"])
def test_a_forged_step(room, step):
    browser = room.playing(f"Шаг {step[:5]}")
    fields, before = browser.page.sent("option", "offer"), everything(room)
    page = browser.post("/play", {**fields, "step": step})
    assert page.status == 409 and page.alert and everything(room) == before
    del fields["step"]
    assert browser.post("/play", fields).status == 409 and everything(room) == before


def test_a_forged_scene_changes_nothing(room):
    browser = room.playing("Сцена")
    fields = browser.page.sent("option", "offer")
    browser.post("/play", {**fields, "scene": "shouting", "goto": "content", "seed": "1", "member": "x", "lang": "en"})
    assert [event[:3] + event[4:] for event in room.events("Сцена")] == [("choose", "call", "offer", "ru")]


def test_another_person_s_run(room):
    victim, thief = room.playing("Жертва"), room.playing("Вор")
    theirs = room.attempts("Жертва")[0]["attempt"]
    fields, before = thief.page.sent("option", "offer"), everything(room)
    assert fields["attempt"] != theirs
    for forged in (theirs, "", theirs.upper(), theirs[:-1], "%"):
        assert thief.post("/play", {**fields, "attempt": forged}).status == 409
    assert thief.post("/play", {"token": fields["token"], "again": theirs}).status == 409
    assert (
        thief.post("/play", {"token": fields["token"], "disagree": "0", "attempt": theirs, "text": "я"}).status == 409
    )
    assert everything(room) == before and "offer" in victim.get("/play").buttons("option")


@linux
def test_links_and_cookies_guessed(room):
    browser = room.playing("Ключ", source="127.0.0.21")
    (link,) = [href for href in browser.get("/link").links if "/me/" in href]
    secret, cookie = link.rsplit("/", 1)[1], browser.cookies[COOKIE]
    assert len(secret) >= 24 and len(cookie) >= 32
    member = room.rows("SELECT member, secret_hash FROM members WHERE name = 'Ключ'")[0]
    for guess in (secret[:-1], secret + "A", secret.swapcase(), "%00", "..%2f", "%25", "x" * 4000, *member):
        stranger = Browser(room, "127.0.0.22")
        assert stranger.get(f"/me/{guess}").status == 404 and COOKIE not in stranger.cookies
    for guess in (cookie[:-1], cookie + "A", cookie.swapcase(), '"' + cookie, *member):
        stranger = Browser(room)
        stranger.cookies[COOKIE] = guess
        assert stranger.get("/play").path == "/" and stranger.get("/pulse").body == b""
    stranger = Browser(room, "127.0.0.23")
    while (tried := stranger.get(f"/me/{secrets.token_urlsafe(24)}").status) == 404:
        pass  # guessing is slow
    assert tried == 429
    for link in (f"/me/{secret}", room.remote):  # and keeps nobody out who has a right one at the same address
        assert Browser(room, "127.0.0.23").get(link).status == 200


def test_what_was_overheard_without_its_cookie(room):
    browser, other, nobody = room.playing("Подслушан"), room.playing("Другой"), Browser(room)
    fields, before = browser.page.sent("option", "offer"), everything(room)
    assert nobody.post("/play", fields).path == "/"
    assert other.post("/play", fields).status == 403
    assert everything(room) == before
