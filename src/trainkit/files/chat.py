"""How does a conversation that took place become an outline? Turn by turn; what else could have been said is a gap.

Read are lines ``client: … `` and ``me: …`` (also both in one line, ``client: … / me: …``, with or without the time before
them), and two columns with a tab or `` | `` between them. A line without a name goes on with what stands above it; what
stands before the first voice, and a line that is all in brackets, is the narrator's.
"""

import re
from collections.abc import Iterator
from itertools import groupby, takewhile

from trainkit.case.model import NARRATOR, PLAYER
from trainkit.errors import N_, TrainkitError, UnknownName
from trainkit.files.gaps import BLANK
from trainkit.files.outline import Outline, Place, Reply, ids, language_of

MORE = 2  # replies that are to be thought of in each scene
ME = {
    "me", "i", "we", "you", "agent", "operator", "manager", "seller", "support", "consultant", "admin", "я", "мы", "вы",
    "агент", "оператор", "менеджер", "продавец", "поддержка", "консультант", "администратор", "мастер", "врач", "юрист",
}  # fmt: skip
_TIME = re.compile(r"^\s*[\[(]?(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s*)?\d{1,2}:\d{2}(?::\d{2})?[\])]?\s*[-–—]?\s*")
_SAID = re.compile(r"\s*([^\W\d_][^:\n|]{0,39}?)\s*:\s+(\S.*)")
_BOTH = re.compile(r"(?<!\s)\s+/\s+(?=[^\W\d_][^:/|]{0,39}:\s)")
_COLUMNS = re.compile(r"\t+|\s\|\s")

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\*[^*]+\*")
HEADS = {
    "date", "time", "place", "title", "topic", "subject", "channel", "where", "when",
    "дата", "время", "место", "название", "тема", "канал", "где", "когда",
}  # fmt: skip

Turn = tuple[str, str]  # who, and what; nobody: the narrator


def read_chat(text: str, name: str, me: str | None = None) -> Outline:
    """A conversation as an outline called ``name``; ``me`` is whoever the player will be.

    Raises
    ------
    TrainkitError
        If there are no two voices in it.
    UnknownName
        If nobody is called ``me``.
    """
    turns = _turns(text)
    voices = list(dict.fromkeys(who for who, _ in turns if who))
    if len(voices) < 2:
        rule = N_(
            "{file} has no two voices: lines like `client: …` and `me: …`, or two columns with a tab between them"
        )
        raise TrainkitError(rule, file=name)
    if me is not None and me not in voices:
        me = next((voice for voice in voices if voice.casefold() == me.casefold()), me)
    if me is not None and me not in voices:
        raise UnknownName("voice", me, voices)
    mine = me or next((voice for voice in voices if voice.lower() in ME), voices[1])
    others = [voice for voice in voices if voice != mine]
    speakers = ids(others, ("narrator", PLAYER))
    blocks = [
        (who, list(part)) for who, part in groupby(turns, key=lambda turn: PLAYER if turn[0] == mine else "client")
    ]
    said_by = {"": NARRATOR, mine: PLAYER} | speakers
    clients = {*speakers.values()}
    heard: list[tuple[str, str]] = []
    spoken_to = False
    scenes: list[tuple[list[tuple[str, str]], list[str]]] = []  # what is heard in each, and what was answered
    for who, part in blocks:
        words = " ".join(said for _, said in part)
        if who == PLAYER and scenes and not spoken_to:  # what was seen meanwhile is heard with what is said next
            scenes[-1][1].append(words)
        elif who == PLAYER and spoken_to:
            scenes.append((heard, [words]))
            heard, spoken_to = [], False
        else:
            heard += [(said_by[voice], said) for voice, said in part]
            spoken_to = spoken_to or any(said_by[voice] in clients for voice, _ in part)
    if not scenes:
        rule = N_("{file}: {me} answers nobody; name the other voice with --me")
        raise TrainkitError(rule, file=name, me=mine)
    names = [f"turn_{number}" for number in range(1, len(scenes) + 1)]
    places = {
        name: Place(_title(lines), lines, _replies(" ".join(answered), to), named=False)
        for name, (lines, answered), to in zip(names, scenes, [*names[1:], "the_end"], strict=True)
    } | {"the_end": Place(BLANK, heard)}
    words = [said for _, said in turns]
    names_of = {one: voice for voice, one in speakers.items()}
    return Outline(name, places, names_of, language_of(words), unsure=("title", "speakers"), me=mine)


def _replies(said: str, to: str) -> list[Reply]:
    """What was answered, and gaps for what could have been."""
    return [Reply(said, to), *(Reply(BLANK, to) for _ in range(MORE))]


def _turns(text: str) -> list[Turn]:
    """Who says what, in order."""
    rows = [row for row in text.splitlines() if row.strip()]
    cells = [_COLUMNS.split(row.strip("\r\n")) for row in rows]
    if sum(len(row) == 2 for row in cells) > len(rows) / 2 and not all(_SAID.match(row) for row in rows):
        return list(_of_columns([[cell.strip() for cell in row] for row in cells]))
    turns: list[tuple[str, list[str]]] = []  # who, and what in one line after the other
    begun = False
    for row in rows:
        for part in _BOTH.split(_TIME.sub("", row)):
            found = _SAID.fullmatch(part)
            if _ASIDE.fullmatch(part.strip()) or (found and not begun and found[1].lower() in HEADS):
                turns.append(("", [part.strip()]))
            elif found:
                turns.append((found[1], [found[2].strip()]))
                begun = True
            elif begun and turns[-1][0]:
                turns[-1][1].append(part.strip())
            elif part.strip():
                turns.append(("", [part.strip()]))
    return [(who, " ".join(said)) for who, said in turns]


def _of_columns(cells: list[list[str]]) -> Iterator[Turn]:
    """Two columns: who stands in the first row if that is a heading, else the client and me."""
    voices = ["client", "me"]
    before = list(takewhile(lambda row: len(row) == 1, cells))
    yield from (("", cell) for (cell,) in before)
    cells = cells[len(before) :]
    if len(cells[0]) == 2 and {cell.lower() for cell in cells[0]} & ME:
        voices, cells = cells[0], cells[1:]
    for row in cells:
        alone = len(row) == 1  # of neither column
        yield from ((voice, said) for voice, said in zip([""] if alone else voices, row, strict=False) if said)


def _title(heard: list[tuple[str, str]]) -> str:
    """The first words of a turn, to tell scenes apart by."""
    words = next((said for who, said in heard if who != NARRATOR), heard[0][1]).split()
    return " ".join(words[:4]).rstrip(".,!?;:") + ("…" if len(words) > 4 else "") or BLANK
