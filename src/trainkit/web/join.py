"""How does one get in? By code, name and consent; and by a link of one's own on another device."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from trainkit.errors import NotSaved, Refused
from trainkit.i18n import catalog
from trainkit.log.lost import LogLost
from trainkit.room.controls import record_control
from trainkit.room.members import add_member, member_by_secret, places_taken, removed_namesake
from trainkit.room.secrets import DIGITS, format_code, new_secret, parse_code, seat_of
from trainkit.typed import typed
from trainkit.view import phone as pages
from trainkit.view.log_lost import lost_at_the_door
from trainkit.view.qr_code import qr_svg
from trainkit.web.context import COOKIE, LANG_COOKIE, ClassContext, caller, crowd, retry_later
from trainkit.web.security import Refusal, form

Gettext = Callable[[str], str]
_VISIT = re.compile(r"[\w-]{20,64}", re.ASCII)


class _Why(NamedTuple):
    """Why somebody isn't in: the sentence, the field that it is about, the status."""

    error: str
    wrong: str
    status: int = 422


class JoinPages:
    """Joining by code, name and consent; the personal link."""

    def __init__(self, context: ClassContext):
        self.context = context

    async def to_form(self, _request: Request) -> Response:
        """Lead the reload of a refused form to the form."""
        return RedirectResponse("/", 303)

    async def form_page(self, request: Request) -> Response:
        """The first page: code, name, consent; who has joined goes to their seat."""
        if caller(request) != (request.scope.get("server") or ("",))[0]:
            self.context.reached = True
        seat, key = await self.context.seated(request)
        if seat is not None:
            return RedirectResponse("/play", 303)
        by_link = self._by_link(request.query_params.get("in", ""))
        code = self.context.workshop.code if by_link else parse_code(request.query_params.get("code", ""))[:DIGITS]
        await self.context.seats.refresh()
        stage, gettext = self.context.seats.stage, catalog(self.context.lang(request)).gettext
        shut = not stage.entry or stage.over  # said before somebody fills in a form for nothing
        error = gettext("The trainer isn’t letting anyone else into this class.") if shut else ""
        here = self.context.log, self.context.workshop, key
        known = await self.context.seats.read(member_by_secret, *here) if key and not shut else None
        if known is not None and not stage.counts(known.member):
            error = _taken_off(gettext)
        way = request.query_params["in"] if by_link else ""
        return self._form_page(request, key, new_secret(), code=format_code(code), way=way, error=error)

    def _by_link(self, said: str) -> bool:
        """Whether somebody comes by the QR code or the link: then there is nothing to guess."""
        secret = self.context.seats.stage.entrance
        return bool(secret) and hmac.compare_digest(said.encode(), secret.encode())

    def _form_page(self, request: Request, key: str, visit: str, status: int = 200, **shown: object) -> Response:
        key = _visitor(key)
        html = pages.join_page(
            self.context.workshop,
            self.context.lang(request),
            visit,
            open_room=self.context.seats.stage.open,
            **shown,
        )
        return self._to_a_visitor(request, html, key, status)

    def _to_a_visitor(self, request: Request, html: str, key: str, status: int = 200) -> Response:
        """A page for who has no seat, with a visitor's cookie for the proof; a seat gives another."""
        return self.context.keep(self.context.page(request, html, key, status), COOKIE, key, None)

    async def join(self, request: Request) -> Response:
        """Let someone in."""
        fields, key, lang = await form(request), request.cookies.get(COOKIE, ""), self.context.lang(request)
        gettext = catalog(lang).gettext
        if not self.context.proven(request, fields, key):
            raise Refusal("forged")
        # made from the cookie and the form together: by a cookie alone, old or planted, nobody gets at another's seat
        visit = fields.get("visit", "")
        visit = visit if _VISIT.fullmatch(visit) else new_secret()
        own = seat_of(self.context.workshop, f"{key} {visit}")
        for known in (key, own):  # a double click, or the answer to the first was lost on its way
            if await self.context.seats.come(known) is not None:
                return self._inside(known, lang)
        name, by_link = typed(fields.get("name", "")).strip(), self._by_link(fields.get("in", ""))
        shown = {
            "code": _printable(fields.get("code", ""))[:9],
            "way": fields["in"] if by_link else "",
            "name": _printable(name)[:24],
            "pair": _ticked(fields, "pair"),
            "agreed": _ticked(fields, "consent"),
        }

        def refused(why: _Why) -> Response:
            answer = self._form_page(request, key, visit, why.status, error=why.error, wrong=why.wrong, **shown)
            return retry_later(answer)

        address = crowd(caller(request))
        why = None if by_link else await self._about_the_code(parse_code(fields.get("code", "")), address, key, gettext)
        if why := why or _about_the_form(fields, name, gettext) or await self._about_the_room(key, name, gettext):
            return refused(why)
        stage, workshop = self.context.seats.stage, self.context.workshop
        arrival = self.context.arrivals.begin(address, stage.places or workshop.places)
        if arrival is None:
            self.context.incidents.count("people who had to wait at the door: very many from one address")
            return refused(
                _Why(gettext("Very many are coming in from your network. Wait a minute, then try again."), "", 429)
            )
        try:
            if await self._full():  # without a turn at writing, which trainees are waiting for
                raise Refused
            pair = _ticked(fields, "pair")
            member, _ = await self.context.writer.call(
                add_member, self.context.log, workshop, name, pair, lang, own, stage
            )
            arrival.member = member.member
        except NotSaved as error:
            if isinstance(error, LogLost):
                return refused(_Why(lost_at_the_door(lang), "", 503))
            said = gettext("You are NOT in yet ({reason}). Try again.").format(reason=error.said(gettext))
            return refused(_Why(said, "", 503))
        except Refused:
            self.context.arrivals.full(stage.places or workshop.places)
            return refused(_Why(gettext("This class is full."), "", 403))
        finally:
            if not arrival.member:
                self.context.arrivals.forget(address, arrival)
        return self._inside(own, lang)

    async def _about_the_code(self, code: str, address: str, key: str, gettext: Gettext) -> _Why | None:
        """Why a typed code leads nowhere, or isn't looked at; nothing if it is right."""
        guesses, incidents = self.context.guesses, self.context.incidents
        too_fast = _Why(
            gettext("Too fast: somebody is trying out codes. Take the QR code on the screen, or try again in a minute."),
            "code", 429,
        )  # fmt: skip
        if not await guesses.may_be_judged(address, key):
            incidents.count("codes not looked at: too many guesses")
            return too_fast
        if code == self.context.workshop.code:
            guesses.right(address)
            return None
        incidents.count("wrong codes")
        if guesses.wrong(address, key):
            return too_fast
        return _Why(gettext("There is no such class. Check the six digits on the screen."), "code", 404)

    async def _about_the_room(self, key: str, name: str, gettext: Gettext) -> _Why | None:
        """Why the room lets nobody in, or not this one: the trainer has taken them off, by their phone or their name."""
        await self.context.seats.refresh()
        stage, log, workshop = self.context.seats.stage, self.context.log, self.context.workshop
        if not stage.entry or stage.over:
            return _Why(gettext("The trainer isn’t letting anyone else into this class."), "", 403)
        if not stage.removed:
            return None
        known = await self.context.seats.read(member_by_secret, log, workshop, key)
        if known is not None and not stage.counts(known.member):
            await self._knock(stage.person(known.member))
            return _Why(_taken_off(gettext), "", 403)
        if namesake := await self.context.seats.read(removed_namesake, log, workshop, stage, name):
            await self._knock(namesake)
            said = gettext("Somebody of this name was taken off this class. Make up another name, or ask the trainer.")
            return _Why(said, "name", 403)
        return None

    async def _knock(self, member: str) -> None:
        """Have the remote tell, once, that somebody who was removed is at the door."""
        if member in self.context.seats.stage.knocked:
            return
        with suppress(NotSaved):
            await self.context.writer.call(record_control, self.context.log, self.context.workshop, "knock", member)
            await self.context.seats.refresh()

    async def _full(self) -> bool:
        stage, log, workshop = self.context.seats.stage, self.context.log, self.context.workshop
        return await self.context.seats.read(places_taken, log, workshop) - stage.gone >= (
            stage.places or workshop.places
        )

    def _inside(self, key: str, lang: str) -> Response:
        answer = self.context.keep(RedirectResponse("/play", 303), COOKIE, key)
        return self.context.keep(answer, LANG_COOKIE, lang)

    async def follow_link(self, request: Request) -> Response:
        """A personal link on another device. Any page can lead to one: who comes from one, or sits here, is asked."""
        if _nobody_looks(request):
            return Response(status_code=403, headers={"cache-control": "no-store"})  # then it is asked for in earnest
        key, lang = request.path_params["key"], self.context.lang(request)
        theirs = await self.context.seats.seat(key)
        if theirs is None:
            self.context.wrong_link(request)
            gettext = catalog(lang).gettext
            text = gettext("Nobody in this class has this personal link. Copy the whole of it, or join with the code.")
            return self.context.trouble(request, gettext("Unknown link"), text, 404)
        mine, own = await self.context.seated(request)
        if mine is theirs:
            return RedirectResponse("/play", 303)
        if mine is not None and request.method != "POST":
            frame = pages.framed(self.context.workshop, mine.shown, lang)
            return self.context.page(request, pages.other_seat(frame, mine.shown.name, theirs.shown.name), own)
        if request.method == "POST" and not self.context.proven(request, await form(request), own):
            raise Refusal("forged")  # also where no cookie came: browsers keep it back from other sites' forms
        if request.method == "HEAD" or _is_a_picture(request):
            return RedirectResponse("/play", 303)
        if request.method == "GET" and _from_elsewhere(request):
            frame, visitor = pages.framed(self.context.workshop, None, lang), _visitor(own)
            return self._to_a_visitor(request, pages.other_seat(frame, "", theirs.shown.name), visitor)
        return self.context.keep(RedirectResponse("/play", 303), COOKIE, key)

    async def show_link(self, request: Request) -> Response:
        """Show the personal link."""
        seat, key = await self.context.seated(request)
        if seat is None:
            return RedirectResponse("/", 303)
        address = f"{self.context.few(self.context.here(request))}/me/{await self.context.own_link(key)}"
        frame = pages.framed(self.context.workshop, seat.shown, self.context.lang(request))
        return self.context.page(request, pages.own_link(frame, address, await asyncio.to_thread(qr_svg, address)), key)


