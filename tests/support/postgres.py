"""Where does a test get PostgreSQL from? Debian's programs, a cluster of our own in a temporary folder, on 127.0.0.1."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from support.ports import free_port

USER, PASSWORD = "trainer", "p@ss:w/rd%7"  # what a URL must escape


class Cluster:
    """A PostgreSQL of our own: passwords asked for, nothing but 127.0.0.1 listened on, commits on the disk."""

    def __init__(self, place: Path):
        self.place, self.port = place, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="trainkit-postgres-"))
        self.data = self.folder / "data"
        self._numbers = itertools.count(1)
        self._as: dict[str, object] = {}
        secret = self.folder / "password"
        secret.write_text(PASSWORD + "\n", "utf-8")
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user, group = _somebody()
            for owned in (self.folder, secret):
                os.chown(owned, user, group)
            self._as = {"user": user, "group": group, "extra_groups": []}
        self._run("initdb", "-D", self.data, "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8",
                  "--locale=C", "--no-sync")  # fmt: skip
        self.start()

    def _run(self, name: str, *arguments: object) -> None:
        log = self.folder / "log"
        command = [str(self.place / name), *map(str, arguments)]
        with log.open("ab") as out:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder, **self._as
            )
        if done.returncode:
            raise RuntimeError(f"{name} failed: {log.read_text('utf-8', 'replace')[-2000:]}")

    def start(self) -> None:
        """Begin to serve, on the same port and over the same data as before."""
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= -c shared_buffers=16MB"
        )
        self._run("pg_ctl", "start", "-w", "-D", self.data, "-o", options, "-l", self.folder / "server.log")

    def stop(self, mode: str = "fast") -> None:
        """Stop: ``fast`` ends all sessions, ``immediate`` is a crash."""
        self._run("pg_ctl", "stop", "-w", "-D", self.data, "-m", mode)

    def remove(self) -> None:
        """Stop for good; nothing is left."""
        try:
            self.stop("immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", *, user: str = USER, password: str = PASSWORD) -> str:
        """The URL of a database, as one types it."""
        return f"postgresql+psycopg://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """Make an empty database; gives its URL."""
        name = f"log_{next(self._numbers)}"
        self._say(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever still holds it."""
        self._say(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        engine = sa.create_engine(self.url(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


def _somebody() -> tuple[int, int]:
    """Whom to run PostgreSQL as where we are root: user and group."""
    import pwd  # not on Windows, which never comes here

    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise RuntimeError("PostgreSQL refuses to run as root, and there is neither postgres nor nobody to run it as")
