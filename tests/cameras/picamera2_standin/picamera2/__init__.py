"""A stand-in for picamera2 that plays a film. Not the real thing; see the folder's docstring."""

import concurrent.futures
import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from itertools import cycle
from pathlib import Path

import av
import numpy as np

PADDING = 64  # rows are padded to a multiple of these bytes, as on a Pi 5
RUBBISH = 85  # what is in a buffer after its release


class Platform(Enum):
    VC4 = 0
    PISP = 1


@dataclass
class Hardware:
    """What tests make of the machine: its chip, cameras and troubles."""

    film: Path | None = None
    skip_seconds: float = 0.0  # of the film
    platform: Platform = Platform.VC4
    cameras: list = field(default_factory=lambda: [{"Model": "imx708", "Num": 0, "Id": "/a"}])
    offered: tuple = ("FrameDurationLimits", "ExposureTime", "AnalogueGain", "AeEnable",
                      "AeExposureMode", "AfMode", "LensPosition")  # fmt: skip
    opened_by: object = None  # by this camera, or by another program
    sticks_after: int | None = None  # pictures
    stands_still: bool = False
    opened: int = 0
    last: object = None  # the newest Picamera2
    tuning: object = None


hardware = Hardware()


class Job:
    def __init__(self):
        self._future = concurrent.futures.Future()

    def get_result(self, timeout=None):
        return self._future.result(timeout=timeout)

    def cancel(self):
        self._future.set_exception(concurrent.futures.CancelledError())

    def done(self, request):
        self._future.set_result(request)


class CompletedRequest:
    def __init__(self, picam2, buffers):
        self.picam2, self.buffers, self.config = picam2, buffers, picam2.config
        self.ref_count = 1

    def acquire(self):
        self.ref_count += 1

    def release(self):
        self.ref_count -= 1
        if self.ref_count < 0:
            raise RuntimeError("CompletedRequest: lock now has negative ref_count")
        if self.ref_count == 0:
            for buffer in self.buffers.values():
                buffer.fill(RUBBISH)
            self.picam2.free.append(self.buffers)


