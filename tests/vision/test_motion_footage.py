"""Motion on real film, where labelled footage is at hand."""

from datetime import UTC, datetime

import pytest

from benchmarks.footage import Labelled, labelled
from whosthere.cameras.video_file import VideoFile
from whosthere.core.sighting import Motion, Scene
from whosthere.vision.motion import BackgroundMotion

STARTS = datetime(2026, 1, 1, tzinfo=UTC)
LEAST = 0.002
CLIPS = labelled()
VISITS = [clip for clip in CLIPS if clip.motion]
QUIET = [clip for clip in CLIPS if not clip.motion]
HARD = {  # share of frames that may be occupied although nothing moves
    "frigate_hall_lights_on": 0.05,  # a lamp in the next room lights a part of the picture first
    "frigate_hall_lights_off": 0.05,
    "synth_tree_shadow_clouds": 0.3,  # a tree's shadow comes back with the sun
    "synth_ir_rain_headlights": 0.05,
}

pytestmark = pytest.mark.skipif(not CLIPS, reason="no labelled footage here: set WHOSTHERE_FOOTAGE")


def film(clip: Labelled) -> list[tuple[float, Motion]]:
    camera = VideoFile("front", clip.path, STARTS, frames_per_second=5)
    motion = BackgroundMotion()
    played = [(frame.clock, motion(frame)) for frame in camera.frames()]
    begins = played[0][0]
    return [(clock - begins, seen) for clock, seen in played]


def is_occupied(motion: Motion) -> bool:
    return motion.scene is Scene.STEADY and motion.area >= LEAST


@pytest.mark.slow
@pytest.mark.parametrize("clip", VISITS, ids=lambda clip: clip.name)
def test_every_visit_is_motion(clip: Labelled):
    played = film(clip)
    for since, until in clip.motion:
        during = [is_occupied(seen) for clock, seen in played if since <= clock <= until]
        assert sum(during) / len(during) > 0.35


@pytest.mark.slow
@pytest.mark.parametrize("clip", QUIET, ids=lambda clip: clip.name)
def test_light_noise_and_trees_are_not(clip: Labelled):
    occupied = [is_occupied(seen) for _, seen in film(clip)]
    assert sum(occupied) / len(occupied) <= HARD.get(clip.name, 0.02)
