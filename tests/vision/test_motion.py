"""What counts as motion, and what does not."""

import itertools

import cv2
import numpy as np
import pytest

from tests.vision.scenes import Grey, frames, seen, with_person, yard
from whosthere.core.sighting import Box, Frame, Motion, Scene, rounded_share
from whosthere.vision.masks import Areas
from whosthere.vision.motion import BackgroundMotion

LEAST = 0.002  # the share of the picture from which a frame counts as occupied
YARD = yard()


def occupied(motion: Motion) -> bool:
    return motion.scene is Scene.STEADY and motion.area >= LEAST


def share(film: list[tuple[float, Motion]], since: float, until: float) -> float:
    """The share of the frames between two times that are occupied."""
    return float(np.mean([occupied(motion) for clock, motion in film if since <= clock < until]))


def walking(clock: float, begins: float = 3.0, speed: float = 0.12) -> np.ndarray:
    """Somebody comes in from the left and goes through the yard."""
    across = speed * (clock - begins)
    return with_person(YARD, across) if clock >= begins else YARD


def test_an_empty_yard_is_quiet():
    film = seen(lambda _: YARD, 10)
    assert [motion.area for _, motion in film] == [0.0] * len(film)
    assert {motion.boxes for _, motion in film} == {()}


@pytest.mark.parametrize("per_second", [1, 2.5, 5, 10, 30])
def test_somebody_who_walks_by_is_seen_at_any_frame_rate(per_second: float):
    film = seen(walking, 9, per_second=per_second)
    assert share(film, 1, 3) == 0.0
    assert share(film, 4, 9) > 0.9


def test_boxes_hold_what_moves():
    film = dict(seen(walking, 8))
    box = film[7.0].boxes[0]
    person = Box(0.41, 0.45, 0.55, 0.85)
    assert box.likeness(person) > 0.6
    assert film[7.0].area == pytest.approx(0.03, abs=0.015)


def test_somebody_who_is_there_from_the_first_frame_is_seen_within_a_second():
    film = seen(lambda clock: with_person(YARD, 0.3 + 0.1 * clock), 1.8)
    assert share(film, 0.5, 1.8) == 1.0


def test_a_person_far_away_is_seen():
    film = seen(lambda clock: with_person(YARD, 0.2 + 0.03 * clock, size=0.12), 6)
    assert all(motion.boxes for clock, motion in film if clock > 2)


def test_who_stands_still_is_seen_for_half_a_minute():
    def stops(clock: float) -> np.ndarray:
        sways = 0.004 * np.sin(1.7 * clock)
        return with_person(YARD, min(0.12 * clock - 0.3, 0.5) + sways) if clock > 2 else YARD

    assert share(seen(stops, 32), 4, 32) > 0.95


def test_a_chair_that_was_moved_becomes_part_of_the_background():
    def moved(clock: float) -> np.ndarray:
        room = YARD.copy()
        cv2.rectangle(room, (200, 230), (260, 320), 30, -1)
        if clock > 4:
            room = YARD.copy()
            cv2.rectangle(room, (340, 230), (400, 320), 30, -1)
        return room

    film = seen(moved, 45)
    assert share(film, 40, 45) == 0.0


def test_who_leaves_after_the_first_frames_leaves_no_ghost_for_long():
    film = seen(lambda clock: with_person(YARD, 0.5 + max(0, clock - 1) * 0.25), 12)
    assert share(film, 1.4, 2.5) == 1.0
    assert share(film, 8, 12) == 0.0


@pytest.mark.parametrize("gain", [0.35, 0.6, 1.4])
def test_a_lamp_is_a_light_change_and_soon_forgotten(gain: float):
    film = seen(lambda clock: YARD * (gain if clock > 5 else 1), 12)
    assert share(film, 0, 12) == 0.0
    assert film[26][1].scene is Scene.LIGHT_CHANGE
    assert film[40][1].scene is Scene.STEADY


def test_a_lamp_at_one_side_is_not_motion():
    slope = np.linspace(1.9, 1.0, YARD.shape[1], dtype=np.float32)
    film = seen(lambda clock: YARD * (slope if clock > 5 else 1), 12)
    assert share(film, 0, 12) == 0.0


def test_who_walks_while_a_lamp_goes_on_is_seen():
    def lamp(clock: float) -> np.ndarray:
        return walking(clock) * (1.5 if clock > 6 else 1)

    film = seen(lamp, 10)
    hit = [bool(motion.boxes) for clock, motion in film if 6 < clock < 10]
    assert np.mean(hit) > 0.9
    assert share(film, 7.5, 10) > 0.9


