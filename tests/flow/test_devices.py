"""Whole ways: a pin and a film to an alert, an alert to a siren, and devices that are broken."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from gpiozero import Device, OutputDevice
from gpiozero.pins.mock import MockFactory

from tests.servers.plugs import Plug
from tests.vision.scenes import frames, with_person, yard
from whosthere.app.assemble import assemble
from whosthere.app.onlooker import Onlooker
from whosthere.app.program import Program
from whosthere.app.settings import parse
from whosthere.core.decide import decide
from whosthere.core.devices import DeviceRules, LightRule, When
from whosthere.core.messages import Drive, SetMode, Tick
from whosthere.core.model import House
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import Policy
from whosthere.core.sighting import Look, Sighting
from whosthere.vision.motion import BackgroundMotion

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


FILM = Path(__file__).parents[2] / "src" / "whosthere" / "demo" / "visitor.mp4"
PIN = 17


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


@dataclass
class Life:
    """A program at work, and what it told people."""

    program: Program
    told: list[str]
    changed: threading.Condition
    sighted: list[Sighting] = field(default_factory=list)

    def wait_for(self, ready: Callable[[], object], what: str) -> None:
        with self.changed:
            assert self.changed.wait_for(ready, 60), f"no {what}: {self.told}"

    def wait_until_told(self, words: str) -> None:
        self.wait_for(lambda: any(words in one for one in self.told), words)

    def say(self, mode: Mode) -> None:
        self.program.answers.parts.tell(SetMode(mode, "Ann", datetime.now(UTC), "test"))


@contextmanager
def living(folder: Path, more: str) -> Iterator[Life]:
    settings = parse(
        f'[storage]\nfolder = "{folder}"\n[cameras.front]\nkind = "file"\nloop = true\n'
        f'path = "{FILM}"\n{more}',
        "test",
    )
    changed, told = threading.Condition(), list[str]()

    def note(line: object) -> None:
        with changed:
            told.append(str(line))
            changed.notify_all()

    def sighted(_: Sighting) -> None:
        with changed:
            changed.notify_all()

    program = assemble(settings, Onlooker(sighted=sighted, told=note), mode=Mode.AWAY)
    program.start()
    try:
        yield Life(program, told, changed)
    finally:
        program.stop()


def incident_seen(life: Life) -> bool:
    return life.program.house_now.camera("front").incident is not None


# --- sensor and camera


def test_camera_and_sensor_must_agree(tmp_path, pins):
    more = (
        f'[sensors.hall]\nkind = "pir"\npin = {PIN}\ncamera = "front"\nhow = "both"\n'
        "warm_up_seconds = 0\n"
    )
    with living(tmp_path, more) as life:
        life.wait_for(lambda: "hall" in life.program.house_now.devices.sensors, "first word")
        life.wait_for(lambda: incident_seen(life), "incident")
        life.wait_for(lambda: stopped_by(life) == "sensor", "gate")
        assert [] == life.told
        pins.pin(PIN).drive_high()
        life.wait_until_told("Person at front")
        gate = {one.name: one for one in alerted(life)}["sensor"]
        assert (0.0, 10.0, True) == (gate.value, gate.limit, gate.passed)


def stopped_by(life: Life) -> str:
    decision = life.program.house_now.camera("front").decision
    failed = decision.first_failed if decision else None
    return failed.name if failed else ""


def alerted(life: Life):
    (incident, *_) = [
        one for one in life.program.store.incidents(datetime(2026, 1, 1, tzinfo=UTC))
        if one.alert_id
    ]  # fmt: skip
    return incident.decision.gates


# --- sirens


def test_a_siren_sounds_until_it_is_disarmed(tmp_path):
    with Plug("shelly1") as plug:
        more = (
            f'[sirens.roof]\nkind = "http"\ndevice = "shelly1"\nurl = "{plug.address}"\n'
            "after_seconds = 1\n"
        )
        with living(tmp_path, more) as life:
            life.wait_until_told("Person at front")
            assert plug.wait_for(on=True, seconds=30.0)
            assert plug.off_clock is not None  # it would end without us
            life.say(Mode.OFF)
            assert plug.wait_for(on=False)
            said = " ".join(one.what for one in life.program.store.audit(20))
            assert "siren roof on: nobody has answered the alert of front" in said
            assert "siren roof off: the mode is off now" in said
        asked = len(plug.asked)
        with living(tmp_path, more) as life:
            life.wait_for(lambda: len(plug.asked) > asked, "word to the siren")
            assert ["/relay/0?turn=off"] == plug.asked[asked:][:1]


# --- whatever is broken, the alert arrives


BY_HTTP = 'kind = "http"\ndevice = "shelly2"\nurl = "{address}"\n'
BY_MQTT = 'kind = "mqtt"\nhost = "127.0.0.1"\nport = 9\n'
AT_PIN = f'kind = "gpio"\npin = {PIN}\n'
ALWAYS = 'cameras = ["front"]\nby_motion = "always"\n'
HALL = f'[sensors.hall]\n{BY_MQTT}topic = "a"\ncamera = "front"\nhow = "both"\n'
BROKEN = {
    "a light that is silent": (
        f"[lights.porch]\n{BY_HTTP}{ALWAYS}", "light porch", "no answer within 3 s"),
    "a siren that is silent": (
        f"[sirens.roof]\n{BY_HTTP}after_seconds = 1\n", "siren roof", "no answer within 3 s"),
    "a broker that is gone": (
        f'[lights.porch]\n{BY_MQTT}command_topic = "a"\n{ALWAYS}', "light porch",
        "no connection"),
    "a sensor by a broker that is gone": (HALL, "sensor hall", "refuses the connection"),
    "a pin that is in use": (
        f"[lights.porch]\n{AT_PIN}{ALWAYS}", "light porch", "cannot be used"),
    "a diode at a pin that is in use": (f"[led]\npin = {PIN}\n", "led", "cannot be used"),
}  # fmt: skip


@pytest.mark.parametrize(("more", "part", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_device_holds_up_no_alert(more, part, why, tmp_path, pins):
    with Plug("shelly2") as plug, OutputDevice(PIN, pin_factory=pins):
        plug.frozen.set()
        with living(tmp_path, more.replace("{address}", plug.address)) as life:
            life.wait_until_told("Person at front")
            life.wait_for(
                lambda: any(
                    why in one.why and part in one.name
                    for one in life.program.health.parts() if not one.ok
                ),
                "word of the trouble",
            )  # fmt: skip


# --- a light that motion turns on, over frames


def test_a_light_that_goes_on_and_off_is_no_visitor():
    """A yard in the dark with a lamp: somebody comes, it goes on; nobody is there, it goes off.

    No detector judges, so that motion alone would be told.
    """
    rule = LightRule(frozenset({"front"}), when=When.DARK, dark_below=60.0, seconds=15.0)
    policy = Policy(devices=DeviceRules(lights={"porch": rule}))
    lit, found = run_film(policy, visitor=(5.0, 8.0), seconds=60.0)
    assert [True, False] == [on for _, on in lit]
    assert 1 == len(found), "the visitor, and not the lamp"


def test_without_a_visitor_the_lamp_stays_off_and_nothing_is_told():
    rule = LightRule(frozenset({"front"}), when=When.DARK, dark_below=60.0, seconds=15.0)
    policy = Policy(devices=DeviceRules(lights={"porch": rule}))
    assert ([], set()) == run_film(policy, visitor=(999.0, 999.0), seconds=20.0)


def run_film(policy: Policy, visitor: tuple[float, float], seconds: float):
    """Film the yard as the house lights it; each frame shows what was switched before it."""
    dark, bright = 0.3 * yard(), yard()
    motion, now = BackgroundMotion(), [False]
    house = House(ArmState(Mode.AWAY, datetime(2026, 1, 1, tzinfo=UTC), "test"))
    lit, found = list[tuple[float, bool]](), set[str]()

    def draw(clock: float):
        picture = bright if now[0] else dark
        comes, goes = visitor
        inside = comes <= clock <= goes
        return with_person(picture, 0.1 + 0.2 * (clock - comes), shade=0.0) if inside else picture

    for frame in frames(draw, seconds):
        seen = Sighting("front", frame.at, frame.clock, motion(frame), Look.NO_DETECTOR)
        for message in (seen, Tick(frame.at, frame.clock)):
            house, actions = decide(house, message, policy)
            for on in [one.on for one in actions if isinstance(one, Drive)]:
                lit += [(frame.clock, on)] * (on is not now[0])
                now[0] = on
        incident = house.camera("front").incident
        found |= {incident.id} if incident else set()
    return lit, found
