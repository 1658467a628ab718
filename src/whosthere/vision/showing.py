"""Films how motion is found, because people tune by looking."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from whosthere.core.errors import WhosThereError
from whosthere.core.policy import CameraPolicy
from whosthere.core.sighting import Frame, Image, Motion
from whosthere.vision.motion import Stages
from whosthere.vision.panels import Panels

_BASE = Fraction(1, 1000)  # s
_OPTIONS = {"crf": "20", "preset": "veryfast"}


class MotionWithStages(Protocol):
    """A motion detector that tells how it came to its last verdict."""

    def __call__(self, frame: Frame) -> Motion: ...
    def stages(self) -> Stages | None: ...


def show_motion(
    camera_frames: Iterable[Frame],
    motion_detector: MotionWithStages,
    out_path: Path,
    progress: Callable[[float], object] = lambda _: None,
    least_area: float = CameraPolicy().least_area,
) -> int:
    """Play frames through a motion detector and film its steps as H.264 in MP4.

    Wire it as `show_motion(camera.frames(), settings.motion.detector(), folder / "front.mp4",
    progress)`. The film has the frame with what moves, the background, what differs from it, and
    the verdict with its numbers beside `least_area`, the share of the picture from which a frame
    counts as occupied. It keeps the times of the frames. `progress` is told the seconds that are
    done. The folder of `out_path` is made if it is not there. Returns the number of pictures in the
    film; the first frame of a scene has nothing to be compared with and is left out.
    """
    panels = Panels(least_area)
    film = _Film(out_path)
    first: float | None = None
    try:
        for frame in camera_frames:
            first = frame.clock if first is None else first
            motion_detector(frame)
            stages = motion_detector.stages()
            if stages is not None:
                film.add(panels.draw(frame, stages), frame.clock - first)
            progress(frame.clock - first)
    finally:
        film.close()
    return film.pictures


class _Film:
    """An MP4 file that is begun with its first picture."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._last = -1
        self.pictures = 0

    def add(self, picture: Image, seconds: float) -> None:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
        self._last = max(round(seconds / _BASE), self._last + 1)
        frame.pts, frame.time_base = self._last, _BASE
        try:
            container, stream = self._begun(frame)
            container.mux(stream.encode(frame))
        except OSError as wrong:
            raise WhosThereError(
                f"Cannot write the film {self._path}: {wrong.strerror or wrong}."
                " Choose a folder that can be written to and has room."
            ) from wrong
        self.pictures += 1

    def _begun(self, frame: av.VideoFrame) -> tuple[OutputContainer, VideoStream]:
        if self._container is None or self._stream is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._container = av.open(str(self._path), "w", format="mp4")
            stream = self._container.add_stream("libx264", options=_OPTIONS)
            stream.width, stream.height = frame.width, frame.height
            stream.pix_fmt = "yuv420p"
            stream.codec_context.time_base = _BASE
            self._stream = stream
        return self._container, self._stream

    def close(self) -> None:
        if self._container is None or self._stream is None:
            return
        try:
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
