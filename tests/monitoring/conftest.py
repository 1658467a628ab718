"""A house in trouble of many kinds, so that every measure has a value."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.app.answers.living import CAMERAS, EVENING, SmallHouse, visit
from whosthere.app.health import CameraWatch
from whosthere.app.metrics_parts import Measures
from whosthere.app.settings import parse
from whosthere.app.vitals import Vitals
from whosthere.app.workers import QueueInbox
from whosthere.core.messages import CameraLost, Tick
from whosthere.core.model import Alert, AlertKind, Evidence, Incident, News
from whosthere.core.ports import Delivery
from whosthere.devices.board import FIRMWARE, Board
from whosthere.monitoring.tally import Tally

SETTINGS = """
[storage]
folder = "{folder}"
[cameras.front]
kind = "file"
path = "film.mp4"
[cameras.garden]
kind = "file"
path = "film.mp4"
"""


def alert(kind: AlertKind = AlertKind.PERSON, news: News = News.FIRST) -> Alert:
    return Alert("a1", 1, news, kind, "front", EVENING)


def incident(evidence: Evidence | None, name: str = "i1", *, ended: bool = True) -> Incident:
    end = EVENING if ended else None
    return Incident(
        name, "front", EVENING, EVENING, 0.0, EVENING, 0.0, evidence=evidence, ended=end
    )


def delivery(of: Alert, number: int = 1) -> Delivery:
    return Delivery(number, "test", of, f"key{number}", 0, EVENING)


@dataclass
class Home:
    """The house, its tally and its vitals; time is what the test says."""

    house: SmallHouse
    vitals: Vitals
    measures: Measures

    @property
    def tally(self) -> Tally:
        return self.vitals.tally


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    house = SmallHouse(tmp_path)
    tally = Tally(CAMERAS, ("test",), lambda: house.clock, lambda: house.now)
    watch = CameraWatch(10.0)
    vitals = Vitals(
        house.answers.parts, QueueInbox(), watch, tally, lambda: house.clock, began=house.clock
    )
    yield Home(house, vitals, Measures(vitals, parse(SETTINGS.format(folder=tmp_path), "test")))
    house.close()


@pytest.fixture
def eventful(home: Home) -> Home:
    """After a visit that was told late, with a camera that is away and a Slack that is down."""
    house, tally = home.house, home.tally
    see = tally.beside(lambda _: None)
    for sighting in visit():
        see(sighting)
    tally.remembered([incident(Evidence.PERSON), alert()])
    house.put(CameraLost("garden", "no new picture for 12 s", EVENING, 0.0))
    house.clock = 2.5
    tally.sent(delivery(alert()))
    machine = house.folder / "machine"
    bits = machine / FIRMWARE
    bits.parent.mkdir(parents=True)
    bits.write_text("50005")  # too little power, and held back; both were before too
    home.vitals.held_back = Board(machine).throttling
    house.store.remember([alert()])
    house.health.noted("messenger test", "Slack does not answer for 7 s: token=abc")
    house.clock = 700.0
    house.put(Tick(house.now, house.clock))
    home.vitals.heard(Tick(house.now, house.clock))
    return home
