"""A class under attack: what is forged, guessed, oversized, slow or hostile changes nothing and stops nobody."""

import contextlib
import http.client
import re
import secrets
import selectors
import socket
import sqlite3
import statistics
import sys
import threading
import time
from collections import Counter
from urllib.parse import urlencode

import pytest
from support.class_server import (
    HOST,
    PARCEL,
    PATIENCE,
    URLENCODED,
    Browser,
    at_once,
    debrief_pages,
    held,
    is_alive,
    raw,
    request,
    walk,
)  # fmt: skip

from trainkit.engine.rules import knowledge
from trainkit.log.store import Log
from trainkit.session.resume import reopen
from trainkit.view.screen import option_words
from trainkit.web.form_reader import MAX_BODY, proof
from trainkit.web.protocol import SLOW
from trainkit.web.security import HEADERS

RACKET = "racket_refund"
FORM = {"Content-Type": URLENCODED}
COOKIE, BOARD = "trainkit", "trainkit_board"
HOSTILE = (
    "<script>alert(1)</script>",
    "'\"><img src=x>",
    '" onclick="x()',
    "</main><b>{{7*7}}",
    "<!--token-->&lt;",
    "ann\u202ea\u200f\u0000\u0007b",
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class that tests share; nothing a test does may change what another sees."""
    with held(tmp_path_factory.mktemp("room"), "--set", "price=low", "--set", "need=whenever") as server:
        yield server


@pytest.fixture
def hold(tmp_path):
    """Classes of a test's own."""
    return lambda *arguments, cases=(PARCEL,): held(tmp_path, *arguments, cases=cases)


def everything(server):
    """What the log has of everybody."""
    return [server.count(table) for table in ("members", "attempts", "events", "controls")]


def plain(text):
    return " ".join(text.split())


def guarded_well(page, but=()):
    """Whether an answer has every header it must have, each once; ``but`` those it has a stricter need for."""
    said = [(name.lower(), value) for name, value in page.headers]
    wanted = [(name.decode(), value.decode()) for name, value in HEADERS]
    names = [name for name, _ in said]
    return all((one in said or one[0] in but) and names.count(one[0]) == 1 for one in wanted)


# ---- forged answers -----------------------------------------------------------------------------------------------


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
    stranger, met = Browser(room, "127.0.0.23"), []
    while len(met) < 5 and 429 not in met:  # guessing is slow: one that is due now and then
        while (tried := stranger.get(f"/me/{secrets.token_urlsafe(24)}").status) == 404:
            pass
        met.append(stranger.get(f"/me/{secret}").status)
    assert tried == met[-1] == 429


def test_what_was_overheard_without_its_cookie(room):
    browser, other, nobody = room.playing("Подслушан"), room.playing("Другой"), Browser(room)
    fields, before = browser.page.sent("option", "offer"), everything(room)
    assert nobody.post("/play", fields).path == "/"
    assert other.post("/play", fields).status == 403
    assert everything(room) == before


# ---- forged forms -------------------------------------------------------------------------------------------------


def forgeries(right, own, other):
    """(fields changed, headers) that no page of ours would send."""
    return [
        ({"token": ""}, {}),
        ({"token": right[:-1]}, {}),
        ({"token": "0" * len(right)}, {}),
        ({"token": other}, {}),
        ({"token": right + "\ud7ff"}, {}),
        ({}, {"Origin": "http://evil.example"}),
        ({}, {"Origin": f"http://{own}.evil.example"}),
        ({}, {"Origin": "http://["}),
        ({}, {"Origin": ""}),
    ]


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
            assert trainer.post("/board", {**fields, **changed}, **headers).status == 403, (changed, headers)
        assert everything(server) == before
        assert trainer.post("/board", fields).status == 200


# ---- oversized, misshapen, slow -----------------------------------------------------------------------------------


def test_a_name_of_a_megabyte(room):
    browser, before = Browser(room), everything(room)
    browser.get("/?lang=en")
    fields = browser.page.forms[0].fields | {"code": room.code, "consent": "1"}
    page = browser.post("/join", {**fields, "name": "я" * 1_000_000}, Connection="keep-alive")
    assert page.status == 413 and "too long" in page.words and guarded_well(page)
    fits = browser.post("/join", {**fields, "name": "x" * (MAX_BODY - 400)})
    assert fits.status == 422 and "24 characters" in fits.alert
    assert everything(room) == before and is_alive(room)


def test_a_body_without_end(room):
    began, sent = time.monotonic(), 0
    with socket.create_connection((HOST, room.port), timeout=SLOW + PATIENCE) as connection:
        connection.sendall(request("POST", "/join", f"Content-Type: {URLENCODED}", "Transfer-Encoding: chunked"))
        with contextlib.suppress(OSError):
            while time.monotonic() - began < SLOW + PATIENCE and sent < 50_000_000:
                connection.sendall(b"1000\r\n" + b"a" * 4096 + b"\r\n")
                sent += 4096
                time.sleep(0.001)
        took = time.monotonic() - began
        with contextlib.suppress(OSError):
            connection.settimeout(2)
            answer = connection.recv(100)
            assert answer == b"" or b" 413 " in answer
    assert took < SLOW + PATIENCE and sent < 50_000_000 and is_alive(room)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (URLENCODED, "&".join(f"a{n}=1" for n in range(10_000)), 413),
        (URLENCODED, "&".join(f"a{n}=1" for n in range(100)), 400),
        (URLENCODED, "имя=1".encode(), 400),
        (URLENCODED, b"\x00\xff\xfe", 400),
        (URLENCODED, b"", 403),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n1\r\n--x--',
            400,
        ),
        ("application/json", b'{"code": "000000"}', 400),
        ("text/plain", b"code=000000", 400),
        ("", b"code=000000", 400),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_form_of_ours(room, kind, body, status):
    seated = room.playing(f"Форма {secrets.token_hex(3)}")
    before = everything(room)
    for browser, path in ((Browser(room), "/join"), (seated, "/play")):
        page = browser.ask("POST", path, body, {"Content-Type": kind, "Connection": "keep-alive"})
        assert page.status == status and page.words and guarded_well(page), path
    assert everything(room) == before


