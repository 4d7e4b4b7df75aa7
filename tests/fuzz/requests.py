"""Does any request make a class fail, say too much, or take what nobody answered?

    python -m tests.fuzz.requests                         10,000 hostile requests, some minutes
    python -m tests.fuzz.requests --count 500 --seed 7    fewer, and which ones
    python -m tests.fuzz.requests --save                  … and keep the result in tests/load/FUZZ.md

The grammar is in ``grammar.py``: every address × methods × headers × cookies × bodies, and raw bytes. Hypothesis draws the
requests and, where one is found that is answered wrongly, makes it as small as it can. Forty go to the server at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis import seed as seeded  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from load import report, servers  # noqa: E402
from support.class_server import HOST, PARCEL, TODAY, Server, held, walk  # noqa: E402

from fuzz.grammar import Known, Sent, requests  # noqa: E402
from trainkit.files.casebook import load_case  # noqa: E402
from trainkit.i18n import typeset  # noqa: E402

AT_ONCE = 40
WAIT = 1.5  # seconds for an answer: what isn't answered by then waits for more
PAGE = ROOT / "tests" / "load" / "FUZZ.md"
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


class Fuzzed:
    """A class with somebody in the middle of a conversation, whom nothing that is sent here may do anything for."""

    def __init__(self, server: Server):
        self.server = server
        self.victim, self.trainer = server.playing("Жертва", lang="ru"), server.trainer()
        (link,) = [href for href in self.victim.get("/link").links if "/me/" in href]
        cookie, remote = self.victim.cookies["trainkit"], self.trainer.cookies["trainkit_remote"]
        self.known = Known(cookie, remote, server.attempts("Жертва")[0]["attempt"])
        case = load_case(ROOT / PARCEL)
        key = [text for name, text in case.texts.items() if name.endswith(".because")]
        # what no answer may have in it: to whoever has a secret it is shown in its place
        self.never = [text.encode() for one in key for text in {one, typeset(one, "ru")}] + [b"Traceback", b'File "']
        self.secrets = [one.encode() for one in (cookie, remote, link.rpartition("/")[2])]
        self.before, self.met = self.kept(), Counter()

    def kept(self) -> list[tuple]:
        """Everything that is in the log."""
        tables = ("members", "attempts", "events", "controls", "questions")
        return [tuple(map(tuple, self.server.rows(f"SELECT * FROM {table}"))) for table in tables]

    def check(self, sent: Sent, got: bytes) -> None:
        """Whether an answer is as it must be."""
        statuses = [int(one) for one in _STATUS.findall(got)]
        self.met.update(statuses or ["no answer"])
        assert not [one for one in statuses if one >= 500], (sent, got[:500])
        for text in self.never:
            assert text not in got, (text.decode(), sent, got[:500])
        for secret in () if sent.insider else self.secrets:
            assert secret not in got, (secret, sent, got[:500])

    async def ask(self, sent: Sent) -> bytes:
        """Send bytes; what comes back until the server closes, or is silent."""
        got = b""
        try:
            reader, writer = await asyncio.open_connection(HOST, self.server.port)
        except OSError:
            return got
        try:
            size = max(1, len(sent.data) // sent.pieces)
            for at in range(0, max(1, len(sent.data)), size):
                writer.write(sent.data[at : at + size])
                await asyncio.wait_for(writer.drain(), WAIT)
                await asyncio.sleep(0.002 if sent.pieces > 1 else 0)
            async with asyncio.timeout(WAIT):
                while part := await reader.read(65_536):
                    got += part
        except (OSError, TimeoutError):
            pass
        finally:
            writer.transport.abort()
        return got

    def all_at_once(self, batch: list[Sent]) -> None:
        """Send so many at a time, and look at what came back."""

        async def asked() -> list[bytes]:
            return await asyncio.gather(*map(self.ask, batch))

        for sent, got in zip(batch, asyncio.run(asked()), strict=True):
            self.check(sent, got)
        assert self.kept() == self.before, batch

    def still_plays(self) -> None:
        """The class goes on: who was in the middle comes to the end, somebody new comes in, the trainer steers."""
        self.victim.get("/play")
        walk(self.victim, lambda options: options[-1], lambda page: None)
        assert self.victim.get("/debrief?page=1").status == 200
        newcomer = self.server.playing("Новенький")
        walk(newcomer, lambda options: options[-1], lambda page: None)
        assert self.server.chosen("Новенький") and self.trainer.get("/remote").status == 200
        assert "Traceback" not in self.server.complaints(), self.server.complaints()[-3000:]


def fuzz(server: Server, count: int, seed: int) -> Fuzzed:
    """Send so many hostile requests; AssertionError with the smallest one that was answered wrongly."""
    fuzzed = Fuzzed(server)
    done = 0

    def one(batch: list[Sent]) -> None:
        nonlocal done
        fuzzed.all_at_once(batch)
        done += len(batch)

    batches = st.lists(requests(fuzzed.known), min_size=AT_ONCE, max_size=AT_ONCE)
    how = settings(
        max_examples=-(-count // AT_ONCE), database=None, deadline=None, derandomize=False,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    how(seeded(seed)(given(batches)(one)))()
    assert done >= count
    fuzzed.still_plays()
    return fuzzed


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.requests", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None, help="the same requests again")
    parser.add_argument("--save", action="store_true", help="keep the result in tests/load/FUZZ.md")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else time.time_ns() % 10**9
    began, load = time.monotonic(), os.getloadavg()[0]
    os.environ.pop("TRAINKIT_DATABASE", None)
    with tempfile.TemporaryDirectory() as folder, held(Path(folder), *TODAY) as server:
        fuzzed = fuzz(server, asked.count, seed)
        told = [line for line in server.complaints().splitlines() if "in the last minute" in line]
        lines = len(server.complaints().splitlines())
    answers = ", ".join(f"{what}: {times:,}" for what, times in sorted(fuzzed.met.items(), key=str))
    said = (
        f"{asked.count:,} hostile requests (seed {seed}) in {time.monotonic() - began:.0f} s: 0 tracebacks, 0 answers of "
        f"500 or more, nothing accepted, no secret and nothing of the key told; afterwards a run was played to its end, "
        f"somebody new came in, and the trainer's remote opened. Answers by status: {answers}. "
        f"The server's log has {lines:,} lines, {len(told):,} of them the minute's."
    )
    print(said)
    if asked.save:
        on = servers.filesystem(Path(tempfile.gettempdir()))
        machine = f"{date.today()}, {report.machine(on)}, load average {load:.1f}"
        PAGE.write_text(
            f"# Hostile requests\n\nMade by `python -m tests.fuzz.requests --save`.\n\n{machine}.\n\n{said}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
