"""What would others choose in the scenes of a draft? Worked out in a pause, so that nobody waits for it while writing."""

from typing import NamedTuple

from trainkit.case.model import Case
from trainkit.checks.beside import Beside, beside
from trainkit.errors import TrainkitError

Found = dict[str, Beside] | TrainkitError | None


class Counted(NamedTuple):
    """What was found last, of which case; ``fresh`` if that is the case on the screen."""

    case: Case | None = None
    found: Found = None
    fresh: bool = False

    def of(self, case: Case | None, now: bool) -> "Counted":
        """What is known of a case, which is worked out if that is wanted ``now``."""
        if case is None:
            return Counted()
        if case is self.case:
            return self._replace(fresh=True)
        if not now:
            return self._replace(fresh=False)
        try:
            return Counted(case, beside(case), True)
        except TrainkitError as error:
            return Counted(case, error, True)