class MappedArray:
    def __init__(self, request, stream, reshape=True, write=True):  # noqa: FBT002 - picamera2's
        del write
        if request.ref_count == 0:
            raise RuntimeError("the request was released")
        self._array = request.buffers[stream]
        if reshape:
            made = request.config[stream]
            self._array = self._array.reshape(made["size"][1] * 3 // 2, made["stride"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._array = None

    @property
    def array(self):
        return self._array


class _OfTheMachine(type):
    """The real class knows the chip; here, tests choose it."""

    @property
    def platform(cls):
        return hardware.platform


class Picamera2(metaclass=_OfTheMachine):
    def __init__(self, camera_num=0, verbose_console=None, tuning=None, allocator=None):
        del verbose_console, allocator
        if camera_num >= len(hardware.cameras):
            raise RuntimeError(f"No camera number {camera_num} found")
        if hardware.opened_by is not None:
            cause = RuntimeError("Failed to acquire camera: Device or resource busy")
            raise RuntimeError("Camera __init__ sequence did not complete.") from cause
        hardware.opened_by = hardware.last = self
        hardware.opened += 1
        hardware.tuning = tuning
        self.config, self.free, self.given = None, [], 0
        self._encoders, self._job, self._newest = set(), None, None
        self._lock = threading.Condition()
        self._running, self._thread = False, None

    @staticmethod
    def global_camera_info():
        return list(hardware.cameras)

    @staticmethod
    def load_tuning_file(tuning_file, dir=None):  # noqa: A002 - picamera2's
        del dir
        if tuning_file != "imx219_noir.json":
            raise RuntimeError("Tuning file not found")
        return {"version": 2.0}

    @property
    def camera_controls(self):
        return dict.fromkeys(hardware.offered, (0, 1, None))

    def create_video_configuration(  # noqa: PLR0913, PLR0917 - picamera2's
        self, main={}, lores=None, raw={}, transform=None, colour_space=None, buffer_count=6,  # noqa: B006 - picamera2's
        controls={}, display="main", encode="main", queue=True, sensor={}, use_case="video",  # noqa: B006, FBT002 - picamera2's
    ):  # fmt: skip
        del raw, sensor, use_case
        return {"main": dict(main), "lores": dict(lores), "transform": transform,
                "colour_space": colour_space, "buffer_count": buffer_count, "queue": queue,
                "controls": dict(controls), "display": display, "encode": encode}  # fmt: skip

    def configure(self, camera_config=None):
        for name in ("main", "lores"):
            stream = camera_config[name]
            width, height = stream["size"]
            if stream["format"] != "YUV420" or width % 2 or height % 2:
                raise RuntimeError("width and height should be even")
            stream["stride"] = -(-width // PADDING) * PADDING + PADDING
        if any(a > b for a, b in zip(camera_config["lores"]["size"],
                                     camera_config["main"]["size"], strict=True)):  # fmt: skip
            raise RuntimeError("lores stream dimensions may not exceed main stream")
        unknown = set(camera_config["controls"]) - set(hardware.offered)
        if unknown:
            raise RuntimeError(f"Control {unknown} is not advertised by libcamera")
        self.config = camera_config
        sizes = {n: self.config[n]["stride"] * self.config[n]["size"][1] * 3 // 2
                 for n in ("main", "lores")}  # fmt: skip
        self.free = [{n: np.zeros(size, np.uint8) for n, size in sizes.items()}
                     for _ in range(camera_config["buffer_count"])]  # fmt: skip

    def camera_configuration(self):
        return self.config

    def start(self, config=None, show_preview=False):  # noqa: FBT002 - picamera2's
        del config, show_preview
        self._running = True
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def stop(self):
        with self._lock:
            if self._job is not None:
                raise AssertionError("a job waits, so the real one would wait for it too")
            self._running = False
            self._lock.notify_all()
        if self._thread is not None:
            self._thread.join()

    def close(self):
        self.stop()
        if hardware.opened_by is self:
            hardware.opened_by = None

    def capture_request(self, wait=None, signal_function=None, flush=None):
        assert wait is False
        assert signal_function is flush is None
        job = Job()
        with self._lock:
            self._job = job
            self._hand_over()
        return job

    def wait(self, job, timeout=None):
        return job.get_result(timeout=timeout)

    def cancel_all_and_flush(self):
        with self._lock:
            if self._job is not None:
                self._job.cancel()
                self._job = None

    def start_encoder(self, encoder=None, output=None, pts=None, quality=None, name=None):
        del pts, name
        encoder.output, encoder.size = output, self.config["main"]["size"]
        encoder.start(quality)
        with self._lock:
            self._encoders.add(encoder)

    def stop_encoder(self, encoders=None):
        with self._lock:
            self._encoders.discard(encoders)
        encoders.stop()

    def _hand_over(self):
        if self._job is not None and self._newest is not None:
            request, self._newest = self._newest, None
            job, self._job = self._job, None
            job.done(request)

    def _play(self):
        """The camera's event loop: a picture in each step, while there are buffers."""
        step = self.config["controls"]["FrameDurationLimits"][0] / 1e6
        began, pictures = time.monotonic(), _pictures(self.config)
        for number, planes in enumerate(pictures):
            with self._lock:
                due = began + number * step - time.monotonic()
                self._lock.wait_for(lambda: not self._running, max(0.0, due))
                if not self._running:
                    break
                if number == hardware.sticks_after or not self.free:
                    hardware.sticks_after = None
                    self._lock.wait_for(lambda: not self._running)
                    break
                buffers = self.free.pop()
                encoders = list(self._encoders)
            for name, plane in planes.items():
                buffers[name][:] = plane
            stride = self.config["main"]["stride"]
            for encoder in encoders:
                encoder.encode(buffers["main"], stride, int(number * step * 1e6))
            with self._lock:
                if self._newest is not None:
                    self._newest.release()
                self._newest = CompletedRequest(self, buffers)
                self.given += 1
                self._hand_over()


def _pictures(config):
    if hardware.film is None:
        yield from cycle(_noise(config, 4))
        return
    step, number = config["controls"]["FrameDurationLimits"][0] / 1e6, 0
    while True:
        with av.open(str(hardware.film)) as film:
            film.seek(int(hardware.skip_seconds * av.time_base))
            for frame in film.decode(video=0):
                if frame.time >= hardware.skip_seconds + number * step:
                    number += 1
                    yield {name: _laid_out(frame, config[name]) for name in ("main", "lores")}
        number = 0


def _noise(config, count):
    random = np.random.default_rng(1)
    for _ in range(1 if hardware.stands_still else count):
        yield {
            name: np.concatenate([
                random.integers(16, 235, made["stride"] * made["size"][1], np.uint8),
                np.full(made["stride"] * made["size"][1] // 2, 128, np.uint8),
            ])
            for name, made in ((name, config[name]) for name in ("main", "lores"))
        }  # fmt: skip


def _laid_out(frame, made):
    (width, height), stride = made["size"], made["stride"]
    small = frame.reformat(width, height, "yuv420p")
    transform = hardware.last.config["transform"]
    parts = []
    for plane, half in zip(small.planes, (1, 2, 2), strict=True):
        rows, columns = height // half, width // half
        source = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:rows, :columns]
        source = source[:: -1 if transform.vflip else 1, :: -1 if transform.hflip else 1]
        into = np.full((rows, stride // half), RUBBISH, np.uint8)
        into[:, :columns] = source
        parts.append(into.reshape(-1))
    return np.concatenate(parts)
