"""When and where a camera's detector looks, and what it then says."""

import logging
import threading

import pytest

from tests.vision.pictures import MAN, empty_street, frame_of, moved, street_with_man
from tests.vision.red import Fails, FindsRed, at, clocks, room
from whosthere.core.sighting import Box, Look, Motion, Scene
from whosthere.vision.detector import Found, OnnxDetector
from whosthere.vision.looking import Looking, one_name_each
from whosthere.vision.model_files import DetectorTrouble
from whosthere.vision.turns import Turns

QUIET = Motion(Scene.STEADY)
MAN_BOX = at(0.5, 0.7)


def motion_of(*boxes: Box, scene: Scene = Scene.STEADY) -> Motion:
    return Motion(scene, area=sum(box.area for box in boxes), boxes=boxes)


def done(looks) -> int:
    return sum(look is Look.DONE for look in looks)


def test_without_a_detector_nobody_looks():
    assert Looking(None)(room(0, MAN_BOX), motion_of(MAN_BOX)) == (Look.NO_DETECTOR, ())


def test_nobody_looks_while_nothing_moves():
    looking = Looking(finder := FindsRed())
    looks = {looking(room(clock, MAN_BOX), QUIET)[0] for clock in clocks(0, 20)}
    assert (looks, finder.shown) == ({Look.NOT_NEEDED}, [])


@pytest.mark.parametrize("per_second", [5.0, 10.0, 30.0])
def test_a_busy_camera_looks_three_times_a_second(per_second):
    looking = Looking(FindsRed())
    walk = [(clock, at(0.2 + 0.03 * clock, 0.7)) for clock in clocks(0, 20, per_second)]
    looks = [looking(room(clock, man), motion_of(man))[0] for clock, man in walk]
    assert 57 <= done(looks) <= 61


def test_two_places_cost_twice_but_the_first_seconds_are_free():
    looking = Looking(finder := FindsRed())
    looks = []
    for clock in clocks(0, 20):
        left, right = at(0.1 + clock / 100, 0.5), at(0.9 - clock / 100, 0.5)
        looks += [looking(room(clock, left, right), motion_of(left, right))[0]]
    assert len(finder.shown) == 2 * done(looks)
    assert 50 <= len(finder.shown) <= 66
    assert done(looks[:5]) == 3


def test_what_moves_is_looked_at_closely_and_found_where_it_is():
    looking = Looking(finder := FindsRed())
    small = at(0.8, 0.4, 0.03, 0.1)
    look, (found,) = looking(room(0, small), motion_of(small))
    assert look is Look.DONE
    assert max(finder.shown[0]) < 200
    assert found.box == pytest.approx(small, abs=0.003)


def test_numbers_are_kept_as_the_ledger_keeps_them():
    looking = Looking(FindsRed(confidence=0.123456789 + 0.5))
    _, (found,) = looking(room(0, MAN_BOX), motion_of(MAN_BOX))
    assert found.confidence == 0.6235
    assert [round(edge, 4) for edge in found.box] == list(found.box)


def test_one_person_in_two_regions_is_one_person():
    looking = Looking(FindsRed())
    _, found = looking(room(0, MAN_BOX), Motion(Scene.LEARNING))
    assert len(found) == 1


def test_one_thing_has_one_name():
    van = Box(0.1, 0.1, 0.5, 0.5)
    rider = Box(0.2, 0.0, 0.4, 0.5)
    found = [Found("car", 0.4, van), Found("truck", 0.6, van), Found("person", 0.5, rider)]
    assert [one.label for one in one_name_each(found)] == ["truck", "person"]


def test_of_many_moving_things_each_is_looked_at_soon():
    things = [at(x, y, 0.02, 0.06) for x in (0.1, 0.5, 0.9) for y in (0.2, 0.9)]
    looking = Looking(FindsRed())
    seen = set()
    for clock in clocks(0, 3):
        _, found = looking(room(clock, *things), motion_of(*things))
        seen |= {min(things, key=lambda it, box=one.box: -it.likeness(box)) for one in found}
    assert seen == set(things)


@pytest.mark.parametrize("scene", [Scene.LEARNING, Scene.LIGHT_CHANGE])
def test_the_whole_frame_is_looked_at_while_motion_cannot_say_where(scene):
    looking = Looking(finder := FindsRed())
    look, (found,) = looking(room(0, MAN_BOX), Motion(scene))
    assert (look, finder.shown) == (Look.DONE, [(360, 360), (360, 360)])
    assert found.box == pytest.approx(MAN_BOX, abs=0.003)


