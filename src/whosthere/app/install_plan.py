"""What `whosthere install` puts where, worked out before anything is touched."""

import grp
import re
import shlex
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from whosthere.app.settings import Settings
from whosthere.app.settings_pages import example
from whosthere.core.errors import BadSettings

HARDWARE_GROUPS = ("video", "gpio", "i2c", "bluetooth")
NAME = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
OURS = "# Made by 'whosthere install'"  # the first words of files that may be replaced
SECRETS = """# Passwords and tokens of whosthere, a NAME=value in each line. Only root may read it.
# The reference of settings names them. Examples:
#WHOSTHERE_FRONT_PASSWORD=
#WHOSTHERE_SLACK_BOT_TOKEN=
#WHOSTHERE_SLACK_APP_TOKEN=
#WHOSTHERE_HEARTBEAT_URL=
"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything is, as the installed system sees it."""

    prefix: Path  # of settings and data; / as a rule

    @property
    def settings(self) -> Path:
        return self.prefix / "etc/whosthere/whosthere.toml"

    @property
    def secrets(self) -> Path:
        return self.prefix / "etc/whosthere/secrets.env"

    @property
    def data(self) -> Path:
        return self.prefix / "var/lib/whosthere"

    @property
    def unit(self) -> Path:
        return Path("/etc/systemd/system/whosthere.service")

    @property
    def users(self) -> Path:
        return Path("/etc/sysusers.d/whosthere.conf")


def unit(places: Places, user: str, group: str, called: str, groups: tuple[str, ...]) -> str:
    """Write the unit. Paths with blanks or percent signs would mean something else to systemd."""
    words = shlex.split(called)
    at_home = any(word.startswith(("/home/", "/root/")) for word in words)
    usual = places.data == Path("/var/lib/whosthere")
    filled = {
        "CALLED": " ".join(map(quoted, words)),
        "SETTINGS": quoted(str(places.settings)),
        "USER": user,
        "GROUP": group,
        "GROUPS": " ".join(groups),
        "SECRETS": str(places.secrets).replace("%", "%%"),
        "DATA": str(places.data).replace("%", "%%"),
        "HOME": "read-only" if at_home else "yes",
        "STATE": "StateDirectory=whosthere\nStateDirectoryMode=0750"
        if usual
        else f"ReadWritePaths={quoted(str(places.data))}",
    }
    text = (files("whosthere.monitoring") / "files/whosthere.service").read_text(encoding="utf-8")
    for name, value in filled.items():
        text = text.replace(f"@{name}@", value)
    return text


def quoted(word: str) -> str:
    """Quote a word as systemd.service(5) reads it."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"' if set(plain) & set(" \t'\"\\;") else plain


def settings_text(places: Places) -> str:
    """Write the commented example, with its data where they belong."""
    text = example(Settings).replace('#folder = "data"', f'folder = "{places.data}"', 1)
    return text.rstrip() + "\n"


def sysusers(user: str, data: Path) -> str:
    """Write the user for systemd-sysusers, as sysusers.d(5) describes it."""
    return f'{OURS}.\nu {user} - "Who\'s There" {data}\n'


def groups_here(root: Path) -> tuple[str, ...]:
    """Return which of the hardware's groups that system has."""
    known = {line.split(":", 1)[0] for line in _lines(root / "etc/group")}
    return tuple(name for name in HARDWARE_GROUPS if name in known)


def has_user(root: Path, user: str) -> bool:
    return any(line.split(":", 1)[0] == user for line in _lines(root / "etc/passwd"))


def ids(root: Path, user: str) -> tuple[int, int] | None:
    """Return the numbers of a user and their own group, as that system has them."""
    for line in _lines(root / "etc/passwd"):
        fields = line.split(":")
        if fields[0] == user:
            return int(fields[2]), int(fields[3])
    return None


def group_name(root: Path, number: int) -> str:
    for line in _lines(root / "etc/group"):
        fields = line.split(":")
        if fields[2] == str(number):
            return fields[0]
    return grp.getgrgid(number).gr_name


def checked_user(name: str) -> str:
    if not NAME.fullmatch(name):
        raise BadSettings(f"'{name}' is no name for a user: small letters, digits, - and _ only.")
    return name


def checked_call(called: str) -> str:
    """See that systemd will find the program: it needs a whole path."""
    if not shlex.split(called)[0].startswith("/"):
        raise BadSettings(f"'{called}' has no full path. Install from there: {sys.executable} -m")
    return called


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
