"""Writes one table of all examples, a row each: CSV, or Parquet with the extra `parquet`."""

import csv
import importlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from whosthere.learning.examples import Example
from whosthere.learning.export import Exported, ExportTrouble, Source

MOMENTS, TRUTHS = ("started", "tagged_at"), ("occupied", "alerted", "armed")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets would calculate

LEGEND = "COLUMNS.txt"
COLUMNS = {
    "id": "name of the incident or quiet moment",
    "camera": "which saw it",
    "started": "when it began, UTC",
    "day": "of its beginning, where the camera is",
    "split": "train or test, by whole days",
    "asked": "why somebody answered: alert, a kind of question, or tagged of their own accord",
    "chance": "with which it was drawn to be asked about; empty where nobody drew it",
    "occupied": "what people said: whether somebody was there",
    "tagger": "who said so last",
    "tagged_at": "when, UTC",
    "origin": "where: slack, command line ...",
    "answers": "how many there were; the last counts",
    "alerted": "whether people were told",
    "mode": "of the camera at the moment that was decided on",
    "armed": "whether people would have been told, had there been a reason",
    "verdict": "of the decision: quiet, watching, pending, alert, joined, told",
    "first_failed_gate": "the condition that kept people from being told; empty if none",
    "scene": "steady, or what disturbed it",
    "hour": "of the day where the camera is, 0 to 24",
    "person": "the surest moving person of the decisive frame, 0 to 1",
    "person_best": "the same of the window before it",
    "person_mean": "mean of the two surest looks of that window, as the rule takes it",
    "person_most": "the largest such mean of the whole incident",
    "person_ever": "the surest look of the whole incident",
    "area": "of the largest moving thing of the window, as a share of the watched picture",
    "share": "of the window in which the picture was occupied, 0 to 1",
    "share_most": "the largest of any window of the incident",
    "blobs": "moving things on the decisive frame",
    "brightness": "mean of the luma plane, 0 to 255",
    "changed": "share of the watched picture that differs from the background",
    "noise": "of the sensor, in grey levels (standard deviation)",
    "seconds": "from the first motion to the last",
    "sightings": "frames that were at hand; 0: only what the incident itself says",
    "labels": "what was recognised in the incident, with the highest confidence (JSON)",
    "zones": "in which it was (JSON)",
    "feature_version": "how these numbers were measured",
    "policy_version": "the numbers that decided",
    "detector": "name of the model",
    "detector_sha256": "and its checksum",
    "picture": "below the data folder of the program; empty if it is gone",
}


def row_of(example: Example) -> dict[str, Any]:
    """Return what a table says of an example; times in UTC."""
    numbers, tag = example.numbers, example.tag
    failed = next((gate.name for gate in numbers.gates if not gate.passed), "")
    return {
        "id": example.id,
        "camera": example.camera,
        "started": example.started.isoformat(),
        "day": example.day,
        "split": example.split,
        "asked": example.asked,
        "chance": example.chance,
        "occupied": int(example.occupied),
        "tagger": tag.by,
        "tagged_at": tag.at.isoformat(),
        "origin": tag.origin,
        "answers": len(example.tags),
        "alerted": int(example.alerted_at is not None),
        "mode": numbers.mode,
        "armed": int(numbers.armed),
        "verdict": numbers.verdict,
        "first_failed_gate": failed,
        "scene": numbers.scene,
        **example.features(),
        "sightings": numbers.sightings,
        "labels": json.dumps(dict(numbers.labels), sort_keys=True),
        "zones": json.dumps(list(numbers.zones)),
        "feature_version": numbers.version,
        "policy_version": numbers.policy,
        "detector": example.detector,
        "detector_sha256": example.detector_sha256,
        "picture": example.picture,
    }


def write_csv(source: Source, folder: Path) -> Exported:
    """Write `examples.csv`, in UTF-8 with a line of names."""
    rows = [row_of(one) for one in source.examples]
    with (folder / "examples.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(list(rows[0]))
        writer.writerows([_harmless(value) for value in row.values()] for row in rows)
    _explain(folder)
    return Exported(len(rows), 0, 0, 0)


def _explain(folder: Path) -> None:
    """Say what each column means."""
    width = max(map(len, COLUMNS))
    lines = [f"{name:<{width}}  {meaning}\n" for name, meaning in COLUMNS.items()]
    (folder / LEGEND).write_text("".join(lines), encoding="utf-8")


def _harmless(value: object) -> object:
    """Keep text from being calculated as a formula: people choose their names in Slack."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def write_parquet(source: Source, folder: Path) -> Exported:
    """Write `examples.parquet`: as the CSV, with moments, days and truths as such."""
    try:
        arrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise ExportTrouble(
            "Parquet needs a library that is not installed: pip install 'whosthere[parquet]'."
            " Without it, export csv."
        ) from error
    rows = [_typed(row_of(one)) for one in source.examples]
    schema = arrow.schema([(name, _kind(name, rows, arrow)) for name in rows[0]])
    parquet.write_table(arrow.Table.from_pylist(rows, schema=schema), folder / "examples.parquet")
    _explain(folder)
    return Exported(len(rows), 0, 0, 0)


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    moments = {name: datetime.fromisoformat(row[name]) for name in MOMENTS}
    truths = {name: bool(row[name]) for name in TRUTHS}
    return row | moments | truths | {"day": date.fromisoformat(row["day"])}


def _kind(name: str, rows: list[dict[str, Any]], arrow: Any) -> Any:  # noqa: ANN401 - optional
    if name in MOMENTS:
        return arrow.timestamp("us", "UTC")
    if name in TRUTHS:
        return arrow.bool_()
    if name == "day":
        return arrow.date32()
    values = [row[name] for row in rows if row[name] is not None]
    if name == "chance" or (values and isinstance(values[0], float)):
        return arrow.float64()
    return arrow.int64() if values and isinstance(values[0], int) else arrow.string()
