"""The log is deleted while a class runs: every screen says so, and the class goes on from the rescue file."""

import json
import re
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest
from support.class_server import PATIENCE, TODAY, Server

from trainkit.exchange.incoming import import_runs
from trainkit.log.store import Log

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps an open file from being deleted")


def soon(what):
    """What comes within a while."""
    end = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < end, what
        time.sleep(0.05)
    return found


def delete(log):
    """Delete the log with all that belongs to it; returns when that has been noticed."""
    known = set(log.parent.iterdir())
    for file in log.parent.glob(log.name + "*"):
        file.unlink()
    soon(lambda: any("-rescued-" in file.name for file in set(log.parent.iterdir()) - known if file.name[0] != "."))


@pytest.fixture
def evening(tmp_path):
    """A class where five have answered, whose log has been deleted."""
    folder = tmp_path / "room"
    folder.mkdir()
    server = Server(folder, *TODAY, "--own-words").start()
    people = [server.playing(f"Синица {n}") for n in range(5)]
    for one in people:
        one.press("words", "1", text=f"Слова {one.cookies['trainkit'][:4]}")
    trainer = server.trainer()
    delete(server.database)
    yield server, people, trainer
    server.stop()
    assert "Traceback" not in server.complaints(), server.complaints()


def told(server):
    """What the server printed for programs, once it has."""
    return json.loads(next(line for line in server.process.stdout if line.startswith(b'{"log_lost"')))["log_lost"]


def test_every_screen_says_so_and_the_class_goes_on(evening, tmp_path):
    server, people, trainer = evening
    page = people[0].press("option", "offer")
    assert page.status == 503 and "Ответ НЕ сохранён: на ноутбуке ведущего пропал файл с ответами" in page.alert
    assert str(tmp_path) not in page.text  # no phone is told where it was
    said = told(server)
    rescue = Path(said["rescue"])
    assert rescue.parent == server.database.parent and said["command"].startswith(
        f"trainkit class --workshop {server.code} "
    )
    wall = trainer.ask("GET", "/wall")
    assert "Сейчас ответы не принимаются" in wall.words and str(tmp_path) not in wall.text
    remote = trainer.ask("GET", "/remote")
    assert "журнал потерян" in remote.words and said["command"] in remote.words
    newcomer = people[0].__class__(server)
    newcomer.get("/")
    assert "ЕЩЁ НЕ вошли" in newcomer.join("Клён").alert  # nobody new comes in, and is told why
    idle = people[1].get("/play")  # where everybody is can still be seen, and that nothing is taken
    assert idle.status == 200 and "Сейчас ответы не принимаются" in idle.alert and "НЕ сохранён" not in idle.alert
    pressed = trainer.ask("GET", "/remote")
    assert pressed.status == 200

    # on another log, which has taken the rescue file in
    server.stop()
    other = tmp_path / "other.sqlite3"
    log = Log(other)
    assert [import_runs(log, rescue, rescue=True)[:3] for _ in range(2)] == [(5, 0, 0), (0, 0, 5)]
    log.close()
    code = server.code
    server.database = other
    server.start("--workshop", code)
    assert server.code == code
    for one in people:
        assert one.get("/play").buttons("option") and one.press("option", "offer").status == 200
        assert [kind for kind, *_ in server.events(one_name(one, people))] == ["words", "choose"]
    assert trainer.ask("GET", "/remote").status == 200  # and the trainer's link of before is a trainer's still


def one_name(one, people):
    return f"Синица {people.index(one)}"


@pytest.mark.slow
def test_words_that_were_typed_stay_on_the_page_without_javascript(evening):
    server, people, _ = evening
    server.stop()
    (rescue,) = server.database.parent.glob("*-rescued-*")
    shutil.copy(rescue, server.database)
    server.start()  # the same command, on the rescue file in the log's place
    newcomer = server.playing("Ива")
    delete(server.database)
    page = newcomer.press("words", "1", text="Не <пропадите>, слова")
    assert page.status == 503 and ">Не &lt;пропадите&gt;, слова</textarea>" in page.text
    assert server.database.parent.exists() and people[0].get("/play").status == 200


def test_a_log_that_was_moved_is_noticed_though_nobody_answers(tmp_path):
    server = Server(tmp_path, *TODAY).start()
    try:
        server.playing("Синица").press("option", "offer")
        server.database.rename(tmp_path / "archive.sqlite3")
        said = told(server)
        assert str(tmp_path / "archive.sqlite3") in said["told"][0] and Path(said["rescue"]).exists()
    finally:
        server.stop()
    assert "Traceback" not in server.complaints()


@pytest.mark.slow
def test_idle_phones_hear_of_it_and_of_the_end_of_it(tmp_path):
    """By the request that waits for the trainer anyway: nobody has to press anything first."""
    server = Server(tmp_path, *TODAY).start()
    try:
        wren = server.playing("Синица")
        state = re.search(r'data-state="([^"]*)"', wren.get("/play").text)[1]
        heard = []

        def wait():
            heard.append(wren.copy().ask("GET", f"/pulse?state={state}", headers={"Prefer": "return=representation"}))

        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.3)
        delete(server.database)
        waiting.join(PATIENCE)
        (page,) = heard
        assert "Сейчас ответы не принимаются" in page.alert and page.header("preference-applied")
        lost = re.search(r'data-state="([^"]*)"', page.text)[1]
        assert lost != state and lost.split(".")[1:3] == state.split(".")[1:3], "the same place for an unsent answer"
        server.stop()
        (rescue,) = tmp_path.glob("*-rescued-*.sqlite3")
        code, server.database = server.code, rescue
        server.start("--workshop", code)
        page = wren.ask("GET", f"/pulse?state={lost}", headers={"Prefer": "return=representation"})
        assert page.buttons("option") and "не принимаются" not in page.words
    finally:
        server.stop()
    assert "Traceback" not in server.complaints()
