"""Turning over real pictures: no alarm by the move, and soon somebody is found again."""

from itertools import islice, pairwise

import numpy as np
import pytest

from benchmarks.footage import labelled
from benchmarks.moves import (
    LIMITS,
    Rig,
    film,
    moved,
    people_after_moves,
    standing_still,
    to_and_fro,
)
from whosthere.core.pan_tilt import ELSEWHERE, Position, View
from whosthere.core.sighting import Frame, Scene
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.model_files import bundled_model
from whosthere.vision.motion import BackgroundMotion
from whosthere.vision.turning import TurnedEyes

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


VISITOR = next(clip for clip in labelled() if "visitor" in clip.path.name)


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    return film(VISITOR, 30.0)


def test_moves_over_a_real_picture_make_no_incident(frames: list[Frame]):
    """Motion alone, which has nobody to say that there is nobody."""
    score = moved(standing_still(frames[10]), None, 5, seed=1)
    assert 0 == score.incidents
    assert max(score.back) <= 1.0


def test_without_the_muting_they_would(frames: list[Frame]):
    score = moved(standing_still(frames[10]), None, 5, seed=1, muted=False)
    assert score.alerts > 0


@pytest.mark.slow
def test_whoever_walks_there_is_found_after_a_move():
    people = people_after_moves(film(VISITOR, 30.0), OnnxDetector(bundled_model()), 8, seed=3)
    assert people.views > 0
    assert people.by_both >= 0.8 * people.views


def test_while_it_turns_sightings_flow_and_say_so(frames: list[Frame]):
    rig = Rig(standing_still(frames[10]), None)
    rig.advance(2.0)
    rig.turner.turn(Position(LIMITS.most_pan, 0))
    rig.advance(2.0)
    turning = [one.clock for one in rig.saw if one.scene is Scene.TURNING]
    assert len(turning) >= 5
    assert pytest.approx(0.2) == max(b - a for a, b in pairwise(turning))
    assert Scene.STEADY is rig.saw[-1].scene


def test_a_turn_by_others_is_seen_and_no_alarm(frames: list[Frame]):
    """As by the camera's own app: nobody tells us."""
    rig = Rig(standing_still(frames[10]), None)
    rig.advance(3.0)
    rig.turner.driver.turn(Position(LIMITS.least_pan, 0))
    ended = rig.clock
    rig.advance(8.0)
    rig.finish()
    assert [] == [one for one in rig.memory.incidents.values() if one.alerted_at]
    steady = [one.clock for one in rig.saw if one.clock >= ended and one.scene is Scene.STEADY]
    assert steady[0] - ended < 3.0
    assert Scene.TURNING not in {one.scene for one in rig.saw}  # which would say that it was us
    assert Scene.STEADY is rig.saw[-1].scene


@pytest.mark.parametrize("late_frames", [2, 7])
def test_a_stream_that_comes_late_makes_no_alarm(frames: list[Frame], late_frames: int):
    """The pictures show the move when it should be over, or even later than that."""
    rig = Rig(standing_still(frames[10]), None, late_frames=late_frames)
    rig.advance(3.0)
    for pan in (LIMITS.most_pan, LIMITS.least_pan, 0.0):
        rig.turner.turn(Position(pan, 0))
        rig.advance(6.0)
    rig.finish()
    assert [] == [one for one in rig.memory.incidents.values() if one.alerted_at]
    assert Scene.STEADY is rig.saw[-1].scene


def test_each_place_has_eyes_of_its_own(frames: list[Frame]):
    made: list[str] = []

    def eyes_for(place: str) -> tuple[BackgroundMotion, Looking]:
        made.append(place)
        return BackgroundMotion(), Looking(None)

    views = iter(
        [View(turning=False, place="home")] * 3
        + [View(turning=True, place="gate")] * 3
        + [View(turning=False, place="gate")] * 3
        + [View(turning=False, place=ELSEWHERE)] * 2
    )
    eyes = TurnedEyes(lambda _: next(views), eyes_for)
    still = standing_still(frames[10])
    scenes = [eyes.see(frame).scene for frame in islice(still, 11)]
    assert ["home", "gate", ELSEWHERE] == made
    assert [Scene.TURNING] * 3 == scenes[3:6]


def test_what_moves_in_the_film_is_still_seen(frames: list[Frame]):
    """Eyes that may be turned see a visitor as others do while nobody turns them."""
    turned = TurnedEyes(
        lambda _: View(turning=False, place="home"), lambda _: (BackgroundMotion(), Looking(None))
    )
    plain = BackgroundMotion()
    pairs = [(turned.see(frame), plain(frame)) for frame in islice(to_and_fro(frames), 140)]
    assert np.mean([one == other for one, other in pairs]) == 1.0
