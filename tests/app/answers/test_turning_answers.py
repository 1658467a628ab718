"""What people ask of a camera that turns, and what they are answered."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.answers.living import SmallHouse
from whosthere.app.answers.answering import Answers
from whosthere.app.pan_tilt_parts import areas_at, make_turners
from whosthere.app.settings import Settings, parse
from whosthere.cameras.video_file import VideoFile
from whosthere.core.errors import BadSettings
from whosthere.core.requests import Role
from whosthere.core.sighting import Box

SETTINGS = """
[cameras.front]
kind = "file"
path = "front.mp4"
[cameras.front.rules]
zones = ["path"]
[cameras.front.motion]
zones = { path = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]] }
[cameras.front.pan_tilt]
kind = "simulated"
speed = 360
settle_seconds = 0
[cameras.front.pan_tilt.presets.gate]
pan = 40
tilt = -10
[cameras.front.pan_tilt.presets.yard]
pan = -40
tilt = 0
masks = [[[0, 0], [1, 0], [1, 0.5], [0, 0.5]]]
zones = { path = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]] }
[cameras.front.pan_tilt.patrol]
presets = ["gate", "yard"]
[cameras.garden]
kind = "file"
path = "garden.mp4"
[cameras.garden.rules]
zones = []
"""
CLIP = Path(__file__).parents[2] / "data" / "opencv_tree_sway.mp4"
LEFT, RIGHT = Box(0.1, 0.2, 0.2, 0.9), Box(0.8, 0.2, 0.9, 0.9)


def settings(text: str = SETTINGS) -> Settings:
    return parse(text, "whosthere.toml")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallHouse]:
    made = SmallHouse(tmp_path)
    turners = make_turners(settings(), lambda: made.keeper.house, {})
    made.answers = Answers(replace(made.answers.parts, turnables=turners.by_name))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rotate 30 -10", "*front* looks at pan 30°, tilt -10°."),
        ("rotate front 30 -10", "*front* looks at pan 30°, tilt -10°."),
        ("rotate gate", "*front* looks at pan 40°, tilt -10° ('gate')."),
        ("rotate to gate", "*front* looks at pan 40°, tilt -10° ('gate')."),
        ("rotate gate front", "*front* looks at pan 40°, tilt -10° ('gate')."),
        ("rotate home", "*front* looks at pan 0°, tilt 0° ('home')."),
        ("rotate -120 0", "Camera 'front': pan -120° is outside of -90..90."),
        ("rotate garden 30 0", "garden cannot be turned. What can is front."),
        ("rotate roof", "I do not understand that."),
        ("rotate roof", "Presets are gate, home, yard."),
        ("rotate gat", "Did you mean `rotate gate`?"),
        ("current_position", "*front* looks at pan 0°, tilt 0°"),
        ("presets", "• `gate`: pan 40°, tilt -10°"),
        ("patrol off", "The patrol of front is *off*"),
        ("patrol on front", "The patrol of front is *on*"),
        ("where do you look?", "*front* looks at pan 0°, tilt 0°"),
    ],
)
def test_what_is_answered(house: SmallHouse, text: str, words: str):
    assert words in house.ask(text).text


def test_a_camera_that_was_turned_shows_what_it_sees_now(house: SmallHouse):
    camera = VideoFile("front", CLIP)
    house.frames.saw(next(iter(camera.frames())))
    reply = house.ask("rotate gate")
    assert "Live: 0.0 s old" in reply.text
    assert (house.folder / reply.file).is_file()


def test_after_a_turn_it_says_where_it_looks(house: SmallHouse):
    house.ask("rotate yard")
    assert "pan -40°, tilt 0° ('yard')" in house.ask("current_position").text
    assert "• `yard`: pan -40°, tilt 0° ← it looks there" in house.ask("presets").text


@pytest.mark.parametrize("text", ["rotate 30 0", "rotate gate", "patrol off"])
@pytest.mark.parametrize("role", [Role.NOBODY, Role.VIEWER, Role.TAGGER])
def test_only_admins_turn_it(house: SmallHouse, text: str, role: Role):
    assert house.ask(text, role).refused
    assert "pan 0°" in house.ask("current_position").text


@pytest.mark.parametrize("text", ["presets", "current_position"])
def test_all_may_ask_where_it_looks(house: SmallHouse, text: str):
    assert not house.ask(text, Role.VIEWER).refused


def test_who_turned_it_is_written_down(house: SmallHouse):
    house.ask("rotate gate", name="Ann")
    house.ask("patrol off", name="Ben")
    log = house.ask("log").text
    assert "Ann (test): turned front to pan 40°, tilt -10° ('gate')" in log
    assert "Ben (test): patrol of front off" in log


def test_a_refused_turn_is_not_written_down_as_done(house: SmallHouse):
    assert house.ask("rotate -120 0").refused
    assert "turned" not in house.ask("log").text


@pytest.mark.parametrize(
    ("place", "left", "right"),
    [("home", {"path"}, set()), ("yard", set(), {"path"}), ("gate", {"path"}, {"path"}),
     ("", {"path"}, {"path"})],
)  # fmt: skip
def test_masks_and_zones_belong_to_where_it_looks(place: str, left: set[str], right: set[str]):
    areas = areas_at(place, settings().cameras["front"], frozenset({"path"}))
    assert (left, right) == (areas.zones_of(LEFT), areas.zones_of(RIGHT))
    assert (place == "yard") == areas.masked(Box(0.1, 0.0, 0.9, 0.4))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "simulated"', 'kind = "crane"', "'kind' must be one of hat, onvif, simulated"),
        ("pan = 40\n", "", "give both 'pan' and 'tilt', or a 'camera_preset'"),
        ("pan = 40\n", "pan = 100\n", "pan 100°, tilt -10° is outside of the limits"),
        ("presets.gate]", "presets.on]", "a preset cannot be called 'on'"),
        ('["gate", "yard"]', '["gate", "roof"]', "there is no preset 'roof'"),
        ("pan = 40\ntilt = -10", 'camera_preset = "1"', "only kind 'onvif' has 'camera_preset'"),
        ("speed = 360", "sped = 360", "Did you mean 'speed'?"),
        ("[1, 0.5], [0, 0.5]]]", "[1, 1], [0, 1]]]", "The masks cover the whole picture"),
        ('presets = ["gate", "yard"]', 'presets = ["gate"]\nbegins = "22:00"', "go together"),
    ],
)
def test_a_mistake_in_the_settings_is_told(old: str, new: str, told: str):
    assert SETTINGS.count(old) == 1
    with pytest.raises(BadSettings) as said:
        settings(SETTINGS.replace(old, new))
    assert told in str(said.value)


def test_a_password_in_the_settings_is_refused():
    text = SETTINGS.replace('kind = "simulated"', 'kind = "onvif"\nhost = "x"\npassword = "secret"')
    with pytest.raises(BadSettings, match="a password does not belong here"):
        settings(text)
