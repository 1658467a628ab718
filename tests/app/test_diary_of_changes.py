"""What people set stands in the log of the program, a short line each."""

import pytest

from tests.core.say import at, house, policy
from whosthere.app.diary import Diary
from whosthere.core.decide import decide
from whosthere.core.messages import SetMode, SetNotifications, SetSwitch, Snooze, Tick
from whosthere.core.modes import Mode
from whosthere.core.people import Switch

ANN = {"by": "Ann", "at": at(0), "origin": "shell"}


@pytest.mark.parametrize(
    ("message", "first", "then"),
    [
        (Snooze(at(60), **ANN), "all cameras are snoozed", "the snooze of all cameras is over"),
        (Snooze(at(60), camera="front", **ANN), "front is snoozed", "front is awake again"),
        (SetNotifications(on=False, until=at(60), **ANN), "notifications off", "notifications on"),
        (
            SetMode(Mode.OFF, camera="front", until=at(60), **ANN),
            "front: mode off: Ann asked",
            "front: mode as the house",
        ),
        (
            SetMode(Mode.OFF, until=at(60), **ANN),
            "mode off: Ann asked",
            "mode away: the time in mode off is over",
        ),
    ],
)
def test_each_change_and_its_end_is_a_line(message, first, then):
    diary, start = Diary(), house()
    tick = Tick(at(60), 60.0)

    changed, _ = decide(start, message, policy())
    ended, _ = decide(changed, tick, policy())

    assert [("house", first)] == [
        (line.where, line.text) for line in diary.lines(start, message, changed)
    ]
    assert [("house", then, at(60))] == [
        (line.where, line.text, line.at) for line in diary.lines(changed, tick, ended)
    ]


def test_switches_too():
    start, message = house(), SetSwitch(Switch.SAVE_IMAGES, on=True, **ANN)
    changed, _ = decide(start, message, policy())

    assert ["save_images on"] == [line.text for line in Diary().lines(start, message, changed)]
