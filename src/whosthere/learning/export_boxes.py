"""Writes COCO and YOLO: pictures with boxes of people, to teach detectors.

COCO's format is described at https://cocodataset.org/#format-data, YOLO's at
https://docs.ultralytics.com/datasets/detect/. There is one class, since people are asked about
people only: pictures of which they said that nobody is there have no box.
"""

import json
from pathlib import Path

from whosthere.core.sighting import PERSON, Box
from whosthere.learning.examples import Example, people_in
from whosthere.learning.export import Exported, Sorted, Source, for_detectors

SPLITS = ("train", "test")


def write_coco(source: Source, folder: Path) -> Exported:
    """Write `images/SPLIT/` and `annotations/instances_SPLIT.json`."""
    found = for_detectors(source)
    (folder / "annotations").mkdir()
    for split in SPLITS:
        (folder / "images" / split).mkdir(parents=True)
        own = [one for one in found.usable if one.split == split]
        text = json.dumps(_coco(source, own, folder / "images" / split), indent=1)
        (folder / "annotations" / f"instances_{split}.json").write_text(text, encoding="utf-8")
    return _counts(found)


def _coco(source: Source, examples: list[Example], folder: Path) -> dict[str, object]:
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for number, example in enumerate(examples, 1):
        images.append(
            {
                "id": number,
                "file_name": source.put(example, folder),
                "width": example.width,
                "height": example.height,
                "date_captured": f"{example.started:%Y-%m-%d %H:%M:%S}",
                "camera": example.camera,
                "tag": example.tag.answer,
            }
        )
        for found in people_in(example, source.least_confidence):
            left, top, width, height = _pixels(found.box, example)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": 1,
                    "bbox": [left, top, width, height],
                    "area": round(width * height, 2),
                    "iscrowd": 0,
                    "segmentation": [],
                    "score": found.confidence,
                }
            )
    return {
        "info": {"description": "Examples from Who's There", "version": "1"},
        "licenses": [],
        "categories": [{"id": 1, "name": PERSON, "supercategory": PERSON}],
        "images": images,
        "annotations": annotations,
    }


def write_yolo(source: Source, folder: Path) -> Exported:
    """Write `images/SPLIT/`, `labels/SPLIT/` and `data.yaml`. An empty text: nobody is there."""
    found = for_detectors(source)
    for split in SPLITS:
        (folder / "images" / split).mkdir(parents=True)
        (folder / "labels" / split).mkdir(parents=True)
    for example in found.usable:
        name = source.put(example, folder / "images" / example.split)
        if name is not None:
            lines = [_yolo(one.box) for one in people_in(example, source.least_confidence)]
            text = folder / "labels" / example.split / f"{Path(name).stem}.txt"
            text.write_text("".join(lines), encoding="utf-8")
    (folder / "data.yaml").write_text(
        f"train: images/train\nval: images/test\ntest: images/test\nnames:\n  0: {PERSON}\n",
        encoding="utf-8",
    )
    return _counts(found)


def _yolo(box: Box) -> str:
    """One line: class, middle and size, in fractions of the picture."""
    inside = _inside(box)
    x, y = (inside.left + inside.right) / 2, (inside.top + inside.bottom) / 2
    return f"0 {x:.6f} {y:.6f} {inside.width:.6f} {inside.height:.6f}\n"


def _pixels(box: Box, example: Example) -> tuple[float, float, float, float]:
    inside = _inside(box)
    width, height = example.width, example.height
    return (
        round(inside.left * width, 2),
        round(inside.top * height, 2),
        round(inside.width * width, 2),
        round(inside.height * height, 2),
    )


def _inside(box: Box) -> Box:
    """Return the part of a box that is on the picture."""
    return Box(*(min(1.0, max(0.0, edge)) for edge in box))


def _counts(found: Sorted) -> Exported:
    written = len(found.usable)
    return Exported(written, written, found.no_picture, found.no_box)
