"""A phone on a real network leaves and comes, and the house arms and disarms by its own rules."""

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from tests.cameras.threads import start_thread
from tests.presence.networks import House as Home
from tests.presence.networks import needs_namespaces, until
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.decide import decide
from whosthere.core.messages import LookAgain, Message, Tick
from whosthere.core.model import House
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.people import Switch
from whosthere.core.policy import Policy
from whosthere.core.presence import Person, SourceRule, Whereabouts
from whosthere.presence.matching import Device, Matcher
from whosthere.presence.neighbours import Neighbours
from whosthere.presence.watch import Watch

pytestmark = [needs_namespaces, pytest.mark.slow]

EVERY, LEAVE, COUNTDOWN = 2.0, 8.0, 2.0  # seconds; the network is ten times as quick as usual
BY_PRESENCE = Controls(switches=frozenset({Switch.AUTO_DETECT}))
ANN = Device("ann-phone", mac="a4:83:e7:00:00:0a")
POLICY = Policy(
    arming=ArmingRules(
        people=(Person("Ann", ("ann-phone",)),),
        sources=(SourceRule("network", LEAVE, EVERY),),
        countdown_seconds=COUNTDOWN,
    )
)


@dataclass
class Living:
    """The house with a watcher of the network; ticks when it is asked for its state."""

    watch: Watch
    heard: "queue.Queue[Message]"
    house: House = field(
        default_factory=lambda: House(
            ArmState(Mode.OFF, datetime.now(UTC), "a test"), controls=BY_PRESENCE
        )
    )
    looked_again: int = 0

    def mode(self) -> Mode:
        self.heard.put(Tick(datetime.now(UTC), time.monotonic()))
        while not self.heard.empty():
            self.house, actions = decide(self.house, self.heard.get(), POLICY)
            again = any(isinstance(action, LookAgain) for action in actions)
            self.looked_again += again
            (self.watch.look_again if again else bool)()
        return self.house.arm_state.mode

    def ann(self) -> Whereabouts:
        self.mode()
        return self.house.presence.people["Ann"].whereabouts


@pytest.fixture
def living(home: Home) -> Iterator[Living]:
    assert home.space
    with _living() as built:
        yield built


@contextmanager
def _living() -> Iterator[Living]:
    heard: queue.Queue[Message] = queue.Queue()
    source = Neighbours(interface="br0", devices=[ANN], rest_seconds=1, sweep_seconds=1)
    watch = Watch("network", source, Matcher([ANN]), heard.put, EVERY)
    thread = start_thread("network", watch.run)  # it is in the namespace of this thread
    yield Living(watch, heard)
    watch.stop()
    thread.join(10)


def test_who_leaves_arms_after_a_last_look_and_who_comes_disarms(home: Home, living: Living):
    phone = home.phone(10)
    assert until(lambda: living.ann() is Whereabouts.HOME)
    phone.leave()
    assert until(lambda: living.mode() is Mode.AWAY)
    assert living.looked_again
    assert "everybody has left" in living.house.arm_state.reason
    phone.come()
    assert until(lambda: living.mode() is Mode.OFF)
    assert "Ann came home" in living.house.arm_state.reason


def test_a_phone_that_sleeps_for_a_while_arms_nothing(home: Home, living: Living):
    phone = home.phone(10)
    assert until(lambda: living.ann() is Whereabouts.HOME)
    for _ in range(2):
        phone.sleep()
        assert not until(lambda: living.mode() is not Mode.OFF, within=LEAVE / 2)
        phone.wake()
        assert not until(lambda: living.mode() is not Mode.OFF, within=LEAVE / 2)
    assert living.ann() is Whereabouts.HOME


def test_a_network_that_is_down_is_no_empty_house(home: Home, living: Living):
    home.phone(10)
    assert until(lambda: living.ann() is Whereabouts.HOME)
    home.run("ip", "link", "set", "br0", "down")
    assert not until(lambda: living.mode() is not Mode.OFF, within=LEAVE + COUNTDOWN + 3)
    assert living.ann() is not Whereabouts.AWAY
