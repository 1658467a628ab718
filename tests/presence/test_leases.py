"""Leases give names and addresses; from real DHCP servers, and from files as they document them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.presence.dhcp import LEASE_SECONDS, dnsmasq, get_address, give_back, isc, kea, needs
from tests.presence.networks import SUBNET, House, needs_namespaces, until
from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.presence.lease_files import format_of
from whosthere.presence.leases import Directories, Leases
from whosthere.presence.matching import Device
from whosthere.presence.neighbours import Neighbours

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC).timestamp()
ANN = "a4:83:e7:00:00:0a"
DNSMASQ = f"""\
{NOON + 3000:.0f} a4:83:e7:00:00:0a 192.168.1.10 Anns-iPhone 01:a4:83:e7:00:00:0a
{NOON - 10:.0f} a4:83:e7:00:00:0b 192.168.1.11 old *
0 06-a4:83:e7:00:00:0c 192.168.1.12 * *
0 a4:83:e7:00:00:0d 192.168.1.13 * *
duid 00:01:00:01:2c:aa:bb:cc:a4:83:e7:00:00:01
{NOON + 3000:.0f} 7733258 fd00::10 Anns-iPhone 00:01:00:01:2c:aa:bb:cc:a4:83:e7:00:00:0a
"""
ISC = """\
# The format of this file is documented in the dhcpd.leases(5) manual page.
# This lease file was written by isc-dhcp-4.4.3-P1
authoring-byte-order little-endian;
server-duid "\\000\\001\\000\\001,";

