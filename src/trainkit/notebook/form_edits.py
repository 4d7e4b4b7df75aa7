"""What is where in a draft, and how is an edit of it, or something to be opened, written as JSON?"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from trainkit.editor.tree import at
from trainkit.i18n import catalog
from trainkit.notebook import form_words

Path = Sequence[str | int]


class Pick(NamedTuple):
    """An entry of a list to pick from: its words, the edit it makes, whether it is picked."""

    label: str
    edit: str
    on: bool = False


class Part(dict):
    """A part of a case, whole or not, for templates: a key that isn't there is None."""

    def __missing__(self, key: str) -> None:
        return None


class Edits:
    """A case that may still have gaps, and edits of it."""

    def __init__(self, case: Mapping[str, Any], lang: str):
        self.case, self.lang = case, lang
        self.gettext = catalog(lang).gettext

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

    def readable(self) -> list[str]:
        """Names that a condition may read."""
        return [*self.names("facts"), *self.names("memory")]

    def values_of(self, name: str) -> list[str]:
        """The values a fact or a memory may have."""
        kept = at(self.case, ("memory", name), None)
        return [as_word(value) for value in kept] if isinstance(kept, list) else self.names("values", "facts", name)


def as_word(value: Any) -> str:
    """A value as conditions name it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