def test_a_shaking_camera_looks_at_a_lower_rate():
    looking = Looking(FindsRed())
    looks = [looking(room(clock), Motion(Scene.SHAKING))[0] for clock in clocks(0, 30)]
    assert 25 <= done(looks) <= 31


def test_where_somebody_moves_without_being_recognised_the_next_looks_differ():
    looking = Looking(finder := FindsRed())
    arm = at(0.5, 0.5, 0.12, 0.2)
    for clock in clocks(0, 2):
        looking(room(clock), motion_of(arm))
    assert len({max(shown) for shown in finder.shown}) == 3


def test_a_tree_gets_fewer_looks_and_a_visitor_before_it_all_of_them():
    looking = Looking(FindsRed())
    tree, visitor = at(0.3, 0.6, 0.2, 0.4), at(0.7, 0.8)
    before = [looking(room(clock), motion_of(tree))[0] for clock in clocks(0, 20)]
    assert 20 <= done(before) <= 30
    both = motion_of(tree, visitor)
    looks = [looking(room(clock, visitor), both)[0] for clock in clocks(20, 22)]
    assert done(looks) >= 5


def walk_in_and_stand(looking: Looking, until: float) -> None:
    for clock in clocks(0, until):
        person = at(0.1 + 0.4 * clock / until, 0.7)
        looking(room(clock, person), motion_of(person))


def test_a_person_who_stands_still_is_looked_at_again_and_again_and_then_given_up():
    looking = Looking(FindsRed())
    walk_in_and_stand(looking, 4.0)
    here = at(0.5, 0.7)
    answers = [(clock, *looking(room(clock, here), QUIET)) for clock in clocks(4.0, 400)]
    looks = [clock for clock, look, _ in answers if look is Look.DONE]
    assert 18 <= sum(clock < 24 for clock in looks) <= 21
    assert 4 <= sum(184 <= clock < 204 for clock in looks) <= 8
    assert 200 < max(looks) < 260
    assert all(found[0].moving for _, look, found in answers if look is Look.DONE)


def test_a_person_who_left_unseen_is_not_looked_for_long():
    looking = Looking(FindsRed())
    walk_in_and_stand(looking, 4.0)
    looks = [looking(room(clock), QUIET)[0] for clock in clocks(4.0, 60)]
    assert 2 <= done(looks) <= 4


def test_a_coat_on_a_hook_never_moves():
    """Not while the camera learns, the light changes, rain falls, or somebody walks past."""
    looking = Looking(FindsRed())
    coat = at(0.5, 0.6)
    said = []
    for clock in clocks(0, 2):
        said += looking(room(clock, coat), Motion(Scene.LEARNING))[1]
    for clock in clocks(2, 6):
        lit = room(clock, coat, light=60 + round(clock * 5) % 2 * 60)
        said += looking(lit, motion_of(at(0.5, 1.0, 1.0, 1.0), scene=Scene.LIGHT_CHANGE))[1]
    for clock in clocks(6, 20):
        drop = at(0.5 + clock % 1 / 10, 0.4 + clock % 3 / 10, 0.01, 0.05)
        said += looking(room(clock, coat), motion_of(drop))[1]
    for clock in clocks(20, 23):
        passing = at(clock % 20 / 3, 0.6, 0.1, 0.4)
        said += looking(room(clock, coat), motion_of(passing))[1]
    for clock in clocks(23, 30):
        said += looking(room(clock, coat), motion_of(at(0.2, 0.6, 0.1, 0.1)))[1]
    assert len(said) > 40
    assert not any(one.moving for one in said)


def test_somebody_who_comes_while_the_light_changes_moves():
    looking = Looking(FindsRed())
    verdicts = []
    for clock in clocks(0, 2):
        frame = room(clock, at(0.2 + 0.2 * clock, 0.7), light=round(60 + 40 * clock))
        verdicts += [one.moving for one in looking(frame, Motion(Scene.LIGHT_CHANGE))[1]]
    assert verdicts[-1]


