"""What every presence source does: say who is there and how lately, and raise if it cannot look."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.cameras.threads import start_thread
from tests.presence.networks import House, house, until, why_not
from tests.servers.routers import PASSWORD, USER, TalkRouter
from tests.servers.routers import Device as Client
from whosthere.core.errors import PresenceTrouble
from whosthere.core.ports import PresenceSource
from whosthere.core.presence import Observation
from whosthere.presence.leases import Leases
from whosthere.presence.matching import Device, Matcher
from whosthere.presence.neighbours import Neighbours
from whosthere.presence.pushed import PushedDevice
from whosthere.presence.settings import ADAPTERS, PresenceSettings, make_source

pytest.importorskip("bleak", reason="needs the extra 'bluetooth'")
pytest.importorskip("paho.mqtt.client", reason="needs the extra 'mqtt'")

from tests.presence.bluez import bluez, system_bus
from tests.servers import mosquitto
from whosthere.presence.bluetooth import Bluetooth

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


MAC = "a4:83:e7:00:00:0a"
ANN = Device("ann-phone", mac=MAC, bluetooth="c3:00:00:12:34:56")
TOPIC = "home/ann"
Bring: TypeAlias = Callable[[], object]  # lets Ann's phone come
Working: TypeAlias = AbstractContextManager[tuple[PresenceSource, Bring]]


@contextmanager
def _network() -> Iterator[House]:
    with house() as built, built.inside():
        yield built


@contextmanager
def network_that_works(_: Path) -> Iterator[tuple[PresenceSource, Bring]]:
    with _network() as built:
        source = Neighbours(interface="br0", devices=[ANN], rest_seconds=1, sweep_seconds=1)
        yield source, lambda: built.phone(10)


@contextmanager
def network_that_fails(_: Path) -> Iterator[PresenceSource]:
    with _network():
        yield Neighbours(interface="wlan9")


@contextmanager
def leases_that_work(folder: Path) -> Iterator[tuple[PresenceSource, Bring]]:
    file = folder / "dnsmasq.leases"
    file.touch()
    end = datetime.now(UTC).timestamp() + 3600
    yield Leases(file=file), lambda: file.write_text(f"{end:.0f} {MAC} 192.168.1.10 * *\n")


@contextmanager
def leases_that_fail(folder: Path) -> Iterator[PresenceSource]:
    yield Leases(file=folder / "none")


@contextmanager
def bluetooth_that_works(folder: Path) -> Iterator[tuple[PresenceSource, Bring]]:
    with _bus(folder) as address, bluez(address) as service:
        source = Bluetooth(listen_seconds=0.4)
        yield source, lambda: service.calls.append((ANN.bluetooth.upper(), b""))
        source.close()


@contextmanager
def bluetooth_that_fails(folder: Path) -> Iterator[PresenceSource]:
    with _bus(folder):
        yield Bluetooth()


@contextmanager
def _bus(folder: Path) -> Iterator[str]:
    with system_bus(folder) as address, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


def _from_settings(**about: object) -> PresenceSource:
    return make_source(PresenceSettings.model_validate({"sources": [about]}).sources[0])


@contextmanager
def router_that_works(_: Path) -> Iterator[tuple[PresenceSource, Bring]]:
    with TalkRouter() as router, pytest.MonkeyPatch.context() as environment:
        router.devices = [Client("b8:27:eb:00:00:09", "192.168.1.9", "whosthere")]
        ann = Client(MAC, "192.168.1.10", "anns-iphone")
        yield _router(router.url, environment), lambda: router.devices.append(ann)


@contextmanager
def router_that_fails(_: Path) -> Iterator[PresenceSource]:
    with TalkRouter() as router, pytest.MonkeyPatch.context() as environment:
        address = router.url
        source = _router(address, environment)
    yield source  # and it is switched off


def _router(url: str, environment: pytest.MonkeyPatch) -> PresenceSource:
    environment.setenv("WHOSTHERE_ROUTER_PASSWORD", PASSWORD)
    return _from_settings(kind="router", url=url, router="session-cookie", user=USER)


@contextmanager
def webhook_that_works(_: Path) -> Iterator[tuple[PresenceSource, Bring]]:
    source = PushedDevice("webhook", "ann-phone")
    source.tell(datetime.now(UTC), home=False)
    yield source, lambda: source.tell(datetime.now(UTC), home=True)


@contextmanager
def webhook_that_fails(_: Path) -> Iterator[PresenceSource]:
    yield PushedDevice("webhook", "ann-phone")


@contextmanager
def mqtt_that_works(folder: Path) -> Iterator[tuple[PresenceSource, Bring]]:
    broker = mosquitto.Mosquitto(folder / "broker")
    broker.start()
    broker.say(TOPIC, "not_home", retain=True)
    with pytest.MonkeyPatch.context() as environment:
        source = _mqtt(broker.port, environment)
    thread = start_thread("mqtt", lambda: source.listen(lambda: None))  # type: ignore[attr-defined] # it does
    yield source, lambda: broker.say(TOPIC, "home", retain=True)
    source.stop()  # type: ignore[attr-defined]
    thread.join(10)
    broker.stop()


@contextmanager
def mqtt_that_fails(_: Path) -> Iterator[PresenceSource]:
    with pytest.MonkeyPatch.context() as environment:
        yield _mqtt(mosquitto.free_port(), environment)


def _mqtt(port: int, environment: pytest.MonkeyPatch) -> PresenceSource:
    environment.setenv("WHOSTHERE_MQTT_PASSWORD", mosquitto.PASSWORD)
    return _from_settings(
        kind="mqtt", host="127.0.0.1", port=port, topic=TOPIC, devices=["ann-phone"],
        user=mosquitto.USER,
    )  # fmt: skip


WORKING: dict[str, Callable[[Path], Working]] = {
    "neighbours": network_that_works,
    "leases": leases_that_work,
    "bluetooth": bluetooth_that_works,
    "router": router_that_works,
    "webhook": webhook_that_works,
    "mqtt": mqtt_that_works,
}
FAILING: dict[str, Callable[[Path], AbstractContextManager[PresenceSource]]] = {
    "neighbours": network_that_fails,
    "leases": leases_that_fail,
    "bluetooth": bluetooth_that_fails,
    "router": router_that_fails,
    "webhook": webhook_that_fails,
    "mqtt": mqtt_that_fails,
}
BY_LIBRARIES = {"asus", "fritz", "mikrotik", "tplink"}  # of makers' boxes; tested beside them
NEED = {
    "neighbours": (why_not() is not None, str(why_not())),
    "bluetooth": (shutil.which("dbus-daemon") is None, "needs the program dbus-daemon"),
    "mqtt": (mosquitto.MISSING, "needs Debian's mosquitto"),
}
KINDS = [
    pytest.param(kind, marks=[pytest.mark.skipif(NEED[kind][0], reason=NEED[kind][1])])
    if kind in NEED
    else kind
    for kind in WORKING
]


def seen_of(source: PresenceSource, *, again: bool = False) -> list[Observation]:
    """What a source that works says of Ann's phone."""
    return [match.seen for match in Matcher([ANN]).match(source.seen(again=again))]


