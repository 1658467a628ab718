"""Parts of the picture that are not watched, and zones with names."""

import numpy as np
import pytest
from pydantic import ValidationError

from whosthere.core.errors import BadSettings
from whosthere.core.sighting import Box
from whosthere.vision.masks import Areas
from whosthere.vision.settings import MotionSettings

LEFT_HALF = [(0, 0), (0.5, 0), (0.5, 1), (0, 1)]
DOOR = [(0.6, 0.5), (0.8, 0.5), (0.8, 1), (0.6, 1)]
PATH = [(0, 0.7), (1, 0.7), (1, 1), (0, 1)]


@pytest.mark.parametrize("size", [(10, 10), (125, 223), (480, 640), (8, 301)])
def test_a_mask_takes_its_share_of_any_picture(size: tuple[int, int]):
    watched = Areas([LEFT_HALF]).watched(*size)
    assert np.mean(watched > 0) == pytest.approx(0.5, abs=0.06)
    assert not watched[:, : size[1] // 2 - 1].any()


def test_without_masks_all_is_watched():
    assert Areas().watched(20, 30).all()
    assert not Areas().masked(Box(0, 0, 1, 1))


@pytest.mark.parametrize(
    ("box", "masked"),
    [
        (Box(0.0, 0.2, 0.4, 0.9), True),
        (Box(0.6, 0.2, 0.9, 0.9), False),
        (Box(0.3, 0.2, 0.6, 0.9), True),
        (Box(0.45, 0.2, 0.9, 0.9), False),
        (Box(0.2, 0.2, 0.2, 0.2), True),
        (Box(-0.2, -0.2, 0.1, 0.1), True),
        (Box(0.9, 0.9, 1.3, 1.3), False),
    ],
)
def test_a_box_is_masked_when_most_of_it_is(box: Box, *, masked: bool):
    assert Areas([LEFT_HALF]).masked(box) is masked


@pytest.mark.parametrize(
    ("box", "zones"),
    [
        (Box(0.65, 0.2, 0.75, 0.6), {"door"}),
        (Box(0.65, 0.2, 0.75, 0.9), {"door", "path"}),
        (Box(0.1, 0.2, 0.3, 0.9), {"path"}),
        (Box(0.1, 0.2, 0.3, 0.6), set()),
        (Box(0.1, 0.2, 0.3, 1.0), {"path"}),
    ],
)
def test_who_stands_in_a_zone_is_in_it(box: Box, zones: set[str]):
    assert Areas(zones={"door": DOOR, "path": PATH}).zones_of(box) == zones


@pytest.mark.parametrize(
    ("masks", "says"),
    [
        ([LEFT_HALF, [(0, 0), (1, 1)]], "Mask 2 has 2 corners"),
        ([[(0, 0), (1, 0), (1.2, 1)]], r"Mask 1 has the corner \(1\.2, 1\)"),
        ([[(0, 0), (1, 0), (0.5,)]], r"Mask 1 has the corner \(0\.5\)"),
        ([[(0, 0), (1, 0), (float("nan"), 1)]], "Mask 1 has the corner"),
        ([[(0, 0), (0.5, 0.5), (1, 1)]], "Mask 1 has no area"),
        ([[(0, 0), (1, 0), (1, 1), (0, 1)]], "cover the whole picture"),
    ],
)
def test_what_is_wrong_with_a_mask_is_said(masks: list[list[tuple[float, ...]]], says: str):
    with pytest.raises(BadSettings, match=says):
        Areas(masks)


def test_what_is_wrong_with_a_zone_is_said():
    with pytest.raises(BadSettings, match=r"Zone 'door' has 1 corners"):
        Areas(zones={"door": [(0, 0)]})


def test_settings_draw_areas_and_build_the_detector():
    settings = MotionSettings(masks=(LEFT_HALF,), zones={"door": DOOR})
    areas = settings.areas()
    assert areas.masked(Box(0.1, 0.1, 0.3, 0.3))
    assert areas.zones_of(Box(0.65, 0.2, 0.75, 0.6)) == {"door"}
    assert settings.detector(areas).stages() is None


def test_settings_refuse_what_cannot_be_drawn():
    with pytest.raises(ValidationError, match="Mask 1 has no area"):
        MotionSettings(masks=([(0, 0), (0.5, 0.5), (1, 1)],))
