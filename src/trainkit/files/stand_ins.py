"""What would this case be if its mistakes were mended? Asked so that names are looked at although a part is wrong.

What is wrong is replaced by something right that says nothing (``…``, 0, the first place there is); nobody ever sees it.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from trainkit.case.model import Case
from trainkit.errors import KeyPath

_ROUNDS = 20  # a mended part may show the next mistake
_LINES = [{"narrator": "…"}]
_TEXTS = (
    "text", "because", "title", "label", "last", "mood", "role", "prompt", "notice", "orientation", "centricity", "why",
    "again",
)  # fmt: skip
_STAND_INS: dict[str, Any] = {
    **dict.fromkeys(_TEXTS, "…"),
    "position": None, "fit": "auto", "effect": 0, "target": 0, "weight": 1, "costs": 0, "minutes": 1, "value": 0.5, "p": 0.5,
    "ask": False, "kind": "talk", "axis": True, "facets": [], "reveals": [], "remember": {}, "reply": [], "after": [],
    "lines": _LINES, "source": ["own"], "service": "retail", "stakes": "low", "budget": 1, "price": 0.01,
    "questions": ["…", "…", "…"], "tomorrow": "…", "toward": "task",
    "argument": {"title": "…", "text": "…", "source": "own"}, "counter": {"title": "…", "text": "…", "source": "own"},
}  # fmt: skip
_NAMES = [
    (key,) for key in ("scenes", "endings", "facts", "memory", "speakers")
]  # without them every name would be wrong
_OPTIONAL = ("when", "given", "design", "asks", "toward", "prompt", "notice", "target")


def mended(data: Mapping[str, Any], wrong: Sequence[tuple[KeyPath, Mapping[str, Any]]]) -> Case | None:
    """The case with something right where each part is wrong; None where there is no mending it.

    ``wrong`` has the path of each mistake in the file, of what is missing there, too, with pydantic's error.
    """
    whole = copy.deepcopy(dict(data))
    for _ in range(_ROUNDS):
        for path, _ in wrong:
            if path in _NAMES or not path or not _replaced(whole, path):
                return None
        try:
            return Case.model_validate(whole)
        except ValidationError as error:
            before, wrong = wrong, [(_known(item["loc"], whole), item) for item in error.errors(include_url=False)]
            if [path for path, _ in wrong] == [path for path, _ in before]:
                wrong = [(path[:-1], item) for path, item in wrong]  # what stands above it, then
    return None


def _known(loc: KeyPath, data: Any) -> KeyPath:
    """As much of pydantic's path as the data have, with the key that is missing at its end."""
    path: list[str | int] = []
    for number, part in enumerate(loc):
        if (isinstance(data, dict) and part in data) or (isinstance(data, list) and part in range(len(data))):
            data = data[part]
            path.append(part)
        elif number == len(loc) - 1 and isinstance(data, dict) and part != "[key]":
            path.append(part)
    return tuple(path)


def _replaced(whole: dict[str, Any], path: KeyPath) -> bool:
    """Put something right at a path; False where nothing can be told of what that is."""
    *above, key = path
    part: Any = whole
    for step in above:
        if not ((isinstance(part, dict) and step in part) or (isinstance(part, list) and step in range(len(part)))):
            return True  # has gone with another mistake
        part = part[step]
    if not isinstance(part, dict):
        return _replaced(whole, tuple(above)) if above else False
    of = above[-1] if above else ""
    right = _stand_in(whole, str(key), str(of), part.get(key))
    if right is not None:
        part[key] = right
    elif key in _STAND_INS and of not in ("scenes", "endings", "options", "facts", "values", "speakers"):
        part[key] = _STAND_INS[key]  # null is right
    else:
        part.pop(key, None)
    return True


def _stand_in(whole: Mapping[str, Any], key: str, of: str, part: Any) -> Any:
    """Something right for a key below another; None where the key had better go."""
    endings = whole.get("endings")
    place = next(iter(endings), "") if isinstance(endings, dict) else ""
    option = {"text": "…", "because": "…", "position": None, "goto": place}
    inside = {
        "scenes": {"title": "…", "lines": _LINES, "options": {"a": option}},
        "endings": {"title": "…", "lines": _LINES, "mood": "…", "value": 0.5},
        "options": option,
        "facts": _fact(part),
        "values": {"label": "…"},
        "speakers": "…",
    }
    if of in inside:
        return inside[of]
    if key in ("goto", "leaves"):
        return place
    if key == "patience":
        return {"budget": 1, "label": "…", "last": "…", "leaves": place}
    if key in ("id", "client", "start"):
        named = {"id": "a", "client": whole.get("speakers"), "start": whole.get("scenes")}[key]
        return next(iter(named), "a") if isinstance(named, dict) and named else "a"
    if key in _OPTIONAL:
        return None
    return copy.deepcopy(_STAND_INS.get(key))


def _fact(part: Any) -> dict[str, Any]:
    """A fact with the values that were named."""
    values = part.get("values") if isinstance(part, dict) else None
    names = [*values] if isinstance(values, dict) and len(values) > 1 else ["a", "b"]
    return {"label": "…", "values": {name: {"p": 1 / len(names), "label": "…"} for name in names}}
