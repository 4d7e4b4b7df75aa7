"""What comes from a site to a class server: only with the secret, replayed, once; the secret opens nothing else."""

import http.client
import json
import random
import re
from contextlib import closing

import pytest
from support.class_server import HOST, RACKET, Browser

from trainkit.case.frozen import thaw
from trainkit.cli.main import main
from trainkit.cli.site import _make_known as make_known
from trainkit.exchange.answers_file import digest, write_answers
from trainkit.exchange.incoming import import_runs
from trainkit.files import casebook
from trainkit.log.browser import BrowserLog
from trainkit.log.store import Log
from trainkit.room.inbox import may_add, open_inbox
from trainkit.room.workshops import by_code
from trainkit.session.resume import begin


@pytest.fixture
def inbox(room):
    """The path of an inbox of this room."""
    log = Log(room.database)
    secret = open_inbox(log, by_code(log, room.code))
    log.close()
    return f"/runs/{secret}"


@pytest.fixture
def file():
    """Answers as a browser sends them."""
    log, dice = BrowserLog(), random.Random(4)
    session = begin(log, casebook.load_case(RACKET), "Чиж")
    while session.phase != "over":
        session.play([dice.choice(session.attempt.open)], "ru")
    return write_answers(log).encode()


def send(room, path, body, method="POST", source=None, **headers):
    """Status, headers and text of the answer to what a page of another place sends."""
    connection = http.client.HTTPConnection(HOST, room.port, timeout=30, source_address=source and (source, 0))
    connection.request(
        method, path, body, {"Content-Type": "text/plain", "Origin": "https://elsewhere.example", **headers}
    )
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text


def test_runs_come_in_once_from_wherever_the_site_is(room, inbox, file):
    before = room.count("attempts")
    status, headers, text = send(room, inbox, file, **{"Accept-Language": "en"})
    assert (status, text) == (200, "Sent. The trainer has your answers.")
    assert headers["access-control-allow-origin"] == "*" and "set-cookie" not in headers
    assert room.count("attempts") == before + 1
    assert send(room, inbox, file)[0] == 200 and room.count("attempts") == before + 1
    log = Log(room.database)
    (came,) = [one for one in log.attempts() if one.attempt == json.loads(file)["attempts"][0]["attempt"]]
    assert [event.option for event in log.events(came.attempt)] == [one["option"] for one in json.loads(file)["events"]]
    log.close()


@pytest.mark.parametrize("path", ["/runs/wrong", "/runs/" + "a" * 32, "/runs/%00"])
def test_without_the_secret_nothing_comes_in(room, file, path):
    before = room.count("attempts")
    status, headers, text = send(room, path, file, **{"Accept-Language": "en"})
    assert status == 403 and "out of date" in text and headers["access-control-allow-origin"] == "*"
    assert room.count("attempts") == before


