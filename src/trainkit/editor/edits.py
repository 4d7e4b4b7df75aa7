"""Edits by name: what an author does to a case in one go. Each gives a new document and leaves the old as it was.

What comes in may come from a browser: a path that leads nowhere, or a value of another kind, is refused and changes nothing.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from trainkit.editor import beside_case, chances, parts
from trainkit.editor.document import Document, changed_at, left_as_it_is, translated, with_case
from trainkit.editor.names import checked_name, free_name
from trainkit.editor.renaming import renamed
from trainkit.editor.text_ids import speaker_of
from trainkit.editor.tree import at, inserted, order_of, placed, put, without
from trainkit.errors import N_, KeyPath, Refused

MAX_TEXT = 20_000
MAX_VALUE = 40_000  # characters of a value as JSON

WRONG_KIND = N_("This can’t stand in {part}.")
_KINDS: Mapping[str, type] = {
    **dict.fromkeys(("context", "speakers", "patience", "facts", "memory", "scenes", "endings", "debrief"), dict),
    **dict.fromkeys(("options", "values", "when", "remember", "argument", "counter"), dict),
    **dict.fromkeys(("lines", "reply", "after", "questions", "reveals", "facets", "source"), list),
}  # of parts that hold others
_NAMED = ("speakers", "facts", "memory", "scenes", "endings", "options", "values", "remember", "p")

Edit = Callable[..., Document]


def set_value(doc: Document, path: KeyPath, value: Any) -> Document:
    """Set a text, a number, a flag, a list of rules; a key that isn't there yet comes to stand where the format has it."""
    _refuse_large(value)
    if not path:
        raise Refused("a part of the case must be named")
    value = _clean(value)
    if not isinstance(value, _KINDS.get(str(path[-1]), object)) and not (len(path) > 1 and path[-2] in _NAMED):
        raise Refused(WRONG_KIND, part=str(path[-1]))
    before = at(doc["case"], path, None)
    if _is_rules(before) and _is_rules(value) and len(before) != len(value):
        return with_case(doc, put(doc["case"], path, value), _same_place)
    if isinstance(before, list) != isinstance(value, list) and _is_rules(before if isinstance(before, list) else value):
        return _by_rules(doc, path, before, value)
    return changed_at(doc, path, value, order_of(path))


def clear(doc: Document, path: KeyPath) -> Document:
    """Take an optional key away; harmless where there is none."""
    if at(doc["case"], path, None) is None and path[-1] not in (at(doc["case"], path[:-1], None) or {}):
        return doc
    return with_case(doc, without(doc["case"], path), _same_place)


def leave(doc: Document, path: KeyPath) -> Document:
    """Leave a gap as it is: what stands there is right."""
    at(doc["case"], path)
    return left_as_it_is(doc, path)


def add_scene(doc: Document, after: str = "", title: str = "") -> Document:
    """Add a scene with a line and two replies that lead nowhere yet, behind another or at the end."""
    case = doc["case"]
    scenes = at(case, ("scenes",))
    name = free_name("scene", {**scenes, **at(case, ("endings",), {})})
    place = list(scenes).index(after) + 1 if after in scenes else len(scenes)
    new = placed({**scenes, name: parts.scene(case, _clean(title))}, name, place)
    return changed_at(doc, ("scenes",), new)


def add_ending(doc: Document, title: str = "") -> Document:
    """Add an ending without words."""
    case = doc["case"]
    endings = at(case, ("endings",))
    name = free_name("ending", {**at(case, ("scenes",), {}), **endings})
    return changed_at(doc, ("endings",), {**endings, name: parts.ending(_clean(title))})


def add_option(doc: Document, scene: str) -> Document:
    """Add a reply without words at the end of a scene; a question where only questions stand."""
    part = at(doc["case"], ("scenes", scene))
    options = part.get("options") or {}
    name = free_name("reply", options)
    new = {**part, "options": {**options, name: parts.option(part)}}
    new.pop("goto", None)  # a passage becomes a scene
    if "title" not in new:
        new = {"title": "", **new}
    return changed_at(doc, ("scenes", scene), put(new, ("options",), new["options"]))


