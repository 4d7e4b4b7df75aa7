"""What does somebody see on a site, and what may they do? The pages of a phone, without a server.

This runs in the browser, in a worker: an address or a form comes in, a page goes out, and with it the rows that the browser
commits before it shows the page. One visit is one window.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.errors import OutOfDate, TrainkitError, UnknownName
from trainkit.exchange.answers_file import write_answers
from trainkit.exchange.browser_statements import statements_of
from trainkit.i18n import NBSP, catalog
from trainkit.log.browser import BrowserLog, Row
from trainkit.log.history import attempts_beside, newest_attempts
from trainkit.log.records import Settings, pseudonym
from trainkit.log.replay import Unplayable
from trainkit.scoring.attempt import score
from trainkit.session.forms import act, explain_refusal
from trainkit.session.resume import reopen, resume, standing
from trainkit.session.session import Session
from trainkit.site.place import read_place, write_place
from trainkit.view import phone, render
from trainkit.view.screen import case_text
from trainkit.view.shelf import shelf

_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\s]+')


class Store(NamedTuple):
    """A learning record store: where its statements go, with which header, and the address they are known under."""

    address: str
    authorization: str  # for everybody to read, as all of a site is
    home: str


class Plan(NamedTuple):
    """What is on a site and how it is played; ``send`` is a trainer's inbox, or ``store`` a store, to send answers to."""

    cases: tuple[str, ...]
    lang: str
    languages: tuple[str, ...]
    settings: Settings
    send: str = ""
    store: Store | None = None

    @property
    def sends_to(self) -> str:
        """The address that answers can be sent to."""
        return self.store.address if self.store else self.send


class File(NamedTuple):
    """Something to be saved."""

    name: str
    type: str
    text: str


