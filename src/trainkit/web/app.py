"""Which address does what? The trainees' pages, the wall, the trainer's remote, and nothing else."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from trainkit.errors import TrainkitError
from trainkit.i18n import catalog
from trainkit.log.lost import LogLost, Lost
from trainkit.log.store import Log
from trainkit.room.members import places_taken, runs_of
from trainkit.room.records import Workshop
from trainkit.view import render
from trainkit.view.log_lost import lost_on_phone
from trainkit.web import network
from trainkit.web.connections import LEAST, Connections
from trainkit.web.context import ClassContext, caller, crowd
from trainkit.web.inbox import InboxPages
from trainkit.web.incidents import OneALine
from trainkit.web.join import JoinPages
from trainkit.web.line import Line
from trainkit.web.live_room import ALIVE, LiveRoom
from trainkit.web.play import PlayPages
from trainkit.web.public_address import PublicAddress
from trainkit.web.questions import QuestionPages
from trainkit.web.request_limits import CONNECTION, Protocol
from trainkit.web.security import Rate, Refusal, guarded
from trainkit.web.trainer import TrainerPages, WallPages

STYLES, SCRIPTS = (dict.fromkeys(render.STYLES, "text/css"), dict.fromkeys(render.SCRIPTS, "text/javascript"))
ASSETS = {f"/{name}": kind for name, kind in (STYLES | SCRIPTS).items()}
WALL = 3.0  # pages more that a wall costs: it is made anew for each
A_WHILE = 60.0  # seconds after which a room where nobody is has most likely a reason
AN_EYE = 0.2  # seconds between two looks whether the log has been found lost
logger = logging.getLogger("trainkit.class")

Handler = Callable[[Request], Awaitable[Response]]


class Heard(NamedTuple):
    """What whoever began the class hears of it besides its pages; each is called once at most."""

    nobody: Callable[[], object] = lambda: None  # has come after a while
    lost: Callable[[Lost], object] = lambda lost: None  # is the log


NOTHING_HEARD = Heard()


class ClassApp:
    """One workshop on one server process: an ASGI app in ``app``."""

    def __init__(
        self,
        log: Log,
        workshop: Workshop,
        heard: Heard = NOTHING_HEARD,
        public: PublicAddress | None = None,
        found: Callable[[], Sequence[str]] = tuple,
    ):
        self.most_connections = LEAST  # at a time
        self.heard = heard
        public = public or PublicAddress()
        self.context = ClassContext(log, workshop, public, found)
        self.room = LiveRoom(log, workshop, self.context.seats, public.options, self.context.arrivals)
        join, play = JoinPages(self.context), PlayPages(self.context)
        box = QuestionPages(self.context)
        wall, trainer = WallPages(self.context, self.room), TrainerPages(self.context, self.room)
        addresses: dict[str, dict[str, Handler]] = {  # looked through from the top: what is asked most comes first
            "/play": {"GET": play.play, "POST": play.answer},
            **{path: {"GET": play.read_again} for path in ("/debrief", "/talk", "/disagree")},
            "/team": {"GET": play.teams},
            "/debrief/file": {"GET": play.save},
            "/pulse": {"GET": play.pulse},
            "/questions": {"GET": box.show, "POST": box.act},
            "/": {"GET": join.form_page},
            "/join": {"GET": join.to_form, "POST": join.join},
            "/me/{key}": {"GET": join.follow_link, "POST": join.follow_link},
            "/link": {"GET": join.show_link},
            "/runs/{key}": {"POST": InboxPages(self.context).take},
            "/wall": {"GET": wall.show},
            "/wall/live": {"GET": wall.live},
            "/t/{key}": {"GET": trainer.follow_link},
            "/remote": {"GET": trainer.show, "POST": trainer.steer},
            "/remote/live": {"GET": trainer.live},
            "/remote/debrief": {"GET": trainer.pack},
            "/remote/backup": {"GET": trainer.backup},
            "/remote/answers.csv": {"GET": trainer.answers},
            "/remote/tables.zip": {"GET": trainer.tables},
            **{path: {"GET": _asset} for path in ASSETS},
        }
        # Not a whole Starlette: what its layers do for errors is done by _Safe, and a room of thousands would pay for them.
        self.routes = [Route(path, _Safe(self.context, handlers)) for path, handlers in addresses.items()]
        router = Router(
            self.routes,
            default=_Safe(self.context, {}),
            lifespan=self._lifespan,
            redirect_slashes=False,  # it would send people wherever the Host header says
        )
        self._names: frozenset[str] = frozenset()  # this machine's own, once it has said them
        self.app = public.around(guarded(_StrangersWait(router, self.context), self._is_here, self._elsewhere))

    def _is_here(self, host: str) -> bool:
        """Whether the class may be asked for by a host; behind a proxy whatever it says, since the address was named."""
        return bool(self.context.public.url) or network.is_near(host, self._names)

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that the class has no such name."""
        self.context.incidents.count("requests by a name that isn't this machine's")
        said = catalog(self.context.lang(Request(scope))).gettext(
            "The class isn’t found by this name. Take the address on the screen; for a name of its own, the trainer "
            "starts it with --address."
        )
        await PlainTextResponse(said, 421)(scope, receive, send)

    def _say_names(self) -> None:
        self._names = network.own_names()

    @asynccontextmanager
    async def _lifespan(self, _app: object):
        incidents, noisy = self.context.incidents, logging.getLogger("uvicorn.error")
        quiet = OneALine(incidents)
        noisy.addFilter(quiet)
        seats = self.context.seats
        threading.Thread(target=self._say_names, daemon=True).start()  # the end of the class doesn't wait for it
        await seats.refresh()
        seats.assigned(await seats.read(runs_of, self.context.log, self.context.workshop))
        jobs = (self._warm(), self._wait_for_somebody(), self._listen_to_others(), self._watch_log(), incidents.watch())
        tasks = [asyncio.create_task(one) for one in jobs]
        yield {"connections": Connections(self.most_connections, incidents)}
        for task in tasks:
            task.cancel()
        incidents.tell()
        noisy.removeFilter(quiet)
        self.room.stop()
        self.context.writer.close()

    async def _warm(self) -> None:
        await asyncio.sleep(1)  # the first page is not to wait for it
        await asyncio.to_thread(self.room.warm)

    async def _listen_to_others(self) -> None:
        """Hear what a trainer has pressed on another server, while somebody waits for it here."""
        while True:
            await asyncio.sleep(ALIVE)
            if self.context.seats.bell.waiting:
                with suppress(TrainkitError):
                    await self.context.seats.refresh()

    async def _watch_log(self) -> None:
        """Tell terminal, wall and remote if the log is lost, once what was confirmed has been saved."""
        log = self.context.log
        while log.lost is None or not (log.lost.rescue or log.lost.reason):
            await asyncio.sleep(AN_EYE)
        logger.error("%s", LogLost(log.lost))
        self.room.forget()
        self.context.seats.bell.ring()
        self.heard.lost(log.lost)

    async def _wait_for_somebody(self) -> None:
        await asyncio.sleep(A_WHILE)
        with suppress(TrainkitError):
            came = await self.context.seats.read(places_taken, self.context.log, self.context.workshop)
            if not (came or self.context.reached):
                self.room.lonely = True
                self.heard.nobody()


