"""What the house is in the middle of is found again as it was."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.storage.making import alert, full_incident, seconds
from whosthere.core.devices import Lasting, LightState, SensorRecord
from whosthere.core.errors import StoreTrouble
from whosthere.core.model import AlertKind, Evidence, Held, Pending
from whosthere.core.modes import ArmedBy, Countdown, Mode, Triggered, Wish
from whosthere.core.standing import Standing
from whosthere.storage.database import MEMORY
from whosthere.storage.sqlite import SqliteStore

INCIDENT = full_incident()
COUNTDOWN = Countdown(
    Mode.AWAY, seconds(0), seconds(60), 160.5, "everybody has left", ArmedBy.PRESENCE,
    "house", "house", ("Ann: phone last seen 17:02 by router",), seconds(900), Mode.OFF,
)  # fmt: skip
PENDING = Pending(
    Held.ENTRY, alert(7), Evidence.PERSON, (INCIDENT,), seconds(0), seconds(30), 130.25,
    alert(8, kind=AlertKind.ENTRY, due=seconds(30)),
)  # fmt: skip
FULL = Standing(
    countdown=COUNTDOWN,
    triggered=Triggered("alert-7", "front", seconds(0), 100.0, seconds(5), 105.0),
    pending={"front": PENDING, "back": replace(PENDING, why=Held.LOOK, told=None)},
    wish=Wish.NOBODY,
    unconfirmed=True,
    schedule_seen=seconds(3),
    notices={"arming": alert(9, kind=AlertKind.ARMING, due=seconds(60))},
    has_people=True,
    devices=Lasting(
        {"hall": SensorRecord(seconds(0), 3)},
        {
            "porch": LightState(
                on=True, by_hand=False, since=seconds(0), due=seconds(60), due_clock=160.0
            )
        },
    ),
    has_sensors=True,
)


@pytest.mark.parametrize(
    "standing",
    [FULL, Standing(), replace(FULL, countdown=replace(COUNTDOWN, due_clock=None, until=None))],
)
def test_it_is_there_after_a_restart(tmp_path: Path, standing: Standing):
    store = SqliteStore(tmp_path / "whosthere.db")
    assert None is store.standing()
    store.remember([INCIDENT, FULL, standing])
    store.close()

    again = SqliteStore(tmp_path / "whosthere.db")
    assert standing == again.standing()
    again.close()


def test_a_spoilt_row_is_told_and_not_guessed():
    store = SqliteStore(MEMORY)
    with store.database.writing() as connection:
        connection.execute("INSERT INTO standing (id, body) VALUES (1, '{}')")

    with pytest.raises(StoreTrouble, match="state of the house"):
        store.standing()
    store.close()
