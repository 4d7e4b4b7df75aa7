"""What does a new part of a case hold until its author fills it in?"""

from collections.abc import Mapping, Sequence
from typing import Any

from trainkit.case.model import NARRATOR
from trainkit.editor.text_ids import speaker_of


def scene(case: Mapping[str, Any], title: str = "") -> dict[str, Any]:
    """A scene of talk: a line of the client, two replies to either side that lead nowhere yet."""
    replies = {f"reply_{number}": reply(position) for number, position in ((1, -0.5), (2, 0.5))}
    return {"title": title, "lines": [{str(case.get("client", NARRATOR)): ""}], "options": replies}


def reply(position: float | None) -> dict[str, Any]:
    """A reply without words, which leads nowhere yet; its fit is worked out from the endings."""
    return {"text": "", "because": "", "position": position, "fit": "auto"}


def option(scene: Mapping[str, Any]) -> dict[str, Any]:
    """A reply like the others of its scene: without a position outside the axis."""
    new = reply(0.0)
    if scene.get("axis") is False:
        del new["position"]
    return new


def ending(title: str = "") -> dict[str, Any]:
    """An ending in the middle of the scale, without words."""
    return {"title": title, "lines": [{NARRATOR: ""}], "mood": "", "value": 0.5}


def fact() -> dict[str, Any]:
    """Something with two values, equally likely."""
    return {"label": "", "values": {"value_1": {"p": 0.5, "label": ""}, "value_2": {"p": 0.5, "label": ""}}}


def patience(leaves: str) -> dict[str, Any]:
    """Three questions' worth of patience."""
    return {"budget": 3, "label": "", "last": "", "leaves": leaves}


def next_speaker(case: Mapping[str, Any], before: Sequence[Any]) -> str:
    """Who may speak after these lines: the client, or the narrator after the client."""
    client = str(case.get("client", NARRATOR))
    return NARRATOR if before and speaker_of(before[-1]) == client else client