class _StrangersWait:
    """People of the class are served at once, as fast as hands are; all others have a turn now and then, addresses in turn.

    A page costs a millisecond or three, and everybody's is made by the same core. To a class that comes in this is no limit.
    """

    def __init__(self, app: Router, context: ClassContext):
        self.app, self.context = app, context
        # who comes in asks for a form, its style and script, and sends it: a whole room may do that at the same moment
        self.people = Rate(burst=400, per_second=100)  # of one person's browsers: no hand is as fast
        self.line = Line(burst=max(200, 4 * context.workshop.places), per_second=100, most=2_000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, in its turn."""
        if scope["type"] == "http":
            connection = scope.get("state", {}).get(CONNECTION)
            person = self.context.person(scope["headers"])
            if person and connection is not None:
                connection.vouch(person)
            if person and self.people.take(person):
                pass
            elif not self.line.take() and not await self._turn(scope, connection):
                self.context.incidents.count("requests refused: too many wait")
                await _TOO_MANY(scope, receive, send)
                return
            elif scope["path"] == "/wall":
                self.line.charge(WALL)
        await self.app(scope, receive, send)

    async def _turn(self, scope: Scope, connection: Protocol | None) -> bool:
        self.context.incidents.count("requests that had to wait")
        who = crowd(caller(HTTPConnection(scope)))
        if connection is None:
            return await self.line.turn(who)
        return await self.line.turn(who, connection.asked, lambda: not connection.transport.is_closing())


_TOO_MANY = Response("Too many requests. Wait a few seconds, then try again.", 429, {"retry-after": "5"}, "text/plain")


class _Safe:
    """The handlers of an address, by method, as an ASGI app: whatever goes wrong is said in a sentence."""

    def __init__(self, context: ClassContext, handlers: Mapping[str, Handler]):
        self.context = context
        self.handlers = {**handlers, **({"HEAD": handlers["GET"]} if "GET" in handlers else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive, send)
        handler = self.handlers.get(scope["method"], self._nowhere)
        try:
            answer = await handler(request)
        except Exception as error:
            answer = self._trouble(request, error)
        await answer(scope, receive, send)

    async def _nowhere(self, request: Request) -> Response:
        gettext = catalog(self.context.lang(request)).gettext
        heading, text = gettext("There is nothing here"), gettext("The address is wrong or out of date.")
        answer = self.context.trouble(request, heading, text, 405 if self.handlers else 404)
        if self.handlers:
            answer.headers["allow"] = ", ".join(self.handlers)
        return answer

    def _trouble(self, request: Request, error: Exception) -> Response:
        gettext, trouble = catalog(self.context.lang(request)).gettext, self.context.trouble
        what = f"{request.method} {request.scope['path'].split('/')[1]}"  # never the rest: it may be a secret
        if isinstance(error, Refusal):
            status, heading, text = _refusal(str(error), gettext)
            return trouble(request, heading, text, status)
        if isinstance(error, LogLost):
            return trouble(request, gettext("Not possible just now"), lost_on_phone(self.context.lang(request)), 503)
        if isinstance(error, TrainkitError):
            logger.warning("%s: %s", what, error)
            text = gettext(
                "The store of answers can’t be reached just now. Everything confirmed is safe. Try again in a moment."
            )
            return trouble(request, gettext("Not possible just now"), text, 503)
        logger.error(what, exc_info=error)
        text = gettext("This is our mistake, not yours. Everything confirmed is safe.")
        return trouble(request, gettext("Something went wrong"), text, 500)


def _refusal(reason: str, gettext: Callable[[str], str]) -> tuple[int, str, str]:
    """What is said to whom :class:`trainkit.web.security.Refusal` turns away: status, heading, words."""
    forged = gettext("This form did not come from a page you opened, or cookies are switched off. Open the page again.")
    return {
        "too_long": (413, gettext("That was too long"), gettext("It was not accepted. Please write less.")),
        "no_form": (400, gettext("We don’t recognise this form"), gettext("It was not accepted.")),
        "too_fast": (429, gettext("Too fast"), gettext("Wait a few seconds, then try again.")),
        "forged": (403, gettext("Not accepted"), forged),
        "not_trainer": (
            403,
            gettext("For the trainer only"),
            gettext("The remote opens only with the trainer’s secret link."),
        ),
    }[reason]


async def _asset(request: Request) -> Response:
    path = request.scope["path"]  # not request.url, which some Starlettes build from the Host header
    headers = {"cache-control": "public, max-age=31536000, immutable"} if request.query_params else {}
    return Response(render.asset(path[1:]), media_type=ASSETS[path], headers=headers)
