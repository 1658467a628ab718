"""A model of one's own is checked before it is used, and every mistake is told clearly."""

import hashlib
import sys

import numpy as np
import pytest

from tests.vision.pictures import street_with_people
from tests.vision.test_detector import yolox_answer
from tests.vision.tiny_onnx import tiny_model
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.model_files import (
    DetectorTrouble,
    ModelFile,
    bundled_model,
    coco_labels,
    own_model,
)

NO_SHA = "0" * 64


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_bundled_model_is_found_and_whole():
    model = bundled_model()
    assert len(model.content) == 4_022_260
    assert OnnxDetector(model).input_size == (320, 320)


def test_a_model_by_path_works_like_the_bundled_one(tmp_path):
    path = tmp_path / "mine.onnx"
    path.write_bytes(bundled_model().content)
    mine = own_model(path, sha256(path.read_bytes()).upper(), layout="efficientdet-lite")
    assert OnnxDetector(mine).find(street_with_people()) == OnnxDetector().find(
        street_with_people()
    )


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DetectorTrouble, match=r"There is no file .*none\.onnx"):
        own_model(tmp_path / "none.onnx", NO_SHA)


def test_a_folder_is_told(tmp_path):
    with pytest.raises(DetectorTrouble, match="cannot be read: Is a directory"):
        own_model(tmp_path, NO_SHA)


def test_a_wrong_checksum_is_told_with_both(tmp_path):
    path = tmp_path / "other.onnx"
    path.write_bytes(b"something else")
    with pytest.raises(DetectorTrouble, match=f"(?s){sha256(b'something else')}.*{NO_SHA}"):
        own_model(path, NO_SHA)


@pytest.mark.parametrize("given", ["", "abc", "z" * 64, "0" * 63])
def test_what_is_no_checksum_is_told(tmp_path, given):
    with pytest.raises(DetectorTrouble, match="is not a SHA-256"):
        own_model(tmp_path / "any.onnx", given)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x08garbage" * 40])
def test_what_is_no_model_is_told(tmp_path, content):
    path = tmp_path / "strange.onnx"
    path.write_bytes(content)
    with pytest.raises(DetectorTrouble, match=r"strange\.onnx .*(is not a model|cannot be used)"):
        OnnxDetector(own_model(path, sha256(content)))


def test_a_truncated_model_is_told():
    half = bundled_model().content[:2_000_000]
    with pytest.raises(DetectorTrouble, match=r"half\.onnx is not a model"):
        OnnxDetector(ModelFile("half.onnx", half, ()))


def test_an_unknown_layout_is_told_with_its_shapes():
    content = tiny_model((1, 3, 64, 64), [np.zeros((1, 10, 6), np.float32)])
    with pytest.raises(DetectorTrouble, match=r"(?s)odd\.onnx.*\(1, 3, 64, 64\).*\(1, 10, 6\)"):
        OnnxDetector(ModelFile("odd.onnx", content, ()))


def test_a_layout_by_name_that_does_not_fit_is_told():
    content = tiny_model((1, 3, 64, 64), [yolox_answer()])
    with pytest.raises(DetectorTrouble, match="cannot be read as 'efficientdet-lite'"):
        OnnxDetector(ModelFile("yolox.onnx", content, (), "efficientdet-lite"))


def test_a_layout_that_nobody_knows_is_told():
    content = tiny_model((1, 3, 64, 64), [yolox_answer()])
    with pytest.raises(DetectorTrouble, match=r"no layout 'ssd'. Choose one of efficientdet-lite,"):
        OnnxDetector(ModelFile("yolox.onnx", content, (), "ssd"))


def test_labels_of_ones_own_are_used(tmp_path):
    content = tiny_model((1, 3, 64, 64), [yolox_answer()])
    (tmp_path / "model.onnx").write_bytes(content)
    names = ["cat", *[f"thing {place}" for place in range(79)]]
    (tmp_path / "names.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    model = own_model(
        tmp_path / "model.onnx", sha256(content), labels=tmp_path / "names.txt", layout="yolox"
    )
    assert [one.label for one in OnnxDetector(model).find(street_with_people())] == ["cat"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("person",), "knows 80 kinds of things, and its labels name 1"),
        (("screw",) * 80, "names none of the things to watch for"),
    ],
)
def test_labels_that_do_not_fit_are_told(names, words):
    content = tiny_model((1, 3, 64, 64), [yolox_answer()])
    with pytest.raises(DetectorTrouble, match=words):
        OnnxDetector(ModelFile("yolox.onnx", content, names))


def test_a_model_of_other_things_needs_labels():
    content = tiny_model((1, 3, 64, 64), [np.zeros((1, 84, 12), np.float32)])
    with pytest.raises(DetectorTrouble, match="knows 7 kinds of things, and nothing says which"):
        OnnxDetector(ModelFile("seven.onnx", content, ()))


def test_labels_that_are_no_text_are_told(tmp_path):
    content = tiny_model((1, 3, 64, 64), [yolox_answer()])
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(DetectorTrouble, match="is not a text file of labels"):
        own_model(tmp_path / "model.onnx", sha256(content), labels=labels_file(tmp_path, b"\xff"))
    with pytest.raises(DetectorTrouble, match="holds no labels"):
        own_model(tmp_path / "model.onnx", sha256(content), labels=labels_file(tmp_path, b"\n\n"))


def test_coco_is_known_in_both_numberings():
    with_gaps, without = coco_labels(90), coco_labels(80)
    assert (with_gaps[0], with_gaps[16], without[0], without[15]) == (
        "person", "cat", "person", "cat",
    )  # fmt: skip
    assert coco_labels(7) is None


def test_a_missing_onnxruntime_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(DetectorTrouble, match="needs onnxruntime, which cannot be imported"):
        OnnxDetector()


def labels_file(folder, content: bytes):
    path = folder / "labels.txt"
    path.write_bytes(content)
    return path
