"""What is exported is read by the readers of each format, and is there whole or not at all."""

import contextlib
import csv
import io
import json
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pyarrow.parquet
import pytest
from pycocotools.coco import COCO

from tests.learning.making import HEIGHT, WIDTH, example, ten_days
from whosthere.core.model import Answer, Tag
from whosthere.learning.examples import example_as_json, example_from_json, next_test_day, split_of
from whosthere.learning.export import Exported, ExportTrouble, Source, export
from whosthere.learning.export_boxes import write_coco, write_yolo
from whosthere.learning.export_label_studio import write_label_studio
from whosthere.learning.export_tables import write_csv, write_parquet

WRITERS = (write_coco, write_yolo, write_label_studio, write_csv, write_parquet)


@pytest.fixture
def source(tmp_path):
    return Source(ten_days(tmp_path / "data"), tmp_path / "data")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out" / "export"


def read_coco(path):
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def test_coco_is_read_by_its_own_reader(source, folder):
    done = export(source, folder, write_coco)

    sets = {
        split: read_coco(folder / "annotations" / f"instances_{split}.json")
        for split in ("train", "test")
    }
    assert Exported(8, 8, no_picture=1, no_box=1) == done
    assert 8 == sum(len(one.getImgIds()) for one in sets.values())
    assert ["person"] == [c["name"] for c in sets["train"].loadCats(sets["train"].getCatIds())]
    for split, one in sets.items():
        for image in one.loadImgs(one.getImgIds()):
            pixels = cv2.imread(str(folder / "images" / split / image["file_name"]))
            assert (image["height"], image["width"], 3) == pixels.shape
            assert split == split_of(image["date_captured"][:10])


def test_coco_boxes_are_in_pixels_and_within_the_picture(source, folder):
    export(source, folder, write_coco)
    sets = [read_coco(path) for path in (folder / "annotations").glob("*.json")]
    by_file = {
        image["file_name"]: [a["bbox"] for a in coco.loadAnns(coco.getAnnIds(image["id"]))]
        for coco in sets
        for image in coco.loadImgs(coco.getImgIds())
    }

    both = by_file["20260104T103000000-front.jpg"]
    assert [[80, 24, 80, 192], [0, 48, 64, 192]] == both
    assert [] == by_file["20260102T103000000-front.jpg"]  # people said that nobody was there


def test_yolo_follows_its_rules(source, folder):
    done = export(source, folder, write_yolo)

    yaml = (folder / "data.yaml").read_text()
    images = sorted(folder.glob("images/*/*.jpg"))
    assert 8 == done.pictures == len(images)
    assert "train: images/train\nval: images/test\n" in yaml
    assert "  0: person\n" in yaml
    for image in images:
        label = folder / "labels" / image.parent.name / f"{image.stem}.txt"
        rows = np.array([line.split() for line in label.read_text().splitlines()], float)
        rows = rows.reshape(-1, 5)
        assert (rows[:, 0] == 0).all()
        middle, size = rows[:, 1:3], rows[:, 3:5]
        assert (size > 0).all()
        assert (middle - size / 2 >= -1e-6).all()
        assert (middle + size / 2 <= 1 + 1e-6).all()
    assert "" == (folder / "labels/train/20260102T103000000-front.txt").read_text()


def test_coco_and_yolo_have_the_same_boxes(source, folder):
    export(source, folder, write_yolo)
    export(source, folder.with_name("coco"), write_coco)
    coco = read_coco(folder.with_name("coco") / "annotations" / "instances_train.json")

    for image in coco.loadImgs(coco.getImgIds()):
        text = folder / "labels" / "train" / image["file_name"].replace(".jpg", ".txt")
        rows = [
            [float(word) for word in line.split()[1:]] for line in text.read_text().splitlines()
        ]
        boxes = [a["bbox"] for a in coco.loadAnns(coco.getAnnIds(image["id"]))]
        again = [
            [(x - w / 2) * WIDTH, (y - h / 2) * HEIGHT, w * WIDTH, h * HEIGHT]
            for x, y, w, h in rows
        ]
        assert np.allclose(np.reshape(boxes, (-1, 4)), np.reshape(again, (-1, 4)), atol=0.01)


def test_label_studio_has_tasks_with_boxes_in_percent_and_the_answer(source, folder):
    done = export(source, folder, write_label_studio)
    tasks = json.loads((folder / "tasks.json").read_text())
    view = ET.parse(folder / "config.xml").getroot()  # noqa: S314 - we wrote it

    names = {element.get("name"): element for element in view}
    assert {"image", "label", "answer"} == set(names)
    labels = {label.get("value") for label in names["label"]}
    choices = {choice.get("value") for choice in names["answer"]}
    assert Exported(9, 9, no_picture=1, no_box=0) == done
    assert 9 == len(tasks)
    for task in tasks:
        (prediction,) = task["predictions"]
        *boxes, answer = prediction["result"]
        assert set(answer["value"]["choices"]) <= choices
        assert task["data"]["image"].startswith("/data/local-files/?d=export/images/")
        assert (folder / "images" / task["data"]["image"].rpartition("/")[2]).is_file()
        for box in boxes:
            value = box["value"]
            assert ("label", "image", "rectanglelabels") == (
                box["from_name"], box["to_name"], box["type"],
            )  # fmt: skip
            assert set(value["rectanglelabels"]) <= labels
            assert 0 <= value["x"] <= value["x"] + value["width"] <= 100
            assert 0 <= value["y"] <= value["y"] + value["height"] <= 100
            assert (WIDTH, HEIGHT) == (box["original_width"], box["original_height"])


