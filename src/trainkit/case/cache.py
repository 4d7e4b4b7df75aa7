"""What has been worked out about a case is kept with it, up to a maximum; everything here can be worked out again.

A module that keeps something declares it once, as a constant of its own::

    _OPEN: PerCase[Cache[State, tuple[str, ...]]] = PerCase(lambda case: Cache(20_000))

and asks for it by case: ``_OPEN.of(case)``. It goes when the case goes.
"""

from collections.abc import Callable, Hashable
from itertools import islice
from typing import Any, Generic, TypeVar

from trainkit.case.model import Case

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")


class Cache(dict[K, V]):
    """A dictionary with a maximum: when it is full, the older half goes. Read with ``get``, write with :meth:`keep`."""

    __slots__ = ("maximum",)

    def __init__(self, maximum: int):
        super().__init__()
        self.maximum = maximum

    def keep(self, key: K, value: V) -> V:
        """Put something in; what is there already stays, so that everybody holds the same object."""
        if len(self) >= self.maximum:
            for old in list(islice(self, (self.maximum + 1) // 2)):
                self.pop(old, None)
        return self.setdefault(key, value)


class PerCase(Generic[T]):
    """Something that there is one of for each case, made when it is first asked for."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[Case], T]):
        self._make = make

    def of(self, case: Case) -> T:
        """The one of this case."""
        kept = case.kept
        if self in kept:
            return kept[self]
        return kept.setdefault(self, self._make(case))


_INTERNED: PerCase[Cache[Any, Any]] = PerCase(lambda case: Cache(100_000))


def intern(case: Case, value: T) -> T:
    """One object for all that is equal: a room of thousands has it thousands of times."""
    interned = _INTERNED.of(case)
    kept = interned.get(value)
    return interned.keep(value, value) if kept is None else kept
