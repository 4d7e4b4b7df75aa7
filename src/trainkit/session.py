"""One person's run on disk: what the log has confirmed, and nothing else, is where the person is.

Every front end goes through here: it shows a session, hands back what the person did with the number of the screen it
was done on (``step``), and shows the session again. An answer counts once it is committed; the same answer sent twice is
harmless; an answer from an old screen is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from trainkit.case import Case
from trainkit.errors import OutOfDate, Refused, TrainkitError
from trainkit.play import MAX_SEED, Attempt, back, choose, draw, start
from trainkit.store import Event, Record, Settings, Store, words


class Session:
    """A run that is being played; make one with :func:`resume`.

    Attributes
    ----------
    record : Record
        How the log knows this attempt.
    attempt : Attempt
        Where the person is, as committed.
    events : list of Event
        Everything logged so far; ``step`` is their number.
    changed : bool
        Whether the case has been edited since; the attempt goes on with the version it began with.
    """

    def __init__(self, store: Store, record: Record, case: Case, events: list[Event], changed: bool = False):
        self.store, self.record, self.case, self.changed = store, record, case, changed
        self.events: list[Event] = []
        self.attempt: Attempt = start(case, record.seed, record.fixed)
        for event in events:
            self._take(event)

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

    def _last(self, *kinds: str) -> int:
        return max((n for n, event in enumerate(self.events) if event.kind in kinds), default=-1)

    def _why_pending(self) -> bool:
        last = self._last("choose")
        decided = self.attempt.steps and self.attempt.steps[-1].decision
        return bool(self.settings.ask_why and decided and self._last("why") < last and self._last("back") < last)

    def _said_words(self) -> bool:
        """Own words are asked for once a scene, not again before each question of an inquiry."""
        return any(event.kind == "words" and event.scene == self.attempt.state.place for event in self.events)

    # ---- what a person may do ---------------------------------------------------------------------------------

    def answer(self, option: object, step: object, lang: str) -> None:
        """Choose an option.

        Raises
        ------
        OutOfDate
            If ``step`` is not the current screen.
        Refused, UnknownName
            If the option is not open; nothing was logged.
        NotSaved
            If it could not be committed; the person is where he was and may try again.
        """
        scene = self.attempt.state.place
        if self._repeated("choose", step, option=option):
            return
        self._at(step, "choose")
        moved = choose(self.attempt, str(option))
        self._log(Event("choose", scene, option=str(option), ending=moved.ending, lang=lang))

    def go_back(self, step: object, lang: str) -> None:
        """Go back to the scene before; see :meth:`answer` for what is raised."""
        if self._repeated("back", step):
            return
        self._at(step, "words", "choose")
        if not self.settings.back:
            raise Refused("going back is switched off in this run")
        back(self.attempt)
        self._log(Event("back", self.attempt.state.place, lang=lang))

    def say(self, text: object, step: object, lang: str) -> None:
        """Say it in own words before the options appear; empty text skips it."""
        if self._repeated("words", step, text=words(text)):
            return
        self._at(step, "words")
        self._log(Event("words", self.attempt.state.place, text=words(text), lang=lang))

    def explain(self, text: object, step: object, lang: str) -> None:
        """Say why the last option was chosen, before any feedback; empty text skips it."""
        if self._repeated("why", step, text=words(text)):
            return
        self._at(step, "why")
        last = self.attempt.steps[-1]
        self._log(Event("why", last.scene, option=last.option, text=words(text), lang=lang))

    def disagree(self, number: object, text: object, lang: str) -> None:
        """Disagree with the key of the choice with this number (from 0), with a reason; the same again is harmless.

        Raises
        ------
        Refused
            If there is no such choice, or no reason.
        """
        said = words(text)
        if type(number) is not int or not 0 <= number < len(self.attempt.steps):
            raise Refused("there is no such answer to disagree with")
        if not said:
            raise Refused("a reason is needed: without it nobody learns anything from the disagreement")
        of = self.attempt.steps[number]
        event = Event("disagree", of.scene, option=of.option, text=said, lang=lang)
        if any(earlier.same(event) for earlier in self.events):
            return
        try:
            self._log(event)
        except OutOfDate:  # another window went on meanwhile; the disagreement holds all the same
            self._log(event)

    def play(self, answers: Sequence[str], lang: str) -> None:
        """Answer a row of options (``back`` for a step back), skipping what is asked in between.

        Raises
        ------
        TrainkitError
            At the first answer that is not open, or that comes after the end.
        """
        if isinstance(answers, str):
            raise TrainkitError("answers are a list of option ids (got one text)")
        for number, answer in enumerate(answers):
            if self.phase == "words":
                self.say("", self.step, lang)
            if self.phase == "over":
                rest, ending = len(answers) - number, self.attempt.ending
                raise TrainkitError(f'the conversation ended in "{ending}" with {rest} of {len(answers)} answers left')
            if answer == "back":
                self.go_back(self.step, lang)
            else:
                self.answer(answer, self.step, lang)
            if self.phase == "why":
                self.explain("", self.step, lang)

    def disagreements(self) -> dict[tuple[str, str], str]:
        """(scene, option) → the reason given last."""
        return {(e.scene, e.option): e.text for e in self.events if e.kind == "disagree"}

    # ---- the log first, then the person -----------------------------------------------------------------------

    def _at(self, step: object, *phases: str) -> None:
        if type(step) is not int or step != self.step or self.phase not in phases:
            raise OutOfDate("this screen was out of date; here is the current one")

    def _repeated(self, kind: str, step: object, option: object = None, text: str | None = None) -> bool:
        """Whether this very thing is already logged at that step: a retry after a lost confirmation."""
        if type(step) is not int or not 0 <= step < self.step:
            return False
        logged = self.events[step]
        return (logged.kind, logged.option, logged.text) == (kind, option, text)

    def _log(self, event: Event) -> None:
        try:
            self.store.append(self.record.attempt, self.step, event)
        except OutOfDate:
            for missed in self.store.events(self.record.attempt)[self.step :]:
                self._take(missed)
            raise
        self._take(event)

    def _take(self, event: Event) -> None:
        if event.kind == "choose":
            self.attempt = choose(self.attempt, str(event.option))
        elif event.kind == "back":
            self.attempt = back(self.attempt)
        self.events.append(event)


def resume(
    store: Store,
    case: Case,
    participant: str,
    *,
    seed: int | None = None,
    fixed: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    origin: str = "person",
) -> Session:
    """Go on with a participant's unfinished attempt of a case, or begin one.

    An unfinished attempt is gone on with if it was held under the same settings and fixed facts (and the same seed, where
    one is named). If the case has been edited since, the version it began with is taken from the log.
    """
    settings = settings or Settings()
    for record in store.unfinished(participant, case.id):
        same = record.settings == settings and dict(record.fixed) == dict(fixed or {}) and record.origin == origin
        if same and seed in (None, record.seed):
            changed = record.case_hash != case.hash
            try:
                version = store.case(record.case_hash) if changed else case
                return Session(store, record, version, store.events(record.attempt), changed)
            except TrainkitError:
                continue  # a version that can't be read any more must not keep anyone from playing
    return begin(store, case, participant, seed=seed, fixed=fixed, settings=settings, origin=origin)


def begin(
    store: Store,
    case: Case,
    participant: str,
    *,
    seed: int | None = None,
    fixed: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    origin: str = "person",
    unlike: Attempt | None = None,
) -> Session:
    """Begin a new attempt; with ``unlike``, under another draw of the facts where there is one."""
    if seed is None:
        seed = secrets.randbelow(2**31)
        for _ in range(50 if unlike else 0):
            if draw(case, seed, fixed) != unlike.truth:
                break
            seed = secrets.randbelow(2**31)
    start(case, seed, fixed)  # refuses bad facts before anything is written
    return Session(store, store.begin(case, participant, seed, fixed, settings, origin), case, [])


def again(session: Session) -> Session:
    """A new attempt of the same case by the same person, under another fate."""
    record = replace(session.record)
    return begin(
        session.store,
        session.case,
        record.participant,
        fixed=record.fixed,
        settings=record.settings,
        origin=record.origin,
        unlike=session.attempt,
    )


__all__ = ["MAX_SEED", "Session", "again", "begin", "resume"]