class Visit:
    """One window on a site; ``load`` gives source and translations of a case as JSON, by its id."""

    def __init__(self, plan: Plan, load: Callable[[str], tuple[str, str]], rows: Sequence[Row] = (), run: str = ""):
        self.plan, self.lang, self.name = plan, plan.lang, ""
        self.at = "/"  # the address of the page that was given last
        self.case: Callable[[str], Case] = cache(lambda name: thaw(*load(name), name))
        self.log = BrowserLog()
        self.session: Session | None = None
        self.catch_up(rows)
        self._turn_to(run)

    # ---- what the log has ---------------------------------------------------------------------------------------

    def catch_up(self, rows: Sequence[Row]) -> None:
        """Take in what the browser has committed, in this window or another."""
        self.log.restore(rows)
        if self.session is not None:
            self.session.catch_up(self.log.events(self.session.record.attempt))

    def begin_anew(self, rows: Sequence[Row]) -> None:
        """Forget what could not be committed: go on from the rows that are there."""
        run = self.session.record.attempt if self.session else ""
        self.log, self.session = BrowserLog(rows), None
        self._turn_to(run)

    def _turn_to(self, run: str = "") -> None:
        """Open the run this window was in, else the newest one; nothing where it can't be played any more."""
        records = self.log.attempts()
        self.name = records[-1].participant if records else self.name
        record = next((one for one in records if one.attempt == run), records[-1] if records else None)
        if record is not None:
            now = self.case(record.case_id) if record.case_id in self.plan.cases else None
            try:
                self.session = reopen(self.log, record, now)
            except Unplayable:
                self.session = None

    @property
    def run(self) -> str:
        """The attempt that is open in this window."""
        return self.session.record.attempt if self.session else ""

    # ---- looking ------------------------------------------------------------------------------------------------

    def page(self, address: str, error: str = "", wrong: bool = False) -> str:
        """The page of an address, in the language that it may name; where it shows nothing now, the conversation.

        ``error`` is said on it; it is about the name that was given, where that is ``wrong``.
        """
        parts = urlsplit(address)
        query = dict(parse_qsl(parts.query))
        if query.get("lang") in self.plan.languages:
            self.lang = query["lang"]
        html, session = None, self.session
        query.pop("lang", None)
        self.at = parts.path + ("?" + urlencode(query) if query else "")
        if parts.path == "/door":
            html = self._door(query.get("case", ""), error, wrong)
        elif parts.path == "/answers":
            html = self._answers(error)
        elif parts.path == "/all":
            leaf = render.all_cases_html(newest_attempts(self.log, self.log.attempts(self.name)), self.lang)
            html = phone.frame_page(self._frame(), catalog(self.lang).gettext("The debrief of all cases"), leaf)
        elif session is not None and parts.path != "/":
            html = self._conversation(session, parts.path, query, error)
        if html is None:
            html, self.at = self._lobby(error), "/"
        return html.replace(phone.TOKEN, f'<input type="hidden" name="attempt" value="{self.run}">')

    def _conversation(self, session: Session, path: str, query: Mapping[str, str], error: str) -> str:
        asked = {name: value for name, value in query.items() if name in ("page", "n")}
        frame, html = self._frame()._replace(query=urlencode(asked)), None
        following, newest = self._following(), attempts_beside(self.log, session.record)
        if path == "/talk":
            html = phone.talk(frame, session)
        elif path == "/debrief" and session.phase == "over":
            number = _whole(query.get("page", ""))
            html = phone.debrief_page(frame, session, number, following=following, newest=newest)
        elif path == "/disagree":
            html = phone.disagree(frame, session, _whole(query.get("n", "")))
        if html is None:
            from trainkit.room.records import Member  # for which a browser takes 50 ms: not before it is asked for

            me = Member("", self.name, False, self.lang, "")
            html, self.at = phone.scene(frame, session, me, error=error, following=following, newest=newest), "/play"
        return html

    def _frame(self, at_home: bool = False) -> phone.Frame:
        step = self.session.step if self.session else -1
        state = f"0.{len(self.log.attempts())}.{step}"
        return phone.Frame(self.lang, self.plan.languages, self.name, state, alone=True, home="" if at_home else "/")

    def _lobby(self, error: str) -> str:
        every = [(case, standing(self.log, case, self.name, settings=self.plan.settings)) for case in self._cases()]
        books = shelf(every, self.lang)._replace(languages=())
        body = render.shelf_html(books, error, phone=True, answers=bool(self.log.attempts()))
        return phone.frame_page(
            self._frame(at_home=True), catalog(self.lang).gettext("Conversations with a client"), body
        )

    def _cases(self) -> list[Case]:
        return [self.case(name) for name in self.plan.cases]

    def _door(self, case_id: str, error: str, wrong: bool) -> str:
        case = self.case(case_id) if case_id in self.plan.cases else self.case(self.plan.cases[0])
        texts = {
            "title": case_text(case, "title", self.lang),
            "case": case.id,
            "name": self.name,
        }
        body = render.template("site_door.html", self.lang, error=error, wrong=wrong, **texts)
        return phone.frame_page(self._frame(), texts["title"], body, narrow=True)

    def _answers(self, error: str) -> str:
        runs = len(self.log.attempts())
        told = {"runs": runs, "send": self.plan.sends_to, "stored": self.plan.store is not None, "name": self.name}
        body = render.template("site_answers.html", self.lang, error=error, **told)
        return phone.frame_page(self._frame(), catalog(self.lang).gettext("Your answers"), body, narrow=True)

    def _following(self) -> phone.Following | None:
        from trainkit.room.records import WorkshopCase

        begun = {record.case_id for record in self.log.attempts(self.name)}
        name = next((name for name in self.plan.cases if name not in begun), None)
        return phone.Following(WorkshopCase(self.case(name), {}), len(begun)) if name else None

    # ---- doing --------------------------------------------------------------------------------------------------

    def act(self, address: str, form: Mapping[str, str]) -> str:
        """Do what a form asks; gives the page after it. :meth:`BrowserLog.take` has what it would commit."""
        try:
            return self._act(address, form)
        except TrainkitError as error:
            return self.refused(address, form, error)

    def refused(self, address: str, form: Mapping[str, str], error: TrainkitError) -> str:
        """The page that says why something was not done."""
        if self.session is not None and "begin" not in form:
            return self.page("/play", explain_refusal(self.session, form, error, self.lang))
        gettext = catalog(self.lang).gettext
        return self.page(address, gettext("Not accepted: {reason}").format(reason=error.said(gettext)))

    def _act(self, address: str, form: Mapping[str, str]) -> str:
        if "page" in form:
            return self.page("/all" if form["page"] == "all" else "/")
        if "begin" in form or "anew" in form:
            return self._begin(form.get("begin") or form.get("anew", ""), form, anew="anew" in form)
        session = self.session
        if session is None or form.get("attempt") != session.record.attempt:
            raise OutOfDate
        if "again" in form and self.log.attempts(self.name, session.case.id)[-1] != session.record:
            raise OutOfDate  # another window has begun it again
        done = act(session, form, self.lang)
        self.session = done.session
        return self.page("/play", done.error)

    def _begin(self, case_id: str, form: Mapping[str, str], anew: bool) -> str:
        """Begin a case, or go on with it; whoever has no name yet is asked for one first."""
        if case_id not in self.plan.cases:
            raise UnknownName("case", case_id, self.plan.cases)
        if "name" in form:
            if not form["name"].strip():
                said = catalog(self.lang).gettext("Please make up a name.")
                return self.page(f"/door?case={case_id}", said, wrong=True)
            self.name = pseudonym(form["name"])
        if not self.name:
            return self.page(f"/door?case={case_id}")
        case = self.case(case_id)
        self.session = resume(self.log, case, self.name, settings=self.plan.settings, finished=not anew)
        return self.page("/play")

    # ---- what is taken along --------------------------------------------------------------------------------------

    def file(self, address: str) -> File:
        """What an address gives to be saved: the debrief of the run, or all answers."""
        session, today = self.session, datetime.now().astimezone().date().isoformat()
        over = session is not None and session.phase == "over" and session.settings.feedback != "none"
        if over and urlsplit(address).path == "/debrief/file":
            html = render.debrief_file(session, self.lang, today, attempts_beside(self.log, session.record))
            title = case_text(session.case, "title", self.lang).replace(NBSP, " ")
            return File(f"{_file_name(title)}, {today}.html", "text/html", html)
        return File(f"trainkit-{_file_name(self.name)}-{today}.json", "application/json", write_answers(self.log))

    def progress(self, most: int) -> dict[str, Any]:
        """What a course is told: the place in at most so many characters, cases ended of all, mean Play of these."""
        ended = {}
        for record in self.log.attempts():
            if record.case_id in self.plan.cases:
                attempt = reopen(self.log, record).attempt
                if attempt.finished:
                    ended[record.case_id] = attempt
        plays = [one for attempt in ended.values() if (one := score(attempt).play) is not None]
        place = write_place(self.log, most)
        mean = sum(plays) / len(plays) if plays else None
        return {"place": place, "done": len(ended), "total": len(self.plan.cases), "play": mean}

    def carry_on(self, place: str) -> bool:
        """Go on from a place that a course has kept, where this browser knows nothing; whether there was anything."""
        if self.log.attempts() or not place:
            return False
        for record, events in read_place(place, self.plan.cases, self.case, self.plan.settings):
            self.log.begin(record, self.case(record.case_id))
            for step, event in enumerate(events):
                self.log.append(record.attempt, step, event)
        self._turn_to()
        return self.session is not None


