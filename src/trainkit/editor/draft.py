"""A case in the hands of an author: every edit can be undone, the draft is always saved, the files whenever they read."""

import atexit
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from trainkit.case.model import Case
from trainkit.editor.case_files import BOM, CASE, Files, read_files
from trainkit.editor.changes import Change, change, made, undone
from trainkit.editor.disk import Holder, Lock, remove, write_whole
from trainkit.editor.document import Document
from trainkit.editor.edits import edit
from trainkit.editor.merge import Clash, merged, with_theirs
from trainkit.editor.problems import FieldProblem, problems
from trainkit.errors import N_, CaseError, NotSaved, Problem, Refused, TrainkitError
from trainkit.files import yaml_reader
from trainkit.files.gaps import MARK, Gap, blanks, gaps
from trainkit.files.reading import shown_path, writing
from trainkit.files.yaml_edit import same

DRAFT = ".case.draft.json"
FORMAT = 1
HELD = N_("This case is open in another editor; take it over first.")
MAX_KEPT = 4_000_000  # characters of undone steps that a draft file keeps; the oldest go first


class Draft:
    """The case of a folder while it is changed. One process has one for a folder: :func:`draft_of`.

    ``document`` is what it says now, ``problems`` why that isn't a case yet. ``trouble`` is why the last thing could not be
    saved, ``held_by`` who else has the folder, ``clashes`` what was changed both here and in the file, ``unreadable`` why the
    file, changed elsewhere, can't be read now. While there is one of them the files stay as they are.
    """

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        with writing(shown_path(folder)):
            self.folder.mkdir(parents=True, exist_ok=True)
        self.guard = threading.RLock()
        self.lock = Lock(self.folder)
        self.held_by: Holder | None = None
        self.closed = False
        self.trouble: TrainkitError | None = None
        self.clashes: list[Clash] = []
        self.unreadable: tuple[Problem, ...] = ()
        self.saved_at: float | None = None
        self.written_at: float | None = None
        self._undo: list[Change] = []
        self._redo: list[Change] = []
        self._open_step: object = None
        self._examined: tuple[Any, Case | None, list[FieldProblem]] | None = None
        self.whole: Case | None = None  # the last that could be played
        self._take()
        self._read()

    def _read(self) -> None:
        """Begin with what the files say, and the draft beside them."""
        self._files: Files = read_files(self.folder)  # by which texts are edited
        self._disk: Mapping[str, str] = self._files.texts  # what is known to be on the disk
        self._synced: Document = self._files.document  # what that says
        self.document: Document = self._synced
        self._undo, self._redo, self._open_step = [], [], None
        self._stamp = self._stamps()
        self._restore()

    # ---- editing -----------------------------------------------------------------------------------------------

    def edit(self, wanted: Mapping[str, Any], step: object = None) -> None:
        """Make an edit (:func:`trainkit.editor.edits.edit`); those with the same ``step`` in a row are undone as one.

        Raises
        ------
        Refused
            If it can't be made, or somebody else has the folder.
        """
        with self.guard:
            self._refuse_others()
            new = edit(self.document, wanted)
            one = change(self.document, new)
            if one is None:
                return
            if step is not None and step == self._open_step and self._undo:
                before = made(self.document, undone(self._undo.pop()))
                one = change(before, new)
            if one is not None:
                self._undo.append(one)
            self._open_step = step
            self._redo.clear()
            self.document = new
            self.save()

    def undo(self) -> None:
        """Take the last edit back; harmless where there is none."""
        self._step(self._undo, self._redo)

    def redo(self) -> None:
        """Make again what was taken back last."""
        self._step(self._redo, self._undo)

    def _step(self, here: list[Change], there: list[Change]) -> None:
        with self.guard:
            self._refuse_others()
            if here:
                back = undone(here.pop())
                self.document = made(self.document, back)
                there.append(back)
                self._open_step = None
                self.save()

    @property
    def begun(self) -> bool:
        """Whether there is anything of a case yet."""
        return bool(self.document["case"])

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is one to make again."""
        return bool(self._redo)

    # ---- what it is --------------------------------------------------------------------------------------------

    @property
    def case(self) -> Case | None:
        """The case, if nothing is wrong with it."""
        return self._look()[1]

    @property
    def problems(self) -> list[FieldProblem]:
        """What keeps it from being one."""
        return self._look()[2]

    def _look(self) -> tuple[Any, Case | None, list[FieldProblem]]:
        with self.guard:
            data = self.document["case"]
            if self._examined is None or self._examined[0] is not data:
                self._examined = (data, *problems(data, self.folder.name))
                self.whole = self._examined[1] or self.whole
            return self._examined

    @property
    def unsaved(self) -> bool:
        """Whether the files say something else than the draft."""
        return not same(self._synced, self.document)

    def yaml(self) -> str:
        """The text that ``case.yml`` has or will have."""
        with self.guard:
            return self._files.saying(self.document).get(CASE, "")

    def gaps(self) -> list[Gap]:
        """What is still to be filled in: texts that say nothing, and what ``case.yml`` marks."""
        with self.guard:
            text = self.yaml()
            if MARK not in text and not any(blanks(self.document["case"])):
                return []
            data, lines = yaml_reader.parse(text.removeprefix(BOM), CASE)
            return [*gaps(text, lines, data)]

    # ---- saving ------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Save the draft; where that fails ``trouble`` says why, and everything is kept in memory."""
        with self.guard:
            kept = {"undo": self._undo, "redo": self._redo}
            texts = {name: json.dumps(steps, ensure_ascii=False) for name, steps in kept.items()}
            while len(texts["undo"]) > MAX_KEPT:
                kept["undo"] = kept["undo"][len(kept["undo"]) // 4 + 1 :]
                texts["undo"] = json.dumps(kept["undo"], ensure_ascii=False)
            data = {
                "format": FORMAT,
                "base": dict(self._files.texts),
                "disk": _marks(self._disk),
                "synced": change(self._files.document, self._synced),
                "now": change(self._synced, self.document),
            }
            text = json.dumps(data, ensure_ascii=False)[:-1] + f', "undo": {texts["undo"]}, "redo": {texts["redo"]}}}'
            try:
                write_whole(self.folder / DRAFT, text.encode("utf-8", "surrogatepass"), sync=False)
                self.trouble, self.saved_at = None, time.time()
            except NotSaved as error:
                self.trouble = error

    def write(self) -> bool:
        """Write the files if they would read and nobody else has changed them; whether they say what the draft does now."""
        with self.guard:
            if self.closed:
                return False
            self.look_around()
            if self.held_by or self.clashes or self.unreadable or self.case is None:
                return False
            if not self.unsaved:
                return True
            try:
                texts = self._files.saying(self.document)
                for name, text in texts.items():
                    if self._disk.get(name) != text:
                        write_whole(self.folder / name, text.encode())
                        self._disk = {**self._disk, name: text}
                for name in [name for name in self._disk if name not in texts]:  # begun here, and undone
                    remove(self.folder / name)
                    self._disk = {one: text for one, text in self._disk.items() if one != name}
            except NotSaved as error:
                self.trouble, self._stamp = error, self._stamps()
                return False
            self._synced, self._stamp, self.written_at = self.document, self._stamps(), time.time()
            self.save()
            return True

    # ---- others ------------------------------------------------------------------------------------------------

    def look_around(self) -> bool:
        """See whether somebody else has the folder now or has changed its files, and take that in; whether anything was."""
        with self.guard:
            before = self.held_by, self.document, len(self.clashes), self.unreadable
            if self.held_by is None and not self.lock.mine:
                self.held_by = self.lock.holder()
                if self.held_by is None:
                    self._take()
            elif self.held_by is not None and self.held_by.gone:
                self._take()
            stamp = self._stamps()
            if stamp != self._stamp:
                self._stamp = stamp
                self._take_in()
            return before != (self.held_by, self.document, len(self.clashes), self.unreadable)

    def _take_in(self) -> None:
        """What was changed in the files elsewhere goes together with what was changed here."""
        try:
            files = read_files(self.folder)
        except CaseError as error:
            self.unreadable = error.problems
            return
        self.unreadable = ()
        if dict(files.texts) == dict(self._disk):
            return
        new, clashes = merged(self._synced, self.document, files.document)
        self._files, self._disk, self._synced = files, files.texts, files.document
        self.clashes = clashes
        one = change(self.document, new)
        if one is not None:
            self._undo.append(one)
            self._redo.clear()
        self._open_step = None
        self.document = new
        self.save()

    def settle(self, theirs: bool) -> None:
        """Where here and in the file the same was changed otherwise: keep what is here, or take what the file has."""
        with self.guard:
            self._refuse_others()
            if theirs:
                new = with_theirs(self.document, self.clashes)
                one = change(self.document, new)
                if one is not None:
                    self._undo.append(one)
                    self.document = new
            self.clashes = []
            self.save()

    def overwrite(self) -> None:
        """Write over a file that was changed elsewhere and can't be read."""
        with self.guard:
            self._refuse_others()
            self.unreadable = ()
            self._disk = {name: text for name, text in self._disk.items() if name != CASE}
            self._synced = {**self._synced, "case": None}
            self.write()

    def take_over(self) -> None:
        """Take the folder from whoever has it, with the draft they have; they are told.

        Raises
        ------
        CaseError
            If ``case.yml`` can't be read now.
        """
        with self.guard:
            base, mine = self._synced, self.document
            self._take(over=True)
            self._read()  # their draft, too: nothing of it is lost
            if not same(base, mine):
                new, self.clashes = merged(base, mine, self.document)
                one = change(self.document, new)
                if one is not None:
                    self._undo.append(one)
                    self.document = new
            self.save()

    def _take(self, over: bool = False) -> None:
        try:
            self.held_by = self.lock.take(over)
            self.trouble = None
        except NotSaved as error:
            self.trouble = error

    def _refuse_others(self) -> None:
        if self.held_by is None and not self.lock.mine:
            self.look_around()
        if self.held_by is not None:
            raise Refused(HELD)

    def leave(self) -> None:
        """Close it: the folder is free for others."""
        with self.guard:
            self.closed = True
            _OPEN.pop(self.folder, None)
            if self.held_by is None:
                self.lock.leave()

    def _stamps(self) -> tuple:
        found = []
        for file in (self.folder / CASE, *sorted(self.folder.glob("*.yml")), self.folder / "translated.json"):
            try:
                at = file.stat()
                found.append((file.name, at.st_mtime_ns, at.st_size, at.st_ino))
            except OSError:
                found.append((file.name, 0, 0, 0))
        return tuple(found)

    # ---- a draft from before -----------------------------------------------------------------------------------

    def _restore(self) -> None:
        """Go on with a draft that was saved; what was changed in the files since goes together with it."""
        try:
            data = json.loads((self.folder / DRAFT).read_text("utf-8"))
            if data["format"] != FORMAT:
                return
            files = Files(data["base"], self.folder)
            synced = made(files.document, data["synced"]) if data["synced"] else files.document
            mine = made(synced, data["now"]) if data["now"] else synced
            undo, redo, disk = list(data["undo"]), list(data["redo"]), dict(data["disk"])
            for steps in (undo, redo):  # a file that was cut or edited is no way back
                there = mine
                for one in reversed(steps):
                    there = made(there, undone(one))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, CaseError):
            return
        self._undo, self._redo = undo, redo
        if disk == _marks(self._disk):  # the very files: what was taken out of them comes back by undo as it was
            self._files, self._synced, self.document = files, synced, mine
        else:
            self.document, self.clashes = merged(synced, mine, self._synced)
            one = change(mine, self.document)
            if one is not None:
                self._undo.append(one)
                self._redo.clear()


def _marks(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for name, text in texts.items()}


_OPEN: dict[Path, Draft] = {}
_OPENING = threading.Lock()


def _leave_all() -> None:
    """The program ends: every folder is free for others."""
    for draft in list(_OPEN.values()):
        draft.leave()


def draft_of(folder: Path, opened: Callable[[Path], Draft] = Draft) -> Draft:
    """The one draft of a folder in this process.

    Raises
    ------
    CaseError
        If its ``case.yml`` can't be read.
    """
    with _OPENING:
        place = folder.resolve()
        if place not in _OPEN:
            if not _OPEN:
                atexit.register(_leave_all)
            _OPEN[place] = opened(place)
        return _OPEN[place]
