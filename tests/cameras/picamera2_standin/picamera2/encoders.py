"""A stand-in for picamera2.encoders: real H.264, by libx264. Not the real thing."""

from fractions import Fraction
from threading import Lock

import av
import numpy as np


class H264Encoder:
    def __init__(self, bitrate=None, repeat=True, iperiod=30, framerate=30, qp=None, profile=None):  # noqa: FBT002 - picamera2's
        self.bitrate, self.repeat, self.iperiod = bitrate, repeat, iperiod
        self.framerate, self.qp, self.profile = framerate, qp, profile
        self.output = self.size = None
        self._context = self._first = None
        self._lock = Lock()

    def start(self, quality=None):
        del quality
        made = av.CodecContext.create("libx264", "w")
        made.width, made.height = self.size
        made.pix_fmt = "yuv420p"
        made.time_base = Fraction(1, 1_000_000)
        made.framerate = Fraction(self.framerate).limit_denominator(1000)
        made.gop_size = self.iperiod
        made.bit_rate = self.bitrate or 1_500_000
        made.options = {"preset": "ultrafast", "tune": "zerolatency"}
        self._context = made
        self.output.start()

    def encode(self, flat, stride, microseconds):
        """Take a picture out of its buffer, as the real one does within the camera's thread."""
        with self._lock:
            if self._context is None:
                return
            self._first = microseconds if self._first is None else self._first
            frame = _frame(flat, stride, *self.size)
            frame.pts = microseconds - self._first
            frame.time_base = Fraction(1, 1_000_000)
            for packet in self._context.encode(frame):
                self.output.outputframe(
                    bytes(packet), packet.is_keyframe, timestamp=packet.pts, packet=packet
                )

    def stop(self):
        with self._lock:
            if self._context is None:
                raise RuntimeError("Encoder already stopped")
            self._context = None
        self.output.stop()


def _frame(flat, stride, width, height):
    frame = av.VideoFrame(width, height, "yuv420p")
    start = 0
    for plane, half in zip(frame.planes, (1, 2, 2), strict=True):
        rows, step = height // half, stride // half
        source = flat[start : start + rows * step].reshape(rows, step)
        into = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        into[:rows, : width // half] = source[:, : width // half]
        start += rows * step
    return frame
