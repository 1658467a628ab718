"""A camera that turns itself, asked by the real client over real HTTP."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onvif", reason="needs the extra 'onvif'")

from tests.servers.onvif import DEGREES, OnvifCamera
from whosthere.core.pan_tilt import PanTiltTrouble, Position
from whosthere.devices.onvif import Onvif
from whosthere.devices.pan_tilt_settings import OnvifPanTilt

WRONG = "wr0ng"


@contextmanager
def asked(camera: OnvifCamera, tmp_path: Path, **about: Any) -> Iterator[Onvif]:
    secret = tmp_path / "secret"
    secret.write_text(about.pop("password", "s3cret") + "\n")
    settings = OnvifPanTilt(
        kind="onvif", host="127.0.0.1", port=about.pop("port", None) or camera.port, user="viewer",
        password_file=secret, **about,
    )  # fmt: skip
    driver = Onvif("front", settings, lambda _: None)
    try:
        yield driver
    finally:
        driver.close()


def test_it_turns_to_degrees_and_waits_until_it_is_there(tmp_path: Path):
    with OnvifCamera() as camera, asked(camera, tmp_path) as driver:
        driver.turn(Position(45, -9))
        assert (0.5, -0.1) == camera.at
        assert Position(45.0, -9.0) == driver.position()
        assert 4 == camera.asked.count("GetStatus")  # moving, moving, there; and the position


def test_degrees_of_the_camera_itself_are_used(tmp_path: Path):
    with OnvifCamera(space=DEGREES) as camera, asked(camera, tmp_path) as driver:
        driver.turn(Position(45, -9))
        assert (45.0, -9.0) == camera.at


def test_an_inverted_axis_turns_the_other_way(tmp_path: Path):
    with OnvifCamera() as camera, asked(camera, tmp_path, pan_inverted=True) as driver:
        driver.turn(Position(45, 45))
        assert (-0.5, 0.5) == camera.at
        assert Position(45.0, 45.0) == driver.position()


@pytest.mark.parametrize("name", ["Gate", "1"])
def test_it_goes_to_presets_of_its_own(name: str, tmp_path: Path):
    with OnvifCamera() as camera, asked(camera, tmp_path) as driver:
        driver.turn_to_preset(name)
        assert (0.5, -0.25) == camera.at


def test_a_preset_that_it_does_not_have_is_told_with_those_it_has(tmp_path: Path):
    with (
        OnvifCamera() as camera,
        asked(camera, tmp_path) as driver,
        pytest.raises(PanTiltTrouble, match=r"no preset 'Door' of its own. It has Gate, Yard"),
    ):
        driver.turn_to_preset("Door")


def test_without_positions_it_is_turned_for_as_long_as_it_takes(tmp_path: Path):
    with OnvifCamera(space=None) as camera, asked(camera, tmp_path, speed=30) as driver:
        waited: list[float] = []
        driver._wait = waited.append  # noqa: SLF001 - what would pass the time
        driver.turn(Position(60, -30))
        assert (1.0, -0.5) == camera.velocity
        assert [2.0] == waited
        assert "Stop" == camera.asked[-1]
        assert Position(60, -30) == driver.position()


@pytest.mark.parametrize(
    "camera",
    [
        OnvifCamera(says_state=False),
        OnvifCamera(says_position=False),
        OnvifCamera(says_state=False, says_position=False),
    ],
    ids=["no state", "no position", "neither"],
)
def test_a_camera_that_says_little_is_turned_nevertheless(camera: OnvifCamera, tmp_path: Path):
    camera.questions = 0
    with camera, asked(camera, tmp_path) as driver:
        clock = iter(range(1000))
        driver._clock = lambda: float(next(clock))  # noqa: SLF001 - so that no time passes
        driver.turn(Position(45, 0))
        assert (0.5, 0.0) == camera.at
        assert Position(45.0, 0.0) == driver.position()


def test_a_camera_that_stops_on_its_way_is_told(tmp_path: Path):
    with OnvifCamera(stuck_at=(0.2, 0.0)) as camera, asked(camera, tmp_path) as driver:
        clock = iter(range(1000))
        driver._clock = lambda: float(next(clock))  # noqa: SLF001 - so that no time passes
        with pytest.raises(PanTiltTrouble, match="stopped at pan 18°, tilt 0° and not at"):
            driver.turn(Position(45, 0))


def why_not(camera: OnvifCamera, tmp_path: Path, **about: Any) -> str:
    with asked(camera, tmp_path, **about) as driver:
        with pytest.raises(PanTiltTrouble) as told:
            driver.turn(Position(1, 1))
        return str(told.value)


def test_a_wrong_password_is_told_without_it(tmp_path: Path):
    with OnvifCamera() as camera:
        said = why_not(camera, tmp_path, password=WRONG)
    assert "refuses the user or password" in said
    assert "WHOSTHERE_FRONT_PASSWORD" in said
    assert WRONG not in said


def test_a_camera_that_does_not_turn_is_told(tmp_path: Path):
    with OnvifCamera(turns=False) as camera:
        assert "says that it cannot be turned" in why_not(camera, tmp_path)


def test_what_is_no_onvif_is_told(tmp_path: Path):
    with OnvifCamera(garbage=True) as camera:
        assert "not as ONVIF says" in why_not(camera, tmp_path)


def test_a_silent_camera_is_given_up(tmp_path: Path):
    with OnvifCamera(silent=True) as camera:
        assert "not answered within 0.5 s" in why_not(camera, tmp_path, timeout_seconds=0.5)


def test_nobody_there_is_told(tmp_path: Path):
    with OnvifCamera() as camera:
        port = camera.port
    assert "is not there" in why_not(camera, tmp_path, port=port)


def test_after_a_trouble_it_logs_in_anew(tmp_path: Path):
    with OnvifCamera(garbage=True) as camera, asked(camera, tmp_path) as driver:
        with pytest.raises(PanTiltTrouble):
            driver.turn(Position(1, 1))
        camera.garbage = False
        driver.turn(Position(45, 0))
        assert (0.5, 0.0) == camera.at


def test_the_library_leaves_our_logging_alone(tmp_path: Path):
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    with OnvifCamera() as camera, asked(camera, tmp_path) as driver:
        driver.position()
    assert (handlers, level) == (root.handlers, root.level)
