"""Addresses of cameras and the passwords to them, which nobody gets to see."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from whosthere.core.errors import CameraTrouble


def with_login(url: str, user: str | None, password: str | None) -> str:
    """Return the address with user and password in it, as FFmpeg wants it."""
    if not user:
        return url
    parts = urlsplit(url)
    login = quote(user, safe="")
    if password is not None:
        login += ":" + quote(password, safe="")
    return urlunsplit(parts._replace(netloc=f"{login}@{_host_and_port(parts.netloc)}"))


def place(url: str) -> str:
    """Host and port: all of an address that may be shown, since the rest can hold a password."""
    return _host_and_port(urlsplit(url).netloc) or "its address"


def holds_login(url: str) -> bool:
    """Say whether there is a user or password in an address, as far as one can tell."""
    parts = urlsplit(url)
    try:
        _ = parts.port
    except ValueError:
        return True  # a password with / ? or #, which looks like a port that is no number
    return "@" in parts.netloc


def variable(camera: str) -> str:
    """The environment variable with the password to a camera."""
    return f"WHOSTHERE_{camera.upper().replace('-', '_')}_PASSWORD"


def password_of(
    camera: str, password_file: Path | None, environment: Mapping[str, str] = os.environ
) -> str | None:
    """Find the password to a camera: in its file if one is named, else in the environment."""
    if password_file is None:
        return environment.get(variable(camera))
    try:
        return password_file.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        why = "does not exist"
    except PermissionError:
        why = "may not be read"
    except (OSError, UnicodeDecodeError):
        why = "is no text file"
    raise CameraTrouble(
        f"Camera '{camera}': its password_file {password_file} {why}. "
        f"Correct it, or leave it out and set {variable(camera)}."
    )


def _host_and_port(netloc: str) -> str:
    return netloc.rpartition("@")[2]
