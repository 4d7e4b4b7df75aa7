"""A class as a command: it goes on after an end, says what it can't do, and every page of every case fits a phone."""

import http.client
import random
import signal
import threading
from pathlib import Path

import pytest
from support.class_server import (
    KILL,
    PARCEL,
    PATIENCE,
    TODAY,
    Browser,
    Server,
    debrief_pages,
    environment,
    held,
    walk,
)
from support.forked import begin
from support.places import ASKED_FOR, CASEBOOK
from support.ports import free_port

from trainkit.files import casebook

PAGE = 15_000  # bytes: a phone in a cellar gets it in a second


# ---- restarts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), KILL])
def test_the_same_command_goes_on(tmp_path, how):
    consent = tmp_path / "consent.txt"
    # a file ends with a line's end, and one of Notepad's begins with a mark
    consent.write_text("Ответы видит тренер.\n\nИмён на стене нет.\n", "utf-8-sig")
    server = Server(tmp_path, *TODAY, "--consent", consent).start()
    try:
        door = Browser(server).get("/").words
        assert "Имён на стене нет." in door and "\ufeff" not in door
        browser, code, links = server.playing("Обрыв"), server.code, [server.remote]
        browser.say("when_needed")
        sent = browser.page.sent("option", "offer")
        server.stop(how)
        server.start()
        assert server.code == code
        links.append(server.remote)
        assert browser.post("/play", sent).status == 200 and "refund" in browser.page.buttons("option")
        assert server.chosen("Обрыв") == ["when_needed", "offer"]
        assert all(Browser(server).get(link).path == "/remote" for link in links)  # the old link goes on to work
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


# ---- every page of every case -------------------------------------------------------------------------------------


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["racket_refun"], "Может быть, «racket_refund»"),
        ([PARCEL, PARCEL], "twice"),
        (["--feedback", "sometimes"], '"now", "end" or "none"'),
        (["--set", "item=boat"], "boat"),
        (["--set", "thing=racket"], "thing"),
        (["--set", "item"], "FACT=VALUE"),
        (["--workshop", "000000"], "000000"),
        (["--consent", "no/such/file.txt"], str(Path("no/such/file.txt"))),
        (["--consent", "tests"], "tests"),
        (["--places", "0"], "places"),
        (["--teams", "1"], "команд от 2 до 12"),
        (["--teams", "Клён, клён"], "две команды"),
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


@pytest.mark.slow
def test_a_consent_text_that_is_no_text(tmp_path):
    for content, said in ((b"\xff\xfe\x00\xd8", "consent.txt"), (b" \n", "consent"), (b"x" * 5000, "4000")):
        (tmp_path / "consent.txt").write_bytes(content)
        assert_refused(tmp_path, ["--consent", str(tmp_path / "consent.txt")], said)


def test_a_port_that_is_taken(hold, tmp_path_factory):
    with hold() as server:
        assert_refused(tmp_path_factory.mktemp("other"), ["--port", str(server.port)], str(server.port))


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
        live.request("GET", "/remote/live", headers={"Cookie": f"trainkit_remote={trainer.cookies['trainkit_remote']}"})
        answer = live.getresponse()
        assert answer.status == 200 and answer.readline().startswith(b"event: alive")
        server.stop()
        assert not server.complaints(), "the board was cut off at the end of the time of grace"
        live.close()
