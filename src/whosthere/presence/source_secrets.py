"""Passwords and keys of presence sources: from the environment or from files, never shown."""

from pathlib import Path

from whosthere.core.errors import BadSettings
from whosthere.named_secrets import secret_of, variable


def secret(name: str, what: str, file: Path | None) -> str | None:
    """Return the secret, or None if it is not set at all."""
    return secret_of(name, file, lambda why: BadSettings(f"Presence source '{name}': {why}"), what)


def needed(name: str, what: str, file: Path | None) -> str:
    """Return a secret without which the source cannot be asked."""
    found = secret(name, what, file)
    if found is None:
        raise BadSettings(
            f"Presence source '{name}' has no {what}. Set {variable(name, what)} in the"
            f" environment, or '{what}_file'."
        )
    return found