def test_slow_connections_are_closed_and_others_served(room):
    whole = b"GET /pulse HTTP/1.1\r\nHost: x\r\n\r\n"
    beginnings = (
        b"",  # says nothing, ever
        b"GET / HTTP/1.1\r\nHost: ",
        b"POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n",
        whole + b"GET /pul",  # a second request in the same packet, never ended
    )
    began, served = time.monotonic(), []
    closed: list[list[float]] = [[], [], [], []]
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as watched:
        for number in range(200):
            connection = stack.enter_context(socket.create_connection((HOST, room.port), timeout=10))
            connection.sendall(beginnings[number % 4])
            connection.setblocking(False)
            watched.register(connection, selectors.EVENT_READ, number % 4)
        while watched.get_map() and time.monotonic() - began < 120:
            for key, _ in watched.select(timeout=0.5):
                try:
                    over = key.fileobj.recv(1000) == b""
                except ConnectionError:
                    over = True
                if over:
                    watched.unregister(key.fileobj)
                    closed[key.data].append(time.monotonic() - began)
            if len(served) < time.monotonic() - began:  # once a second
                for key in list(watched.get_map().values()):
                    if key.data in (1, 2):  # a letter a second
                        with contextlib.suppress(OSError):
                            key.fileobj.send(b"a")
                served.append(is_alive(room))
    assert [len(one) for one in closed] == [50] * 4
    most = [statistics.quantiles(one, n=5)[-1] for one in closed]  # four of five: a busy machine may keep some waiting
    assert max(most[:3]) < SLOW + 10, "as late as any idle connection"
    assert len(served) >= 3 and all(served)


def test_a_head_without_end(room):
    answer = raw(room, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Long: " + b"a" * 1_000_000 + b"\r\n\r\n")
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")  # the refusal may be lost with what was still coming
    one_by_one = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 100) for number in range(200))
    assert raw(room, b"GET / HTTP/1.1\r\nHost: x\r\n" + one_by_one).startswith(b"HTTP/1.1 400 ")
    assert raw(room, request("GET", "/", "Cookie: a=" + "x" * 10_000)).startswith(b"HTTP/1.1 200 ")
    assert is_alive(room)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
        b"\r\n\r\n\r\nhello\r\n\r\n",
        b"\x00" * 5000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xd1\x8f HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n",
        request("POST", "/join", "Content-Length: -1"),
        request("POST", "/join", "Content-Length: 1", "Content-Length: 2", body=b"ab"),
        request("POST", "/join", "Content-Length: 4", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        request("POST", "/join", "Transfer-Encoding: chunked", body=b"zz\r\nhello\r\n"),
        request("POST", "/join", "Transfer-Encoding: identity, chunked, gzip", body=b"0\r\n\r\n"),
        request("CONNECT", "evil.example:443"),
    ],
    ids=lambda sent: repr(sent[:24]),
)
def test_what_is_no_http(room, sent):
    before = everything(room)
    answer = raw(room, sent, wait=SLOW + 5)
    assert answer == b"" or re.match(rb"HTTP/1\.1 4\d\d ", answer), answer[:200]
    assert b"Traceback" not in answer and everything(room) == before and is_alive(room)


