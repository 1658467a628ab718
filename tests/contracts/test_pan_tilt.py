"""What everything does that turns a camera: go there, say where it is, rest, and begin again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import pytest

pytest.importorskip("onvif", reason="needs the extra 'onvif'")

from tests.servers.i2c import I2cBus
from tests.servers.onvif import DEGREES, OnvifCamera
from whosthere.core.pan_tilt import Limits, PanTiltTrouble, Position
from whosthere.core.ports import PanTilt
from whosthere.devices.hat import Hat
from whosthere.devices.onvif import Onvif
from whosthere.devices.pan_tilt_settings import OnvifPanTilt
from whosthere.devices.settings import PAN_TILTS, made_by
from whosthere.devices.simulated_pan_tilt import Simulated

Break: TypeAlias = Callable[[], None]
Working: TypeAlias = AbstractContextManager[tuple[PanTilt, Break]]


def at_once(_: float) -> None:
    """Nobody waits."""


@contextmanager
def simulated(_: Path) -> Iterator[tuple[PanTilt, Break]]:
    yield Simulated(Limits(), 60.0, 0.5, at_once), lambda: None


@contextmanager
def hat(_: Path) -> Iterator[tuple[PanTilt, Break]]:
    bus = I2cBus()

    def open_it() -> I2cBus:
        bus.closed = False
        return bus

    def tear_off() -> None:
        bus.present = False

    yield Hat("front", open_it, at_once), tear_off


@contextmanager
def onvif(folder: Path, space: str | None = DEGREES) -> Iterator[tuple[PanTilt, Break]]:
    (folder / "secret").write_text("s3cret")
    with OnvifCamera(space=space) as camera:
        asked = OnvifPanTilt(
            kind="onvif", host="127.0.0.1", port=camera.port, user="viewer",
            password_file=folder / "secret",
        )  # fmt: skip

        def garble() -> None:
            camera.garbage = True

        yield Onvif("front", asked, at_once), garble


@contextmanager
def onvif_by_time(folder: Path) -> Iterator[tuple[PanTilt, Break]]:
    with onvif(folder, None) as made:
        yield made


KINDS = {"simulated": simulated, "hat": hat, "onvif": onvif, "onvif by time": onvif_by_time}


@pytest.fixture(params=KINDS)
def working(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[PanTilt, Break]]:
    made: Working = KINDS[request.param](tmp_path)
    with made as (driver, break_it):
        yield driver, break_it
        driver.close()


def test_it_looks_where_it_was_sent(working):
    driver, _ = working
    for to in (Position(40, -10), Position(-90, 30), Position(-90, 30), Position(0, 0)):
        driver.turn(to)
        assert driver.position().away(to) < 0.1


def test_it_may_be_asked_before_it_was_ever_turned(working):
    driver, _ = working
    assert driver.position().away(Position(0, 0)) < 0.1


def test_it_turns_again_after_a_rest_and_after_it_was_closed(working):
    driver, _ = working
    driver.turn(Position(20, 0))
    driver.rest()
    driver.turn(Position(-20, 0))
    driver.close()
    driver.turn(Position(10, 10))
    assert driver.position().away(Position(10, 10)) < 0.1


def test_closing_is_done_once_or_twice_or_before_anything_was_opened(working):
    driver, _ = working
    driver.close()
    driver.turn(Position(1, 1))
    driver.close()
    driver.close()


@pytest.mark.parametrize("kind", ["hat", "onvif", "onvif by time"])
def test_what_does_not_work_says_so_with_the_name_of_the_camera(kind: str, tmp_path: Path):
    with KINDS[kind](tmp_path) as (driver, break_it):
        driver.turn(Position(5, 5))
        break_it()
        with pytest.raises(PanTiltTrouble, match="Camera 'front' cannot be turned"):
            driver.turn(Position(10, 10))
        with suppress(PanTiltTrouble):  # a HAT that is gone cannot let its servos go
            driver.close()


def test_each_kind_of_the_settings_is_tried_here():
    assert set(PAN_TILTS) == {kind.split()[0] for kind in KINDS}
    assert all(callable(made_by(place)) for place in PAN_TILTS.values())
