"""What nobody waits for is done by and by, with threads and without, unless it is called off."""

import asyncio
import threading

import pytest

from trainkit.notebook.later import later


def test_it_is_done_in_a_thread():
    done = threading.Event()
    later(0, done.set)
    assert done.wait(10)


@pytest.mark.parametrize("system", ["linux", "emscripten"])
def test_it_is_done_once_and_not_where_it_was_called_off(system, monkeypatch):
    monkeypatch.setattr("sys.platform", system)

    async def asked():
        before, said = {*threading.enumerate()}, []  # others may have left timers that still run
        later(0.01, said.append, "first")
        later(0.02, said.append, "never").cancel()
        later(0.03, said.append, "second")
        timers = [one for one in {*threading.enumerate()} - before if isinstance(one, threading.Timer)]
        for _ in range(200):
            if len(said) == 2:
                break
            await asyncio.sleep(0.01)
        return said, timers

    said, timers = asyncio.run(asked())
    assert said == ["first", "second"] and (not timers if system == "emscripten" else timers)
