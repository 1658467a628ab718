"""Writes examples in the formats that other tools read: whole, or not at all.

All is written into a folder beside the wanted one, which gets its name only at the end.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from whosthere.core.errors import WhosThereError
from whosthere.learning.examples import Example, people_in

LEAST_CONFIDENCE = 0.33  # of a person's box on a picture of which people said: occupied
MARK = ".whosthere-export"  # in a folder that is being written, so that we know it for ours


class ExportTrouble(WhosThereError):
    """The data set cannot be written there."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be exported, and where its pictures lie."""

    examples: Sequence[Example]
    folder: Path  # of the data
    link: bool = False  # hard links instead of copies
    least_confidence: float = LEAST_CONFIDENCE

    def picture(self, example: Example) -> Path | None:
        """Return the picture of an example, if it is still there."""
        path = self.folder / example.picture if example.picture else None
        return path if path is not None and path.is_file() else None

    def put(self, example: Example, folder: Path) -> str | None:
        """Copy or link a picture into a folder. Returns its name there."""
        path = self.picture(example)
        if path is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        to = folder / path.name
        if self.link:
            try:
                os.link(path, to)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                raise ExportTrouble(
                    f"{folder} is on another disk than the pictures, so they cannot be linked. "
                    "Leave out --link, and they are copied."
                ) from error
        else:
            shutil.copyfile(path, to)
        return path.name


class Exported(NamedTuple):
    """What came of an export."""

    examples: int  # that were written
    pictures: int
    no_picture: int  # left out: the picture is gone
    no_box: int  # left out: somebody is there, and no box says where


class Sorted(NamedTuple):
    """Examples for teaching a detector, which needs to be told where people are."""

    usable: list[Example]
    no_picture: int
    no_box: int


def for_detectors(source: Source) -> Sorted:
    """Leave out pictures that show somebody without a box: they would teach to overlook people."""
    pictured = [one for one in source.examples if source.picture(one) is not None]
    usable = [
        one for one in pictured if not one.occupied or people_in(one, source.least_confidence)
    ]
    return Sorted(usable, len(source.examples) - len(pictured), len(pictured) - len(usable))


def export(source: Source, folder: Path, write: Callable[[Source, Path], Exported]) -> Exported:
    """Write a data set into a new folder."""
    with _plain_words(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ExportTrouble(f"{folder} exists already. Name a new folder.")
        part = folder.with_name(f"{folder.name}.part")
        _clear(part)
        part.mkdir(parents=True)
        (part / MARK).touch()
        try:
            done = write(source, part)
            (part / "README.txt").write_text(_readme(source, done), encoding="utf-8")
            (part / MARK).unlink()
            part.replace(folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    return done


def _clear(part: Path) -> None:
    """Remove what an export left behind that was cut off; nothing else."""
    if not part.exists():
        return
    if not (part / MARK).is_file():
        raise ExportTrouble(f"{part} is in the way, and not of our making. Move it elsewhere.")
    shutil.rmtree(part)


@contextmanager
def _plain_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise ExportTrouble(
                f"The disk of {folder} is full; nothing was kept there. Free some space, or use"
                " --link, which takes none for pictures on the same disk."
            ) from error
        raise ExportTrouble(
            f"{folder} cannot be written ({error.strerror}). Name a folder that can."
        ) from error


def _readme(source: Source, done: Exported) -> str:
    examples = source.examples
    days = sorted({one.day for one in examples})
    cameras = ", ".join(sorted({one.camera for one in examples}))
    lines = [
        "Examples from Who's There: pictures of your own cameras, with what people said of them.",
        "",
        f"examples written: {done.examples}, with {done.pictures} pictures",
        f"cameras: {cameras or 'none'}",
        f"days: {days[0]} to {days[-1]}" if days else "days: none",
        f"left out, since the picture is gone: {done.no_picture}",
        f"left out, since somebody is there and no box says where: {done.no_box}",
        "",
        "Training and testing are split by whole days: each fifth day is for testing, always the",
        "same ones, so that a picture of a visit never stands on both sides.",
        "Boxes are the detector's; that somebody is there, or nobody, is what people said.",
    ]
    return "\n".join(lines) + "\n"