def test_the_secret_opens_nothing_else(room, inbox):
    secret = inbox.rpartition("/")[2]
    stranger = Browser(room)
    for path in (f"/t/{secret}", f"/me/{secret}"):
        assert stranger.ask("GET", path).status == 404
    stranger.cookies.update({"trainkit": secret, "trainkit_remote": secret})
    assert stranger.ask("GET", "/remote").status == 403
    assert "/remote" not in stranger.ask("GET", "/play").text
    assert send(room, inbox, None, "GET")[0] == 405


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "no file of answers"),
        (b"hello", 400, "no file of answers"),
        (b'{"trainkit_answers": 1', 400, "it is cut"),
        (b'{"trainkit_answers": 9}', 400, "of version"),
        (b"SQLite format 3\0", 400, "no file of answers"),
        (b"x" * 4_000_001, 413, "too long"),
        (b"\xff\xfe{\"trainkit_answers\": 1}", 400, "no file of answers"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_answers_is_said(room, inbox, body, status, said):
    before = room.count("attempts")
    got, _, text = send(room, inbox, body, **{"Accept-Language": "en"})
    assert got == status and said in text and "Traceback" not in text
    assert room.count("attempts") == before and "Traceback" not in room.complaints()


def test_one_edited_by_hand_is_refused_in_the_phone_s_language(room, inbox, file):
    content = json.loads(file)
    content["events"][0]["text"] = "другое"
    before = room.count("attempts")
    status, _, text = send(room, inbox, json.dumps(content).encode(), **{"Accept-Language": "ru"})
    assert status == 400 and "изменили после того" in text and room.count("attempts") == before


def test_the_command_prints_an_address_that_works(room, file, capsys):
    line = ["inbox", "--workshop", room.code, "--address", "https://class.example/", "--database", str(room.database)]
    assert main([*line, "--lang", "en"]) == 0
    printed = capsys.readouterr()
    address = printed.out.strip()
    assert address.startswith("https://class.example/runs/") and room.code in printed.err
    assert send(room, address.removeprefix("https://class.example"), file)[0] == 200
    log = Log(room.database)
    assert not may_add(log, by_code(log, room.code), "another")
    log.close()


def test_without_an_address_it_is_this_machines(room, capsys):
    assert main(["inbox", "--database", str(room.database)]) == 0
    address = capsys.readouterr().out.strip()
    assert re.fullmatch(r"http://[\w.:\[\]]+:8000/runs/[\w-]{20,}", address), address


def test_an_inbox_without_a_room_says_what_comes_first(tmp_path, capsys):
    assert main(["inbox", "--database", str(tmp_path / "new.sqlite3"), "--lang", "en"]) == 2
    assert "begin a class first" in capsys.readouterr().err


def changed(file, change):
    """The file as somebody makes it who can make its sum."""
    content = json.loads(file)
    change(content)
    content.pop("sha256")
    return json.dumps({**content, "sha256": digest(content)}).encode()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("people", "participant", "\ud800"),
        ("people", "participant", "\u202eName"),
        ("people", "participant", "Zoë\r\nforged line"),
        ("people", "participant", "n" * 100_000),
        ("events", "text", "x" * 300_000),
        ("events", "text", "\ud800"),
        ("events", "lang", "../../etc"),
        ("events", "at", "9999-12-31T23:59:59-23:59"),
        ("attempts", "started_at", "0001-01-01T00:00:00+23:59"),
        ("attempts", "started_at", "2999-01-01T00:00:00+00:00"),
        ("attempts", "origin", "x"),
    ],
)
def test_what_no_browser_keeps_is_refused(room, inbox, file, table, column, value):
    before = room.count("attempts")
    body = changed(file, lambda content: content[table][0].update({column: value}))
    status, _, text = send(room, inbox, body, **{"Accept-Language": "en"})
    assert (status, room.count("attempts")) == (400, before), text


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("attempts", "draw_version", 2**63),
        ("attempts", "draw_version", -5),
        ("attempts", "draw_version", 3),
        ("attempts", "seed", 2**70),
        ("attempts", "drawn", "<b>"),
        ("attempts", "fixed", "null"),
        ("attempts", "fixed", "[" * 100_000),
        ("attempts", "fixed", '{"zz": "1"}'),
        ("events", "text", "<script>"),
        ("people", "person", "p" * 33),
    ],
)
def test_a_value_that_no_log_has_sets_one_run_aside(room, inbox, two_runs, table, column, value):
    """The other run of the same file comes in."""
    before = room.count("attempts")

    def change(content):
        content[table][0][column] = value
        if table == "people":
            content["attempts"][0]["person"] = value

    status, _, text = send(room, inbox, changed(two_runs, change), source="127.0.0.3", **{"Accept-Language": "en"})
    assert status == 422 and "1 of 2 conversations could not be taken" in text, text
    assert room.count("attempts") == before + 1 and "Traceback" not in room.complaints()


