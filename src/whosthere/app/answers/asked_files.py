"""Pictures and clips that were made because somebody asked. Only the newest few are kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from whosthere.core.errors import StoreTrouble
from whosthere.core.packets import Packet
from whosthere.core.sighting import Frame
from whosthere.recording.clips import Clip
from whosthere.recording.pictures import write_whole
from whosthere.recording.pre_roll import PreRoll

FOLDER = "asked"  # below the data folder
KEPT = 40  # files
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 88]


class Cut(NamedTuple):
    """A clip of the last seconds."""

    file: str  # below the data folder
    seconds: float
    ended: datetime


@dataclass(frozen=True, slots=True)
class AskedFiles:
    """Makes them below the data folder."""

    folder: Path
    now: Callable[[], datetime]

    def picture(self, frame: Frame) -> str:
        """Write a frame as it is. Raises StoreTrouble if the disk does not take it."""
        path = self._path(frame.camera, ".jpg")
        with plain_words(self.folder):
            write_whole(path, as_jpeg(frame))
        self._tidy()
        return path.relative_to(self.folder).as_posix()

    def clip(self, camera: str, ring: PreRoll, seconds: float) -> Cut | None:
        """Write what the ring still has of the last seconds, byte by byte. None: it has nothing."""
        packets = [numbered.packet for numbered in ring.since(0)]
        if not packets:
            return None
        last = packets[-1]
        path = self._path(camera, ".mp4")

        def name(part: int) -> Path:
            return path if part == 1 else path.with_name(f"{path.stem}_part{part}.mp4")

        with plain_words(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            clip = Clip(ring, name, last.clock - seconds, max(seconds, 1.0) + 60.0)
            clip.pump(last.clock)
            clip.close(last.clock)
        self._tidy()
        if not clip.files:
            return None
        newest = clip.files[-1]  # after a change of the stream, the part that shows it as it is
        file = newest.path.relative_to(self.folder).as_posix()
        return Cut(file, newest.ended - newest.began, _wall(packets, newest.ended))

    def _path(self, camera: str, ending: str) -> Path:
        now = self.now()
        stamp = f"{now:%Y%m%dT%H%M%S}{now.microsecond:06d}"
        return self.folder / FOLDER / f"{stamp}-{camera}{ending}"

    def _tidy(self) -> None:
        with suppress(OSError):
            files = sorted((self.folder / FOLDER).glob("2*-*"))
            for old in files[:-KEPT]:
                old.unlink(missing_ok=True)


def _wall(packets: list[Packet], clock: float) -> datetime:
    return next((p.at for p in reversed(packets) if p.clock <= clock), packets[-1].at)


def as_jpeg(frame: Frame) -> bytes:
    done, encoded = cv2.imencode(".jpg", np.ascontiguousarray(frame.pixels.bgr()), QUALITY)
    if not done:
        raise AssertionError("a picture in memory can be encoded")
    return encoded.tobytes()


@contextmanager
def plain_words(folder: Path) -> Iterator[None]:
    """Say what people can do when the disk takes no file."""
    try:
        yield
    except OSError as error:
        raise StoreTrouble(
            f"{folder} takes no file ({error.strerror}). See whether the disk is full or failing."
        ) from error
