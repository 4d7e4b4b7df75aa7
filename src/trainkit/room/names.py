"""Under which name do others see somebody? No two in a room look alike, or are called out alike."""

from collections import Counter
from collections.abc import Sequence

from trainkit.typed import alike


class ToldApart:
    """Names in the order of joining: who comes second under one that is taken for the same has a 2 behind it, and so on."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: Counter[frozenset[str]] = Counter()

    def come(self, name: str) -> str:
        """The name by which others see who comes next; who comes later changes it no more."""
        told, own = name, alike(name)
        while alike(told) & self._taken:
            self._numbers[own] += 1
            told = f"{name} ({self._numbers[own] + 1})"
        self._taken |= alike(told)
        return told


def told_apart(names: Sequence[str]) -> list[str]:
    """Names as others see them, in the order of joining.

    >>> told_apart(["Wren", "Wren", "Iris", "Wren"])
    ['Wren', 'Wren (2)', 'Iris', 'Wren (3)']
    >>> told_apart(["Wren", "Wren", "wren(2)"])
    ['Wren', 'Wren (2)', 'wren(2) (2)']
    """
    room = ToldApart()
    return [room.come(name) for name in names]