def test_pipelined_requests(room):
    one, last = b"GET /pulse HTTP/1.1\r\nHost: x\r\n\r\n", request("GET", "/tk.css")
    answers = raw(room, one * 30 + last)
    assert answers.count(b"HTTP/1.1 200 OK") == 31 and answers.endswith(b"}\n")


@linux
def test_wrong_codes_become_slow(room):
    guesser, wrong = Browser(room, "127.0.0.2"), f"{(int(room.code) + 1) % 10**6:06}"
    guesser.get("/")
    assert [guesser.join("Гадаю", code=wrong).status for _ in range(10)] == [404] * 10
    fields = guesser.page.forms[0].fields | {"code": room.code, "name": "Угадал", "consent": "1"}
    for headers in ({}, {"X-Forwarded-For": "10.1.2.3"}, {"Forwarded": "for=10.1.2.3"}, {"X-Real-IP": "10.1.2.3"}):
        while guesser.join("Гадаю", code=wrong).status == 404:
            pass  # the machine took so long that one more is due
        page = guesser.post("/join", fields, **headers)
        assert page.status == 429 and int(page.header("retry-after")) > 0 and page.words and guarded_well(page)
    assert not room.rows("SELECT 1 FROM members WHERE name = 'Угадал'")
    assert room.joined("Сосед", source="127.0.0.3").page.path == "/play"


@linux
def test_two_thousand_join_fifty_places(hold):
    with hold("--places", "50") as server:
        statuses, served, done = Counter(), [], threading.Event()

        def rush(worker):
            connection = http.client.HTTPConnection(HOST, server.port, timeout=30)
            for number in range(250):
                key = secrets.token_urlsafe(24)
                fields = {"token": proof(key), "code": server.code, "name": f"Бот {worker} {number}", "consent": "1"}
                connection.request("POST", "/join", urlencode(fields), {**FORM, "Cookie": f"{COOKIE}={key}"})
                answer = connection.getresponse()
                text = answer.read().decode()
                assert answer.status == 303 or 'role="alert"' in text
                statuses[answer.status] += 1
            connection.close()

        def neighbour():
            while not done.wait(0.3):
                try:
                    served.append(is_alive(server, "127.0.0.5"))
                except Exception as error:
                    served.append(error)

        beside = threading.Thread(target=neighbour)
        beside.start()
        met = at_once(rush, 8)
        done.set()
        beside.join()
        assert met == [None] * 8, met
        assert server.count("members") == statuses[303] == 50
        assert sum(statuses.values()) == 2000 and set(statuses) == {303, 403, 429}
        assert set(served) == {True}


# ---- hostile words ------------------------------------------------------------------------------------------------


