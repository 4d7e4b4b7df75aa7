"""What can go wrong, said so that a tired person can mend it: place, rule, what was got, the nearest right name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

KeyPath = tuple[str | int, ...]  # keys and indexes that lead to a part of a file


class Told(str):
    """A sentence that can be told in other languages, too: in English it is the string, and it knows what it was made of.

    The text is marked (:func:`N_`) where it stands in the code; ``values`` belong into it, and are told as well if they can
    be. Sentences are joined with ``+``.

    Examples
    --------
    >>> Told("must name a scene (got {got}).", got='"boott"') + suggest("boott", ["boot"])
    'must name a scene (got "boott"). Did you mean "boot"?'
    """

    parts: tuple[
        tuple[str, Mapping[str, object] | None], ...
    ]  # text and values; without values, words that stay as they are

    def __new__(cls, text: str = "", /, **values: object) -> "Told":
        """Make the English sentence."""
        told = super().__new__(cls, text.format(**values) if values else text)
        told.parts = ((text, values),)
        return told

    def __add__(self, other: str) -> "Told":
        """One sentence after the other."""
        joined = super().__new__(Told, str(self) + str(other))
        joined.parts = (*self.parts, *(other.parts if isinstance(other, Told) else ((other, None),)))
        return joined

    def said(self, gettext: Callable[[str], str]) -> str:
        """The sentence in the language of a catalog, in English where it has none."""
        return "".join(_said(text, values, gettext) for text, values in self.parts)


def _said(text: str, values: Mapping[str, object] | None, gettext: Callable[[str], str]) -> str:
    if values is None or not text:
        return text
    said = gettext(text)
    told = {name: value.said(gettext) if isinstance(value, Told) else value for name, value in values.items()}
    return said.format(**told) if told else said


class TrainkitError(Exception):
    """Any error of this kit that a person caused or can mend; its text is one or more clear sentences.

    A text that is also told in other languages is marked (:func:`N_`), with the values that belong into it.
    """

    lang: str | None = None  # of the command that met it: by this it is told at the end

    def __init__(self, text: str = "", **values: object):
        self.text, self.values = text, values
        super().__init__(text.format(**values) if values else str(text))

    def said(self, gettext: Callable[[str], str]) -> str:
        """The text in the language of a catalog, in English where it has none."""
        return self.rule.said(gettext)

    @property
    def rule(self) -> Told:
        """The text, to be told where it is a part of another."""
        return self.text if isinstance(self.text, Told) else Told(self.text, **self.values)

    def _render_traceback_(self) -> list[str]:
        """In a notebook the sentence is enough; IPython asks for this."""
        return [f"{type(self).__name__}: {self}"]


class UnknownName(TrainkitError):
    """A name that does not exist: a case, a language, an option, a fact."""

    def __init__(self, kind: str, got: object, known: Iterable[str]):
        known, self._name = list(known), got
        listed = f" There are: {', '.join(known)}." if known and not nearest(got, known) else ""
        self.kind, self.got, self.known = kind, shown(got), known
        super().__init__(f"unknown {kind} {self.got}.{suggest(got, known)}{listed}")

    def without_names(self) -> "UnknownName":
        """The same for whom the names that there are would give something away."""
        return UnknownName(self.kind, self._name, ())

    @property
    def rule(self) -> Told:
        """The same for other languages, which say of few kinds what kind of name it is."""
        near = nearest(self.got.strip('"'), self.known)
        more = Told(N_("Did you mean “{name}”?"), name=near) if near else Told()
        if self.known and not near:
            more = Told(N_("There are: {names}."), names=", ".join(self.known))
        kinds = {
            "fact": N_("There is no fact {name}."), "option": N_("There is no option {name}."),
            "case": N_("There is no case {name}."), "language": N_("There is no language {name}."),
            "column": N_("There is no column {name}."), "scene": N_("There is no scene {name}."),
            "engine": N_("There is no engine {name}."), "workshop": N_("There is no workshop {name}."),
            "command": N_("There is no command {name}."), "coder": N_("There is no coder {name}."),
            "code": N_("There is no code {name}."), "persona": N_("There is no persona {name}."),
        }  # fmt: skip
        none = kinds.get(self.kind.partition(" of ")[0], N_("There is no {name} here."))
        return Told(none, name=self.got) + (" " if more else "") + more


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


class EmptyLog(TrainkitError):
    """There is a place for a log, and nothing has been logged there yet."""


class OutOfDate(Refused):
    """The screen the answer came from is not the current one; show the current one."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a case."""

    place: str  # ``file:line``
    where: str  # the part of the case, e.g. ``scene "boot", option "pay"``
    rule: str  # what must hold, with what was got and the nearest right name
    path: KeyPath | None = field(default=None, compare=False)  # in ``case.yml``; None for what stands in another file
    mark: str = field(default="", compare=False)  # what ``accepted.yml`` calls a warning

    def __str__(self) -> str:
        return self.said(str)

    def said(self, gettext: Callable[[str], str]) -> str:
        """The sentence in the language of a catalog; what of it isn't :class:`Told` stays as it is."""
        where, rule = (part.said(gettext) if isinstance(part, Told) else part for part in (self.where, self.rule))
        return ", ".join(part for part in (self.place, where) if part) + f": {rule}{self.mark}"


class CaseError(TrainkitError):
    """A case that cannot be read or breaks a rule of the format; ``problems`` names each place."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def said(self, gettext: Callable[[str], str]) -> str:
        """All problems, a line each."""
        return "\n".join(problem.said(gettext) for problem in self.problems)


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


def suggest(got: object, known: Iterable[str]) -> Told:
    """A sentence that offers the nearest right name, or nothing."""
    name = nearest(got, known)
    return Told(N_(' Did you mean "{name}"?'), name=name) if name else Told()
