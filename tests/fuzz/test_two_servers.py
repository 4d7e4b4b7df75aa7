"""Two servers, one database, a model of the log: whatever is pressed in whatever order, each answer is kept once."""

from __future__ import annotations

import signal
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test
from support.class_server import RACKET, URLENCODED, Browser, Page, Server, steer

from trainkit.log.store import Log

CASES = ("tests/casebook/late_parcel", RACKET)
WHICH = st.integers(0, 1)
LOGGED = sa.text(
    "SELECT run, kind, events.option FROM members JOIN attempts USING (member) LEFT JOIN events USING (attempt) "
    "WHERE name = :name ORDER BY run, step"
)
PRESSED = ("option", "back", "words", "why", "begin", "again")


class Phone:
    """Somebody's browser, and what they were told is kept: (kind, option) by run."""

    def __init__(self, browser: Browser, name: str):
        self.browser, self.name = browser, name
        self.runs: list[list[tuple[str, str | None]]] = []

    def look(self, server: Server) -> Page:
        """Where they are, as a server has it."""
        self.browser.server = server
        return self.browser.get("/play")


def buttons(page: Page) -> list[tuple[str, str]]:
    """What can be pressed on a page, and is kept."""
    return [(name, value) for form in page.forms for name, value, off in form.buttons if name in PRESSED and not off]


