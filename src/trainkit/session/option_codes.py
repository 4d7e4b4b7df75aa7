"""By what does a page name a reply? By a code that says nothing: names such as apologise_first tell tales."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from trainkit.case.cache import kept_per_case
from trainkit.case.model import Case


@lru_cache(maxsize=10_000)
def code_of(option: str) -> str:
    """What stands for an option on a page: the same on every server and after every restart.

    Not a secret: a case is a file that anybody may have. Nobody reads it by the way.
    """
    return "r" + hashlib.blake2b(option.encode(), digest_size=4, person=b"reply").hexdigest()


@kept_per_case(1)
def _options(case: Case) -> Mapping[str, str]:
    return {code_of(option): option for scene in case.scenes.values() for option in scene.options}


def option_of(case: Case, said: object) -> object:
    """The option that a form names, by its code; what is none stays as it is (an option's own name, or forged)."""
    return _options(case).get(said, said) if isinstance(said, str) else said