def test_csv_has_a_row_for_each_example(source, folder):
    export(source, folder, write_csv)
    with (folder / "examples.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert [one.id for one in source.examples] == [row["id"] for row in rows]
    assert ["1", "0", "1"] == [row["occupied"] for row in rows[:3]]
    assert 0.5 == float(rows[0]["person_mean"])
    assert {"train", "test"} == {row["split"] for row in rows}


def test_each_column_of_a_table_is_explained(source, folder):
    export(source, folder, write_csv)
    names = (folder / "examples.csv").read_text().splitlines()[0].split(",")
    lines = (folder / "COLUMNS.txt").read_text().splitlines()

    assert names == [line.split()[0] for line in lines]


def test_a_name_cannot_become_a_formula(tmp_path, folder):
    odd = example(tmp_path, 1, Answer.OCCUPIED)
    odd = replace(odd, tags=(Tag(odd.id, Answer.OCCUPIED, "=1+1", odd.started),))
    export(Source([odd], tmp_path), folder, write_csv)

    assert "'=1+1" in (folder / "examples.csv").read_text()


def test_parquet_is_read_by_its_own_reader_and_says_the_same_as_csv(source, folder):
    export(source, folder, write_parquet)
    table = pyarrow.parquet.read_table(folder / "examples.parquet")

    assert [one.id for one in source.examples] == table["id"].to_pylist()
    kinds = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert {"camera": "string", "occupied": "bool", "brightness": "double"}.items() <= kinds.items()
    assert ("timestamp[us, tz=UTC]", "date32[day]") == (kinds["started"], kinds["day"])
    assert [one.started for one in source.examples] == table["started"].to_pylist()
    assert [one.numbers.brightness for one in source.examples] == table["brightness"].to_pylist()
    assert 1 == table["picture"].null_count


@pytest.mark.parametrize("write", WRITERS)
def test_an_export_that_fails_leaves_nothing_behind(source, folder, write):
    def fails(given, to):
        write(given, to)
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportTrouble, match="is full; nothing was kept"):
        export(source, folder, fails)

    assert [] == list(folder.parent.iterdir())


def test_what_a_power_cut_left_is_done_anew(source, folder):
    part = folder.with_name("export.part")
    part.mkdir(parents=True)
    (part / ".whosthere-export").touch()
    (part / "half").touch()
    export(source, folder, write_csv)

    assert {"examples.csv", "COLUMNS.txt", "README.txt"} == {one.name for one in folder.iterdir()}
    assert not part.exists()


def test_nothing_of_other_people_is_overwritten(source, folder):
    folder.mkdir(parents=True)
    (folder / "thesis.txt").touch()
    with pytest.raises(ExportTrouble, match="exists already"):
        export(source, folder, write_csv)

    part = folder.with_name("other.part")
    part.mkdir()
    with pytest.raises(ExportTrouble, match="not of our making"):
        export(source, folder.with_name("other"), write_csv)
    assert part.exists()


def test_an_empty_folder_may_be_used(source, folder):
    folder.mkdir(parents=True)
    export(source, folder, write_csv)

    assert (folder / "examples.csv").is_file()


def test_a_folder_that_cannot_be_is_told(source, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ExportTrouble, match="cannot be written"):
        export(source, tmp_path / "file" / "export", write_coco)


def test_linked_pictures_take_no_room(source, folder):
    export(replace(source, link=True), folder, write_coco)
    (first, *_) = sorted(folder.glob("images/*/*.jpg"))

    assert first.stat().st_nlink == 2


def test_days_are_whole_and_stay_where_they_are():
    days = [f"2026-03-{day:02}" for day in range(1, 31)]
    splits = [split_of(day) for day in days]

    assert 6 == splits.count("test")
    assert {5} == {after - before for before, after in pairs(splits)}
    tests = [day for day in days if split_of(day) == "test"]
    assert tests[:2] == [next_test_day("2026-03-01"), next_test_day(days[days.index(tests[0]) + 1])]
    assert tests[0] == next_test_day(tests[0])


def pairs(splits):
    places = [number for number, split in enumerate(splits) if split == "test"]
    return list(pairwise(places))


def test_examples_survive_json(tmp_path):
    for one in ten_days(tmp_path):
        assert one == example_from_json(example_as_json(one))


def test_an_example_of_a_newer_version_is_still_read(tmp_path):
    one = example(tmp_path, 1, Answer.OCCUPIED)
    newer = json.loads(example_as_json(one)) | {"mood": "fine"}
    newer["numbers"]["mood"] = 1

    assert one == example_from_json(json.dumps(newer))