def add_line(doc: Document, path: KeyPath, number: int | None = None, speaker: str = "") -> Document:
    """Add a line to ``lines``, ``reply`` or ``after``, at a place or at the end; who speaks is guessed if not said."""
    lines = at(doc["case"], path, None)
    if lines is None:
        doc = changed_at(doc, path, [], order_of(path))
        lines = []
    if not isinstance(lines, list):
        raise Refused("lines are a list")
    number = len(lines) if number is None else number
    line = {speaker or parts.next_speaker(doc["case"], lines[:number]): ""}
    return _in_list(doc, path, inserted(doc["case"], (*path, number), line), lambda n: n + (n >= number))


def set_line(doc: Document, path: KeyPath, speaker: str) -> Document:
    """Let somebody else speak a line."""
    line = at(doc["case"], path)
    said = speaker_of(line)
    if said is None or said == "text":
        raise Refused("this line can't be changed here; change it in the file")
    new = {speaker if key == said else key: value for key, value in line.items()}
    return with_case(doc, put(doc["case"], path, new), _renamed_at(path, said, speaker))


def add_item(doc: Document, path: KeyPath, value: Any) -> Document:
    """Add an item at the end of a list: a question for the room, words for tomorrow, a rule."""
    _refuse_large(value)
    items = at(doc["case"], path, [])
    if not isinstance(items, list):
        items = [{"value": items}] if path[-1] != "tomorrow" else [{"text": items}]
    return changed_at(doc, path, [*items, _clean(value)], order_of(path))


def add_rule(doc: Document, path: KeyPath, when: Any, value: Any = None) -> Document:
    """Let a value be another under a condition: a rule before all that hold otherwise."""
    before = at(doc["case"], path, None)
    rules = before if _is_rules(before) else [{"value": before}]
    fresh = rules[-1].get("value") if value is None else value
    return set_value(doc, path, [*rules[:-1], {"when": when, "value": fresh}, rules[-1]])


def add_fact(doc: Document) -> Document:
    """Add a fact with two values, equally likely, without words."""
    case = doc["case"]
    facts = at(case, ("facts",), {})
    name = free_name("fact", {**facts, **at(case, ("memory",), {})})
    return changed_at(doc, ("facts",), {**facts, name: parts.fact()}, order_of(("facts",)))


def add_value(doc: Document, fact: str) -> Document:
    """Add a value to a fact; where all were equally likely, all are again."""
    at(doc["case"], ("facts", fact))
    return changed_at(doc, ("facts",), chances.with_value(doc["case"]["facts"], fact))


def even(doc: Document, fact: str) -> Document:
    """Make all values of a fact equally likely."""
    part = at(doc["case"], ("facts", fact))
    return changed_at(doc, ("facts", fact), chances.evenly(part))


def assign(doc: Document, fact: str, on: bool) -> Document:
    """Make a fact an experimental condition, assigned and known from the start, or one that is drawn."""
    part = at(doc["case"], ("facts", fact))
    return changed_at(doc, ("facts", fact), chances.assigned(part, bool(on)))


def depend(doc: Document, fact: str, on: str) -> Document:
    """Let the chances of a fact depend on another fact, or on none."""
    facts = at(doc["case"], ("facts",))
    if at(facts, (fact,)).get("design") or (on and on not in chances.may_depend_on(facts, fact)):
        raise Refused("the chances of a fact depend on another one that doesn't depend on it")
    return changed_at(doc, ("facts",), chances.depending(facts, fact, on))


def add_memory(doc: Document) -> Document:
    """Add something that the story remembers of what was said: no at first, yes once a reply says so."""
    case = doc["case"]
    kept = at(case, ("memory",), {})
    name = free_name("memory", {**kept, **at(case, ("facts",), {})})
    return changed_at(doc, ("memory",), {**kept, name: ["no", "yes"]}, order_of(("memory",)))


def set_memory(doc: Document, name: str, values: str) -> Document:
    """Set the values of a memory, as an author types them: names with commas between; the first is where it begins."""
    said = [checked_name(value) for value in values.split(",") if value.strip()]
    at(doc["case"], ("memory", name))
    return changed_at(doc, ("memory", name), list(dict.fromkeys(said)))


