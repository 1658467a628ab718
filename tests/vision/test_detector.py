"""The net finds what is in real pictures, wherever they lie in its letterbox."""

import cv2
import numpy as np
import pytest

from tests.vision.pictures import MAN, empty_street, street_with_people
from tests.vision.tiny_onnx import DOUBLE, tiny_model
from whosthere.core.sighting import PERSON, Box, Image
from whosthere.vision.detector import Found, OnnxDetector
from whosthere.vision.layouts import Size, Yolox, efficientdet_anchors, letterbox
from whosthere.vision.model_files import DetectorTrouble, ModelFile
from whosthere.vision.regions import Plan, within

# by eye, in pixels of the 768x576 picture: left, top, right, bottom
PEOPLE_BY_EYE = [(505, 218, 542, 306), (553, 218, 583, 303), (672, 258, 712, 366)]
ODD_SIZES = [(768, 576), (1, 1), (1, 900), (900, 1), (321, 320), (319, 1080), (1920, 1080), (7, 5)]


@pytest.fixture(scope="module")
def detector() -> OnnxDetector:
    return OnnxDetector()


def people(found: list[Found], least: float = 0.4) -> list[Found]:
    return [one for one in found if one.label == PERSON and one.confidence >= least]


def test_people_are_found_where_one_sees_them(detector):
    found = people(detector.find(street_with_people()), least=0.5)
    for left, top, right, bottom in PEOPLE_BY_EYE:
        by_eye = Box(left / 768, top / 576, right / 768, bottom / 576)
        assert max(one.box.likeness(by_eye) for one in found) > 0.7


def test_nobody_is_found_in_an_empty_street(detector):
    assert people(detector.find(empty_street()), least=0.2) == []


def test_the_surest_comes_first(detector):
    confidences = [one.confidence for one in detector.find(street_with_people())]
    assert confidences == sorted(confidences, reverse=True)


def test_two_threads_see_what_one_sees(detector):
    assert OnnxDetector(threads=2).find(empty_street()) == detector.find(empty_street())


def test_one_person_has_one_box(detector):
    boxes = [one.box for one in people(detector.find(street_with_people()), least=0.2)]
    assert all(
        one.likeness(other) <= 0.5
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
    )


def test_a_region_at_full_resolution_is_surer_than_the_whole_frame(detector):
    height, width = street_with_people().shape[:2]
    (region,) = Plan(width, height, 160).around([MAN], 3.0)
    crop = part_of(street_with_people(), region)
    (whole,) = [one for one in detector.find(street_with_people()) if one.box.likeness(MAN) > 0.5]
    near = [one._replace(box=within(region, one.box)) for one in detector.find(crop)]
    best = max(people(near), key=lambda one: one.box.likeness(MAN))
    assert best.box.likeness(MAN) > 0.6
    assert best.confidence > whole.confidence


@pytest.mark.parametrize(("right", "below"), [(600, 0), (0, 600), (333, 77)])
def test_a_person_stays_in_place_when_the_picture_grows(detector, right, below):
    picture = cv2.copyMakeBorder(
        part_of(street_with_people(), Box(0.6, 0.3, 1.0, 0.7)),
        0, below, 0, right, cv2.BORDER_CONSTANT, value=(114, 114, 114),
    )  # fmt: skip
    height, width = picture.shape[:2]
    left, top = round(0.6 * 768), round(0.3 * 576)
    there = Box(
        (MAN.left * 768 - left) / width,
        (MAN.top * 576 - top) / height,
        (MAN.right * 768 - left) / width,
        (MAN.bottom * 576 - top) / height,
    )
    found = people(detector.find(picture), least=0.3)
    assert max(one.box.likeness(there) for one in found) > 0.6


@pytest.mark.parametrize(("width", "height"), ODD_SIZES)
def test_pictures_of_any_size_give_boxes_within_them(detector, width, height):
    picture = cv2.resize(street_with_people(), (width, height))
    edges = [edge for one in detector.find(picture) for edge in one.box]
    assert all(0.0 <= edge <= 1.0 for edge in edges)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize(("width", "height"), ODD_SIZES)
