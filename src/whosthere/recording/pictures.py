"""Keeps the picture that shows an incident best, as it was and with boxes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from whosthere.core.messages import Kept
from whosthere.core.model import Incident
from whosthere.core.sighting import Image, Sighting
from whosthere.recording import names

JPEG_QUALITY = 88

Draw = Callable[[Image, Sighting], Image]


class Pictures:
    """Takes pictures at any time from any thread, and encodes them when asked.

    Of each incident only the newest waits: a better one replaces one that is not encoded yet.
    """

    def __init__(self, folder: Path, draw: Draw) -> None:
        self._folder = folder
        self._draw = draw
        self._lock = Lock()
        self._waiting: dict[str, tuple[Incident, Sighting]] = {}

    def keep(self, incident: Incident, sighting: Sighting) -> None:
        if sighting.frame is not None:
            with self._lock:
                self._waiting[incident.id] = (incident, sighting)

    def write(self) -> Iterator[Kept]:
        """Encode what waits. What cannot be written waits on, unless a better one comes."""
        with self._lock:
            taken, self._waiting = self._waiting, {}
        try:
            for key, (incident, sighting) in list(taken.items()):
                yield self._write(incident, sighting)
                del taken[key]
        finally:
            with self._lock:
                self._waiting = taken | self._waiting

    def _write(self, incident: Incident, sighting: Sighting) -> Kept:
        if sighting.frame is None:
            raise AssertionError("only sightings with a frame are kept")
        image = sighting.frame.pixels.bgr()
        picture, with_boxes = names.picture(incident), names.picture_with_boxes(incident)
        write_whole(self._folder / picture, _jpeg(image))
        write_whole(self._folder / with_boxes, _jpeg(self._draw(image.copy(), sighting)))
        return Kept(incident, picture=picture, picture_with_boxes=with_boxes)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or, after a power cut, as it was before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with open(unfinished, "wb", opener=private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def private(path: str, flags: int) -> int:
    """Open a file that other users of this machine may not read."""
    return os.open(path, flags, 0o640)


def _jpeg(image: Image) -> bytes:
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    done, encoded = cv2.imencode(".jpg", np.ascontiguousarray(image), quality)
    if not done:
        raise AssertionError("a picture in memory can be encoded")
    return encoded.tobytes()
