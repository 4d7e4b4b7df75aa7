"""Which letter has a reply on the wall? One that is fixed by the case and says nothing of who asked what.

Phones number what they show from 1 without gaps, so two phones may have different numbers for one reply. Wall, remote and
paper name it by a letter instead, which is the same for everybody in the room, in the room's language.
"""

import string
from collections.abc import Mapping

from trainkit.case.cache import kept_per_case
from trainkit.case.model import Case, Option
from trainkit.i18n import catalog

# without those that are taken for another letter or a digit, or hard to say across a room
ALPHABETS = {"ru": "АБВГДЕЖИКЛМНПРСТУФХЦШЭЮЯ", "en": "ABCDEFGHJKLMNPQRSTUVWXYZ"}


@kept_per_case(1_000)
def letters(case: Case, scene: str, lang: str) -> Mapping[str, str]:
    """Option → its letter, in the order of the letters; ``lang`` is the room's.

    First come those that are always there, then those that hang on the experimental condition, which everybody knows, then
    those that hang on something learnt or remembered: so no gap among the letters tells that something wasn't asked.
    """
    options = case.scenes[scene].options
    in_order = sorted(options, key=lambda name: _certainty(case, options[name]))  # a stable sort keeps the file's order
    alphabet = ALPHABETS.get(lang, string.ascii_uppercase)
    return {name: _letter(number, alphabet) for number, name in enumerate(in_order)}


def on_the_screen(case: Case, reply: tuple[str, str], room: str, lang: str) -> str:
    """Where a reply (scene, option) is on the wall, in words of ``lang``; the letter is one of the ``room``'s language."""
    letter = letters(case, reply[0], room)[reply[1]]
    return catalog(lang).gettext("letter {letter}").format(letter=letter)


def _certainty(case: Case, option: Option) -> int:
    if option.when is None:
        return 0
    return 1 if all(name in case.facts and case.facts[name].design for name in option.when) else 2


def _letter(number: int, alphabet: str) -> str:
    """The letter with this number; twice the same where there are more replies than letters."""
    times, place = divmod(number, len(alphabet))
    return alphabet[place] * (times + 1)
