"""Boxes and names can be read in pictures of any size."""

import numpy as np
import pytest

from tests.vision.pictures import MAN, street_with_people
from whosthere.core.sighting import Box, Detection
from whosthere.vision.drawing import caption, with_boxes

SIZES = [(178, 100), (640, 480), (1920, 1080), (3840, 2160), (100, 400), (1, 1)]
CORNERS = [
    Box(0.0, 0.0, 0.1, 0.1),
    Box(0.9, 0.0, 1.0, 0.1),
    Box(0.0, 0.9, 0.1, 1.0),
    Box(0.0, 0.0, 1.0, 1.0),
    Box(0.5, 0.5, 0.5, 0.5),
]


@pytest.mark.parametrize(
    ("detection", "words"),
    [
        (Detection("person", 0.87, MAN), "person 87 %"),
        (Detection("cat", 0.5, MAN, moving=False), "cat 50 %, at rest"),
        (Detection("person", 1.0, MAN, zones=frozenset({"path", "door"})),
         "person 100 % (door, path)"),
    ],
)  # fmt: skip
def test_a_caption_says_what_how_sure_and_where(detection, words):
    assert caption(detection) == words


def test_the_picture_itself_is_left_as_it_is():
    picture = street_with_people().copy()
    drawn = with_boxes(picture, [Detection("person", 0.9, MAN)])
    assert np.array_equal(picture, street_with_people())
    assert not np.array_equal(drawn, picture)


def test_without_detections_nothing_is_drawn():
    assert np.array_equal(with_boxes(street_with_people(), []), street_with_people())


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("box", CORNERS)
def test_boxes_anywhere_in_pictures_of_any_size_keep_its_shape(width, height, box):
    picture = np.full((height, width, 3), 128, np.uint8)
    drawn = with_boxes(picture, [Detection("person", 0.9, box, zones=frozenset({"drive"}))])
    assert drawn.shape[0] * width == drawn.shape[1] * height
    assert max(drawn.shape[:2]) >= 480


@pytest.mark.parametrize("background", [0, 60, 128, 200, 255])
def test_a_box_stands_out_from_any_background(background):
    picture = np.full((480, 640, 3), background, np.uint8)
    drawn = with_boxes(picture, [Detection("person", 0.9, Box(0.25, 0.25, 0.75, 0.75))])
    across = drawn[300, 150:170].max(axis=1).astype(int)  # through the left edge
    assert across.max() - across.min() > 150


def test_names_do_not_cover_each_other():
    two = [Detection("person", 0.9, MAN), Detection("car", 0.4, MAN)]
    both = with_boxes(street_with_people(), two)
    amber = (both == (80, 220, 255)).all(axis=2).sum()
    alone = (with_boxes(street_with_people(), two[:1]) == (80, 220, 255)).all(axis=2).sum()
    assert amber > 0.8 * alone


def test_a_zone_may_have_any_name():
    zones = frozenset({"Gehweg für Gäste", "玄関"})
    drawn = with_boxes(street_with_people(), [Detection("person", 0.9, MAN, zones=zones)])
    assert drawn.shape == street_with_people().shape
