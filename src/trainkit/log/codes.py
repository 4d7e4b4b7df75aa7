"""What was typed before the replies were seen, and how coders have coded it? Both in the log; no code is ever changed.

A newer code of the same coder stands for the older one in reading; an empty one takes it back. Under another scheme one text
has another code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from trainkit.case.model import PLAYER
from trainkit.engine.lines import SpokenLine, spoken
from trainkit.errors import Conflict, NotSaved, TrainkitError
from trainkit.log.records import Record, now, pseudonym
from trainkit.log.replay import advance, begun
from trainkit.log.schema import attempts, codes, events, workshops
from trainkit.log.store import Log

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("attempt", "step", "scheme", "coder", "number", "code", "at")
_ADD = sa.insert(codes)
_TRIES = 3  # of finding a free number, where one coder has two windows open


class Written(NamedTuple):
    """What somebody typed in a scene before its replies were shown."""

    attempt: str
    step: int
    case_id: str
    scene: str
    text: str
    lang: str


def written(
    log: Log, case_id: str | None = None, code: str | None = None, origins: Sequence[str] = ("person",)
) -> list[Written]:
    """Everything typed in own words: of a case, or by a workshop's join code; in an order that tells nothing.

    What one person typed doesn't stand together, nor in the order of time: the order is by a hash of where it stands.
    """
    if not log.exists:
        return []
    query = (
        sa.select(events.c.attempt, events.c.step, attempts.c.case_id, events.c.scene, events.c.text, events.c.lang)
        .join(attempts, attempts.c.attempt == events.c.attempt)
        .where(events.c.kind == "words", events.c.text != "", attempts.c.origin.in_(list(origins)))
    )
    if case_id is not None:
        query = query.where(attempts.c.case_id == case_id)
    if code is not None:
        from trainkit.log.schema import members

        query = query.join(members, members.c.member == attempts.c.member).join(
            workshops, sa.and_(workshops.c.workshop == members.c.workshop, workshops.c.code == code)
        )
    with log.reading() as connection:
        found = [Written(*row) for row in connection.execute(query)]
    return sorted(found, key=lambda one: hashlib.sha256(f"{one.attempt}/{one.step}".encode()).digest())


def heard_before(log: Log, one: Written, lang: str) -> list[SpokenLine]:
    """What client and narrator said before these words were typed; nothing of what came after, no reply that was chosen.

    Empty where the run can't be replayed.
    """
    with log.reading() as connection:
        row = connection.execute(sa.select(attempts).where(attempts.c.attempt == one.attempt)).mappings().one()
        record = Record.from_row(row)
    try:
        attempt = begun(log.case(record), record)
        for event in log.events(one.attempt)[: one.step]:
            attempt = advance(attempt, event)
    except TrainkitError:
        return []
    return [spoken(attempt.case, said, lang) for said in attempt.said if said.speaker not in (PLAYER, "back")]


def add_code(log: Log, one: Written, scheme: str, coder: str, code: str | None) -> None:
    """Commit a code of a text; None takes this coder's back.

    Raises NotSaved if it could not be committed; then nothing was written.
    """
    row = {"attempt": one.attempt, "step": one.step, "scheme": scheme, "coder": pseudonym(coder), "code": code}
    mine = [codes.c[name] == row[name] for name in ("attempt", "step", "scheme", "coder")]
    for attempt in range(_TRIES):
        try:
            with log.writing() as connection:
                highest = connection.scalar(sa.select(sa.func.max(codes.c.number)).where(*mine))
                number = 0 if highest is None else highest + 1
                connection.execute(_ADD, row | {"number": number, "at": now()})
            return
        except Conflict as error:
            if attempt == _TRIES - 1:
                raise NotSaved("the code could not be written: this coder codes in another window, too") from error


def coded(log: Log, scheme: str | None = None, coder: str | None = None, history: bool = False) -> pd.DataFrame:
    """Codes as a table: ``attempt``, ``step``, ``scheme``, ``coder``, ``number``, ``code``, ``at``.

    Parameters
    ----------
    scheme, coder : str, optional
        Only these.
    history : bool
        Everything that was ever given, with empty codes where one was taken back; else the newest alone.
    """
    import pandas as pd

    rows: list[tuple] = []
    if log.exists:
        query = sa.select(*(codes.c[name] for name in COLUMNS)).order_by(
            *(codes.c[name] for name in ("scheme", "attempt", "step", "coder", "number"))
        )
        if scheme is not None:
            query = query.where(codes.c.scheme == scheme)
        if coder is not None:
            query = query.where(codes.c.coder == pseudonym(coder))
        with log.reading() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"code": object})
    frame["code"] = frame["code"].where(frame["code"].notna(), None)
    if history:
        return frame
    newest = frame.drop_duplicates(["scheme", "attempt", "step", "coder"], keep="last")
    return newest[newest["code"].notna()].reset_index(drop=True)
