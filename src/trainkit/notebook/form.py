"""A case written by form, in a notebook: the draft, what of it is open, and what comes back from the browser."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from trainkit.case.model import SOURCE_LANGUAGE
from trainkit.checks.best_play import target_that_follows
from trainkit.checks.report import check
from trainkit.checks.ways_to_endings import ways_to_endings
from trainkit.editor.beginning import beginning
from trainkit.editor.draft import Draft, draft_of
from trainkit.editor.edits import edit as edited
from trainkit.editor.names import checked_name
from trainkit.editor.tree import at, entries
from trainkit.editor.trial import Trial, trial
from trainkit.errors import N_, KeyPath, TrainkitError, UnknownName, shown
from trainkit.files import casebook, scaffold, translation, yaml_reader
from trainkit.files.outline import skeleton_of
from trainkit.files.twee import is_ours, load_twee, take
from trainkit.files.yaml_writer import source
from trainkit.garbage import gc_paused
from trainkit.i18n import catalog, languages
from trainkit.notebook.author import place
from trainkit.notebook.form_beside import Counted
from trainkit.notebook.form_view import PAGES, Checked, Form, Opened, form_html, side_html, top_html
from trainkit.notebook.later import Cancellable, later
from trainkit.view import render

WRITTEN_AFTER_S = 2.0  # if the browser is gone by then, the files are written without it
MAX_STORY = 1_000_000


class Editor(anywidget.AnyWidget):
    """The form of a case; make one with :func:`edit`.

    ``draft`` is the case in its author's hands. ``top``, ``form`` and ``side`` are the HTML in the browser, ``said`` what
    else it has to know.
    """

    _esm = Path(__file__).parent / "form.js"
    _css = render.asset("tk.css") + (Path(__file__).parent / "form.css").read_text("utf-8")
    top = traitlets.Unicode().tag(sync=True)
    form = traitlets.Unicode().tag(sync=True)
    side = traitlets.Unicode().tag(sync=True)
    said = traitlets.Dict().tag(sync=True)

    def __init__(self, draft: Draft, lang: str):
        self.draft, self.lang = draft, lang
        self.uid = f"e{secrets.token_hex(3)}"
        self.opened = Opened(place=str(at(draft.document["case"], ("start",), "")))
        self._later: Cancellable | None = None
        self._shown_document: Any = None
        self._counted = Counted()
        super().__init__()
        self.on_msg(self._on_message)
        self._show()

    # ---- what is shown -------------------------------------------------------------------------------------------

    def _show(self, ack: str = "", error: str = "", focus: str = "", count: bool = False) -> None:
        with self.draft.guard:
            self._settle_place()
            form = Form(self.draft, self.opened, self.lang, self.uid)
            self.top, self.form = top_html(form), form_html(form)
            self._counted = self._counted.of(self.draft.case if form.counts else None, count)
            self.side = side_html(form, self._trial(), self._counted)
            self._shown_document = self.draft.document
            gettext = catalog(self.lang).gettext
            self.said = {
                "lang": self.lang, "ack": ack, "error": error, "focus": focus, "clean": not self.draft.unsaved,
                "new": not self.draft.begun, "later": form.counts and not self._counted.fresh,
                "pick": gettext("Enter: take it; Esc: as it was"),
                "label": gettext("Case editor"),
                "dead": gettext(
                    "Not saved: the program can’t be reached. Reload the page; the draft has what was confirmed."
                ),
                "busy": gettext("Not confirmed yet: the program is busy with another cell."),
            }  # fmt: skip

    def _settle_place(self) -> None:
        """What is open must still be there."""
        case, opened = self.draft.document["case"], self.opened
        here = [*entries(case, ("scenes",)), *entries(case, ("endings",))]
        if opened.place not in here:
            start = at(case, ("start",), "")
            opened = replace(opened, place=start if start in here else next(iter(here), ""), reply="", asking=False)
        if opened.page:
            opened = replace(opened, asking=False)  # the map there opens places, it rewires nothing
        if opened.reply not in entries(case, ("scenes", opened.place, "options")):
            opened = replace(opened, reply="", asking=False)
        if opened.setting.scene != opened.place and opened.place in entries(case, ("scenes",)) and not opened.page:
            opened = replace(opened, setting=replace(opened.setting, scene=opened.place, answers=()))
        self.opened = opened

    def _trial(self) -> Trial | None:
        if not self.draft.begun:
            return None
        gettext = catalog(self.lang).gettext
        case = self.draft.case
        if case is not None:
            case = case.with_translations(self.draft.document["texts"])
        return trial(self.draft.document["case"], case, self.opened.setting, gettext("Nothing is written here yet."))

    # ---- what comes back -----------------------------------------------------------------------------------------

    def _on_message(self, _widget: Any, message: object, _buffers: object) -> None:
        # Never trust it: any JavaScript in the notebook can send anything.
        sent = message if isinstance(message, Mapping) else {}
        ack, error, focus = str(sent.get("nonce", ""))[:40], "", ""
        if ack and ack == self.said["ack"]:  # sent again, since nothing was heard
            self.said = {**self.said, "times": self.said.get("times", 1) + 1}
            return
        if "look" in sent:
            if not self.draft.look_around() and self._shown_document is self.draft.document:
                self.said = {**self.said, "ack": ack, "focus": "", "error": ""}
                return
        else:
            try:
                focus = self._do(sent)
            except TrainkitError as refused:
                error = refused.said(catalog(self.lang).gettext)
        ui = sent.get("ui")
        self._show(ack, error, focus, count=isinstance(ui, Mapping) and bool({"count", "help"} & set(ui)))

    def _do(self, sent: Mapping[str, Any]) -> str:
        """Do what was sent; gives which field shall have the focus, "" for that which has it."""
        before = self.draft.document
        focus = ""
        if "edit" in sent:
            step = sent.get("step")
            self.draft.edit(sent["edit"], str(step)[:60] if step else None)
            focus = self._new_part(before)
        elif "ui" in sent:
            focus = self._open(sent["ui"] if isinstance(sent["ui"], Mapping) else {})
        goto = self._goto()
        if at(before["case"], goto, None) != at(self.draft.document["case"], goto, None):
            self.opened = replace(self.opened, asking=False)  # it is answered, on the map or otherwise
        report, now = self.opened.report, self.draft.document
        if report is not None and report.document is before is not now and before["case"] is now["case"]:
            self._check()  # ways and reasons: it is asked again, and the case isn't played anew
        if sent.get("save"):
            self._write()
        elif self.draft.document is not before:
            self._write_later()
        return focus

    def _write(self) -> None:
        if self._later is not None:
            self._later.cancel()
        self.draft.write()

    def _write_later(self) -> None:
        """Write without the browser, should it be gone."""
        if self._later is not None:
            self._later.cancel()
        self._later = later(WRITTEN_AFTER_S, self._quietly)

    def _quietly(self) -> None:
        with suppress(TrainkitError, OSError):
            self.draft.write()

    def _new_part(self, before: Any) -> str:
        """Open what an edit has added, and give its first field the focus."""
        old, new, here = before["case"], self.draft.document["case"], self.opened.place
        for kind in ("scenes", "endings"):
            fresh = [name for name in entries(new, (kind,)) if name not in entries(old, (kind,))]
            gone = [name for name in entries(old, (kind,)) if name not in entries(new, (kind,))]
            if len(fresh) == 1 and not gone and self.opened.asking and kind == "endings":
                return ""
            if len(fresh) == 1 and old:
                renamed = len(gone) == 1 and gone[0] == here
                self.opened = replace(self.opened, place=fresh[0], page="", reply=self.opened.reply if renamed else "")
                return "" if renamed else f"{kind}-{fresh[0]}-title"
        old_options, new_options = (entries(data, ("scenes", here, "options")) for data in (old, new))
        fresh = [name for name in new_options if name not in old_options]
        if len(fresh) == 1:
            renamed = len(new_options) == len(old_options)
            asking = at(new_options, (fresh[0], "goto"), None) in (None, "")
            self.opened = replace(self.opened, reply=fresh[0], asking=asking and not renamed)
            return "" if renamed else f"scenes-{here}-options-{fresh[0]}-text"
        return ""

    def _open(self, ui: Mapping[str, Any]) -> str:
        """Something that changes what is seen, not the case (or the case by way of what is seen)."""
        opened, case = self.opened, self.draft.document["case"]
        if "go" in ui:
            self.opened = replace(opened, place=str(ui["go"]), page="", reply="", asking=False)
        elif ui.get("page") in PAGES:
            self.opened = replace(opened, page=str(ui["page"]), asking=False)
        elif "reply" in ui:
            name = str(ui["reply"])
            goto = at(case, ("scenes", opened.place, "options", name, "goto"), None)
            self.opened = replace(opened, reply=name, asking=bool(name) and goto in (None, ""))
            return f"scenes-{opened.place}-options-{name}-text" if name else ""
        elif "whole" in ui:
            self.opened = replace(opened, whole=bool(ui["whole"]))
        elif "asking" in ui:
            self.opened = replace(opened, asking=bool(ui["asking"]))
        elif "leads" in ui:
            return self._lead(str(ui["leads"]), ui.get("path"))
        elif "find" in ui:
            return self._find(ui["find"])
        elif "try" in ui:
            self._try(ui["try"] if isinstance(ui["try"], Mapping) else {})
        elif "translate" in ui:
            lang = str(ui["translate"])
            own = at(self.draft.document["case"], ("lang",), SOURCE_LANGUAGE)
            wanted = translation.is_language(lang) and lang != own
            self.opened = replace(opened, translate=lang if wanted else "")
        elif "help" in ui:
            self.opened = replace(opened, help=bool(ui["help"]))
        elif ui.get("lang") in languages():
            self.lang = str(ui["lang"])
        elif ui.get("do") == "undo":
            self.draft.undo()
        elif ui.get("do") == "redo":
            self.draft.redo()
        elif ui.get("do") == "check":
            self._check()
        elif ui.get("do") == "ways":
            self._find_ways()
        elif ui.get("do") == "take over":
            self.draft.take_over()
        elif ui.get("do") in ("mine", "theirs"):
            self.draft.settle(ui["do"] == "theirs")
            self.draft.write()
        elif ui.get("do") == "overwrite":
            self.draft.overwrite()
        elif "begin" in ui:
            self._begin(ui["begin"] if isinstance(ui["begin"], Mapping) else {})
            return f"scenes-{self.opened.place}-lines-0"
        return ""

    def _goto(self) -> KeyPath:
        """Where it says where the open reply leads."""
        return ("scenes", self.opened.place, "options", self.opened.reply, "goto")

    def _lead(self, name: str, asked: Any) -> str:
        """The open reply leads to a place that was pointed at; ``asked`` is the path that the page had in mind."""
        opened, whole = self.opened, list(self._goto())
        path = asked if isinstance(asked, list) else whole
        if path[: len(whole)] != whole:
            return ""  # a click on a page that was gone by then changes nothing
        if opened.reply and not opened.page:
            goto = at(self.draft.document["case"], tuple(path), None)
            if isinstance(goto, list):  # the place where it leads otherwise
                path = [*path, len(goto) - 1, "value"]
            if name in ("new scene", "new ending"):
                before = self.draft.document
                step = secrets.token_hex(4)
                kind = "scenes" if name == "new scene" else "endings"
                wanted = {"do": "add_scene", "after": opened.place} if kind == "scenes" else {"do": "add_ending"}
                made = edited(before, wanted)
                fresh = next(one for one in made["case"][kind] if one not in before["case"][kind])
                self.draft.edit({"do": "several", "edits": [wanted, {"do": "set", "path": path, "value": fresh}]}, step)
            else:
                self.draft.edit({"do": "set", "path": path, "value": name})
            self.opened = replace(opened, asking=False)
            self._write_later()
        return "-".join(map(str, path))

    def _find(self, path: Any) -> str:
        """Open what a path leads to."""
        keys = [str(key) for key in path] if isinstance(path, list) else []
        pages = {"facts": "facts", "debrief": "debrief", "speakers": "people", "patience": "people", "memory": "facts"}
        if keys[:1] and keys[0] in ("scenes", "endings") and len(keys) > 1:
            reply = keys[3] if keys[2:3] == ["options"] and len(keys) > 3 else ""
            asking = bool(reply) and keys[-1] == "goto"
            self.opened = replace(self.opened, place=keys[1], page="", reply=reply, asking=asking)
        else:
            self.opened = replace(self.opened, page=pages.get(next(iter(keys), ""), "case"))
        return "-".join(keys)

    def _try(self, wanted: Mapping[str, Any]) -> None:
        """Say something in the trial, begin it anew, or let something else be true or known."""
        setting = self.opened.setting
        if "say" in wanted:
            setting = replace(setting, answers=(*setting.answers, str(wanted["say"])))
        elif "back" in wanted:
            setting = replace(setting, answers=setting.answers[:-1])
        elif "anew" in wanted:
            setting = replace(setting, answers=())
        elif isinstance(wanted.get("true"), list) and len(wanted["true"]) == 2:
            name, value = map(str, wanted["true"])
            fixed = {**setting.fixed, name: value} if value else {k: v for k, v in setting.fixed.items() if k != name}
            setting = replace(setting, fixed=fixed)
        elif "known" in wanted:
            name = str(wanted["known"])
            known = [one for one in setting.known if one != name]
            setting = replace(setting, known=tuple(known if name in setting.known else [*known, name]))
        self.opened = replace(self.opened, setting=setting)

    def _check(self) -> None:
        """What the check says of the files, once they say what the draft does."""
        if self.draft.write():
            report, case = check(self.draft.folder), self.draft.case
            apart = any(problem.path == ("context", "target") for problem in report.errors)
            target = target_that_follows(case) if apart and case is not None else None
            told = Checked(self.draft.document, report.errors, report.warnings, report.accepted, target)
            self.opened = replace(self.opened, report=told)

    def _find_ways(self) -> None:
        """Add a way to each ending that none leads to yet."""
        case, walks = self.draft.case, self.draft.document["walks"] or {}
        there = {walk.get("ending") for walk in walks.values() if isinstance(walk, Mapping)}
        found = ways_to_endings(case).items() if case is not None else ()
        ways = [
            {"do": "add_walk", "answers": list(way.answers), "ending": ending, "fixed": way.fixed}
            for ending, way in found
            if ending not in there
        ]
        if ways:
            self.draft.edit({"do": "several", "edits": ways[:50]})

    def _begin(self, wanted: Mapping[str, Any]) -> None:
        """Begin a case: from answers, from the example, from a story."""
        name, gettext = self.draft.folder.name, catalog(self.lang).gettext
        kind = wanted.get("from")
        if kind == "example":
            case = yaml_reader.parse(scaffold.skeleton(name, lang=self.lang), "")[0]
        elif kind == "story":
            text = str(wanted.get("story", ""))[:MAX_STORY]
            if not text.strip():
                raise TrainkitError(gettext("Choose a file with a story first."))
            case = _of_story(text, self.draft.folder)
        else:
            case = beginning(name, wanted, gettext, self.lang)
        self.draft.edit({"do": "begin", "case": case})
        self._write_later()
        self._settle_place()


def _of_story(text: str, folder: Path) -> Any:
    """The case of a story: of one of ours as it is, of any other a skeleton with gaps."""
    if is_ours(text):
        return {**source(load_twee(text)), "id": folder.name}
    taken = take(text, folder.name)
    if taken is None:
        raise TrainkitError(N_("{file} has no passage that could be a scene"), file=folder.name)
    return skeleton_of(taken.outline, folder).data


def _folder(case: str | os.PathLike) -> Path:
    """The folder of a case that may not be there yet."""
    if not isinstance(case, str | os.PathLike) or not os.fspath(case):
        raise TrainkitError(f"a case is named by its id or its folder (got {shown(case)})")
    path = Path(case)
    return path.resolve() if len(path.parts) > 1 else place(path.name)


@gc_paused()
def edit(case: str | os.PathLike, lang: str | None = None) -> Editor:
    """Write a case by form: scenes, replies, keys, where they lead, beside a map and a trial. It writes ``case.yml``.

    Parameters
    ----------
    case : str or path
        The id of a new case, of one begun in ``my_cases/`` beside the notebook or of the casebook; or a case's folder.
    lang : str
        Language of the form: ``"ru"`` or ``"en"``; a new case is written in it. If left out, that of the case, or Russian.

    Returns
    -------
    Editor
        A widget; the last line of a cell shows it.

    Raises
    ------
    TrainkitError
        If the name is no name, or the file can't be read as YAML (each place with its line); the file stays as it is.

    Notes
    -----
    Every change is kept in a draft beside the file; ``case.yml`` itself is written whenever the draft is a case that reads.
    Only what has changed is rewritten: comments, order and all other lines stay. The draft is kept when the page is closed.
    """
    folder = _folder(case)
    if lang is None:
        own = casebook.languages_in(folder)[0]
        lang = own if own in languages() else "en"
    if lang not in languages():
        raise UnknownName("language", lang, languages())
    if not folder.exists():
        checked_name(folder.name)
    return Editor(draft_of(folder), lang)
