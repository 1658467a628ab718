"""Writes tasks for Label Studio: pictures with the detector's boxes and people's answers, to mend.

The formats are described at https://labelstud.io/guide/predictions and
https://labelstud.io/guide/storage (local storage). Boxes are in percent of the picture.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from whosthere.core.model import Answer
from whosthere.core.sighting import PERSON, Detection
from whosthere.learning.examples import Example
from whosthere.learning.export import Exported, Source

ABOUT = """Import tasks.json into a project whose labelling set-up is config.xml. Before that, let
Label Studio read this folder:

  export LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true
  export LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={root}

and add a local storage for {folder} in the project's settings.
"""


def write_label_studio(source: Source, folder: Path) -> Exported:
    """Write `tasks.json`, `config.xml` and `images/`; all pictures, with or without a box."""
    pictured = [one for one in source.examples if source.picture(one) is not None]
    target = folder.with_name(folder.name.removesuffix(".part"))
    (folder / "images").mkdir()
    tasks = []
    for number, example in enumerate(pictured, 1):
        name = source.put(example, folder / "images")
        where = quote(f"{target.name}/images/{name}")
        tasks.append(_task(number, example, f"/data/local-files/?d={where}"))
    text = json.dumps(tasks, indent=1, ensure_ascii=False)
    (folder / "tasks.json").write_text(text, encoding="utf-8")
    (folder / "config.xml").write_text(_config(pictured), encoding="utf-8")
    about = ABOUT.format(root=target.parent.resolve(), folder=target.resolve())
    (folder / "HOW-TO.txt").write_text(about, encoding="utf-8")
    return Exported(len(pictured), len(pictured), len(source.examples) - len(pictured), 0)


def _task(number: int, example: Example, image: str) -> dict[str, object]:
    boxes = list(_boxes(example))
    answer = {
        "id": "answer",
        "type": "choices",
        "from_name": "answer",
        "to_name": "image",
        "value": {"choices": [example.tag.answer]},
    }
    return {
        "id": number,
        "data": {
            "image": image,
            "incident": example.id,
            "camera": example.camera,
            "at": example.started.isoformat(),
            "answer": example.tag.answer,
            "split": example.split,
        },
        "predictions": [
            {
                "model_version": example.detector,
                "score": example.numbers.person_ever,
                "result": [*boxes, answer],
            }
        ],
    }


def _boxes(example: Example) -> Iterator[dict[str, object]]:
    for number, found in enumerate(example.numbers.detections, 1):
        yield {
            "id": f"box{number}",
            "type": "rectanglelabels",
            "from_name": "label",
            "to_name": "image",
            "original_width": example.width,
            "original_height": example.height,
            "image_rotation": 0,
            "score": found.confidence,
            "value": _percent(found),
        }


def _percent(found: Detection) -> dict[str, object]:
    left, top, right, bottom = (min(1.0, max(0.0, edge)) for edge in found.box)
    return {
        "x": round(100 * left, 4),
        "y": round(100 * top, 4),
        "width": round(100 * (right - left), 4),
        "height": round(100 * (bottom - top), 4),
        "rotation": 0,
        "rectanglelabels": [found.label],
    }


def _config(examples: list[Example]) -> str:
    labels = sorted(
        {found.label for one in examples for found in one.numbers.detections} - {PERSON}
    )
    lines = [
        "<View>",
        '  <Image name="image" value="$image"/>',
        '  <RectangleLabels name="label" toName="image">',
        *(f"    <Label value={quoteattr(label)}/>" for label in [PERSON, *labels]),
        "  </RectangleLabels>",
        '  <Choices name="answer" toName="image" choice="single">',
        *(f'    <Choice value="{answer}"/>' for answer in Answer),
        "  </Choices>",
        "</View>",
    ]
    return "\n".join(lines) + "\n"
