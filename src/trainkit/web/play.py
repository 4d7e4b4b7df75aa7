"""What does a trainee see, and what may they do? Their place as the log has it, then one form at a time."""

import random
import re
import time
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from trainkit.errors import NotSaved, OutOfDate, TrainkitError, UnknownName
from trainkit.i18n import NBSP, catalog
from trainkit.log.lost import LogLost
from trainkit.log.records import clean_words, local_time
from trainkit.room.records import Clock, Stage
from trainkit.session.forms import explain_refusal
from trainkit.session.session import Session
from trainkit.view import phone as pages
from trainkit.view.clock import until_words
from trainkit.view.log_lost import lost_on_idle_phone, lost_on_phone
from trainkit.view.render import debrief_file
from trainkit.view.screen import case_text
from trainkit.web.context import ClassContext
from trainkit.web.seats import Closed, Paused, Seat
from trainkit.web.security import Rate, Refusal, form

NEXT_PAGE = "return=representation"  # RFC 7240: class.js wants the next page as the answer, not its address
WAIT = 12.0  # seconds that a phone waits for the trainer, more or less, before it asks again
MOST_WAITING, MOST_OF_ONE = 600, 3  # phones that wait, in all and of one person; the others ask again after a while
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|]+')  # what Windows has in no name


class PlayPages:
    """The conversation, its debrief, a vote again."""

    def __init__(self, context: ClassContext):
        self.context = context
        self.clicks = Rate(burst=100, per_second=50)

    async def pulse(self, request: Request) -> Response:
        """What a page compares itself with; one that says its ``state`` waits while that is true, until something is pressed.

        Where it is asked for (RFC 7240), the answer to a state that has passed is the next page itself.
        """
        seat, key = await self.context.seated(request)
        state, bell = request.query_params.get("state"), self.context.seats.bell
        headers = {"cache-control": "no-store"}
        if seat is not None and state == self.context.seats.state(seat):
            if bell.waiting < MOST_WAITING and seat.waiting < MOST_OF_ONE:
                seat, key = await self._wait(request, seat, key)
            else:
                headers["connection"] = "close"  # it would be kept for nothing until they ask again
        if seat is not None and state != self.context.seats.state(seat) and request.headers.get("prefer") == NEXT_PAGE:
            return await self._next_page(request, seat, key)
        return PlainTextResponse(self.context.seats.state(seat) if seat else "", headers=headers)

    async def _wait(self, request: Request, seat: Seat, key: str) -> tuple[Seat | None, str]:
        """Wait until something has changed for this person, whatever is pressed meanwhile for others; a while at most."""
        waiter, until = seat, time.monotonic() + WAIT * random.uniform(0.8, 1.2)
        state, found, bell = self.context.seats.state(seat), seat, self.context.seats.bell
        waiter.waiting += 1
        try:
            while found is not None and state == self.context.seats.state(found) and not bell.ended:
                if (left := until - time.monotonic()) <= 0:
                    break
                await bell.wait(left)
                found, key = await self.context.seated(request)
        finally:
            waiter.waiting -= 1
        return found, key

    async def play(self, request: Request) -> Response:
        """Where this person is."""
        seat, key = await self.context.seated(request)
        if seat is None:
            return RedirectResponse("/", 303)
        return await self._page(request, seat, key)

    async def _page(self, request: Request, seat: Seat, key: str) -> Response:
        return self.context.page(request, await self._place(request, seat), key, seat=seat)

    async def _next_page(self, request: Request, seat: Seat, key: str) -> Response:
        """The page itself, as the answer to what asked for it instead of its address (RFC 7240)."""
        answer = await self._page(request, seat, key)
        answer.headers["preference-applied"] = NEXT_PAGE
        return answer

    def _frame(self, seat: Seat, lang: str, clock: Clock | None = None) -> pages.Frame:
        """What stands around a page of this person as things are now."""
        stage, state = self.context.seats.stage, self.context.seats.state(seat)
        framed = pages.framed(self.context.workshop, seat.shown, lang, state, clock)
        return framed._replace(waits=stage.waits, over=stage.over)

    async def _place(self, request: Request, seat: Seat, error: str = "", typed: str = "") -> str:
        lang, stage, session = self.context.lang(request), self.context.seats.stage, seat.session
        gettext = catalog(lang).gettext
        if self.context.log.lost is not None:
            error = error or lost_on_idle_phone(lang)
        quiet = self._frame(seat, lang, stage.clock)._replace(typed=typed)
        frame = quiet._replace(
            asking=stage.asking, asked=stage.asked, linked=session is not None, news=self._news(seat, lang)
        )
        if stage.ballot is not None and not stage.over and session is not None:
            voter = await self.context.seats.voter(seat, stage.ballot)
            if voter is not None and stage.ballot.team:
                return self._team_vote(request, frame, seat, voter, error)
            if voter is not None and (stage.ballot.scene, stage.ballot.number) not in voter.revotes():
                return pages.vote(quiet, voter, stage.ballot, error=error)
            if voter is not None:
                heading, text = gettext("Your vote is in"), gettext("Look at the screen.")
                more = gettext("Your first answer is kept as well.")
                return pages.wait(frame, "vote", heading, text, more=more, error=error)
        if session is None:
            waiting = gettext("The trainer will begin in a moment.") if stage.paused else ""
            waiting = _break_words(stage, lang) if stage.on_break else waiting
            waiting = gettext("This class is over.") if stage.over else waiting
            part, total = self.context.seats.next_part(seat), sum(not item.is_break for item in stage.agenda)
            if not waiting and not stage.may_begin(part.case.id):
                waiting = gettext("We start together: the trainer will begin in a moment.")
            team = await self._team(seat)
            said = {"error": error, "waiting": waiting, "namesake": seat.shown != seat.member, "team": team}
            return pages.lobby(frame, seat.shown, part, run=0, total=total, **said)
        if session.phase != "over" and stage.over:
            heading, text = gettext("This class is over"), gettext("Thank you. Everything you said is saved.")
            finished = await self._finished(seat, lang)
            return pages.wait(frame, "end", heading, text, talk=True, error=error, debriefs=finished)
        if session.phase != "over" and stage.waits:
            heading, text = gettext("Paused"), gettext("Look at the screen: now we talk.")
            if not stage.paused:
                heading, text = stage.on_break.name, until_words(stage.break_ends, lang)
            if stage.ballot is not None:  # who may vote sees the vote itself
                heading, text = (
                    gettext("The room votes again"),
                    gettext("Those vote who have answered that scene already."),
                )
            more = gettext("Your conversation goes on afterwards, where you stopped.")
            return pages.wait(frame, "pause", heading, text, talk=True, more=more, error=error)
        if self.context.seats.held_back(session):
            return pages.scene(frame, session, seat.member, error=error, held_back=True)
        following, newest = self._following(seat), await self.context.seats.newest_attempts(seat)
        if session.phase in ("words", "why"):
            frame = quiet  # what is being written there would be lost on the way to the box
        return pages.scene(frame, session, seat.member, error=error, following=following, newest=newest)

    def _team_vote(self, request: Request, frame: pages.Frame, seat: Seat, voter: Session, error: str) -> str:
        """One vote a team: to be given, or as it is now, to be changed by a tap."""
        stage = self.context.seats.stage
        team = stage.team.get(seat.member.member)
        name = stage.teams[team] if team is not None else ""
        voted = seat.voted[-1].option if seat.voted else ""
        if not name:
            return pages.no_team(frame, error=error)
        if voted and "change" not in request.query_params:
            return pages.team_voted(frame, voter, stage.ballot, name, voted, error=error)
        return pages.vote(frame, voter, stage.ballot, error=error, team=name, voted=voted)

    async def _team(self, seat: Seat) -> pages.Team | None:
        """The team somebody is in; by whose names only in an open room."""
        stage = self.context.seats.stage
        mine = stage.team.get(seat.member.member)
        if mine is None:
            return None
        names = tuple(await self.context.seats.mates(seat)) if stage.open else ()
        return pages.Team(stage.teams[mine], self.context.seats.sizes()[mine], names)

    async def teams(self, request: Request) -> Response:
        """The teams, to change into another; the lobby once that is over."""
        seat, key = await self.context.seated(request)
        stage = self.context.seats.stage
        if seat is None or seat.records or not stage.teams or stage.over:
            return RedirectResponse("/play", 303)
        frame = self._frame(seat, self.context.lang(request))
        listed = [*zip(stage.teams, self.context.seats.sizes(), strict=True)]
        html = pages.teams_page(frame, listed, stage.team.get(seat.member.member))
        return self.context.page(request, html, key, seat=seat)

    async def _finished(self, seat: Seat, lang: str) -> list[tuple[int, str]]:
        """Number and title of every run of this person that has a debrief."""
        told = []
        for number, record in enumerate(seat.records):
            session = await self.context.seats.opened(seat, record)
            if session.phase == "over" and session.settings.feedback != "none":
                told.append((number, case_text(session.case, "title", lang)))
        return told

    def _news(self, seat: Seat, lang: str) -> tuple[str, str]:
        """What the room does now that this page wouldn't tell, and where it leads."""
        stage, gettext = self.context.seats.stage, catalog(lang).gettext
        if seat.session is None or seat.session.phase != "over":
            return "", ""
        if stage.over:
            return gettext(
                "This class is over. Save your debrief: it is open as long as the trainer’s laptop is on."
            ), ""
        if stage.on_break:
            return _break_words(stage, lang), ""
        following = self._following(seat)
        if following is None or not following.opened or stage.waits:
            return "", ""
        title = case_text(following.part.case, "title", lang)
        return gettext("The next conversation is open: {title}").format(title=title), "/play#next"

    def _following(self, seat: Seat) -> pages.Following | None:
        part = self.context.seats.next_part(seat)
        opened = part is not None and self.context.seats.stage.may_begin(part.case.id)
        return pages.Following(part, seat.next_run, opened) if part else None

    async def read_again(self, request: Request) -> Response:
        """The whole talk, another page of the debrief, or the form for a disagreement; the conversation if it isn't time."""
        seat, key = await self.context.seated(request)
        if seat is None:
            return RedirectResponse("/", 303)
        session, path, html = seat.session, request.scope["path"], None
        lang = self.context.lang(request)
        frame = self._frame(seat, lang)
        asked = {name: n for name in ("page", "n") if (n := _whole(request.query_params.get(name))) < 10_000}
        frame = frame._replace(news=self._news(seat, lang), query=urlencode(asked))
        if session is not None and path == "/talk":
            html = pages.talk(frame, session)
        elif session is not None and path == "/debrief" and session.phase == "over":
            number = _whole(request.query_params.get("page"))
            newest = await self.context.seats.newest_attempts(seat)
            html = pages.debrief_page(frame, session, number, following=self._following(seat), newest=newest)
        elif session is not None and path == "/disagree":
            html = pages.disagree(frame, session, _whole(request.query_params.get("n")))
        return RedirectResponse("/play", 303) if html is None else self.context.page(request, html, key, seat=seat)

    async def save(self, request: Request) -> Response:
        """The debrief as a file of its own: the class is there only as long as the trainer's laptop is on.

        That of an earlier ``run``, if one is named; to be read at once if it is only to be ``see``n.
        """
        seat, _ = await self.context.seated(request)
        session, run = seat.session if seat else None, request.query_params.get("run")
        if seat is not None and run is not None:
            named = seat.records[_whole(run) :][:1]
            session = await self.context.seats.opened(seat, named[0]) if named else None
        if session is None or session.phase != "over" or session.settings.feedback == "none":
            return RedirectResponse("/play", 303)
        lang, newest = self.context.lang(request), await self.context.seats.newest_attempts(seat)
        day = local_time(session.record.started_at).date().isoformat()
        html = debrief_file(session, lang, day, newest)
        if "see" in request.query_params:
            return self.context.whole_page(html)
        title = _NO_FILE_NAME.sub(" ", case_text(session.case, "title", lang).replace(NBSP, " "))
        called = (
            f"attachment; filename=\"{session.case.id}-{day}.html\"; filename*=UTF-8''{quote(f'{title}, {day}.html')}"
        )
        headers = {"content-disposition": called, "cache-control": "no-store"}
        return HTMLResponse(html, headers=headers)

    async def answer(self, request: Request) -> Response:
        """Take what a trainee does: first the log, then the next page."""
        fields = await form(request)
        seat, key = await self.context.seated(request, look=False)  # acting looks, once nobody else acts for them
        if seat is None:
            return RedirectResponse("/", 303)
        if not self.context.proven(request, fields, key):
            raise Refusal("forged")
        if not self.clicks.take(seat.member.member):
            raise Refusal("too_fast")
        try:
            await self.context.seats.act(seat, fields, self.context.lang(request), key)
        except TrainkitError as error:
            seat = await self.context.seats.come(key)
            if seat is None:  # removed meanwhile: back to the door
                return RedirectResponse("/", 303)
            excuse = self._excuse(seat, fields, error, self.context.lang(request))
            typed = clean_words(fields.get("text", "")) if isinstance(error, (NotSaved, Paused)) else ""
            html = await self._place(request, seat, excuse, typed)
            late = isinstance(error, (OutOfDate, Paused, Closed))
            status = 503 if isinstance(error, NotSaved) else 409 if late else 422
            return self.context.page(request, html, key, status, seat)
        if request.headers.get("prefer") == NEXT_PAGE:
            return await self._next_page(request, seat, key)
        return Response(status_code=303, headers={"location": "/play#now"})

    def _excuse(self, seat: Seat, fields: dict[str, str], error: TrainkitError, lang: str) -> str:
        gettext = catalog(lang).gettext
        if isinstance(error, LogLost):
            return lost_on_phone(lang)
        if isinstance(error, UnknownName):  # cases that come later, replies that aren't open yet
            error = error.without_names()
        if isinstance(error, Paused) and ("begin" in fields or "again" in fields):
            return gettext("Not now: the class is waiting. You can begin afterwards.")
        if isinstance(error, Paused):
            return gettext("The trainer has paused the class; your reply was not accepted.")
        if isinstance(error, Closed):
            return gettext("The trainer has closed the class; your reply was not accepted.")
        if seat.session is None or "team" in fields:
            return gettext("Not accepted: {reason}").format(reason=error.said(gettext))
        return explain_refusal(seat.session, fields, error, lang)


def _break_words(stage: Stage, lang: str) -> str:
    until = until_words(stage.break_ends, lang)
    return f"{stage.on_break.name}: {until}" if until else stage.on_break.name


def _whole(text: str | None) -> int:
    """A number in an address; one that is none is far too large."""
    return int(text) if text and text.isdecimal() and len(text) < 5 else 10_000
