"""Under which name do others see somebody? No two in a room look alike."""

from collections import Counter
from collections.abc import Sequence

from trainkit.typed import looks


class ToldApart:
    """Names in the order of joining: whoever comes second under one that looks the same has a 2 behind it, and so on."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()

    def come(self, name: str) -> str:
        """The name by which others see who comes next; who comes later changes it no more."""
        told, alike = name, looks(name)
        while looks(told) in self._taken:
            self._numbers[alike] += 1
            told = f"{name} ({self._numbers[alike] + 1})"
        self._taken.add(looks(told))
        return told


def told_apart(names: Sequence[str]) -> list[str]:
    """Names as others see them, in the order of joining.

    >>> told_apart(["Wren", "Wren", "Iris", "Wren"])
    ['Wren', 'Wren (2)', 'Iris', 'Wren (3)']
    """
    room = ToldApart()
    return [room.come(name) for name in names]
