"""A learning record store as the specification wants one (xAPI 1.0.3, Part Three, 2.1): Starlette on 127.0.0.1."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Iterator

import jsonschema
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from support.places import ROOT
from support.ports import HOST, free_port

KEY = "site:only-writes"
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "tests/exchange/xapi_1_0_3.json").read_text("utf-8")))


class RecordStore:
    """Keeps what it is told once; while ``strict``, as some stores do, it refuses what it has even if it is the same."""

    def __init__(self, port: int, origins: tuple[str, ...] = ("*",)):
        self.address = f"http://{HOST}:{port}/xapi"
        self.statements: dict[str, dict] = {}
        self.answered: list[tuple[str, int]] = []  # methods and statuses, in order
        self.busy = 0  # so many requests more are told to come again
        self.strict = False
        told = {"allow_methods": ["POST", "PUT"], "allow_headers": ["authorization", "x-experience-api-version"]}
        cors = Middleware(CORSMiddleware, allow_origins=origins, **told)
        self.app = Starlette(routes=[Route("/xapi/statements", self._take, methods=["POST", "PUT"])], middleware=[cors])

    async def _take(self, request: Request) -> Response:
        answer = self._answer(request, await request.body())
        self.answered.append((request.method, answer.status_code))
        return answer

    def _answer(self, request: Request, body: bytes) -> Response:
        if self.busy:
            self.busy -= 1
            return PlainTextResponse("busy", 503)
        if request.headers.get("authorization") != "Basic " + base64.b64encode(KEY.encode()).decode():
            return PlainTextResponse("who are you?", 401)
        if not request.headers.get("x-experience-api-version", "").startswith("1.0."):
            return PlainTextResponse("X-Experience-API-Version is missing", 400)
        told = json.loads(body)
        some = told if request.method == "POST" and isinstance(told, list) else [told]
        if request.method == "PUT" and told.get("id") != request.query_params.get("statementId"):
            return PlainTextResponse("statementId is another", 400)
        for one in some:
            if (error := next(SCHEMA.iter_errors(one), None)) is not None:
                return PlainTextResponse(error.message, 400)
        known = [one["id"] for one in some if one["id"] in self.statements]
        if known and (
            self.strict or any(not _same(self.statements[one["id"]], one) for one in some if one["id"] in known)
        ):
            return PlainTextResponse("conflict", 409)
        for one in some:
            self.statements.setdefault(one["id"], one)
        return Response(status_code=204) if request.method == "PUT" else JSONResponse([one["id"] for one in some])


def _same(one: dict, other: dict) -> bool:
    """What an activity is called and how it is described is no part of a statement (Part Two, 2.3.1)."""
    return _plain(one) == _plain(other)


def _plain(statement: dict) -> dict:
    about = {name: value for name, value in statement["object"].items() if name != "definition"}
    return {**statement, "object": about}


@contextlib.contextmanager
def record_store(**how: object) -> Iterator[RecordStore]:
    """One that runs meanwhile."""
    port = free_port()
    store = RecordStore(port, **how)
    server = uvicorn.Server(uvicorn.Config(store.app, host=HOST, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    try:
        yield store
    finally:
        server.should_exit = True
        thread.join(30)
