"""Cameras that turn, built from settings as the program builds them."""

from pathlib import Path

import pytest

from whosthere.app.check import parts as parts_to_check
from whosthere.app.health import HealthBoard
from whosthere.app.pan_tilt_parts import make_turners, where_it_looks
from whosthere.app.settings import parse
from whosthere.cameras.video_file import VideoFile
from whosthere.core.model import House
from whosthere.core.modes import ArmState, Mode
from whosthere.core.pan_tilt import PanTiltTrouble, Position, Turnable
from whosthere.core.sighting import Box, Scene, Sighting
from whosthere.flow import watch
from whosthere.vision.looking import Looking
from whosthere.vision.motion import BackgroundMotion

FILM = Path(__file__).parents[1] / "data" / "opencv_tree_sway.mp4"
SETTINGS = parse(
    f"""
    [cameras.front]
    kind = "file"
    path = "{FILM}"
    [cameras.front.pan_tilt]
    kind = "simulated"
    window = 0.4
    settle_seconds = 0
    presets.gate = {{ pan = 90, tilt = 90 }}
    [cameras.garden]
    kind = "file"
    path = "{FILM}"
    """,
    "whosthere.toml",
)


class Seen:
    """An inbox that only listens."""

    def __init__(self) -> None:
        self.sightings: list[Sighting] = []

    def put(self, sighting: Sighting) -> None:
        self.sightings.append(sighting)


@pytest.fixture
def turnables() -> dict[str, Turnable]:
    return {}


@pytest.fixture
def turners(turnables):
    state = ArmState(Mode.AWAY, VideoFile("x", FILM).starts, "test")
    return make_turners(SETTINGS, lambda: House(state), turnables)


def test_only_cameras_with_a_table_of_it_can_be_turned(turners, turnables):
    assert ["front"] == list(turnables)
    assert [("home", "pan 0°, tilt 0°"), ("gate", "pan 90°, tilt 90°")] == turnables[
        "front"
    ].presets
    assert ["front pan/tilt"] == [worker.name for worker in turners.workers(HealthBoard())]


def test_when_the_program_ends_a_turn_ends_on_its_way(turners):
    turner = turners.by_name["front"]
    turner.stopping.set()
    with pytest.raises(PanTiltTrouble, match="the program ends"):
        turner.turn("gate")
    assert Position(0, 0) == turner.driver.position()


def test_a_simulated_one_shows_a_part_of_the_picture(turners):
    whole = VideoFile("front", FILM)
    size = next(iter(whole.frames())).luma.shape
    turners.by_name["front"].driver.turn(Position(90, 90))
    frame = next(iter(turners.shown("front", whole).frames()))
    full = next(iter(whole.frames()))
    height, width = frame.luma.shape
    assert (round(0.4 * size[0]), round(0.4 * size[1])) == (height, width)
    assert (frame.luma == full.luma[:height, -width:]).all()  # the upper right corner
    assert (frame.pixels.bgr().shape[:2]) == (height, width)
    part = frame.pixels.bgr(Box(0.5, 0.0, 1.0, 1.0))
    assert abs(part.shape[1] - width / 2) <= 1


def test_others_are_watched_as_ever(turners):
    made: list[object] = []
    camera = VideoFile("garden", FILM)

    def make(areas):
        made.append(areas)
        return BackgroundMotion(areas=areas), Looking(None)

    see, _ = turners.eyes("garden", SETTINGS.cameras["garden"], make)
    assert isinstance(see, BackgroundMotion)
    assert camera is turners.shown("garden", camera)
    assert 1 == len(made)


def test_a_film_is_watched_through_it_from_one_end_to_the_other(turners):
    turner, seen = turners.by_name["front"], Seen()
    clock = [0.0]
    turner.clock = lambda: clock[0]
    see, look = turners.eyes(
        "front", SETTINGS.cameras["front"],
        lambda areas: (BackgroundMotion(areas=areas), Looking(None)),
    )  # fmt: skip
    camera = turners.shown("front", VideoFile("front", FILM))

    def seeing(frame):
        clock[0] = frame.clock
        return see(frame)

    turner.wait = turner.driver.wait = lambda _: None
    turner.arrive()
    watch(camera, seeing, look, seen)
    assert len(seen.sightings) > 100
    assert Scene.TURNING not in {one.motion.scene for one in seen.sightings}


def test_the_check_asks_each_where_it_looks_and_turns_nothing():
    said = {part.name: part.attempt for part in parts_to_check(SETTINGS, send=False)}
    assert "looks at pan 0°, tilt 0°; it was not turned" == said["pan/tilt front"]()
    assert "pan/tilt garden" not in said


def test_the_check_says_what_is_missing():
    asked = parse(
        f'[cameras.front]\nkind = "file"\npath = "{FILM}"\n'
        '[cameras.front.pan_tilt]\nkind = "hat"\nbus = 31\n',
        "whosthere.toml",
    )
    with pytest.raises(PanTiltTrouble, match="there is no I²C bus 31"):
        where_it_looks("front", asked.cameras["front"].pan_tilt)
