"""Real Firefox, for tests: WebDriver BiDi over a socket, and a page with those words of Playwright's that our helpers use.

Playwright drives only a Firefox of its own; Debian's speaks BiDi itself.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import websocket

BEGINS = 90.0  # seconds for Firefox to begin
PATIENCE = 30.0  # seconds for something to happen on a page
BETWEEN = 0.03  # seconds between two looks
SETTINGS = {
    "browser.aboutwelcome.enabled": False,
    "browser.download.always_ask_before_handling_new_types": False,
    "browser.download.folderList": 2,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "ru",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
# an element of a selector, or of one and its place among those there are
FIND = """
const find = (selector) => {
  const [css, place] = selector.split(" >> nth=");
  return [...document.querySelectorAll(css)][place || 0];
};
const seen = (one) => Boolean(one?.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length);
const pressable = (one) => { // in the window, and nothing lies over it
  if (!seen(one) || one.matches(":disabled")) return false;
  one.scrollIntoView({ block: "center", behavior: "instant" });
  const { x, y, width, height } = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
};
"""


class Firefox:
    """A browser that runs; ``problems`` are errors on its pages and requests to where none may go."""

    def __init__(self, socket: websocket.WebSocket, downloads: Path):
        self._socket, self._number, self.downloads = socket, 0, downloads
        self.problems: list[str] = []
        self.ours: tuple[str, ...] = ("blob:", "data:", "about:", "file:")

    def say(self, method: str, **told: Any) -> dict[str, Any]:
        """Send a command and give what comes of it."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": told}))
        while True:
            heard = json.loads(self._socket.recv())
            if heard["type"] == "event":
                self._happened(heard["method"], heard["params"])
            elif heard.get("id") == self._number:
                if heard["type"] == "error":
                    raise RuntimeError(f"{method}: {heard['error']}: {heard['message']}")
                return heard["result"]

    def _happened(self, event: str, told: Mapping[str, Any]) -> None:
        if event == "log.entryAdded" and told["level"] == "error":
            self.problems.append(told["text"])
        elif event == "network.beforeRequestSent" and not told["request"]["url"].startswith(self.ours):
            self.problems.append(told["request"]["url"])

    def open(self, address: str) -> Page:
        """A new tab with this address."""
        page = Page(self, self.say("browsingContext.create", type="tab")["context"])
        self.say("browsingContext.setViewport", context=page.tab, viewport={"width": 360, "height": 740})
        page.goto(address)
        return page