@pytest.fixture
def two_runs():
    """Answers of two people on one machine, with ids of their own each time."""
    log = BrowserLog()
    for name in ("Чиж", "Щегол"):
        session = begin(log, casebook.load_case(RACKET), name)
        while session.phase != "over":
            session.play([session.attempt.open[0]], "ru")
    return write_answers(log).encode()


def test_junk_is_limited_by_address_and_takes_no_room_from_what_comes(room, inbox, file):
    """Whoever has a site has the secret: 40 files of junk, and theirs wait; 210 MB of them, and others still come in."""
    said = [send(room, inbox, b"x", source="127.0.0.2")[0] for _ in range(41)]
    assert said[:40] == [400] * 40 and said[40] == 429
    assert send(room, inbox, file, source="127.0.0.4")[0] == 200


@pytest.mark.slow
def test_junk_is_not_counted_toward_what_was_taken(room, inbox, file):
    junk = b"x" * 3_999_000
    for number in range(55):
        assert send(room, inbox, junk, source=f"127.0.1.{1 + number // 30}")[0] == 400
    assert send(room, inbox, file, source="127.0.0.4")[0] == 200


def test_nobody_goes_on_with_a_run_that_was_begun_in_the_room(tmp_path):
    """Whoever knows an attempt's id, its seed and its answers could else end it from outside."""
    here, dice = Log(tmp_path / "log.sqlite3"), random.Random(4)
    log = BrowserLog()
    session = begin(log, casebook.load_case(RACKET), "Чиж")
    session.play([dice.choice(session.attempt.open)], "ru")
    file = tmp_path / "answers.json"
    file.write_text(write_answers(log), "utf-8")
    assert import_runs(here, file).added == 1
    session.play([dice.choice(session.attempt.open)], "ru")
    file.write_text(write_answers(log), "utf-8")
    assert import_runs(here, file).continued == 1  # it came from there
    here.close()
    begun = Log(tmp_path / "begun.sqlite3")
    (record,) = log.attempts()
    begun.begin(record, log.case(record))
    done = import_runs(begun, file)
    assert (done.continued, done.conflicts, len(begun.events(record.attempt))) == (0, 1, 0)
    begun.close()


def made_up(case):
    """A case of the same id in which everything pays."""
    source = json.loads(case.source_json)
    for scene in source["scenes"].values():
        for option in (scene.get("options") or {}).values():
            option["fit"] = 1
    return thaw(json.dumps(source), case.translations_json)


def played(case, tmp_path):
    """A file of one run of a case."""
    log, dice = BrowserLog(), random.Random(4)
    session = begin(log, case, "Чиж")
    while session.phase != "over":
        session.play([dice.choice(session.attempt.open)], "ru")
    file = tmp_path / "answers.json"
    file.write_text(write_answers(log), "utf-8")
    return file


def test_a_version_that_somebody_made_up_does_not_come_in(room, inbox, tmp_path):
    file = played(made_up(casebook.load_case(RACKET)), tmp_path)
    before = room.count("attempts"), room.count("cases")
    status, _, text = send(room, inbox, file.read_bytes(), **{"Accept-Language": "ru"})
    assert status == 422 and "другой версии" in text and "файл" in text
    assert (room.count("attempts"), room.count("cases")) == before
    log = Log(room.database)
    done = import_runs(log, file)  # whoever holds the log may take it, and is told
    assert (done.added, done.strange) == (1, 1)
    log.close()
    assert send(room, inbox, file.read_bytes())[0] == 200  # by then it is known


def test_a_site_s_versions_stay_known_after_the_case_was_changed(tmp_path, monkeypatch):
    changed_since = made_up(casebook.load_case(RACKET))
    monkeypatch.setenv("TRAINKIT_DATABASE", str(tmp_path / "log.sqlite3"))
    with closing(Log()) as log:
        log.prepare()
        file = played(changed_since, tmp_path)
        assert import_runs(log, file, known_only=True).refused == 1
        make_known([changed_since])  # what `trainkit site --send` does
        assert import_runs(log, file, known_only=True)[:4] == (1, 0, 0, 0)
