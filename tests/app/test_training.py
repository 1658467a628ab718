"""With `save_images` on, people are asked about quiet pictures: now and then, by day, in turns."""

import pytest

from tests.app.answers.living import VIENNA, SmallHouse
from whosthere.app.training import Training
from whosthere.core.model import AlertKind, News

DAY = 11 * 3600  # seconds until the next morning, 9:00 in Vienna


@pytest.fixture
def house(tmp_path):
    house = SmallHouse(tmp_path)
    house.watch(seconds=3.0)
    house.wait(DAY)
    yield house
    house.close()


@pytest.fixture
def training(house: SmallHouse) -> Training:
    return Training(
        ("front", "garden"), house.store, house.frames, lambda: house.keeper.house, house,
        hours=4.0, zone=VIENNA, now=lambda: house.now,
    )  # fmt: skip


def live(house: SmallHouse, *cameras: str) -> None:
    """Let cameras show something new."""
    frame = house.frames.of("front").frame
    for camera in cameras:
        house.frames.saw(type(frame)(camera, house.now, house.clock, frame.pixels))


def asked(house: SmallHouse) -> list[str]:
    return [
        alert.camera
        for alert in house.store.alerts()
        if (alert.kind, alert.news) == (AlertKind.QUIET, News.FIRST)
    ]


def test_nobody_is_asked_unless_they_want(house, training):
    live(house, "front")
    training.look()

    assert [] == asked(house)
    assert [] == house.store.incidents()


def test_each_camera_is_asked_about_in_turn_and_now_and_then(house, training):
    house.ask("save_images on")
    for _ in range(9):  # hours
        for _ in range(3):
            live(house, "front", "garden")
            training.look()
        house.wait(3600)

    assert ["front", "garden"] * 2 + ["front", "garden"] == asked(house)


def test_nobody_is_asked_at_night_or_about_an_old_picture(house, training):
    house.ask("save_images on")
    training.look()  # nothing new for hours
    house.wait(-2 * 3600)
    live(house, "front")
    training.look()  # at seven

    assert [] == asked(house)


def test_the_answer_is_kept_with_the_picture_and_the_list_of_visits_stays_short(house, training):
    house.ask("save_images on")
    live(house, "front")
    training.look()
    (quiet,) = house.store.incidents()

    assert (house.folder / quiet.picture).read_bytes().startswith(b"\xff\xd8")
    alert = house.store.alerts()[0]
    assert "*unoccupied*, by Ann" in house.ask("unoccupied", alert_id=alert.id).text
    assert "unoccupied" == house.store.tag(quiet.id).answer
    assert "No incidents" in house.ask("incidents").text
    assert "There is no incident yet" in house.ask("why").text
    assert () == house.answers.overview().incidents
