"""Passwords of devices."""

from pathlib import Path

from whosthere.core.errors import BadSettings
from whosthere.named_secrets import secret_of


def password_of(name: str, file: Path | None) -> str | None:
    """Return the password of the device of that name, or None if it has none."""
    return secret_of(name, file, lambda why: BadSettings(f"'{name}': {why}"))
