"""An address that was named: what it is, what is below it, who is believed; and what is said of one that is none."""

import asyncio

import pytest
from markupsafe import escape

from trainkit.errors import TrainkitError
from trainkit.i18n import catalog
from trainkit.log.lost import Lost
from trainkit.log.store import Log
from trainkit.room.workshops import create, parts_of
from trainkit.view.log_lost import lost_words
from trainkit.web.app import ASSETS, ClassApp
from trainkit.web.public_address import OWN, PublicAddress, public_address


@pytest.mark.parametrize(
    ("named", "origin", "path"),
    [
        ("https://class.example", "https://class.example", ""),
        ("HTTPS://Class.Example:443/", "https://class.example", ""),
        ("http://192.168.43.7:8000", "http://192.168.43.7:8000", ""),
        ("http://class:80/a/b-c/", "http://class", "/a/b-c"),
        ("https://[FD00::0:1]:8443/friday", "https://[fd00::1]:8443", "/friday"),
        ("https://пример.рф/pt", "https://xn--e1afmkfd.xn--p1ai", "/pt"),
    ],
)
def test_an_address_is_read_as_browsers_write_it(named, origin, path):
    read = public_address(named)
    assert (read.origin, read.path, read.url) == (origin, path, origin + path)
    assert read.secure == origin.startswith("https")


@pytest.mark.parametrize(
    "named",
    [
        "class.example", "ftp://class.example", "https://", "https:///friday", "https://class.example:0", "https://a:99999",
        "https://user:pw@class.example", "https://class.example?x", "https://class.example/#x", "https://a b/", "https://[::1",
        "https://class.example/../up", "https://class.example/a//b", "https://class.example/пт", "https://class.example/a\"b",
        "https://class.example/play", "https://class.example/t/friday", "https://-a.example", "https://" + "a" * 300, "https://a\nb",
    ],
)  # fmt: skip
def test_what_is_no_address_is_told_in_a_sentence(named):
    with pytest.raises(TrainkitError) as told:
        public_address(named)
    assert "--address" in str(told.value) and "\n" not in str(told.value)
    assert told.value.said(catalog("ru").gettext) != str(told.value)


def test_a_proxy_is_an_address_and_needs_one_to_be_named():
    assert public_address("https://a", ["10.0.0.5", "10.1.0.0/16"]).proxies == ("10.0.0.5/32", "10.1.0.0/16")
    for named, proxies in (("", ["10.0.0.5"]), ("https://a", ["nginx"]), ("https://a", ["10.0.0.5/8"])):
        with pytest.raises(TrainkitError, match="--proxy"):
            public_address(named, proxies)


def test_no_path_can_be_taken_for_an_address_of_the_class(tmp_path, parcel):
    log = Log(str(tmp_path / "log.sqlite3"))
    log.prepare()
    routes = ClassApp(log, create(log, parts_of([parcel]))).routes
    first = {path.split("/")[1] for path in (*ASSETS, *(route.path for route in routes))} - {""}
    log.close()
    assert first == OWN


def answered(public, path="/x", headers=(), client="127.0.0.1", answer=()):
    """What an app at this address is asked, and the headers that are sent of its answer."""
    seen, sent = [], []

    async def app(scope, receive, send):
        seen.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": [*answer]})

    async def send(message):
        sent.extend(message["headers"])

    scope = {"type": "http", "path": path, "client": (client, 5), "headers": [*headers], "scheme": "http"}
    asyncio.run(public.around(app)(scope, None, send))
    return seen[0], sent


def test_x_forwarded_for_is_believed_of_the_proxy_alone_and_only_with_an_address():
    said = [(b"x-forwarded-for", b"6.6.6.6, 203.0.113.9")]
    named, far = public_address("https://a"), public_address("https://a", ["10.0.0.0/24"])
    assert answered(named, headers=said)[0]["client"][0] == "203.0.113.9"
    assert answered(named, headers=said, client="::1")[0]["client"][0] == "203.0.113.9"
    assert answered(named, headers=said, client="10.0.0.5")[0]["client"][0] == "10.0.0.5"
    assert answered(far, headers=said, client="10.0.0.5")[0]["client"][0] == "203.0.113.9"
    assert answered(PublicAddress(), headers=said)[0]["client"][0] == "127.0.0.1"


def test_a_path_is_taken_off_and_put_before_where_people_are_sent():
    friday = public_address("https://a/friday")
    for asked_for, is_asked in (
        ("/friday/play", "/play"), ("/friday", "/"), ("/friday/", "/"), ("/play", "/play"), ("/fridays", "/fridays"),
    ):  # fmt: skip
        assert answered(friday, asked_for)[0]["path"] == is_asked
    sent = answered(friday, answer=[(b"location", b"/play#now"), (b"x", b"/play")])[1]
    assert sent == [(b"location", b"/friday/play#now"), (b"x", b"/play")]
    cookies = answered(friday, headers=[(b"cookie", b"trainkit=new; b=1;trainkit=of another class at /")])[0]["headers"]
    assert cookies == [(b"cookie", b"trainkit=new; b=1")]


def test_what_people_typed_is_not_taken_for_a_link():
    friday = public_address("https://a/friday")
    typed = escape('href="/x" action="/y" <meta http-equiv="refresh" content="8; url=/z">')
    html = (
        f'<a href="/play">{typed}</a><input value="/x"><meta http-equiv="refresh" content="8; url=/play"><b src="?x">'
    )
    said = friday.below(html)
    assert said == html.replace('href="/play"', 'href="/friday/play"').replace("url=/play", "url=/friday/play")
    assert PublicAddress().below(html) == html


def test_whose_forms_are_taken():
    plain, https, none = public_address("http://a"), public_address("https://a"), PublicAddress()
    for origin, host, taken in (
        ("http://a", "10.0.0.1", (True, False, False)),
        ("https://a", "10.0.0.1", (False, True, False)),
        ("http://10.0.0.1", "10.0.0.1", (True, False, True)),
        ("http://evil", "10.0.0.1", (False, False, False)),
    ):
        assert tuple(one.is_origin(origin, host) for one in (plain, https, none)) == taken, origin


def test_the_command_that_goes_on_after_a_lost_log_names_the_same_address():
    lost = Lost("gone", "log.sqlite3", rescue="rescued.sqlite3")
    public = public_address("https://class.example/friday", ["10.0.0.5"])
    command = f"trainkit class --workshop 471926{public.options} --database rescued.sqlite3"
    assert public.options == " --address https://class.example/friday --proxy 10.0.0.5/32"
    assert lost_words(lost, "471926", "en", public.options).command == command
    assert lost_words(lost, "471926", "en", PublicAddress().options).command == command.replace(public.options, "")
