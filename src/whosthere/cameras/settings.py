"""What may be set about cameras: a class for each kind, chosen by `kind`."""

import importlib
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from whosthere.cameras.addresses import holds_login, password_of
from whosthere.core.packets import OnPacket
from whosthere.core.ports import Camera

if TYPE_CHECKING:
    from whosthere.cameras import rtsp

ADAPTERS = {  # kind → module:class, imported only when used
    "file": "whosthere.cameras.video_file:VideoFile",
    "rtsp": "whosthere.cameras.rtsp:RtspCamera",
    "usb": "whosthere.cameras.usb:UsbCamera",
    "mjpeg": "whosthere.cameras.http:MjpegCamera",
    "snapshot": "whosthere.cameras.http:SnapshotCamera",
    "picamera": "whosthere.cameras.picamera:PiCamera",
}
_NOT_FOR_THE_CAMERA = frozenset({"kind", "password_file", "record_url"})


class CameraSettings(BaseModel):
    """What all kinds of cameras have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frames_per_second: float = Field(
        5.0, ge=0.1, le=30, description="Pictures a second that are analysed, at most."
    )

    @model_validator(mode="before")
    @classmethod
    def _no_password(cls, table: Any) -> Any:  # noqa: ANN401 - whatever people wrote
        if isinstance(table, dict) and "password" in table:
            raise ValueError(
                "a password does not belong here, where others may read it; put it into the "
                "environment as WHOSTHERE_<CAMERA>_PASSWORD, or into a file and name that as "
                "password_file"
            )
        return table


class _Frozen(CameraSettings):
    frozen_seconds: float = Field(
        8.0,
        ge=0,
        le=3600,
        description="Seconds for which pictures may be the same to the last bit until the camera "
        "counts as frozen. 0: for ever.",
    )


class _WithLogin(CameraSettings):
    url: str
    user: str | None = Field(None, description="Name to log in with.", examples=["viewer"])
    password_file: Path | None = Field(
        None,
        description="File with the password and nothing else. Without it, the environment "
        "variable WHOSTHERE_<CAMERA>_PASSWORD is used.",
        examples=["/etc/whosthere/front.password"],
    )

    @field_validator("url", "record_url", check_fields=False)
    @classmethod
    def _no_login(cls, address: str | None) -> str | None:
        if address is not None and holds_login(address):
            raise ValueError(
                "take the user and password out of it; set 'user', and put the password into the "
                "environment as WHOSTHERE_<CAMERA>_PASSWORD or into a password_file"
            )
        return address


class FileCamera(CameraSettings):
    """A video file that plays as if it were a camera."""

    kind: Literal["file"] = Field(description="A video file.")
    path: Path = Field(description="The file.", examples=["clips/front.mp4"])
    loop: bool = Field(default=False, description="Begin again at its end.")
    key_frames_only_while_quiet: bool = Field(
        default=False, description="Decode only key frames until something changes; see kind rtsp."
    )


class RtspCamera(_WithLogin, _Frozen):
    """A network camera that speaks RTSP, as nearly all do."""

    kind: Literal["rtsp"] = Field(description="A network camera.")
    url: str = Field(
        pattern=r"^rtsps?://[^/\s]+",
        description="Address of the stream to analyse; a small one (640 pixels wide) will do.",
        examples=["rtsp://192.168.1.20:554/stream2"],
    )
    record_url: str | None = Field(
        None,
        pattern=r"^rtsps?://[^/\s]+",
        description="Address of a larger stream of the same camera, for recordings.",
        examples=["rtsp://192.168.1.20:554/stream1"],
    )
    transport: Literal["tcp", "udp"] = Field(
        "tcp", description="TCP loses nothing; UDP is there for cameras that know nothing else."
    )
    timeout_seconds: float = Field(
        4.0, ge=0.5, le=60, description="Seconds of silence after which the camera is given up."
    )
    key_frames_only_while_quiet: bool = Field(
        default=False,
        description="Economy: decode only key frames until something changes. A seventh of the "
        "work while quiet; who comes and goes between two key frames is missed.",
    )


class UsbCamera(_Frozen):
    """A camera at this machine, by Video4Linux."""

    kind: Literal["usb"] = Field(description="A camera at this machine.")
    device: Path = Field(
        Path("/dev/video0"),
        description="Its device. Names below /dev/v4l/by-id stay the same over restarts.",
        examples=["/dev/v4l/by-id/usb-046d_C270-video-index0"],
    )
    width: int = Field(1280, ge=16, le=7680, description="Pixels across.")
    height: int = Field(720, ge=16, le=4320, description="Pixels down.")
    captured_per_second: float = Field(
        15.0, ge=1, le=120, description="Pictures a second that the camera is asked for."
    )
    picture_format: Literal["mjpeg", "yuyv422", "h264", "any"] = Field(
        "mjpeg", description="How it sends them. 'mjpeg' lets USB carry larger pictures."
    )


class MjpegCamera(_WithLogin, _Frozen):
    """A camera that sends JPEG pictures without end over HTTP."""

    kind: Literal["mjpeg"] = Field(description="JPEG pictures without end over HTTP.")
    url: str = Field(
        pattern=r"^https?://[^/\s]+",
        description="Address of the stream.",
        examples=["http://192.168.1.21/video.mjpg"],
    )
    timeout_seconds: float = Field(
        4.0, ge=0.5, le=60, description="Seconds of silence after which the camera is given up."
    )


class SnapshotCamera(_WithLogin):
    """A camera that gives one picture for each request over HTTP."""

    kind: Literal["snapshot"] = Field(description="One picture for each request over HTTP.")
    url: str = Field(
        pattern=r"^https?://[^/\s]+",
        description="Address of the picture.",
        examples=["http://192.168.1.22/snapshot.jpg"],
    )
    frames_per_second: float = Field(
        1.0, ge=0.01, le=10, description="Pictures a second that are asked for and analysed."
    )
    timeout_seconds: float = Field(
        4.0, ge=0.5, le=60, description="Seconds until a picture must be there."
    )
    stale_seconds: float = Field(
        8.0,
        ge=1,
        le=3600,
        description="Seconds for which the camera may give the same picture again until it "
        "counts as frozen. The same picture is never analysed twice.",
    )


class PiCameraSettings(_Frozen):
    """The Raspberry Pi's own camera, at its ribbon cable."""

    kind: Literal["picamera"] = Field(description="The Raspberry Pi's own camera.")
    number: int = Field(
        0, ge=0, le=7, description="Which one, as 'rpicam-hello --list-cameras' numbers them."
    )
    width: int = Field(
        1280, ge=64, le=4608, description="Pixels across, of recordings and pictures."
    )
    height: int = Field(720, ge=64, le=2592, description="Pixels down.")
    analysed_width: int = Field(
        640,
        ge=64,
        le=1920,
        description="Pixels across of the small pictures in which motion is looked for.",
    )
    captured_per_second: float = Field(
        15.0,
        ge=1,
        le=60,
        description="Pictures a second that are recorded. A Pi 5 encodes by its processor, and"
        " gives fewer if they are larger than 1920x1080.",
    )
    slowest_per_second: float | None = Field(
        None,
        ge=0.5,
        le=60,
        description="In the dark, let the rate fall to this, so that each picture is exposed for"
        " longer. None: it never falls.",
        examples=[5.0],
    )
    kilobits_per_second: int | None = Field(
        None,
        ge=100,
        le=25000,
        description="Of recordings. None: as their size needs.",
        examples=[2000],
    )
    flip: Literal["none", "horizontal", "vertical", "both"] = Field(
        "none", description="'both' for a camera that hangs upside down."
    )
    exposure: Literal["normal", "short", "long"] = Field(
        "normal",
        description="What automatic exposure prefers: 'short' blurs less, 'long' sees more at"
        " night.",
    )
    exposure_milliseconds: float | None = Field(
        None, gt=0, le=10000, description="A fixed exposure. None: automatic.", examples=[20.0]
    )
    gain: float | None = Field(
        None,
        ge=1,
        le=64,
        description="A fixed gain of the sensor. None: automatic.",
        examples=[4.0],
    )
    focus_metres: float | None = Field(
        None,
        gt=0,
        le=1000,
        description="Distance that is in focus, for cameras with autofocus. None: it follows.",
        examples=[5.0],
    )
    tuning_file: str | None = Field(
        None,
        pattern=r"^[\w.-]+\.json$",
        description="Another tuning file of libcamera, as for a NoIR camera.",
        examples=["imx219_noir.json"],
    )
    timeout_seconds: float = Field(
        4.0, ge=0.5, le=60, description="Seconds without a picture until it is opened anew."
    )