def test_somebody_at_rest_who_then_moves_a_hand_is_alive():
    looking = Looking(FindsRed())
    sitting, hand = at(0.5, 0.7), at(0.48, 0.6, 0.04, 0.08)
    for clock in clocks(0, 3):
        looking(room(clock, sitting), Motion(Scene.LEARNING))
    verdicts = []
    for place, clock in enumerate(clocks(3, 6)):
        waving = at(0.48, 0.6 + place % 2 / 20, 0.04, 0.08)
        picture = room(clock, sitting).pixels.bgr()
        rows, columns = slice(*rows_of(waving)), slice(*columns_of(waving))
        picture[rows, columns] = (110, 150, 200)
        verdicts += [one.moving for one in looking(frame_of(picture, clock), motion_of(hand))[1]]
    assert verdicts[0] is False
    assert verdicts[-1] is True


def test_masks_hide_and_zones_are_named():
    garden, street = at(0.2, 0.6), at(0.8, 0.6)
    looking = Looking(
        FindsRed(),
        masked=lambda box: box.left > 0.5,
        zones_of=lambda box: frozenset({"garden"}) if box.right < 0.5 else frozenset(),
    )
    _, found = looking(room(0, garden, street), motion_of(garden, street))
    assert [one.zones for one in found] == [frozenset({"garden"})]


@pytest.mark.parametrize("trouble", [DetectorTrouble("The model broke."), MemoryError()])
def test_a_failing_detector_is_told_once_and_tried_again_after_growing_pauses(trouble, caplog):
    looking = Looking(finder := Fails(trouble))
    looks = [looking(room(clock), motion_of(MAN_BOX))[0] for clock in clocks(0, 20)]
    assert set(looks) == {Look.FAILED}
    assert finder.asked == 5  # at 0, 1, 3, 7 and 15 s
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "hall: the detector failed" in caplog.text


def test_a_detector_that_works_again_is_used_again(caplog):
    caplog.set_level(logging.INFO)
    looking = Looking(finder := Fails(DetectorTrouble("The model broke.")))
    for clock in clocks(0, 2):
        looking(room(clock), motion_of(MAN_BOX))
    finder.trouble = None
    looks = [looking(room(clock), motion_of(MAN_BOX))[0] for clock in clocks(2, 10)]
    assert done(looks) > 8
    assert "hall: the detector works again" in caplog.text


def test_a_failing_detector_says_nothing_of_quiet_frames():
    looking = Looking(Fails(DetectorTrouble("The model broke.")))
    looking(room(0), motion_of(MAN_BOX))
    assert looking(room(0.2), QUIET) == (Look.NOT_NEEDED, ())


def test_cameras_take_turns_in_the_order_of_asking():
    turns, order, waiting = Turns(), [], []

    def camera(name: str) -> None:
        with turns.turn():
            order.append(name)

    with turns.turn():
        for name in ("front", "back", "shed"):
            thread = threading.Thread(target=camera, args=(name,))
            thread.start()
            waiting.append(thread)
            assert turns.wait_until_in_line(len(waiting) + 1, seconds=5.0)
        assert order == []
    for thread in waiting:
        thread.join(5.0)
    assert order == ["front", "back", "shed"]


def test_a_turn_ends_when_its_work_fails():
    turns = Turns()
    looking = Looking(Fails(DetectorTrouble("The model broke.")), turns)
    looking(room(0), motion_of(MAN_BOX))
    assert turns.in_line == 0


def test_a_man_in_the_street_is_found_as_he_walks():
    """With the bundled net, on a real picture."""
    looking = Looking(OnnxDetector())
    sure = []
    for clock in clocks(0, 2):
        shift = 0.1 * clock
        man = moved(MAN, shift)
        _, found = looking(frame_of(street_with_man(shift), clock), motion_of(man))
        sure += [one.confidence for one in found if one.moving and one.box.likeness(man) > 0.6]
    assert len(sure) >= 5
    assert sorted(sure)[len(sure) // 2] > 0.5


def test_an_empty_street_stays_empty():
    looking = Looking(OnnxDetector())
    _, found = looking(frame_of(empty_street(), 0.0), motion_of(MAN))
    assert [one for one in found if one.label == "person"] == []


def rows_of(box: Box) -> tuple[int, int]:
    return round(box.top * 360), round(box.bottom * 360)


def columns_of(box: Box) -> tuple[int, int]:
    return round(box.left * 640), round(box.right * 640)
