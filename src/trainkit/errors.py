"""What can go wrong, said so that a tired person can mend it: place, rule, what was got, the nearest right name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

KeyPath = tuple[str | int, ...]  # keys and indexes that lead to a part of a file


class TrainkitError(Exception):
    """Any error of this kit that a person caused or can mend; its text is one or more clear sentences.

    A text that is also told in other languages is marked (:func:`N_`), with the values that belong into it.
    """

    def __init__(self, text: str = "", **values: object):
        self.text, self.values = text, values
        super().__init__(text.format(**values) if values else text)

    def said(self, gettext: Callable[[str], str]) -> str:
        """The text in the language of a catalog, in English where it has none."""
        return (
            gettext(self.text).format(**self.values) if self.values else gettext(self.text) if self.text else str(self)
        )

    def _render_traceback_(self) -> list[str]:
        """In a notebook the sentence is enough; IPython asks for this."""
        return [f"{type(self).__name__}: {self}"]


class UnknownName(TrainkitError):
    """A name that does not exist: a case, a language, an option, a fact."""

    def __init__(self, kind: str, got: object, known: Iterable[str]):
        known = list(known)
        listed = f" There are: {', '.join(known)}." if known and not nearest(got, known) else ""
        self.got, self.known = shown(got), known
        super().__init__(f"unknown {kind} {self.got}.{suggest(got, known)}{listed}")

    def said(self, gettext: Callable[[str], str]) -> str:
        """The same in the language of a catalog."""
        near = nearest(self.got.strip('"'), self.known)
        text = gettext("There is no {name} here.").format(name=self.got)
        if near:
            return text + " " + gettext("Did you mean “{name}”?").format(name=near)
        return text + " " + gettext("There are: {names}.").format(names=", ".join(self.known)) if self.known else text


class Refused(TrainkitError):
    """A step that is not open in this state; nothing was changed and nothing was logged."""


class NotSaved(TrainkitError):
    """The answer could not be written to disk; it does not count and may be given again."""


class Unwritable(NotSaved):
    """Nothing can be written just now: the disk is full, or the log is locked or out of reach."""


class Held(NotSaved):
    """Another program holds the row or the turn that this needs, and has held it too long."""


class Conflict(NotSaved):
    """A row stands there already, or one that must come before it is missing."""


class OutOfDate(Refused):
    """The screen the answer came from is not the current one; show the current one."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a case."""

    place: str  # ``file:line``
    where: str  # the part of the case, e.g. ``scene "boot", option "pay"``
    rule: str  # what must hold, with what was got and the nearest right name

    def __str__(self) -> str:
        return ", ".join(part for part in (self.place, self.where) if part) + f": {self.rule}"


class CaseError(TrainkitError):
    """A case that cannot be read or breaks a rule of the format; ``problems`` names each place."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def N_(text: str) -> str:
    """Mark a text that is translated where it is told; collectors of words know the name."""
    return text


def shown(value: object) -> str:
    """Quote what was got, cut to 60 characters, without control characters."""
    text = "".join(c if c.isprintable() else "�" for c in str(value)[:61])
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'


def nearest(got: object, known: Iterable[str]) -> str | None:
    """The name most like ``got``, or None where nothing is like it."""
    names, text = [str(name) for name in known], str(got)[:100]
    begins = [name for name in names if len(text) > 2 and name.startswith(text)]
    alike = begins if len(begins) == 1 else get_close_matches(text, names, n=1, cutoff=0.6)
    return alike[0] if alike else None


def suggest(got: object, known: Iterable[str]) -> str:
    """A sentence that offers the nearest right name, or nothing."""
    name = nearest(got, known)
    return f' Did you mean "{name}"?' if name else ""
