"""What does every page need? The room, the language, who asks, and how a refusal is said."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response

from trainkit.i18n import catalog
from trainkit.log.store import Log
from trainkit.room.members import member_by_secret
from trainkit.room.records import Workshop
from trainkit.room.secrets import link_of
from trainkit.view import phone as pages
from trainkit.web.arrivals import Arrivals
from trainkit.web.guesses import Guesses
from trainkit.web.incidents import Incidents
from trainkit.web.public_address import PublicAddress
from trainkit.web.seats import Seat, Seats
from trainkit.web.security import Rate, Refusal, proof, proven
from trainkit.web.writer import LogWriter

COOKIE, LANG_COOKIE, REMOTE_COOKIE = "trainkit", "trainkit_lang", "trainkit_remote"
MONTH = 30 * 24 * 3600
FEW = 16  # addresses by which pages are asked for: several networks, names, a proxy
_SECRETS = re.compile(rb"(?:^|;)\s*(?:trainkit|trainkit_remote)=([\w-]{20,64})", re.ASCII)
_LIKED = re.compile(
    r"\s*([a-z]{1,8}|\*)(?:-[a-z0-9-]{0,40})?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.ASCII | re.IGNORECASE
)


class ClassContext:
    """One workshop on one server process, and what its pages share."""

    def __init__(self, log: Log, workshop: Workshop, public: PublicAddress, found: Callable[[], Sequence[str]]):
        self.public, self.found = public, found  # the address that was named; where phones in the room find it now
        self.log = log
        log.keep_journal(workshop.workshop)  # what is confirmed outlives the log's file
        self.writer = LogWriter(log)
        self.seats = Seats(log, workshop, self.writer)
        self.reached = False  # whether another machine has opened the door: then the network lets phones through
        self.incidents = Incidents()
        self.guesses = Guesses()
        self.arrivals = Arrivals()
        self.links = Rate(burst=20, per_second=1)  # secret links that lead nowhere, from one address
        self._hosts = dict.fromkeys([public.url] if public.url else found())  # addresses that pages were asked for by

    @property
    def workshop(self) -> Workshop:
        """The workshop, with the cases that came while it is held."""
        return self.seats.workshop

    def lang(self, request: Request) -> str:
        """The language asked for, here or before, the one this phone likes best, or the room's.

        What a trainer opens may be on the wall: it speaks the room's, whatever the laptop likes.
        """
        spoken = pages.spoken(self.workshop)
        asked = request.query_params.get("lang") if request.scope["query_string"] else None
        for wanted in (asked, request.cookies.get(LANG_COOKIE)):
            if wanted in spoken:
                return wanted
        liked = None if REMOTE_COOKIE in request.cookies else request.headers.get("accept-language")
        return liked_best(liked[:500], spoken) if liked else spoken[0]

    def page(self, request: Request, html: str, key: str, status: int = 200, seat: Seat | None = None) -> Response:
        """A page for the owner of ``key``: its forms say which run they are of, and prove where they come from."""
        hidden = f'<input type="hidden" name="token" value="{proof(key)}">'
        if seat is not None and seat.session is not None:
            hidden += f'<input type="hidden" name="attempt" value="{seat.session.record.attempt}">'
        html = self.public.below(html.replace(pages.TOKEN, hidden))
        answer = HTMLResponse(html, status, {"cache-control": "no-store"})
        if request.scope["query_string"] and "lang" in request.query_params:
            self.keep(answer, LANG_COOKIE, self.lang(request))
        return answer

    def way_in(self, request: Request) -> str:
        """The address that leads here from a phone: not that of a laptop that looks at itself, if another is known."""
        asked = self.here(request)
        if not self.public.url and LOOPBACK.fullmatch(asked.split("://")[1]):
            asked = next(iter(self.found()), asked)
        return self.few(asked)

    def other_ways_in(self, address: str) -> list[str]:
        """What else this machine is found by now, besides an address."""
        return [] if self.public.url else [one for one in self.found() if one != address]

    def here(self, request: Request) -> str:
        """The address that was named, else the one this page was asked for by."""
        return self.public.url or f"{request.url.scheme}://{request.headers.get('host', '')}"

    def proven(self, request: Request, fields: Mapping[str, str], key: str) -> bool:
        """Whether a form comes from a page of this class: by what it brings along, and by the origin a browser names."""
        origin = request.headers.get("origin")
        # browsers say "null" of pages that, like ours, send no referrer
        ours = origin in (None, "null") or self.public.is_origin(origin, request.headers.get("host", ""))
        return ours and proven(fields, key)

    def few(self, address: str) -> str:
        """An address that pages were asked for by; one of those known for whoever makes up one after the other.

        Each is drawn as a QR code, which takes a while.
        """
        if address not in self._hosts:
            if len(self._hosts) >= FEW:
                self.incidents.count("pages asked for by made-up addresses")
                return next(iter(self._hosts))
            self._hosts[address] = None
        return address

    def person(self, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """Who of those that are known here asks, by the cookies of a request; empty for a stranger. Asks no log."""
        for name, value in headers:
            if name == b"cookie":
                for secret in _SECRETS.findall(value):
                    if person := self.seats.known(secret.decode()):
                        return person
        return ""

    def wrong_link(self, request: Request) -> None:
        """Count a secret link that leads nowhere; a Refusal if too many came from there. Right ones are never counted."""
        self.incidents.count("wrong links")
        if not self.links.take(crowd(caller(request))):
            raise Refusal("too_fast")

    def trouble(self, request: Request, heading: str, text: str, status: int, back: str = "/play") -> Response:
        """A page that says what was not done, and leads back."""
        lang = self.lang(request)
        gettext = catalog(lang).gettext
        links = [(back, gettext("To the remote") if back == "/remote" else gettext("To the conversation"))]
        html = pages.trouble(pages.framed(None, None, lang), heading, text, links)
        answer = HTMLResponse(self.public.below(html), status, {"cache-control": "no-store"})
        return retry_later(answer)

    def whole_page(self, html: str) -> Response:
        """A page to be saved or printed, which carries its style with it."""
        policy = (
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
        return HTMLResponse(html, headers={"cache-control": "no-store", "content-security-policy": policy})

    async def own_link(self, key: str) -> str:
        """The secret of a personal link, which is the same whichever of this person's devices asks."""
        link = link_of(key)
        known = await self.seats.read(member_by_secret, self.log, self.workshop, link)
        return link if known is not None else key  # this device came by the link itself

    async def seated(self, request: Request, look: bool = True) -> tuple[Seat | None, str]:
        """Who asks, and by which secret; brought up to what the log has."""
        key = request.cookies.get(COOKIE, "")
        if not key:
            return None, key
        return await (self.seats.come(key) if look else self.seats.seat(key)), key

    def keep(self, answer: Response, name: str, key: str, seconds: int | None = MONTH) -> Response:
        """Have the browser keep a secret, where no script can read it; without ``seconds`` as long as it runs."""
        how = {"path": self.public.path or "/", "secure": self.public.secure, "httponly": True, "samesite": "lax"}
        answer.set_cookie(name, key, max_age=seconds, **how)
        return answer


