"""Which condition may a value of the form have, row by row, and with which does a new one begin?"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trainkit.case.conditions import UNKNOWN
from trainkit.editor.tree import at
from trainkit.errors import KeyPath
from trainkit.notebook import form_words
from trainkit.notebook.form_edits import Edits, Path, Pick, as_word


class Row(NamedTuple):
    """One name of a condition: which, and which values of it."""

    names: tuple[Pick, ...]
    values: tuple[Pick, ...]
    chips: tuple[Pick, ...]  # several values at once
    delete: str


class Conditions(Edits):
    """Conditions to pick from."""

    def condition(self, path: Path, known: bool, delete: str) -> list[Row]:
        """The rows of a condition at a path; ``known``: what the trainee knows counts; ``delete`` takes the last row away."""
        when = at(self.case, tuple(path), {})
        return [
            self._row(tuple(path), when, name, known, delete) for name in (when if isinstance(when, Mapping) else {})
        ]

    def _row(self, path: KeyPath, when: Mapping[str, Any], name: str, known: bool, delete: str) -> Row:
        wanted = [as_word(value) for value in (when[name] if isinstance(when[name], list) else [when[name]])]

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
        own = self._revealed(path)
        name = next((one for one in [*own, *self.readable()] if one not in (but or {})), None)
        if name is None:
            return None
        return {**(but or {}), name: _one_or_all(self._first(name, known and name not in own))}

    def next_condition(self, known: bool, path: Path) -> dict[str, Any] | None:
        """A condition for one more variant: what none asks for yet, as long as that leaves something for "otherwise"."""
        whens = [rule.get("when") or {} for rule in self.rules(self.at(*path))[:-1]]
        asked: dict[str, set[str]] = {}
        for when in whens:
            for name, values in when.items() if len(when) == 1 else ():
                said = values if isinstance(values, list) else [values]
                asked.setdefault(name, set()).update(map(as_word, said))
        own = self._revealed(path)
        left = {name: [one for one in self.allowed(name, known) if one not in asked[name]] for name in asked}
        going_on = [name for name in reversed(left) if len(left[name]) > 1]
        for name in [*[one for one in own if one not in asked], *going_on, *self.readable()]:
            if name in going_on:
                return {name: left[name][0]}
            if name not in asked:
                return {name: _one_or_all(self._first(name, known and name not in own))}
        return self.first_condition(known, None, path)

    def _revealed(self, path: Path) -> list[str]:
        """What the reply reveals that a path leads into."""
        revealed = [str(one) for one in self.at(*path[:4], "reveals", default=None) or []] if path[2:3] else []
        return [one for one in self.readable() if one in revealed]

    def rules(self, value: Any) -> list[Any]:
        """The rules of a value that has some; none of a plain one."""
        ruled = (
            isinstance(value, list) and value and all(isinstance(rule, Mapping) and "value" in rule for rule in value)
        )
        return value if ruled else []


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