def add_speaker(doc: Document, name: str = "") -> Document:
    """Add somebody who talks."""
    speakers = at(doc["case"], ("speakers",), {})
    key = free_name("person", speakers)
    return changed_at(doc, ("speakers",), {**speakers, key: _clean(name)}, order_of(("speakers",)))


def add_patience(doc: Document) -> Document:
    """Let questions cost patience; the client leaves at the last ending."""
    leaves = next(reversed(at(doc["case"], ("endings",))), "")
    return changed_at(doc, ("patience",), parts.patience(leaves), order_of(("patience",)))


def delete(doc: Document, path: KeyPath) -> Document:
    """Take a part away: a scene, an ending, a reply, a line, a rule. What led to it or read it stays, and is told of."""
    if len(path) < 2:
        raise Refused("this part of a case can't be deleted")
    case = doc["case"]
    at(case, path)
    *above, key = path
    if isinstance(key, int):
        rules = at(case, tuple(above))
        if _is_rules(rules) and len(rules) == 2:  # what is left holds always
            return set_value(doc, tuple(above), rules[1 - key].get("value"))
        return _in_list(doc, tuple(above), without(case, path), lambda n: None if n == key else n - (n > key))
    case = without(case, path)
    if path[0] == "facts" and path[2:3] == ("values",) and len(path) == 4:
        case = put(case, ("facts",), chances.without_column(case["facts"], str(path[1]), str(key)))
    return with_case(doc, case, lambda one: None if one[: len(path)] == path else one)


def move(doc: Document, path: KeyPath, by: int) -> Document:
    """Move a scene, an ending, a reply, a line or a rule among those beside it."""
    *above, key = path
    holder = at(doc["case"], tuple(above))
    at(holder, (key,))
    if isinstance(holder, Mapping):
        return changed_at(doc, tuple(above), placed(holder, str(key), list(holder).index(key) + by))
    to = min(max(0, int(key) + by), len(holder) - 1)
    order = [n for n in range(len(holder)) if n != key]
    order.insert(to, int(key))
    new = put(doc["case"], tuple(above), [holder[n] for n in order])
    return _in_list(doc, tuple(above), new, order.index)


def move_option(doc: Document, scene: str, option: str, to: str) -> Document:
    """Move a reply to another scene, to its end; there it keeps its id if that is free."""
    case = doc["case"]
    old: KeyPath = ("scenes", scene, "options", option)
    moved, there = at(case, old), at(case, ("scenes", to))
    if to == scene:
        return doc
    options = there.get("options") or {}
    name = option if option not in options else free_name("reply", options)
    case = without(case, old)
    target = {key: value for key, value in there.items() if key != "goto"}
    case = put(case, ("scenes", to), put(target, ("options",), {**options, name: moved}, order_of(("scenes", to, "x"))))
    new: KeyPath = ("scenes", to, "options", name)
    return with_case(doc, case, lambda one: (*new, *one[4:]) if one[:4] == old else one)


def copy_option(doc: Document, scene: str, option: str) -> Document:
    """Put a second reply like this one behind it."""
    options = at(doc["case"], ("scenes", scene, "options"))
    name = free_name("reply", options)
    new = placed({**options, name: at(options, (option,))}, name, list(options).index(option) + 1)
    return changed_at(doc, ("scenes", scene, "options"), new)


def translate(doc: Document, lang: str, key: str, text: str) -> Document:
    """Set the translation of a text; setting the same again says that it fits the present source."""
    return translated(doc, lang, key, _clean(text))


def begin(doc: Document, case: Any) -> Document:
    """Begin a case in an empty folder, or with another one's text."""
    if doc["case"]:
        raise Refused("the case has been begun already")
    if not isinstance(case, Mapping):
        raise Refused("a case is a mapping of keys to values")
    return {**doc, "case": _clean(case)}


def several(doc: Document, edits: list) -> Document:
    """Some edits as one."""
    if not isinstance(edits, list) or len(edits) > 50:
        raise Refused("some edits are a list")
    for one in edits:
        doc = edit(doc, one)
    return doc