@lru_cache(maxsize=500)
def liked_best(accepted: str, spoken: Sequence[str]) -> str:
    """The language of ``spoken`` that an Accept-Language header likes best (RFC 9110, 12.5.4); the first if it likes none.

    >>> liked_best("de-AT,en-GB;q=0.8,ru;q=0.9", ("ru", "en"))
    'ru'
    """
    liked: dict[str, float] = {}
    for part in accepted.split(","):
        if found := _LIKED.fullmatch(part):
            liked.setdefault(found[1].lower(), float(found[2] or 1))
    in_order = dict.fromkeys((*liked, *spoken))  # of those liked as much, the one named first
    weights = {lang: liked.get(lang, liked.get("*", 0.0)) for lang in in_order if lang in spoken}
    best = max(weights, key=weights.__getitem__)
    return best if weights[best] else spoken[0]


def retry_later(answer: Response) -> Response:
    """Say when to come again, where that helps."""
    if answer.status_code in (429, 503):
        answer.headers["retry-after"] = "5"
    return answer


LOOPBACK = re.compile(r"(localhost|127\.[\d.]+|\[::1\])(:\d+)?", re.I)


def caller(request: HTTPConnection) -> str:
    """The address somebody asks from."""
    return request.client.host if request.client else ""


@lru_cache(maxsize=2000)
def crowd(address: str) -> str:
    """Whom an address may stand for: of IPv6 a home or a school has 2 to the power of 64, which count as one."""
    if ":" not in address:
        return address
    try:
        told = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(told.ipv4_mapped or ipaddress.IPv6Network((int(told) >> 64 << 64, 64)))
