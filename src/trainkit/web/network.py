"""By which addresses is this machine found in its networks, the likeliest first?"""

import contextlib
import ipaddress
import re
import socket
from collections.abc import Container, Iterator
from typing import NamedTuple

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
EVERYWHERE = ("0.0.0.0", "::", "")
ALONE = "127.0.0.1"
# Networks in which no phone is: of virtual machines, containers, tunnels. By names of Linux, macOS, Windows.
_NO_PHONES = re.compile(
    r"(docker|br-|veth|virbr|vnet|lxc|lxd|cni|flannel|podman|vboxnet|vmnet|tun|tap|wg|utun|ppp|ipsec|tailscale|zt|nordlynx)"
    r"|.*(vEthernet|VirtualBox|VMware|WSL|Hyper-V|TAP-|VPN|WireGuard|Tailscale|ZeroTier)",
    re.IGNORECASE,
)
_SHARED = ipaddress.ip_network("100.64.0.0/10")  # RFC 6598; what Tailscale gives out


# What no site on the Internet can be called: names of one's own network (RFC 6761, 6762, 8375, ICANN's "internal")
_NEAR = (".local", ".localhost", ".home.arpa", ".internal")


def is_near(host: str, own: Container[str] = ()) -> bool:
    """Whether a Host header names a machine by its address, by a name of its network alone, or by one of its ``own``.

    >>> [is_near(host) for host in ("192.168.1.5:8000", "[fe80::1]", "laptop", "laptop.local:8000", "evil.example")]
    [True, True, True, True, False]
    """
    name = host.lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0].rstrip(".")
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(name))
    return bool(name) and ("." not in name or name.endswith(_NEAR) or name in own)


def own_names() -> frozenset[str]:
    """What this machine is called; may take seconds where nobody answers questions about names."""
    return frozenset(name.lower().rstrip(".") for name in (socket.gethostname(), socket.getfqdn()))


class _Found(NamedTuple):
    address: Address
    unlikely: bool  # a network in which phones are hardly


def urls(host: str, port: int) -> tuple[str, ...]:
    """Where phones find a server that listens at ``host``, the likeliest first; where no phone can, the loopback's."""
    if host not in EVERYWHERE:
        return (_url(host, port),)
    found = machine_addresses(ipv6=host == "::")
    return tuple(_url(str(one), port) for one in found) or (_url(ALONE, port),)


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def machine_addresses(ipv6: bool = False) -> tuple[Address, ...]:
    """Addresses of this machine in its networks, the likeliest to be the room's first; none where it is in no network.

    The likeliest is the one it would send from, unless that is a tunnel: a VPN takes the default route, and a hotspot of the
    laptop's own has none.
    """
    route, found = _sends_from(), list(_interfaces())
    if route is not None and not any(one.address == route for one in found):
        found.append(_Found(route, False))
    found = [one for one in found if ipv6 or one.address.version == 4]
    found.sort(key=lambda one: (one.unlikely, one.address.version, one.address != route))
    return tuple(dict.fromkeys(one.address for one in found))


def _interfaces() -> Iterator[_Found]:
    import psutil

    up = {name: about.isup for name, about in psutil.net_if_stats().items()}
    for name, known in psutil.net_if_addrs().items():
        for one in known:
            if one.family not in (socket.AF_INET, socket.AF_INET6) or not up.get(name, True):
                continue
            address = ipaddress.ip_address(one.address.partition("%")[0])
            if not (address.is_loopback or address.is_link_local or address.is_unspecified):
                alone = one.netmask == "255.255.255.255" or one.ptp is not None
                shared = address.version == 4 and address in _SHARED
                yield _Found(address, alone or shared or _NO_PHONES.match(name) is not None)


def _sends_from() -> Address | None:
    """The address this machine would send from; nothing is sent."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address set aside for documentation
        address = ipaddress.ip_address(probe.getsockname()[0])
        return None if address.is_loopback or address.is_unspecified else address
    return None
