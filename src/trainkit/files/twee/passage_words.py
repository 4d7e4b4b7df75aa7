"""What does a passage of any story format say, and where do its links lead? Words without macros, links with conditions.

Read by a single pass: comments, scripts and pictures go; a macro that encloses something leaves what it encloses, and a link
within it is noted with its condition. What is dropped is counted. Where a script or macro names a passage, it may lead there.
"""

import re
from collections import Counter
from collections.abc import Collection

from trainkit.files.twee import macros
from trainkit.files.twee.chapbook import CONDITION, END, chapbook_text
from trainkit.files.twee.macros import GOES, INCLUDES, JUMPS, LINK, WAYS_BACK, Ends, first_string, plain, strings
from trainkit.files.twee.markup import said_words
from trainkit.files.twee.taken_words import GAP, Left, Link, Words, linked, noted, paragraphs

_BREAK = "\n\n"


def passage_words(body: str, kind: str, names: Collection[str], left: Left) -> Words:
    """The words and links of a passage, read as its story format would read it; ``names`` are those of all passages."""
    reader = _Reader(kind, names, left)
    text = reader.without_blocks(re.sub("[\ue000-\ue0ff]", "", body))
    if kind == "chapbook":
        text = chapbook_text(text, left)
    reader.read(text)
    return reader.words()