def harmless(page, words=()):
    """No tag, attribute or mark of a person's is alive on a page; ``words`` are there, as text."""
    scripts = [said for tag, said in page.tags if tag == "script"]
    assert all(re.fullmatch(r"/(class|board)\.js\?\w+", said.get("src", "")) for said in scripts), page.path
    assert not {tag for tag, _ in page.tags} & {"img", "iframe", "object", "embed", "base", "b2"}, page.path
    assert not [name for _, said in page.tags for name in said if name.startswith("on")], page.path
    assert not re.search("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]", page.text)
    assert "{{" not in page.text.replace("{{7*7}}", "")  # a template's own mark, as it was written
    for one in words:
        assert one in page.words, (page.path, one)


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_hostile_words_stay_words(hold, hostile):
    name = hostile[:24]
    with hold("--own-words", "--ask-why", "--set", "price=low", "--set", "need=whenever") as server:
        door = Browser(server)
        door.get("/")
        harmless(door.join(name, consent=False))
        browser = server.joined(name)
        kept = server.rows("SELECT name FROM members")[0]["name"]
        harmless(browser.page, [plain(kept)])
        browser.press("begin")
        browser.press("words", "1", text=f"{hostile} слова {hostile * 50}")
        said = plain("".join(c if c.isprintable() else " " for c in hostile))
        harmless(browser.page, [f"{said} слова"])
        browser.say("offer")
        browser.press("why", "1", text=f"{hostile} довод")
        harmless(browser.page)
        harmless(browser.get("/disagree?n=0"))
        browser.press("disagree", text=f"{hostile} спор")
        harmless(browser.page, [f"{said} спор"])
        browser.press("words", "", text="")
        browser.say("rules")
        browser.press("why", "")
        browser.press("words", "")
        browser.say("sorry")
        browser.press("why", "")
        pages = [browser.page, *debrief_pages(browser), browser.get("/talk"), browser.get("/link")]
        for page in pages:
            harmless(page)
            tokens = page.text.count('name="token"')
            assert tokens == sum(form.method == "post" for form in page.forms)  # none where a person wrote the mark
        assert any(f"{said} слова" in page.words for page in pages) and any(
            f"{said} спор" in page.words for page in pages
        )

        trainer = server.trainer()
        token = proof(trainer.cookies[BOARD])
        trainer.post("/board", {"names": "1", "token": token})
        harmless(trainer.get("/board"), [plain(kept)])
        harmless(trainer.get("/board?part"))
        pack = trainer.get("/board/debrief?names")
        assert pack.status == 200
        harmless(pack)


# ---- every answer -------------------------------------------------------------------------------------------------


def test_headers_of_every_answer(room):
    trainer, browser = room.trainer(), room.playing("Заголовки")
    stranger = Browser(room)
    answers = [
        (200, browser.ask("GET", "/play")),
        (200, stranger.ask("GET", "/")),
        (200, stranger.ask("GET", "/pulse")),
        (200, stranger.ask("GET", "/tk.css")),
        (200, stranger.ask("GET", "/class.js")),
        (200, stranger.ask("GET", "/board.js?x")),
        (200, trainer.ask("GET", "/board")),
        (303, stranger.ask("GET", "/play", follow=False)),
        (303, stranger.ask("GET", "/join", follow=False)),
        (303, trainer.ask("GET", room.board, follow=False)),
        (400, browser.ask("POST", "/play", "{}", {"Content-Type": "application/json"})),
        (403, browser.ask("POST", "/play", "a=b", FORM)),
        (403, stranger.ask("GET", "/board")),
        (404, stranger.ask("GET", "/favicon.ico")),
        (404, stranger.ask("GET", "/t/unknown")),
        (404, stranger.ask("GET", "/me/unknown")),
        (405, stranger.ask("PUT", "/play", "a=b", FORM)),
        (409, browser.ask("POST", "/play", urlencode({**browser.page.sent("option"), "step": "9"}), FORM)),
        (413, browser.ask("POST", "/play", "a" * (MAX_BODY + 1), {**FORM, "Connection": "keep-alive"})),
        (422, browser.ask("POST", "/play", urlencode({**browser.page.sent("option"), "option": "x"}), FORM)),
    ]
    for status, page in answers:
        assert page.status == status, (status, page.path, page.status)
        assert guarded_well(page), (status, page.path, page.headers)
        assert "server" not in {name.lower() for name, _ in page.headers}
        if "html" in page.header("content-type"):
            assert page.header("cache-control") == "no-store", page.path
            assert page.header("content-type") == "text/html; charset=utf-8"
    pack = trainer.ask("GET", "/board/debrief")  # it is kept and printed, so its style is in it; still no script
    assert pack.status == 200 and guarded_well(pack, but=("content-security-policy",))
    policy = [part.strip() for part in pack.header("content-security-policy").split(";")]
    assert "default-src 'none'" in policy and not [part for part in policy if part.startswith(("script", "connect"))]
    live = http.client.HTTPConnection(HOST, room.port, timeout=10)
    live.request("GET", "/board/live", headers={"Cookie": f"{BOARD}={trainer.cookies[BOARD]}"})
    answer = live.getresponse()
    said = {name.lower() for name, _ in answer.getheaders()}
    assert answer.status == 200 and {name.decode() for name, _ in HEADERS} <= said
    live.close()
    # secrets are in addresses: they must not go to whoever is linked to
    policies = [
        said["content"]
        for page in (answers[0][1], answers[6][1])
        for _, said in page.tags
        if "referrer" in said.get("name", "")
    ]
    assert policies == ["no-referrer"] * 2 and answers[0][1].header("referrer-policy") == "no-referrer"


