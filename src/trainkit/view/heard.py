"""What was said last before a choice? By the client, and by others beside it: the same on wall, paper and phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainkit.case.conditions import holds, text_id
from trainkit.case.model import NARRATOR, Case
from trainkit.view.screen import case_text

if TYPE_CHECKING:
    from trainkit.room.records import Knew

MOST_WORDS = 140  # letters of two lines of the client that stand on the wall together
MOST_TOLD = 300  # letters of what was said before the last line and is told above it


def heard_last(case: Case, scene: str, knew: Knew, lang: str) -> tuple[str, str, str]:
    """What was said beside it last, who spoke before the choice, and their words; empty where there is no such line.

    Where the client has spoken it is the client, and what others put in is told beside it, with what the client said just
    before: the last line alone needn't say what it is about.
    """
    value_of = dict(knew).get
    lines = [
        (line.speaker, case_text(case, text_id(f"scenes.{scene}.lines.{number}", line.text, value_of), lang))
        for number, line in enumerate(case.scenes[scene].lines, 1)
        if holds(line.when, value_of)
    ]
    spoken = [number for number, (speaker, _) in enumerate(lines) if speaker != NARRATOR]
    if not spoken:
        return (lines[-1][1] if lines else ""), "", ""
    last = next((number for number in reversed(spoken) if lines[number][0] == case.client), spoken[-1])
    who, words = lines[last]
    told = [text if by == NARRATOR else f"{_name(case, by, lang)}: {text}" for by, text in lines[last + 1 :]]
    before = next((text for by, text in reversed(lines[:last]) if by == who), "")
    beside = last > 0 and lines[last - 1][0] == who
    if beside and len(words) + len(before) <= MOST_WORDS:
        words = f"{before} {words}"
    elif before and len(before) + sum(map(len, told)) <= MOST_TOLD:
        told.insert(0, f"{_name(case, who, lang)}: {before}")
    return " ".join(told), _name(case, who, lang), words


def _name(case: Case, speaker: str, lang: str) -> str:
    return case_text(case, f"speakers.{speaker}", lang)
