"""What can be switched goes on as it was when the program ended."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from whosthere.app.devices_parts import DeviceParts
from whosthere.core.devices import LightState
from whosthere.devices.driver import Driver
from whosthere.devices.simulated_switch import SimulatedSwitch

NOW = datetime(2026, 1, 1, 21, tzinfo=UTC)
BEFORE, SOON = NOW - timedelta(minutes=1), NOW + timedelta(seconds=40)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (LightState(on=True, by_hand=True, since=BEFORE), [(True, None)]),
        (LightState(on=True, by_hand=False, since=BEFORE, due=SOON, due_clock=1.0), [(True, 70.0)]),
        (LightState(on=True, by_hand=False, since=BEFORE, due=BEFORE, due_clock=1.0), []),
        (LightState(on=False, by_hand=True, since=BEFORE, due=SOON), []),
    ],
)
def test_a_light_is_on_again_after_a_restart(state, expected):
    porch = SimulatedSwitch("light porch")
    driver = Driver("light porch", porch, lambda _: None)
    parts = DeviceParts(lights={"porch": driver})
    parts.go_on({"porch": state, "gone": state}, NOW)
    thread = threading.Thread(target=driver.run)
    thread.start()
    driver.wait_done(10)
    driver.stop()
    thread.join(10)
    assert expected == porch.done
