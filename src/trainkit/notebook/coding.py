"""Coding what people wrote: one text at a time, blind to the reply they chose and to other coders."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from trainkit.analysis.own_words import SIDES, Scheme
from trainkit.errors import NotSaved, TrainkitError, UnknownName
from trainkit.i18n import catalog, languages
from trainkit.log.codes import Written, add_code, coded, heard_before, written
from trainkit.log.records import pseudonym
from trainkit.log.store import Log
from trainkit.view import render

LINES = 6  # of what was said before: enough to know what the words answer


class Coding(anywidget.AnyWidget):
    """A coder at work. Python renders escaped HTML, the browser shows it and says which key or button was pressed.

    ``texts`` are what is to be coded, ``codes`` what this coder has given so far; each code is committed before the next
    text is shown. Nothing of the reply that was chosen, of who wrote it or of other coders is ever rendered.
    """

    _esm = Path(__file__).parent / "coding.js"
    _css = render.asset("tk.css") + (Path(__file__).parent / "coding.css").read_text("utf-8")
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, log: Log, texts: list[Written], coder: str, lang: str, scheme: Scheme):
        self.store, self.texts, self.coder, self.lang, self.scheme = log, texts, coder, lang, scheme
        self.codes: dict[tuple[str, int], str] = {}
        self._undo: list[tuple[int, str | None]] = []  # a text, and its code before
        self._take_up()
        self.place = self._open_from(0)
        super().__init__()
        self.on_msg(self._on_message)
        self._show()

    def _take_up(self) -> None:
        """Go on with what this coder has given before, which can be taken back as well, the newest first."""
        places = {self._key(place): place for place in range(len(self.texts))}
        found = []
        table = coded(self.store, self.scheme.name, self.coder, history=True)
        for key, rows in table.groupby(["attempt", "step"], sort=False):
            given = [code if isinstance(code, str) else None for code in rows["code"]]
            if key in places and given[-1] is not None:
                self.codes[key] = given[-1]
                found.append((rows["at"].iloc[-1], places[key], given[-2] if len(given) > 1 else None))
        self._undo = [(place, before) for _, place, before in sorted(found, key=lambda one: one[:2])]

    def _key(self, place: int) -> tuple[str, int]:
        return self.texts[place].attempt, self.texts[place].step

    def _code(self, place: int) -> str | None:
        return self.codes.get(self._key(place))

    def _open_from(self, start: int) -> int:
        """The next text without a code, round from ``start``; the number of texts where all have one."""
        around = [(start + n) % len(self.texts) for n in range(len(self.texts))]
        return next((place for place in around if self._code(place) is None), len(self.texts))

    @property
    def done(self) -> int:
        """How many of these texts this coder has coded."""
        return sum(self._code(place) is not None for place in range(len(self.texts)))

    # ---- what a coder does ------------------------------------------------------------------------------------

    def _on_message(self, _widget: Any, message: object, _buffers: object) -> None:
        form = message if isinstance(message, Mapping) else {}  # any JavaScript in the notebook can send anything
        error = ""
        try:
            if form.get("screen") == self.place:  # else the screen was an old one: here is the present one
                self._act(form)
        except TrainkitError as problem:
            gettext = catalog(self.lang).gettext
            told = gettext("Not saved: {reason}") if isinstance(problem, NotSaved) else "{reason}"
            error = told.format(reason=problem.said(gettext))
        self._show(str(form.get("nonce", ""))[:40], error)

    def _act(self, form: Mapping[str, object]) -> None:
        if "code" in form and self.place < len(self.texts):
            code = str(form["code"])
            self.scheme.position(code)  # UnknownName, if it is none
            before, place = self._code(self.place), self.place
            if code != before:
                self._commit(place, code)
                self._undo.append((place, before))
            self.place = self._open_from(place + 1)
        elif "undo" in form and self._undo:
            place, before = self._undo[-1]
            self._commit(place, before)
            self._undo.pop()
            self.place = place
        elif form.get("go") in ("back", "on"):
            way = 1 if form["go"] == "on" else -1
            whole = len(self.texts) + (self._open_from(0) == len(self.texts))  # the end is a place, once one is there
            self.place = (self.place + way) % whole

    def _commit(self, place: int, code: str | None) -> None:
        add_code(self.store, self.texts[place], self.scheme.name, self.coder, code)
        if code is None:
            self.codes.pop(self._key(place), None)
        else:
            self.codes[self._key(place)] = code

    # ---- what is shown ----------------------------------------------------------------------------------------

    def _show(self, ack: str = "", error: str = "") -> None:
        gettext = catalog(self.lang).gettext
        one = self.texts[self.place] if self.place < len(self.texts) else None
        html = render.template(
            "coding.html",
            self.lang,
            package=__package__,
            text=one and one.text,
            text_lang=one and one.lang,
            lines=self._lines(one) if one else (),
            codes=[(code.id, gettext(code.label)) for code in self.scheme.codes],
            given=self._code(self.place) if one else None,
            number=self.place + 1,
            total=len(self.texts),
            done=self.done,
            coder=self.coder,
            can_undo=bool(self._undo),
            error=error,
        )
        self.state = {
            "html": html, "screen": self.place, "ack": ack, "lang": self.lang,
            "busy": gettext("Not confirmed: the program has not answered yet."),
        }  # fmt: skip

    def _lines(self, one: Written) -> list[tuple[str, str]]:
        try:
            return [(line.speaker, line.text) for line in heard_before(self.store, one, self.lang)[-LINES:]]
        except TrainkitError:  # a text can be coded without what was said before
            return []

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """For readers without a kernel: how far the coder is, and nothing of what people wrote."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        plain = f"{self.coder}: {self.done}/{len(self.texts)}"
        return bundle if data is None else ({**data, "text/plain": plain}, metadata)


def coding(
    coder: str,
    lang: str = "ru",
    *,
    case: str | None = None,
    workshop: str | None = None,
    scheme: Scheme = SIDES,
    database: str | os.PathLike | None = None,
) -> Coding:
    """Code what people typed before they saw the replies; goes on where this coder stopped.

    Parameters
    ----------
    coder : str
        A pseudonym; two coders code the same texts in the same order, and neither sees the other's codes.
    lang : str
        ``"ru"`` or ``"en"``.
    case, workshop : str, optional
        Only texts of this case; of the workshop with this join code.
    scheme : Scheme
        The codes: :data:`trainkit.analysis.own_words.SIDES`, or one's own.
    database : str or path, optional
        The log; see :func:`trainkit.log.store.default_database`.

    Returns
    -------
    Coding
        A widget; the last line of a cell shows it. Keys: 1–9 a code, ← and → the text before and after, Backspace takes the
        last code back. ``trainkit.log.codes.coded`` gives what was coded as a table.

    Raises
    ------
    TrainkitError
        If nobody has written anything there; an unknown language; no coder's name.
    """
    if lang not in languages():
        raise UnknownName("language", lang, languages())
    if not str(coder).strip():
        raise TrainkitError("a coder has a name: codes of two coders are kept apart by it")
    log = Log(database)
    texts = written(log, case, workshop)
    if not texts:
        raise TrainkitError(
            "nobody has written own words there: they are asked for where a run or a workshop has own_words switched on"
        )
    return Coding(log, texts, pseudonym(coder), lang, scheme)
