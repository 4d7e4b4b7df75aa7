"""Why has nobody come, and what helps? For the terminal, the wall and the remote."""

import sys
from typing import NamedTuple
from urllib.parse import urlsplit

from trainkit.i18n import catalog
from trainkit.view.way_in import leads_nowhere


class NoOneYet(NamedTuple):
    """What is said: a heading, the usual causes with what to press, and the ways round."""

    heading: str
    causes: tuple[str, ...]
    ways: tuple[str, ...]


def no_one_yet(address: str, case_id: str, lang: str, system: str = sys.platform) -> NoOneYet:
    """What is said of a class to which nobody has come, at this address of a laptop with this system."""
    gettext, parts = catalog(lang).gettext, urlsplit(address)
    causes = [
        gettext("The phones are in another Wi-Fi or on mobile data: they need the laptop’s network."),
        gettext("A guest network keeps its devices apart: take the main one."),
        _firewall(system, lang).format(port=parts.port or (443 if parts.scheme == "https" else 80)),
    ]
    if leads_nowhere(address):
        alone = gettext(
            "{address} leads nowhere but to this laptop: connect it to a network, then start the class again."
        )
        causes = [alone.format(address=address)]
    ways = (
        gettext("Let the laptop share a network of its own (hotspot); some end at eight phones."),
        gettext("Play on paper: trainkit print {case}").format(case=case_id),
    )
    return NoOneYet(gettext("Nobody has come yet. Usually it is one of these:"), tuple(causes), ways)


def _firewall(system: str, lang: str) -> str:
    gettext = catalog(lang).gettext
    if system == "win32":
        return gettext(
            "Windows’ firewall: Windows Security, Firewall & network protection, Allow an app through firewall; tick "
            "Python for private and public networks."
        )
    if system == "darwin":
        return gettext(
            "The firewall of macOS: System Settings, Network, Firewall, Options; let Python accept incoming connections."
        )
    return gettext("The laptop’s firewall: let port {port} through (sudo ufw allow {port}/tcp).")
