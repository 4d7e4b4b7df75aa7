"""A form of another site changes nothing: proofs, origins, cookies of the door."""

import secrets

from support.class_server import (
    HOST,
    Browser,
)  # fmt: skip
from support.hostile import BOARD, COOKIE, everything, forgeries

from trainkit.web.security import proof


def test_a_form_of_another_site(room):
    browser, other = room.playing("Подделка"), room.playing("Чужой токен")
    fields, before = browser.page.sent("option", "offer"), everything(room)
    theirs = other.page.forms[0].fields["token"]
    own = f"{HOST}:{room.port}"
    for changed, headers in forgeries(fields["token"], own, theirs):
        page = browser.post("/play", {**fields, **changed}, **headers)
        assert page.status == 403 and page.words, (changed, headers)
    without = {name: value for name, value in fields.items() if name != "token"}
    assert browser.post("/play", without).status == 403
    assert everything(room) == before
    assert browser.post("/play", fields, Origin=f"http://{own}").status == 200
    # a page that sends no referrer makes browsers say "null"; the token is what proves it
    assert browser.post("/play", fields, Origin="null").status == 200


def test_a_join_form_of_another_site(room):
    browser = Browser(room)
    browser.get("/")
    right = browser.page.forms[0].fields["token"]
    fields = {"token": right, "code": room.code, "name": "Подставной", "consent": "1"}
    for changed, headers in forgeries(right, f"{HOST}:{room.port}", proof("another")):
        assert browser.post("/join", {**fields, **changed}, **headers).status == 403, (changed, headers)
    assert not room.rows("SELECT 1 FROM members WHERE name = 'Подставной'")


def test_joining_without_cookies(room):
    without = Browser(room)
    fields = {"code": room.code, "name": "Без печенья", "consent": "1"}
    for token in (proof(secrets.token_urlsafe(24)), "", proof("")):  # who has no cookie can prove nothing
        without.cookies.clear()
        page = without.post("/join?lang=en", {**fields, "token": token})
        assert page.status == 403 and "cookies are switched off" in page.words
    assert not room.rows("SELECT 1 FROM members WHERE name = 'Без печенья'")


def test_a_cookie_of_the_door_gets_nobody_at_a_seat(room):
    """Old, planted or seen on a shared tablet: by what a browser had before it joined, one is somebody else."""
    thief = room.joined("Прежний")
    thief.get("/link")
    (link,) = [href for href in thief.page.links if "/me/" in href]
    for planted in (secrets.token_urlsafe(24), link.rsplit("/", 1)[1] + "x"):
        victim = Browser(room)
        victim.cookies[COOKIE] = planted
        victim.get("/")
        assert victim.cookies[COOKIE] == planted and victim.join("Новый").path == "/play"
        victim.get("/link")
        other = Browser(room)
        for visit in ("", secrets.token_urlsafe(24), "x", "не то" * 9):
            other.cookies[COOKIE] = planted
            other.post("/join", {"token": proof(planted), "visit": visit})
            assert other.cookies[COOKIE] == planted and other.get("/play").path == "/"
        other.cookies[COOKIE] = planted
        other.post("/join", {"token": proof(planted), "code": room.code, "name": "Вор", "consent": "1"})
        assert other.page.path == "/play" and other.cookies[COOKIE] != victim.cookies[COOKIE]
        assert other.get("/link").links != victim.get("/link").links


def test_a_trainer_s_form_of_another_site(hold):
    with hold() as server:
        trainer, trainee = server.trainer(), server.playing("Стажёр")
        right, before = proof(trainer.cookies[BOARD]), everything(server)
        fields = {"over": "1", "token": right}
        for changed, headers in forgeries(right, f"{HOST}:{server.port}", trainee.page.forms[0].fields["token"]):
            assert trainer.post("/remote", {**fields, **changed}, **headers).status == 403, (changed, headers)
        assert everything(server) == before
        assert trainer.post("/remote", fields).status == 200
