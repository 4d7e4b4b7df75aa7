"""After a minute without anybody the terminal says why: once, and not where somebody has come."""

import asyncio

import pytest
from starlette.requests import Request
from support.class_server import Browser

from trainkit.log.store import Log
from trainkit.room.members import add_member
from trainkit.room.workshops import create, parts_of
from trainkit.view.no_one_yet import no_one_yet
from trainkit.view.remote import Asked
from trainkit.web import app
from trainkit.web.context import ClassContext
from trainkit.web.public_address import PublicAddress


@pytest.fixture
def said(tmp_path, parcel, monkeypatch):
    """What is said of a room in which ``happens`` has happened."""
    monkeypatch.setattr(app, "A_WHILE", 0.0)

    def hold(happens):
        log, calls = Log(tmp_path / "log.sqlite3"), []
        log.prepare()
        room = create(log, parts_of([parcel]))
        classroom = app.ClassApp(log, room, app.Heard(lambda: calls.append("why")))

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


def test_wall_and_remote_say_it_too(tmp_path, parcel):
    async def shown(room):
        return await room.wall("ru", "http://10.0.0.1:8000"), await room.remote(Asked(), "ru", "http://10.0.0.1:8000")

    async def evening():
        log = Log(tmp_path / "log.sqlite3")
        log.prepare()
        workshop = create(log, parts_of([parcel]))
        room = app.ClassApp(log, workshop).room
        before = await shown(room)
        room.lonely = True
        lonely = await shown(room)
        add_member(log, workshop, "Ирис", False, "ru")
        after = await shown(room)
        log.close()
        return before, lonely, after

    before, (wall, remote), after = asyncio.run(evening())
    said = no_one_yet("http://10.0.0.1:8000", parcel.id, "ru")
    assert said.causes[0] in wall and all(text in remote for text in (said.heading, *said.causes, *said.ways))
    for page in (*before, *after):
        assert said.causes[0] not in page


def test_a_laptop_that_looks_at_itself_shows_the_address_for_phones(hold, tmp_path, parcel):
    with hold() as server:
        assert f"127.0.0.1:{server.port}" in Browser(server).get("/wall").words
    log = Log(tmp_path / "log.sqlite3")
    log.prepare()
    phones_find = ("http://192.168.0.14:8000", "http://10.8.0.2:8000")
    context = ClassContext(log, create(log, parts_of([parcel])), PublicAddress(), lambda: phones_find)
    for host, leads in (
        ("127.0.0.1:8000", "192.168.0.14:8000"),
        ("localhost", "192.168.0.14:8000"),
        ("10.1.2.3:80", "10.1.2.3:80"),
    ):
        request = Request({"type": "http", "scheme": "http", "headers": [(b"host", host.encode())], "path": "/wall"})
        assert context.way_in(request) == f"http://{leads}"
    log.close()
