"""Which passages of a foreign story are one place? Those that others include stand there; those that only lead on go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trainkit.files.twee.taken_words import Left, Words
from trainkit.files.yaml_reader import MAX_BYTES

MOST_INCLUDED = 20  # passages that are put into each other
MOST_PUT_IN = MAX_BYTES  # characters of all that are put in, as often as they are: what a case has room for
A_PART = 50  # characters that a passage, a paragraph or a link counts as besides its words


@dataclass
class Inclusion:
    """Puts passages where others include them, as long as there is room; their names are added to ``put_in``."""

    words: Mapping[str, Words]
    left: Left
    put_in: set[str]
    room: int = MOST_PUT_IN
    _sizes: dict[str, int] = field(default_factory=dict)

    def whole(self, name: str, within: tuple[str, ...] = ()) -> Words:
        """The words and links of a passage, with those it includes in their place; what is left out is noted."""
        here = self.words[name]
        if not here.included:
            return here
        whole = Words([], list(here.links), on=here.on)
        for paragraph in here.paragraphs:
            other = here.included.get(paragraph.words)
            if other is None:
                whole.paragraphs.append(paragraph)
            elif (
                other in self.words
                and other not in (*within, name)
                and len(within) < MOST_INCLUDED
                and self._fits(other)
            ):
                self.put_in.add(other)
                inner = self.whole(other, (*within, name))
                whole.paragraphs += inner.paragraphs
                whole.links += inner.links
                whole.on = whole.on or inner.on
            else:
                self.left.note("included", other)
        return whole

    def _fits(self, name: str) -> bool:
        """Whether there is room for a passage, without what it includes; it is taken then."""
        if name not in self._sizes:
            one = self.words[name]
            parts = [*(paragraph.words for paragraph in one.paragraphs), *(link.words for link in one.links)]
            self._sizes[name] = A_PART * (len(parts) + 1) + sum(map(len, parts))
        if self._sizes[name] > self.room:
            return False
        self.room -= self._sizes[name]
        return True


def passed_through(words: Mapping[str, Words], put_in: set[str], start: str) -> tuple[dict[str, Words], str]:
    """The passages without those that say nothing and only lead on; what led to them leads where they do; and ``start``."""
    on = {key: one.on for key, one in words.items() if one.on and not one.paragraphs and not one.links}

    ends: dict[str, str] = {}
    for key in on:
        way, name = dict.fromkeys([key]), key
        while name not in ends and on.get(name, "") in words and on[name] not in way:
            name = on[name]
            way[name] = None
        end = ends.get(name, name)
        ends |= dict.fromkeys(way, end)
    passed = {key for key, end in ends.items() if end not in on and end != key}
    for one in words.values():
        one.on = ends[one.on] if one.on in passed else one.on
        for link in one.links:
            link.to = ends[link.to] if link.to in passed else link.to
    put_in |= passed
    return {key: one for key, one in words.items() if key not in passed}, ends[start] if start in passed else start
