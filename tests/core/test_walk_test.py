"""A walk test by numbers: what is told of each walk, the grade, the advice, and the marking."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from whosthere.core.decide import decide
from whosthere.core.messages import Notify, SetMode, SetWalkTest, Tick
from whosthere.core.model import WALK_TEST, CameraState, House
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import Box, Detection, Look, Motion, Scene, Sighting
from whosthere.core.walk_grade import Grade, judged
from whosthere.core.walk_test import Track, ended, heard, saw

START = datetime(2026, 1, 1, 21, tzinfo=UTC)
RULES = CameraPolicy(escalate_after=120.0)
POLICY = Policy(default=RULES)
AWAY = House(ArmState(Mode.AWAY, START, "test"))
TALL = Box(0.4, 0.3, 0.5, 0.8)
TINY = Box(0.40, 0.50, 0.42, 0.55)
LOW = Box(0.40, 0.50, 0.44, 0.58)


def sighting(
    clock: float,
    box: Box | None = None,
    person: float = 0.0,
    *,
    scene: Scene = Scene.STEADY,
    zones: tuple[str, ...] = (),
    brightness: float = 120.0,
    noise: float = 1.0,
) -> Sighting:
    boxes = (box,) if box else ()
    area = box.area if box else 0.0
    found = (Detection("person", person, box),) if box and person else ()
    motion = Motion(scene, area, boxes, area, noise, brightness, frozenset(zones))
    look = Look.DONE if box else Look.NOT_NEEDED
    return Sighting("front", START + timedelta(seconds=clock), clock, motion, look, found)


def quiet(begin: float, seconds: float, **how) -> list[Sighting]:
    return [sighting(begin + n / 5, **how) for n in range(round(5 * seconds))]


def walk(begin: float, seconds: float = 4.0, box: Box = TALL, person: float = 0.9, **how) -> list:
    """Somebody who is recognised from 0.6 s on."""
    return [
        sighting(begin + n / 5, box, person if n >= 3 else 0.0, **how)
        for n in range(round(5 * seconds))
    ]


def track_of(*parts: list[Sighting], house: House = AWAY, **about) -> Track:
    track = Track("front", RULES, asked_rate=5.0, **about)
    for one in [one for part in parts for one in part]:
        house, _ = decide(house, one, POLICY)
        track = saw(track, one, house.camera("front"))
    return ended(track)


def test_each_walk_is_told_with_how_fast_each_thing_was_noticed():
    track = track_of(quiet(0, 4), walk(4), quiet(8, 6), walk(14), quiet(18, 4))
    assert [1, 2] == [one.number for one in track.walks]
    first = track.walks[0]
    assert (START + timedelta(seconds=4), 0.4, 0.6, 0.9) == (
        first.at, first.after(first.counted), first.after(first.person), first.surest,
    )  # fmt: skip
    assert first.after(first.alert) == first.after(first.person)
    assert first.stopped_by is None
    assert Grade.GOOD is judged(track).grade


def test_a_walk_that_goes_on_is_told_once_it_counts():
    track = Track("front", RULES, asked_rate=5.0)
    house = AWAY
    for one in [*quiet(0, 2), *walk(2, 1.0)]:
        house, _ = decide(house, one, POLICY)
        track = saw(track, one, house.camera("front"))
    assert () == track.walks
    assert 1 == len(track.all_walks)


def test_a_flicker_is_no_walk():
    track = track_of(quiet(0, 2), [sighting(2, TALL)], quiet(2.2, 4))
    assert ((), 1) == (track.walks, track.flickers)
    assert Grade.BLIND is judged(track).grade
    assert "Something moved once, for up to 0.0 s: too short to count." in judged(track).advice[0]


def test_the_gate_that_would_have_stopped_an_alert_is_named():
    track = track_of(quiet(0, 2), walk(2, person=0.2), quiet(6, 3))
    gate = track.walks[0].stopped_by
    assert gate is not None
    assert ("person", 0.2, 0.4) == (gate.name, gate.value, gate.limit)
    assert Grade.POOR is judged(track).grade


def test_a_house_that_is_off_is_no_fault_of_the_camera():
    off = replace(AWAY, arm_state=ArmState(Mode.OFF, START, "test"))
    track = track_of(quiet(0, 2), walk(2), quiet(6, 3), house=off)
    assert Grade.GOOD is judged(track).grade
    assert "Nobody would be told now: the mode is off." in judged(track).advice


def test_walks_that_are_told_by_half_are_fair_or_poor():
    some = track_of(quiet(0, 2), walk(2), quiet(6, 4), walk(10), quiet(14, 4),
                  walk(18, person=0.1), quiet(22, 4))  # fmt: skip
    assert (Grade.FAIR, "2 of 3 walks would be told, after 0.6 s") == judged(some)[:2]
    few = track_of(quiet(0, 2), walk(2), quiet(6, 4), walk(10, person=0.1), quiet(14, 4))
    assert Grade.POOR is judged(few).grade


@pytest.mark.parametrize(
    ("parts", "about", "said"),
    [
        ([walk(2, box=LOW, person=0.1)], {}, "only 8 % of the picture high"),
        (
            [[sighting(2 + n / 5, TINY) for n in range(9)]],
            {},
            "covered 0.10 % of the picture; least_area is 0.20 %",
        ),
        ([walk(2, 1.2, person=0.1)], {}, "seen for only 1.0 s"),
        ([walk(2, person=0.0)], {}, "Nobody was recognised in some walks"),
        ([walk(2, person=0.44)], {}, "The least sure walk was 44 % sure"),
        ([walk(2, box=Box(0.3, 0.3, 0.6, 0.6))], {}, "People are seen from above"),
        ([quiet(2, 20, brightness=20.0)], {}, "The picture is dark"),
        ([quiet(2, 20, noise=9.0)], {}, "The picture is noisy (8 grey levels)"),
        ([quiet(2, 9, scene=Scene.SHAKING)], {}, "The camera shook for 82 % of the time"),
        ([quiet(2, 9, scene=Scene.LIGHT_CHANGE)], {}, "The light changed for 82 % of the time"),
        ([quiet(2, 9, scene=Scene.LEARNING)], {}, "It still learned what the scene looks like"),
        ([walk(2)], {"zones": frozenset({"path"})}, "Nothing moved in zone path"),
        ([walk(2, zones=("path",))], {"zones": frozenset({"path"})}, "In zone path something"),
        ([walk(2)], {"sensors": frozenset({"pir"})}, "Motion sensor pir said nothing"),
        ([[sighting(60.0)]], {}, "pictures a second were analysed, and 5 are asked for"),
    ],
)
def test_advice(parts, about, said):
    track = track_of(quiet(0, 2), *parts, **about)
    assert said in " ".join(judged(track).advice)


def test_a_good_camera_needs_no_advice():
    track = track_of(quiet(0, 4), walk(4), quiet(8, 6), walk(14), quiet(18, 4))
    assert () == judged(track).advice


def test_a_camera_without_pictures_is_blind():
    verdict = judged(Track("front", RULES, asked_rate=5.0))
    assert (Grade.BLIND, "it gave no picture") == verdict[:2]


def walked(track: Track, *parts: list[Sighting]) -> Track:
    house = AWAY
    for one in [one for part in parts for one in part]:
        house, _ = decide(house, one, POLICY)
        track = saw(track, one, house.camera("front"))
    return track


def with_sensor(*words: tuple[float, bool]) -> Track:
    """A track whose sensor said that it sees something, or nothing any more."""
    track = Track("front", RULES, asked_rate=5.0, sensors=frozenset({"pir"}))
    for clock, active in words:
        track = heard(track, "pir", clock, active=active)
    return track


def test_a_sensor_speaks_within_a_walk():
    track = walked(with_sensor(), quiet(0, 20), walk(20))
    track = heard(heard(track, "pir", 21.0), "pir", 21.5)
    assert {"pir": 21.0} == track.all_walks[0].sensors


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([(15.0, True), (17.0, False)], {"pir": 15.0}),  # seconds before the camera
        ([(2.0, True)], {"pir": 2.0}),  # long ago, and it still sees somebody
        ([(2.0, True), (4.0, False)], {}),
    ],
)
def test_a_sensor_may_see_somebody_before_the_camera_does(words, expected):
    track = walked(with_sensor(*words), quiet(0, 20), walk(20))
    assert expected == track.all_walks[0].sensors


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Motion sensor pir said nothing."),
        (
            [(1.0, True), (2.0, False)],
            "Motion sensor pir saw something only while the camera saw nothing.",
        ),
    ],
)
def test_a_sensor_that_does_not_agree_is_told(words, said):
    track = walked(with_sensor(*words), quiet(0, 20), walk(20), quiet(24, 4), walk(28))
    assert said in judged(track).advice


def test_a_sensor_that_agrees_needs_no_advice():
    track = walked(with_sensor((19.0, True)), quiet(0, 20), walk(20), quiet(24, 4), walk(28))
    assert () == judged(track).advice


def test_a_slow_decision_is_told():
    track = saw(Track("front", RULES, asked_rate=5.0), sighting(0), CameraState(), delay=3.0)
    assert 3.0 == track.slowest
    assert "A decision came up to 3.0 s after its picture" in " ".join(judged(track).advice)


# --- marking


def told(house: House, *messages):
    """What is notified, and the house afterwards."""
    alerts = []
    for message in messages:
        house, actions = decide(house, message, POLICY)
        alerts += [action.alert for action in actions if isinstance(action, Notify)]
    return house, alerts


def begin(seconds: float = 60.0) -> SetWalkTest:
    return SetWalkTest(("front",), START + timedelta(seconds=seconds), "Ann", START)


def tick(clock: float) -> Tick:
    return Tick(START + timedelta(seconds=clock), clock)


def test_alerts_of_a_test_are_marked_and_never_grow_louder():
    house, alerts = told(AWAY, begin(600), *quiet(0, 2), *walk(2), tick(200), tick(400))
    assert [True] == [WALK_TEST in alert.labels for alert in alerts]
    assert () == house.camera("front").unanswered
    assert house.triggered is None


def test_without_a_test_the_same_visit_grows_louder():
    house, alerts = told(AWAY, *quiet(0, 2), *walk(2), tick(200))
    assert [False, False] == [WALK_TEST in alert.labels for alert in alerts]
    assert house.triggered is not None


def test_a_visit_after_the_test_is_an_alert_of_its_own():
    house, alerts = told(
        AWAY, begin(10), *quiet(0, 2), *walk(2), *quiet(6, 4), tick(10.1), *walk(11)
    )
    assert [True, False] == [WALK_TEST in alert.labels for alert in alerts]
    assert 2 == len({alert.id for alert in alerts})
    assert 1 == len(house.camera("front").unanswered)


def test_who_still_walks_when_it_ends_is_a_new_visit():
    _, alerts = told(AWAY, begin(4), *quiet(0, 2), *walk(2, 2.0), tick(4.0), *walk(4.2))
    assert [True, False] == [WALK_TEST in alert.labels for alert in alerts]


def test_a_visit_that_began_before_is_no_test():
    house, alerts = told(AWAY, *quiet(0, 2), *walk(2))
    house, more = told(house, begin(), *walk(6))
    assert [False] == [WALK_TEST in alert.labels for alert in alerts]
    assert [] == more
    assert WALK_TEST not in house.camera("front").incident.labels


def test_it_ends_by_itself_and_by_word():
    house, _ = told(AWAY, begin(10), tick(9.9))
    assert {"front"} == set(house.testing)
    house, _ = told(house, tick(10.0))
    assert {} == house.testing
    house, _ = told(AWAY, begin(10), SetWalkTest(("front",), None, "Ann", START))
    assert {} == house.testing


def test_a_test_says_nothing_of_other_cameras():
    house, _ = told(AWAY, SetWalkTest(("back",), START + timedelta(60), "Ann", START))
    _, alerts = told(house, *quiet(0, 2), *walk(2))
    assert [False] == [WALK_TEST in alert.labels for alert in alerts]


def test_the_mode_may_change_meanwhile():
    off = SetMode(Mode.OFF, "Ann", START)
    house, _ = told(AWAY, begin(), off)
    assert {"front"} == set(house.testing)
