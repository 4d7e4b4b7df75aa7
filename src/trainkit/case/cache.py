"""What has been worked out about a case is kept with it, up to a maximum; everything here can be worked out again.

Where a function of a case is asked the same again and again, :func:`kept_per_case` keeps its answers. A module that keeps
something else declares it once, as a constant of its own::

    _OPEN: PerCase[Cache[State, tuple[str, ...]]] = PerCase(lambda case: Cache(STATES))

and asks for it by case: ``_OPEN.of(case)``. It goes when the case goes.
"""

from collections.abc import Callable, Hashable
from functools import wraps
from itertools import islice
from typing import Any, Generic, TypeVar

from trainkit.case.model import Case

# of one case, by each function of a state: a room's people go the same ways, and whoever goes another costs a millisecond
STATES = 500

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


def kept_per_case(maximum: int) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Keep what a function of a case and hashable things gives with the case, up to ``maximum`` answers."""

    def keeping(work: Callable[..., T]) -> Callable[..., T]:
        answers: PerCase[Cache[tuple, T]] = PerCase(lambda case: Cache(maximum))

        @wraps(work)
        def kept(case: Case, *asked: Hashable) -> T:
            known = answers.of(case)
            answer = known.get(asked)
            return known.keep(asked, work(case, *asked)) if answer is None else answer

        return kept

    return keeping


_INTERNED: PerCase[Cache[Any, Any]] = PerCase(lambda case: Cache(5 * STATES))


def intern(case: Case, value: T) -> T:
    """One object for all that is equal: a room of thousands has it thousands of times."""
    interned = _INTERNED.of(case)
    return interned.get(value) or interned.keep(value, value)
