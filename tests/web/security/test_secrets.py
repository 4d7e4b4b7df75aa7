"""What stays secret: links and cookies at rest, the board, other people, the key before the choice."""

import contextlib
import re
import sqlite3
from urllib.parse import urlencode

import pytest
from support.class_server import (
    PARCEL,
    RACKET,
    Browser,
    held,
    plain,
    walk,
)  # fmt: skip
from support.hostile import (
    BOARD,
    COOKIE,
    FORM,
    allowed,
    everything,
    pages_of_a_run,
)

from trainkit.log.store import Log
from trainkit.session.resume import reopen
from trainkit.web.security import proof


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
            server.remote.rsplit("/", 1)[1],
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
                for path in (
                    "",
                    "?part",
                    "?tab=people",
                    "/live",
                    "/debrief",
                    "/debrief?names",
                    "/backup",
                    "/tables.zip",
                ):
                    path = f"/remote{path}"
                    page = browser.ask("GET", path)
                    assert page.status == 403 and "Любопытный" not in page.words, (cookie, path)
                forged = {"over": "1", "token": proof(cookie)}
                assert browser.ask("POST", "/remote", urlencode(forged), FORM).status == 403
        assert everything(server) == before
        as_trainee = Browser(server)
        as_trainee.cookies[COOKIE] = trainer.cookies[BOARD]
        assert as_trainee.get("/play").path == "/" and as_trainee.get(f"/me/{trainer.cookies[BOARD]}").status == 404
        assert Browser(server).get(f"/t/{trainee.cookies[COOKIE]}").status == 404
        theirs = server.remote
        server.stop()
        server.start("--new")  # another room in the same log
        assert Browser(server).get(theirs).status == 404
        trainer.page = trainer.get("/remote")
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
        for switch, to in (("key", "1"), ("paused", "1"), ("paused", "0")):
            assert trainer.post("/remote", {switch: to, "token": token}).status == 200
        trainer.post("/remote", {"do": "ballot", "scene": "late_parcel/call", "token": token})
        me = server.joined("Сам Второй")
        pages += [me.page, me.get("/play"), me.get("/pulse")]
        assert len(pages) > 10
        for page in pages:
            for secret in ("Сосед", "Тайна"):
                assert secret not in page.text, (page.path, secret)
        ids = [row[0] for row in server.rows("SELECT member FROM members UNION SELECT attempt FROM attempts")]
        mine = {row[0] for row in server.rows("SELECT attempt FROM attempts WHERE participant = 'Сам'")}
        assert not [one for one in ids if one not in mine for page in pages if one in page.text]


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
