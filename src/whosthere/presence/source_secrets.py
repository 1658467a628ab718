"""Passwords and keys of presence sources: from the environment or from files, never shown."""

import os
from collections.abc import Mapping
from pathlib import Path

from whosthere.core.errors import BadSettings


def variable(name: str, what: str) -> str:
    """Name the environment variable that holds a secret."""
    return f"WHOSTHERE_{name}_{what}".upper().replace("-", "_")


def secret(
    name: str, what: str, file: Path | None, environment: Mapping[str, str] | None = None
) -> str | None:
    """Return the secret, or None if it is not set at all."""
    if file is None:
        return (os.environ if environment is None else environment).get(variable(name, what))
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        why = "does not exist"
    except PermissionError:
        why = "may not be read"
    except (OSError, UnicodeDecodeError):
        why = "is no text file"
    raise BadSettings(
        f"Presence source '{name}': its {what}_file {file} {why}. "
        f"Correct it, or leave it out and set {variable(name, what)}."
    )


def needed(name: str, what: str, file: Path | None) -> str:
    """Return a secret without which the source cannot be asked."""
    found = secret(name, what, file)
    if found is None:
        raise BadSettings(
            f"Presence source '{name}' has no {what}. Set {variable(name, what)} in the"
            f" environment, or '{what}_file'."
        )
    return found
