"""How is an answer made durable? One thread writes everything; what waits is committed together, with one fsync."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from trainkit.errors import Held, NotSaved, Unwritable
from trainkit.log.records import Event, Record
from trainkit.log.store import Log, database_reason

MOST = 256  # answers in one commit


@dataclass(frozen=True)
class _Job:
    done: asyncio.Future
    loop: asyncio.AbstractEventLoop
    row: tuple[str, int, Event] | None = None
    begun: Record | None = None
    call: Callable[[], Any] | None = None


class LogWriter:
    """The writing side of a log for an event loop; one for each server process."""

    def __init__(self, store: Log):
        self.store = store
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    async def append(self, attempt: str, step: int, event: Event) -> None:
        """Log an event; returns when it is on the disk. See :meth:`trainkit.log.store.Log.append` for what is raised."""
        loop = asyncio.get_running_loop()
        job = _Job(loop.create_future(), loop, row=(attempt, step, event))
        self._queue.put(job)
        await job.done

    async def begin(self, record: Record) -> None:
        """Log the beginning of an attempt whose case version is kept; OutOfDate if this run was begun already."""
        loop = asyncio.get_running_loop()
        job = _Job(loop.create_future(), loop, begun=record)
        self._queue.put(job)
        await job.done

    async def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Let the writing thread do something else with the log, in its turn."""
        loop = asyncio.get_running_loop()
        job = _Job(loop.create_future(), loop, call=lambda: function(*arguments, **named))
        self._queue.put(job)
        return await job.done

    def close(self) -> None:
        """Write what waits, then stop."""
        self._queue.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            jobs = [self._queue.get()]
            while len(jobs) < MOST and jobs[-1] is not None:
                try:
                    jobs.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            stop = jobs[-1] is None
            self._write([job for job in jobs if job is not None])
            if stop:
                return

    def _write(self, jobs: list[_Job]) -> None:
        rows = [job for job in jobs if job.call is None]
        settled: list[tuple[_Job, Any, BaseException | None]] = []
        useless: NotSaved | None = None
        held: NotSaved | None = None
        try:
            if len(rows) > 1:
                self.store.append_all([job.row for job in rows if job.row], [job.begun for job in rows if job.begun])
                settled = [(job, None, None) for job in rows]
        except (sa.exc.IntegrityError, NotSaved) as error:
            settled = []  # one of them was refused: each for itself, so that it is told which
            # a file can't be written for anybody; to a server the connection may have been lost, and there is another
            useless = error if isinstance(error, Unwritable) and self.store.is_sqlite else None
        done = {id(job) for job, _, _ in settled}
        for job in jobs:
            if id(job) in done:
                continue
            in_vain = useless or (held if job.call else None)  # else all would wait, five seconds each
            result, error = (None, type(in_vain)(str(in_vain))) if in_vain else self._alone(job)
            if isinstance(error, Unwritable):
                useless = error
            elif isinstance(error, Held) and job.call:
                held = error  # whoever comes in or steers wants the same turn
            settled.append((job, result, error))
        by_loop: dict[asyncio.AbstractEventLoop, list] = {}
        for one in settled:
            by_loop.setdefault(one[0].loop, []).append(one)
        for loop, ones in by_loop.items():
            try:
                loop.call_soon_threadsafe(_settle, ones)  # once for all of them
            except RuntimeError:
                continue  # the server has stopped; who waits is gone

    def _alone(self, job: _Job) -> tuple[Any, BaseException | None]:
        try:
            if job.call:
                return job.call(), None
            if job.begun:
                return self._begin(job.begun), None
            return self.store.append(*job.row), None
        except BaseException as error:  # whatever it is belongs to who asked, not to this thread
            return None, error

    def _begin(self, record: Record) -> None:
        try:
            self.store.append_all([], [record])
        except sa.exc.IntegrityError as error:
            self.store.not_twice(record)
            raise NotSaved(database_reason(error)) from error


def _settle(ones: list[tuple[_Job, Any, BaseException | None]]) -> None:
    for job, result, error in ones:
        if job.done.done():
            continue
        if error is None:
            job.done.set_result(result)
        else:
            job.done.set_exception(error)
