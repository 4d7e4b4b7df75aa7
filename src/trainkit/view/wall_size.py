"""How large may the wall's type be, so that a projector needs no scrolling? A rough count of rows, before it is drawn.

Heights are in hundredths of the wall's width, as the stylesheet has them (``--u``).
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from trainkit.room.records import Stage
from trainkit.view.split import SplitView

WALL = 53.0  # height that is there
SIZES = (1.0, 0.93, 0.86, 0.79, 0.72)  # of the type; the stylesheet has a class for each
LONG_LINE = 110  # characters that fit on two rows; of a longer line the last sentences are shown
HEADING_ROW, HEADING_LETTERS = 2.7, 56
REPLY_ROW, REPLY_LETTERS, REPLY_GAP = 2.15, 66, 0.9
BAR, TWO_BARS, NO_BAR = 1.2, 2.0, 0.4
BECAUSE_ROW, BECAUSE_LETTERS = 2.2, 72
MARGINS, LEGEND, BANNER = 7.0, 3.0, 3.0
TAG = 22  # letters of "the best reply here"
SCALE_ROW, SCALE_AXIS, SCALE_GAP = 1.42, 2.7, 2.2


def last_sentences(line: str) -> str:
    """The last sentences of a line that is too long for the wall; everybody has just read the whole."""
    kept = line
    while len(kept) > LONG_LINE and (cut := re.search(r"[.!?…] (?=\S{2})", kept)):
        kept = kept[cut.end() :]
    return kept if kept == line else f"… {kept}"


def type_size(wall: SplitView, stage: Stage, on_scale: Mapping[str, Any] | None) -> int:
    """Number of the largest size of type in which the wall fits; the smallest if none does."""
    banner = BANNER if stage.paused or stage.over else 0.0
    heights = (size * _height(wall, stage, on_scale, size) + banner for size in SIZES)
    return next((number for number, height in enumerate(heights) if height <= WALL), len(SIZES) - 1)


def _height(wall: SplitView, stage: Stage, on_scale: Mapping[str, Any] | None, size: float) -> float:
    """Height of what is on the wall, for a type of size 1; more letters fit a row where the type is smaller."""

    def rows(letters: int, fitting: int) -> int:
        return math.ceil(letters / int(fitting / size))

    votes_shown = stage.votes and not wall.split.withheld and not stage.ballot
    bar = (TWO_BARS if wall.again else BAR) if votes_shown else NO_BAR
    height = MARGINS + HEADING_ROW * rows(len(last_sentences(wall.line) or wall.title), HEADING_LETTERS)
    for reply in wall.bars:
        tag = TAG if reply.best and stage.key else 0
        height += REPLY_ROW * rows(len(reply.text) + tag, REPLY_LETTERS) + bar + REPLY_GAP
    if not votes_shown or wall.again:
        height += LEGEND
    if stage.key:
        height += BECAUSE_ROW * rows(len(wall.because), BECAUSE_LETTERS)
    if on_scale:
        height += SCALE_ROW * on_scale["rows"] + SCALE_AXIS + SCALE_GAP * (2 if on_scale["asks"] else 1)
    return height