def test_cookies_are_the_server_s_alone(room):
    trainer, browser = room.trainer(), room.playing("Печенье", lang="en")
    link = next(href for href in browser.get("/link").links if "/me/" in href)
    other = Browser(room)
    other.get(link.removeprefix(room.address))
    lines = [*trainer.set, *browser.set, *other.set]
    assert {line.partition("=")[0] for line in lines} == {COOKIE, BOARD, "trainkit_lang"}
    for line in lines:
        parts = [part.strip().lower() for part in line.split(";")[1:]]
        assert {"httponly", "samesite=lax", "path=/"} <= set(parts), line
        assert not [part for part in parts if part.startswith("domain")]


def pages_of_a_run(server, name):
    """Every kind of page of a trainee's: door, refusals, lobby, talk, debrief, links."""
    browser, found = Browser(server), []
    found.append(browser.get("/"))
    found.append(browser.join(name, consent=False))
    browser.join(name)
    found += [browser.page, browser.get("/link")]
    browser.get("/play")
    browser.press("begin")
    walk(browser, lambda options: options[-1], found.append)
    found += debrief_pages(browser)
    found += [browser.get("/talk"), browser.get("/disagree?n=0"), browser.get("/nowhere")]
    return found


def test_pages_need_nothing_from_elsewhere(hold):
    with hold("--own-words", "--ask-why", cases=(PARCEL, RACKET)) as server:
        trainer = server.trainer()
        pages = [*pages_of_a_run(server, "Страницы"), trainer.get("/board"), trainer.get("/board?lang=en")]
        assert len(pages) > 15
        for page in pages:
            for tag, said in page.tags:
                assert tag not in ("style", "iframe", "object", "embed", "base"), (page.path, tag)
                assert "style" not in said, (page.path, tag, said)  # the policy would drop it
                assert not [name for name in said if name.startswith("on")], (page.path, tag, said)
                for name in ("src", "href", "action", "formaction", "data", "srcset", "poster"):
                    address = said.get(name, "/").removeprefix(server.address)
                    assert re.match(r"(/(?!/)|[?#]|data:,$)", address), (page.path, tag, said)
            assert not re.search(r"<script(?![^>]*\ssrc=)", page.text) and not re.search(
                r"<script[^>]*>\s*\S+\s*</script", page.text
            )
            rest = page.text.replace(server.address, "").replace('xmlns="http://www.w3.org/2000/svg"', "")
            assert "://" not in rest, page.path
        assert all(
            form.method == "post" and len(form.fields.get("token", "")) == 32 for page in pages for form in page.forms
        )
        assert sum(len(page.forms) for page in pages) > 8


# ---- what stays secret --------------------------------------------------------------------------------------------


def test_no_secret_at_rest(hold):
    with hold() as server:
        trainer, browser = server.trainer(), server.playing("Сейф")
        link = next(href for href in browser.get("/link").links if "/me/" in href).rsplit("/", 1)[1]
        other = Browser(server)
        assert other.get(f"/me/{link}").path == "/play"
        other.get("/me/wrong-secret-of-mine")
        browser.get("/play")
        browser.say("offer")
        known = [
            server.board.rsplit("/", 1)[1],
            trainer.cookies[BOARD],
            browser.cookies[COOKIE],
            link,
            proof(browser.cookies[COOKIE]),
        ]
        known.append("wrong-secret-of-mine")
        files = list(server.database.parent.iterdir())
        assert {server.database.name, server.database.name + "-wal"} <= {file.name for file in files}
        for file in files:
            content = file.read_bytes()
            assert not [secret for secret in known if secret.encode() in content], file
        assert b"trainkit" not in b"".join(server.complaints().encode().split(b"\n")) or not [
            secret for secret in known if secret in server.complaints()
        ]
        with contextlib.closing(sqlite3.connect(server.database)) as log:  # and not in a form that is turned back
            dumped = "\n".join(log.iterdump())
        assert not [secret for secret in known if secret in dumped or secret.encode().hex() in dumped]


