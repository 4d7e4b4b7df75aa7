"""How do runs from other machines come into a log? Replayed before they count, each once, conflicts told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.errors import N_, Told, TrainkitError, shown
from trainkit.exchange.known_versions import KnownVersions
from trainkit.exchange.people import TOLD
from trainkit.exchange.rescued import Rooms, add_marks, add_rooms, own_runs
from trainkit.exchange.run_checks import (
    Refused,
    fixed_facts,
    refuse_gaps,
    refuse_miscoded,
    refuse_misfit,
    refuse_misplaced,
)
from trainkit.exchange.run_source import Run, Versions, Whose, copied, opened, versions_of_log
from trainkit.log import schema as tables
from trainkit.log.codes import COLUMNS
from trainkit.log.erased import Marks, Place
from trainkit.log.queries import in_parts
from trainkit.log.records import Event, Record, Settings, now
from trainkit.log.replay import advance, begun, facts_of
from trainkit.log.rescue import is_rescue
from trainkit.log.store import Log

MANY = 2_000  # attempts a transaction
KEPT = 100_000  # ways through cases that are remembered
_EVENT = ("kind", "scene", "option", "text", "ending", "lang", "at")


class Imported(NamedTuple):
    """What came of it, in attempts; ``told`` is why runs were refused or differ from what is here."""

    added: int
    continued: int  # here already, and some events more
    known: int  # here already, whole
    refused: int  # can't be replayed, or was changed
    conflicts: int  # here already, and other than what came
    erased: int  # of people who were erased here
    told: list[Told]
    codes: int  # of own words, that were not here
    strange: int  # of those added: in a version of the case that was not known here
    here: Sequence[str]  # attempts that came and are here now: added, continued or known
    rooms: Rooms | None = None  # of a rescue file


def import_runs(
    log: Log,
    source: Path,
    progress: Callable[[int], object] = lambda attempts: None,
    most_told: int = 50,
    known_only: bool = False,
    rescue: bool | None = None,
) -> Imported:
    """Take in the runs of an export's folder, a site's answers, another log; of a rescue file the rooms, too, if told so.

    Each run is replayed under the case version it was played in, and must come to what its row says (facts, ending); one
    that doesn't is refused. A run that is here already is left as it is; where it goes on further elsewhere, what is
    missing is added; where both differ, that is told and nothing is changed. What coders gave to own words comes along. So
    importing twice is harmless, and one that was broken off is simply begun again. ``known_only``: a version that neither
    this log nor the casebook has is refused, as whoever sends it could have made it up. ``rescue``: this is a rescue file of
    one's own, so its rooms come with their links and secrets; False: it is taken as anybody's. That a file is one stands in
    it, where anybody can write it: so who takes one in must say which.

    Raises
    ------
    TrainkitError
        If there is nothing of the kind, or it can't be read; what had been taken in before stays.
    """
    source = Path(source).expanduser()
    marked = source.is_file() and is_rescue(source)
    if rescue and source.exists() and not marked:
        said = N_("{file} is no rescue file of this kit, so it has no rooms to take over: leave --rescue out")
        raise TrainkitError(said, file=shown(source.name))
    if marked and rescue is None:
        raise TrainkitError(_WHICH_OF_BOTH, file=shown(source.name))
    if marked and rescue:
        with copied(source) as other:
            rooms = add_rooms(other, log)
            taking = _Taking(log, source.name, versions_of_log(other), most_told, Whose.THIS_LOGS)
            done = taking.take(own_runs(other), progress)
            add_marks(other, log)
            return done._replace(rooms=rooms)
    with opened(source) as (versions, runs, whose):
        return _Taking(log, source.name, versions, most_told, whose, known_only).take(runs, progress)


_WHICH_OF_BOTH = N_(
    "{file} is marked as a rescue file, which has rooms and the secret links to them, and anybody can mark one; nothing was "
    "taken. If this kit wrote it on a computer of yours when a log was lost, say --rescue; if somebody sent it, say "
    "--as-other: then its runs are taken as those of another machine, each replayed first, and no rooms"
)
_NO_RUN = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)  # of what rows could hold


class _Taking:
    """Runs on their way into a log.

    This log's come back as they were, with the rooms they belong to; a stranger's never go on with what was begun here.
    """

    def __init__(
        self, log: Log, source: str, versions: Versions, most_told: int, whose: Whose, known_only: bool = False
    ):
        self._own, self._strange, self._known_only = whose is Whose.THIS_LOGS, whose is Whose.ANYBODYS, known_only
        self._log, self._source, self._versions, self._most = log, source, versions, most_told
        self._import = uuid.uuid4().hex
        self._cases: dict[tuple[str, str], Case] = {}
        self._replayed: dict[tuple, list[str | None]] = {}
        self._counts = dict.fromkeys(("added", "continued", "known", "refused", "conflicts", "erased"), 0)
        self._told: list[Told] = []
        self._codes = self._unknown = 0
        self._here_now: list[str] = []
        self._begun = False

    def take(self, runs: Iterator[Run], progress: Callable[[int], object]) -> Imported:
        """Take them in, some at a time."""
        self._log.prepare()
        with self._log.reading() as connection:
            self._marks = Marks(connection)
        self._here_known = KnownVersions(self._log)
        waiting: list[Run] = []
        for run in runs:
            waiting.append(run)
            if len(waiting) == MANY:
                self._commit(waiting)
                progress(len(waiting))
                waiting = []
        self._commit(waiting)
        progress(len(waiting))
        return Imported(**self._counts, told=self._told, codes=self._codes, strange=self._unknown, here=self._here_now)

    def _tell(self, what: str, run: Run, why: Told) -> None:
        self._counts[what] += 1
        if len(self._told) < self._most:
            self._told.append(Told("{attempt}: {why}", attempt=str(run.attempt["attempt"])[:8], why=why))

    def _commit(self, runs: Sequence[Run]) -> None:
        names = [run.attempt["attempt"] for run in runs]
        here, coded = self._here(names), self._coded(names)
        came = self._came(names) if self._strange else set()
        new: list[tuple[Run, Record]] = []
        further: list[tuple[Run, int]] = []
        codes: list[Mapping[str, Any]] = []
        for run in runs:
            if run.attempt["attempt"] not in here and self._is_erased(run):
                self._counts["erased"] += 1
                continue
            try:
                record, events = self._checked(run)
            except TrainkitError as error:
                self._tell("refused", run, error.rule)
                continue
            except _NO_RUN as error:
                self._tell("refused", run, Told(N_("is no run: it was changed ({why})"), why=error))
                continue
            logged = here.get(record.attempt)
            if logged is None:
                new.append((run, record))
            elif not _same_beginning(logged[0], record):
                self._tell("conflicts", run, Told(N_("is here as another run: another case version, draw or setting")))
            elif any(a != b for a, b in zip(logged[1], events, strict=False)):
                self._tell("conflicts", run, Told(N_("is here, and other answers were given in it")))
            elif clash := [one for one in run.codes if coded.get(_which(one), one["code"]) != one["code"]]:
                said = N_("is here, and {coder} has coded step {step} otherwise here")
                self._tell("conflicts", run, Told(said, coder=clash[0]["coder"], step=clash[0]["step"]))
            else:
                codes += [one for one in run.codes if _which(one) not in coded]
                if len(events) > len(logged[1]) and self._strange and record.attempt not in came:
                    self._tell("conflicts", run, Told(N_("was begun here, and goes on here alone")))
                elif len(events) > len(logged[1]):
                    further.append((run, len(logged[1])))
                else:
                    self._counts["known"] += 1
                    self._here_now.append(record.attempt)
        codes += [one for run, _ in new for one in run.codes]
        if new or further or codes:
            self._write(new, further, codes)
        self._here_now += [one[0].attempt["attempt"] for one in (*new, *further)]
        self._counts["added"] += len(new)
        self._unknown += sum(not self._knows(run.attempt) for run, _ in new)
        self._counts["continued"] += len(further)
        self._codes += len(codes)

    def _is_erased(self, run: Run) -> bool:
        """Whether this run, or whoever played it, was erased here: then it stays out."""
        name, room = run.person.get("participant"), run.person.get("workshop")
        return self._marks.of_run(run.attempt["attempt"]) or bool(name and self._marks.of_name(Place(name, room)))

    def _here(self, names: Sequence[str]) -> dict[str, tuple[Mapping[str, Any], list[tuple]]]:
        """What the log has of these attempts: the row of each, and what its events say."""
        found: dict[str, tuple[Mapping[str, Any], list[tuple]]] = {}
        a, e = tables.attempts, tables.events
        with self._log.reading() as connection:
            for some in in_parts(names):
                for row in connection.execute(sa.select(a).where(a.c.attempt.in_(some))).mappings():
                    found[row["attempt"]] = (row, [])
                query = sa.select(e).where(e.c.attempt.in_(some)).order_by(e.c.attempt, e.c.step)
                for row in connection.execute(query).mappings():
                    found[row["attempt"]][1].append(_said(row))
        return found

    def _came(self, names: Sequence[str]) -> set[str]:
        """Which of these attempts came from elsewhere."""
        i, found = tables.imported, set[str]()
        with self._log.reading() as connection:
            for some in in_parts(names):
                query = sa.select(i.c.attempt).where(i.c.attempt.in_(some))
                found |= set(connection.execute(query).scalars())
        return found

    def _coded(self, names: Sequence[str]) -> dict[tuple, str | None]:
        """The codes that the log has of these attempts."""
        found: dict[tuple, str | None] = {}
        k = tables.codes
        with self._log.reading() as connection:
            for some in in_parts(names):
                query = sa.select(k).where(k.c.attempt.in_(some))
                found |= {_which(row): row["code"] for row in connection.execute(query).mappings()}
        return found

    def _checked(self, run: Run) -> tuple[Record, list[tuple]]:
        """The run's record and what its events say, if it can be replayed and comes to what it says."""
        row = run.attempt
        if not run.person:
            raise Refused(N_("nobody in the table of people is {person}, who played it"), person=shown(row["person"]))
        refuse_gaps(run.events)
        refuse_misfit(run)
        if self._known_only and not self._knows(row):
            said = N_(
                "was played in another version of {case} than is known here ({version}): save the file, and give it"
            )
            raise Refused(said, case=shown(row["case_id"]), version=shown(row["case_hash"][:12]))
        case = self._case(row["case_hash"], row["translations_hash"])
        if case.id != row["case_id"]:
            raise Refused(
                N_('the case version is one of "{case}", not of "{other}"'), case=case.id, other=row["case_id"]
            )
        record = _record(row, run.person, fixed_facts(row["fixed"], case))
        if self._own:
            record = replace(record, member=row["member"])
        truth = facts_of(case, record)
        if row["facts"] is not None and json.loads(row["facts"]) != dict(zip(case.facts, truth, strict=True)):
            raise Refused(N_("its facts are not those that its seed draws: it was changed"))
        if [event["ending"] for event in run.events] != self._endings(case, record, truth, run.events):
            raise Refused(N_("its answers lead to another ending than it says: it was changed"))
        for code in run.codes:
            refuse_miscoded(code, run.events)
        return record, [_said(event) for event in run.events]

    def _knows(self, row: Mapping[str, Any]) -> bool:
        return self._here_known.knows(row["case_id"], row["case_hash"], row["translations_hash"])

    def _endings(
        self, case: Case, record: Record, truth: tuple[str, ...], events: Sequence[Mapping[str, Any]]
    ) -> list[str | None]:
        """The ending that each event leads to, if any; replayed once for all who did the same."""
        key = case.hash, truth, *((event["kind"], event["scene"], event["option"]) for event in events)
        if key not in self._replayed:
            attempt, endings = begun(case, record), []
            for event in events:
                refuse_misplaced(case, attempt, event)
                attempt = advance(attempt, Event(event["kind"], event["scene"], event["option"], event["text"]))
                endings.append(attempt.ending if event["kind"] == "choose" else None)
            if len(self._replayed) >= KEPT:
                self._replayed.clear()
            self._replayed[key] = endings
        return self._replayed[key]

    def _case(self, case_hash: str, texts_hash: str) -> Case:
        key = case_hash, texts_hash
        if key not in self._cases:
            source, texts = self._versions.cases.get(case_hash), self._versions.translations.get(texts_hash)
            if source is None or texts is None:
                raise Refused(N_("its case version {version} didn't come with it"), version=case_hash[:12])
            case = thaw(source, texts)
            if (case.hash, case.translations_hash) != key:
                raise Refused(N_("its case version {version} was changed"), version=case_hash[:12])
            self._cases[key] = case
        return self._cases[key]

    def _write(
        self, new: Sequence[tuple[Run, Record]], further: Sequence[tuple[Run, int]], codes: Sequence[Mapping[str, Any]]
    ) -> None:
        for case_hash, texts_hash in {(record.case_hash, record.translations_hash) for _, record in new}:
            self._log.keep_case(self._cases[case_hash, texts_hash])
        people = {} if self._own else {run.person["person"]: run.person for run, _ in new}
        with self._log.writing() as connection:
            if not self._begun and not self._own:
                connection.execute(
                    tables.imports.insert().values(import_id=self._import, source=self._source, at=now())
                )
            known = set(self._known(connection, list(people)))
            if unknown := [_person(row) for name, row in people.items() if name not in known]:
                connection.execute(tables.imported_people.insert(), unknown)
            self._log.add_attempts(connection, [record.to_row() for _, record in new])
            if new and not self._own:
                marks = [
                    {"attempt": record.attempt, "import_id": self._import, "person": run.person["person"]}
                    for run, record in new
                ]
                connection.execute(tables.imported.insert(), marks)
            rows = [_event(event) for run, _ in new for event in run.events]
            rows += [_event(event) for run, first in further for event in run.events[first:]]
            if rows:
                connection.execute(tables.events.insert(), rows)
            if codes:
                connection.execute(tables.codes.insert(), [{name: one[name] for name in COLUMNS} for one in codes])
        self._begun = True

    def _known(self, connection: sa.Connection, names: Sequence[str]) -> Iterator[str]:
        person = tables.imported_people.c.person
        for some in in_parts(names):
            yield from connection.execute(sa.select(person).where(person.in_(some))).scalars()


