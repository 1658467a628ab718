"""Cameras at this machine, by Video4Linux.

Tested without a device so far: its errors, its arguments and the list of devices.
"""

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Literal, TypeAlias

import av
from av.container import InputContainer

from whosthere.cameras.live import LiveStream
from whosthere.core.errors import CameraTrouble
from whosthere.core.packets import OnPacket
from whosthere.core.sighting import Frame

PictureFormat: TypeAlias = Literal["mjpeg", "yuyv422", "h264", "any"]

SYSFS = Path("/sys/class/video4linux")
TIMEOUT = 4.0  # seconds


@dataclass
class UsbCamera:
    """Reads a camera that is plugged into this machine."""

    name: str
    device: Path = Path("/dev/video0")
    width: int = 1280
    height: int = 720
    captured_per_second: float = 15.0
    picture_format: PictureFormat = "mjpeg"
    frames_per_second: float = 5.0  # that are analysed
    frozen_seconds: float = 8.0
    on_packet: OnPacket | None = None
    on_change: Callable[[str], None] | None = None
    stop: Event = field(default_factory=Event, repr=False)

    def __post_init__(self) -> None:
        self._live = LiveStream(
            name=self.name,
            open=self._open,
            trouble=self.trouble,
            frames_per_second=self.frames_per_second,
            timeout_seconds=TIMEOUT,
            frozen_seconds=self.frozen_seconds,
            on_packet=self.on_packet,
            on_change=self.on_change,
            stop=self.stop,
        )

    def frames(self) -> Iterator[Frame]:
        if not self.device.exists():
            raise CameraTrouble(
                f"Camera '{self.name}': {self.device} does not exist. {_what_is_there()}"
            )
        return self._live.frames()

    @property
    def heard(self) -> float:
        return self._live.heard

    def wake(self, seconds: float) -> None:
        """Do nothing: each picture is decoded anyway."""

    def options(self) -> dict[str, str]:
        """What the device is asked for."""
        wanted = {
            "video_size": f"{self.width}x{self.height}",
            "framerate": f"{self.captured_per_second:g}",
        }
        if self.picture_format != "any":
            wanted["input_format"] = self.picture_format
        return wanted

    def _open(self) -> InputContainer:
        return av.open(
            str(self.device), format="v4l2", options=self.options(), timeout=(TIMEOUT, TIMEOUT)
        )

    def trouble(self, error: Exception, waited: float) -> CameraTrouble:
        """Say what an error of the driver means, and what to do."""
        return CameraTrouble(f"Camera '{self.name}': {self.device} {self._why(error, waited)}")

    def _why(self, error: Exception, waited: float) -> str:
        match getattr(error, "errno", None):
            case errno.EACCES | errno.EPERM:
                return "may not be read. Add this user to the group 'video', and log in anew."
            case errno.EBUSY:
                return "is in use by another program. Close that."
            case errno.ENODEV | errno.ENOENT | errno.ENXIO | errno.EIO:
                return "is gone. Plug the camera in again."
            case errno.ENOTTY | errno.EINVAL:
                return (
                    f"cannot do {self.width}x{self.height} as {self.picture_format}, "
                    "or is no camera. 'v4l2-ctl --list-formats-ext' lists what it can do."
                )
            case _:
                pass
        if isinstance(error, av.error.ExitError):
            return f"did not answer for {waited:.0f} s. Plug the camera in again."
        return f"cannot be read: {getattr(error, 'strerror', None) or type(error).__name__}."


def devices(sysfs: Path = SYSFS) -> dict[str, str]:
    """The video devices of this machine with the names that they give themselves."""
    found = {}
    for entry in sorted(sysfs.glob("video*"), key=lambda path: (len(path.name), path.name)):
        name = entry / "name"
        if name.is_file():
            found[f"/dev/{entry.name}"] = name.read_text(encoding="utf-8", errors="replace").strip()
    return found


def _what_is_there() -> str:
    there = devices()
    if not there:
        return "No camera is plugged in."
    return "There is " + ", ".join(f"{device} ({name})" for device, name in there.items()) + "."
