"""What may a part of a case be called, and what is it called until its author says?"""

import re
from collections.abc import Container

from trainkit.errors import N_, TrainkitError, shown

NO_NAME = N_("A name in the file has a–z, 0–9 and _, and at most 60 of them (got {name}).")
NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_LATIN = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya"
_LETTERS = {russian: latin.strip("-") for russian, latin in zip(_RUSSIAN, _LATIN.split(), strict=True)}


def free_name(stem: str, taken: Container[str]) -> str:
    """A name with a number that nothing bears."""
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def checked_name(name: object) -> str:
    """A name as an author types it; refused in a sentence if it can't be one."""
    text = str(name).strip().lower()
    if not NAME.fullmatch(text):
        raise TrainkitError(NO_NAME, name=shown(name))
    return text


def name_from(title: str, taken: Container[str] = (), stem: str = "case") -> str:
    """A name for a title, in Latin letters: ``Побелее к субботе`` → ``pobelee_k_subbote``."""
    letters = "".join(_LETTERS.get(letter, letter) for letter in title.lower())
    name = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:40].strip("_")
    if not re.match("[a-z]", name):
        name = f"{stem}_{name}".strip("_")
    return name if name not in taken else free_name(name, taken)