def test_a_letterbox_is_undone_exactly(width, height, centred):
    box = letterbox(Size(width, height), Size(320, 288), centred=centred)
    corners = np.array([[box.left, box.top, box.left + box.fitted.width,
                         box.top + box.fitted.height]], np.float32)  # fmt: skip
    assert box.undo(corners) == [Box(0.0, 0.0, 1.0, 1.0)]


def test_a_letterbox_keeps_the_shape_of_things():
    box = letterbox(Size(1920, 1080), Size(320, 320), centred=True)
    assert (box.fitted, box.left, box.top) == (Size(320, 180), 0, 70)


@pytest.mark.parametrize(
    ("net", "count"), [((320, 320), 19206), ((512, 288), 27684), ((512, 512), 49104)]
)
def test_anchors_are_as_many_as_the_net_answers(net, count):
    assert efficientdet_anchors(Size(*net)).shape == (count, 4)


def test_the_first_anchors_lie_around_the_first_cell():
    first, wide, high = efficientdet_anchors(Size(320, 320))[:3]
    np.testing.assert_allclose(first, [4, 4, 24, 24])
    np.testing.assert_allclose(wide, [4, 4, 24 / 2**0.5, 24 * 2**0.5], rtol=1e-6)
    np.testing.assert_allclose(high, [4, 4, 24 * 2**0.5, 24 / 2**0.5], rtol=1e-6)


def yolox_answer() -> np.ndarray:
    """At 64x64: 64 + 16 + 4 cells. One person, in the second row and third column of the first."""
    answer = np.zeros((1, 84, 85), np.float32)
    answer[0, 1 * 8 + 2] = [0.5, 0.25, np.log(2), np.log(3), 0.9, 0.8, *[0.0] * 79]
    return answer


def test_a_yolox_model_is_known_by_its_shapes_and_read():
    model = ModelFile("tiny yolox", tiny_model((1, 3, 64, 64), [yolox_answer()]), ())
    (one,) = OnnxDetector(model).find(np.zeros((64, 64, 3), np.uint8))
    assert one.label == PERSON
    assert one.confidence == pytest.approx(0.72)
    centre_x, centre_y, wide, high = 2.5 * 8, 1.25 * 8, 2 * 8, 3 * 8
    expected = (centre_x - wide / 2, centre_y - high / 2, centre_x + wide / 2, centre_y + high / 2)
    assert one.box == pytest.approx([max(0.0, edge / 64) for edge in expected], abs=1e-5)


def test_yolox_lays_the_picture_into_the_corner():
    picture = np.zeros((32, 64, 3), np.uint8)
    model = ModelFile("tiny yolox", tiny_model((1, 3, 64, 64), [yolox_answer()]), ())
    (one,) = OnnxDetector(model).find(picture)
    assert one.box.bottom == pytest.approx((1.25 * 8 + 12) / 32, abs=1e-5)


def test_yolox_wants_plain_numbers():
    canvas = np.full((64, 64, 3), 200, np.uint8)
    tensor = Yolox(Size(64, 64), 80).tensor(canvas)
    assert (tensor.shape, tensor.dtype, tensor.max()) == ((1, 3, 64, 64), np.float32, 200.0)


def test_a_net_that_answers_nonsense_is_told():
    answer = np.full((1, 84, 85), np.nan, np.float32)
    model = ModelFile("broken.onnx", tiny_model((1, 3, 64, 64), [answer]), ())
    with pytest.raises(DetectorTrouble, match=r"broken\.onnx answers with numbers that mean noth"):
        OnnxDetector(model).find(empty_street())


def test_a_net_that_fails_on_a_picture_is_told():
    content = tiny_model((1, 3, 64, 64), [yolox_answer()], input_type=DOUBLE)
    with pytest.raises(DetectorTrouble, match=r"wants\.onnx failed on a picture: .*double"):
        OnnxDetector(ModelFile("wants.onnx", content, ())).find(empty_street())


def part_of(picture: Image, box: Box) -> Image:
    height, width = picture.shape[:2]
    return picture[
        round(box.top * height) : round(box.bottom * height),
        round(box.left * width) : round(box.right * width),
    ]