def test_a_white_out_is_no_motion():
    def infrared(clock: float) -> np.ndarray:
        return np.full_like(YARD, 255) if 5 < clock < 6 else YARD * (0.7 if clock >= 6 else 1)

    film = seen(infrared, 12)
    assert share(film, 0, 12) == 0.0
    assert film[27][1].scene is Scene.LIGHT_CHANGE


def test_slow_dusk_is_no_motion():
    film = seen(lambda clock: YARD * (1 - 0.02 * clock), 40, noise=3)
    assert share(film, 0, 40) == 0.0


def test_who_walks_at_dusk_is_seen():
    film = seen(lambda clock: walking(clock, begins=25) * (1 - 0.02 * clock), 32)
    assert share(film, 26.5, 32) > 0.9


@pytest.mark.parametrize("noise", [4, 12])
def test_noise_is_no_motion(noise: float):
    assert share(seen(lambda _: YARD * 0.4, 12, noise=noise), 0, 12) == 0.0


def test_who_walks_in_a_dark_noisy_night_is_seen():
    film = seen(lambda clock: walking(clock) * 0.4, 9, noise=6)
    assert share(film, 4, 9) > 0.8


def flicker(clock: float) -> np.ndarray:
    rows = np.arange(YARD.shape[0], dtype=np.float32)[:, None]
    return 1 + 0.1 * np.sin(rows / 60 + 17 * clock)


def test_mains_flicker_is_no_motion_and_hides_nobody():
    assert share(seen(lambda clock: YARD * flicker(clock), 20), 0, 20) < 0.05
    film = seen(lambda clock: walking(clock, begins=14) * flicker(clock), 20)
    assert share(film, 15.5, 20) > 0.7


def shaken(picture: np.ndarray, clock: float, pixels: float = 7) -> np.ndarray:
    right, down = pixels * np.sin(5.1 * clock), pixels / 2 * np.sin(7.3 * clock)
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size = picture.shape[1], picture.shape[0]
    return cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REFLECT)


@pytest.mark.parametrize("pixels", [2, 7, 15, 30])
def test_a_shaking_camera_is_no_motion(pixels: float):
    film = seen(lambda clock: shaken(YARD, clock, pixels) if clock > 4 else YARD, 12)
    assert share(film, 0, 12) < 0.1


def test_a_knock_is_recognised():
    film = seen(lambda clock: shaken(YARD, clock, 30) if 4 < clock < 5 else YARD, 8)
    assert Scene.SHAKING in {motion.scene for clock, motion in film if 4 < clock < 5}
    assert {motion.scene for clock, motion in film if clock > 6} == {Scene.STEADY}


def test_who_walks_before_a_shaking_camera_is_seen():
    film = seen(lambda clock: shaken(walking(clock), clock), 9)
    hit = [bool(motion.boxes) for clock, motion in film if clock > 4.5]
    assert np.mean(hit) > 0.8


def test_a_camera_that_was_turned_a_little_is_steady_again():
    matrix = np.array([[1, 0, 9], [0, 1, 5]], np.float32)
    turned = cv2.warpAffine(YARD, matrix, YARD.shape[::-1], borderMode=cv2.BORDER_REFLECT)
    film = seen(lambda clock: turned if clock > 4 else YARD, 20)
    assert {motion.scene for clock, motion in film if clock > 12} == {Scene.STEADY}
    assert share(film, 12, 20) == 0.0


def swaying(clock: float) -> np.ndarray:
    """Leaves before the sky, moving to and fro in the wind."""
    drawn = YARD.copy()
    rng = np.random.default_rng(3)
    for _ in range(160):
        x, y = rng.integers(380, 600), rng.integers(20, 200)
        phase, size = rng.uniform(0, 6), rng.integers(4, 9)
        right = 4 * np.sin(2.1 * clock + phase / 3)
        cv2.circle(drawn, (round(x + right), int(y)), int(size), float(rng.integers(30, 150)), -1)
    return drawn


def test_a_tree_in_the_wind_falls_silent_and_hides_nobody():
    film = seen(swaying, 25)
    assert share(film, 10, 25) < 0.1
    film = seen(lambda clock: with_person(swaying(clock), 0.12 * (clock - 14)), 21)
    assert share(film, 16, 21) > 0.8


