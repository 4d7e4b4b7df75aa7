"""A name that is used in many places becomes another one in all of them: case, translations, walks, accepted warnings."""

from collections.abc import Callable, Mapping
from typing import Any

from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import NARRATOR, PLAYER
from trainkit.editor.document import Document, with_case
from trainkit.editor.names import checked_name
from trainkit.editor.text_ids import speaker_of
from trainkit.editor.tree import at, put, renamed_key
from trainkit.engine.attempt import back, start
from trainkit.errors import N_, CaseError, KeyPath, Refused, TrainkitError, shown
from trainkit.files.case_errors import case_from_data

TAKEN = N_("The name {name} is taken.")
KINDS = ("scenes", "endings", "options", "facts", "values", "speakers", "memory")
_RULED = ("text", "because", "position", "fit", "target", "effect", "goto", "mood", "value")


def renamed(doc: Document, path: KeyPath, name: str) -> Document:
    """Call a scene, an ending, a reply, a fact, one of its values, a speaker or a memory otherwise, wherever it is named.

    Raises
    ------
    Refused
        If the new name is taken.
    TrainkitError
        If it is no name.
    """
    new, case = checked_name(name), doc["case"]
    *above, old = path
    kind = str(above[-1]) if above else ""
    holder = at(case, tuple(above))
    if kind not in KINDS or not isinstance(holder, Mapping):
        raise Refused("this part has no name of its own")
    at(holder, (old,))
    if new == old:
        return doc
    if new in _taken(case, kind, holder):
        raise Refused(TAKEN, name=shown(new))
    old = str(old)
    case = put(case, tuple(above), renamed_key(holder, old, new))
    case = _NAMED[kind](case, path, old, new)
    walks = _answers(doc, path, new) if kind == "options" else _walks(doc["walks"], kind, path, old, new)
    doc = {**with_case(doc, case, lambda one: _path(path, new, one)), "walks": walks}
    return {**doc, "accepted": _accepted(doc["accepted"], path, new)}


def _taken(case: Any, kind: str, holder: Mapping) -> set[str]:
    others = {"scenes": "endings", "endings": "scenes", "facts": "memory", "memory": "facts"}
    kept = {"options": {"back"}, "speakers": {NARRATOR, PLAYER, "when", "text", "speaker"}, "values": {UNKNOWN}}
    return {*holder, *at(case, (others.get(kind, kind),), {}), *kept.get(kind, ())}


def _path(path: KeyPath, new: str, one: KeyPath) -> KeyPath:
    """Where a path leads now; the speaker of a line is in it, too."""
    if path[0] == "speakers" and len(one) > 2 and path[-1] in one[2:] and _after_number(one, str(path[-1])):
        one = tuple(new if key == path[-1] and n and isinstance(one[n - 1], int) else key for n, key in enumerate(one))
    return (*path[:-1], new, *one[len(path) :]) if one[: len(path)] == path else one


def _after_number(one: KeyPath, name: str) -> bool:
    return any(key == name and n and isinstance(one[n - 1], int) for n, key in enumerate(one))


# ---- where names of a kind are used ---------------------------------------------------------------------------

Part = Any
Mend = Callable[[Part], Part]


def _place(case: Any, _path: KeyPath, old: str, new: str) -> Any:
    def rules(value: Any) -> Any:
        return _each_value(value, lambda one: new if one == old else one)

    def scene(part: Any) -> Any:
        part = _with(part, "goto", rules)
        return _with(part, "options", lambda options: _values(options, lambda one: _with(one, "goto", rules)))

    case = _with(case, "scenes", lambda scenes: _values(scenes, scene))
    case = _with(case, "start", lambda start: new if start == old else start)
    return _with(case, "patience", lambda part: _with(part, "leaves", lambda one: new if one == old else one))


def _fact(case: Any, _path: KeyPath, old: str, new: str) -> Any:
    def condition(when: Mapping) -> Any:
        return renamed_key(when, old, new)

    def option(part: Any) -> Any:
        part = _with(part, "reveals", lambda names: [new if name == old else name for name in names])
        return _with(part, "remember", condition)

    case = _conditions(case, condition)
    case = _with(
        case, "scenes", lambda all_: _values(all_, lambda s: _with(s, "options", lambda o: _values(o, option)))
    )
    case = _with(
        case, "facts", lambda facts: _values(facts, lambda one: _with(one, "given", lambda g: new if g == old else g))
    )
    return _tomorrow(case, lambda line: _with(line, "asks", lambda name: new if name == old else name))


def _value(case: Any, path: KeyPath, old: str, new: str) -> Any:
    fact = path[1]

    def names(value: Any) -> Any:
        if isinstance(value, list):
            return [new if _word(one) == old else one for one in value]
        return new if _word(value) == old else value

    def given(part: Any) -> Any:
        if not isinstance(part, Mapping) or part.get("given") != fact:
            return part
        table = lambda p: renamed_key(p, old, new) if isinstance(p, Mapping) else p  # noqa: E731
        return _with(part, "values", lambda values: _values(values, lambda one: _with(one, "p", table)))

    case = _conditions(case, lambda when: {name: names(v) if name == fact else v for name, v in when.items()})
    return _with(case, "facts", lambda facts: _values(facts, given))


