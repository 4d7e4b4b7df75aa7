"""How does a test get a proxy before a class? Debian's nginx, configured as README says, and a browser that comes through."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shlex
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from support.class_server import PATIENCE, Browser, Page, Server
from support.places import ROOT
from support.ports import HOST, free_port

README = (ROOT / "README.md").read_text("utf-8").partition("### Behind nginx, with HTTPS\n")[2].partition("\n### ")[0]
CONF = re.search(r"```nginx\n(.*?)```", README, re.S)[1]
CERTIFICATE = re.search(r"`(openssl req [^`]*)`", README)[1]
NAME = "class.example"
BELOW = ("location / {", "location /friday/ {")
KEPT = ('Connection "";', 'Connection ""; proxy_set_header Host $http_host;')


def recipe(folder: Path, port: int, *upstreams: int) -> str:
    """README's configuration at this port, before servers on these; the certificate is the one of its own command."""
    subprocess.run(shlex.split(CERTIFICATE), cwd=folder, check=True, capture_output=True)
    servers = "".join(f"server {HOST}:{one};" for one in upstreams)
    return changed(
        CONF,
        ("server 127.0.0.1:8000;", servers),
        ("error_log /dev/null;", ""),  # what it complains of is looked at
        ("listen 80;", f"listen {HOST}:{free_port()};"),
        ("listen 443 ssl;", f"listen {HOST}:{port} ssl;"),
        (f"/etc/letsencrypt/live/{NAME}/", f"{folder}/"),
    )


def changed(conf: str, *changes: tuple[str, str]) -> str:
    """A configuration with other lines; each must have been there."""
    for old, new in changes:
        assert old in conf, old
        conf = conf.replace(old, new)
    return conf


@contextlib.contextmanager
def nginx(folder: Path, conf: str, port: int) -> Iterator[None]:
    """nginx with these servers while it is needed; it must not have complained."""
    main = folder / "nginx.conf"
    places = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    main.write_text(
        f"{user} worker_processes 1; pid {folder}/pid; events {{ worker_connections 512; }}\n"
        f"http {{ access_log off; {places}\n{conf} }}\n",
        "utf-8",
    )
    said = folder / "nginx.log"
    with said.open("wb") as out:
        line = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(main), "-g", "daemon off;"]
        path = f"{os.environ['PATH']}:/usr/sbin"
        process = subprocess.Popen(line, stdout=out, stderr=out, env={**os.environ, "PATH": path}, executable=_where())
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                assert process.poll() is None and time.monotonic() < deadline, said.read_text("utf-8", "replace")
                with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
                    break
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)
    complaints = [
        one for one in said.read_text("utf-8", "replace").splitlines() if re.search(r"\[(warn|error|crit)", one)
    ]
    assert not complaints, complaints


def _where() -> str:
    from support.programs import PROGRAMS

    return str(PROGRAMS["nginx"].find() / "nginx")


class Through(Browser):
    """A browser that comes through a proxy at ``port``, to a class below ``path``: all it meets must be below that."""

    def __init__(self, server: Server, port: int, path: str = "", *, secure: bool = True, source: str = ""):
        super().__init__(server, source)
        self.port, self.root, self.secure = port, path, secure
        self.origin = f"{'https' if secure else 'http'}://{NAME}"

    def _connection(self) -> http.client.HTTPConnection:
        how = {"timeout": PATIENCE, "source_address": (self.source, 0) if self.source else None}
        if not self.secure:
            return http.client.HTTPConnection(HOST, self.port, **how)
        return http.client.HTTPSConnection(HOST, self.port, context=ssl._create_unverified_context(), **how)

    def ask(self, method, path, body=None, headers=None, *, follow=True) -> Page:
        """A request below the path; what the page has is given as if there were none."""
        path = path if not self.root or f"{path}/".startswith(f"{self.root}/") else self.root + path
        said = {"Host": NAME, **({"Origin": self.origin} if method == "POST" else {})}
        page = super().ask(method, path, body, {**said, **(headers or {})}, follow=False)
        for form in page.forms:
            form.action = self._below(form.action)
        page.links = [link if link.startswith(("http", "?", "#")) else self._below(link) for link in page.links]
        for tag, named in page.tags:
            for name in ("src", "href"):
                if tag in ("script", "link") and not named.get(name, "data:").startswith("data:"):
                    self._below(named[name])
        page.path = self._below(page.path)
        if follow and page.status == 303:
            where = page.header("location").split("#")[0]
            found = self.ask("GET", where)
            found.moved.insert(0, self._below(where))
            return found
        return page

    def _below(self, address: str) -> str:
        if not address or address.startswith("?"):
            return address
        assert address.startswith(f"{self.root}/"), f"{address} is not below {self.root}"
        return address[len(self.root) :]