def test_the_board_is_the_trainer_s(tmp_path):
    with held(tmp_path) as server:
        trainer, trainee = server.trainer(), server.playing("Любопытный")
        link = next(href for href in trainee.get("/link").links if "/me/" in href).rsplit("/", 1)[1]
        before = everything(server)
        stranger = Browser(server)
        for cookie in (
            "",
            trainee.cookies[COOKIE],
            link,
            server.code,
            trainer.cookies[BOARD][:-1],
            trainer.cookies[BOARD].swapcase(),
        ):
            for browser in (stranger, trainee):
                browser.cookies[BOARD] = cookie
                for path in ("/board", "/board?part", "/board/live", "/board/debrief", "/board/debrief?names"):
                    page = browser.ask("GET", path)
                    assert page.status == 403 and "Любопытный" not in page.words, (cookie, path)
                forged = {"over": "1", "token": proof(cookie)}
                assert browser.ask("POST", "/board", urlencode(forged), FORM).status == 403
        assert everything(server) == before
        as_trainee = Browser(server)
        as_trainee.cookies[COOKIE] = trainer.cookies[BOARD]
        assert as_trainee.get("/play").path == "/" and as_trainee.get(f"/me/{trainer.cookies[BOARD]}").status == 404
        assert Browser(server).get(f"/t/{trainee.cookies[COOKIE]}").status == 404
        theirs = server.board
        server.stop()
        server.start("--new")  # another room in the same log
        assert Browser(server).get(theirs).status == 404
        trainer.page = trainer.get("/board")
        assert trainer.page.status == 403


def test_nobody_learns_who_else_is_here(hold):
    with hold("--own-words", "--set", "price=low", "--set", "need=whenever") as server:
        others = [server.playing(name) for name in ("Сосед Слева", "Сосед Справа")]
        for other in others:
            other.press("words", "1", text="Тайна соседа")
            other.say("offer")
        trainer = server.trainer()
        token = proof(trainer.cookies[BOARD])
        pages = pages_of_a_run(server, "Сам")
        for switch, to in (("names", "1"), ("paused", "1"), ("paused", "0")):
            assert trainer.post("/board", {switch: to, "token": token}).status == 200
        trainer.post("/board", {"do": "ballot", "scene": "late_parcel/call", "token": token})
        me = server.joined("Сам Второй")
        pages += [me.page, me.get("/play"), me.get("/pulse")]
        assert len(pages) > 10
        for page in pages:
            for secret in ("Сосед", "Тайна"):
                assert secret not in page.text, (page.path, secret)
        ids = [row[0] for row in server.rows("SELECT member FROM members UNION SELECT attempt FROM attempts")]
        mine = {row[0] for row in server.rows("SELECT attempt FROM attempts WHERE participant = 'Сам'")}
        assert not [one for one in ids if one not in mine for page in pages if one in page.text]


def allowed(session, lang):
    """Every text of the case that somebody at this point of a run may see."""
    case, attempt = session.case, session.attempt
    names = ["title", "role", "notice", "patience.label", "patience.last"]
    names += [f"speakers.{name}" for name in case.speakers]
    names += [said.text for said in attempt.said]
    names += [step.because for step in attempt.steps if session.settings.feedback == "now"]
    place = attempt.state.place
    names += [f"scenes.{place}.{part}" for part in ("title", "prompt")]
    found = {case.text(name, lang) for name in names if name in case.texts}
    if place in case.scenes:
        knows, asked = knowledge(case, attempt.state), {name for at, name in attempt.state.asked if at == place}
        found |= {option_words(case, place, name, "text", knows, lang) for name in {*attempt.open, *asked}}
    return {plain(text) for text in found}


