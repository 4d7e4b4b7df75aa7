"""What does the trainer get? The board behind their secret link, its buttons, its changes, the debrief."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from trainkit.errors import OutOfDate, Refused, UnknownName
from trainkit.i18n import catalog
from trainkit.room.secrets import hashed
from trainkit.view import phone as pages
from trainkit.web.context import BOARD_COOKIE as COOKIE
from trainkit.web.context import ClassContext, caller, here
from trainkit.web.live_board import LiveBoard
from trainkit.web.security import Refusal, form, proven


class TrainerPages:
    """The trainer's pages."""

    def __init__(self, context: ClassContext):
        self.context = context
        self.board = LiveBoard(context.log, context.workshop, context.seats)

    async def follow_link(self, request: Request) -> Response:
        """The secret link: remembered, so that it doesn't stay in the address bar on the wall."""
        if not self.context.links.take(caller(request)):
            raise Refusal("too_fast")
        key = request.path_params["key"]
        await self.context.seats.refresh()
        if hashed(key) not in self.context.seats.trainers:
            gettext = catalog(self.context.lang(request)).gettext
            text = gettext("This isn’t the trainer’s link for this class.")
            return self.context.trouble(request, gettext("Unknown link"), text, 404)
        return self.context.keep(RedirectResponse("/board", 303), COOKIE, key)

    async def trains(self, request: Request) -> str:
        """The trainer's secret; who hasn't one is refused."""
        key = request.cookies.get(COOKIE, "")
        if key and hashed(key) not in self.context.seats.trainers:
            await self.context.seats.refresh()
        if not key or hashed(key) not in self.context.seats.trainers:
            raise Refusal("not_trainer")
        return key

    async def show_board(self, request: Request) -> Response:
        """The board, whole, or only what changes on it."""
        key = await self.trains(request)
        await self.context.seats.refresh()
        lang = self.context.lang(request)
        html = await self.board.html(lang, here(request))
        if "part" not in request.query_params:
            title = catalog(lang).gettext("Trainer’s remote")
            html = pages.board(html, title, lang, pages.spoken(self.context.workshop))
        return self.context.page(request, html, key)

    async def steer(self, request: Request) -> Response:
        """Do what the trainer's button says."""
        fields, key = await form(request), await self.trains(request)
        if not proven(request, fields, key):
            raise Refusal("forged")
        await self.context.seats.refresh()
        try:
            await self.board.steer(fields)
        except (Refused, UnknownName) as error:
            gettext = catalog(self.context.lang(request)).gettext
            reason = gettext("Not accepted: {reason}").format(reason=error)
            status = 409 if isinstance(error, OutOfDate) else 422
            return self.context.trouble(request, gettext("Nothing has changed"), reason, status, "/board")
        await self.context.seats.refresh()
        return RedirectResponse("/board", 303)

    async def live(self, request: Request) -> Response:
        """Say whenever the board has changed (server-sent events)."""
        await self.trains(request)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self.board.changes(request.is_disconnected), 200, headers, "text/event-stream")

    async def pack(self, request: Request) -> Response:
        """The debrief pack: a page of its own, to be printed."""
        await self.trains(request)
        await self.context.seats.refresh()
        html = await self.board.pack(self.context.lang(request), names="names" in request.query_params)
        # a page to be saved and printed carries its style with it
        policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
        return HTMLResponse(html, headers={"cache-control": "no-store", "content-security-policy": policy})