def _word(value: Any) -> Any:
    """``true`` and numbers stand for names, as the format has it."""
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else value


def _speaker(case: Any, _path: KeyPath, old: str, new: str) -> Any:
    def line(part: Any) -> Any:
        said = speaker_of(part)
        if said == "text":
            return _with(part, "speaker", lambda one: new if one == old else one)
        return renamed_key(part, old, new) if said == old else part

    case = _lines(case, line)
    return _with(case, "client", lambda one: new if one == old else one)


def _option(case: Any, _path: KeyPath, _old: str, _new: str) -> Any:
    return case


_NAMED: Mapping[str, Callable[[Any, KeyPath, str, str], Any]] = {
    "scenes": _place, "endings": _place, "options": _option, "facts": _fact, "memory": _fact, "values": _value,
    "speakers": _speaker,
}  # fmt: skip


# ---- walking over what an author wrote, whole or not -----------------------------------------------------------


def _with(part: Any, key: str, mend: Mend) -> Any:
    if not isinstance(part, Mapping) or part.get(key) is None:
        return part
    try:
        new = mend(part[key])
    except (TypeError, AttributeError):  # not what the format has there
        return part
    return part if new is part[key] else {**part, key: new}


def _values(entries: Any, mend: Mend) -> Any:
    if not isinstance(entries, Mapping):
        return entries
    return {name: mend(value) for name, value in entries.items()}


def _each_value(value: Any, mend: Mend) -> Any:
    if isinstance(value, list):
        return [_with(rule, "value", mend) for rule in value]
    return mend(value)


def _lines(case: Any, mend: Mend) -> Any:
    def listed(lines: Any) -> Any:
        return [mend(line) for line in lines] if isinstance(lines, list) else lines

    def scene(part: Any) -> Any:
        part = _with(part, "lines", listed)
        return _with(part, "options", lambda options: _values(options, lambda one: _with(one, "reply", listed)))

    def ending(part: Any) -> Any:
        return _with(_with(part, "lines", listed), "after", listed)

    case = _with(case, "scenes", lambda scenes: _values(scenes, scene))
    return _with(case, "endings", lambda endings: _values(endings, ending))


def _tomorrow(case: Any, mend: Mend) -> Any:
    def lines(value: Any) -> Any:
        return [mend(line) for line in value] if isinstance(value, list) else value

    return _with(case, "debrief", lambda part: _with(part, "tomorrow", lines))


def _conditions(case: Any, mend: Mend) -> Any:
    """Every condition of a case mended."""

    def rules(value: Any) -> Any:
        return [_with(rule, "when", mend) for rule in value] if isinstance(value, list) else value

    def line(part: Any) -> Any:
        part, said = _with(part, "when", mend), speaker_of(part)
        return _with(part, said, rules) if said else part

    def ruled(part: Any) -> Any:
        for key in _RULED:
            part = _with(part, key, rules)
        return part

    def scene(part: Any) -> Any:
        part = ruled(part)
        return _with(part, "options", lambda options: _values(options, lambda one: _with(ruled(one), "when", mend)))

    case = _lines(case, line)
    case = _with(case, "context", ruled)
    case = _with(case, "scenes", lambda scenes: _values(scenes, scene))
    case = _with(case, "endings", lambda endings: _values(endings, ruled))
    return _tomorrow(case, lambda part: _with(part, "when", mend))


# ---- the other files ------------------------------------------------------------------------------------------


def _walks(walks: Any, kind: str, path: KeyPath, old: str, new: str) -> Any:
    def walk(part: Any) -> Any:
        if kind == "endings":
            return _with(part, "ending", lambda one: new if one == old else one)
        if kind == "facts":
            return _with(part, "set", lambda one: renamed_key(one, old, new))
        if kind == "values":
            fact = path[1]
            return _with(part, "set", lambda one: _with(one, str(fact), lambda v: new if _word(v) == old else v))
        return part

    return _values(walks, walk)


def _answers(doc: Document, path: KeyPath, new: str) -> Any:
    """The walks with a reply's new name where it was given in its scene; a walk is played to see where that is."""
    _, scene, _, old = path
    try:
        case = case_from_data(doc["case"])
    except CaseError:
        return doc["walks"]

    def walk(part: Any) -> Any:
        answers = part.get("answers") if isinstance(part, Mapping) else None
        if not isinstance(answers, list) or old not in answers:
            return part
        said: list[Any] = []
        try:
            fixed = {name: str(_word(value)) for name, value in (part.get("set") or {}).items()}
            attempt = start(case, part.get("seed", 0), fixed)
            for answer in answers:
                said.append(new if answer == old and attempt.state.place == scene else answer)
                attempt = back(attempt) if answer == "back" else attempt.choose(answer)
        except (TrainkitError, AttributeError, TypeError):
            return part
        return {**part, "answers": said}

    return _values(doc["walks"], walk)


def _accepted(entries: Any, path: KeyPath, new: str) -> Any:
    if not isinstance(entries, list):
        return entries
    old = ".".join(map(str, path))
    now = ".".join(map(str, (*path[:-1], new)))

    def place(dotted: Any) -> Any:
        if not isinstance(dotted, str) or not f"{dotted}.".startswith(f"{old}."):
            return dotted
        return now + dotted[len(old) :]

    return [_with(entry, "at", place) for entry in entries]
