"""How does a phone ask without a name? The page of questions, and its two forms: a question, and a vote for one."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from trainkit.errors import NotSaved, Refused
from trainkit.i18n import catalog
from trainkit.room.questions import (
    all_questions,
    ask,
    is_asked,
    question_id,
    question_words,
    upvote,
    voted,
    voter_of,
)
from trainkit.room.records import MAX_QUESTION, Question
from trainkit.room.secrets import new_secret
from trainkit.view import phone as pages
from trainkit.view.questions import VISIBLE, Asking, questions_page
from trainkit.web.context import ClassContext, retry_later
from trainkit.web.seats import Seat
from trainkit.web.security import Rate, Refusal, form

Kept = dict[str, str]  # what was being written, and by which visit


class QuestionPages:
    """The box of questions, as phones have it. Who asks is known here for as long as an answer takes, and kept nowhere."""

    def __init__(self, context: ClassContext):
        self.context = context
        self.questions = Rate(burst=5, per_second=1 / 20)
        self.votes = Rate(burst=60, per_second=2)

    async def show(self, request: Request) -> Response:
        """The page."""
        seat, key = await self.context.seated(request)
        if seat is None:
            return RedirectResponse("/", 303)
        lang, query = self.context.lang(request), request.query_params
        gettext, stage = catalog(lang).gettext, self.context.seats.stage
        done = ""
        if "sent" in query:
            done = gettext("Your question is with the trainer.") if stage.moderated else gettext("Your question is in.")
        return await self._page(request, seat, key, done=done, now=_number(query.get("voted", "")))

    async def act(self, request: Request) -> Response:
        """Take a question, or a vote for one."""
        fields = await form(request)
        seat, key = await self.context.seated(request)
        if seat is None:
            return RedirectResponse("/", 303)
        if not self.context.proven(request, fields, key):
            raise Refusal("forged")
        kept = {"text": fields.get("text", ""), "visit": fields.get("visit", "")[:64] or new_secret()}
        if "look" in fields:
            return await self._seen(request, seat, key, kept, "/questions")
        if not self.context.seats.stage.asking:
            return await self._page(request, seat, key, 409, **kept)
        if "vote" in fields:
            return await self._vote(request, seat, key, _number(fields["vote"]), kept)
        return await self._ask(request, seat, key, kept)

    async def _seen(self, request: Request, seat: Seat, key: str, kept: Kept, address: str, now: int = 0) -> Response:
        """The page again: at its address, or with the question that is being written."""
        if not kept["text"]:
            return RedirectResponse(address, 303)
        return await self._page(request, seat, key, now=now, **kept)

    async def _ask(self, request: Request, seat: Seat, key: str, kept: Kept) -> Response:
        lang, log = self.context.lang(request), self.context.log
        gettext, text = catalog(lang).gettext, question_words(kept["text"])

        async def refused(sentence: str, status: int) -> Response:
            return retry_later(await self._page(request, seat, key, status, error=sentence, **kept))

        if not any(c.isalnum() for c in text):
            return await refused(gettext("Write your question first."), 422)
        if len(text) > MAX_QUESTION:
            too_long = gettext("A question has at most {most} characters; yours has {n}.")
            return await refused(too_long.format(most=MAX_QUESTION, n=len(text)), 422)
        question = question_id(key, kept["visit"], text)
        if not await self.context.seats.read(is_asked, log, question):  # else this form was sent before
            if not self.questions.take(seat.member.member):
                return await refused(gettext("That’s a lot of questions at once. Send this one in half a minute."), 429)
            moderated = self.context.seats.stage.moderated
            try:
                await self.context.writer.call(ask, log, self.context.workshop, question, text, lang, moderated)
            except NotSaved:
                return await refused(gettext("Your question is NOT in yet. Try again."), 503)
            except Refused:
                return await refused(gettext("The box is full. Ask aloud."), 409)
        return RedirectResponse("/questions?sent", 303)

    async def _vote(self, request: Request, seat: Seat, key: str, number: int, kept: Kept) -> Response:
        gettext = catalog(self.context.lang(request)).gettext
        chosen = next((one for one in await self._asked() if one.number == number and one.state in VISIBLE), None)
        if chosen is None or chosen.state == "answered":
            sentence = gettext("This question can’t be voted for any more.")
            return await self._page(request, seat, key, 409, error=sentence, **kept)
        if not self.votes.take(seat.member.member):
            sentence = gettext("Wait a few seconds, then try again.")
            return retry_later(await self._page(request, seat, key, 429, error=sentence, **kept))
        voter = voter_of(await self.context.own_link(key), chosen.question)
        try:
            await self.context.writer.call(upvote, self.context.log, chosen.question, voter)
        except NotSaved:
            sentence = gettext("Your vote is NOT in yet. Try again.")
            return retry_later(await self._page(request, seat, key, 503, error=sentence, **kept))
        return await self._seen(request, seat, key, kept, f"/questions?voted={number}#now", number)

    async def _page(self, request: Request, seat: Seat, key: str, status: int = 200, **said: object) -> Response:
        lang, stage = self.context.lang(request), self.context.seats.stage
        gettext, asked = catalog(lang).gettext, await self._asked()
        state = self.context.seats.state(seat)
        frame = pages.framed(self.context.workshop, seat.shown, lang, state)._replace(stays=True)
        link = await self.context.own_link(key)
        voters = [voter_of(link, one.question) for one in asked if one.state in VISIBLE]
        mine = await self.context.seats.read(voted, self.context.log, voters) if voters else ()
        closed = "" if stage.box else gettext("The box is closed just now.")
        closed = gettext("This class is over.") if stage.over else closed
        known = {"voted": mine, "closed": closed, "moderated": stage.moderated}
        asking = Asking(**{"visit": new_secret(), "everything": "all" in request.query_params, **known, **said})
        return self.context.page(request, questions_page(frame, asked, asking), key, status)

    async def _asked(self) -> list[Question]:
        seats = self.context.seats
        return await seats.read(all_questions, self.context.log, self.context.workshop, seats.stage)


def _number(text: str) -> int:
    """A number in a form or an address; 0 for what is none."""
    return int(text) if text.isdecimal() and len(text) < 5 else 0
