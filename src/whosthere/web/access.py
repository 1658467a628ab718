"""Who may use the web server: those with a token. Only checksums of tokens are kept.

A token is 256 random bits, so a plain SHA-256 of it can be kept: there is nothing to guess, as
there is with passwords. Who fails too often from one address has to wait.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import os
import secrets
import stat
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from whosthere.core.errors import BadSettings
from whosthere.core.requests import Role
from whosthere.whole_files import OWNER, write_whole

PREFIX = "wt_"
ENVIRONMENT = "WHOSTHERE_WEB_TOKENS"  # "name:scope:checksum", with commas between
MOST_FAILURES, WITHIN_SECONDS = 10, 60.0
MOST_ADDRESSES = 1000  # that are remembered
OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


class Scope(StrEnum):
    """What a token is good for."""

    PRESENCE = "presence"  # tell where a device is, and nothing else
    SENSORS = "sensors"  # tell what a motion sensor sees, and nothing else
    METRICS = "metrics"  # read measures, and nothing else
    VIEWER = "viewer"  # look
    ADMIN = "admin"  # everything

    @property
    def role(self) -> Role:
        return {Scope.VIEWER: Role.VIEWER, Scope.ADMIN: Role.ADMIN}.get(self, Role.NOBODY)


@dataclass(frozen=True, slots=True)
class Grant:
    """One token, as it is kept."""

    name: str
    scope: Scope
    checksum: str = field(repr=False)
    only: str = ""  # device or person that it may tell of; empty: all
    made: str = ""

    def may(self, scope: Scope) -> bool:
        """Say whether it opens what a scope is needed for."""
        match scope:
            case Scope.PRESENCE:
                return self.scope in {Scope.PRESENCE, Scope.ADMIN}
            case Scope.SENSORS:
                return self.scope in {Scope.SENSORS, Scope.ADMIN}
            case Scope.METRICS:
                return self.scope in {Scope.METRICS, Scope.VIEWER, Scope.ADMIN}
            case Scope.VIEWER:
                return self.scope in {Scope.VIEWER, Scope.ADMIN}
            case Scope.ADMIN:
                return self.scope is Scope.ADMIN


def checksum(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(32)


# --- where they are kept


@dataclass
class Tokens:
    """The tokens of a file and of the environment. The file is read anew when it changes."""

    file: Path
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _read: tuple[int, int] | None = None
    _kept: tuple[Grant, ...] = ()

    def grants(self) -> tuple[Grant, ...]:
        try:
            about = self.file.stat()
        except FileNotFoundError:
            self._read, self._kept = None, ()
        except OSError as error:
            raise BadSettings(f"{self.file} with the tokens: {error.strerror}.") from None
        else:
            now = (about.st_mtime_ns, about.st_size)
            if now != self._read:
                self._kept, self._read = _parsed(self.file, about.st_mode), now
        return (*self._kept, *_of_environment(self.environment))

    def find(self, token: str) -> Grant | None:
        """Return what a token opens. It takes as long for wrong tokens as for right ones."""
        given, found = checksum(token), None
        for grant in self.grants():
            if hmac.compare_digest(given, grant.checksum):
                found = grant
        return found

    def add(self, name: str, scope: Scope, at: datetime, only: str = "") -> str:
        """Make a token, keep its checksum, and return it: nobody can show it again."""
        if name in {grant.name for grant in self.grants()}:
            raise BadSettings(
                f"There is a token '{name}' already. Take another name, or revoke it."
            )
        token = new_token()
        made = at.isoformat(timespec="seconds")
        self._write((*self._kept, Grant(name, scope, checksum(token), only, made)))
        return token

    def revoke(self, name: str) -> None:
        """Take a token's power away."""
        self.grants()
        rest = tuple(grant for grant in self._kept if grant.name != name)
        if len(rest) == len(self._kept):
            known = ", ".join(grant.name for grant in self._kept) or "none"
            raise BadSettings(f"{self.file} has no token '{name}'. There are: {known}.")
        self._write(rest)

    def _write(self, grants: tuple[Grant, ...]) -> None:
        text = json.dumps([asdict(grant) for grant in grants], indent=1)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.file, text, OWNER)
        except OSError as error:
            raise BadSettings(f"{self.file} cannot be written ({error.strerror}).") from None


def _parsed(file: Path, mode: int) -> tuple[Grant, ...]:
    if mode & OTHERS_MAY:
        raise BadSettings(f"{file} is for its owner alone. Close it: chmod 600 '{file}'")
    try:
        return tuple(
            Grant(**{**one, "scope": Scope(one["scope"])})
            for one in json.loads(file.read_text(encoding="utf-8"))
        )
    except (OSError, ValueError, TypeError, KeyError):
        raise BadSettings(
            f"{file} with the tokens is damaged. Delete it and make new ones:"
            " whosthere web token NAME"
        ) from None


def _of_environment(environment: Mapping[str, str]) -> tuple[Grant, ...]:
    found = []
    for one in filter(None, environment.get(ENVIRONMENT, "").split(",")):
        name, _, rest = one.strip().partition(":")
        scope, _, given = rest.partition(":")
        if scope not in set(Scope) or len(given) != 64:  # noqa: PLR2004 - hex digits of SHA-256
            raise BadSettings(
                f"{ENVIRONMENT} must be like name:scope:checksum, with commas between; the scope is"
                f" one of {', '.join(Scope)}, the checksum the SHA-256 of the token in hex."
            )
        found.append(Grant(name, Scope(scope), given.lower()))
    return tuple(found)


# --- what comes with a request


def token_of(authorization: str) -> str:
    """Return the token of a header: `Bearer TOKEN`, or Basic with the token as password."""
    kind, _, rest = authorization.partition(" ")
    if kind.lower() == "bearer":
        return rest.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


@dataclass
class Failures:
    """Counts failures of each address, so that who tries tokens out has to wait."""

    clock: Callable[[], float] = time.monotonic
    _of: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_seconds(self, address: str) -> float:
        """How long an address has to wait; 0: not at all."""
        with self._lock:
            recent = self._recent(_block(address))
            if len(recent) < MOST_FAILURES:
                return 0.0
            return recent[0] + WITHIN_SECONDS - self.clock()

    def note(self, address: str) -> None:
        with self._lock:
            block = _block(address)
            recent = self._recent(block)
            recent.append(self.clock())
            self._of[block] = recent
            self._of.move_to_end(block)
            while len(self._of) > MOST_ADDRESSES:
                self._of.popitem(last=False)

    def _recent(self, block: str) -> deque[float]:
        recent = self._of.get(block) or deque(maxlen=MOST_FAILURES)
        while recent and self.clock() - recent[0] >= WITHIN_SECONDS:
            recent.popleft()
        return recent


def _block(address: str) -> str:
    """One household has many IPv6 addresses, all in one /64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
