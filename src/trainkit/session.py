"""One person's run on disk: what the log has confirmed, and nothing else, is where the person is.

Every front end goes through here: it shows a session, hands back what the person did with the number of the screen it
was done on (``step``), and shows the session again. An answer counts once it is committed; the same answer sent twice is
harmless; an answer from an old screen is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from trainkit.case import Case
from trainkit.errors import OutOfDate, Refused, TrainkitError, shown
from trainkit.play import Attempt, back, choose, draw, start
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

    def own_words(self) -> dict[int, str]:
        """Number of the choice → what was said in own words in that scene before it; the next choice's are included."""
        found: dict[int, str] = {}
        waiting: dict[str, str] = {}
        choices = 0
        for event in self.events:
            if event.kind == "words" and event.text:
                waiting[event.scene] = event.text
            elif event.kind == "choose":
                if event.scene in waiting:
                    found[choices] = waiting.pop(event.scene)
                choices += 1
        if self.attempt.state.place in waiting:
            found[choices] = waiting[self.attempt.state.place]
        return found

    def reasons(self) -> dict[int, str]:
        """Number of the choice → the reason given for it."""
        found: dict[int, str] = {}
        choices = 0
        for event in self.events:
            choices += event.kind == "choose"
            if event.kind == "why" and event.text:
                found[choices - 1] = event.text
        return found

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
        if self.settings.feedback == "none" or (self.settings.feedback == "end" and self.phase != "over"):
            raise Refused("there has been no feedback to disagree with")
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
        if isinstance(answers, str) or not isinstance(answers, Sequence):
            raise TrainkitError(f"answers is a list of option ids (got {shown(answers)})")
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

    def _repeated(self, kind: str, step: object, **said: object) -> bool:
        """Whether this very thing is already logged at that step: a retry after a lost confirmation."""
        if type(step) is not int or not 0 <= step < self.step:
            return False
        logged = self.events[step]
        return logged.kind == kind and all(getattr(logged, name) == value for name, value in said.items())

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
    finished: bool = True,
) -> Session:
    """Go on with a participant's newest attempt of a case, or begin one.

    It is gone on with if it was held under the same settings and fixed facts; where a seed is named, if it or an earlier
    attempt had it (the later ones came of "play again"). If the case has been edited since, the version it began with is
    taken from the log. A finished attempt shows its debrief again, unless ``finished`` is False.
    """
    settings = settings or Settings()
    start(case, 0 if seed is None else seed, fixed)  # refuses a bad seed or fact before anything is read
    wanted = (settings, dict(fixed or {}), origin)
    records = [r for r in store.attempts(participant, case.id) if (r.settings, dict(r.fixed), r.origin) == wanted]
    if records and (seed is None or any(record.seed == seed for record in records)):
        try:
            session = opened(store, records[-1], case)
        except Unplayable:
            session = None  # a version this program can't play any more must not keep anyone from playing
        if session and (finished or session.phase != "over"):
            return session
    return begin(store, case, participant, seed=seed, fixed=fixed, settings=settings, origin=origin)


class Unplayable(TrainkitError):
    """An attempt in the log that can't be played on: its case version or one of its events can't be read."""


def opened(store: Store, record: Record, case: Case | None = None) -> Session:
    """An attempt as the log has it.

    Raises
    ------
    Unplayable
        If its case version can't be read or its events don't fit it.
    """
    events = store.events(record.attempt)
    try:
        if case is not None and case.hash == record.case_hash:
            return Session(store, record, case, events)
        version = store.case(record)
        if case is not None:  # a language that came later serves the texts that are still the same
            later = {
                lang: {key: text for key, text in texts.items() if version.texts.get(key) == case.texts.get(key)}
                for lang, texts in case.translations.items()
            }
            kept = version.translations
            version = version.with_translations(
                {lang: later.get(lang, {}) | dict(kept.get(lang, {})) for lang in {*later, *kept}}
            )
        return Session(store, record, version, events, changed=case is not None)
    except TrainkitError as error:
        raise Unplayable(f"attempt {record.attempt[:8]} can't be played on: {error}") from error


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
    record = session.record
    return begin(
        session.store,
        session.case,
        record.participant,
        fixed=record.fixed,
        settings=record.settings,
        origin=record.origin,
        unlike=session.attempt,
    )
