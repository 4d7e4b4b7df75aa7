"""What do these programs share as commands? Their help from their own words, and what is told of where they ran."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
from collections.abc import Sequence
from datetime import date

from load import report, servers


def parser(program: str, about: str) -> argparse.ArgumentParser:
    """A parser whose help is a module's docstring: its first sentences, its examples at the end."""
    first, _, examples = about.partition("\n\n")
    return argparse.ArgumentParser(
        prog=program,
        description=first,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def asked(parser: argparse.ArgumentParser, words: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for. From here on SIGTERM ends what is begun, as Ctrl+C does."""
    said = parser.parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    return said


def made(program: str) -> str:
    """By which program, on which day and machine; without a full stop."""
    machine = report.machine(servers.filesystem(servers.cache_folder()))
    busy = f"load average {os.getloadavg()[0]:.1f}"
    return (
        f"Made by `python -m {program} --save`, {date.today()}, {machine}, Python {platform.python_version()}, {busy}"
    )