lease 192.168.1.10 {
  starts 4 2026/11/19 10:00:00;
  ends 4 2026/11/19 11:00:00;
  binding state active;
  hardware ethernet a4:83:e7:00:00:0a;
  client-hostname "first;}";
}
lease 192.168.1.11 {
  starts 4 2026/11/19 11:00:00;
  ends 4 2026/11/19 13:00:00;
  binding state free;
  hardware ethernet a4:83:e7:00:00:0b;
}
lease 192.168.1.10 {
  starts 4 2026/11/19 11:50:00;
  ends 4 2026/11/19 12:50:00;
  cltt 4 2026/11/19 11:50:00;
  binding state active;
  next binding state free;
  hardware ethernet a4:83:e7:00:00:0a;
  uid "\\001\\244\\203";
  client-hostname "Anns-iPhone";
}
lease 192.168.1.12 {
  starts epoch 1795000000; # Thu
  ends never;
  binding state active;
  hardware ethernet a4:83:e7:00:00:0c;
}
"""
KEA_HEAD = (
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,"
    "user_context,pool_id\n"
)
KEA = (
    KEA_HEAD
    + f"192.168.1.10,a4:83:e7:00:00:0a,01:a4,3600,{NOON - 100:.0f},1,0,0,first,0,,0\n"
    + f"192.168.1.11,a4:83:e7:00:00:0b,,3600,{NOON + 500:.0f},1,0,0,gone,2,,0\n"
    + f"192.168.1.12,a4:83:e7:00:00:0c,,3600,{NOON + 500:.0f},1,0,0,removed,0,,0\n"
    + f"192.168.1.10,a4:83:e7:00:00:0a,01:a4,3600,{NOON + 3000:.0f},1,0,0,anns-iphone.lan,0,,0\n"
    + f"192.168.1.12,a4:83:e7:00:00:0c,,0,{NOON + 500:.0f},1,0,0,removed,0,,0\n"
)
KEA_6 = (
    "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,"
    "fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n"
    f"fd00::10,00:03:00:01:a4:83:e7:00:00:0a,3600,{NOON + 3000:.0f},1,1800,0,1,128,0,0,"
    "anns-iphone,,0,,,,0\n"
)


def leases(file: Path, **more: object) -> Leases:
    return Leases(file=file, now=lambda: NOON, **more)  # type: ignore[arg-type]


def known(source: Leases) -> dict[str, tuple[str, str]]:
    return {one.address: (one.mac, one.host) for one in source.seen()}


# --- real servers


@needs_namespaces
@needs("udhcpc")
@pytest.mark.parametrize(
    "server",
    [
        pytest.param(dnsmasq, marks=needs("dnsmasq")),
        pytest.param(isc, marks=needs("dhcpd")),
        pytest.param(kea, marks=needs("kea-dhcp4")),
    ],
)
def test_real_servers_leases_are_known(
    server: Callable, home: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir("/")
    first, second = home.phone(10, address=""), home.phone(11, address="")
    with server(home, tmp_path) as file:
        get_address(first, "anns-iphone", tmp_path)
        get_address(second, "bobs-pixel", tmp_path)
        source = Leases(file=file, lease_seconds=LEASE_SECONDS)
        assert until(lambda: len(source.seen()) == 2)
        assert {(first.mac, "anns-iphone"), (second.mac, "bobs-pixel")} == {
            (one.mac, one.host) for one in source.seen()
        }
        assert all(one.address.startswith(f"{SUBNET}.5") for one in source.seen())
        assert all(one.ago < 60 for one in source.seen())
        mine = next(one.address for one in source.seen() if one.mac == first.mac)
        give_back(first, mine, tmp_path)
        assert until(lambda: {second.mac} == {one.mac for one in source.seen()})


@needs_namespaces
@needs("udhcpc")
@needs("dnsmasq")
def test_a_phone_that_is_known_by_its_name_only_is_found_through_its_lease(
    home: House, tmp_path: Path
):
    phone = home.phone(10, address="")
    with dnsmasq(home, tmp_path) as file:
        get_address(phone, "anns-iphone", tmp_path)
        directory = Directories([Leases(file=file)])
        ann = Device("ann-phone", host="anns-iphone")
        source = Neighbours(
            interface="br0", sweep=False, devices=[ann], directory=directory, rest_seconds=1.0
        )
        assert until(lambda: phone.mac in {one.mac for one in source.seen(again=True)})


# --- files


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            DNSMASQ,
            {
                "192.168.1.10": (ANN, "anns-iphone"),
                "192.168.1.12": ("", ""),
                "192.168.1.13": ("a4:83:e7:00:00:0d", ""),
                "fd00::10": (ANN, "anns-iphone"),
            },
        ),
        (ISC, {"192.168.1.10": (ANN, "anns-iphone"), "192.168.1.12": ("a4:83:e7:00:00:0c", "")}),
        (KEA, {"192.168.1.10": (ANN, "anns-iphone")}),
        (KEA_6, {"fd00::10": (ANN, "anns-iphone")}),
        (KEA_HEAD, {}),
        ("", {}),
    ],
    ids=["dnsmasq", "isc", "kea", "kea 6", "kea without leases", "empty"],
)
def test_the_last_word_about_an_address_holds_until_it_ends(
    text: str, expected: dict[str, tuple[str, str]], tmp_path: Path
):
    file = tmp_path / "leases"
    file.write_text(text)
    assert expected == known(leases(file))


@pytest.mark.parametrize(("text", "ago"), [(DNSMASQ, 600), (ISC, 600), (KEA, 600)])
def test_a_lease_is_as_old_as_its_renewal(text: str, ago: float, tmp_path: Path):
    file = tmp_path / "leases"
    file.write_text(text)
    assert {ago} == {
        one.ago for one in leases(file, lease_seconds=3600).seen() if one.address == "192.168.1.10"
    }


@pytest.mark.parametrize(
    ("text", "written"),
    [(DNSMASQ, 0), (ISC, ISC.rindex("lease")), (KEA, KEA.rindex("192.168.1.12"))],
    ids=["dnsmasq writes all anew", "isc adds a block", "kea adds a line"],
)
def test_a_half_written_file_forgets_nobody(text: str, written: int, tmp_path: Path):
    file = tmp_path / "leases"
    file.write_text(text)
    source = leases(file)
    before = known(source)
    for cut in range(len(text) - 1, written, -7):
        file.write_text(text[:cut])
        assert before["192.168.1.10"] == known(source)["192.168.1.10"]
    file.write_text(text)
    assert before == known(source)


def test_a_new_lease_is_seen_without_a_restart(tmp_path: Path):
    file = tmp_path / "dnsmasq.leases"
    file.write_text("")
    source = leases(file)
    assert not source.seen()
    file.write_text(DNSMASQ)
    assert "192.168.1.10" in known(source)


def test_kea_cleans_up_into_other_files_and_nothing_is_lost(tmp_path: Path):
    """The new file has only what came since; the newest file has the last word."""
    row = "192.168.1.{0},a4:83:e7:00:00:0{1},,3600,{2:.0f},1,0,0,{3},0,,0\n"
    end = NOON + 500
    (tmp_path / "kea.csv.2").write_text(
        KEA_HEAD + row.format(10, "a", end, "old") + row.format(11, "b", end, "b")
    )
    (tmp_path / "kea.csv.1").write_text(KEA_HEAD + row.format(12, "c", end, "c"))
    (tmp_path / "kea.csv").write_text(KEA_HEAD + row.format(10, "a", end, "anns-iphone"))
    assert {"anns-iphone", "b", "c"} == {
        host for _, host in known(leases(tmp_path / "kea.csv")).values()
    }


def test_while_isc_puts_a_new_file_in_place_the_old_one_holds(tmp_path: Path):
    (tmp_path / "dhcpd.leases~").write_text(ISC)
    assert "192.168.1.10" in known(leases(tmp_path / "dhcpd.leases"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [(DNSMASQ, "dnsmasq"), (ISC, "isc"), (KEA, "kea"), (KEA_6, "kea"), ("", None), ("hi\n", None)],
)
def test_whose_file_it_is_shows_in_it(text: str, kind: str | None):
    assert kind == format_of(text)


def test_the_usual_places_are_tried(tmp_path: Path):
    (tmp_path / "dnsmasq-wlan0.leases").write_text(DNSMASQ)
    usual = [str(tmp_path / "none"), str(tmp_path / "dnsmasq-*.leases")]
    assert Leases(usual=usual, now=lambda: NOON).seen()


def test_a_directory_adds_what_it_knows(tmp_path: Path):
    file = tmp_path / "dnsmasq.leases"
    file.write_text(DNSMASQ)
    directory = Directories([leases(file), leases(tmp_path / "none")])
    by_mac = directory.complete(Observation(mac=ANN))
    assert "anns-iphone" == by_mac.host
    assert "anns-iphone" == directory.complete(Observation(address="192.168.1.10")).host
    assert not directory.complete(Observation(mac="a4:83:e7:00:00:99")).host
    assert ["192.168.1.10", "fd00::10"] == directory.addresses(Device("ann-phone", mac=ANN))


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    (tmp_path / "real").write_text("")
    source = leases(tmp_path / "none", usual=[str(tmp_path / "real")])
    with pytest.raises(PresenceTrouble, match=r"none does not exist. There is .*real"):
        source.seen()
    with pytest.raises(PresenceTrouble, match="no file of leases where DHCP servers usually"):
        Leases(usual=[]).seen()


def test_a_file_of_something_else_is_told(tmp_path: Path):
    file = tmp_path / "leases"
    file.write_text("hello\nyou\n")
    with pytest.raises(PresenceTrouble, match="not a file of leases that we know"):
        leases(file).seen()
