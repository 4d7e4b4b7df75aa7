"""After a minute without anybody the terminal says why: once, and not where somebody has come."""

import asyncio

import pytest

from trainkit.log.store import Log
from trainkit.room.members import add_member
from trainkit.room.workshops import create, parts_of
from trainkit.web import app


@pytest.fixture
def said(tmp_path, parcel, monkeypatch):
    """What is said of a room in which ``happens`` has happened."""
    monkeypatch.setattr(app, "A_WHILE", 0.0)

    def hold(happens):
        log, calls = Log(tmp_path / "log.sqlite3"), []
        log.prepare()
        room = create(log, parts_of([parcel]))
        classroom = app.ClassApp(log, room, lambda: calls.append("why"))

        async def live():
            async with classroom._lifespan(None):
                happens(log, room, classroom)
                await asyncio.sleep(0.1)

        asyncio.run(live())
        log.close()
        return calls

    return hold


def test_it_is_said_once_where_nobody_came(said):
    assert said(lambda log, room, classroom: None) == ["why"]


def test_it_is_not_said_where_somebody_came(said):
    assert said(lambda log, room, classroom: add_member(log, room, "Ирис", False, "ru")) == []
    assert said(lambda log, room, classroom: setattr(classroom.context, "reached", True)) == []