CameraSource: TypeAlias = Annotated[
    FileCamera | RtspCamera | UsbCamera | MjpegCamera | SnapshotCamera | PiCameraSettings,
    Field(discriminator="kind"),
]
OnChange: TypeAlias = Callable[[str], None]


def make_camera(
    name: str,
    source: CameraSource,
    *,
    on_packet: OnPacket | None = None,
    on_change: OnChange | None = None,
    stop: Event | None = None,
    starts: datetime | None = None,
) -> Camera:
    """Build a camera. Nothing is opened before its `frames()` are asked for.

    A live camera reads and decodes in the thread that asks for its frames; `newest.LiveFrames`
    gives it a thread of its own. Packets of a camera that is recorded from another address come
    from `make_recording_stream`.
    """
    arguments = _arguments(name, source)
    if getattr(source, "record_url", None) is None:
        arguments["on_packet"] = on_packet
    arguments["stop"] = stop or Event()
    if isinstance(source, FileCamera):
        arguments |= {"starts": starts, "pace": "real time"}
    else:
        arguments["on_change"] = on_change
    camera: Camera = _adapter(source.kind)(**arguments)
    return camera


def make_recording_stream(
    name: str, source: CameraSource, on_packet: OnPacket, stop: Event | None = None
) -> "rtsp.RecordingStream | None":
    """Build the reader of the stream that is only recorded, if a camera has one of its own."""
    if not isinstance(source, RtspCamera) or source.record_url is None:
        return None
    from whosthere.cameras import rtsp  # noqa: PLC0415 - FFmpeg is loaded only when used

    return rtsp.RecordingStream(
        name,
        source.record_url,
        on_packet,
        user=source.user,
        password=password_of(name, source.password_file),
        transport=source.transport,
        timeout_seconds=source.timeout_seconds,
        stop=stop or Event(),
    )


def _arguments(name: str, source: CameraSource) -> dict[str, Any]:
    given = {
        f: getattr(source, f) for f in type(source).model_fields if f not in _NOT_FOR_THE_CAMERA
    }
    if isinstance(source, _WithLogin):
        given["password"] = password_of(name, source.password_file)
    if isinstance(source, PiCameraSettings):
        from whosthere.cameras.picamera_asked import Asked  # noqa: PLC0415 - only when used

        own = {field.name for field in fields(Asked)}
        given["asked"] = Asked(**{key: given.pop(key) for key in own})
    return {"name": name, **given}


def _adapter(kind: str) -> Callable[..., Any]:
    module, _, name = ADAPTERS[kind].partition(":")
    made: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return made
