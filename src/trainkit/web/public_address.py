"""Where is the class found from outside: at an address that was named, through a proxy, perhaps below a path?"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from trainkit.errors import N_, TrainkitError, shown
from trainkit.view import render

# First parts of the class's own addresses: a path that begins with one couldn't be told from them.
OWN = frozenset(
    {
        *(
            "play",
            "debrief",
            "talk",
            "disagree",
            "team",
            "pulse",
            "questions",
            "join",
            "me",
            "link",
            "runs",
            "wall",
            "t",
            "remote",
        ),
        *render.STYLES,
        *render.SCRIPTS,
    }
)
LOOPBACK = ("127.0.0.0/8", "::1")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_NEVER = re.compile(r"[\s?#\x00-\x1f\x7f]")
_PORTS = {"http": 80, "https": 443}
# where a page leads: texts can't look like it, as the quotes in them are escaped
_LEADS = re.compile(r'((?:href|action|src)="|<meta http-equiv="refresh" content="\d{1,6}; url=)/')


@dataclass(frozen=True)
class PublicAddress:
    """The address that was named for a class, or none.

    Attributes
    ----------
    origin
        Scheme, host and port as browsers write them ("https://class.example"); empty where none was named: then each page
        is at the address it was asked for by, and nothing a proxy says is believed.
    path
        What every address of the class begins with: "/friday", or nothing.
    proxies
        Addresses and networks whose X-Forwarded-For is believed, besides this machine's own.
    """

    origin: str = ""
    path: str = ""
    proxies: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The address of the first page without its last stroke; empty where none was named."""
        return self.origin + self.path

    @property
    def options(self) -> str:
        """How the command line names it, with a space before each option."""
        named = [("address", self.url)] if self.url else []
        return "".join(f" --{name} {value}" for name, value in [*named, *(("proxy", one) for one in self.proxies)])

    @property
    def secure(self) -> bool:
        """Whether people come by HTTPS: cookies are for that alone then."""
        return self.origin.startswith("https:")

    def is_origin(self, origin: str, host: str) -> bool:
        """Whether an Origin header names this class; ``host`` is the Host header of the same request."""
        if self.origin and origin == self.origin:
            return True
        return not self.secure and origin.partition("://")[2] == host

    def below(self, html: str) -> str:
        """A page whose links, forms and files are below the path."""
        return _LEADS.sub(rf"\1{self.path}/", html) if self.path else html

    def around(self, app: ASGIApp) -> ASGIApp:
        """The app as it is reached by this address: below its path, asked by whom the proxy names.

        A proxy may send the path along or take it off. Nothing else it says is believed: scheme and host were named.
        """
        if not self.origin:
            return app
        return ProxyHeadersMiddleware(_Below(app, self.path) if self.path else app, [*LOOPBACK, *self.proxies])


class _Below:
    """An ASGI app below a path."""

    def __init__(self, app: ASGIApp, path: str):
        self.app, self.path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the path off what is asked for, and put it before where an answer sends people."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [self._header(*one) for one in message["headers"]]
            await send(message)

        asked = scope["path"]
        path = asked[len(self.path) :] if f"{asked}/".startswith(f"{self.path}/") else asked
        headers = [(name, _first(value) if name == b"cookie" else value) for name, value in scope["headers"]]
        await self.app({**scope, "path": path or "/", "headers": headers}, receive, sending)

    def _header(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        return name, self.path.encode() + value if name == b"location" and value.startswith(b"/") else value


def _first(cookies: bytes) -> bytes:
    """Of cookies with the same name the first: the one for the longer path (RFC 6265, 5.4), where others take the last."""
    named: dict[bytes, bytes] = {}
    for one in cookies.split(b";"):
        named.setdefault(one.partition(b"=")[0].strip(), one.strip())
    return b"; ".join(named.values())


def public_address(text: str, proxies: Sequence[str] = ()) -> PublicAddress:
    """Read an address as a person names it; an empty one is none.

    Raises
    ------
    TrainkitError
        If it isn't scheme, host and perhaps a port and a path, begins with what the class calls its own pages, or a proxy is
        no address of a machine or network.
    """
    if not text:
        if proxies:
            raise TrainkitError(N_("--proxy goes with --address: name the address at which people find the class"))
        return PublicAddress()
    got = {"got": shown(text)}
    wanted = N_("--address wants http://… or https://… with a host, perhaps a port and a path (got {got})")
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        raise TrainkitError(wanted, **got) from None
    if scheme not in _PORTS or "@" in parts.netloc or port == 0 or _NEVER.search(text):
        raise TrainkitError(wanted, **got)
    path = parts.path.rstrip("/")
    if path and not _PATH.fullmatch(path):
        told = N_("the path of --address has letters a–z, digits and - _ . ~ between its strokes (got {path})")
        raise TrainkitError(told, path=shown(path))
    if path and (first := path.split("/")[1]) in OWN:
        told = N_("the class has pages of its own at /{first}: take another path for --address")
        raise TrainkitError(told, first=first)
    name = _host(host)
    if not name:
        raise TrainkitError(wanted, **got)
    origin = f"{scheme}://{name}" + (f":{port}" if port not in (None, _PORTS[scheme]) else "")
    return PublicAddress(origin, path, tuple(map(_network, proxies)))


def _host(host: str) -> str:
    """A host as browsers write it in an Origin header; nothing if it is none."""
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError:
            return ""
    try:
        name = host.encode("idna").decode().lower() if not host.isascii() else host
    except UnicodeError:
        return ""
    return name if _NAME.fullmatch(name) else ""


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip()))
    except ValueError:
        told = N_("--proxy wants the address of a machine or network, as 10.0.0.5 or 10.0.0.0/24 (got {got})")
        raise TrainkitError(told, got=shown(text)) from None
