"""Addresses of cameras and the passwords to them, which nobody gets to see."""

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from whosthere.core.errors import CameraTrouble
from whosthere.named_secrets import secret_of


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


def password_of(camera: str, password_file: Path | None) -> str | None:
    """Find the password to a camera: in its file if one is named, else in the environment."""
    return secret_of(camera, password_file, lambda why: CameraTrouble(f"Camera '{camera}': {why}"))


def _host_and_port(netloc: str) -> str:
    return netloc.rpartition("@")[2]
