"""A stand-in for the few names of libcamera that we use. Not the real thing."""

from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True)
class Transform:
    hflip: bool = False
    vflip: bool = False


@dataclass(frozen=True)
class ColorSpace:
    name: str

    @classmethod
    def Rec709(cls):  # noqa: N802 - libcamera's name
        return cls("Rec709")

    @classmethod
    def Smpte170m(cls):  # noqa: N802 - libcamera's name
        return cls("Smpte170m")


class controls:  # noqa: N801 - libcamera's name
    class AfModeEnum(IntEnum):
        Manual = 0
        Auto = 1
        Continuous = 2

    class AeExposureModeEnum(IntEnum):
        Normal = 0
        Short = 1
        Long = 2
