"""What does a benchmark say? Figures beside a peer that was measured in the same run, as rows of one table."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

BEGIN, END = "<!-- python -m tests.benchmarks -->", "<!-- until here -->"
HEAD = ("figure", "measured", "peer", "peer's", "ratio", "goal", "met")


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes
    ----------
    name
        What was measured.
    value
        In ``unit``; None where the peer alone has a figure.
    peer, beside
        What it stands beside, and what that took; None where nothing does the same.
    goal
        Of the ratio ``value / beside`` where there is a peer and ``of_ratio``, else of the value.
    more
        Whether more is better.
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    beside: float | None = None
    goal: float | None = None
    of_ratio: bool = True
    more: bool = False

    @property
    def ratio(self) -> float | None:
        """Value by peer's value."""
        return self.value / self.beside if self.beside else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        reached = self.ratio if self.of_ratio and self.ratio is not None else self.value
        if self.goal is None:
            return None
        return reached >= self.goal if self.more else reached <= self.goal

    def cells(self) -> tuple[str, ...]:
        """As a row of the table, under :data:`HEAD`."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        of = " ×" if self.of_ratio and self.ratio is not None else f" {self.unit}"
        goal = "" if self.goal is None else f"{'≥' if self.more else '≤'} {self.goal:g}{of}"
        beside = "" if self.beside is None else shown(self.beside, self.unit)
        return (self.name, shown(self.value, self.unit), self.peer, beside, ratio, goal,
                {None: "", True: "yes", False: "**no**"}[self.met])  # fmt: skip


def shown(value: float, unit: str) -> str:
    """A figure with three digits that count."""
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{text} {unit}"


def table(figures: Iterable[Figure]) -> str:
    """The figures as a table of Markdown, its columns in line."""
    rows = [HEAD, *(figure.cells() for figure in figures)]
    wide = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    lines = ["| " + " | ".join(cell.ljust(size) for cell, size in zip(row, wide, strict=True)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * size for size in wide) + " |")
    return "\n".join(lines)


def machine() -> str:
    """Day, machine, Python and how busy it was when that began: figures of a busy machine are no figures."""
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    model = next(
        (line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), "unknown CPU"
    )
    return f"{date.today()}; {os.cpu_count()} cores, {model}, {platform.system()}; Python {platform.python_version()}; {load}"


def _cpuinfo() -> Sequence[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ()


def kept(page: str, bench: str, title: str, text: str) -> str:
    """The page of results with what one benchmark has shown now; prose in its section, and other sections, stay as they are.

    Parameters
    ----------
    page
        Sections ``## … (`bench_x.py`)``; what lies between two marks in them is made.
    bench, title
        Name of the file without ``.py``, and the words before it where the section is new.
    text
        Replaces what is between the marks.
    """
    block = f"{BEGIN}\n{text}\n{END}\n"
    parts = re.split(r"(?m)^(?=## )", page)
    for number, part in enumerate(parts):
        if f"(`{bench}.py`)" in part.partition("\n")[0]:
            if BEGIN in part and END in part:
                before, _, rest = part.partition(BEGIN)
                parts[number] = f"{before}{block}{rest.partition(END)[2].removeprefix(chr(10))}"
            else:
                parts[number] = f"{part.rstrip()}\n\n{block}\n"
            return "".join(parts).rstrip() + "\n"
    return f"{page.rstrip()}\n\n## {title} (`{bench}.py`)\n\n{block}"
