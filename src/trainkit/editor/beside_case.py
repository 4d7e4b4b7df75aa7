"""What does an author say beside the case: the ways it must lead, and the warnings they stand by?

Both are None in a document, and no file is there, until something is said.
"""

from typing import Any

from trainkit.editor.document import Document
from trainkit.editor.names import free_name
from trainkit.editor.tree import at
from trainkit.errors import N_, Refused

MAX_REASON = 2_000
NO_REASON = N_("Say in a sentence why it shall stay as it is.")


def add_walk(doc: Document, answers: Any, ending: str, fixed: Any) -> Document:
    """Add a way that must lead to an ending: what is true on it, and what is answered. One that is there stays alone."""
    if not isinstance(answers, list) or not all(isinstance(one, str) for one in answers) or not isinstance(fixed, dict):
        raise Refused("a way is a list of replies, and what is true on it")
    at(doc["case"], ("endings", ending))
    walks = doc["walks"] or {}
    new = {
        **({"set": {str(k): str(v) for k, v in fixed.items()}} if fixed else {}),
        "answers": answers,
        "ending": ending,
    }
    if any(isinstance(walk, dict) and {key: walk.get(key) for key in new} == new for walk in walks.values()):
        return doc
    name = ending if ending not in walks else free_name(ending, walks)
    return {**doc, "walks": {**walks, name: new}}


def delete_walk(doc: Document, name: str) -> Document:
    """Take a way away."""
    left = {one: walk for one, walk in (doc["walks"] or {}).items() if one != name}
    return {**doc, "walks": left or None}


def accept(doc: Document, warning: str, place: str, because: str) -> Document:
    """Stand by a warning, with a reason."""
    reason = "".join(c for c in because[:MAX_REASON] if c.isprintable()).strip()
    if not reason:
        raise Refused(NO_REASON)
    entry = {"warning": warning, "at": place, "because": reason}
    return {**doc, "accepted": [*_others(doc, warning, place), entry]}


def take_back(doc: Document, warning: str, place: str) -> Document:
    """Stand by a warning no longer."""
    return {**doc, "accepted": _others(doc, warning, place) or None}


def _others(doc: Document, warning: str, place: str) -> list[Any]:
    entries = doc["accepted"] if isinstance(doc["accepted"], list) else []
    return [
        one
        for one in entries
        if not (isinstance(one, dict) and (one.get("warning"), one.get("at")) == (warning, place))
    ]