class _Reader:
    """Reads a passage from its beginning to its end; what encloses the present place is a stack."""

    def __init__(self, kind: str, names: Collection[str], left: Left):
        self.kind, self.names, self.left = kind, names, left
        self.out: list[str] = []
        self.links: list[Link] = []
        self.included: dict[str, str] = {}
        self.pairs: dict[int, int] = {}  # where parentheses and brackets end
        self.ends = Ends("")
        self.closed: set[str] = set()  # macros that enclose something
        self.within: list[tuple[str, str]] = []  # (name, as it stands) of the macros that are open
        self.open: Counter[str] = Counter()  # how many of a name are
        self.jumps: list[Link] = []  # where it goes on to by itself
        self.linked_until = 0  # the end of a macro whose link has been noted
        self.notes: list[str] = []
        self.pending: dict[str, None] = {}  # notes of the row that is being read
        self.told: tuple[int, tuple[str, str]] | None = None  # what was open when the conditions were noted last

    # ---- what goes as a whole -------------------------------------------------------------------------------

    def without_blocks(self, text: str) -> str:
        """The text without comments, scripts, pictures and sound."""
        for opening, closing, kind in macros.BLOCKS:
            kept, place, plain_case = [], 0, text.lower()
            while found := opening.search(text, place):
                close = closing.format(*(name.lower() for name in found.groups()))
                end = plain_case.find(close, found.end())
                if end < 0:
                    break
                block = text[found.start() : end + len(close)]
                if kind:
                    self.left.note(kind, block[:40])
                    self._mentioned(block)
                elif said := " ".join(block[len(found[0]) : -len(close)].split()):
                    self.left.comments.append(said)
                kept += [text[place : found.start()], "\n" if kind == "scripts" else ""]
                place = end + len(close)
            text = "".join(kept) + text[place:]
        return macros.PICTURE.sub(self._picture, text)

    def _picture(self, found: re.Match[str]) -> str:
        said = re.search(r"src\s*=\s*[\"']?([^\"'\s>]+)", found[0])
        where = said[1] if said else found[1] or found[3] or found[0]
        self.left.note("pictures", where.rpartition("/")[2] or where)
        return f"[[{found[2]}]]" if found[2] else ""

    # ---- one thing after the other --------------------------------------------------------------------------

    def read(self, text: str) -> None:
        """Read all of the text."""
        self.pairs, self.ends = macros.pairs(text) if self.kind == "harlowe" else {}, Ends(text)
        self.closed = {name.lower() for name in re.findall(r"<<(?:/|end)([\w-]+)>>", text)}
        at = 0
        while at < len(text):
            at = self._step(text, at)

    def _step(self, text: str, at: int) -> int:
        """Read what stands at a place; where the next thing begins."""
        char = text[at]
        if char == "[":
            if text.startswith("[[[", at):
                return at + 1
            if link := self.ends.link(at):
                self._link(link["inside"], link["setter"])
                return link.end() + text.startswith("]", link.end())
            if self.kind == "harlowe":
                self._begin("[")
                return at + 1
        elif char == "<":
            if (macro := macros.SUGAR.match(text, at)) and (end := self.ends.macro(macro)) is not None:
                return self._sugar(text, macro, end)
            if tag := macros.TAG.match(text, at):
                if passage := re.search(r"data-passage\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag[0]):
                    return self._element(text, tag, passage[1] or passage[2] or "")
                if re.match(r"<(br|p|div|/p|/div|li|tr|h\d|hr)\b", tag[0], re.I):
                    self.out.append(_BREAK if tag[0][1:2] != "b" else "\n")
                return tag.end()
        elif char == "(" and self.kind == "harlowe":
            if macro := macros.HARLOWE.match(text, at):
                return self._harlowe(text, at, macro)
        elif char == "]" and self.kind == "harlowe" and self.within:
            self._close("[")
            return at + 1
        elif char == "{" and self.kind == "chapbook":
            if insert := macros.INSERT.match(text, at):
                self._insert(insert[1])
                return insert.end()
        elif char == CONDITION:
            end = text.index(END, at)
            self._cut(0)
            if end > at + 1:
                self._begin("if", text[at + 1 : end])
            return end + 1
        elif char == "_" and macros.EMPHASIS.match(text, at):
            return at + 1
        elif char in "$_" and self.kind in ("sugarcube", "harlowe") and (variable := macros.VARIABLE.match(text, at)):
            self.left.note("variables", variable[0].rstrip("."))
            self._gap(variable[0].rstrip("."))
            self.out.append("." * variable[0].endswith("."))
            return variable.end()
        if char == "\n":
            self._end_row()
        elif self.within and char.isalnum() and self.told != (now := (len(self.within), self.within[-1])):
            self.pending |= dict.fromkeys(self._notes())
            self.told = now
        self.out.append(char)
        return at + 1

    def _gap(self, what: str) -> None:
        """Something that is only known in play."""
        self.pending[what] = None
        self.out.append(GAP)

    def _end_row(self) -> None:
        """Put down what has been noted of the row."""
        for note in self.pending:
            self.out.append(noted(len(self.notes)))
            self.notes.append(note)
        self.pending, self.told = {}, None

    def _element(self, text: str, tag: re.Match[str], to: str) -> int:
        """An element of HTML that leads to a passage."""
        closing = f"</{re.match(r'<([A-Za-z0-9]+)', tag[0])[1]}>".lower()
        inner = text[tag.end() : tag.end() + macros.FAR]
        end = inner.lower().find(closing)
        words = inner[:end] if end >= 0 else ""
        setter = re.search(r"data-setter\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag[0])
        notes = self._notes()
        if setter:
            self.left.note("variables", setter[1] or setter[2] or "")
            notes = [*notes, setter[1] or setter[2] or ""]
        self._goes(words, to, notes)
        return tag.end() + end + len(closing) if end >= 0 else tag.end()

    def _notes(self) -> list[str]:
        """The conditions that hold where one is."""
        near = self.within[-macros.DEEP :]
        return [said for name, said in near if said and name != "["] or [said for _, said in near if said]

    def _link(self, inside: str, setter: str | None = None) -> None:
        """A link in any of its forms: ``words->place``, ``place<-words``, ``words|place``, ``place``."""
        words, to = inside, inside
        for arrow in ("->", "<-", "|"):
            if arrow in inside:
                words, _, to = inside.rpartition(arrow)
                if arrow == "<-":
                    to, _, words = inside.partition(arrow)
                break
        notes = self._notes()
        if setter:
            self.left.note("variables", setter)
            self.left.sets.append(setter)
            notes = [*notes, setter]
        self._goes(words, to, notes)

    def _goes(self, words: str, to: str, notes: list[str], shown: bool = True) -> None:
        """Note a link; where its place is worked out in play, that it was left out."""
        to = said_words(to)
        if re.match(r"[$_]\w|https?:|mailto:", to):
            self.left.note("addresses" if ":" in to else "jumps", to)
            self.out.append(linked(words))
            return
        said = plain(words)
        self.links.append(Link(said if re.search(r"\w", said) else GAP, to, notes))
        if shown:
            self.out.append(linked(words))

    # ---- SugarCube ------------------------------------------------------------------------------------------

    def _sugar(self, text: str, macro: re.Match[str], end: int) -> int:
        name, args, end = macro["name"].lower(), text[macro.end() : end].strip(), end + 2
        if macro["end"]:
            self._close(name)
            return end
        self._count(name, text[macro.start() : end], args, at_all=macro.start() >= self.linked_until)
        if name in ("elseif", "else"):
            self._swap("if", f"{name} {args}")
        elif name in ("case", "default"):
            self._swap("switch", f"{name} {args}")
        elif name in GOES:
            self._sugar_link(name, args, text, end)
            if name in self.closed:
                self._begin(name)
        elif name in INCLUDES:
            self._include(first_string(args) or args)
        elif name in JUMPS:
            if macro.start() >= self.linked_until:
                self._jump(name, args)
        elif name in self.closed:
            self._begin(name, f"{name} {args}" if name in macros.CONDITIONS else "")
        return end

    def _sugar_link(self, name: str, args: str, text: str, at: int) -> None:
        """A link, whose place may stand in what it encloses."""
        end = text.find(f"<</{name}>>", at, at + macros.FAR) if name in self.closed else -1
        if link := LINK.search(args):
            self._link(link["inside"], link["setter"])
            self.linked_until = max(end, self.linked_until)
            return
        said = [*strings(args)]
        if len(said) > 1 and "+" not in args:
            self._goes(said[0], said[1], self._notes())
        elif name in ("choice", "actions") and said:
            for one in said if name == "actions" else said[:1]:
                self._goes(one, one, self._notes())
        elif said and (to := self.ends.leads_to(at, end)):
            self._goes(said[0], to, self._notes())
        elif said:
            self.left.note("reveals", said[0])
            self.out.append(linked(f" {said[0]} "))
            return
        self.linked_until = max(end, self.linked_until)

    def _jump(self, name: str, args: str) -> None:
        """Going on by itself, where the place is known; a way back has words, and a place only if that is named as well."""
        link = LINK.search(args)
        if name in WAYS_BACK:
            said = [*strings(args)]
            if link:
                self._link(link["inside"], link["setter"])
            elif len(said) > 1:
                self._goes(said[0], said[1], self._notes())
            else:
                self.left.note("jumps", f"{name} {args}")
                self.out += map(linked, said)
            return
        to = re.split(r"->|\|", link["inside"])[-1] if link else first_string(args)
        if not to or re.match(r"[$_]\w", to):
            self.left.note("jumps", args or "back")
        else:
            self.jumps.append(Link(GAP, said_words(to), self._notes()))

    # ---- Harlowe --------------------------------------------------------------------------------------------

    def _harlowe(self, text: str, at: int, macro: re.Match[str]) -> int:
        """A macro in parentheses, and the hook that it may be put before."""
        end = self.pairs.get(at, macro.end() - 1)
        name, args = macro["name"].lower(), text[macro.end() : end].strip()
        if name.replace("-", "") in ("elseif",):
            name = "elseif"
        self.out.append(" " * (name in ("else", "elseif")))
        self._count(name, text[at : end + 1], args)
        hook = re.compile(r"\s*\[(?!\[)").match(text, end + 1)
        if name in GOES:
            said = [*strings(args)]
            if name.endswith("goto") or len(said) > 1:
                self._goes(said[0] if said else "", said[-1] if said else args, self._notes())
            elif said:
                shut = self.pairs.get(hook.end() - 1, 0) if hook else 0
                if hook and (to := self.ends.leads_to(hook.end(), shut)):
                    self._goes(said[0], to, self._notes())
                    return shut + 1
                self.left.note("reveals", said[0])
                self.out.append(linked(f" {said[0]} "))
        elif name in INCLUDES:
            self._include(first_string(args) or args)
        elif name in JUMPS:
            self._jump(name, args)
        if hook:
            self._begin("[", f"{name} {args}".strip() if name in macros.CONDITIONS or name == "elseif" else "")
            return hook.end()
        return end + 1

    # ---- Chapbook -------------------------------------------------------------------------------------------

    def _insert(self, inside: str) -> None:
        name = re.split("[:,]", inside.strip())[0].strip().lower()
        self.pending |= dict.fromkeys(self._notes())
        if name == "embed passage":
            self._include(first_string(inside) or "")
        elif name in ("reveal link", "cycling link for"):
            words = [*strings(inside)]
            if "passage:" in inside and len(words) > 1:
                self.left.note("reveals", words[0])
                self.out.append(f" {words[0]} ")
                self._include(words[1])
            else:
                self.out.append(" ".join(["", *words, ""]))
                self.left.note("reveals", inside)
        elif name in ("back link", "restart link", "undo link"):
            self.left.note("jumps", inside)
        elif re.fullmatch(r"[\w.]+", inside.strip()):
            self.left.note("variables", inside)
            self._gap(inside.strip())
        else:
            kind = (
                "pictures"
                if re.match(r"embed (image|.*audio|.*video|flickr|unsplash)|ambient|sound", name)
                else "macros"
            )
            self.left.note(kind, inside)

    # ---- shared ---------------------------------------------------------------------------------------------

    def _include(self, name: str) -> None:
        """Put a mark where another passage stands."""
        if re.match(r"[$_]\w", name) or not name:
            self.left.note("jumps", name or "?")
            return
        mark = f"{macros.PLACEHOLDER}{len(self.included)}{macros.PLACEHOLDER}"
        self.included[mark] = name.strip("\"'[]")
        self._end_row()
        self.out.append(f"{_BREAK}{mark}{_BREAK}")

    def _count(self, name: str, whole: str, args: str, at_all: bool = True) -> None:
        """Count a macro by what it is for; it may lead somewhere ``at_all`` unless it stands in a link that is noted."""
        if at_all and name not in GOES | JUMPS | INCLUDES:
            self._mentioned(args)
        if name in macros.CONDITIONS or name == "elseif":
            self.left.note("conditions", f"{name} {args}")
        elif name in macros.SETS:
            variables = macros.VARIABLE.findall(args)
            for variable in variables[:1] or [whole]:
                self.left.note("variables", variable.rstrip("."))
            if name in ("print", "=", "-"):
                self._gap(f"{name} {args}")
            else:
                self.left.sets.append(f"{name} {args}".strip())
        elif name in macros.LOOPS:
            self.left.note("loops", f"{name} {args}")
        elif name in macros.SOUND:
            self.left.note("pictures", args or name)
        elif name in macros.RAW:
            self.left.note("scripts", name)
        elif name in macros.PRINTS:
            self.left.note("variables", whole)
            self._gap(f"{name} {args}".strip())
        elif name not in GOES | JUMPS | INCLUDES | {"nobr", "silently", "b"}:
            self.left.note("macros", name)

    def _mentioned(self, text: str) -> None:
        """Passages that a script or a macro names: it may lead there, with the words that stand before."""
        said = [*strings(text)]
        for before, one in zip(["", *said], said, strict=False):
            if one in self.names:
                words = before if before and before not in self.names and " " in before else GAP
                self._goes(words, one, [*self._notes(), "script"], shown=False)

    def _begin(self, name: str, said: str = "") -> None:
        """Open a macro."""
        self.within.append((name, said if len(said) <= macros.LONG else f"{said[: macros.LONG]}…"))
        self.open[name] += 1

    def _cut(self, number: int) -> None:
        """End all macros but the outermost ``number``."""
        self.open.subtract(name for name, _ in self.within[number:])
        del self.within[number:]

    def _close(self, name: str) -> bool:
        """End the innermost macro of this name, and what was left open in it; whether one was open."""
        if self.open[name] < 1:
            return False
        self._cut(next(n for n in range(len(self.within) - 1, -1, -1) if self.within[n][0] == name))
        return True

    def _swap(self, name: str, said: str) -> None:
        """Another branch of the innermost macro of this name."""
        self.out.append(" ")
        if self._close(name):
            self._begin(name, said.strip())

    def words(self) -> Words:
        """What was read, as paragraphs."""
        self._end_row()
        jumps = [*{(one.to, *one.notes): one for one in self.jumps}.values()]
        alone = len(jumps) == 1 and not self.links and not jumps[0].notes
        for one in jumps if not alone else ():
            self.left.note("goes", one.to)
            one.notes = [*one.notes, f"goto {one.to}"]
        links = {(link.words, link.to): link for link in reversed([*self.links, *(() if alone else jumps)])}
        said = paragraphs("".join(self.out), self.notes)
        return Words(said, [*links.values()][::-1], self.included, jumps[0].to if alone else "")
