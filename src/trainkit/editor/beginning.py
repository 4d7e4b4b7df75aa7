"""A case of an author who begins: from seven answers to a first scene, two replies and two endings to be filled in."""

from collections.abc import Callable, Mapping
from typing import Any

from trainkit.case.model import NARRATOR, SOURCE_LANGUAGE
from trainkit.editor.names import name_from
from trainkit.editor.parts import ending, scene

ASKED = ("title", "role", "client", "request", "orientation", "centricity", "target")


def beginning(
    case_id: str, answers: Mapping[str, Any], gettext: Callable[[str], str], lang: str = SOURCE_LANGUAGE
) -> dict[str, Any]:
    """A case with what the author has answered, in the language ``lang`` of ``gettext``.

    ``answers`` are ``title``, ``role``, ``client`` (a name), ``request``, ``orientation``, ``centricity`` (texts) and
    ``target`` (−1 … 1).
    """
    text = {name: str(answers.get(name) or "").strip() for name in ASKED}
    client = name_from(text["client"], (NARRATOR, "you", "when", "text", "speaker"), "client")
    try:
        target = round(max(-1.0, min(1.0, float(answers.get("target") or 0))), 2)
    except (TypeError, ValueError):
        target = 0.0
    start = scene({"client": client}, gettext("The request"))
    start["lines"] = [{client: text["request"]}]
    replies = list(start["options"].values())
    for reply, place in zip(replies, ("ending_1", "ending_2"), strict=True):
        reply["goto"] = place
    return {
        "id": case_id,
        **({"lang": lang} if lang != SOURCE_LANGUAGE else {}),
        "title": text["title"],
        "role": text["role"],
        "minutes": 5,
        "source": ["own"],
        "context": {
            "service": "retail",
            "stakes": "low",
            "orientation": text["orientation"],
            "centricity": text["centricity"],
            "target": target,
            "why": "",
        },
        "speakers": {client: text["client"]},
        "client": client,
        "start": "scene_1",
        "scenes": {"scene_1": start},
        "endings": {"ending_1": ending(), "ending_2": ending()},
        "debrief": {
            "argument": {"title": gettext("Take them at their word"), "text": text["orientation"], "source": "own"},
            "counter": {"title": gettext("Find out together first"), "text": text["centricity"], "source": "own"},
            "questions": [
                gettext("Which question changed what you decided, and which didn’t?"),
                gettext("How can one ask so that it doesn’t sound like mistrust?"),
                gettext("When is it better in your work not to ask, but to do it?"),
            ],
            "tomorrow": gettext("What matters most to you about this?"),
            "again": gettext("Once more, with another story"),
        },
    }
