"""What is on the form: the part of a draft that its author has opened, as templates need it."""

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from trainkit.case.model import NARRATOR, PLAYER, SOURCE_LANGUAGE
from trainkit.checks.beside import Chosen
from trainkit.editor.document import Document, source_texts, stale
from trainkit.editor.draft import Draft
from trainkit.editor.edits import edit as edited
from trainkit.editor.problems import FieldProblem
from trainkit.editor.text_ids import speaker_of, text_places
from trainkit.editor.tree import at
from trainkit.editor.trial import Setting, Trial
from trainkit.engine.lines import spoken
from trainkit.errors import KeyPath, Problem, TrainkitError
from trainkit.files.gaps import Gap, blank
from trainkit.i18n import quoted
from trainkit.notebook import form_words
from trainkit.notebook.form_beside import Counted
from trainkit.notebook.form_edits import Pick
from trainkit.notebook.form_map import FormMap, form_map
from trainkit.notebook.form_picks import Picks
from trainkit.notebook.form_walks import WalkInWords, walks_in_words, way_of
from trainkit.view.render import template
from trainkit.view.screen import case_text

_ODD = (TypeError, ValueError, AttributeError, KeyError, IndexError, jinja2.TemplateRuntimeError)
PAGES = ("case", "people", "facts", "debrief", "yaml")  # besides scenes and endings


class Checked(NamedTuple):
    """What the check said of a document, and the case's own target that would do where best play stands elsewhere."""

    document: Document
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    accepted: tuple[tuple[Problem, str], ...] = ()
    target: float | None = None


@dataclass(frozen=True)
class Opened:
    """What an author is looking at: a scene or ending, or a page; the open reply; a language to translate into."""

    place: str = ""
    page: str = ""
    reply: str = ""
    asking: bool = False  # the map is asked where the open reply leads
    translate: str = ""
    whole: bool = False  # of a large case all places are on the map
    help: bool = True  # what others would choose here
    setting: Setting = field(default_factory=lambda: Setting(""))
    report: Checked | None = None  # the last check
    confirm: str = ""