def answers(source: PresenceSource) -> bool:
    try:
        source.seen()
    except PresenceTrouble:  # one that is told has heard nothing yet
        return False
    return True


def test_every_source_is_tested_here():
    assert set(ADAPTERS) - BY_LIBRARIES == set(WORKING) == set(FAILING)


@pytest.mark.parametrize("kind", KINDS)
def test_not_there_is_an_answer_and_who_comes_is_seen(kind: str, tmp_path: Path):
    with WORKING[kind](tmp_path) as (source, bring):
        assert until(lambda: answers(source))
        assert [] == seen_of(source)
        bring()
        assert until(lambda: seen_of(source))
        assert all(0 <= one.ago < 4000 for one in seen_of(source))


@pytest.mark.parametrize("kind", KINDS)
def test_the_thorough_look_sees_no_less(kind: str, tmp_path: Path):
    with WORKING[kind](tmp_path) as (source, bring):
        assert until(lambda: answers(source))
        bring()
        assert until(lambda: seen_of(source, again=True))


@pytest.mark.parametrize("kind", KINDS)
def test_who_cannot_look_says_so_each_time_and_what_to_do(kind: str, tmp_path: Path):
    with FAILING[kind](tmp_path) as source:
        for again in (False, True):
            with pytest.raises(PresenceTrouble, match=r"\.$|bluetooth$"):
                source.seen(again=again)