def test_rain_is_no_motion():
    def raining(clock: float) -> np.ndarray:
        drawn = YARD * 0.5
        rng = np.random.default_rng(int(clock * 1000))
        for x, y in zip(rng.integers(0, 640, 8), rng.integers(0, 330, 8), strict=True):
            cv2.line(drawn, (int(x), int(y)), (int(x) + 4, int(y) + 34), 170, 4)
        return drawn

    assert share(seen(raining, 15), 0, 15) < 0.1


def test_a_gap_of_seconds_is_bridged():
    detector = BackgroundMotion()
    film = list(frames(walking, 12))
    kept = [detector(frame) for frame in (*film[:20], *film[45:])]
    assert [bool(motion.boxes) for motion in kept[21:24]] == [True] * 3


def test_a_picture_of_another_size_begins_anew():
    detector = BackgroundMotion()
    small = cv2.resize(YARD, (352, 288))
    list(map(detector, frames(lambda _: YARD, 2)))
    again = [detector(frame) for frame in frames(lambda _: small, 2, starts=2)]
    assert again[0].scene is Scene.LEARNING
    assert again[-1].scene is Scene.STEADY
    assert all(motion.area == 0 for motion in again)


@pytest.mark.parametrize(
    ("height", "width"), [(100, 178), (1080, 608), (2160, 3840), (37, 53), (481, 641)]
)
def test_pictures_of_any_size_work(height: int, width: int):
    empty = yard(height, width)
    film = seen(lambda clock: with_person(empty, 0.1 + 0.1 * clock), 4)
    assert all(motion.boxes for clock, motion in film if clock > 1)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3, 900)])
def test_absurd_pictures_break_nothing(size: tuple[int, int]):
    film = seen(lambda clock: np.full(size, 100 + 20 * (clock > 1), np.float32), 3)
    assert len(film) == 15


def test_what_is_masked_is_not_watched():
    areas = Areas(masks=[[(0, 0.3), (1, 0.3), (1, 1), (0, 1)]])
    film = seen(walking, 8, motion=BackgroundMotion(areas=areas))
    assert {motion.boxes for _, motion in film} == {()}


def test_the_area_is_a_share_of_what_is_watched():
    half = Areas(masks=[[(0, 0), (1, 0), (1, 0.4), (0, 0.4)]])
    whole = dict(seen(walking, 7))[6.0].area
    assert dict(seen(walking, 7, motion=BackgroundMotion(areas=half)))[6.0].area == pytest.approx(
        whole / 0.6, rel=0.1
    )


def test_zones_say_where_it_moves():
    areas = Areas(
        zones={
            "path": [(0, 0.6), (1, 0.6), (1, 1), (0, 1)],
            "windows": [(0.8, 0), (1, 0), (1, 0.4), (0.8, 0.4)],
        }
    )
    film = seen(walking, 7, motion=BackgroundMotion(areas=areas))
    assert {motion.zones for clock, motion in film if clock > 4} == {frozenset({"path"})}
    assert film[5][1].zones == frozenset()


def test_numbers_are_rounded_as_the_ledger_keeps_them():
    for _, motion in seen(walking, 6):
        numbers = (motion.area, motion.changed, *itertools.chain(*motion.boxes))
        assert numbers == tuple(rounded_share(number) for number in numbers)
        assert motion.noise == round(motion.noise, 2)
        assert motion.brightness == round(motion.brightness, 1)


def test_brightness_comes_in_steps():
    told = [motion.brightness for clock, motion in seen(walking, 6) if clock > 1]
    steps = {abs(b - a) for a, b in itertools.pairwise(told) if a != b}
    assert len(set(told)) < len(told) / 4
    assert all(step >= 1.9 for step in steps)  # two grey levels, and rounded


def test_the_same_film_gives_the_same_numbers():
    assert seen(walking, 6) == seen(walking, 6)


def test_the_callers_picture_is_left_alone():
    detector = BackgroundMotion()
    for frame in frames(walking, 5):
        before = frame.luma.copy()
        detector(frame)
        assert np.array_equal(before, frame.luma)


def test_a_view_of_a_larger_plane_is_taken_as_it_is():
    plane = np.zeros((360, 704), np.uint8)  # decoders pad their rows
    plane[:, :640] = YARD.astype(np.uint8)
    plain, padded = BackgroundMotion(), BackgroundMotion()
    for frame in frames(walking, 5):
        plane[:, :640] = frame.luma
        view = Frame(frame.camera, frame.at, frame.clock, Grey(plane[:, :640]))
        assert padded(view) == plain(frame)
