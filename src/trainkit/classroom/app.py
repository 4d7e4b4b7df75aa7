"""Which address does what? The trainees' pages, the trainer's board, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from functools import lru_cache

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from trainkit import workshops
from trainkit.classroom.board import Board
from trainkit.classroom.guard import Rate, TooLarge, Unreadable, form, guarded, proof, proven
from trainkit.classroom.journal import Journal
from trainkit.classroom.seats import Closed, Paused, Seat, Seats
from trainkit.errors import NotSaved, OutOfDate, Refused, TrainkitError, UnknownName
from trainkit.store import Store
from trainkit.view import pages
from trainkit.view.forms import excuse
from trainkit.view.words import words
from trainkit.workshops import Workshop

COOKIE, BOARD_COOKIE, LANG_COOKIE = "trainkit", "trainkit_board", "trainkit_lang"
MONTH = 30 * 24 * 3600
ASSETS = {"/tk.css": "text/css", "/class.js": "text/javascript", "/board.js": "text/javascript"}
_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}")
log = logging.getLogger("trainkit.class")

Handler = Callable[[Request], Awaitable[Response]]


class Classroom:
    """One workshop on one server process: an ASGI app in ``app``."""

    def __init__(self, store: Store, workshop: Workshop):
        self.store, self.workshop = store, workshop
        self.journal = Journal(store)
        self.seats = Seats(store, workshop, self.journal)
        self.board = Board(store, workshop, self.seats)
        # a wrong code costs; six digits at one in three seconds take a month for an even chance
        self._entering: OrderedDict[str, asyncio.Future] = OrderedDict()  # by the visitor's cookie
        self.guesses = Rate(burst=10, per_second=1 / 3)
        self.joins = Rate(
            burst=max(60, workshop.places), per_second=5
        )  # a whole room behind one address may come at once
        self.clicks = Rate(burst=100, per_second=50)
        self.links = Rate(burst=20, per_second=1)
        routes = [
            Route("/", self.door),
            Route("/join", self.join, methods=["POST"]),
            Route("/join", self.to_door),
            Route("/play", self.play),
            Route("/play", self.answer, methods=["POST"]),
            *(Route(path, self.read_again) for path in ("/talk", "/debrief", "/disagree")),
            Route("/pulse", self.pulse),
            Route("/link", self.link),
            Route("/me/{key}", self.come_back),
            Route("/t/{key}", self.trainer),
            Route("/board", self.show_board),
            Route("/board", self.steer, methods=["POST"]),
            Route("/board/live", self.live),
            Route("/board/debrief", self.pack),
            *(Route(path, _asset) for path in ASSETS),
        ]
        plain = Starlette(
            routes=[Route(r.path, self._safe(r.endpoint), methods=list(r.methods)) for r in routes],
            lifespan=self._lifespan,
            exception_handlers={404: self._nowhere, 405: self._nowhere},
        )
        plain.router.redirect_slashes = False  # it would send people wherever the Host header says
        self.app = guarded(plain)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette):
        await self.seats.refresh()
        self.seats.assigned(await self.seats.read(workshops.records_of, self.store, self.workshop))
        warming = asyncio.get_running_loop().run_in_executor(None, self.board.warm)
        yield
        warming.cancel()
        self.stop()
        self.journal.close()

    def stop(self) -> None:
        """Let go of those who only listen, so that the server can end."""
        self.board.stop()

    # ---- what every page needs ------------------------------------------------------------------------------------

    def lang(self, request: Request) -> str:
        """The language asked for, the one of this browser, or the room's."""
        spoken = pages.spoken(self.workshop)
        for code in (request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)):
            if code in spoken:
                return code
        return self.workshop.lang if self.workshop.lang in spoken else spoken[0]

    def page(self, request: Request, html: str, key: str, status: int = 200, seat: Seat | None = None) -> Response:
        """A page for the owner of ``key``: its forms say which run they are of, and prove where they come from."""
        hidden = f'<input type="hidden" name="token" value="{proof(key)}">'
        if seat is not None and seat.session is not None:
            hidden += f'<input type="hidden" name="attempt" value="{seat.session.record.attempt}">'
        answer = HTMLResponse(html.replace(pages.TOKEN, hidden), status, {"cache-control": "no-store"})
        if "lang" in request.query_params:
            answer.set_cookie(LANG_COOKIE, self.lang(request), max_age=MONTH, httponly=True, samesite="lax")
        return answer

    def _safe(self, handler: Handler) -> Handler:
        """Whatever goes wrong is said in a sentence."""

        async def safe(request: Request) -> Response:
            try:
                return await handler(request)
            except TooLarge:
                gettext = words(self.lang(request)).gettext
                return self.trouble(
                    request, gettext("That was too long"), gettext("It was not taken. Write less."), 413
                )
            except Unreadable:
                gettext = words(self.lang(request)).gettext
                return self.trouble(request, gettext("That was no form of ours"), gettext("It was not taken."), 400)
            except TrainkitError as error:
                log.warning("%s %s: %s", request.method, request.scope["path"].split("/")[1], error)
                gettext = words(self.lang(request)).gettext
                text = gettext("The log can't be reached just now. What was confirmed is safe. Try again in a moment.")
                return self.trouble(request, gettext("Not possible just now"), text, 503)
            except Exception:
                log.exception("%s %s", request.method, request.scope["path"].split("/")[1])
                gettext = words(self.lang(request)).gettext
                text = gettext("This is our mistake, not yours. What was confirmed is safe.")
                return self.trouble(request, gettext("Something went wrong"), text, 500)

        return safe

    def trouble(self, request: Request, heading: str, text: str, status: int, back: str = "/play") -> Response:
        """A page that says what was not done, and leads back."""
        lang = self.lang(request)
        gettext = words(lang).gettext
        links = [(back, gettext("To the board") if back == "/board" else gettext("To the conversation"))]
        html = pages.trouble(pages.framed(None, None, lang), heading, text, links)
        answer = HTMLResponse(html, status, {"cache-control": "no-store"})
        if status in (429, 503):
            answer.headers["retry-after"] = "5"
        return answer

    async def _nowhere(self, request: Request, error: Exception) -> Response:
        gettext = words(self.lang(request)).gettext
        status = getattr(error, "status_code", 404)
        heading, text = gettext("There is nothing here"), gettext("The address is wrong or out of date.")
        answer = self.trouble(request, heading, text, status)
        answer.headers.update(getattr(error, "headers", None) or {})  # 405 names what is allowed
        return answer

    async def seated(self, request: Request, look: bool = True) -> tuple[Seat | None, str]:
        """Who asks, and by which secret; brought up to what the log has."""
        key = request.cookies.get(COOKIE, "")
        seat = await self.seats.seat(key) if key else None
        if seat is not None and look and not await self.seats.look(seat):
            seat = None
        return seat, key

    def too_many(self, request: Request) -> Response:
        """A refusal that says when to come back."""
        gettext = words(self.lang(request)).gettext
        return self.trouble(request, gettext("Too fast"), gettext("Wait a few seconds, then try again."), 429)

    def forged(self, request: Request) -> Response:
        """A refusal of a form that did not come from this browser's page."""
        gettext = words(self.lang(request)).gettext
        text = gettext("This form did not come from a page of yours, or cookies are switched off. Open the page again.")
        return self.trouble(request, gettext("Not accepted"), text, 403)

    # ---- joining --------------------------------------------------------------------------------------------------

    async def to_door(self, _request: Request) -> Response:
        """A reload of a refused form."""
        return RedirectResponse("/", 303)

    async def door(self, request: Request) -> Response:
        """The first page: code, name, consent; who has joined goes to his seat."""
        seat, key = await self.seated(request)
        if seat is not None:
            return RedirectResponse("/play", 303)
        code = "".join(c for c in request.query_params.get("code", "") if c.isdecimal())[:6]
        return self._door(request, key, code=f"{code[:3]} {code[3:]}".strip())

    def _door(self, request: Request, key: str, status: int = 200, **shown: object) -> Response:
        key = key if 20 <= len(key) <= 64 else workshops.secret()
        answer = self.page(request, pages.join(self.workshop, self.lang(request), **shown), key, status)
        answer.set_cookie(
            COOKIE, key, httponly=True, samesite="lax"
        )  # a visitor's, for the proof; joining gives another
        return answer

    async def join(self, request: Request) -> Response:
        """Let someone in."""
        fields, key, lang = await form(request), request.cookies.get(COOKIE, ""), self.lang(request)
        gettext = words(lang).gettext
        caller = request.client.host if request.client else ""
        if not proven(request, fields, key):
            return self.forged(request)
        if await self.seats.seat(key):
            return RedirectResponse("/play", 303)  # a double click
        code, name = "".join(fields.get("code", "").split()), fields.get("name", "").strip()
        shown = {
            "code": _printable(fields.get("code", ""))[:9],
            "name": _printable(name)[:24],
            "pair": "pair" in fields,
        }

        def refused(error: str, wrong: str, status: int = 422) -> Response:
            return self._door(request, key, status, error=error, wrong=wrong, **shown)

        if self.guesses.empty(caller):
            return self.too_many(request)
        if code != self.workshop.code:
            self.guesses.take(caller)
            return refused(gettext("There is no such class. Check the six digits on the screen."), "code", 404)
        if not self.joins.take(caller):
            return self.too_many(request)
        if not name or not any(c.isalnum() for c in name):
            return refused(gettext("Make up a name of letters or digits."), "name")
        if len(name) > 24:
            return refused(gettext("A name has at most 24 characters."), "name")
        if "consent" not in fields:
            return refused(gettext("Without your agreement nothing is kept, so nothing can be played."), "consent")
        await self.seats.refresh()
        if not self.seats.stage.entry or self.seats.stage.over:
            return refused(gettext("The trainer has closed the door of this class."), "", 403)
        try:
            if (
                key not in self._entering
            ):  # the second half of a double click waits for the first, and is the same person
                joining = self.journal.call(workshops.join, self.store, self.workshop, name, "pair" in fields, lang)
                self._entering[key] = asyncio.ensure_future(joining)
                if len(self._entering) > 5000:
                    self._entering.popitem(last=False)
            _, new = await asyncio.shield(self._entering[key])  # who hangs up takes nobody along
        except NotSaved as error:
            self._entering.pop(key, None)
            return refused(gettext("You are NOT in yet ({reason}). Try again.").format(reason=error), "", 503)
        except Refused:
            self._entering.pop(key, None)
            return refused(gettext("All places in this class are taken."), "", 403)
        except BaseException:
            self._entering.pop(key, None)  # else this browser would meet the same failure for ever
            raise
        answer = RedirectResponse("/play", 303)
        answer.set_cookie(COOKIE, new, max_age=MONTH, httponly=True, samesite="lax")
        answer.set_cookie(LANG_COOKIE, lang, max_age=MONTH, httponly=True, samesite="lax")
        return answer

    async def come_back(self, request: Request) -> Response:
        """A personal link on another device."""
        if not self.links.take(request.client.host if request.client else ""):
            return self.too_many(request)
        key = request.path_params["key"]
        if await self.seats.seat(key) is None:
            gettext = words(self.lang(request)).gettext
            text = gettext("This personal link is of nobody in this class. Copy it whole, or join with the code.")
            return self.trouble(request, gettext("Unknown link"), text, 404)
        answer = RedirectResponse("/play", 303)
        answer.set_cookie(COOKIE, key, max_age=MONTH, httponly=True, samesite="lax")
        return answer

    async def link(self, request: Request) -> Response:
        """Show the personal link."""
        seat, key = await self.seated(request)
        if seat is None:
            return RedirectResponse("/", 303)
        own = workshops.link_of(key)
        if await self.seats.read(workshops.member_by, self.store, self.workshop, own) is None:
            own = key  # this device came by the link itself
        address = f"{_here(request)}/me/{own}"
        frame = pages.framed(self.workshop, seat.member, self.lang(request))
        return self.page(request, pages.own_link(frame, address, qr(address)), key)

    # ---- playing --------------------------------------------------------------------------------------------------

    def _state(self, seat: Seat) -> str:
        step = seat.session.step if seat.session else -1
        return f"{self.seats.controls}.{len(seat.records)}.{step}"

    async def pulse(self, request: Request) -> Response:
        """What a page compares itself with when a phone wakes up."""
        seat, _ = await self.seated(request)
        return PlainTextResponse(self._state(seat) if seat else "", headers={"cache-control": "no-store"})

    async def play(self, request: Request) -> Response:
        """Where this person is."""
        seat, key = await self.seated(request)
        if seat is None:
            return RedirectResponse("/", 303)
        return self.page(request, await self._place(request, seat), key, seat=seat)

    async def _place(self, request: Request, seat: Seat, error: str = "") -> str:
        lang, stage, session = self.lang(request), self.seats.stage, seat.session
        gettext = words(lang).gettext
        frame = pages.framed(self.workshop, seat.member, lang, self._state(seat))
        if stage.ballot is not None and not stage.over and session is not None:
            voter = await self.seats.voter(seat, stage.ballot)
            if voter is not None and (stage.ballot.scene, stage.ballot.number) not in voter.revotes():
                return pages.vote(frame, voter, stage.ballot, error=error)
            if voter is not None:
                more = gettext("Your first answer is kept as well.")
                return pages.wait(
                    frame, gettext("Your vote is in"), gettext("Look at the screen."), more=more, error=error
                )
        if session is None:
            waiting = gettext("The trainer begins in a moment.") if stage.paused else ""
            waiting = gettext("This class is over.") if stage.over else waiting
            total = len(self.workshop.parts)
            return pages.lobby(
                frame, seat.member, self.workshop.parts[0], run=0, total=total, error=error, waiting=waiting
            )
        if session.phase != "over" and stage.over:
            return pages.wait(
                frame,
                gettext("This class is over"),
                gettext("Thank you. What you said is kept."),
                session=session,
                error=error,
            )
        if session.phase != "over" and stage.paused:
            more = gettext("Your conversation goes on afterwards, where you stopped.")
            return pages.wait(
                frame,
                gettext("A pause"),
                gettext("Look at the screen: now we talk."),
                session=session,
                more=more,
                error=error,
            )
        return pages.scene(frame, session, seat.member, error=error, following=self._following(seat))

    def _following(self, seat: Seat) -> pages.Following | None:
        played = {record.case_id for record in seat.records}
        part = next((part for part in self.workshop.parts if part.case.id not in played), None)
        return pages.Following(part, len(seat.records)) if part else None

    async def read_again(self, request: Request) -> Response:
        """The whole talk, another page of the debrief, or the form for a disagreement; the conversation if it isn't time."""
        seat, key = await self.seated(request)
        if seat is None:
            return RedirectResponse("/", 303)
        session, html = seat.session, None
        frame = pages.framed(self.workshop, seat.member, self.lang(request), self._state(seat))
        if session is not None and request.scope["path"] == "/talk":
            html = pages.talk(frame, session)
        elif session is not None and request.scope["path"] == "/debrief" and session.phase == "over":
            number = _whole(request.query_params.get("page"))
            html = pages.debrief(frame, session, number, following=self._following(seat))
        elif session is not None and request.scope["path"] == "/disagree":
            html = pages.disagree(frame, session, _whole(request.query_params.get("n")))
        return RedirectResponse("/play", 303) if html is None else self.page(request, html, key, seat=seat)

    async def answer(self, request: Request) -> Response:
        """Take what a trainee does: first the log, then the next page."""
        fields = await form(request)
        seat, key = await self.seated(request, look=False)  # acting looks, once nobody else acts for this person
        if seat is None:
            return RedirectResponse("/", 303)
        if not proven(request, fields, key):
            return self.forged(request)
        if not self.clicks.take(seat.member.member):
            return self.too_many(request)
        try:
            await self.seats.act(seat, fields, self.lang(request))
        except TrainkitError as error:
            await self.seats.look(seat)
            html = await self._place(request, seat, self._excuse(seat, fields, error, self.lang(request)))
            late = isinstance(error, (OutOfDate, Paused, Closed))
            status = 503 if isinstance(error, NotSaved) else 409 if late else 422
            return self.page(request, html, key, status, seat)
        return RedirectResponse("/play#now", 303)

    def _excuse(self, seat: Seat, fields: dict[str, str], error: TrainkitError, lang: str) -> str:
        gettext = words(lang).gettext
        if isinstance(error, Paused):
            return gettext("The trainer has paused the class; your reply was not taken.")
        if isinstance(error, Closed):
            return gettext("The trainer has closed the class; your reply was not taken.")
        if seat.session is None:
            return gettext("Not accepted: {reason}").format(reason=error)
        return excuse(seat.session, fields, error, lang)

    # ---- the trainer ----------------------------------------------------------------------------------------------

    async def trainer(self, request: Request) -> Response:
        """The secret link: remembered, so that it doesn't stay in the address bar on the wall."""
        if not self.links.take(request.client.host if request.client else ""):
            return self.too_many(request)
        key = request.path_params["key"]
        await self.seats.refresh()
        if workshops.hashed(key) not in self.seats.trainers:
            gettext = words(self.lang(request)).gettext
            return self.trouble(
                request, gettext("Unknown link"), gettext("This is no trainer link of this class."), 404
            )
        answer = RedirectResponse("/board", 303)
        answer.set_cookie(BOARD_COOKIE, key, max_age=MONTH, httponly=True, samesite="lax")
        return answer

    async def trains(self, request: Request) -> str:
        """The trainer's secret if it is one, else nothing."""
        key = request.cookies.get(BOARD_COOKIE, "")
        if key and workshops.hashed(key) not in self.seats.trainers:
            await self.seats.refresh()
        return key if key and workshops.hashed(key) in self.seats.trainers else ""

    def not_trainer(self, request: Request) -> Response:
        """The board is behind the secret link."""
        gettext = words(self.lang(request)).gettext
        return self.trouble(
            request, gettext("Not for everyone"), gettext("The board opens by the trainer's secret link."), 403
        )

    async def show_board(self, request: Request) -> Response:
        """The board, whole, or only what changes on it."""
        key = await self.trains(request)
        if not key:
            return self.not_trainer(request)
        await self.seats.refresh()
        address = _here(request)
        html = await self.board.html(self.lang(request), address, qr(f"{address}/?code={self.workshop.code}"))
        if "part" not in request.query_params:
            html = self.board.page(html, self.lang(request))
        return self.page(request, html, key)

    async def steer(self, request: Request) -> Response:
        """Do what the trainer's button says."""
        fields, key = await form(request), await self.trains(request)
        if not key:
            return self.not_trainer(request)
        if not proven(request, fields, key):
            return self.forged(request)
        await self.seats.refresh()
        try:
            await self.board.steer(fields, self.journal)
        except (Refused, UnknownName) as error:
            gettext = words(self.lang(request)).gettext
            reason = gettext("Not accepted: {reason}").format(reason=error)
            status = 409 if isinstance(error, OutOfDate) else 422
            return self.trouble(request, gettext("The board is as it was"), reason, status, "/board")
        await self.seats.refresh()
        return RedirectResponse("/board", 303)

    async def live(self, request: Request) -> Response:
        """Say whenever the board has changed (server-sent events)."""
        if not await self.trains(request):
            return self.not_trainer(request)
        return StreamingResponse(
            self.board.changes(request.is_disconnected),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    async def pack(self, request: Request) -> Response:
        """The debrief pack: a page of its own, to be printed."""
        key = await self.trains(request)
        if not key:
            return self.not_trainer(request)
        await self.seats.refresh()
        html = await self.board.pack(self.lang(request), names="names" in request.query_params)
        # a page to be saved and printed carries its style with it
        policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
        return HTMLResponse(html, headers={"cache-control": "no-store", "content-security-policy": policy})


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def _here(request: Request) -> str:
    """The address this page was asked for by; a Host header that is no host is refused."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise Unreadable
    return f"{request.url.scheme}://{host}"


def _whole(text: str | None) -> int:
    """A number in an address; one that is none is far too large."""
    return int(text) if text and text.isdecimal() and len(text) < 5 else 10_000


@lru_cache(maxsize=256)
def qr(address: str) -> str:
    """An address as a QR code, in SVG."""
    import segno

    return segno.make(address, error="m", micro=False).svg_inline(border=3, light="#fff", omitsize=True)


async def _asset(request: Request) -> Response:
    path = request.scope["path"]  # not request.url, which some Starlettes build from the Host header
    headers = {"cache-control": "public, max-age=31536000, immutable"} if request.query_params else {}
    return Response(pages.asset(path[1:]), media_type=ASSETS[path], headers=headers)
