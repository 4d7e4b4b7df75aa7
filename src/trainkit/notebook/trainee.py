"""Who plays in this notebook, into which log, and where are they in every case?"""

from collections.abc import Sequence
from dataclasses import dataclass

from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt
from trainkit.errors import UnknownName
from trainkit.files import casebook
from trainkit.log.history import newest_attempts
from trainkit.log.records import AttemptLog, Settings
from trainkit.session.resume import Standing, resume, standing
from trainkit.session.session import Session


@dataclass(frozen=True)
class Trainee:
    """A person by their pseudonym, their log, and how their runs are held."""

    log: AttemptLog
    name: str
    settings: Settings

    def standings(self) -> list[tuple[Case, Standing]]:
        """Every case of the casebook, and where they are in it."""
        every = [casebook.load_case(name) for name in casebook.case_ids()]
        return [(case, standing(self.log, case, self.name, settings=self.settings)) for case in every]

    def play(self, case_id: str, anew: bool = False) -> Session:
        """Go on with a case, see its debrief, or begin it; ``anew``: begin it again where it has ended."""
        if case_id not in casebook.case_ids():  # it came from a browser: an id, never a path
            raise UnknownName("case", case_id, casebook.case_ids())
        return resume(self.log, casebook.load_case(case_id), self.name, settings=self.settings, finished=not anew)

    def onward(self, case_id: str) -> str:
        """The case after this one, of those that were never opened; "" where there is none."""
        names = casebook.case_ids()
        after = [name for name in names if name > case_id] + [name for name in names if name < case_id]
        begun = {record.case_id for record in self.log.attempts(self.name)}
        return next((name for name in after if name not in begun), "")

    def newest(self) -> Sequence[Attempt]:
        """Their newest finished attempt of each case; none before there are enough for a profile."""
        return newest_attempts(self.log, [one for one in self.log.attempts(self.name) if one.origin == "person"])
