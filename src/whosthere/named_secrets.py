"""Passwords and keys: from a file if one is named, else from the environment; never in settings."""

import os
from collections.abc import Callable
from pathlib import Path


def variable(name: str, what: str = "password") -> str:
    """Name the environment variable that holds a secret."""
    return f"WHOSTHERE_{name}_{what}".upper().replace("-", "_")


def secret_of(
    name: str,
    file: Path | None,
    trouble: Callable[[str], Exception],
    what: str = "password",
) -> str | None:
    """Return the secret, or None if there is none. `trouble` is raised if its file is unusable."""
    if file is None:
        return os.environ.get(variable(name, what))
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        why = "does not exist"
    except PermissionError:
        why = "may not be read"
    except (OSError, UnicodeDecodeError):
        why = "is no text file"
    raise trouble(
        f"its {what}_file {file} {why}. Correct it, or leave it out and set {variable(name, what)}."
    )
