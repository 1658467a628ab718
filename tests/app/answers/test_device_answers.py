"""What people ask of lights, sirens and motion sensors, on a small house with real drivers."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.app.answers.living import SmallHouse, visit
from whosthere.core.devices import DeviceRules, How, LightRule, SensorRule, SirenRule, When
from whosthere.core.errors import DeviceTrouble
from whosthere.core.messages import Drive, SensorReading
from whosthere.core.people import Switch
from whosthere.core.requests import Role
from whosthere.devices.driver import Driver
from whosthere.devices.simulated_switch import SimulatedSwitch

RULES = DeviceRules(
    sensors={"hall": SensorRule("front", How.BOTH, warm_up_seconds=0.0)},
    lights={
        "porch": LightRule(frozenset({"front"}), when=When.DARK),
        "back-yard": LightRule(),
    },
    sirens={"roof": SirenRule(longest_seconds=90.0)},
)


class Broken(SimulatedSwitch):
    """A plug that is away."""

    def switch(self, *, on: bool, seconds: float | None = None) -> None:
        del on, seconds
        raise DeviceTrouble("http://plug: no answer within 3 s.")


@dataclass
class Home:
    """A small house with lights and a siren."""

    house: SmallHouse
    switches: dict[str, SimulatedSwitch]

    def ask(self, text: str, role: Role = Role.ADMIN) -> str:
        return self.house.ask(text, role).text


@pytest.fixture
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Home]:
    broken = getattr(request, "param", "")
    house = SmallHouse(tmp_path)
    house.keeper.policy = replace(house.keeper.policy, devices=RULES)
    made = ("light porch", "light back-yard", "siren roof")
    switches = {n: Broken(n) if n == broken else SimulatedSwitch(n) for n in made}
    longest = {"siren roof": 90.0}
    drivers = {
        name: Driver(name, one, lambda _: None, longest_seconds=longest.get(name))
        for name, one in switches.items()
    }

    def drive(asked: Drive) -> None:
        drivers[asked.device].drive(on=asked.on, seconds=asked.seconds)

    house.keeper.hands = replace(house.keeper.hands, drive=drive)
    parts = replace(
        house.answers.parts,
        lights={n: drivers[f"light {n}"] for n in ("porch", "back-yard")},
        sirens={"roof": drivers["siren roof"]},
    )
    house.answers = replace(house.answers, parts=parts)
    threads = [threading.Thread(target=one.run) for one in drivers.values()]
    for thread in threads:
        thread.start()
    drivers["siren roof"].wait_done(10)
    yield Home(house, switches)
    for driver in drivers.values():
        driver.stop()
    for thread in threads:
        thread.join(10)
    house.close()


LIGHTS = [
    ("light on porch", "✓ light porch is *on*, by hand"),
    ("turn on the light", "✓ light porch is *on*, by hand\n✓ light back-yard is *on*"),
    ("light_on", "✓ light porch is *on*, by hand\n✓ light back-yard is *on*"),
    ("light off back yard", "✓ light back-yard is *off*"),
    ("light off porch", "✓ light porch is *off*, by hand; motion leaves it so until 23:00 (1 h)"),
    ("light auto porch", "✓ light porch is *off*, by motion (dark)"),
]


@pytest.mark.parametrize(("text", "expected"), LIGHTS)
def test_a_light_is_switched_and_said(text, expected, home):
    assert expected == home.ask(text)


def test_lights_are_really_switched_and_written_down(home):
    home.ask("light on porch")
    assert home.switches["light porch"].on
    assert not home.switches["light back-yard"].on
    assert ["light porch on"] == [one.what for one in home.house.store.audit(5)]


@pytest.mark.parametrize("home", ["light porch"], indirect=True)
def test_a_light_that_fails_is_said(home):
    said = home.ask("light on porch")
    assert "✗ light porch: http://plug: no answer within 3 s. It is tried again." == said


def test_a_light_that_there_is_not_is_not_understood(home):
    assert "light on|off|auto [LIGHT]" in home.ask("light on shed")
    assert "Lights are porch, back-yard." in home.ask("light on shed")


def test_no_siren_sounds_by_a_slip(home):
    for slip in ("siren on", "turn on the siren", "siren on?", "really siren on"):
        home.ask(slip)
    assert [False] == sorted({on for on, _ in home.switches["siren roof"].done})
    asked = home.house.ask("siren on")
    assert asked.refused
    assert "*This makes a siren sound, loudly, for up to 1 min 30 s.*" in asked.text


def test_a_siren_sounds_for_a_repeated_word_until_the_next(home):
    assert "✓ siren roof is *on*\nIt ends after 1 min 30 s" in home.ask("siren on really")
    assert home.switches["siren roof"].on
    assert "✓ siren roof is *off*" == home.ask("stop the siren")
    assert not home.switches["siren roof"].on
    assert ["siren on", "siren off"] == sorted(
        (one.what for one in home.house.store.audit(5)), reverse=True
    )


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TAGGER])
@pytest.mark.parametrize("text", ["siren on really", "light on", "gpio off"])
def test_only_admins_switch(role, text, home):
    assert "Only admins may ask" in home.ask(text, role)


def test_sensors_and_all_others_are_shown(home):
    home.ask("gpio on")
    home.house.put(SensorReading("hall", active=False, at=home.house.now, clock=0.0))
    home.house.wait(5)
    sensor, porch, yard, siren = home.ask("devices").splitlines()
    assert "✓ sensor hall (camera front, both) sees nothing since 22:00:00" == sensor
    assert porch.startswith("✓ light porch")
    assert porch.endswith(", by motion (dark)")
    assert yard.startswith("✓ light back-yard")
    assert "✓ siren roof is *off*" == siren


def test_a_sensor_that_cannot_say_is_no_sensor_that_is_silent(home):
    home.ask("gpio on")
    home.house.put(SensorReading("hall", active=None, at=home.house.now, clock=0.0))
    assert "✗ sensor hall (camera front, both) cannot say: see `health`" in home.ask("devices")


def test_a_sensor_is_believed_once_it_is_warm(home):
    warming = replace(RULES, sensors={"hall": SensorRule("front", warm_up_seconds=60.0)})
    home.house.keeper.policy = replace(home.house.keeper.policy, devices=warming)
    home.ask("gpio on")
    home.house.put(SensorReading("hall", active=False, at=home.house.now, clock=0.0))
    home.house.wait(59)
    assert "but is not believed: warming up" in home.ask("devices")
    home.house.wait(2)
    assert "✓ sensor hall (camera front, either) sees nothing" in home.ask("devices")


def test_sensors_are_turned_on_and_off(home):
    said = home.ask("gpio_off")
    assert "`motion_sensors` is *off*. What hall say is not believed" in said
    assert "• sensor hall (camera front, both) has said nothing yet" in home.ask("gpio_on")
    assert Switch.MOTION_SENSORS in home.house.keeper.house.controls.switches


@pytest.mark.parametrize("text", ["light on", "siren on really", "siren off", "devices"])
def test_a_house_without_any_says_so(text, tmp_path):
    house = SmallHouse(tmp_path)
    assert "configured" in house.ask(text).text
    house.close()


def test_why_names_the_sensor_that_saw_nobody(home):
    home.ask("gpio on")
    home.house.put(SensorReading("hall", active=False, at=home.house.now, clock=0.0))
    home.house.hear(visit())
    said = home.ask("why")
    assert "The motion sensor saw nobody; it must have within 10 s." in said
    assert "People would have been told with a motion sensor that saw somebody" in said
    assert "✗ sensor: silent, needs within 10 s   ← stopped here" in said