def _file_name(text: str) -> str:
    return _NO_FILE_NAME.sub(" ", text).strip() or "trainkit"


def _whole(text: str) -> int:
    """A number in an address; one that is none is far too large."""
    return int(text) if text.isdecimal() and len(text) < 5 else 10_000


# ---- what the worker calls: text in, text out -----------------------------------------------------------------------


class Window:
    """A visit as JavaScript sees it: everything is JSON."""

    def __init__(self, plan: str, load: Callable[[str], tuple[str, str]], rows: str, run: str, lang: str):
        said = json.loads(plan)
        settings = Settings(*(said[name] for name in ("feedback", "back", "own_words", "ask_why")))
        lists = {name: tuple(said[name]) for name in ("cases", "languages")}
        store = Store(**said["store"]) if said["store"] else None
        self.visit = Visit(
            Plan(**lists, lang=said["lang"], settings=settings, send=said["send"], store=store), load, _rows(rows), run
        )
        if lang in self.visit.plan.languages:
            self.visit.lang = lang

    def get(self, address: str, rows: str) -> str:
        """The page of an address, after what other windows committed."""
        self.visit.catch_up(_rows(rows))
        return self._out(self.visit.page(address))

    def post(self, address: str, body: str, rows: str) -> str:
        """The page after a form, and the rows to commit before it is shown."""
        self.visit.catch_up(_rows(rows))
        return self._out(self.visit.act(address, _form(body)))

    def undo(self, address: str, body: str, rows: str, why: str) -> str:
        """The page after a form whose rows could not be committed; ``rows`` are all that are there."""
        self.visit.begin_anew(_rows(rows))
        form, visit = _form(body), self.visit
        if why == "elsewhere":
            return self._out(visit.refused(address, form, OutOfDate()))
        gettext = catalog(visit.lang).gettext
        reason = {
            "full": gettext(
                "this browser has no room left for this site: free some space on the device, then try again"
            ),
        }.get(why) or gettext("this browser could not write it down: {why}").format(why=why)
        said = gettext("Your answer is NOT saved ({reason}).").format(reason=reason)
        return self._out(visit.page("/play" if visit.session else address, said))

    def _out(self, html: str) -> str:
        visit = self.visit
        return json.dumps(
            {"html": html, "at": visit.at, "rows": visit.log.take(), "run": visit.run, "lang": visit.lang}
        )

    def file(self, address: str) -> str:
        """Something to be saved."""
        return json.dumps(self.visit.file(address)._asdict())

    def statements(self) -> str:
        """What the plan's record store is told."""
        visit = self.visit
        return json.dumps([*statements_of(visit.log, visit.plan.store.home)] if visit.plan.store else [])

    def progress(self, most: int) -> str:
        """What a course is told."""
        return json.dumps(self.visit.progress(most))

    def carry_on(self, place: str) -> str:
        """The rows of a place that a course has kept; none where there was nothing to go on with."""
        self.visit.carry_on(place)
        return json.dumps(self.visit.log.take())


def _rows(text: str) -> list[Row]:
    return [Row(*row) for row in json.loads(text)]


def _form(body: str) -> dict[str, str]:
    return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=20))
