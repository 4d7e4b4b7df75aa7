"""What can be picked from each list of the form? Every entry is a whole edit, or something to be opened."""

import json
from collections.abc import Sequence
from typing import Any

from trainkit.case.model import FACETS, NARRATOR, PLAYER, Patience
from trainkit.editor.chances import may_depend_on
from trainkit.editor.tree import at
from trainkit.notebook import form_words
from trainkit.notebook.form_conditions import Conditions
from trainkit.notebook.form_edits import Path, Pick

SHARES = (0, 5, 10, 15, 20, 25, 30, 33, 34, 35, 40, 45, 50, 55, 60, 65, 66, 67, 70, 75, 80, 85, 90, 95, 100)
MINUTES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)


class Picks(Conditions):
    """Lists to pick from."""

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

    def case_sources(self) -> list[Pick]:
        """Where the case is from; something it must be from."""
        found = self.at("source", default=None)
        now = [str(one) for one in found] if isinstance(found, list) else []
        picks = []
        for name, said in self.sources():
            rest = [one for one in now if one != name] if name in now else [*now, name]
            picks.append(Pick(said, self.set(("source",), rest) if rest else "", name in now))
        return picks

    def prices(self) -> list[tuple[float, str]]:
        """What a question's worth of patience may count at the end, of a whole run."""
        return [
            (share / 1000, f"{share / 10:g} %".replace(".", "," if self.lang == "ru" else "."))
            for share in (0, 5, 10, 15, 20, 30, 50)
        ]

    def usual_price(self) -> list[Pick]:
        """What patience without a price of its own could cost."""
        usual = Patience.model_fields["price"].default
        path = ("patience", "price")
        return [
            Pick(said, "" if price == usual else self.set(path, price), price == usual) for price, said in self.prices()
        ]

    def weights(self) -> list[tuple[float, str]]:
        """What a scene may count."""
        return [(0.5, self.gettext("half")), (1.0, self.gettext("as any other")), (2.0, self.gettext("double"))]

    def no_weight(self, path: Path) -> list[Pick]:
        """What a scene without a weight of its own could count."""
        entries = [Pick(said, self.set([*path, "weight"], weight)) for weight, said in self.weights() if weight != 1.0]
        return [Pick(self.gettext("as any other"), "", True), *entries]

    def shares(self, path: Path) -> list[Pick]:
        """Chances; of two values the other has what is left."""
        entries = self.choices(path, [(share / 100, f"{share} %") for share in SHARES])
        others = [one for one in self.names("values", *path[:2]) if one != path[3]]
        if len(others) != 1:
            return entries
        other = [*path[:3], others[0], *path[4:]]

        def both(edit: str) -> str:
            one = json.loads(edit)
            return self.edit("several", edits=[one, {**one, "path": other, "value": round(1 - one["value"], 4)}])

        return [entry._replace(edit=both(entry.edit)) if entry.edit else entry for entry in entries]

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

    def facets(self, path: Path) -> list[tuple[str, list[Pick]]]:
        """What the words of a reply show, or lack, besides their side: each with none, + and −."""
        now = [str(one) for one in at(self.case, (*path, "facets"), None) or []]
        found = []
        for name in FACETS:
            entries = []
            for mark, said in (
                ("", self.gettext("neither")),
                ("+", self.gettext("shows it")),
                ("-", self.gettext("lacks it")),
            ):
                wanted = {one for one in now if one[:-1] != name} | ({name + mark} if mark else set())
                new = [one + sign for one in FACETS for sign in "+-" if one + sign in wanted]
                kept = now if set(new) == set(now) else new
                edit = self.set([*path, "facets"], kept) if kept else self.clear([*path, "facets"])
                on = name + mark in now if mark else not {f"{name}+", f"{name}-"} & set(now)
                entries.append(Pick(said, edit, on))
            found.append((self.gettext(form_words.FACETS[name]), entries))
        return found

    def facets_said(self, path: Path) -> str:
        """What the words of a reply show and lack, in a line."""
        said = [f"{label}: {entry.label}" for label, entries in self.facets(path) for entry in entries[1:] if entry.on]
        return "; ".join(said)

    def depends_on(self, fact: str) -> list[Pick]:
        """What the chances of a fact may depend on."""
        facts = self.at("facts")
        now = self.at("facts", fact, "given")
        entries = [Pick(self.gettext("nothing"), self.edit("depend", fact=fact, on=""), not now)]
        for name in may_depend_on(facts, fact):
            entries.append(Pick(form_words.fact(self.case, name), self.edit("depend", fact=fact, on=name), name == now))
        if not any(entry.on for entry in entries):
            entries.append(Pick(self.gettext("no longer there: %(name)s") % {"name": now}, "", True))
        return entries

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
        when = line.get("when") or self.first_condition(True)
        if when:
            rest = {key: line[key] for key in ("asks", "toward") if key in line and "when" in line}
            said = self.gettext("under a condition …")
            entries.append(Pick(said, self.set(path, {"text": text, "when": when, **rest}), "when" in line))
        if not any(entry.on for entry in entries):
            entries.append(Pick(self.gettext("both of these"), "", True))
        return entries
