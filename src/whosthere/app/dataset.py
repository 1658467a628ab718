"""`whosthere dataset`: what there is to learn from, one example, and all of it for other tools."""

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whosthere.app.dataset_gathering import examples_of
from whosthere.app.dataset_parts import gathering_of
from whosthere.app.dataset_views import (
    example_lines,
    examples_table,
    stats_as_plain,
    stats_tables,
)
from whosthere.app.forget import forget
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.errors import BadSettings, WhosThereError
from whosthere.learning.examples import Example, example_as_json, next_test_day
from whosthere.learning.export import Exported, ExportTrouble, Source, export
from whosthere.learning.export_boxes import write_coco, write_yolo
from whosthere.learning.export_label_studio import write_label_studio
from whosthere.learning.export_tables import write_csv, write_parquet
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

FORMATS: dict[str, Callable[[Source, Path], Exported]] = {
    "coco": write_coco,
    "yolo": write_yolo,
    "label-studio": write_label_studio,
    "csv": write_csv,
    "parquet": write_parquet,
}
TABLES = ("csv", "parquet")  # they hold no pictures
SHOWN = 20
LATE = timedelta(minutes=1)  # beyond what the running program keeps in memory
NONE_YET = (
    "There are no tags yet. Say below an alert whether somebody was there, or tag an incident with "
    "'whosthere ask tag occupied INCIDENT'."
)


class NoExamples(WhosThereError):
    """There is nothing to show or export."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    stats = words.add_parser("stats", help="how many tags there are, of what, and what is missing")
    stats.add_argument("--json", action="store_true", help="as a JSON object")
    show = words.add_parser("show", help="the newest examples, or all about one")
    show.add_argument("id", metavar="ID", nargs="?", help="of the incident, or how it begins")
    show.add_argument("--camera", metavar="NAME", help="of this camera only")
    show.add_argument("--most", type=int, default=SHOWN, metavar="N",
                      help="so many at most (default: %(default)s)")  # fmt: skip
    show.add_argument("--json", action="store_true", help="a JSON object a line")
    out = words.add_parser("export", help="write all of it for other tools")
    out.add_argument("format", choices=sorted(FORMATS), metavar="FORMAT", help=", ".join(FORMATS))
    out.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder")
    out.add_argument("--camera", metavar="NAME", help="of this camera only")
    out.add_argument("--link", action="store_true", help="link pictures instead of copying them")
    gone = words.add_parser("forget", help="delete pictures and clip of one; numbers stay")
    gone.add_argument("ids", metavar="ID", nargs="+", help="of any incidents, in full")
    for word in (stats, show, out, gone):
        add_settings_argument(word)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    with opened(settings) as kept:
        if chosen.what == "forget":
            forget(settings, kept.store, kept.ledger, chosen.ids)
            return 0
        found = examples_of(kept.store, camera=_camera(chosen, settings, kept))
    if chosen.what == "stats" and chosen.json:
        say(json.dumps(stats_as_plain(found, settings.cameras)))
    elif not found:
        if chosen.what == "export":
            raise NoExamples(f"There is nothing to export. {NONE_YET}")
        say(NONE_YET)
    elif chosen.what == "stats":
        for table in stats_tables(found, settings.cameras):
            console().print(table)
    elif chosen.what == "show":
        _show(found, chosen, settings)
    else:
        _export(found, chosen, settings)
    return 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored, brought up to date."""

    store: SqliteStore
    ledger: SqliteLedger


@contextmanager
def opened(settings: Settings) -> Iterator[Kept]:
    """Open what a program keeps that may be running, and do what it has not done yet."""
    store = SqliteStore.visit(settings.storage.database)
    try:
        ledger = SqliteLedger.visit(settings.storage.ledger)
        try:
            unwritten = timedelta(seconds=settings.storage.ledger_batch_seconds) + LATE
            gathering_of(settings, store, ledger).all(datetime.now(UTC) - unwritten)
            yield Kept(store, ledger)
        finally:
            ledger.close()
    finally:
        store.close()


def _camera(chosen: argparse.Namespace, settings: Settings, kept: Kept) -> str | None:
    """The camera that is asked for: one of now, or one that there are examples of."""
    asked: str | None = getattr(chosen, "camera", None)
    if asked is not None and asked not in settings.cameras:
        known = {*settings.cameras, *(one.camera for one in examples_of(kept.store))}
        if asked not in known:
            raise BadSettings(f"There is no camera '{asked}'. Choose one of {_listed(known)}.")
    return asked


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _show(found: list[Example], chosen: argparse.Namespace, settings: Settings) -> None:
    wanted, zone = chosen.id, settings.house.zone
    same = [one for one in found if one.id.startswith(wanted or "")]
    if not same:
        raise NoExamples(f"There is no example '{wanted}'. 'whosthere dataset show' lists them.")
    newest = same[-1:] if wanted else same[-chosen.most :]
    if chosen.json:
        for one in newest:
            say(example_as_json(one))
    elif wanted is None:
        console().print(examples_table(newest, zone))
    else:
        for line in example_lines(newest[0], settings.storage.folder, zone):
            say(line)


def _export(found: list[Example], chosen: argparse.Namespace, settings: Settings) -> None:
    source = Source(found, settings.storage.folder, link=chosen.link)
    folder: Path = chosen.folder
    if settings.storage.folder.resolve() in folder.resolve().parents:
        raise ExportTrouble(f"{folder} is inside the data folder. Name one outside.")
    done = export(source, folder, FORMATS[chosen.format])
    pictures = f", {done.pictures} pictures" if chosen.format not in TABLES else ""
    say(f"{folder}: {done.examples} examples{pictures}.")
    if done.pictures and all(one.split == "train" for one in found):
        say(
            "All of them are for training. Each fifth day is for testing:"
            f" the next is {next_test_day(f'{datetime.now(settings.house.zone):%Y-%m-%d}')}."
        )
    if done.no_picture:
        say(f"Left out, since the picture is gone: {done.no_picture}.")
    if done.no_box:
        say(
            f"Left out, since somebody is there and no box says where: {done.no_box}."
            " Export label-studio and draw them."
        )
