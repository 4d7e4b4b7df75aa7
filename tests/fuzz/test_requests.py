"""Five hundred hostile requests: none makes the class fail, tells a secret, or is taken for somebody's answer."""

import contextlib

import pytest
from support.class_server import TODAY, held

from fuzz.grammar import ROUTES
from fuzz.requests import fuzz
from trainkit.log.store import Log
from trainkit.room.workshops import all_workshops
from trainkit.web.app import ClassApp


@pytest.mark.slow
def test_hostile_requests(tmp_path):
    with held(tmp_path, *TODAY) as server:
        fuzzed = fuzz(server, 500, seed=20261130)
        assert sum(fuzzed.met.values()) >= 500 and {200, 400, 403, 404} <= set(fuzzed.met)
        with contextlib.closing(Log(server.database)) as log:
            app = ClassApp(log, all_workshops(log)[0])
            there = {route.path for route in app.routes}
            app.context.writer.close()
    assert there == set(ROUTES), "an address that isn't tried"
