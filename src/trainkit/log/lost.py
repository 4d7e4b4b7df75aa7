"""What is said of a log that is there no more? What happened to it, where what was confirmed is kept, what is missing."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from trainkit.errors import N_, Told, Unwritable

GONE, REPLACED, CUT, PARTED, DROPPED = "gone", "replaced", "cut", "parted", "dropped"
_WHAT = {
    GONE: N_("The log {file} is no longer there: it was deleted or moved."),
    REPLACED: N_("Another file stands in the place of the log {file}."),
    CUT: N_("The log {file} was cut off or written over."),
    PARTED: N_("What belongs to the log {file} and stands beside it (-wal, -shm) was deleted or exchanged."),
    DROPPED: N_("The database is no longer there, or another stands in its place."),
}


_WHY = {
    errno.ENOSPC: N_("no room is left on the disk"),
    errno.EACCES: N_("nothing may be written there"),
    errno.EPERM: N_("nothing may be written there"),
    errno.EROFS: N_("nothing may be written there"),
    errno.ENOENT: N_("there is no such folder"),
}


def why_nowhere(error: OSError) -> Told:
    """Why a file couldn't be written, with its place."""
    why = Told(_WHY[error.errno]) if error.errno in _WHY else Told("{why}", why=error.strerror or error)
    return Told("{file}: {why}", file=error.filename, why=why) if error.filename else why


@dataclass(frozen=True)
class Lost:
    """A log that was lost under a running program, and what became of what it had confirmed.

    ``rescue`` is the file that has it, empty where none could be written, and then ``reason`` says why; ``runs`` and
    ``answers`` are what stands in it, ``missing`` how many runs and answers of before don't.
    """

    how: str
    file: str = ""
    now_at: str = ""  # where it was moved to, if that is beside its place
    rescue: str = ""
    runs: int = 0
    answers: int = 0
    missing: tuple[int, int] = (0, 0)
    reason: str = ""  # a Told, where that can be told in other languages

    @property
    def what(self) -> Told:
        """What happened, in a sentence or two."""
        said = Told(_WHAT[self.how], file=self.file)
        return said + " " + Told(N_("It is now called {file}."), file=self.now_at) if self.now_at else said

    @property
    def kept(self) -> Told:
        """Where what was confirmed is, and what of before is not there."""
        if not self.rescue:
            if not self.reason:
                return Told(N_("What was confirmed is being kept in another file."))
            return Told(N_("What was confirmed could be kept nowhere: {reason}."), reason=self.reason)
        said = Told(
            N_("Everything confirmed is kept in {file} (runs: {runs}, answers: {answers})."),
            file=self.rescue, runs=self.runs, answers=self.answers,
        )  # fmt: skip
        if any(self.missing):
            runs, answers = self.missing
            more = N_("Missing there, of what was in the log before: runs: {runs}, answers: {answers}.")
            return said + " " + Told(more, runs=runs, answers=answers)
        return said


class LogLost(Unwritable):
    """The log that was opened is not there any more; nothing more is accepted, what was confirmed is kept elsewhere."""

    def __init__(self, lost: Lost):
        self.lost = lost
        super().__init__(lost.what + " " + Told(N_("Nothing more is accepted.")) + " " + lost.kept)
