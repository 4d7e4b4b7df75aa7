"""Who has been erased? Salted marks, from which nobody reads a name, and by which an import knows what must not come back.

A mark of a name is made slowly (scrypt), with a salt of chance that is the log's own: whoever has the log and a list of names
can try them, but no faster than that. Runs and members are called by 128 bits of chance, for which a plain hash with the salt
will do.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from trainkit.log.records import pseudonym
from trainkit.log.schema import erased
from trainkit.typed import typed

_SALT, _NAME, _RUN, _MEMBER = "salt", "name", "run", "member"
_COST = 2**13  # some 20 ms and 8 MB a name


class Place(NamedTuple):
    """A name, and the room in which it was somebody's; None for who played alone."""

    name: str
    workshop: str | None = None


class Marks:
    """The marks of a log, as a connection sees them."""

    def __init__(self, connection: sa.Connection):
        rows = connection.execute(sa.select(erased.c.mark, erased.c.kind, erased.c.day)).all()
        self._days: dict[str, str] = {mark: day for mark, _, day in rows}
        self._salt = next((bytes.fromhex(mark) for mark, kind, _ in rows if kind == _SALT), b"")
        self._known: dict[Place, str] = {}

    def __bool__(self) -> bool:
        return bool(self._salt)

    def of_run(self, attempt: str) -> bool:
        """Whether this run was erased here."""
        return bool(self) and self._of_chance(_RUN, attempt) in self._days

    def of_member(self, member: str) -> bool:
        """Whether this member of a room was erased here."""
        return bool(self) and self._of_chance(_MEMBER, member) in self._days

    def of_name(self, place: Place) -> str:
        """The day on which somebody of this name was erased from there; "" where nobody was."""
        return self._days.get(self._name(place), "") if self else ""

    def add(
        self, connection: sa.Connection, places: Iterable[Place], attempts: Iterable[str], members: Iterable[str] = ()
    ) -> None:
        """Mark names, runs and members of rooms as erased today."""
        rows, today = [], date.today().isoformat()
        if not self._salt:
            self._salt = secrets.token_bytes(32)
            rows.append((self._salt.hex(), _SALT))
        rows += [(self._name(place), _NAME) for place in dict.fromkeys(places)]
        for kind, names in ((_RUN, attempts), (_MEMBER, members)):
            rows += [(self._of_chance(kind, name), kind) for name in dict.fromkeys(names)]
        new = [{"mark": mark, "kind": kind, "day": today} for mark, kind in rows if mark not in self._days]
        if new:
            connection.execute(sa.insert(erased), new)
        self._days |= {row["mark"]: today for row in new}

    def _of_chance(self, kind: str, name: str) -> str:
        return hashlib.sha256(self._salt + f"{kind} {name}".encode()).hexdigest()

    def _name(self, place: Place) -> str:
        if place not in self._known:
            said = f"{place.workshop or ''} {typed(pseudonym(place.name))}".encode()
            self._known[place] = hashlib.scrypt(said, salt=self._salt, n=_COST, r=8, p=1, dklen=32).hex()
        return self._known[place]
