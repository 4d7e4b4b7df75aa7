"""By which addresses phones find a laptop: on a hotspot without a default route, with a VPN, in no network at all."""

import socket
from ipaddress import ip_address
from types import SimpleNamespace

import psutil
import pytest
from support.class_server import PARCEL, held
from support.command_line import run

from trainkit.notebook.workshop import workshop
from trainkit.view.way_in import about_the_way_in, leads_nowhere
from trainkit.web import network

LO = ("lo", "127.0.0.1", "255.0.0.0")
HOTSPOT = ("wlan0", "192.168.43.7", "255.255.255.0")
VPN = ("tun0", "10.8.0.2", "255.255.255.255")


@pytest.fixture
def machine(monkeypatch):
    """A machine with these interfaces (name, address, netmask), which would send from one of them."""

    def be(*interfaces, route=None, down=()):
        known = {}
        for name, address, netmask in interfaces:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            one = SimpleNamespace(family=family, address=address, netmask=netmask, ptp=None)
            known.setdefault(name, []).append(one)
        monkeypatch.setattr(psutil, "net_if_addrs", lambda: known)
        monkeypatch.setattr(
            psutil, "net_if_stats", lambda: {name: SimpleNamespace(isup=name not in down) for name in known}
        )
        monkeypatch.setattr(network, "_sends_from", lambda: route and ip_address(route))
        return network.urls("0.0.0.0", 8000)

    return be


def test_a_hotspot_has_no_default_route(machine):
    assert machine(LO, HOTSPOT) == ("http://192.168.43.7:8000",)


def test_a_vpn_takes_the_default_route_and_no_phone_is_in_it(machine):
    assert machine(LO, VPN, HOTSPOT, route="10.8.0.2") == ("http://192.168.43.7:8000", "http://10.8.0.2:8000")
    tailscale = ("tailscale0", "100.90.1.2", "255.255.255.255")
    windows = ("vEthernet (WSL)", "172.28.48.1", "255.255.240.0")
    docker = ("docker0", "172.17.0.1", "255.255.0.0")
    found = machine(docker, windows, tailscale, LO, HOTSPOT, route="100.90.1.2")
    assert found[0] == "http://192.168.43.7:8000" and len(found) == 4


def test_of_two_rooms_networks_the_one_with_the_default_route_comes_first(machine):
    cable = ("eth0", "10.20.0.4", "255.255.255.0")
    assert machine(HOTSPOT, cable, route="10.20.0.4") == ("http://10.20.0.4:8000", "http://192.168.43.7:8000")
    assert machine(HOTSPOT, cable, route="192.168.43.7", down=("eth0",)) == ("http://192.168.43.7:8000",)
    assert machine(route="10.9.9.9") == ("http://10.9.9.9:8000",)  # a system that lists nothing


def test_in_no_network_it_is_the_loopback_and_that_is_said(machine):
    lonely = ("wlan0", "169.254.7.7", "255.255.0.0")  # what a laptop gives itself where nobody gives it one
    (address,) = machine(LO, lonely, ("wlan0", "fe80::1%wlan0", None))
    assert address == "http://127.0.0.1:8000" and leads_nowhere(address)
    (said,) = about_the_way_in(address, (), "en")
    assert "No phone can open http://127.0.0.1:8000" in said and "--address" in said
    assert "Адрес http://127.0.0.1:8000" in about_the_way_in(address, (), "ru")[0]


def test_several_are_listed(machine):
    address, *others = machine(LO, VPN, HOTSPOT)
    (said,) = about_the_way_in(address, others, "en")
    assert "http://10.8.0.2:8000" in said and "--address http://10.8.0.2:8000" in said
    assert about_the_way_in(address, (), "en") == []


def test_one_that_was_chosen_is_the_only_one():
    assert network.urls("192.168.1.4", 80) == ("http://192.168.1.4:80",)
    assert network.urls("fd00::7", 80) == ("http://[fd00::7]:80",)


def test_this_machine_s_own_are_what_the_system_says():
    own = {one.address.partition("%")[0] for each in psutil.net_if_addrs().values() for one in each}
    assert {str(one) for one in network.machine_addresses(ipv6=True)} <= own


@pytest.mark.slow
def test_a_bad_address_is_told_where_it_was_typed(tmp_path):
    done = run("class", PARCEL, "--address", "class.example", "--database", str(tmp_path / "log.sqlite3"))
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "--address" in done.stderr
    assert "нужен адрес" in done.stderr and not (tmp_path / "log.sqlite3").exists()
    room = workshop([PARCEL], "en", host="127.0.0.1", proxies=["10.0.0.5"], database=str(tmp_path / "log.sqlite3"))
    room.start()
    assert not room.running and "--proxy goes with --address" in room._said.value


def test_the_environment_may_name_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINKIT_ADDRESS", "https://class.example/friday")
    with held(tmp_path) as server:
        assert server.address == "https://class.example/friday"
        assert 'href="/friday/tk.css' in server.trainer().page.text


def test_the_remote_says_it_too(tmp_path):
    with held(tmp_path, "--lobby", "--lang", "en") as server:
        assert f"No phone can open http://127.0.0.1:{server.port}" in server.trainer().page.words
    (tmp_path / "named").mkdir()
    with held(tmp_path / "named", "--lobby", "--lang", "en", "--address", "http://192.168.43.7:8000") as server:
        trainer = server.trainer()
        assert "No phone can open" not in trainer.page.words and "192.168.43.7:8000" in trainer.get("/wall").words
