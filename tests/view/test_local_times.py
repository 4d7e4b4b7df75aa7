"""What is shown of a time is the clock on the wall: a class that began at eight in Vladivostok began today, not yesterday."""

import ast
import time
from datetime import timedelta

import pytest
from support.places import ROOT

from trainkit.log.records import local_time, now
from trainkit.paper.debrief_pack import pack_html
from trainkit.room.records import Question


@pytest.fixture(params=[("Asia/Vladivostok", 10), ("Pacific/Honolulu", -10), ("UTC", 0)], ids=lambda zone: zone[0])
def zone(request, monkeypatch):
    """A machine's clock there; gives the hours it is ahead of UTC."""
    if not hasattr(time, "tzset"):
        pytest.skip("a zone is set in TZ on Unix alone")
    monkeypatch.setenv("TZ", request.param[0])
    time.tzset()
    yield request.param[1]
    monkeypatch.undo()
    time.tzset()


def test_a_time_of_the_log_keeps_its_zone_when_it_is_shown(zone):
    assert local_time("2026-11-20T22:30:00.000001Z").utcoffset() == timedelta(hours=zone)
    assert now().endswith("Z")  # in the log all are UTC, and say so


def test_dates_and_hours_are_those_of_the_clock_there(zone):
    evening = "2026-11-20T22:30:00.000001Z"
    day, hour = ((21, "08:30"), (20, "12:30"), (20, "22:30"))[[10, -10, 0].index(zone)]
    pack = pack_html([], "en", date=evening, code="123456")
    assert f"November {day}, 2026" in pack
    assert hour in str(told(evening))


def told(at):
    from trainkit.view.questions import _told

    return _told(Question("q", 1, "?", "ru", at, 0, "shown"))


def test_no_screen_cuts_its_date_out_of_the_logs_text():
    """A time is shown by :func:`local_time`; a slice of the log's text, or a time without it, would be of Greenwich."""
    shown = ("view", "paper", "web", "notebook", "cli", "report", "audit", "figures")
    for folder in shown:
        for file in (ROOT / "src" / "trainkit" / folder).rglob("*.py"):
            for part in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Slice):
                    cut = ast.unparse(part.value).rpartition(".")[2]
                    assert cut not in ("at", "date", "started_at", "joined_at", "ended_at"), (
                        f"{file.name}:{part.lineno}"
                    )
                if isinstance(part, ast.Attribute) and part.attr == "fromisoformat":
                    assert file.name in ("server.py", "times.py", "agenda.py"), f"{file.name}:{part.lineno}"
