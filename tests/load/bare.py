"""What can the client itself do? The least server with an exercise's shape: joins, posts, redirects, pages of a usual size.

    uvicorn bare:app

Four steps, four replies each, all in memory, pages put together from ready pieces. ``LOAD_FAULT`` has it do one thing
wrong (``status``, ``title``, ``name``, ``other``, ``step``, ``talk``, ``options``, ``direct``, ``debrief``, ``turn``): the
tests see to it that the client notices.
"""

from __future__ import annotations

import os
import secrets
from html import escape
from urllib.parse import parse_qs

FAULT = os.environ.get("LOAD_FAULT", "")
TITLE = "Голая страница"
STEPS = 4
FILL = b"<p>" + ("Пять вечера, очередь до двери. " * 6).encode() + b"</p>\n"  # 330 bytes, 27 of them a page
REPLIES = tuple(f"Отвечу так, как считаю нужным, и это ответ {n}" for n in range(1, 5))
_people: dict[str, tuple[str, list[str]]] = {}


def _page(inside: bytes) -> bytes:
    title = "" if FAULT == "title" else TITLE
    return f'<!doctype html><html lang="ru"><title>{title}</title>\n'.encode() + FILL * 27 + inside


def _play(name: str, said: list[str]) -> bytes:
    step = len(said) + (FAULT == "step" and len(said) == 2)
    talk = b"".join(f"<p>{escape(text)}</p>\n".encode() for text in (said if FAULT != "talk" else []))
    shown = {"name": "", "other": "Ирис-99999"}.get(FAULT, escape(name))
    hidden = f'<input type="hidden" name="step" value="{step}">'
    head = f"<p>{shown}</p>\n".encode()
    if len(said) >= STEPS:
        inside = f'<form method="post">{hidden}<button name="again" value="1">…</button></form>'
        shape = "" if FAULT == "debrief" else ' class="debrief"'
        turn = '<a href="/debrief?page=2">…</a>'
        return _page(head + talk + f"<div{shape}>{inside}{turn}</div>".encode())
    buttons = "".join(
        f'<li><button class="opt" name="option" value="{n}"><kbd>{n}</kbd><span>{text}</span></button></li>'
        for n, text in enumerate(() if FAULT == "options" else REPLIES)
    )
    form = f'<form class="choice" method="post">{hidden}{buttons}</form>'
    return _page(head + talk + form.encode())


async def app(scope, receive, send) -> None:
    """An ASGI application."""
    if scope["type"] != "http":
        return
    body, more = b"", scope["method"] == "POST"
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    form = {key: values[-1] for key, values in parse_qs(body.decode()).items()}
    cookie = dict(scope["headers"]).get(b"cookie", b"").decode().partition("=")[2]
    headers, status, page = [(b"content-type", b"text/html; charset=utf-8")], 200, b""
    if "name" in form:
        cookie = secrets.token_hex(8)
        _people[cookie] = (form["name"], [])
        headers.append((b"set-cookie", f"id={cookie}; HttpOnly; Path=/".encode()))
        status = 303
    elif scope["path"] == "/":
        page = _page(b'<form method="post"><input name="code"><input name="name"></form>')
    elif cookie not in _people:
        status = 404
    elif "again" in form:
        _people[cookie][1].clear()
        status = 303
    elif "option" in form:
        said = _people[cookie][1]
        if int(form["step"]) == len(said):
            said.append(REPLIES[int(form["option"])])
        status = 200 if FAULT == "direct" else 303
    elif scope["path"] == "/debrief":
        shown = "" if FAULT == "turn" else _people[cookie][0]
        page = _page(f'<p>{escape(shown)}</p><div class="debrief"></div>'.encode())
    else:
        page = _play(*_people[cookie])
        status = 500 if FAULT == "status" else 200
    if status == 303:
        headers.append((b"location", b"/play"))
    headers.append((b"content-length", str(len(page)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": page})
