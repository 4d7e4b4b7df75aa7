"""What is said and heard: the lines of a scene on arrival, of a reply, of an ending, by text id."""

import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from trainkit.case.cache import STATES, Cache, PerCase, intern
from trainkit.case.conditions import holds, text_id
from trainkit.case.model import NARRATOR, PLAYER, Case, Line
from trainkit.engine.rules import State, knowledge, truth_of
from trainkit.i18n import catalog, typeset


class Said(NamedTuple):
    """A line of the conversation, by text id, so that it can be shown in any language."""

    speaker: str
    text: str
    step: int | None = None  # of one's own words: which step they were


class SpokenLine(NamedTuple):
    """A line of the conversation in a language; the narrator, and a step back, have no ``speaker``."""

    speaker: str
    text: str

    def __str__(self) -> str:
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


_ARRIVAL: PerCase[Cache[tuple, tuple[Said, ...]]] = PerCase(lambda case: Cache(STATES))


def heard(base: str, lines: Sequence[Line], value_of: Callable[[str], str]) -> tuple[Said, ...]:
    """The lines whose condition holds, where ``value_of`` says what is known or true; ``base`` begins their text ids."""
    return tuple(
        Said(line.speaker, sys.intern(text_id(f"{base}.{number}", line.text, value_of)))
        for number, line in enumerate(lines, 1)
        if holds(line.when, value_of)
    )


def arrived(
    case: Case, path: Sequence[str], state: State, truth: tuple[str, ...], said: tuple[Said, ...], seen: frozenset[str]
) -> tuple[tuple[Said, ...], frozenset[str]]:
    """What was said and seen, with the lines on the way and on arrival; an inquiry's only the first time."""
    for place in path:
        if place in case.endings:
            said += heard(f"endings.{place}.lines", case.endings[place].lines, truth_of(case, state.memory, truth))
        elif place not in seen or case.scenes[place].kind == "talk":
            kept, key = _ARRIVAL.of(case), (place, state.worlds, state.memory)
            lines = kept.get(key)
            if lines is None:
                knows = knowledge(case, state)
                lines = kept.keep(key, heard(f"scenes.{place}.lines", case.scenes[place].lines, knows))
            said += lines
            seen = seen if place in seen else intern(case, seen | {place})
    return said, seen


def option_texts(case: Case, state: State, names: Sequence[str], lang: str) -> list[str]:
    """The words of these options in a language, as they are for who stands in this state."""
    knows, options = knowledge(case, state), case.scenes[state.place].options
    base = f"scenes.{state.place}.options"
    return [case.text(text_id(f"{base}.{name}.text", options[name].text, knows), lang) for name in names]


def spoken(case: Case, said: Said, lang: str) -> SpokenLine:
    """A line in a language."""
    gettext = catalog(lang).gettext
    if said.speaker == "back":
        return SpokenLine("", gettext("You went back one step. What you have learnt stays."))
    text = typeset(case.text(said.text, lang), lang)
    if said.speaker == NARRATOR:
        return SpokenLine("", text)
    if said.speaker == PLAYER:
        return SpokenLine(gettext("You"), text)
    return SpokenLine(typeset(case.text(f"speakers.{said.speaker}", lang), lang), text)
