"""What is said on each screen when the log is lost? What happened, where what was confirmed is, what the trainer does now."""

from typing import NamedTuple

from trainkit.i18n import catalog
from trainkit.log.lost import Lost


class LostWords(NamedTuple):
    """For the trainer: what happened and where what was confirmed is, what to do, and the command that does it."""

    heading: str
    told: tuple[str, ...]
    to_do: str
    command: str


def lost_words(lost: Lost, code: str, lang: str, options: str = "") -> LostWords:
    """What terminal and remote say; ``code`` is the class's, ``options`` how its address was named on the command line."""
    gettext = catalog(lang).gettext
    told = (lost.what.said(gettext), lost.kept.said(gettext))
    heading = gettext("Answers are not being accepted: the log is lost")
    if not lost.rescue:
        return LostWords(
            heading, told, gettext("Don’t stop this program: free some room on the disk, ask for help."), ""
        )
    place = f'"{lost.rescue}"' if " " in lost.rescue else lost.rescue
    to_do = gettext(
        "Stop the class, then start it on that file with this command (and --host, --port as before): everybody "
        "goes on at their place."
    )
    return LostWords(heading, told, to_do, f"trainkit class --workshop {code}{options} --database {place}")


def lost_on_phone(lang: str) -> str:
    """What a phone says whose answer was refused for it."""
    return catalog(lang).gettext(
        "Your answer is NOT saved: the trainer’s laptop has lost the file for the answers. What was confirmed before is "
        "kept. Leave this page open and tell the trainer."
    )


def lost_on_idle_phone(lang: str) -> str:
    """What a phone says on which nothing was pressed since."""
    return catalog(lang).gettext(
        "Answers are not being accepted just now: the trainer’s laptop has lost the file for them. What was confirmed is "
        "kept. Leave this page open: it goes on here."
    )


def lost_at_the_door(lang: str) -> str:
    """What is said to whom it keeps from coming in."""
    return catalog(lang).gettext(
        "You are NOT in yet: the trainer’s laptop has lost the file for the answers. Tell the trainer, then try again."
    )


def lost_on_wall(lang: str) -> str:
    """What the wall says."""
    return catalog(lang).gettext(
        "Answers are not being accepted just now. What was confirmed is kept; trainer, see your remote."
    )
