"""What does the trainer get? The board behind their secret link, its buttons, its changes, the debrief."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from trainkit.errors import OutOfDate, Refused, UnknownName
from trainkit.i18n import catalog
from trainkit.room.secrets import hashed
from trainkit.view.qr_code import qr_svg
from trainkit.web.context import ClassContext, caller, here
from trainkit.web.form_reader import form, proven
from trainkit.web.live_board import LiveBoard

COOKIE = "trainkit_board"


class TrainerPages:
    """The trainer's pages."""

    def __init__(self, context: ClassContext):
        self.context = context
        self.board = LiveBoard(context.log, context.workshop, context.seats)

    async def follow_link(self, request: Request) -> Response:
        """The secret link: remembered, so that it doesn't stay in the address bar on the wall."""
        if not self.context.links.take(caller(request)):
            return self.context.too_many(request)
        key = request.path_params["key"]
        await self.context.seats.refresh()
        if hashed(key) not in self.context.seats.trainers:
            gettext = catalog(self.context.lang(request)).gettext
            return self.context.trouble(
                request, gettext("Unknown link"), gettext("This is no trainer link of this class."), 404
            )
        return self.context.keep(RedirectResponse("/board", 303), COOKIE, key)

    async def trains(self, request: Request) -> str:
        """The trainer's secret if it is one, else nothing."""
        key = request.cookies.get(COOKIE, "")
        if key and hashed(key) not in self.context.seats.trainers:
            await self.context.seats.refresh()
        return key if key and hashed(key) in self.context.seats.trainers else ""

    def not_trainer(self, request: Request) -> Response:
        """The board is behind the secret link."""
        gettext = catalog(self.context.lang(request)).gettext
        return self.context.trouble(
            request, gettext("Not for everyone"), gettext("The board opens by the trainer's secret link."), 403
        )

    async def show_board(self, request: Request) -> Response:
        """The board, whole, or only what changes on it."""
        key = await self.trains(request)
        if not key:
            return self.not_trainer(request)
        await self.context.seats.refresh()
        address = here(request)
        join = qr_svg(f"{address}/?code={self.context.workshop.code}")
        html = await self.board.html(self.context.lang(request), address, join)
        if "part" not in request.query_params:
            html = self.board.page(html, self.context.lang(request))
        return self.context.page(request, html, key)

    async def steer(self, request: Request) -> Response:
        """Do what the trainer's button says."""
        fields, key = await form(request), await self.trains(request)
        if not key:
            return self.not_trainer(request)
        if not proven(request, fields, key):
            return self.context.forged(request)
        await self.context.seats.refresh()
        try:
            await self.board.steer(fields)
        except (Refused, UnknownName) as error:
            gettext = catalog(self.context.lang(request)).gettext
            reason = gettext("Not accepted: {reason}").format(reason=error)
            status = 409 if isinstance(error, OutOfDate) else 422
            return self.context.trouble(request, gettext("The board is as it was"), reason, status, "/board")
        await self.context.seats.refresh()
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
        await self.context.seats.refresh()
        html = await self.board.pack(self.context.lang(request), names="names" in request.query_params)
        # a page to be saved and printed carries its style with it
        policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
        return HTMLResponse(html, headers={"cache-control": "no-store", "content-security-policy": policy})
