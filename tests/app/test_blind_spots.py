"""When nothing was seen is known afterwards: after lost cameras, stops, crashes and power cuts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.conftest import whosthere
from whosthere.app.blind_spots import BlindSpots
from whosthere.core.blind_spots import BlindSpot, in_lines
from whosthere.core.messages import CameraBack, CameraLost, Message, Outage
from whosthere.core.sighting import Motion, Scene, Sighting
from whosthere.storage.outages import Outages
from whosthere.storage.sqlite import SqliteStore

AT = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "whosthere.db")
    yield made
    made.close()


@dataclass
class Run:
    """One run of the program, from `seconds` on."""

    store: SqliteStore
    seconds: float = 0.0
    boot: str = "one"
    put: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spots = BlindSpots(
            Outages(self.store.database),
            ("front", "garden"),
            self.put.append,
            zone=UTC,
            boot=self.boot,
            now=lambda: self.at,
            clock=lambda: self.seconds,
        )
        self.spots.look_back()

    @property
    def at(self) -> datetime:
        return AT + timedelta(seconds=self.seconds)

    def sees(self, *cameras: str) -> None:
        for camera in cameras:
            self.spots.hear(Sighting(camera, self.at, self.seconds, Motion(Scene.STEADY)))
        self.spots.step()

    def later(self, seconds: float) -> None:
        self.seconds += seconds
        self.spots.step()

    def lines(self) -> list[str]:
        return [line for one in self.put if isinstance(one, Outage) for line in one.lines]


@pytest.mark.parametrize(
    ("boot", "stopped", "why"),
    [
        ("two", False, "the machine was off or started anew, as by a power cut"),
        ("one", False, "the program ended without being told to"),
        ("one", True, "the program was stopped"),
    ],
)
def test_after_a_pause_people_are_told_once_the_cameras_are_back(
    store: SqliteStore,
    boot: str,
    stopped: bool,  # noqa: FBT001 - a row of a table
    why: str,
):
    before = Run(store)
    before.sees("front", "garden")
    before.spots.write(stopped=stopped)
    after = Run(store, 45 * 60.0, boot)
    after.sees("front")
    assert [] == after.lines()
    after.seconds += 20
    after.sees("garden")
    expected = f"no pictures from front, garden 02:10 to 02:55, 45 min: {why}"
    assert [expected] == after.lines()
    after.later(600)
    assert [expected] == after.lines()


def test_who_does_not_come_back_is_told_as_going_on(store: SqliteStore):
    Run(store).sees("front", "garden")
    after = Run(store, 600.0)
    after.sees("front")
    after.later(61)
    assert [
        "no pictures from front 02:10 to 02:20, 10 min: the program ended without being told to",
        "no pictures from garden since 02:10, 11 min: the program ended without being told to",
    ] == after.lines()


def test_a_short_pause_as_for_an_update_is_none(store: SqliteStore):
    Run(store).sees("front", "garden")
    after = Run(store, 40.0)
    after.sees("front", "garden")
    assert [] == after.lines()
    assert [] == Outages(store.database).read(AT - timedelta(days=1))


def test_a_lost_camera_is_kept_with_the_moment_of_its_last_picture(store: SqliteStore):
    run = Run(store)
    run.sees("front")
    run.seconds = 10.0
    run.spots.hear(CameraLost("front", "no answer", run.at, 10.0))
    run.spots.step()
    (kept,) = Outages(store.database).read(AT)
    assert BlindSpot("front", AT, None, "no answer") == kept
    run.seconds = 70.0
    run.spots.hear(CameraBack("front", run.at, 70.0))
    run.spots.step()
    (kept,) = Outages(store.database).read(AT)
    assert BlindSpot("front", AT, AT + timedelta(seconds=70), "no answer") == kept
    assert [] == run.lines()  # the camera's own alerts tell it


def test_a_camera_that_is_lost_over_a_restart_is_one_blind_spot(store: SqliteStore):
    run = Run(store)
    run.sees("front", "garden")
    run.spots.hear(CameraLost("front", "no answer", run.at, 0.0))
    run.later(31)
    after = Run(store, 300.0)
    after.sees("front", "garden")
    spots = Outages(store.database).read(AT)
    assert ["front", "garden"] == [one.camera for one in spots]
    assert AT + timedelta(seconds=300) == spots[0].until


def test_what_is_told_together_has_one_reason():
    spots = [
        BlindSpot("a", AT, AT + timedelta(minutes=5), "power"),
        BlindSpot("b", AT + timedelta(seconds=30), AT + timedelta(minutes=5), "power"),
        BlindSpot("c", AT, AT + timedelta(minutes=5), "cable"),
    ]
    assert [
        "no pictures from a, b 02:10 to 02:15, 5 min: power",
        "no pictures from c 02:10 to 02:15, 5 min: cable",
    ] == in_lines(spots, AT, lambda moment: f"{moment:%H:%M}")


def test_the_command_lists_them(settings_file: Path, tmp_path: Path):
    (tmp_path / "data").mkdir(exist_ok=True)
    store = SqliteStore(tmp_path / "data" / "whosthere.db")
    now = datetime.now(UTC)
    spot = BlindSpot("front", now - timedelta(hours=2), now - timedelta(hours=1), "no answer")
    Outages(store.database).keep([spot])
    store.close()
    listed = whosthere("blind-spots", "--settings", settings_file)
    assert ["front", "1 h", "no answer"] == [
        word for word in ("front", "1 h", "no answer") if word in listed.stdout
    ]
    as_json = whosthere("blind-spots", "--since", "1d", "--json", "--settings", settings_file)
    assert '"seconds": 3600' in as_json.stdout


def test_whoever_lists_incidents_reads_when_nobody_could_see(settings_file: Path, tmp_path: Path):
    (tmp_path / "data").mkdir(exist_ok=True)
    store = SqliteStore(tmp_path / "data" / "whosthere.db")
    now = datetime.now(UTC)
    ended = BlindSpot("front", now - timedelta(hours=3), now - timedelta(hours=2), "no answer")
    lasting = BlindSpot("back", now - timedelta(hours=1), None)
    Outages(store.database).keep([ended, lasting])
    store.close()
    listed = whosthere("incidents", "--settings", settings_file).stdout.splitlines()
    front = whosthere("incidents", "--camera", "front", "--settings", settings_file).stdout
    as_json = whosthere("incidents", "--json", "--settings", settings_file).stdout
    assert "No incidents in the last day." == listed[0]
    assert listed[1].startswith("No pictures from front ")
    assert listed[1].endswith("1 h: no answer.")
    assert listed[2].startswith("No pictures from back since ")
    assert "back" not in front
    assert "" == as_json