def _visitor(key: str) -> str:
    """The secret of who has no seat: the one they have, or a new one."""
    return key if 20 <= len(key) <= 64 else new_secret()


def _from_elsewhere(request: Request) -> bool:
    """Whether another site's page leads here, as browsers say over HTTPS; not a QR code, and nothing that is typed."""
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")  # W3C, Fetch Metadata


def _is_a_picture(request: Request) -> bool:
    """Whether another site's page asks for an address behind its reader's back, as for a picture."""
    return _from_elsewhere(request) and request.headers.get("sec-fetch-mode", "navigate") != "navigate"


def _nobody_looks(request: Request) -> bool:
    """Whether a browser fetches an address before anybody has clicked on it."""
    said = (request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    return any(re.search("prefetch|preview|prerender", one, re.I) for one in said)


def _taken_off(gettext: Gettext) -> str:
    return gettext("The trainer has taken you off this class. If they let you back in, reload this page.")


def _about_the_form(fields: Mapping[str, str], name: str, gettext: Gettext) -> _Why | None:
    """Which field keeps someone out, and why; nothing if none does."""
    if not any(c.isalnum() for c in name):
        return _Why(gettext("Make up a name with letters or digits in it."), "name")
    if len(name) > 24:
        return _Why(gettext("A name has at most 24 characters."), "name")
    if not _ticked(fields, "consent"):
        return _Why(gettext("Without your consent we can’t keep any answers, so you can’t take part."), "consent")
    return None


def _ticked(fields: Mapping[str, str], box: str) -> bool:
    """Whether a box was ticked: no other value says so than the form's own."""
    return fields.get(box) == "1"


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