class Form(Picks):
    """A draft as a template sees it; every edit is JSON that the browser sends back."""

    def __init__(self, draft: Draft, opened: Opened, lang: str, uid: str):
        super().__init__(draft.document["case"], lang)
        self.draft, self.opened, self.uid = draft, opened, uid
        self.doc = draft.document
        self.words = form_words

    # ---- what is where -----------------------------------------------------------------------------------------

    @cached_property
    def kind(self) -> str:
        """What of the draft is open: ``scenes``, ``endings`` or a page."""
        if self.opened.page:
            return self.opened.page
        return "endings" if self.opened.place in self.names("endings") else "scenes"

    @cached_property
    def base(self) -> KeyPath:
        """The path of the open scene or ending."""
        return (self.kind, self.opened.place)

    def key(self, path: Sequence[str | int], lang: str = "") -> str:
        """The id of a field on the page."""
        return "-".join(map(str, (self.uid, *path, lang))) if lang else "-".join(map(str, (self.uid, *path)))

    def lines(self, path: Sequence[str | int]) -> list[tuple[KeyPath, str, Any, Any]]:
        """Lines as (path, speaker, text or rules, condition); those of another shape left out."""
        found = at(self.case, tuple(path), [])
        said = [
            (number, line, speaker_of(line)) for number, line in enumerate(found if isinstance(found, list) else ())
        ]
        return [
            ((*path, number), name, line[name], line.get("when"))
            for number, line, name in said
            if name and name != "text"
        ]

    # ---- problems ------------------------------------------------------------------------------------------------

    @cached_property
    def problems(self) -> list[FieldProblem]:
        """Everything that keeps the draft from being a case."""
        return self.draft.problems if self.draft.begun else []

    @cached_property
    def _by_path(self) -> dict[KeyPath, FieldProblem]:
        return {problem.path: problem for problem in reversed(self.problems)}

    def _problem(self, path: Sequence[str | int], within: bool) -> FieldProblem | None:
        problem = self._by_path.get(tuple(path))
        if problem is None and within:
            problem = next((one for one in self.problems if one.path[: len(path)] == tuple(path)), None)
        return problem

    def wrong(self, path: Sequence[str | int], within: bool = False) -> str:
        """What is wrong at a field, in words; ``within``: or anywhere in the part."""
        problem = self._problem(path, within)
        return form_words.of_problem(self.case, problem, self.lang) if problem else ""

    def empty(self, path: Sequence[str | int], within: bool = False) -> bool:
        """Whether nothing is wrong but that nothing is written yet."""
        problem = self._problem(path, within)
        return problem is not None and problem.kind == "empty"

    def elsewhere(self) -> list[tuple[str, str, str]]:
        """Problems as (where, what, how to get there), in the order of the file."""
        return [
            (self._where(one.path), form_words.of_problem(self.case, one, self.lang), self.ui(find=list(one.path)))
            for one in self.problems
        ]

    @cached_property
    def gaps(self) -> list[tuple[str, list[str], str]]:
        """What is still to be filled in, as (where, what of it, how to get to the first), in the order of the file."""
        found: dict[str, tuple[str, list[str], str]] = {}
        for gap in self._open_gaps.values():
            said = form_words.of_gap(gap.path, self.lang)
            said = f"{said} ({gap.note})" if gap.note else said
            where = self._where(gap.path)
            found.setdefault(where, (where, [], self.ui(find=list(gap.path))))[1].append(said)
        return [*found.values()]

    @cached_property
    def _open_gaps(self) -> dict[KeyPath, Gap]:
        return {gap.path: gap for gap in self.draft.gaps()} if self.draft.begun else {}

    def open_gap(self, path: Sequence[str | int]) -> bool:
        """Whether it has to be said of a field that it is still to be filled in; an empty one shows it."""
        return tuple(path) in self._open_gaps and (bool(self.gap_note(path)) or self.may_be_right(path))

    def gap_note(self, path: Sequence[str | int]) -> str:
        """Why it is, where the file says so."""
        return self._open_gaps[tuple(path)].note

    def may_be_right(self, path: Sequence[str | int]) -> bool:
        """Whether a gap says something that its author can leave as it is."""
        return not blank(self.at(*path, default=""))

    def says_nothing(self, value: Any) -> bool:
        """Whether a text is but the sign of a gap, which is no words to go on with."""
        return blank(value)

    @property
    def report(self) -> Checked | None:
        """What the check said, as long as the draft says the same."""
        told = self.opened.report
        return told if told is not None and told.document is self.doc else None

    def found(self, problem: Problem) -> tuple[str, str, str]:
        """What the check has found as (where, what, how to get there); of another file without the way."""
        if problem.path is None:
            return "", problem.said(self.gettext), ""
        go = self.ui(find=list(problem.path)) if problem.path else ""
        return self._where(problem.path), form_words.of_finding(self.case, problem.rule, self.lang), go

    def warning(self, problem: Problem) -> tuple[str, str]:
        """What ``accepted.yml`` calls a warning, and where; "" for what is none."""
        found = re.search(r"\[(\w+) at (\S+)\]", problem.mark)
        return (found[1], found[2]) if found else ("", "")

    def walks(self) -> list[WalkInWords]:
        """The ways the case must lead."""
        return walks_in_words(self.case, self.draft.case, self.doc["walks"], self.lang)

    def kept_way(self, trial: Trial) -> str:
        """The edit that keeps what was played in the trial as a way, as JSON; "" where it is none, or is kept already."""
        setting = self.opened.setting
        way = way_of(trial, setting.scene, setting.known, self.at("start"))
        if way is None or edited(self.doc, way) is self.doc:
            return ""
        return json.dumps(way, ensure_ascii=False)

    def _where(self, path: KeyPath) -> str:
        gettext = self.gettext
        if path[:1] in (("scenes",), ("endings",)) and len(path) > 1:
            said = self.title(str(path[1]))
            options = self.names("options", *map(str, path[:2]))
            if path[2:3] == ("options",) and len(path) > 3 and path[3] in options:
                said += ", " + gettext("reply {n}").format(n=options.index(path[3]) + 1)
            return said
        names = {
            "facts": gettext("What is true"),
            "debrief": gettext("Talk afterwards"),
            "speakers": gettext("Who talks"),
            "patience": gettext("Who talks"),
        }
        return names.get(str(path[0]) if path else "", gettext("The case"))

    # ---- translations --------------------------------------------------------------------------------------------

    @cached_property
    def _ids(self) -> dict[KeyPath, str]:
        return {path: key for key, path in text_places(self.case).items()}

    @cached_property
    def _stale(self) -> set[str]:
        return stale(self.doc, self.opened.translate)

    def translation(self, path: Sequence[str | int]) -> tuple[str, str, bool] | None:
        """Id, text and staleness of the translation that stands beside a text; None where none is asked for."""
        key = self._ids.get(tuple(path))
        if not self.opened.translate or key is None:
            return None
        return key, self.doc["texts"].get(self.opened.translate, {}).get(key, ""), key in self._stale

    @cached_property
    def untranslated(self) -> int:
        """How many texts have no translation, or one of another source."""
        texts = self.doc["texts"].get(self.opened.translate, {})
        return sum(key not in texts or key in self._stale for key, text in source_texts(self.doc).items() if text)

    # ---- beside the form -----------------------------------------------------------------------------------------

    @cached_property
    def map(self) -> FormMap:
        """The map."""
        here = "" if self.opened.page else self.opened.place
        return form_map(self.case, here, self.problems, self.lang, self.opened.whole or self.asked)

    @property
    def wide(self) -> bool:
        """Whether the map stands over the form, as wide as both."""
        return self.draft.begun and self.map.kind == "grid" and not self.asked and not self.opened.page

    @property
    def asked(self) -> bool:
        """Whether the map is asked where the open reply leads."""
        return self.opened.asking and bool(self.opened.reply)

    def node(self, name: str) -> str:
        """What a click on the map does: say where the open reply leads, or open the place."""
        if self.asked:
            return self.leads(name, (*self.base, "options", self.opened.reply, "goto"))
        return self.ui(go=name)

    def clock(self) -> str:
        """When the draft was saved, in the author's time."""
        return time.strftime("%H:%M", time.localtime(self.draft.saved_at)) if self.draft.saved_at else ""

    def told(self, error: TrainkitError) -> str:
        """What is wrong, in the author's language."""
        return error.said(self.gettext)

    def number_of_reply(self) -> int:
        """The place of the open reply among those of its scene."""
        names = self.names("options", *self.base)
        return names.index(self.opened.reply) + 1 if self.opened.reply in names else 0

    def scale_words(self) -> str:
        """What a slider says that the browser alone moves, as JSON: up to which number which words."""
        return json.dumps([(100 * upto, self.gettext(text)) for upto, text in form_words.TARGET], ensure_ascii=False)

    def ui_try(self, **what: Any) -> str:
        """Something done in the trial, as JSON."""
        return self.ui(**{"try": what})

    def truths(self, name: str) -> list[Pick]:
        """What may be true of the client in the trial."""
        now = self.opened.setting.fixed.get(name, "")
        entries = [Pick(self.gettext("by chance"), self.ui_try(true=[name, ""]), not now)]
        for value in self.names("values", "facts", name):
            label = form_words.fact_value(self.case, name, value, self.lang)
            entries.append(Pick(label, self.ui_try(true=[name, value]), now == value))
        return entries

    def translations(self) -> list[Pick]:
        """Languages that the case can be translated into."""
        now = self.opened.translate
        known = [
            one
            for one in dict.fromkeys(["en", "ru", *self.doc["texts"], *([now] if now else [])])
            if one != self.written_in
        ]
        return [
            Pick(self.gettext("not now"), self.ui(translate=""), not now),
            *[Pick(one, self.ui(translate=one), one == now) for one in known],
        ]

    @property
    def written_in(self) -> str:
        """The language the case is written in."""
        return str(at(self.case, ("lang",), SOURCE_LANGUAGE))

    @property
    def counts(self) -> bool:
        """Whether it is asked for what others would choose in the open scene."""
        return self.opened.help and self.kind == "scenes" and self.draft.case is not None

    def favourite(self, chosen: Sequence[Chosen], who: str) -> tuple[str, str]:
        """What somebody takes most in the open scene, as (number and words of the reply, share out of a hundred)."""
        most = max(chosen, key=lambda row: getattr(row, who))
        number = self.names("options", *self.base).index(most.option) + 1
        words = form_words.shown(self.at(*self.base, "options", most.option, "text"))
        return f"{number} {quoted(form_words.short(words), self.lang)}", self.percent(getattr(most, who))

    def percent(self, share: float) -> str:
        """A share out of a hundred."""
        return str(round(100 * share))


