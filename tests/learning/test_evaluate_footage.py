"""From film to figures: clips are watched, tagged by their labels, evaluated and exported."""

from datetime import timedelta

import pytest

from benchmarks.footage import SHIPPED, Labelled, labelled, read
from tests.learning.watched import FIRST, watched
from whosthere.app.dataset_gathering import examples_of
from whosthere.app.evaluate import evaluation_of
from whosthere.learning.evaluate_shapes import Evaluation
from whosthere.learning.export import Source, export
from whosthere.learning.export_boxes import write_coco
from whosthere.learning.report import report

ALL = labelled()


def evaluated(folder, clips: list[Labelled]) -> Evaluation:
    with watched(folder, clips) as (kept, settings):
        until = FIRST + timedelta(days=len(clips))
        return evaluation_of(kept, settings, FIRST, until)


@pytest.mark.slow
def test_the_shipped_clips_are_told_rightly(tmp_path):
    found = evaluated(tmp_path, read(SHIPPED))

    assert (1, 1, 1) == (found.all.told, found.all.tagged, found.all.right)
    assert 0 == found.all.missed
    assert 0 < found.all.delay.median < 5
    assert 1 == next(cell for cell in found.table if cell.motion and cell.person).occupied


@pytest.mark.slow
def test_examples_from_film_have_boxes_on_people(tmp_path):
    with watched(tmp_path / "data", read(SHIPPED)) as (kept, settings):
        examples = examples_of(kept.store)
    done = export(Source(examples, settings.storage.folder), tmp_path / "coco", write_coco)

    assert 1 <= done.pictures
    assert 0 == done.no_box
    assert all(one.numbers.sightings for one in examples)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(len(ALL) < 10, reason="no labelled footage here: set WHOSTHERE_FOOTAGE")
def test_all_labelled_footage_gives_a_report(tmp_path):
    found = evaluated(tmp_path, ALL)
    page = report(found, tmp_path, "footage")

    assert found.all.precision.value > 0.7
    assert found.all.recall.value > 0.7
    assert found.tags >= 20
    assert "The worst mistakes" in page or not found.mistakes
    (tmp_path / "report.html").write_text(page)
