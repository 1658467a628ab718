"""Why nobody was told of what is known to be no visitor, on labelled recordings."""

import os
from pathlib import Path

import pytest

from tests.app.answers.living import EVENING, Seen, SmallHouse
from whosthere.cameras.video_file import VideoFile
from whosthere.flow import watch
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.motion import BackgroundMotion

BESIDE = Path(__file__).resolve().parents[4] / "shared" / "footage"
CLIPS = Path(os.environ.get("WHOSTHERE_FOOTAGE", BESIDE)) / "videos" / "public"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CLIPS.is_dir(), reason="no labelled footage here: set WHOSTHERE_FOOTAGE"
    ),
]


@pytest.mark.parametrize(
    ("clip", "second", "with_detector", "gate"),
    [
        ("intel_car.mp4", 7, True, "person"),  # a car comes in, nobody walks
        ("dvrscan_traffic.mp4", 12, True, "person"),
        ("frigate_hall_lights_on.mp4", 7, True, "person"),  # the light goes on, nobody is there
        ("frigate_hall_lights_on.mp4", 100, False, "area"),  # long quiet by then
    ],
)
def test_the_first_failed_gate_is_what_the_label_says(tmp_path, clip, second, with_detector, gate):
    seen = Seen()
    detector = OnnxDetector() if with_detector else None
    watch(VideoFile("front", CLIPS / clip, EVENING), BackgroundMotion(), Looking(detector), seen)
    house = SmallHouse(tmp_path)
    house.hear(seen.sightings)

    reply = house.ask(f"why 22:{second // 60:02d}:{second % 60:02d} front")

    stopped = [line for line in reply.text.splitlines() if line.startswith("✗")]
    assert stopped[0].startswith(f"✗ {gate}: "), reply.text
    assert "nobody was told" in reply.text
    house.close()
