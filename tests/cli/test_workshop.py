"""``trainkit class`` and ``trainkit debrief``: what is printed, for people and for programs."""

import json
import re
from contextlib import closing, contextmanager

import pytest
from support.class_server import held
from support.command_line import PARCEL, run
from support.ports import free_port

from trainkit.cli.main import main
from trainkit.cli.workshop import say_why_nobody_comes
from trainkit.log.store import Log
from trainkit.room.controls import record_control
from trainkit.room.members import add_member
from trainkit.web import server


@pytest.fixture
def announced(tmp_path, monkeypatch, capsys):
    """What ``trainkit class`` prints with these arguments; nobody is served."""
    served = []
    monkeypatch.setattr(server, "serve", lambda _log, held, sock, *_: (served.append(held), sock.close()))

    def hold(*arguments):
        where = ["--host", "127.0.0.1", "--port", str(free_port()), "--database", str(tmp_path / "log.sqlite3")]
        assert main(["class", *where, *arguments]) == 0
        return capsys.readouterr().out, served[-1]

    return hold


def test_class_says_how_to_join_in_the_language_of_the_room(announced):
    printed, held = announced(PARCEL)
    code = f"{held.code[:3]} {held.code[3:]}"
    assert printed.splitlines()[0] == held.parts[0].case.text("title", "ru")
    assert "█" in printed or "▀" in printed
    assert re.search(r"^Адрес:  http://127\.0\.0\.1:\d+$", printed, re.M)
    assert re.search(rf"^Код:    {code}$", printed, re.M)
    assert re.search(r"^Пульт:  http://127\.0\.0\.1:\d+/t/\S+   \(секрет: только для вас\)$", printed, re.M)
    assert re.search(rf"^Разбор: trainkit debrief --workshop {held.code} -o debrief\.html$", printed, re.M)
    assert "Ctrl+C останавливает; та же команда продолжит с того же места.\n" in printed
    assert printed.endswith("Занятие остановлено. Всё сохранено; та же команда продолжит его.\n")
    again, _ = announced(PARCEL)
    assert "(занятие продолжается с того же места, прежние ссылки действуют; --new начнёт другое)" in again


def test_class_in_english(announced):
    printed, held = announced(PARCEL, "--lang", "en")
    assert "The late parcel\n" in printed and held.lang == "en"
    assert re.search(rf"^Code:    {held.code[:3]} {held.code[3:]}$", printed, re.M)
    assert re.search(r"^Remote:  \S+/t/\S+   \(secret: for you alone\)$", printed, re.M)
    assert "Ctrl+C stops it; the same command carries on where it left off.\n" in printed
    assert printed.endswith("The class has stopped. Everything is saved; the same command goes on with it.\n")
    by_code, _ = announced("--workshop", held.code)  # the room's language, where none is asked for
    assert "the class carries on where it was" in by_code
    asked, _ = announced("--workshop", held.code, "--lang", "ru")
    assert "занятие продолжается" in asked


def test_cases_are_arguments_in_order(announced):
    _, held = announced("racket_refund", PARCEL, "--set", "item=watch", "--no-back", "--own-words")
    assert [part.case.id for part in held.parts] == ["racket_refund", "late_parcel"]
    assert dict(held.parts[0].fixed) == {"item": "watch"}
    assert not held.settings.back and held.settings.own_words and not held.settings.ask_why
    _, default = announced()
    assert [part.case.id for part in default.parts] == ["racket_refund"]


def test_a_room_that_was_never_closed_is_named(announced, tmp_path):
    """After half a day, or a clock that was set, the same command makes another room: it says how the first goes on."""
    _, first = announced(PARCEL)
    log = Log(tmp_path / "log.sqlite3")
    told = f"trainkit class --workshop {first.code}"
    printed, _ = announced(PARCEL, "--places", "9")
    assert told not in printed, "nobody was in it"
    add_member(log, first, "Ирис", False, "ru")
    printed, _ = announced(PARCEL, "--places", "8")
    assert f"так и не закрыли; продолжить его: {told}" in printed
    assert told not in announced(PARCEL, "--new")[0]  # as asked for
    record_control(log, first, "over", "1")
    assert f"Открыть то снова: {told}" in announced(PARCEL, "--places", "7")[0], "why it is a new one"
    assert told not in announced(PARCEL, "--new")[0]
    log.close()


def test_json_is_one_line_for_programs(announced):
    printed, held = announced(PARCEL, "--json")
    told = json.loads(printed)
    assert list(told) == ["address", "code", "wall", "remote", "entrance", "others"] and told["code"] == held.code
    assert told["remote"].startswith(told["address"] + "/t/") and printed.count("\n") == 1


@pytest.mark.slow
def test_debrief_of_a_room(tmp_path):
    with held(tmp_path) as server:
        database = str(server.database)
        server.joined("Синица")
    file = tmp_path / "debrief.html"
    done = run("debrief", "--workshop", server.code, "--database", database, "-o", str(file))
    assert done.returncode == 0 and done.stdout.strip() == str(file), done.stderr
    assert '<html lang="ru">' in file.read_text("utf-8")
    missing = run("debrief", "--workshop", "000000", "--database", database, "-o", str(file))
    assert missing.returncode == 2 and "000000" in missing.stderr


def test_collecting_garbage_goes_on_after_the_start():
    import gc

    from trainkit.garbage import gc_paused

    @contextmanager
    def checked():
        with gc_paused():
            assert not gc.isenabled()
            yield

    with pytest.raises(RuntimeError), checked():
        raise RuntimeError
    assert gc.isenabled()


def test_why_nobody_comes_is_said_in_the_language_of_the_room(announced, capsys):
    _, held = announced(PARCEL)
    say_why_nobody_comes(held, "http://192.168.1.5:8000", held.lang)
    printed = capsys.readouterr().out
    assert printed.startswith("\nПока никто не вошёл.") and "Гостевая сеть" in printed
    assert "Запасные пути:" in printed and f"trainkit print {held.parts[0].case.id}\n" in printed


@pytest.mark.parametrize(("lang", "said"), [("ru", "порт {} занят"), ("en", "port {} is taken")])
def test_a_port_that_is_taken_is_said_in_the_language_of_the_room(tmp_path, capsys, lang, said):
    with closing(server.listening("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        where = ["--host", "127.0.0.1", "--port", str(port), "--database", str(tmp_path / "log.sqlite3")]
        assert main(["class", PARCEL, *where, "--lang", lang]) == 2
    error = capsys.readouterr().err
    assert said.format(port) in error and f"--port {port + 1}" in error and "Traceback" not in error
