"""A trainer's link that went astray: a new one is made, the old ones lead nowhere from then on, on every page and stream."""

import http.client
import time

import pytest
from support.class_server import HOST, PATIENCE, Browser
from support.hostile import BOARD

from trainkit.web.security import proof


def test_a_new_link_ends_the_old_ones_at_once(hold):
    with hold() as server:
        trainer, other = server.trainer(), server.trainer()
        other.get("/remote?tab=more")
        other.press("do", "invite")
        second = Browser(server)
        second.get(next(href for href in other.page.links if "/t/" in href).removeprefix(server.address))
        assert second.page.path == "/remote"
        live = http.client.HTTPConnection(HOST, server.port, timeout=PATIENCE)
        live.request("GET", "/remote/live", headers={"Cookie": f"{BOARD}={second.cookies[BOARD]}"})
        stream = live.getresponse()
        assert stream.status == 200
        trainer.get("/remote?tab=more")
        page = trainer.press("do", "new_links")
        (link,) = {href for href in page.links if "/t/" in href}
        began = time.monotonic()
        while stream.readline():
            assert time.monotonic() - began < 5, "whoever listens by an old link hears on"
        live.close()
        for gone in (second, other):
            for path in (
                "/remote",
                "/remote/live",
                "/remote/debrief?names",
                "/remote/answers.csv",
                "/remote/backup",
                "/remote/tables.zip",
            ):
                assert gone.ask("GET", path).status == 403, path
            pressed = {"do": "invite", "token": proof(gone.cookies[BOARD])}
            assert gone.post("/remote", pressed).status == 403
        assert Browser(server).get(server.remote).status == 404
        assert trainer.get("/remote").status == 200, "this window goes on"
        assert Browser(server).get(link.removeprefix(server.address)).path == "/remote"
        for link in [hashed for (hashed,) in server.rows("SELECT setting FROM controls WHERE kind LIKE '%trainer'")]:
            assert len(link) == 64, "a link itself is kept nowhere"


@pytest.mark.slow
def test_links_are_made_anew_when_a_class_begins(hold):
    with hold() as server:
        old = server.remote
        server.stop()
        server.start()
        assert Browser(server).get(old).path == "/remote", "links go on to work"
        server.stop()
        server.start("--new-links")
        assert Browser(server).get(old).status == 404 and Browser(server).get(server.remote).path == "/remote"
        newest = server.remote
        server.stop()
        server.start()
        assert Browser(server).get(old).status == 404, "for good"
        assert Browser(server).get(newest).path == "/remote"
