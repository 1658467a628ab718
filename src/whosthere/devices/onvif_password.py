"""The password of a camera that turns itself: the same one as for its pictures."""

import os
from collections.abc import Mapping
from pathlib import Path

from whosthere.core.pan_tilt import PanTiltTrouble


def variable(camera: str) -> str:
    """The environment variable with the password."""
    return f"WHOSTHERE_{camera.upper().replace('-', '_')}_PASSWORD"


def password_of(
    camera: str, password_file: Path | None, environment: Mapping[str, str] = os.environ
) -> str | None:
    """Find it in its file if one is named, else in the environment."""
    if password_file is None:
        return environment.get(variable(camera))
    try:
        return password_file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is no text file"
        raise PanTiltTrouble(
            f"Camera '{camera}' cannot be turned: its password_file {password_file}: {why}."
            f" Correct it, or leave it out and set {variable(camera)}."
        ) from None
