"""What was asked in the box without a name, who wants it answered, and what became of it? Nowhere, who asked.

A question's id and a voter are made from what the browser alone has. So sending a form again asks nothing twice, one person
votes once, and from the log nobody can tell whose either is.
"""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa

from trainkit.errors import Conflict, Refused
from trainkit.log.queries import in_parts
from trainkit.log.records import clean_words, now
from trainkit.log.schema import questions, upvotes
from trainkit.log.store import Log
from trainkit.room.controls import load_stage, write_control
from trainkit.room.records import Question, Stage, Workshop
from trainkit.room.workshops import lock_workshop

MOST = 500  # questions in a room

_THIS = sa.bindparam("workshop")
_VOTES = sa.select(sa.func.count()).select_from(upvotes).where(upvotes.c.question == questions.c.question)
_ALL = (
    sa.select(*(questions.c[name] for name in ("question", "number", "text", "lang", "at")), _VOTES.scalar_subquery())
    .where(questions.c.workshop == _THIS)
    .order_by(questions.c.number)
)
_ONE = sa.select(questions.c.number).where(questions.c.question == sa.bindparam("question"))
_HIGHEST = sa.select(sa.func.coalesce(sa.func.max(questions.c.number), sa.literal_column("0"))).where(
    questions.c.workshop == _THIS
)
_COUNTS = sa.select(
    sa.select(sa.func.count()).select_from(questions).where(questions.c.workshop == _THIS).scalar_subquery(),
    sa.select(sa.func.count())
    .select_from(upvotes.join(questions, questions.c.question == upvotes.c.question))
    .where(questions.c.workshop == _THIS)
    .scalar_subquery(),
)
_ASK, _VOTE = sa.insert(questions), sa.insert(upvotes)


def question_id(browser_secret: str, visit: str, text: str) -> str:
    """The id of what this browser asks by this visit to the page: sent twice, it is one question."""
    return hashlib.sha256(f"question {browser_secret} {visit} {text}".encode()).hexdigest()[:32]


def voter_of(link: str, question: str) -> str:
    """Who votes, for this question alone, so that votes on two can't be seen to be of one person.

    ``link`` is the secret of the personal link, which is the same on all devices of one person.
    """
    return hashlib.sha256(f"vote {link} {question}".encode()).hexdigest()


def question_words(text: str) -> str:
    """A question as it is kept: one paragraph, in one spelling, without what nobody sees."""
    return " ".join(clean_words(text).split())


def ask(log: Log, workshop: Workshop, question: str, text: str, lang: str, moderated: bool) -> int:
    """Log a question and give its number; one that is there already is left as it is. Unmoderated, the room sees it at once.

    Raises Refused if the room has asked as much as it may; NotSaved if it could not be committed.
    """
    minute = now()[:16] + "Z"
    row = {"question": question, "workshop": workshop.workshop, "text": text, "lang": lang, "at": minute}
    with log.writing() as connection:
        lock_workshop(log, connection, workshop)
        if there := log.execute(connection, _ONE, {"question": question}).fetchone():
            return there[0]
        (number,) = log.execute(connection, _HIGHEST, {"workshop": workshop.workshop}).fetchone()
        if number >= MOST:
            raise Refused(f"a room has at most {MOST} questions")
        log.execute(connection, _ASK, row | {"number": number + 1})
        if not moderated:  # its time, too, is told to the minute only
            write_control(log, connection, workshop, "question", f"{number + 1} shown", minute)
    return number + 1


def upvote(log: Log, question: str, voter: str) -> None:
    """Log that somebody wants a question answered; who does already is counted once."""
    try:
        log.write_row(_VOTE, {"question": question, "voter": voter})
    except Conflict:
        if question not in voted(log, [voter]):
            raise


def voted(log: Log, voters: Sequence[str]) -> set[str]:
    """Questions that these voters, one for each question, want answered."""
    found: set[str] = set()
    with log.reading() as connection:
        for some in in_parts(voters):
            query = sa.select(upvotes.c.question).where(upvotes.c.voter.in_(some))
            found.update(connection.execute(query).scalars())
    return found


def is_asked(log: Log, question: str) -> bool:
    """Whether this question is in the log."""
    return log.fetch_one(_ONE, {"question": question}) is not None


def all_questions(log: Log, workshop: Workshop, stage: Stage | None = None) -> list[Question]:
    """Every question of a workshop, in the order in which they came; ``stage`` as the log has it, if not given."""
    stage = stage or load_stage(log, workshop)[0]
    rows = log.fetch_all(_ALL, {"workshop": workshop.workshop})
    return [Question(*row, stage.question_state(row[1])) for row in rows]


def question_counts(log: Log, workshop: Workshop) -> tuple[int, int]:
    """How many questions and votes there are: comparing is cheap."""
    asked, votes = log.fetch_one(_COUNTS, {"workshop": workshop.workshop})
    return asked, votes
