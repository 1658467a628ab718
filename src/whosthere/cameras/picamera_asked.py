"""What a Pi camera is asked for: sizes, rates, exposure and focus, within what the Pi can do."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from whosthere.cameras.picamera_library import Library
from whosthere.core.errors import CameraTrouble

Flip: TypeAlias = Literal["none", "horizontal", "vertical", "both"]
Exposure: TypeAlias = Literal["normal", "short", "long"]

KEY_FRAME_SECONDS = 2.0  # at most, between two key frames: clips begin at one
SOFTWARE_PIXELS = 1920 * 1080 * 15  # a second, that the processor of a Pi 5 is asked to encode
HARDWARE_SIZE = (1920, 1080)  # the largest that the encoder of a Pi up to 4 takes
HD_ROWS = 720  # from this size on, colours are those of BT.709, as `pixels` reads them
SECOND = 1_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Asked:
    """What people set."""

    width: int = 1280
    height: int = 720
    analysed_width: int = 640
    captured_per_second: float = 15.0
    slowest_per_second: float | None = None
    kilobits_per_second: int | None = None
    flip: Flip = "none"
    exposure: Exposure = "normal"
    exposure_milliseconds: float | None = None
    gain: float | None = None
    focus_metres: float | None = None
    tuning_file: str | None = None

    def main_size(self, name: str, *, in_hardware: bool) -> tuple[int, int]:
        """The size of recordings and pictures; both sides even, as the encoder wants them."""
        width, height = self.width - self.width % 2, self.height - self.height % 2
        largest_width, largest_height = HARDWARE_SIZE
        if in_hardware and (width > largest_width or height > largest_height):
            raise CameraTrouble(
                f"Camera '{name}': the encoder of this Pi takes {largest_width}x{largest_height}"
                f" at most, not {width}x{height}. Set a smaller width and height."
            )
        return width, height

    def small_size(self, main: tuple[int, int]) -> tuple[int, int]:
        """The size that is analysed: of the same shape, and never larger than the main one."""
        width = min(self.analysed_width, main[0])
        height = min(round(width * main[1] / main[0]), main[1])
        return max(2, width - width % 2), max(2, height - height % 2)

    def rate(self, *, in_hardware: bool) -> float:
        """Pictures a second, fewer where the processor has to encode large ones."""
        if in_hardware:
            return self.captured_per_second
        return min(self.captured_per_second, SOFTWARE_PIXELS / (self.width * self.height))

    def slowest(self, rate: float) -> float:
        """The lowest rate in the dark: each picture then is exposed for longer."""
        return rate if self.slowest_per_second is None else min(self.slowest_per_second, rate)

    def key_interval(self, rate: float) -> int:
        """Pictures from one key frame to the next; in the dark too, these are soon enough."""
        return max(1, int(KEY_FRAME_SECONDS * self.slowest(rate)))

    def controls(self, rate: float, offered: dict[str, Any], library: Library) -> dict[str, Any]:
        """The settings of the sensor that this camera has."""
        known = library.libcamera.controls
        asked: dict[str, Any] = {
            "FrameDurationLimits": (
                round(SECOND / rate),
                round(SECOND / self.slowest(rate)),
            )
        }
        if self.exposure_milliseconds is not None:
            asked["ExposureTime"] = round(self.exposure_milliseconds * 1000)
        if self.gain is not None:
            asked["AnalogueGain"] = self.gain
        if self.exposure_milliseconds is not None and self.gain is not None:
            asked["AeEnable"] = False
        elif self.exposure != "normal":
            modes = known.AeExposureModeEnum
            asked["AeExposureMode"] = modes.Short if self.exposure == "short" else modes.Long
        if "AfMode" in offered:
            asked |= self._focus(known)
        return {name: value for name, value in asked.items() if name in offered}

    def _focus(self, known: Any) -> dict[str, Any]:  # noqa: ANN401 - libcamera has no types
        if self.focus_metres is None:
            return {"AfMode": known.AfModeEnum.Continuous}
        return {"AfMode": known.AfModeEnum.Manual, "LensPosition": 1 / self.focus_metres}

    def configuration(self, camera: Any, library: Library, name: str) -> dict[str, Any]:  # noqa: ANN401 - as above
        """Two streams of the same moment: one to encode and show, a small one to analyse."""
        in_hardware = library.encodes_in_hardware
        main = self.main_size(name, in_hardware=in_hardware)
        rate = self.rate(in_hardware=in_hardware)
        spaces, libcamera = library.libcamera.ColorSpace, library.libcamera
        made: dict[str, Any] = camera.create_video_configuration(
            main={"size": main, "format": "YUV420"},
            lores={"size": self.small_size(main), "format": "YUV420"},
            transform=libcamera.Transform(
                hflip=self.flip in {"horizontal", "both"},
                vflip=self.flip in {"vertical", "both"},
            ),
            colour_space=spaces.Rec709() if main[1] >= HD_ROWS else spaces.Smpte170m(),
            controls=self.controls(rate, camera.camera_controls, library),
            display=None,
        )
        return made
