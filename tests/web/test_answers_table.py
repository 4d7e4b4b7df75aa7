"""The room's answers as a table: who said what in an open room, and in an anonymous one nothing that tells a person."""

import csv
import io
from itertools import pairwise

import pytest
from support.class_server import PARCEL, RACKET, TODAY, Browser, steer
from support.command_line import run

from trainkit.room.steps import STEPS
from trainkit.view.answers_table import BYTE_ORDER_MARK


def table(page_or_text, delimiter=";"):
    text = page_or_text if isinstance(page_or_text, str) else page_or_text.text
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""), delimiter=delimiter))


@pytest.mark.slow
def test_an_open_room_has_a_row_a_decision_with_names(hold, tmp_path):
    with hold("--open", "--story", "one", *TODAY, cases=(PARCEL, RACKET)) as server:
        trainer = server.trainer()
        server.playing("=1+1").say("when_needed", "offer", "send")
        two = server.playing("Бук", pair=True)
        two.say("offer", "rules", "cold")
        server.playing("Лишний").say("offer")
        steer(trainer, "remove", who=server.rows("SELECT member FROM members WHERE name = 'Лишний'")[0]["member"])
        steer(trainer, "ballot", scene="late_parcel/solve")
        two.get("/play")
        two.say("look")
        page = trainer.get("/remote?tab=more")
        assert "/remote/answers.csv" in page.links and "Ответы таблицей" in page.words
        page = trainer.get("/remote/answers.csv")
        assert page.header("content-type") == "text/csv; charset=utf-8" and page.header("cache-control") == "no-store"
        assert f"trainkit-{server.code}-answers.csv" in page.header("content-disposition")
        rows = table(page)
        assert [(row["человек"], row["сцена"], row["реплика"], row["буква"]) for row in rows] == [
            ("'=1+1", "call", "when_needed", "А"),
            ("'=1+1", "solve", "send", "Г"),
            ("Бук", "call", "offer", "В"),
            ("Бук", "solve", "rules", "В"),
            ("Бук", "solve", "look", "Б"),
            ("Бук", "shouting", "cold", "Б"),
        ]
        assert [row["вдвоём за телефоном"] for row in rows] == ["нет"] * 2 + ["да"] * 4
        assert [row["повторное голосование (0: первый ответ)"] for row in rows] == list("000010")
        assert rows[0]["позиция (−1 … +1)"] == "0,6" and rows[2]["позиция (−1 … +1)"] == "-0,4"
        assert rows[3]["позиция (−1 … +1)"] == "" and rows[3]["уместность по ключу (0 … 1)"] == "0"
        assert (
            rows[0]["условие"].startswith("Сколько стоит вещь: Копейки") and rows[0]["история — на кого"] == "весь зал"
        )
        english = table(trainer.get("/remote/answers.csv?lang=en"), ",")
        assert english[0]["position (−1 … +1)"] == "0.6" and english[1]["letter"] == "Г", "the room's letter"
        assert Browser(server).get("/remote/answers.csv").status == 403
        for ending in ("csv", "CSV"):
            file = tmp_path / f"room.{ending}"
            assert run("debrief", "--workshop", server.code, "-o", file, "--database", server.database).returncode == 0
            assert table(file.read_text("utf-8")) == rows


@pytest.mark.parametrize("how", ["one", "own"])
def test_an_anonymous_room_has_only_what_five_said_alike(hold, how):
    with hold("--anonymous", "--story", how, *TODAY) as server:
        trainer, before = server.trainer(), []
        for number in range(9):
            name = f"Гость {number}"
            server.playing(name).say("offer", "refund" if number % 4 else "look")
            page = trainer.get("/remote/answers.csv")
            rows = table(page)
            assert "Гость" not in page.text and server.attempts(name)[0]["member"] not in page.text
            assert "человек" not in (rows or [{}])[0] and "вдвоём за телефоном" not in (rows or [{}])[0]
            assert "20" not in page.text, "no time, not even the year"
            counts = {scene: sum(row["сцена"] == scene for row in rows) for scene in ("call", "solve")}
            assert set(counts.values()) <= {0, *STEPS}
            assert {row["реплика"] for row in rows} <= {"offer", "refund"}, "look was said by three"
            before.append(counts)
        assert before[3] == {"call": 0, "solve": 0} and before[-1] == {"call": 8, "solve": 5}
        for one, later in pairwise(before):
            assert all(later[scene] - one[scene] in (0, 3, 5) for scene in one)
        again = trainer.get("/remote/answers.csv").text
        assert again == page.text, "sorted: neither order nor number tells anything"
