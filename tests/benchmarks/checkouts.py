"""Another checkout beside this one: how it is named, with which interpreter it runs, and turns that favour neither."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def parser(doc: str | None, required: bool = False) -> argparse.ArgumentParser:
    """A parser of a benchmark's line, with ``--against`` and ``--python``."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    told = "another checkout, in turns with this one"
    made.add_argument("--against", type=Path, metavar="CHECKOUT", required=required, help=told)
    made.add_argument("--python", help="its interpreter (default: that of its .venv, if it has one, else this one)")
    return made


def sides(options: argparse.Namespace) -> dict[str, tuple[Path, str]]:
    """Checkout and interpreter of ``here`` and, if one is named, ``there``."""
    here = {"here": (ROOT, sys.executable)}
    if not options.against:
        return here
    there = options.against.resolve()
    own = next((str(p) for p in (there / ".venv/bin/python", there / ".venv/Scripts/python.exe") if p.exists()), None)
    return here | {"there": (there, options.python or own or sys.executable)}


def in_turn(items: Iterable[T], turn: int) -> list[T]:
    """The items, in the other order each second turn."""
    return list(items)[:: 1 if turn % 2 else -1]
