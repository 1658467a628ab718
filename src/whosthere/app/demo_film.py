"""The film of a visitor that comes with the package."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from whosthere.cameras.video_file import VideoFile
from whosthere.core.sighting import Frame

VISITOR_SECONDS = 14.0  # when the visitor is well in the picture


@contextmanager
def film() -> Iterator[Path]:
    """Give the film's path for as long as it is needed."""
    shipped = resources.files("whosthere") / "demo" / "visitor.mp4"
    with resources.as_file(shipped) as path:
        yield path


def visitor() -> Frame:
    """One frame that shows the visitor."""
    with film() as path:
        frames = VideoFile("demo", path, frames_per_second=2.0).frames()
        return next(frame for frame in frames if frame.clock >= VISITOR_SECONDS)
