"""What does the trainer get? The remote behind their secret link, its buttons, its changes, the pack, a copy of the log."""

import shutil
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse

from trainkit.errors import OutOfDate, Refused, TrainkitError, UnknownName
from trainkit.i18n import catalog
from trainkit.log.records import now
from trainkit.room.controls import trainer_link
from trainkit.room.secrets import hashed
from trainkit.view import phone as pages
from trainkit.view import remote
from trainkit.view.wall import wall_page
from trainkit.web.context import REMOTE_COOKIE as COOKIE
from trainkit.web.context import ClassContext, caller
from trainkit.web.live_room import LiveRoom
from trainkit.web.security import Refusal, form
from trainkit.web.steering import Steering


class TrainerPages:
    """The trainer's pages."""

    def __init__(self, context: ClassContext, room: LiveRoom):
        self.context, self.room = context, room
        self.steering = Steering(room)

    async def follow_link(self, request: Request) -> Response:
        """The secret link: remembered, so that it doesn't stay in the address bar."""
        key = request.path_params["key"]
        await self.context.seats.refresh()
        if hashed(key) not in self.context.seats.trainers:
            self.context.wrong_link(request)
            gettext = catalog(self.context.lang(request)).gettext
            text = gettext("This isn’t the trainer’s link for this class.")
            return self.context.trouble(request, gettext("Unknown link"), text, 404)
        return self.context.keep(RedirectResponse("/remote", 303), COOKIE, key)

    async def trains(self, request: Request) -> str:
        """The trainer's secret; who hasn't one is refused."""
        key = request.cookies.get(COOKIE, "")
        if key:  # a link may have been taken back since, on another server too
            await self.context.seats.refresh()
        if not key or hashed(key) not in self.context.seats.trainers:
            raise Refusal("not_trainer")
        return key

    async def show(self, request: Request) -> Response:
        """The remote, whole, or only what changes on it."""
        key = await self.trains(request)
        lang, asked = self.context.lang(request), _asked(request)
        address = self.context.way_in(request)
        html = await self.room.remote(asked, lang, address, self.context.other_ways_in(address))
        if "part" not in request.query_params:
            html = remote.remote_page(html, lang)
        return self.context.page(request, html, key)

    async def steer(self, request: Request) -> Response:
        """Do what the trainer's button says."""
        fields, key = await form(request), await self.trains(request)
        if not self.context.proven(request, fields, key):
            raise Refusal("forged")
        asked = _asked(request)
        if fields.get("do") in ("invite", "new_links"):
            return await self._invite(request, key, alone=fields["do"] == "new_links")
        try:
            await self.steering.press(fields)
        except (Refused, UnknownName) as error:
            gettext = catalog(self.context.lang(request)).gettext
            reason = gettext("Not accepted: {reason}").format(reason=error.said(gettext))
            status = 409 if isinstance(error, OutOfDate) else 422
            return self.context.trouble(request, gettext("Nothing has changed"), reason, status, "/remote")
        await self.context.seats.refresh()
        back = asked.leads(sure="", who=asked.who if fields.get("do") == "name" else "")
        return RedirectResponse(f"/remote{back}", 303)

    async def _invite(self, request: Request, key: str, alone: bool) -> Response:
        """A link for another trainer, shown once; ``alone``: all that were given before lead nowhere from now on."""
        link = await self.context.writer.call(trainer_link, self.context.log, self.context.workshop, alone)
        html = remote.invitation(f"{self.context.way_in(request)}/t/{link}", self.context.lang(request), alone)
        if not alone:
            return self.context.page(request, html, key)
        await self.context.seats.refresh()
        return self.context.keep(self.context.page(request, html, link), COOKIE, link)

    async def live(self, request: Request) -> Response:
        """Say whenever the room has changed (server-sent events)."""
        return listening(self.room, request, await self.trains(request))

    async def pack(self, request: Request) -> Response:
        """The debrief pack: a page of its own, to be printed."""
        await self.trains(request)
        html = await self.room.pack(self.context.lang(request), names="names" in request.query_params)
        return self.context.whole_page(html)

    async def answers(self, request: Request) -> Response:
        """What everybody answered, as a table to be saved."""
        await self.trains(request)
        table = await self.room.answers(self.context.lang(request))
        name = f'attachment; filename="trainkit-{self.context.workshop.code}-answers.csv"'
        headers = {"content-disposition": name, "cache-control": "no-store"}
        return Response(table.encode(), headers=headers, media_type="text/csv; charset=utf-8")

    async def backup(self, request: Request) -> Response:
        """A whole copy of the log, to be saved."""
        await self.trains(request)
        try:
            copied = await self.room.backup()
        except TrainkitError as error:
            gettext = catalog(self.context.lang(request)).gettext
            return self.context.trouble(request, gettext("No copy"), error.said(gettext), 422, "/remote")
        return self._sent(copied, "application/vnd.sqlite3", f"-{now()[:16].replace(':', '')}.sqlite3")

    async def tables(self, request: Request) -> Response:
        """Everything this workshop answered as tables for an analysis, zipped, to be saved."""
        await self.trains(request)
        try:
            zipped = await self.room.tables()
        except TrainkitError as error:
            gettext = catalog(self.context.lang(request)).gettext
            return self.context.trouble(request, gettext("No tables"), error.said(gettext), 422, "/remote")
        return self._sent(zipped, "application/zip", "-tables.zip")

    def _sent(self, file: Path, media_type: str, name: str) -> Response:
        """A file in a folder of its own, piece by piece, as a long one doesn't fit beside a class in memory."""
        return FileResponse(
            file,
            media_type=media_type,
            filename=f"trainkit-{self.context.workshop.code}{name}",
            headers={"cache-control": "no-store"},
            background=BackgroundTask(shutil.rmtree, file.parent, ignore_errors=True),
        )


class WallPages:
    """The wall: anybody may see it."""

    def __init__(self, context: ClassContext, room: LiveRoom):
        self.context, self.room = context, room

    async def show(self, request: Request) -> Response:
        """The wall, whole, or only what changes on it."""
        await self.context.seats.refresh()
        asked, spoken = request.query_params.get("lang"), pages.spoken(self.context.workshop)
        lang = asked if asked in spoken else spoken[0]  # the room's, whatever the laptop's browser speaks
        html = await self.room.wall(lang, self.context.way_in(request))
        if "part" not in request.query_params:
            html = wall_page(html, lang)
        return self.context.page(request, html, "")

    async def live(self, request: Request) -> Response:
        """Say whenever the wall has changed (server-sent events)."""
        return listening(self.room, request)


def listening(room: LiveRoom, request: Request, who: str = "") -> Response:
    """Events of the room; ``who`` is the secret of a trainer."""
    if not who and room.full(caller(request)):
        raise Refusal("too_fast")
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(
        room.changes(request.is_disconnected, caller(request), who), 200, headers, "text/event-stream"
    )


def _asked(request: Request) -> remote.Asked:
    return remote.Asked.of(request.query_params)
