"""How do answers from a site come in? By an address with a secret that only adds runs, each replayed first."""

import asyncio
import tempfile
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from trainkit.errors import N_, NotSaved, TrainkitError
from trainkit.exchange.answers_reader import is_answers
from trainkit.exchange.incoming import Imported, import_runs
from trainkit.i18n import catalog
from trainkit.log.store import Log
from trainkit.room.inbox import may_add
from trainkit.web.context import ClassContext, caller, crowd
from trainkit.web.security import MAX_READ, Rate

# any site may say it, since the secret is all that counts: there is no cookie in it and nothing is told but what became of it
ANYBODY = {"access-control-allow-origin": "*", "cache-control": "no-store"}


MOST = 200_000_000  # bytes of all files that brought something: some ten thousand runs
FILES = 200, 2.0  # from one address: at once, then a second
JUNK = 40, 0.2  # of those, files of which nothing could be taken


class InboxPages:
    """What is sent from sites and single files."""

    def __init__(self, context: ClassContext):
        self.context = context
        self._taken = 0  # bytes, since the class was begun
        self._files, self._junk = Rate(*FILES), Rate(*JUNK)
        # one file after the other: a room that sends at once must not keep the others waiting
        self._one = asyncio.Lock()

    async def take(self, request: Request) -> Response:
        """Take in the runs of a file of answers."""
        gettext = catalog(self.context.lang(request)).gettext
        secret, address = request.path_params["key"], crowd(caller(request))
        if not await self.context.seats.read(may_add, self.context.log, self.context.workshop, secret):
            if not self.context.links.take(address):  # right ones are never counted
                return _said(429, gettext("Wait a few seconds, then try again."))
            return _said(403, gettext("The address to send to is out of date. Ask for a new site, or give the file."))
        if self._junk.empty(address) or not self._files.take(address):  # whoever has a site has the secret
            return _said(429, gettext("Wait a few seconds, then try again."))
        content = await _read(request)
        if content is None:
            self._junk.take(address)
            return _said(413, gettext("That was too long"))
        if self._taken + len(content) > MOST:
            return _said(429, gettext("Too much has been sent to this address. Give the file instead."))
        async with self._one:
            try:
                done = await asyncio.to_thread(_import, self.context.log, content)
            except NotSaved as error:
                return _said(503, error.said(gettext))
            except TrainkitError as error:
                self._junk.take(address)
                return _said(400, error.said(gettext))
            if done.added or done.continued:
                self._taken += len(content)
            elif not done.known:
                self._junk.take(address)
        if done.refused or done.conflicts:
            some = gettext("{n} of {total} conversations could not be taken: {why}")
            total = done.added + done.continued + done.known + done.refused + done.conflicts
            return _said(422, some.format(n=done.refused + done.conflicts, total=total, why=done.told[0].said(gettext)))
        return _said(200, gettext("Sent. The trainer has your answers."))


def _said(status: int, text: str) -> Response:
    return PlainTextResponse(text, status, ANYBODY)


async def _read(request: Request) -> bytes | None:
    """The body; None if it is too long or its sender went away."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_READ:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


def _import(log: Log, content: bytes) -> Imported:
    if not is_answers(content[:200]):  # an import reads more than is taken from strangers
        raise TrainkitError(N_("{name} can't be read: it is cut, or no file of answers"), name="answers.json")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answers.json")
        file.write_bytes(content)
        return import_runs(log, file, known_only=True)
