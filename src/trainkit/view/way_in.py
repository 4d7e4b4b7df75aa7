"""What is said of the addresses by which phones get in: where there are several, and where one leads nowhere?"""

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from trainkit.i18n import catalog


def leads_nowhere(address: str) -> bool:
    """Whether an address is a machine's own name for itself, which leads a phone to the phone."""
    host = urlsplit(address).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def about_the_way_in(address: str, others: Sequence[str], lang: str) -> list[str]:
    """Sentences for the trainer: ``address`` is on the screen, ``others`` lead to the same class."""
    gettext = catalog(lang).gettext
    if leads_nowhere(address):
        said = gettext(
            "No phone can open {address}: it leads nowhere but to this machine. Join a Wi-Fi or switch on a hotspot, and "
            "leave --host out; the screen then shows the new address by itself. Behind a proxy name its address: "
            "--address https://…"
        )
        return [said.format(address=address)]
    if others:
        said = gettext(
            "This machine is in several networks. If phones can’t open {address}, try {others}; --address puts another "
            "one on the screen: --address {first}"
        )
        return [said.format(address=address, others=", ".join(others), first=others[0])]
    return []
