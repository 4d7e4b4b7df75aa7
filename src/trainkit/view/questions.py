"""What is seen of the box of questions? On a phone what the room may read, on the remote what waits; nowhere a name."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from trainkit.i18n import catalog, typeset
from trainkit.log.records import local_time
from trainkit.room.records import MAX_QUESTION, Question
from trainkit.view.phone import Frame, frame_page
from trainkit.view.render import template

VISIBLE = ("wall", "shown", "answered")  # states in which the room may read a question
FIRST = 10  # questions on a phone's page; a link leads to the others


class Asking(NamedTuple):
    """What is on the page for one person: what they wrote and what was said to it, and for which questions they voted."""

    visit: str  # this form's own secret, by which it counts once
    voted: Collection[str] = ()
    text: str = ""
    error: str = ""
    closed: str = ""  # why nothing can be asked
    done: str = ""  # what has just been done
    now: int = 0  # number of the question voted for just now
    everything: bool = False
    moderated: bool = True


def most_wanted(asked: Sequence[Question], states: Collection[str] = VISIBLE) -> list[Question]:
    """Questions in these states: the one on the screen first, then by votes, those that are answered last."""
    rank = {"wall": 0, "answered": 2}
    chosen = [one for one in asked if one.state in states]
    return sorted(chosen, key=lambda one: (rank.get(one.state, 1), -one.votes, one.number))


def questions_page(frame: Frame, asked: Sequence[Question], asking: Asking) -> str:
    """A phone's page of questions; it never renews itself, since somebody may be writing."""
    wanted, lang = most_wanted(asked), frame.lang
    shown = wanted if asking.everything else wanted[:FIRST]
    now = next((one for one in wanted if one.number == asking.now), None)
    if now is not None and now not in shown:
        shown = [*shown, now]
    body = template(
        "class_questions.html",
        lang,
        asking=asking._replace(**{name: typeset(getattr(asking, name), lang) for name in ("error", "closed", "done")}),
        shown=shown,
        total=len(wanted),
        waiting=sum(one.state == "new" for one in asked),
        most=MAX_QUESTION,
    )
    return frame_page(frame, catalog(lang).gettext("Questions without a name"), body, narrow=True)


class RemoteQuestion(NamedTuple):
    """A question as the trainer sees it."""

    number: int
    text: str
    votes: int
    time: str  # of the trainer's clock
    on: bool  # whether it is on the screen


def box_view(asked: Sequence[Question]) -> dict[str, Any]:
    """What the remote shows of the box: by state, new ones in the order in which they came, the others by votes."""
    of = {state: most_wanted(asked, (state,)) for state in ("answered", "hidden")}
    of["new"] = [one for one in asked if one.state == "new"]
    of["shown"] = sorted(most_wanted(asked, ("wall", "shown")), key=lambda one: (-one.votes, one.number))
    return {state: [_told(one) for one in ones] for state, ones in of.items()}


def _told(one: Question) -> RemoteQuestion:
    time = f"{local_time(one.at):%H:%M}"
    return RemoteQuestion(one.number, one.text, one.votes, time, one.state == "wall")