EDITS: Mapping[str, Edit] = {
    "set": set_value, "clear": clear, "add_scene": add_scene, "add_ending": add_ending, "add_option": add_option,
    "add_line": add_line, "set_line": set_line, "add_item": add_item, "add_rule": add_rule, "add_fact": add_fact,
    "add_value": add_value, "even": even, "add_memory": add_memory, "set_memory": set_memory, "add_speaker": add_speaker,
    "add_patience": add_patience, "delete": delete, "move": move, "move_option": move_option, "copy_option": copy_option,
    "assign": assign, "depend": depend, "add_walk": beside_case.add_walk, "delete_walk": beside_case.delete_walk,
    "accept": beside_case.accept, "take_back": beside_case.take_back,
    "rename": renamed, "translate": translate, "several": several, "leave": leave, "begin": begin,
}  # fmt: skip


def edit(doc: Document, wanted: Mapping[str, Any]) -> Document:
    """The document after an edit ``{"do": name, …}``, e.g. ``{"do": "set", "path": ["title"], "value": "Да"}``.

    Raises
    ------
    Refused
        If there is no such edit, it is of another kind, or what it is about isn't there any more; nothing is changed then.
    """
    arguments = dict(wanted) if isinstance(wanted, Mapping) else {}
    name = arguments.pop("do", "")
    found = EDITS.get(name) if isinstance(name, str) else None
    if found is None:
        raise Refused(f"there is no such edit: {str(name)[:60]}")
    if "path" in arguments:
        arguments["path"] = _path(arguments["path"])
    try:
        return found(doc, **arguments)
    except (TypeError, AttributeError, KeyError, ValueError, IndexError) as error:
        raise Refused(f"this edit can't be made here ({name})") from error


def _path(path: Any) -> KeyPath:
    if not isinstance(path, list | tuple) or len(path) > 40:
        raise Refused("a path is a list of keys")
    if not all(isinstance(key, str | int) and not isinstance(key, bool) for key in path):
        raise Refused("a path is a list of keys")
    return tuple(path)


def _clean(value: Any) -> Any:
    """Texts without what can't be seen, as a file can hold it."""
    if isinstance(value, str):
        return "".join(c for c in value[:MAX_TEXT] if c.isprintable() or c == "\n")
    if isinstance(value, Mapping):
        return {_clean(str(key)): _clean(inner) for key, inner in value.items()}
    return [_clean(inner) for inner in value] if isinstance(value, list | tuple) else value


def _refuse_large(value: Any) -> None:
    try:
        size = len(json.dumps(value, allow_nan=False))
    except (ValueError, TypeError, RecursionError):
        raise Refused("this can't be a value in a case") from None
    if size > MAX_VALUE:
        raise Refused(f"a part of a case has at most {MAX_VALUE:,} characters")


def _is_rules(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) and "value" in one for one in value)


def _by_rules(doc: Document, path: KeyPath, before: Any, value: Any) -> Document:
    """A plain value gives place to a list of rules, or the other way; what holds always keeps its translation."""
    case = put(doc["case"], path, value, order_of(path))
    if isinstance(value, list):
        last: KeyPath = (*path, len(value) - 1, "value")
        return with_case(doc, case, lambda one: last if one == path else one)
    last = (*path, len(before) - 1, "value")
    return with_case(doc, case, lambda one: path if one == last else None if one[: len(path)] == path else one)


def _same_place(path: KeyPath) -> KeyPath:
    return path


def _in_list(doc: Document, path: KeyPath, case: Any, number: Callable[[int], int | None]) -> Document:
    """A list with its items elsewhere: ``number`` says where each is now."""

    def moved(one: KeyPath) -> KeyPath | None:
        if one[: len(path)] != path or len(one) == len(path):
            return one
        now = number(one[len(path)])
        return None if now is None else (*path, now, *one[len(path) + 1 :])

    return with_case(doc, case, moved)


def _renamed_at(path: KeyPath, old: str, new: str) -> Callable[[KeyPath], KeyPath]:
    return partial(_with_name, (*path, old), new)


def _with_name(old: KeyPath, new: str, one: KeyPath) -> KeyPath:
    return (*old[:-1], new, *one[len(old) :]) if one[: len(old)] == old else one