@pytest.mark.parametrize("feedback", ["now", "end"])
@pytest.mark.parametrize("case_id", [PARCEL, RACKET, "power_upgrade"])
def test_nothing_of_the_key_before_the_choice(hold, case_id, feedback):
    with hold("--feedback", feedback, cases=(case_id,)) as server:
        log, seen = Log(server.database), []
        (name,) = {"Ключник"}
        browser = server.playing(name, lang="en" if case_id == RACKET else "ru")
        lang = "en" if case_id == RACKET else "ru"

        def look(page):
            (record,) = log.attempts()
            session = reopen(log, record)
            if session.phase == "over":
                return
            may = allowed(session, lang)
            case = session.case
            leaked = [
                key
                for key in case.texts
                for text in [plain(case.text(key, lang))]
                if not any(text in one for one in may)
            ]
            for shown in (
                page,
                browser.ask("GET", "/talk"),
                browser.ask("GET", "/link"),
                browser.ask("GET", "/debrief?page=2"),
            ):
                assert not [
                    key for key in leaked if plain(case.text(key, lang)) in shown.words and not key.endswith(".title")
                ]
                in_svg = ("svg", "path", "circle", "line", "rect", "g")
                values = [
                    v for tag, said in shown.tags if tag not in in_svg for k, v in said.items() if k != "data-state"
                ]
                assert not re.search(
                    r"(?<![\d.])[−-]?[01][.,]\d", " ".join([shown.words.replace(server.address, ""), *values])
                ), shown.path
                for fact, value in zip(case.facts, session.attempt.truth, strict=True):
                    assert fact in session.attempt.known or f'"{value}"' not in shown.text, (fact, value)
            seen.append((session.attempt.state.place, len(leaked)))

        walk(browser, lambda options: options[0], look)
        assert len(seen) > 1 and all(count > 20 for _, count in seen)
        log.close()


# ---- where nothing is ---------------------------------------------------------------------------------------------


def test_other_methods(room):
    browser = room.playing("Методы")
    before = everything(room)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        for path in ("/", "/play", "/join", "/board", "/tk.css", "/link"):
            page = browser.ask(method, path)
            assert page.status == 405 and page.words and guarded_well(page), (method, path)
            assert page.header("allow"), (method, path)  # RFC 9110, 15.5.6
    for path in ("/", "/link", "/talk", "/pulse", "/tk.css", "/me/x", "/t/x", "/board/debrief"):
        assert browser.ask("POST", path, "a=b", FORM).status == 405
    for path in ("/", "/play", "/tk.css"):
        page = browser.ask("HEAD", path, follow=False)  # as GET, without a body: RFC 9110, 9.3.2
        assert page.status in (200, 303) and page.body == b"" and guarded_well(page)
    assert everything(room) == before


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/tk.css/../../store.py",
        "/tk.css/..%2f..%2fstore.py",
        "/tk.css%00.py",
        "/tk.css%2f",
        "//etc/passwd",
        "/templates/class_page.html",
        "/render.py",
        "/.git/config",
        "/C:%5Cwindows%5Cwin.ini",
        "/%ff%fe",
        "/" + "a" * 9000,
    ],
    ids=lambda path: path[:30],
)
def test_there_are_no_files(room, path):
    page = Browser(room).ask("GET", path)
    assert page.status == 404 and guarded_well(page)
    for part in ("root:", "import ", "<!--token-->", "{%"):
        assert part not in page.text


def test_the_host_header_leads_nowhere(room):
    sheet = Browser(room).ask("GET", "/tk.css").body
    for host in ("x/../../../../../../etc/hostname?", "x/class.js?", "[", "a b", "x#", ":", "evil.example\\"):
        page = Browser(room).ask("GET", "/tk.css", headers={"Host": host})
        assert (page.status == 200 and page.body == sheet) or page.status == 400, host
    browser = room.playing("Хозяин")
    for host in ("evil.example", "evil.example:80", '"><script>evil.example', "evil.example" * 400):
        headers = {"Host": host}
        # the two pages that must tell others an address tell the one they were asked by; only its owner sees them
        for path in ("/", "/play", "/talk", "/disagree?n=0", "/nowhere", "/tk.css", "/pulse"):
            page = browser.ask("GET", path, headers=headers)
            assert page.status < 500 and "evil" not in page.text and "evil" not in str(page.headers), (host, path)
        page = browser.ask("GET", "/link", headers=headers)
        assert page.status < 500, host
        harmless(page)


def test_nobody_is_sent_elsewhere(room):
    browser = room.playing("Дорога")
    paths = ["/play/", "/board/", "//evil.example/", "//evil.example/%2e%2e", "/\\evil.example", "/%5cevil.example/"]
    paths += [
        "/?next=//evil.example",
        "/join?next=http://evil.example",
        "/me/http:%2f%2fevil.example",
        "/play?url=//evil.example",
    ]
    for path in paths:
        for who in (browser, Browser(room)):
            page = who.ask("GET", path, headers={"Host": "evil.example"}, follow=False)
            assert "evil" not in page.header("location"), (path, page.status, page.header("location"))
            assert "evil" not in page.header("refresh") and not re.search(r"url=\S*evil", page.text)
