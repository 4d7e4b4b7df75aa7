"""Which connections stay when there would be too many? Those of people who are in the class; else who was heard last."""

import logging
import sys
from collections import OrderedDict
from typing import Protocol

from trainkit.web.incidents import Incidents

WANTED = 65_536  # open files asked of the system
BESIDE = 64  # of them for what isn't a connection: log, libraries, threads
OF_A_SEAT = 24  # connections that one person's browsers keep: each six at most
LEAST, A_PLACE = 2_000, 6  # connections in all: a browser opens up to six

logger = logging.getLogger("trainkit.class")


class Connection(Protocol):
    """What a connection must be able to say and do."""

    address: str

    @property
    def busy(self) -> bool:
        """Whether it waits for an answer."""

    def drop(self) -> None:
        """End it at once."""


class Connections:
    """All connections of a server process, ``most`` at a time, of which one address's strangers have half.

    A stranger is a connection on which nobody of the class has asked for anything. Where there would be too many, the address
    with the most strangers loses the one that has been silent longest; where there are none, the person with the most.
    """

    def __init__(self, most: int, incidents: Incidents):
        self.most, self.incidents = most, incidents
        self.queued = 0  # requests that wait for the one ahead of them on their connection
        self._owners: dict[Connection, str] = {}
        self._strangers: dict[str, OrderedDict[Connection, None]] = {}  # of each the longest silent first
        self._people: dict[str, OrderedDict[Connection, None]] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._owners)

    def _of(self, one: Connection) -> tuple[dict[str, OrderedDict[Connection, None]], str]:
        owner = self._owners[one]
        return (self._people, owner) if owner else (self._strangers, one.address)

    def come(self, one: Connection) -> None:
        """Count a new connection; others may have to go for it."""
        self._owners[one] = ""
        strangers = self._strangers.setdefault(one.address, OrderedDict())
        strangers[one] = None
        if len(strangers) > self.most // 2:
            self._make_room(strangers, 1)
        if len(self._owners) > self.most:
            self._make_room_for_all(1 + self.most // 64)

    def heard(self, one: Connection) -> None:
        """A whole head of a request has come."""
        if one in self._owners:
            group, owner = self._of(one)
            group[owner].move_to_end(one)

    def vouch(self, one: Connection, person: str) -> None:
        """Somebody of the class asks on it: ``person`` is anything that is the same for all of theirs."""
        if self._owners.get(one, person) == person:
            return
        self._leave(one)
        self._owners[one] = person
        theirs = self._people.setdefault(person, OrderedDict())
        theirs[one] = None
        if len(theirs) > OF_A_SEAT:
            self._make_room(theirs, 1)

    def gone(self, one: Connection) -> None:
        """A connection has ended."""
        if one in self._owners:
            self._leave(one)
            del self._owners[one]

    def _leave(self, one: Connection) -> None:
        group, owner = self._of(one)
        del group[owner][one]
        if not group[owner]:
            del group[owner]

    # ---- making room ----------------------------------------------------------------------------------------------

    def _make_room_for_all(self, wanted: int) -> None:
        """The silent ones first, strangers before people; only then who waits for an answer."""
        for silent in (True, False):
            for group in (self._strangers, self._people):
                while wanted > 0 and group:
                    most = max(group.values(), key=len)
                    second = max((len(one) for one in group.values() if one is not most), default=0)
                    dropped = self._make_room(most, max(1, min(wanted, len(most) - second)), silent)
                    if not dropped:
                        break
                    wanted -= dropped

    def _make_room(self, theirs: OrderedDict[Connection, None], wanted: int, silent: bool = True) -> int:
        """Drop so many of somebody's, the longest silent first; of the ``silent`` only, or of all. How many went."""
        found = []
        for one in theirs:
            if len(found) == wanted:
                break
            if not (silent and one.busy):
                found.append(one)
        for one in found:
            self.gone(one)
            self.incidents.count("connections closed to make room")
            one.drop()
        return len(found)


def capacity(places: int) -> tuple[int, int]:
    """How many connections a class with so many places can have at a time, and how many may wait to be let in.

    Asks the system for more open files where it gives them; says so if even then it is few.
    """
    wanted, files = max(LEAST, A_PLACE * places), WANTED
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        more = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
        if soft != resource.RLIM_INFINITY and soft < more:
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
            logger.info("open files: %d instead of %d", more, soft)
            soft = more
        files = WANTED if soft == resource.RLIM_INFINITY else soft
    waiting = max(16, min(4096, files // 8))
    most = max(32, min(wanted, files - waiting - BESIDE))
    if most < min(wanted, 2 * places):
        logger.warning(
            "this system lets the class have %d connections at a time, few for %d places: `ulimit -n %d` allows for more",
            most,
            places,
            2 * places + 4096 + BESIDE,
        )
    return most, waiting