class Room(RuleBasedStateMachine):
    """Everybody does anything."""

    servers: list[Server]
    log: Log
    count = 0  # of people of all examples, since the room is one
    phones = Bundle("phones")
    tabs = Bundle("tabs")  # (phone, page that was open, button)

    def __init__(self) -> None:
        super().__init__()
        self.here: list[Phone] = []
        self.trainer = self.servers[0].trainer()
        self.paused = self.over = False

    # ---- what is done ---------------------------------------------------------------------------------------------

    @rule(target=phones, which=WHICH)
    def join(self, which: int) -> Phone:
        """Somebody comes in."""
        type(self).count += 1
        name = f"Модель {self.count}"
        browser = Browser(self.servers[which])
        browser.get("/?lang=en")
        page = browser.join(name)
        phone = Phone(browser, name)
        if self.over:
            here = sa.text("SELECT 1 FROM members WHERE name = :name")
            assert page.status == 403 and not self._rows(here, name)
            return phone
        assert page.path == "/play"
        self.here.append(phone)
        return phone

    @rule(phone=phones, which=WHICH, pick=st.integers(0, 99))
    def press(self, phone: Phone, which: int, pick: int) -> None:
        """Look at the page, and press something on it."""
        if phone in self.here:
            page = phone.look(self.servers[which])
            if found := buttons(page):
                self._send(phone, page, *found[pick % len(found)], which)

    @rule(phone=phones, first=WHICH, second=WHICH, pick=st.integers(0, 99))
    def press_twice(self, phone: Phone, first: int, second: int, pick: int) -> None:
        """A double click, which may reach another server the second time: it counts once."""
        if phone in self.here:
            page = phone.look(self.servers[first])
            if found := buttons(page):
                name, value = found[pick % len(found)]
                taken = self._send(phone, page, name, value, first)
                again = self._posted(phone, page, name, value, second)
                assert again.status == 303 or (again.status == 409 and (not taken or name == "back")), again.alert

    @rule(target=tabs, phone=phones, which=WHICH, pick=st.integers(0, 99))
    def leave_a_tab_open(self, phone: Phone, which: int, pick: int):
        """A page that is pressed later."""
        if phone not in self.here:
            return None
        page = phone.look(self.servers[which])
        found = buttons(page)
        return (phone, page, *found[pick % len(found)]) if found else None

    @rule(tab=consumes(tabs), which=WHICH)
    def press_in_an_old_tab(self, tab, which: int) -> None:
        """What is pressed there counts only if the talk is still where it was."""
        if tab is not None:
            phone, page, name, value = tab
            self._send(phone, page, name, value, which)

    @rule(which=WHICH)
    def pause(self, which: int) -> None:
        """The trainer has everybody look at the wall, or lets them go on."""
        self.trainer.server = self.servers[which]
        self.paused = not self.paused
        steer(self.trainer, "paused", str(int(self.paused)))

    @rule(which=WHICH)
    def close(self, which: int) -> None:
        """The trainer closes the room, or opens it again."""
        self.trainer.server = self.servers[which]
        self.over = not self.over
        steer(self.trainer, "over", str(int(self.over)))

    @rule(which=WHICH, how=st.sampled_from(("SIGTERM", "SIGKILL")))
    def restart(self, which: int, how: str) -> None:
        """A server ends, or is killed, and begins again."""
        self.servers[which].stop(getattr(signal, how))
        self.servers[which].start(new=False)

    # ---- what it comes to -----------------------------------------------------------------------------------------

    def _posted(self, phone: Phone, page: Page, name: str, value: str, which: int) -> Page:
        fields = page.sent(name, value, **({"text": "So"} if name in ("words", "why") and value else {}))
        phone.browser.server = self.servers[which]
        return phone.browser.ask("POST", "/play", urlencode(fields), {"Content-Type": URLENCODED}, follow=False)

    def _send(self, phone: Phone, page: Page, name: str, value: str, which: int) -> bool:
        """Press a button; whether something more is in the log, which must be this."""
        before = self._logged(phone)
        answer = self._posted(phone, page, name, value, which)
        after = self._logged(phone)
        assert answer.status in (303, 409, 422), (answer.status, answer.words)
        if answer.status != 303:
            assert after == before, "refused, and kept all the same"
            return False
        if after == before:  # it was there already: a tab that says what was said
            return False
        if name in ("begin", "again"):
            phone.runs.append([])
        else:
            kind = "choose" if name == "option" else name
            phone.runs[-1].append((kind, value if kind == "choose" else None))
        return True

    def _rows(self, query: sa.TextClause, name: str) -> list[sa.Row]:
        with self.log.reading() as connection:
            return list(connection.execute(query, {"name": name}))

    def _logged(self, phone: Phone) -> list[list[tuple[str, str | None]]]:
        runs: dict[int, list] = {}
        for run, kind, option in self._rows(LOGGED, phone.name):
            runs.setdefault(run, [])
            if kind is not None:
                runs[run].append((kind, option if kind == "choose" else None))
        assert list(runs) == list(range(len(runs)))
        return list(runs.values())

    @invariant()
    def the_log_has_what_was_confirmed(self) -> None:
        """Each once, in its order, and nothing else."""
        for phone in self.here:
            assert self._logged(phone) == phone.runs, phone.name

    def teardown(self) -> None:
        """Both servers show everybody the same; the room is as it was."""
        try:
            for phone in self.here:
                one, other = (phone.look(server) for server in self.servers)
                assert one.text == other.text, phone.name
                if phone.runs and not (self.paused or self.over) and buttons(one):
                    steps = {form.fields["step"] for form in one.forms if "step" in form.fields}
                    assert steps <= {str(len(phone.runs[-1]))}
        finally:
            self.trainer.server = self.servers[0]
            for switch, on in (("paused", self.paused), ("over", self.over)):
                if on:
                    steer(self.trainer, switch, "0")


def anything_goes(folder, url: str) -> None:
    """Two servers over a database, and examples of what people do there."""
    one = Server(folder, "--own-words", "--ask-why", "--lang", "en", "--database", url, cases=CASES).start()
    other = Server(folder, "--workshop", one.code, "--database", url, cases=()).start(new=True)
    one.arguments = other.arguments  # a room that was closed isn't gone on with unless it is named
    Room.servers, Room.log = [one, other], Log(url)
    try:
        how = settings(
            max_examples=6,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        run_state_machine_as_test(Room, settings=how)
    finally:
        Room.log.close()
        for server in (one, other):
            server.stop()
    assert "Traceback" not in one.complaints() + other.complaints()


@pytest.mark.long
def test_two_servers_and_a_model(tmp_path):
    anything_goes(tmp_path, str(tmp_path / "log.sqlite3"))


@pytest.mark.slow
def test_two_servers_and_a_model_on_postgresql(tmp_path, postgres_url):
    anything_goes(tmp_path, postgres_url)
