"""Passwords of devices: from a file, or from the environment; never from the settings."""

import os
from pathlib import Path

from whosthere.core.errors import BadSettings


def password_of(name: str, file: Path | None) -> str | None:
    """Return the password of the device of that name, or None if it has none."""
    variable = f"WHOSTHERE_{name}_PASSWORD".upper().replace("-", "_")
    if file is None:
        return os.environ.get(variable)
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is no text file"
        raise BadSettings(
            f"'{name}': its password_file {file}: {why}. Correct it, or leave it out and set"
            f" {variable}."
        ) from None
