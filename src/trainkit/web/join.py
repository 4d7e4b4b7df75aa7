"""How does one get in? By code, name and consent; and by a link of one's own on another device."""

import asyncio
import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from trainkit.errors import NotSaved, Refused
from trainkit.i18n import catalog
from trainkit.log.lost import LogLost
from trainkit.room.members import add_member, member_by_secret, places_taken
from trainkit.room.secrets import DIGITS, format_code, new_secret, parse_code, seat_of
from trainkit.typed import typed
from trainkit.view import phone as pages
from trainkit.view.log_lost import lost_at_the_door
from trainkit.view.qr_code import qr_svg
from trainkit.web.context import COOKIE, LANG_COOKIE, ClassContext, caller, crowd, retry_later
from trainkit.web.security import Refusal, form

_VISIT = re.compile(r"[\w-]{20,64}", re.ASCII)


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
        code = parse_code(request.query_params.get("code", ""))[:DIGITS]
        await self.context.seats.refresh()
        stage, gettext = self.context.seats.stage, catalog(self.context.lang(request)).gettext
        shut = not stage.entry or stage.over  # said before somebody fills in a form for nothing
        error = gettext("The trainer isn’t letting anyone else into this class.") if shut else ""
        here = self.context.log, self.context.workshop, key
        known = await self.context.seats.read(member_by_secret, *here) if key and not shut else None
        if known is not None and known.member in stage.removed:
            error = gettext("The trainer has taken you off this class. If they let you back in, reload this page.")
        return self._form_page(request, key, new_secret(), code=format_code(code), error=error)

    def _form_page(self, request: Request, key: str, visit: str, status: int = 200, **shown: object) -> Response:
        key = key if 20 <= len(key) <= 64 else new_secret()
        html = pages.join_page(
            self.context.workshop,
            self.context.lang(request),
            visit,
            open_room=self.context.seats.stage.open,
            **shown,
        )
        answer = self.context.page(request, html, key, status)
        return self.context.keep(answer, COOKIE, key, None)  # a visitor's, for the proof; joining gives another

    async def join(self, request: Request) -> Response:
        """Let someone in."""
        fields, key, lang = await form(request), request.cookies.get(COOKIE, ""), self.context.lang(request)
        gettext = catalog(lang).gettext
        address, guesses, incidents = crowd(caller(request)), self.context.guesses, self.context.incidents
        if not self.context.proven(request, fields, key):
            raise Refusal("forged")
        # made from the cookie and the form together: by a cookie alone, old or planted, nobody gets at another's seat
        visit = fields.get("visit", "")
        visit = visit if _VISIT.fullmatch(visit) else new_secret()
        own = seat_of(self.context.workshop, f"{key} {visit}")
        for known in (key, own):  # a double click, or the answer to the first was lost on its way
            if await self.context.seats.come(known) is not None:
                return self._inside(known, lang)
        code, name = parse_code(fields.get("code", "")), typed(fields.get("name", "")).strip()
        shown = {
            "code": _printable(fields.get("code", ""))[:9],
            "name": _printable(name)[:24],
            "pair": "pair" in fields,
            "agreed": "consent" in fields,
        }

        def refused(error: str, wrong: str, status: int = 422) -> Response:
            answer = self._form_page(request, key, visit, status, error=error, wrong=wrong, **shown)
            return retry_later(answer)

        too_fast = gettext("Too fast. Wait a few seconds, then try again.")
        if not await guesses.may_be_judged(address, key):
            incidents.count("codes not looked at: too many guesses")
            return refused(too_fast, "code", 429)
        if code != self.context.workshop.code:
            incidents.count("wrong codes")
            if guesses.wrong(address, key):
                return refused(too_fast, "code", 429)
            return refused(gettext("There is no such class. Check the six digits on the screen."), "code", 404)
        guesses.right(address)
        wrong, sentence = _wrong(fields, name, lang)
        if wrong:
            return refused(sentence, wrong)
        await self.context.seats.refresh()
        if not self.context.seats.stage.entry or self.context.seats.stage.over:
            return refused(gettext("The trainer isn’t letting anyone else into this class."), "", 403)
        log, workshop = self.context.log, self.context.workshop
        try:
            if await self._full():  # without a turn at writing, which trainees are waiting for
                raise Refused
            await self.context.writer.call(
                add_member, log, workshop, name, "pair" in fields, lang, own, self.context.seats.stage
            )
        except NotSaved as error:
            if isinstance(error, LogLost):
                return refused(lost_at_the_door(lang), "", 503)
            return refused(
                gettext("You are NOT in yet ({reason}). Try again.").format(reason=error.said(gettext)), "", 503
            )
        except Refused:
            return refused(gettext("This class is full."), "", 403)
        return self._inside(own, lang)

    async def _full(self) -> bool:
        stage, log, workshop = self.context.seats.stage, self.context.log, self.context.workshop
        return await self.context.seats.read(places_taken, log, workshop) - stage.gone >= (
            stage.places or workshop.places
        )

    def _inside(self, key: str, lang: str) -> Response:
        answer = self.context.keep(RedirectResponse("/play", 303), COOKIE, key)
        return self.context.keep(answer, LANG_COOKIE, lang)

    async def follow_link(self, request: Request) -> Response:
        """A personal link on another device. Who has another seat here is asked: any page elsewhere can lead to a link."""
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
        return self.context.keep(RedirectResponse("/play", 303), COOKIE, key)

    async def show_link(self, request: Request) -> Response:
        """Show the personal link."""
        seat, key = await self.context.seated(request)
        if seat is None:
            return RedirectResponse("/", 303)
        address = f"{self.context.few(self.context.here(request))}/me/{await self.context.own_link(key)}"
        frame = pages.framed(self.context.workshop, seat.shown, self.context.lang(request))
        return self.context.page(request, pages.own_link(frame, address, await asyncio.to_thread(qr_svg, address)), key)


def _is_a_picture(request: Request) -> bool:
    """Whether another site's page asks for an address behind its reader's back, as for a picture (W3C, Fetch Metadata)."""
    said = request.headers.get("sec-fetch-site", ""), request.headers.get("sec-fetch-mode", "navigate")
    return said[0] == "cross-site" and said[1] != "navigate"


def _wrong(fields: dict[str, str], name: str, lang: str) -> tuple[str, str]:
    """Which field keeps someone out, and why; nothing if none does."""
    gettext = catalog(lang).gettext
    if not any(c.isalnum() for c in name):
        return "name", gettext("Make up a name with letters or digits in it.")
    if len(name) > 24:
        return "name", gettext("A name has at most 24 characters.")
    if "consent" not in fields:
        return "consent", gettext("Without your consent we can’t keep any answers, so you can’t take part.")
    return "", ""


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
