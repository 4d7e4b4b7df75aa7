"""How is an answer made durable? One thread writes everything; what waits is committed together, with one fsync."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from trainkit.case.model import Case
from trainkit.errors import Held, NotSaved, Unwritable
from trainkit.log.lost import LogLost
from trainkit.log.records import Event, Record
from trainkit.log.store import Log

MOST = 256  # answers in one commit


@dataclass(frozen=True, eq=False)
class _Job:
    """Something to write; ``row`` if it can be written with others: an event as (attempt, step, event), or a beginning."""

    call: Callable[[], Any]
    row: tuple[str, int, Event] | Record | None = None
    done: asyncio.Future = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class _Outcome(NamedTuple):
    job: _Job
    result: Any = None
    error: BaseException | None = None


class LogWriter:
    """The writing side of a log for an event loop; one for each server process."""

    def __init__(self, log: Log):
        self.log = log
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="log writer", daemon=True)
        self._thread.start()

    async def append(self, attempt: str, step: int, event: Event) -> None:
        """Log an event; returns when it is on the disk. See :meth:`trainkit.log.store.Log.append` for what is raised."""
        await self._written(_Job(partial(self.log.append, attempt, step, event), (attempt, step, event)))

    async def begin(self, record: Record, case: Case) -> None:
        """Log the beginning of an attempt. See :meth:`trainkit.log.store.Log.begin` for what is raised."""
        await self._written(_Job(partial(self.log.begin, record, case), record))

    async def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Let the writing thread do something else with the log, in its turn."""
        return await self._written(_Job(partial(function, *arguments, **named)))

    def close(self) -> None:
        """Write what waits, then stop."""
        self._queue.put(None)
        self._thread.join(10)

    async def _written(self, job: _Job) -> Any:
        self._queue.put(job)
        return await job.done

    # ---- in the thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            jobs = [self._queue.get()]
            with suppress(queue.Empty):
                while len(jobs) < MOST and jobs[-1] is not None:
                    jobs.append(self._queue.get_nowait())
            self._write([job for job in jobs if job is not None])
            if jobs[-1] is None:
                return

    def _write(self, jobs: Sequence[_Job]) -> None:
        """Write rows together, what is left one by one, and tell who waits."""
        rows, calls = [job for job in jobs if job.row], [job for job in jobs if not job.row]
        events = [job.row for job in rows if isinstance(job.row, tuple)]
        records = [job.row for job in rows if isinstance(job.row, Record)]
        try:
            if len(rows) > 1:
                self.log.append_all(events, records)
                outcomes = [*map(_Outcome, rows), *self._one_by_one(calls)]
            else:
                outcomes = [*self._one_by_one(jobs)]
        except Exception as error:  # one of them was refused: each for itself, so that it is told which
            # a file can't be written for anybody; to a server the connection may have been lost, and there is another
            hopeless = error if isinstance(error, Unwritable) and self.log.is_sqlite else None
            outcomes = [*self._one_by_one(jobs, hopeless)]
        _tell(outcomes)

    def _one_by_one(self, jobs: Sequence[_Job], hopeless: NotSaved | None = None) -> Iterator[_Outcome]:
        """Each job for itself; what would fail for the reason another did isn't tried: all would wait, five seconds each."""
        no_row = no_call = hopeless
        for job in jobs:
            known = no_row if job.row else no_call
            outcome = _Outcome(job, error=_again(known)) if known else self._alone(job)
            if isinstance(outcome.error, Unwritable):
                no_row = no_call = outcome.error
            elif isinstance(outcome.error, Held) and not job.row:
                no_call = outcome.error  # whoever comes in or steers wants the same turn
            yield outcome

    def _alone(self, job: _Job) -> _Outcome:
        try:
            return _Outcome(job, job.call())
        except BaseException as error:  # whatever it is belongs to who asked, not to this thread
            return _Outcome(job, error=error)


def _again(error: NotSaved) -> NotSaved:
    """The same for another job: one exception isn't raised in two places."""
    return LogLost(error.lost) if isinstance(error, LogLost) else type(error)(str(error))


def _tell(outcomes: Sequence[_Outcome]) -> None:
    """Wake those who wait: each event loop once, for all of its own."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome.job.done.get_loop(), []).append(outcome)
    for loop, ones in by_loop.items():
        with suppress(RuntimeError):  # the server has stopped; who waits is gone
            loop.call_soon_threadsafe(_settle, ones)


def _settle(outcomes: Sequence[_Outcome]) -> None:
    for job, result, error in outcomes:
        if job.done.done():
            continue
        if error is None:
            job.done.set_result(result)
        else:
            job.done.set_exception(error)
