"""Walk tests as people make them: on the terminal with a film, and asked of the running house."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from tests.app.answers.living import SmallHouse, visit
from whosthere.app.answers.answering import Answers
from whosthere.app.demo_film import film
from whosthere.app.onlooker import Onlooker
from whosthere.app.settings import parse
from whosthere.app.walk_test_alone import Alone, Trying
from whosthere.app.walk_test_desk import GOES_ON, MARKER, WalkTests
from whosthere.app.walk_test_picture import surest_of
from whosthere.app.walk_test_tracks import tracks_of
from whosthere.app.walk_test_words import report
from whosthere.cameras.video_file import VideoFile
from whosthere.core.model import WALK_TEST, House
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import Policy
from whosthere.core.requests import Reply, Role
from whosthere.core.sighting import Box
from whosthere.core.walk_grade import Grade, judged
from whosthere.core.walk_test import Spot, Track, Walk
from whosthere.flow import watch
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


START = datetime.fromisoformat("2026-01-01T21:00:00+00:00")
FOOTAGE = Path(
    os.environ.get("WHOSTHERE_FOOTAGE") or Path(__file__).parents[3] / "shared" / "footage"
)


class TriedHouse(SmallHouse):
    """A small house in which walk tests can be asked for."""

    def open(self) -> None:
        super().open()
        settings = parse(
            f"""
            [storage]
            folder = "{self.folder}"
            [cameras.front]
            kind = "file"
            path = "a.mp4"
            [cameras.garden]
            kind = "file"
            path = "b.mp4"
            """,
            "a test",
        )
        parts = self.answers.parts
        self.tests = WalkTests(settings, parts.house, parts.policy, parts.files, parts.tell,
                               parts.now, parts.zone)  # fmt: skip
        self.answers = Answers(replace(parts, walk_test=self.tests.answer))

    def put(self, message) -> None:
        super().put(message)
        self.tests.hear(message)


@pytest.fixture
def house(tmp_path):
    made = TriedHouse(tmp_path)
    yield made
    made.close()


def later(reply: Reply) -> Reply:
    assert reply.later is not None
    return reply.later()


def test_each_walk_is_told_while_it_goes_on_and_a_report_ends_it(house):
    begun = house.ask("walk test front for 1 min")
    assert f"*Walk test of front* {GOES_ON} for 1 min" in begun.text
    assert "Nothing moved yet" in later(begun).text

    for one in visit():
        house.hear_one(one)
    going = later(begun)
    assert f"{GOES_ON}: " in going.text
    assert "person 0.6 s (91 %) · alert 0.6 s" in going.text

    house.wait(30)
    end = later(going)
    assert end.later is None
    assert "✓ *front: good* (1 of 1 walks would be told, after 0.6 s)" in end.text
    picture = cv2.imread(str(house.folder / end.file))
    assert 960 == picture.shape[1]
    assert end == house.ask("walk test show") == later(begun)


def test_its_alert_is_marked_and_takes_no_tag(house):
    house.ask("walk test front for 1 min")
    house.hear(visit())
    (incident,) = house.store.incidents()
    assert WALK_TEST in incident.labels
    assert incident.alert_id is not None
    assert WALK_TEST in house.store.alerts()[0].labels
    refused = house.ask("tag occupied")
    assert (True, "That was a walk test, from which nothing is learnt.") == (
        refused.refused, refused.text,
    )  # fmt: skip
    assert () == tuple(house.store.tags())


def test_it_can_be_ended_before_its_time(house):
    house.ask("walk test front")
    ended = house.ask("walk test stop", name="Ben")
    assert "*Walk test*: ended by Ben" in ended.text
    assert "✗ *front: blind* (it gave no picture)" in ended.text
    assert {} == house.keeper.house.testing


def test_all_cameras_are_tested_where_none_is_named(house):
    begun = house.ask("walk test for 5 min")
    assert "*Walk test of front, garden*" in begun.text
    assert {"front", "garden"} == set(house.keeper.house.testing)


def test_one_at_a_time(house):
    house.ask("walk test front", name="Ann")
    again = house.ask("walk test garden", name="Ben")
    assert again.refused
    assert "by Ann. `walk test stop` ends it." in again.text
    house.wait(181)
    assert not house.ask("walk test garden").refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("walk test for 2 hours", "A walk test takes 10 min at most."),
        ("walk test show", "No walk test goes on."),
        ("walk test stop", "No walk test goes on."),
        ("walk test shed", "There is no camera called shed."),
    ],
)
def test_what_cannot_be(house, text, said):
    assert said in house.ask(text).text


def test_only_admins_may(house):
    refused = house.ask("walk test", role=Role.TAGGER)
    assert refused.refused
    assert "Only admins may ask" in refused.text


def test_a_restart_ends_it_and_says_so(house, caplog):
    house.ask("walk test front")
    house.restart()
    assert {} == house.keeper.house.testing
    assert "the walk test of front was cut off by a restart" in caplog.text
    said = house.ask("walk test show").text
    assert "was cut off by a restart, and is over" in said
    assert GOES_ON not in said
    house.restart()
    assert "No walk test goes on" in house.ask("walk test show").text


def test_nothing_is_left_behind_by_one_that_ended(house):
    begun = house.ask("walk test front for 20 s")
    assert (house.folder / MARKER).exists()
    house.wait(21)
    assert later(begun).later is None
    assert not (house.folder / MARKER).exists()


# --- the path


def test_where_the_person_was_is_known_what_merely_moved_is_left_out():
    box = Box(0, 0, 0.1, 0.1)
    path = [Spot(0.0, box, 0.0), Spot(2.0, box, 0.9), Spot(2.4, box, 0.0), Spot(4.0, box, 0.0)]
    assert [0.0, 2.0, 4.0] == [spot.clock for spot in surest_of(path)]


# --- the command


def test_anybody_can_try_it_with_the_film(tmp_path):
    picture = tmp_path / "path.jpg"
    done = subprocess.run(
        [sys.executable, "-m", "whosthere", "walk-test", "--demo", "--minutes", "0.35",
         "--picture", picture],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert "✓ yard: good (1 of 1 walks would be told" in done.stdout, done.stderr
    assert 0 == done.returncode
    assert np.any(cv2.imread(str(picture)))


MASKED = """
[storage]
folder = "{folder}"
[cameras.yard]
kind = "file"
path = "{film}"
[cameras.yard.pan_tilt]
kind = "simulated"
window = 0.9
presets.home = {{ pan = {home}, tilt = 0 }}
[cameras.yard.pan_tilt.presets.wall]
pan = 0
tilt = 0
masks = [[[0, 0], [1, 0], [1, 0.97], [0, 0.97]]]
[sensors.hall]
kind = "pir"
pin = 17
camera = "yard"
how = "either"
warm_up_seconds = 0
"""


VISIT_SECONDS = 22.0  # of the film, of which the visitor walks in at 12 s


def alone_with(path: Path, folder: Path, home: float = 1.0) -> Alone:
    """A test of a camera that turns, which nobody turns now."""
    return Alone(parse(MASKED.format(folder=folder, film=path, home=home), "a test"), ["yard"])


@pytest.mark.parametrize(
    ("home", "grade"),
    [(90, Grade.BLIND), (0.5, Grade.GOOD)],  # it looks at 0 0: at the wall, or nearly home
)
def test_the_masks_are_those_of_where_the_camera_looks(home, grade, tmp_path, monkeypatch):
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    with film() as path:
        alone = alone_with(path, tmp_path, home)
        alone.start()
        alone.over["yard"].wait(VISIT_SECONDS)
        alone.stop()
    assert grade == alone.tracks.verdicts()["yard"].grade


def test_a_sensor_is_heard_while_the_program_is_not_at_work(tmp_path, monkeypatch):
    pins = MockFactory()
    monkeypatch.setattr(Device, "pin_factory", pins)
    with film() as path:
        alone = alone_with(path, tmp_path)
        alone.start()
        pins.pin(17).drive_high()
        until = time.monotonic() + 10
        while not alone.tracks.all()[0].spoke and time.monotonic() < until:
            time.sleep(0.05)
        alone.stop()
    (track,) = alone.tracks.all()
    assert "hall" in track.spoke
    assert "Motion sensor hall said nothing." not in alone.tracks.verdicts()["yard"].advice


def test_an_unknown_camera_is_told(settings_file):
    done = subprocess.run(
        [sys.executable, "-m", "whosthere", "walk-test", "shed", "--settings", settings_file],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "There is no camera 'shed'. There are front." in done.stderr
    assert 1 == done.returncode


# --- footage


def grade_of(clip: Path) -> tuple[Grade, str]:
    settings = parse(f'[cameras.cam]\nkind = "file"\npath = "{clip}"\n', "a test")
    policy, areas = settings.policy(), settings.cameras["cam"].motion.areas()
    tracks = tracks_of(settings, policy, ["cam"])
    armed = House(ArmState(Mode.AWAY, START, "test"))
    trying = Trying(tracks, policy, frozenset({"cam"}), Onlooker(), armed)
    motion = settings.cameras["cam"].motion.detector(areas)
    watch(VideoFile("cam", clip, START), motion, Looking(OnnxDetector()), trying)
    tracks.end()
    verdicts = tracks.verdicts()
    return verdicts["cam"].grade, report(tracks.all(), verdicts, None)


@pytest.mark.slow
@pytest.mark.skipif(not FOOTAGE.exists(), reason="the footage is not on this machine")
@pytest.mark.parametrize(
    ("clip", "grade", "said"),
    [
        ("frigate_hall_person.mp4", Grade.GOOD, "1 of 1 walks would be told"),
        ("rishi_driveway_walk.mp4", Grade.GOOD, "1 of 1 walks would be told"),
        ("gmdcsa_S4_ADL19.mp4", Grade.GOOD, "1 of 1 walks would be told"),
        ("intelprev_person_bicycle_car_detection.mp4", Grade.FAIR, "The least sure walk"),
        ("intelprev_people_detection.mp4", Grade.POOR, "Who walked was seen for only"),
        ("opencv_tree_sway.mp4", Grade.BLIND, "Something moved"),
    ],
)
def test_clear_visits_are_good_and_those_that_are_hard_to_see_are_not(clip, grade, said):
    found, text = grade_of(FOOTAGE / "videos" / "public" / clip)
    assert grade is found, text
    assert said in text


def test_a_report_fits_on_a_screen():
    box = Box(0.4, 0.4, 0.45, 0.45)
    walk = Walk("", 1, START, 0.0, 4.0, counted=0.4, surest=0.2, path=(Spot(0.0, box, 0.2),))
    walks = tuple(replace(walk, number=number) for number in range(40))
    rules = Policy().default
    tracks = [Track(name, rules, 5.0, frames=9, walks=walks) for name in ("front", "garden")]
    text = report(tracks, {track.camera: judged(track) for track in tracks}, None)
    assert len(text.splitlines()) <= 40
