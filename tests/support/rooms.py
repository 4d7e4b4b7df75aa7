"""Rooms of played runs without a server, and a parser that refuses pages which don't balance."""

import random
from html.parser import HTMLParser

from trainkit.log.memory import MemoryLog
from trainkit.log.records import new_record
from trainkit.log.store import Log
from trainkit.room.records import Member
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally
from trainkit.session.session import Session
from trainkit.view.letters import letters

EVIL = '<script>alert("x")</script> & <b>Ира</b>'
EMPTY = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Tags with their attributes and all the text; refuses tags that don't balance, and an id that stands twice."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.text, self.comments = [], [], "", []
        self.html = html
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"
        ids = [a["id"] for _, a in self.tags if "id" in a]
        assert len(ids) == len(set(ids)), [name for name in ids if ids.count(name) > 1]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.text += data

    def controls(self):
        return {a["id"]: a for tag, a in self.tags if tag in ("button", "select") or (tag == "a" and "id" in a)}


def play(case, n, seed=1, stop=100):
    dice, sessions, members = random.Random(seed), [], []
    for k in range(n):
        member = Member(f"m{seed}-{k}", EVIL if k == 1 else f"Имя{k}", k == 2, "ru", f"2026-01-01T10:{k % 60:02}:00Z")
        record = new_record(case, member.name, dice.randrange(10**6), {}, None, member=member.member, run=0)
        session = Session(Log("sqlite://"), record, case, [])
        while session.phase != "over" and session.step < stop:
            session.apply(session.move("choose", "ru", step=session.step, option=dice.choice(session.attempt.open)))
        sessions.append(session)
        members.append(member)
    return sessions, members


def begun(case, member, seed=1, **how):
    """A run in a room, with a log of its own."""
    session = Session(MemoryLog(), new_record(case, member, seed, member=member, run=0, **how), case, [])
    session.log.begin(session.record, case)
    return session


def by_letter(case, split, counts):
    """Counts of a split in the order in which wall, remote and paper have its replies."""
    at = dict(zip(split.options, counts, strict=True))
    return [at[option] for option in letters(case, split.scene, "ru") if option in at]


def discussed(case):
    """A room of 24 that voted again on its first scene, some of it against the key; and who was in it."""
    sessions, members = play(case, 24)
    for k, session in enumerate(sessions):
        names = [name for name, _, _ in session.first("counter").open]
        session.apply(session.vote("counter", 1, names[k % 2], "ru"))
        if k % 6 == 0:
            session.apply(session.move("disagree", "ru", number=0, text=f"{EVIL} {k}"))
    return {case.id: tally(map(summarise_run, sessions), case)}, members
