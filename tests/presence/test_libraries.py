"""Routers by their libraries: the real library asks a server that answers as the real box does."""

from typing import Any

import pytest

pytest.importorskip("fritzconnection", reason="needs the extra fritz")
pytest.importorskip("librouteros", reason="needs the extra mikrotik")

from tests.servers import routers
from tests.servers.fritzbox import FritzServer
from tests.servers.routeros import RouterOs
from tests.servers.routers import ANN, BOB, BOX, CERTIFICATE, PASSWORD, USER
from whosthere.core.errors import BadSettings, PresenceTrouble
from whosthere.core.ports import PresenceSource
from whosthere.core.presence import Observation
from whosthere.presence.matching import tidy
from whosthere.presence.settings import PresenceSettings, make_source

ANN_SEEN = Observation(ANN, "192.168.1.40", "anns-iphone")
WRONG = "wr0ng"


def made(kind: str, password: str = PASSWORD, **about: Any) -> PresenceSource:
    """Make a source by way of the settings."""
    given = {"kind": kind, "host": "127.0.0.1", "user": USER, **about}
    settings = PresenceSettings.model_validate({"sources": [given]}).sources[0]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(f"WHOSTHERE_{kind}_PASSWORD".upper(), password)
        return make_source(settings)


def fritz(server: FritzServer, **about: Any) -> PresenceSource:
    return made("fritz", port=int(server.url.rpartition(":")[2]), **about)


def mikrotik(server: RouterOs, **about: Any) -> PresenceSource:
    return made("mikrotik", port=server.port, **about)


def seen(source: PresenceSource) -> list[Observation]:
    return [tidy(one) for one in source.seen()]


def trouble(source: PresenceSource) -> str:
    with pytest.raises(PresenceTrouble) as caught:
        source.seen()
    return str(caught.value)


# --- FRITZ!Box


def test_a_fritzbox_tells_who_is_active():
    with FritzServer() as server:
        server.devices[1].connected = False
        source = fritz(server)
        found = seen(source)
        seen(source)

    assert [ANN_SEEN, BOX] == [found[0], found[1].mac]
    assert 1 == server.calls.count("GET /tr64desc.xml")


def test_a_fritzbox_with_a_wrong_password_is_not_asked_again_at_once():
    with FritzServer() as server:
        source = fritz(server, password=WRONG)
        told = trouble(source)
        tried = server.wrong_logins
        assert told == trouble(source)

    assert "does not accept user and password" in told
    assert "WHOSTHERE_FRITZ_PASSWORD" in told
    assert WRONG not in told
    assert (1, 1) == (tried, server.wrong_logins)


def test_a_fritzbox_that_permits_no_applications_says_what_to_switch_on():
    with FritzServer(applications=False) as server:
        assert "'Permit access for applications'" in trouble(fritz(server))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (routers.status(500), "cannot be asked"),
        (routers.garbage, "cannot be understood"),
        (routers.cut, "cannot be asked"),
        (routers.cut_at_once, "cannot be asked"),
        (routers.hang, "no answer within 1 s"),
        (routers.login_page, "cannot be understood"),
        (lambda call: call.give("<List></List>", "text/xml"), "nobody on its list is active"),
    ],
)
def test_a_fritzbox_in_trouble_is_no_empty_house(fault: routers.Fault, words: str):
    with FritzServer(fault=fault) as server:
        source = fritz(server, timeout_seconds=1)
        told = trouble(source)
        server.fault = None
        again = seen(source)

    assert words in told
    assert 3 == len(again)


def test_a_fritzbox_list_that_does_not_say_who_is_active_is_no_empty_house():
    with FritzServer(names_activity=False) as server:
        assert "says whether it is active" in trouble(fritz(server))


def test_a_fritzbox_that_is_away_is_told():
    with FritzServer() as server:
        source = fritz(server)

    assert "cannot be asked" in trouble(source)


def test_a_fritzbox_without_a_password_is_told_before_anything_is_asked():
    about = {"kind": "fritz", "user": USER}
    settings = PresenceSettings.model_validate({"sources": [about]}).sources[0]

    with pytest.raises(BadSettings, match=r"has no password\. Set WHOSTHERE_FRITZ_PASSWORD"):
        make_source(settings)


# --- MikroTik


def test_a_mikrotik_tells_who_is_connected_with_names_from_its_leases():
    with RouterOs() as server:
        server.devices[1].connected = False
        found = seen(mikrotik(server))

    assert [ANN_SEEN, BOX] == [found[0], found[1].mac]


def test_incomplete_entries_of_an_arp_table_are_not_there():
    with RouterOs() as server:
        server.devices[0].connected = False
        found = seen(mikrotik(server, table="arp"))

    assert [BOB, BOX] == [one.mac for one in found]


def test_an_empty_arp_table_is_no_empty_house():
    with RouterOs(devices=[]) as server:
        told = trouble(mikrotik(server, table="arp"))
        nobody = seen(mikrotik(server))

    assert "its ARP table is empty" in told
    assert [] == nobody


def test_a_mikrotik_with_a_wrong_password_is_not_asked_again_at_once():
    with RouterOs() as server:
        source = mikrotik(server, password=WRONG)
        told = trouble(source)
        assert told == trouble(source)

    assert "does not let us in (invalid user name or password (6))" in told
    assert WRONG not in told
    assert 1 == server.wrong_logins


def test_the_wrong_table_says_what_to_set():
    with RouterOs() as server:
        assert "Set 'table' as its software" in trouble(mikrotik(server, table="wireless"))


@pytest.mark.parametrize(
    ("fault", "words"),
    [("silent", "no answer within 1 s"), ("cut", "was cut"), ("garbage", "was cut")],
)
def test_a_mikrotik_in_trouble_is_no_empty_house(fault: str, words: str):
    with RouterOs(fault=fault) as server:
        source = mikrotik(server, timeout_seconds=1)
        told = trouble(source)
        server.fault = ""
        again = seen(source)

    assert words in told
    assert 3 == len(again)


def test_a_mikrotik_by_tls():
    with RouterOs(tls=True) as server:
        found = seen(mikrotik(server, tls=True, ca_file=str(CERTIFICATE)))
        told = trouble(mikrotik(server, tls=True))

    assert 3 == len(found)
    assert "Set 'ca_file'" in told
