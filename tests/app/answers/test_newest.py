"""The newest frame is at hand for those who ask, and who waits for one gets it."""

import threading
from datetime import UTC, datetime

import numpy as np

from whosthere.app.answers.making import AWAKE_SECONDS, AtHand
from whosthere.app.answers.newest import NewestFrames
from whosthere.core.sighting import Frame, Motion, Scene

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Grey:
    """A picture of one brightness."""

    luma = np.zeros((2, 2), np.uint8)

    def bgr(self, _box: object = None) -> np.ndarray:
        return np.zeros((2, 2, 3), np.uint8)


def frame(clock: float, camera: str = "front") -> Frame:
    return Frame(camera, NOW, clock, Grey())


def test_only_the_newest_is_kept_of_each_camera():
    frames = NewestFrames(clock=lambda: 7.0)
    for one in (frame(1), frame(2), frame(1, "back")):
        frames.saw(one)

    assert 2 == frames.of("front").frame.clock
    assert 0.0 == frames.age("front")
    assert None is frames.age("shed")


def test_who_waits_gets_the_next_one():
    now = [10.0]
    frames = NewestFrames(clock=lambda: now[0])
    frames.saw(frame(1))
    now[0] = 20.0
    later = threading.Timer(0.05, lambda: frames.saw(frame(2)))
    later.start()

    assert 2 == frames.fresh("front", since=20.0, wait_seconds=5.0).frame.clock
    later.join()


def test_who_waits_in_vain_gets_the_old_one():
    frames = NewestFrames(clock=lambda: 10.0)
    frames.saw(frame(1))

    assert 1 == frames.fresh("front", since=20.0, wait_seconds=0.01).frame.clock
    assert None is frames.fresh("back", since=0.0, wait_seconds=0.01)


def test_who_looks_on_is_told_too():
    seen = []
    both = NewestFrames().beside(lambda frame, motion: seen.append((frame.clock, motion.scene)))

    both(frame(3), Motion(Scene.STEADY))

    assert [(3, Scene.STEADY)] == seen


def test_a_camera_that_saves_work_is_woken():
    woken = []
    at_hand = AtHand(wakers={"front": woken.append})

    at_hand.wake("front")
    at_hand.wake("film")

    assert [AWAKE_SECONDS] == woken