def _which(code: Mapping[str, Any]) -> tuple:
    """What one code is of, whose and which of theirs."""
    return tuple(code[name] for name in ("attempt", "step", "scheme", "coder", "number"))


def _said(event: Mapping[str, Any]) -> tuple:
    """What an event says, whenever."""
    return tuple(event[name] for name in ("kind", "scene", "option", "text", "ending"))


def _same_beginning(logged: Mapping[str, Any], record: Record) -> bool:
    row = record.to_row()
    return all(
        logged[name] == row[name] for name in ("case_hash", "seed", "fixed", "draw_version", "feedback", "origin")
    )


def _record(row: Mapping[str, Any], person: Mapping[str, Any], fixed: Mapping[str, str]) -> Record:
    plain = {
        name: row[name] for name in ("attempt", "case_id", "case_hash", "translations_hash", "seed", "origin", "run")
    }
    return Record(
        **plain,
        participant=person["participant"] or person["person"],
        fixed=fixed,
        settings=Settings.from_row(row),
        started_at=_time(row["started_at"]),
        drawn=row["drawn"],
        draw_version=row["draw_version"],
    )


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: event[name] for name in _EVENT if name != "at"}
    return {"attempt": event["attempt"], "step": event["step"], **said, "at": _time(event["at"])}


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in TOLD if name != "joined_at"} | {"joined_at": _time(row["joined_at"])}


def _time(at: Any) -> str:
    """A time as the log has it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}Z"