@contextlib.contextmanager
def firefox(program: Path, *ours: str, before: str = "") -> Iterator[Firefox]:
    """A Firefox with a profile of its own; nothing may go wrong on its pages, and they may ask only what is ``ours``.

    ``before``: a script that runs on each page before its own.
    """
    with tempfile.TemporaryDirectory(prefix="trainkit-firefox-", ignore_cleanup_errors=True) as folder:
        profile, downloads = Path(folder, "profile"), Path(folder, "downloads")
        profile.mkdir()
        downloads.mkdir()
        settings = SETTINGS | {"browser.download.dir": str(downloads)}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in settings.items()]
        (profile / "user.js").write_text("".join(lines), "utf-8")
        command = [program, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        try:
            socket = websocket.create_connection(_address(process) + "/session", suppress_origin=True, timeout=BEGINS)
            with contextlib.closing(socket):
                browser = Firefox(socket, downloads)
                browser.ours += ours
                browser.say("session.new", capabilities={})
                browser.say("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
                if before:
                    browser.say("script.addPreloadScript", functionDeclaration=f"() => {{ {before} }}")
                yield browser
                browser.say("session.end")
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            process.stdout.close()
    assert not browser.problems, browser.problems


def _address(process: subprocess.Popen) -> str:
    """Where it listens, as it says on its terminal."""
    too_long = threading.Timer(BEGINS, process.kill)
    too_long.daemon = True
    too_long.start()
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"WebDriver BiDi listening on (\S+)", line):
            too_long.cancel()
            threading.Thread(
                target=process.stdout.read, daemon=True
            ).start()  # what else it says must not fill the pipe
            return found[1]
    raise RuntimeError("Firefox has not begun: " + "".join(said)[-2000:])


class Page:
    """A tab."""

    def __init__(self, browser: Firefox, tab: str):
        self.browser, self.tab = browser, tab

    def goto(self, address: str) -> None:
        """Go to an address."""
        self.browser.say("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def reload(self) -> None:
        """Load it again."""
        self.browser.say("browsingContext.reload", context=self.tab, wait="complete")

    def evaluate(self, source: str, arg: object = None) -> Any:
        """What an expression, or a function of ``arg``, gives."""
        told = json.dumps(arg)
        return self._call(f"const what = ({source}); const got = typeof what === 'function' ? what({told}) : what;")

    def _call(self, script: str) -> Any:
        body = f"async () => {{ {FIND} {script} return JSON.stringify((await got) ?? null); }}"
        return json.loads(self._raw(body)["value"])

    def _raw(self, function: str) -> dict[str, Any]:
        said = self.browser.say(
            "script.callFunction", functionDeclaration=function, awaitPromise=True, target={"context": self.tab}
        )
        if said["type"] == "exception":
            raise RuntimeError(said["exceptionDetails"]["text"])
        return said["result"]

    def wait_for_function(self, source: str, arg: object = None, timeout: float = PATIENCE * 1000) -> None:
        """Look until it is so; ``timeout`` in milliseconds."""
        until = time.monotonic() + timeout / 1000
        while not self.evaluate(source, arg):
            assert time.monotonic() < until, f"not so: {source} ({self.evaluate('document.body.innerText')[:600]})"
            time.sleep(BETWEEN)

    def wait_for_selector(self, selector: str, timeout: float = PATIENCE * 1000) -> None:
        """Look until it can be seen."""
        self.wait_for_function(f"seen(find({json.dumps(selector)}))", timeout=timeout)

    def locator(self, selector: str) -> Found:
        """All there are of a selector."""
        return Found(self, selector)

    def get_attribute(self, selector: str, name: str) -> str | None:
        """An attribute."""
        return self._of(selector, f"one.getAttribute({json.dumps(name)})")

    def inner_text(self, selector: str) -> str:
        """What can be read in it."""
        return self._of(selector, "one.innerText")

    def inner_html(self, selector: str) -> str:
        """Its HTML."""
        return self._of(selector, "one.innerHTML")

    def _of(self, selector: str, what: str) -> Any:
        self.wait_for_selector(selector)
        return self._call(f"const one = find({json.dumps(selector)}); const got = {what};")

    def click(self, selector: str) -> None:
        """Press it with the mouse, when it can be seen and pressed."""
        self.wait_for_function(f"pressable(find({json.dumps(selector)}))")
        element = self._raw(f"() => {{ {FIND} return find({json.dumps(selector)}); }}")
        origin = {"type": "element", "element": {"sharedId": element["sharedId"]}}
        mouse = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._acts({"type": "pointer", "id": "mouse", "actions": mouse})

    def fill(self, selector: str, text: str) -> None:
        """Type a text instead of what stands there."""
        self._of(selector, "(one.focus(), one.select(), true)")
        self.press(*text)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        pressed = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._acts({"type": "key", "id": "keys", "actions": pressed})

    def _acts(self, device: Mapping[str, Any]) -> None:
        self.browser.say("input.performActions", context=self.tab, actions=[device])

    def screenshot(self, path: Path, full_page: bool = False) -> None:
        """A picture."""
        origin = "document" if full_page else "viewport"
        said = self.browser.say("browsingContext.captureScreenshot", context=self.tab, origin=origin)
        path.write_bytes(base64.b64decode(said["data"]))

    @contextlib.contextmanager
    def expect_download(self) -> Iterator[Download]:
        """What is saved by what is done here."""
        before, download = set(self.browser.downloads.iterdir()), Download()
        yield download
        until = time.monotonic() + PATIENCE
        while download.file is None:
            assert time.monotonic() < until, "nothing was saved"
            time.sleep(BETWEEN)
            new = set(self.browser.downloads.iterdir()) - before
            if not any(file.suffix == ".part" for file in new):
                download.file = next((file for file in new if file.stat().st_size), None)


class Found:
    """Elements of a selector."""

    def __init__(self, page: Page, selector: str):
        self.page, self.selector = page, selector

    def count(self) -> int:
        """How many there are."""
        return self.page.evaluate(f"document.querySelectorAll({json.dumps(self.selector)}).length")


class Download:
    """A file that was saved."""

    file: Path | None = None

    @property
    def value(self) -> Download:
        """Itself, as Playwright has it."""
        return self

    @property
    def suggested_filename(self) -> str:
        """Its name."""
        return self.file.name

    def save_as(self, target: Path) -> None:
        """Put it there."""
        target.write_bytes(self.file.read_bytes())
