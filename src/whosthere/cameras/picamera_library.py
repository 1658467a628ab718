"""Finds picamera2 and libcamera, and says what to do where they cannot be used.

Both come with Raspberry Pi OS, as apt packages for the system's own Python; pip has no libcamera.
So a virtual environment must be made of that Python, and let its packages in (picamera2 manual,
"Installation and requirements").
"""

import importlib
import sys
from pathlib import Path
from typing import Any, NamedTuple

from whosthere.core.errors import CameraTrouble

APT_LINE = "sudo apt install -y python3-picamera2 --no-install-recommends"
VENV_LINE = "/usr/bin/python3 -m venv --system-site-packages ~/whosthere-venv"
# of what is built for numpy 1 and finds numpy 2; the words differ with who notices first
NUMPY_SIGNS = (
    "numpy.dtype size changed",
    "numpy.core.multiarray",
    "_ARRAY_API not found",
    "compiled using NumPy 1",
)
SYSTEM_PACKAGES = Path("/usr/lib/python3/dist-packages")


class Library(NamedTuple):
    """The parts of picamera2 that we use. It has no types, so neither have these."""

    camera: Any
    mapped_array: Any
    encoder: Any
    output: Any
    libcamera: Any

    @property
    def encodes_in_hardware(self) -> bool:
        """Up to the Pi 4 (its chip is called VC4); from the Pi 5 on, the processor encodes."""
        return bool(self.camera.platform.name == "VC4")


def library(camera: str) -> Library:
    """Import picamera2, or raise what to do."""
    try:
        picamera2 = importlib.import_module("picamera2")
        encoders = importlib.import_module("picamera2.encoders")
        outputs = importlib.import_module("picamera2.outputs")
        libcamera = importlib.import_module("libcamera")
        return Library(
            picamera2.Picamera2,
            picamera2.MappedArray,
            encoders.H264Encoder,
            outputs.Output,
            libcamera,
        )
    except (ImportError, ValueError, AttributeError) as error:
        raise CameraTrouble(f"Camera '{camera}': {why_not(error, Surroundings.now())}") from None


class Surroundings(NamedTuple):
    """What decides which packages this Python sees."""

    in_venv: bool
    sees_system: bool
    is_system_python: bool  # libcamera is built for that one alone
    has_apt_package: bool
    version: str

    @classmethod
    def now(cls) -> "Surroundings":
        return cls(
            in_venv=sys.prefix != sys.base_prefix,
            sees_system=any("dist-packages" in path for path in sys.path),
            is_system_python=Path(sys.base_prefix) == Path("/usr"),
            has_apt_package=(SYSTEM_PACKAGES / "picamera2").is_dir(),
            version=f"{sys.version_info.major}.{sys.version_info.minor}",
        )


def why_not(error: Exception, here: Surroundings) -> str:
    """Say why picamera2 cannot be imported here, and what to do."""
    said = str(error)
    if any(sign in said for sign in NUMPY_SIGNS):
        return (
            "the numpy of this environment does not fit the packages of Raspberry Pi OS"
            f" ({_first_line(said)}). Install one that does: pip install 'numpy<2'"
            " 'opencv-python-headless<4.12'"
        )
    if isinstance(error, ModuleNotFoundError):
        missing = (error.name or "picamera2").partition(".")[0]
        return _not_found(missing, here)
    return (
        f"picamera2 cannot be used: {_first_line(said)}. It may be older or newer than its parts:"
        " sudo apt update && sudo apt full-upgrade"
    )


def _not_found(missing: str, here: Surroundings) -> str:
    steps = []
    if not here.has_apt_package:
        steps.append(f"Install it: {APT_LINE}")
    elif missing not in {"picamera2", "libcamera"}:
        steps.append(f"A package that it needs is missing: {APT_LINE} --reinstall")
    if not here.is_system_python:
        steps.append(
            f"This is Python {here.version} of another origin, and only the system's own Python"
            f" sees it. Make the environment anew: {VENV_LINE}"
        )
    elif here.in_venv and not here.sees_system:
        steps.append(
            f"This environment does not see the packages of the system. Make it anew: {VENV_LINE}"
        )
    head = f"{missing} is not found. It comes with Raspberry Pi OS, not with pip."
    return "\n".join([head, *(steps or [f"Install it: {APT_LINE}"])])


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].rstrip(".")