def side_html(form: Form, trial: Trial | None, counted: Counted) -> str:
    """The map, what others would choose, and the trial."""
    said: list[tuple[str, str, str]] = []
    options: dict[str, str] = {}
    why = ""
    if trial is not None and trial.attempt is not None:
        attempt = trial.attempt
        for line in attempt.said:
            kind = "tell" if line.speaker == NARRATOR else "you" if line.speaker == PLAYER else "them"
            said.append((kind, *spoken(attempt.case, line, form.lang)))
        why = case_text(attempt.case, attempt.steps[-1].because, form.lang) if attempt.steps else ""
        options = {} if attempt.finished else attempt.options(form.lang)
    values = {"trial": trial, "said": said[-12:], "options": options, "why": why}
    values |= {"beside": counted.found, "fresh": counted.fresh}
    try:
        return _page("form_side.html", form, **values)
    except _ODD:
        return ""


def form_html(form: Form) -> str:
    """What is filled in."""
    name = "new" if not form.draft.begun else {"scenes": "scene", "endings": "ending"}.get(form.kind, form.kind)
    try:
        return _page(f"form_{name}.html", form)
    except _ODD:  # a file may hold anything that is YAML
        return _page("form_odd.html", form)


def top_html(form: Form) -> str:
    """Over it: which case, which place, what is saved, what can be undone."""
    return _page("form_top.html", form)


def _page(name: str, form: Form, **values: Any) -> str:
    return Markup(template(name, form.lang, package="trainkit.notebook", f=form, o=form.opened, **values))
