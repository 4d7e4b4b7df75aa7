"""What can be picked from each list of the form? Every entry is a whole edit, or something to be opened."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import NARRATOR, PLAYER
from trainkit.editor.tree import at
from trainkit.errors import KeyPath
from trainkit.i18n import catalog
from trainkit.notebook import form_words

SHARES = (0, 5, 10, 15, 20, 25, 30, 33, 34, 35, 40, 45, 50, 55, 60, 65, 66, 67, 70, 75, 80, 85, 90, 95, 100)
MINUTES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)

Path = Sequence[str | int]


class Pick(NamedTuple):
    """An entry of a list to pick from: its words, the edit it makes, whether it is picked."""

    label: str
    edit: str
    on: bool = False


class Row(NamedTuple):
    """One name of a condition: which, and which values of it."""

    names: tuple[Pick, ...]
    values: tuple[Pick, ...]
    chips: tuple[Pick, ...]  # several values at once
    delete: str


class Part(dict):
    """A part of a case, whole or not, for templates: a key that isn't there is None."""

    def __missing__(self, key: str) -> None:
        return None


class Picks:
    """Lists to pick from, of a case that may still have gaps."""

    def __init__(self, case: Mapping[str, Any], lang: str):
        self.case, self.lang = case, lang
        self.gettext = catalog(lang).gettext

    # ---- what is where, and edits of it ----------------------------------------------------------------------

    def at(self, *path: str | int, default: Any = None) -> Any:
        """A part of the case; ``default`` where there is none."""
        return at(self.case, path, default)

    def part(self, *path: str | int) -> Part:
        """A mapping of the case, in which what isn't there is None."""
        found = at(self.case, path, {})
        return Part(found if isinstance(found, Mapping) else {})

    def names(self, kind: str, *path: str | int) -> list[str]:
        """Names of the parts of a kind."""
        found = at(self.case, (*path, kind), {})
        return list(found) if isinstance(found, Mapping) else []

    def title(self, name: str) -> str:
        """A scene or an ending, as the form calls it."""
        return form_words.place(self.case, name, self.lang)

    def edit(self, do: str, **arguments: Any) -> str:
        """An edit as JSON."""
        return json.dumps({"do": do, **arguments}, ensure_ascii=False)

    def set(self, path: Path, value: Any) -> str:
        """The edit that sets a value."""
        return self.edit("set", path=list(path), value=value)

    def clear(self, path: Path) -> str:
        """The edit that takes a key away."""
        return self.edit("clear", path=list(path))

    def field(self, path: Path) -> str:
        """The edit whose value a field gives."""
        return self.edit("set", path=list(path))

    def ui(self, **what: Any) -> str:
        """Something to be opened, as JSON."""
        return json.dumps({"ui": what}, ensure_ascii=False)

    def leads(self, name: str, path: Path) -> str:
        """Where the open reply leads: a place there is, or ``new scene`` and ``new ending``."""
        return self.ui(leads=name, path=list(path))

    # ---- lists -------------------------------------------------------------------------------------------------

    def choices(self, path: Path, pairs: Sequence[tuple[Any, str]]) -> list[Pick]:
        """Values with their words; one that isn't among them stands first."""
        value = at(self.case, tuple(path), None)
        found = [Pick(said, self.set(path, one), one == value) for one, said in pairs]
        return (
            found
            if any(pick.on for pick in found)
            else [Pick(str(value or self.gettext("not said")), "", True), *found]
        )

    def numbers(self, low: int, high: int) -> list[tuple[int, str]]:
        """Whole numbers."""
        return [(number, str(number)) for number in range(low, high + 1)]

    def minutes(self) -> list[tuple[int, str]]:
        """Minutes a run may take."""
        return [(number, str(number)) for number in MINUTES]

    def sources(self) -> list[tuple[str, str]]:
        """Where an argument may be from: the author's own, or an article by its number."""
        return [("own", self.gettext("my own")), *[(f"00{number}", f"00{number}") for number in range(5)]]

    def weights(self) -> list[tuple[float, str]]:
        """What a scene may count."""
        return [(0.5, self.gettext("half")), (1.0, self.gettext("as any other")), (2.0, self.gettext("double"))]

    def no_weight(self, path: Path) -> list[Pick]:
        """What a scene without a weight of its own could count."""
        entries = [Pick(said, self.set([*path, "weight"], weight)) for weight, said in self.weights() if weight != 1.0]
        return [Pick(self.gettext("as any other"), "", True), *entries]

    def shares(self, path: Path) -> list[Pick]:
        """Chances."""
        return self.choices(path, [(share / 100, f"{share} %") for share in SHARES])

    def scenes_by_title(self) -> list[tuple[str, str]]:
        """Scenes that a case may begin with."""
        return [(name, self.title(name)) for name in self.names("scenes") if self.names("options", "scenes", name)]

    def endings_by_title(self) -> list[tuple[str, str]]:
        """Endings."""
        return [(name, self.title(name)) for name in self.names("endings")]

    def who(self, path: Path, speaker: str) -> list[Pick]:
        """Who may speak a line."""
        known = list(dict.fromkeys([NARRATOR, *self.names("speakers"), PLAYER, speaker]))
        return [
            Pick(
                form_words.speaker(self.case, name, self.lang),
                self.edit("set_line", path=list(path), speaker=name),
                name == speaker,
            )
            for name in known
        ]

    def seen_if(self, path: Path) -> list[Pick]:
        """Under which condition a reply that is always seen could be seen."""
        entries = [Pick(self.gettext("always"), "", True)]
        for name in self.readable():
            first = self.values_of(name)
            when = {name: first if name in self.names("facts") else first[:1]}
            entries.append(Pick(f"{form_words.fact(self.case, name)} …", self.set([*path, "when"], when)))
        return entries

    def reveals(self, path: Path) -> list[Pick]:
        """What a reply reveals."""
        now = [str(name) for name in at(self.case, (*path, "reveals"), None) or []]
        entries = [Pick(self.gettext("nothing"), self.clear([*path, "reveals"]), not now)]
        for name in self.names("facts"):
            if not at(self.case, ("facts", name, "design"), False):
                entries.append(Pick(form_words.fact(self.case, name), self._revealing(path, [name]), now == [name]))
        if not any(entry.on for entry in entries):
            entries.append(Pick(" + ".join(form_words.fact(self.case, name) for name in now), "", True))
        return entries

    def reveals_each(self, path: Path) -> list[Pick]:
        """Each fact, to be revealed by a reply or not."""
        now = [str(name) for name in at(self.case, (*path, "reveals"), None) or []]
        found = []
        for name in self.names("facts"):
            rest = [one for one in now if one != name] if name in now else [*now, name]
            edit = self._revealing(path, rest) if rest else self.clear([*path, "reveals"])
            found.append(Pick(form_words.fact(self.case, name), edit, name in now))
        return found

    def costs(self, path: Path) -> list[Pick]:
        """What a reply costs of the client's patience; picking it brings patience into a case that has none."""
        now = at(self.case, (*path, "costs"), 0) or 0
        entries = [Pick(self.gettext("costs none"), self.clear([*path, "costs"]), now == 0)]
        for cost in sorted({1, 2, 3, now} - {0}) if isinstance(now, int) else (1, 2, 3):
            wanted = {"do": "set", "path": [*path, "costs"], "value": cost}
            edit = (
                json.dumps(wanted)
                if self.at("patience")
                else self.edit("several", edits=[{"do": "add_patience"}, wanted])
            )
            entries.append(Pick(self.gettext("costs {n}").format(n=cost), edit, cost == now))
        return entries

    def _revealing(self, path: Path, names: list[str]) -> str:
        """The edit that lets a reply reveal facts; where questions stand it becomes one, unless it leads somewhere else."""
        wanted: dict[str, Any] = {"do": "set", "path": [*path, "reveals"], "value": names}
        part = self.part(*path)
        asking = self.at("scenes", path[1], "kind") == "inquiry" and not part["ask"]
        if not asking or part["goto"] not in (None, "", path[1]):
            return json.dumps(wanted, ensure_ascii=False)
        return self.edit("several", edits=[wanted, *self._asking(path)])

    def asks(self, path: Path) -> str:
        """The edit that makes a question of a reply: one is back in its scene after it."""
        return self.edit("several", edits=self._asking(path))

    def _asking(self, path: Path) -> list[dict[str, Any]]:
        edits = [{"do": "set", "path": [*path, "ask"], "value": True}]
        if at(self.case, (*path, "goto"), None) in (None, ""):
            edits.append({"do": "set", "path": [*path, "goto"], "value": path[1]})
        if self.at("patience") and not at(self.case, (*path, "costs"), 0):
            edits.append({"do": "set", "path": [*path, "costs"], "value": 1})
        return edits

    def remembers(self, path: Path, memory: str) -> list[Pick]:
        """What of a memory a reply sets."""
        kept = at(self.case, (*path, "remember"), None) or {}
        rest = {name: value for name, value in kept.items() if name != memory}
        entries = [
            Pick(
                self.gettext("leaves it"),
                self.set([*path, "remember"], rest) if rest else self.clear([*path, "remember"]),
                memory not in kept,
            )
        ]
        for value in self.values_of(memory):
            entries.append(
                Pick(value, self.set([*path, "remember"], {**rest, memory: value}), str(kept.get(memory)) == value)
            )
        return entries

    def other_scenes(self, scene: str, option: str) -> list[Pick]:
        """Scenes that a reply may be moved to."""
        entries = [Pick(self.gettext("stays here"), "", True)]
        for name in self.names("scenes"):
            if name != scene:
                entries.append(Pick(self.title(name), self.edit("move_option", scene=scene, option=option, to=name)))
        return entries

    def for_whom(self, path: Path) -> list[Pick]:
        """For whom words to take along are."""
        line = at(self.case, tuple(path), None) or {}
        text = line.get("text", "")
        entries = [
            Pick(
                self.gettext("for everybody"),
                self.set(path, {"text": text}),
                not {"asks", "toward", "when"} & set(line),
            )
        ]
        for name in self.names("facts"):
            said = self.gettext("who never asked: {fact}").format(fact=form_words.fact(self.case, name))
            entries.append(
                Pick(
                    said, self.set(path, {"text": text, "asks": name}), line.get("asks") == name and "when" not in line
                )
            )
        sides = (
            ("request", self.gettext("who found out too much")),
            ("task", self.gettext("who took them at their word too much")),
        )
        for side, said in sides:
            entries.append(
                Pick(
                    said,
                    self.set(path, {"text": text, "toward": side}),
                    line.get("toward") == side and "when" not in line,
                )
            )
        if not any(entry.on for entry in entries):
            entries.append(Pick(self.gettext("under conditions (in the file)"), "", True))
        return entries

    # ---- conditions ----------------------------------------------------------------------------------------------

    def condition(self, path: Path, known: bool, delete: str) -> list[Row]:
        """The rows of a condition at a path; ``known``: what the trainee knows counts; ``delete`` takes the last row away."""
        when = at(self.case, tuple(path), {})
        return [
            self._row(tuple(path), when, name, known, delete) for name in (when if isinstance(when, Mapping) else {})
        ]

    def _row(self, path: KeyPath, when: Mapping[str, Any], name: str, known: bool, delete: str) -> Row:
        wanted = [_word(value) for value in (when[name] if isinstance(when[name], list) else [when[name]])]

        def to(values: list[str] | None, called: str = name) -> str:
            new = {
                called if one == name else one: value
                for one, value in when.items()
                if one != name or values is not None
            }
            if values is not None:
                new[called] = values[0] if len(values) == 1 else values
            return self.set(path, new) if new else delete

        others = [one for one in self.readable() if one == name or one not in when]
        names = [Pick(form_words.fact(self.case, one), to(self._first(one, known), one), one == name) for one in others]
        if name not in others:
            names.insert(0, Pick(name, "", True))
        options = list(self._values(name, known))
        picked = [sorted(values) == sorted(wanted) for _, values in options]
        values = [Pick(label, to(one), on) for (label, one), on in zip(options, picked, strict=True)]
        several = not any(picked)
        allowed = self.allowed(name, known)
        if len(allowed) > 2 or several:
            some = wanted if several else [*wanted, *[one for one in allowed if one not in wanted]][:2]
            values.append(Pick(self.gettext("one of several"), to(some), several))
        chips: list[Pick] = []
        for value in dict.fromkeys([*allowed, *wanted]) if several else ():
            rest = [one for one in wanted if one != value] if value in wanted else [*wanted, value]
            chips.append(
                Pick(form_words.fact_value(self.case, name, value, self.lang), to(rest or None), value in wanted)
            )
        return Row(tuple(names), tuple(values), tuple(chips), to(None))

    def _values(self, name: str, known: bool) -> Iterator[tuple[str, list[str]]]:
        """What can be asked of a name: that it is known, or one of its values."""
        every = self.values_of(name)
        if known and len(every) > 1 and name in self.names("facts"):
            yield self.gettext("known"), every
        for value in self.allowed(name, known):
            yield form_words.fact_value(self.case, name, value, self.lang), [value]

    def readable(self) -> list[str]:
        """Names that a condition may read."""
        return [*self.names("facts"), *self.names("memory")]

    def values_of(self, name: str) -> list[str]:
        """The values a fact or a memory may have."""
        kept = at(self.case, ("memory", name), None)
        return [_word(value) for value in kept] if isinstance(kept, list) else self.names("values", "facts", name)

    def allowed(self, name: str, known: bool) -> list[str]:
        """The values a condition may ask for."""
        return [*self.values_of(name), *([UNKNOWN] if known and name in self.names("facts") else [])]

    def _first(self, name: str, known: bool) -> list[str]:
        """What a new condition asks of a name first: that it is known, or its first value."""
        every = self.values_of(name)
        return every if known and name in self.names("facts") else every[:1]

    def first_condition(
        self, known: bool, but: Mapping[str, Any] | None = None, path: Path = ()
    ) -> dict[str, Any] | None:
        """A condition to begin with; None where nothing can be read.

        Within a reply it begins with what that reply reveals: by what is true, not by whether it is known by then.
        """
        revealed = [str(one) for one in self.at(*path[:4], "reveals", default=None) or []] if path[2:3] else []
        own = [one for one in self.readable() if one in revealed]
        name = next((one for one in [*own, *self.readable()] if one not in (but or {})), None)
        if name is None:
            return None
        values = self._first(name, known and name not in own)
        return {**(but or {}), name: values[0] if len(values) == 1 else values}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
