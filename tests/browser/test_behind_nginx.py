"""A class in real Chromium behind a real nginx, over HTTPS and below a path: phones, screen and remote with their scripts."""

import pytest
from support.class_pages import class_pages, pictured
from support.class_server import held
from support.jupyter_lab import browser
from support.nginx import BELOW, CONF, NAME, changed, nginx, recipe
from support.ports import free_port

PHONE = {"viewport": {"width": 360, "height": 740}, "ignore_https_errors": True}


@pytest.mark.slow
@pytest.mark.needs("nginx", "openssl")
def test_a_room_behind_nginx(chromium_path, tmp_path):
    """Phones play with their scripts on, screen and remote change by themselves, cookies are HTTPS's."""
    port = free_port()
    address = f"https://127.0.0.1:{port}/friday"
    assert NAME in CONF
    with held(tmp_path, "--lobby", "--address", address, cases=["racket_refund"]) as server:
        assert server.address == address
        conf = changed(recipe(tmp_path, port, server.port), BELOW, (f"server_name {NAME};", ""))
        with nginx(tmp_path, conf, port), browser(chromium_path) as chromium, class_pages(chromium) as opened:
            wall = opened(server, "/wall", viewport={"width": 1280, "height": 720}, ignore_https_errors=True)
            remote = opened(server, server.remote, viewport={"width": 1280, "height": 800}, ignore_https_errors=True)
            assert remote.url == f"{address}/remote"
            iris = opened(server, f"/?code={server.code}", **PHONE)
            iris.fill("#name", "Ирис")
            iris.check("[name=consent]")
            iris.click("main form .btn")
            iris.wait_for_url(f"{address}/play")
            assert not iris.locator("[name=begin]:enabled").count()
            remote.click("#knob-on")
            iris.wait_for_selector("[name=begin]:enabled")  # the phone has heard it by itself
            iris.click("[name=begin]")
            for _ in range(40):
                iris.wait_for_selector(".choice .opt:enabled, .debrief")
                if iris.locator(".debrief").count():
                    break
                before = iris.get_attribute(".choice [name=step]", "value")
                iris.click(".choice .opt:enabled >> nth=0")
                iris.wait_for_function(
                    "n => document.querySelector('.choice [name=step]')?.value !== n", arg=before
                )  # answered by fetch(): the origin was taken
            assert iris.url.startswith(f"{address}/play")
            wall.wait_for_selector(".qr", state="detached")  # it shows what was decided, by itself
            pictured(wall, "nginx-wall")
            pictured(remote, "nginx-remote")
            pictured(iris, "nginx-phone")
            cookies = iris.context.cookies()
            assert cookies and all(one["secure"] and one["path"] == "/friday" and one["httpOnly"] for one in cookies)
            iris.goto(f"{address}/link")
            assert iris.inner_text(".own-link").startswith(f"{address}/me/")
            remote.goto(f"{address}/remote?tab=more")
            remote.click("#do-new-links")
            remote.wait_for_selector(".own-link")
            assert remote.inner_text(".own-link").startswith(f"{address}/t/")
            remote.click("text=К пульту")
            remote.wait_for_url(f"{address}/remote?tab=more")
