"""Which versions of cases does this machine know: those in its log, and those of the casebook as it is now?"""

from contextlib import suppress

import sqlalchemy as sa

from trainkit.errors import TrainkitError
from trainkit.files.casebook import case_ids, load_case, own_cases
from trainkit.log import schema as tables
from trainkit.log.store import Log


class KnownVersions:
    """What was known when one looked: a file that brings versions along makes none known by itself."""

    def __init__(self, log: Log):
        with log.reading() as connection:
            self._cases = set(connection.execute(sa.select(tables.cases.c.case_hash)).scalars())
            self._texts = set(connection.execute(sa.select(tables.translations.c.translations_hash)).scalars())
        self._to_read = {*case_ids(), *own_cases()}  # by id alone, never a path that somebody sent

    def knows(self, case_id: str, case_hash: str, texts_hash: str) -> bool:
        """Whether a case was ever played here, or could be now, in just this version and with these translations."""
        if case_hash in self._cases and texts_hash in self._texts:
            return True
        if case_id in self._to_read:
            self._to_read.remove(case_id)
            with suppress(TrainkitError):  # one that can't be read now
                case = load_case(case_id)
                self._cases.add(case.hash)
                self._texts.add(case.translations_hash)
        return case_hash in self._cases and texts_hash in self._texts
