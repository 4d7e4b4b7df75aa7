"""One person's run: its state is rebuilt from committed events.

Every front end goes through here: it shows a session, hands back what the person did with the number of the screen it
was done on (``step``), and shows the session again. An answer counts once it is committed; the same answer sent twice is
harmless; an answer from an old screen is refused.
"""

from collections.abc import Iterator, Sequence

from trainkit.case.cache import intern
from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt, back, choose
from trainkit.engine.turn import Step
from trainkit.errors import N_, OutOfDate, Refused, TrainkitError, UnknownName, shown
from trainkit.log.records import AttemptLog, Event, Record, Settings, clean_words
from trainkit.log.replay import advance, begun

MOST_EVENTS = 500  # of one run; from there on it only goes forward, to its end (a run has a dozen, a curious one fifty)
_NOTHING = (None, None, None)
_PHASES = {"choose": ("choose",), "back": ("words", "choose"), "words": ("words",), "why": ("why",)}


class Session:
    """A run that is being played; make one with :func:`trainkit.session.resume.resume`.

    ``attempt`` is where the person is, as committed; ``changed`` says that the case has been edited since: the attempt
    goes on with the version it began with.
    """

    def __init__(self, log: AttemptLog, record: Record, case: Case, events: list[Event], changed: bool = False):
        self.log, self.record, self.case, self.changed = log, record, case, changed
        self.events: list[Event] = []
        self._foreseen: tuple = _NOTHING  # a choice, what it was made in, what it leads to
        self.attempt: Attempt = begun(case, record)
        for event in events:
            self.apply(event)

    @property
    def step(self) -> int:
        """Number of the next event; the number of the screen the person sees."""
        return len(self.events)

    @property
    def settings(self) -> Settings:
        """How this run is held."""
        return self.record.settings

    @property
    def phase(self) -> str:
        """What is asked of the person now: ``words``, ``choose``, ``why`` or ``over``."""
        if self._why_pending():
            return "why"
        if self.attempt.finished:
            return "over"
        if self.settings.own_words and len(self.attempt.open) > 1 and not self._said_words():
            return "words"
        return "choose"

    def _why_pending(self) -> bool:
        if not self.settings.ask_why or not self.attempt.steps or not self.attempt.steps[-1].decision:
            return False
        moves = (event.kind for event in reversed(self.events) if event.kind in ("choose", "why", "back"))
        return next(moves, None) == "choose"

    def _said_words(self) -> bool:
        """Own words are asked for once a scene, not again before each question of an inquiry."""
        return any(event.kind == "words" and event.scene == self.attempt.state.place for event in self.events)

    def own_words(self) -> dict[int, str]:
        """Number of the choice → what was said in own words in that scene before it; the next choice's are included."""
        said, waiting, choices = {}, {}, 0
        for event in self.events:
            if event.kind == "words" and event.text:
                waiting[event.scene] = event.text
            elif event.kind == "choose":
                if event.scene in waiting:
                    said[choices] = waiting.pop(event.scene)
                choices += 1
        if self.attempt.state.place in waiting:
            said[choices] = waiting[self.attempt.state.place]
        return said

    def reasons(self) -> dict[int, str]:
        """Number of the choice → the reason given for it."""
        given, choices = {}, 0
        for event in self.events:
            choices += event.kind == "choose"
            if event.kind == "why" and event.text:
                given[choices - 1] = event.text
        return given

    # ---- what a person may do ---------------------------------------------------------------------------------

    def move(
        self,
        kind: str,
        lang: str,
        *,
        step: object = None,
        option: object = None,
        text: object = "",
        number: object = None,
    ) -> Event | None:
        """What doing this would log; None where this very thing is logged already (a retry after a lost confirmation).

        Nothing is changed: :meth:`commit` logs it.

        Parameters
        ----------
        kind : {"choose", "back", "words", "why", "disagree"}
        step : int
            Number of the screen it was done on; not for ``disagree``.
        text : str
            For ``words`` and ``why``, where empty text skips them, and ``disagree``.
        number : int
            For ``disagree``: the number of the choice, from 0.

        Raises
        ------
        OutOfDate
            If ``step`` is not the current screen.
        Refused, UnknownName
            If it is not open to this person now.
        """
        if kind == "disagree":
            return self._disagreeing(number, text, lang)
        said: dict[str, object] = {}
        if kind == "choose":
            said = {"option": option}
        elif kind in ("words", "why"):
            said = {"text": clean_words(text)}
        logged = self.events[step] if type(step) is int and 0 <= step < self.step else None
        if logged and logged.kind == kind and all(getattr(logged, name) == value for name, value in said.items()):
            return None
        if type(step) is not int or step != self.step or self.phase not in _PHASES.get(kind, ()):
            raise OutOfDate("this screen was out of date; here is the current one")
        scene = self.attempt.state.place
        if kind == "choose":
            moved = choose(self.attempt, str(option))
            event = Event("choose", scene, option=moved.steps[-1].option, ending=moved.ending, lang=lang)
            self._foreseen = event, self.attempt, moved
            return event
        if kind == "back":
            if not self.settings.back:
                raise Refused("going back is switched off in this run")
            back(self.attempt)
            self._refuse_if_long()
            return Event("back", scene, lang=lang)
        if kind == "words":
            return Event("words", scene, lang=lang, **said)
        explained = self.attempt.steps[-1]
        return Event("why", explained.scene, option=explained.option, lang=lang, **said)

    def vote(self, scene: str, number: int, option: object, lang: str, anew: bool = False) -> Event | None:
        """What a vote again on a scene one has answered would log; None where this very vote is logged already.

        The first choice stands, and one vote a round counts: ``number`` says which round; ``anew``: it may be given again,
        as a team may that thinks better of it. For what is raised see :meth:`move`; :meth:`commit` logs it.
        """
        step = self.first(scene)
        if step is None:
            raise Refused("only those who have answered this scene may vote on it again")
        names = [name for name, _, _ in step.open]
        if option not in names:
            raise UnknownName("option", option, names)
        voted = self.revotes().get((scene, number))
        if voted is not None and voted != option and not anew:
            raise OutOfDate("this vote has been given")
        if anew:
            self._refuse_if_long()
        return None if voted and not anew else Event("revote", scene, option=str(option), text=str(number), lang=lang)

    def commit(self, event: Event | None) -> None:
        """Log what :meth:`move` gave, then move on.

        Raises
        ------
        OutOfDate
            If something else was logged meanwhile; the session has caught up with it.
        NotSaved
            If it could not be committed; the person is where they were and may try again.
        """
        if event is None:
            return
        for step, last in self.steps_for(event):
            try:
                self.log.append(self.record.attempt, step, event)
            except OutOfDate:
                self.catch_up(self.log.events(self.record.attempt))
                if last:
                    raise
            else:
                self.confirm(step, event)
                return

    def steps_for(self, event: Event) -> Iterator[tuple[int, bool]]:
        """Numbers to log an event under, and whether each is the last to try; one catches up before the next."""
        again = event.kind == "disagree"  # it holds, though another window went on meanwhile
        yield self.step, not again
        if again:
            yield self.step, True

    def confirm(self, step: int, event: Event) -> None:
        """Go on by an event that was logged as number ``step``, unless another reader of the log was faster."""
        if self.step == step:
            self.apply(event)

    def catch_up(self, logged: Sequence[Event]) -> None:
        """Take what was logged elsewhere meanwhile: ``logged`` is everything the log has of this attempt."""
        for missed in logged[self.step :]:
            self.apply(missed)

    def apply(self, event: Event) -> None:
        """Go on by an event that is in the log."""
        foreseen, before, moved = self._foreseen
        self.attempt = moved if foreseen is event and before is self.attempt else advance(self.attempt, event)
        self._foreseen = _NOTHING  # the attempt before is not kept for it
        # a whole room says the same; what has words or a time is one's own
        anybodys = event.text is None and not event.at
        self.events.append(intern(self.case, event) if anybodys else event)

    def do(self, kind: str, lang: str, **done: object) -> None:
        """Commit what :meth:`move` works out: see there for what can be done and what is raised."""
        self.commit(self.move(kind, lang, **done))

    def _disagreeing(self, number: object, text: object, lang: str) -> Event | None:
        said = clean_words(text)
        if not self._has_feedback:
            raise Refused("there has been no feedback to disagree with")
        if not self.has_feedback_on(number):
            raise Refused("there is no such answer to disagree with")
        if not said:
            raise Refused("a reason is needed: without it nobody learns anything from the disagreement")
        of = self.attempt.steps[number]
        event = Event("disagree", of.scene, option=of.option, text=said, lang=lang)
        if any(earlier.same(event) for earlier in self.events):
            return None
        self._refuse_if_long()
        return event

    def _refuse_if_long(self) -> None:
        """Refuse what doesn't lead on in a run that has more events than anybody's: each is kept for good, and read again."""
        if self.step >= MOST_EVENTS:
            raise Refused(N_("so much has been gone back and changed in this conversation that now it only goes on."))

    def has_feedback_on(self, number: object) -> bool:
        """Whether there is a choice with this number, and one has been told what its words did."""
        known = len(self.attempt.steps) - (self.phase == "why")
        return self._has_feedback and type(number) is int and 0 <= number < known

    @property
    def _has_feedback(self) -> bool:
        return self.settings.feedback == "now" or (self.settings.feedback == "end" and self.phase == "over")

    def first(self, scene: str) -> Step | None:
        """The choice that counts in a scene, if it has been made."""
        return next((step for step in self.attempt.decisions if step.scene == scene), None)

    def revotes(self) -> dict[tuple[str, int], str]:
        """(scene, number of the vote) → the option voted for again."""
        return {(e.scene, int(e.text or 0)): str(e.option) for e in self.events if e.kind == "revote"}

    def voted(self) -> dict[tuple[str, int], int]:
        """(scene, number of the vote) → the number of the event by which was voted again."""
        return {(e.scene, int(e.text or 0)): number for number, e in enumerate(self.events) if e.kind == "revote"}

    def decided(self) -> list[int]:
        """The number of the event of each scored decision."""
        said = [number for number, event in enumerate(self.events) if event.kind == "choose"]
        return [number for number, step in zip(said, self.attempt.steps, strict=True) if step.first and step.decision]

    def play(self, answers: Sequence[str], lang: str) -> None:
        """Answer a row of options (or ``back``), skipping what is asked in between; TrainkitError if one isn't open."""
        if isinstance(answers, str) or not isinstance(answers, Sequence):
            raise TrainkitError(f"answers is a list of option ids (got {shown(answers)})")
        for number, answer in enumerate(answers):
            if self.phase == "words":
                self.do("words", lang, step=self.step)
            if self.phase == "over":
                rest, ending = len(answers) - number, self.attempt.ending
                raise TrainkitError(f'the conversation ended in "{ending}" with {rest} of {len(answers)} answers left')
            if answer == "back":
                self.do("back", lang, step=self.step)
            else:
                self.do("choose", lang, step=self.step, option=answer)
            if self.phase == "why":
                self.do("why", lang, step=self.step)

    def disagreements(self) -> dict[tuple[str, str], str]:
        """(scene, option) → the reason given last."""
        return {(e.scene, e.option): e.text for e in self.events if e.kind == "disagree"}
