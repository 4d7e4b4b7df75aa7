"""Which address does what? The trainees' pages, the trainer's board, and nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trainkit import workshops
from trainkit.classroom.desk import Desk
from trainkit.classroom.door import Door
from trainkit.classroom.guard import TooLarge, Unreadable, guarded
from trainkit.classroom.talk import Talk
from trainkit.classroom.wall import Wall
from trainkit.errors import TrainkitError
from trainkit.store import Store
from trainkit.view import pages
from trainkit.view.words import words
from trainkit.workshops import Workshop

ASSETS = {"/tk.css": "text/css", "/class.js": "text/javascript", "/board.js": "text/javascript"}
log = logging.getLogger("trainkit.class")

Handler = Callable[[Request], Awaitable[Response]]


class Classroom:
    """One workshop on one server process: an ASGI app in ``app``."""

    def __init__(self, store: Store, workshop: Workshop):
        self.desk = Desk(store, workshop)
        door, talk, self.wall = Door(self.desk), Talk(self.desk), Wall(self.desk)
        addresses: list[tuple[str, str, Handler]] = [
            ("GET", "/", door.door),
            ("POST", "/join", door.join),
            ("GET", "/join", door.to_door),
            ("GET", "/me/{key}", door.come_back),
            ("GET", "/link", door.link),
            ("GET", "/play", talk.play),
            ("POST", "/play", talk.answer),
            *(("GET", path, talk.read_again) for path in ("/talk", "/debrief", "/disagree")),
            ("GET", "/pulse", talk.pulse),
            ("GET", "/t/{key}", self.wall.trainer),
            ("GET", "/board", self.wall.show_board),
            ("POST", "/board", self.wall.steer),
            ("GET", "/board/live", self.wall.live),
            ("GET", "/board/debrief", self.wall.pack),
            *(("GET", path, _asset) for path in ASSETS),
        ]
        plain = Starlette(
            routes=[Route(path, self._safe(handler), methods=[method]) for method, path, handler in addresses],
            lifespan=self._lifespan,
            exception_handlers={404: self._nowhere, 405: self._nowhere},
        )
        plain.router.redirect_slashes = False  # it would send people wherever the Host header says
        self.app = guarded(plain)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette):
        seats = self.desk.seats
        await seats.refresh()
        seats.assigned(await seats.read(workshops.records_of, self.desk.store, self.desk.workshop))
        warming = asyncio.get_running_loop().run_in_executor(None, self.wall.board.warm)
        yield
        warming.cancel()
        self.stop()
        self.desk.journal.close()

    def stop(self) -> None:
        """Let go of those who only listen, so that the server can end."""
        self.wall.board.stop()

    def _safe(self, handler: Handler) -> Handler:
        """Whatever goes wrong is said in a sentence."""

        async def safe(request: Request) -> Response:
            try:
                return await handler(request)
            except TooLarge:
                gettext = words(self.desk.lang(request)).gettext
                return self.desk.trouble(
                    request, gettext("That was too long"), gettext("It was not taken. Write less."), 413
                )
            except Unreadable:
                gettext = words(self.desk.lang(request)).gettext
                return self.desk.trouble(
                    request, gettext("That was no form of ours"), gettext("It was not taken."), 400
                )
            except TrainkitError as error:
                log.warning("%s %s: %s", request.method, request.scope["path"].split("/")[1], error)
                gettext = words(self.desk.lang(request)).gettext
                text = gettext("The log can't be reached just now. What was confirmed is safe. Try again in a moment.")
                return self.desk.trouble(request, gettext("Not possible just now"), text, 503)
            except Exception:
                log.exception("%s %s", request.method, request.scope["path"].split("/")[1])
                gettext = words(self.desk.lang(request)).gettext
                text = gettext("This is our mistake, not yours. What was confirmed is safe.")
                return self.desk.trouble(request, gettext("Something went wrong"), text, 500)

        return safe

    async def _nowhere(self, request: Request, error: Exception) -> Response:
        gettext = words(self.desk.lang(request)).gettext
        status = getattr(error, "status_code", 404)
        heading, text = gettext("There is nothing here"), gettext("The address is wrong or out of date.")
        answer = self.desk.trouble(request, heading, text, status)
        answer.headers.update(getattr(error, "headers", None) or {})  # 405 names what is allowed
        return answer


async def _asset(request: Request) -> Response:
    path = request.scope["path"]  # not request.url, which some Starlettes build from the Host header
    headers = {"cache-control": "public, max-age=31536000, immutable"} if request.query_params else {}
    return Response(pages.asset(path[1:]), media_type=ASSETS[path], headers=headers)
