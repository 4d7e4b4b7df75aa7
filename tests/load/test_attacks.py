"""Whoever attacks a class, from elsewhere or from the trainees' own address: these play, and memory comes back."""

import time

import pytest
from load import attacks, servers
from load.attacks import FILES, MEMORY, OTHER, PLACES, RACKET, SAME

ATTACKS = ("pipelining", "trailers", "idle", "guesses", "links")
WAIT = 60.0  # seconds for memory to come back on a busy machine


@pytest.mark.parametrize(
    ("name", "source"),
    [
        *(pytest.param(name, SAME, marks=pytest.mark.slow) for name in ATTACKS[:2]),
        *(pytest.param(name, SAME, marks=pytest.mark.long) for name in ATTACKS[2:]),
        *(pytest.param(name, OTHER, marks=pytest.mark.long) for name in ATTACKS),
    ],
)
def test_trainees_come_in_and_play(tmp_path, name, source):
    with servers.trainkit(tmp_path, RACKET, PLACES, FILES if name == "idle" else None) as server:
        quiet = attacks.play_quietly(server, 0, trainees=15, seconds=4)
        assert not quiet.errors, quiet.examples
        result = attacks.attacked(server, name, source, quiet, 1000, trainees=15, seconds=6, after=0)
        assert not result.errors, result.examples
        assert result.joined == 15 and result.submits > 50
        assert result.most < 3 * result.before, "39 MB in small requests were 2,500 MB once"
        deadline = time.monotonic() + WAIT
        while servers.usage(server.process.pid).rss > MEMORY * result.before:
            assert time.monotonic() < deadline, result
            time.sleep(1)
        said = server.log.read_text(errors="replace")
        assert "Traceback" not in said and len(said.splitlines()) < 20, said[-2000:]


def test_a_row_of_the_page_says_what_was_missed():
    """Memory that stays, a slow room and a refused trainee are named; what is well is called nothing."""
    well = attacks.Result("pages", SAME, 80, 90, 100, 4, 19, 40, 300, {}, {}, {}, "")
    ill = attacks.Result("pages", SAME, 80, 900, 130, 4, 21, 39, 300, {"status 429": 1}, {"status 429": "Ирис"}, {}, "")
    assert well.faults == [] and attacks.cells(well)[-1] == "nothing"
    assert len(ill.faults) == 3 and "memory 1.6 times" in ill.faults and "p95 5.2 times" in ill.faults
