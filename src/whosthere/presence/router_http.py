"""One HTTP call to a router: bounded in time and size, its certificate checked or pinned.

Python's own http.client is enough and costs nothing to import. A connection serves one call, since
many routers close theirs after each anyway.
"""

import errno
import hashlib
import http.client
import os
import re
import select
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from whosthere import __version__
from whosthere.core.errors import PresenceTrouble
from whosthere.timed_http import left, response

LARGEST = 4 * 1024 * 1024  # bytes of one answer
GLANCE = 0.2  # seconds between looks whether to stop, while connecting
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a router answered."""

    status: int
    headers: Message = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        charset = self.headers.get_content_charset() or "utf-8"
        try:
            return self.body.decode(charset)
        except (UnicodeDecodeError, LookupError):
            return self.body.decode("latin-1")

    @property
    def redirect(self) -> str | None:
        return self.headers.get("Location", "") if self.status in REDIRECTS else None

    def cookies(self) -> dict[str, str]:
        """Return the cookies that are set; those taken away are empty."""
        found: dict[str, str] = {}
        for line in self.headers.get_all("Set-Cookie", []):
            first, *rest = line.split(";")
            name, _, value = first.strip().partition("=")
            gone = any(re.fullmatch(r"\s*max-age\s*=\s*0\s*", one, re.IGNORECASE) for one in rest)
            found[name.strip()] = "" if gone else value.strip()
        return found


@dataclass(slots=True)
class RouterHttp:
    """Calls one router, one call at a time. `stop` is for other threads."""

    name: str
    url: str
    verify_tls: bool = True
    fingerprint: str | None = None
    timeout_seconds: float = 10.0
    _stopping: Event = field(default_factory=Event, repr=False)
    _under_way: socket.socket | None = field(default=None, repr=False)

    def stop(self) -> None:
        """End the call that is under way, and make no others."""
        self._stopping.set()
        sock = self._under_way
        if sock is not None:
            with suppress(OSError):  # it has ended just now
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS, which reads on

    @property
    def place(self) -> str:
        """Where it is, without what may be secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """Make one call. Redirects are answers as any other."""
        until = time.monotonic() + self.timeout_seconds
        try:
            with closing(self._connected(until)) as sock:
                return _exchange(sock, self._head(method, path, headers, body), method, until)
        except ssl.SSLCertVerificationError as error:
            raise self.trouble(self._distrust(error)) from None
        except TimeoutError:
            raise self.trouble(f"no answer within {self.timeout_seconds:g} s") from None
        except _TooLarge:
            raise self.trouble(f"its answer is larger than {LARGEST >> 20} MB") from None
        except ConnectionRefusedError:
            raise self.trouble("the connection is refused. See whether 'url' is right") from None
        except socket.gaierror:
            raise self.trouble("its name is not found. Correct 'url'") from None
        except (http.client.IncompleteRead, ConnectionError, ssl.SSLEOFError):
            raise self.trouble("the connection was cut") from None
        except ssl.SSLError:
            raise self.trouble("it speaks no TLS that we know. Perhaps 'url' is http://…") from None
        except http.client.HTTPException:
            raise self.trouble("it does not answer as a web server does. Correct 'url'") from None
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise self.trouble(f"{why[:1].lower()}{why[1:]}") from None

    def trouble(self, why: str) -> PresenceTrouble:
        return PresenceTrouble(f"Router '{self.name}' at {self.place}: {why}.")

    def _head(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> bytes:
        parts = urlsplit(self.url)
        lines = {
            "Host": parts.netloc.rpartition("@")[2],
            "User-Agent": f"whosthere/{__version__}",
            "Accept": "*/*",
            "Connection": "close",
            **({"Content-Length": str(len(body))} if body is not None else {}),
            **headers,
        }
        target = (parts.path.rstrip("/") + path).encode("utf-8")
        if re.search(rb"[\x00-\x20\x7f]", target) or any(
            "\n" in text or "\r" in text for line in lines.items() for text in line
        ):
            raise self.trouble("a path or header has blanks or line ends in it; use {…|urlencode}")
        head = "".join(f"{name}: {text}\r\n" for name, text in lines.items()).encode("utf-8")
        return method.encode() + b" " + target + b" HTTP/1.1\r\n" + head + b"\r\n" + (body or b"")

    def _connected(self, until: float) -> socket.socket:
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        sock = connected(host, port, until, self._stopping)
        self._under_way = sock
        try:
            made = self._secured(sock, host, until) if secure else sock
        except BaseException:
            sock.close()
            raise
        self._under_way = made
        return made

    def _secured(self, sock: socket.socket, host: str, until: float) -> ssl.SSLSocket:
        context = ssl.create_default_context()
        if self.fingerprint or not self.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        sock.settimeout(left(until))
        secured = context.wrap_socket(sock, server_hostname=host)
        shown = fingerprint_of(secured)
        if self.fingerprint and shown != plain(self.fingerprint):
            secured.close()
            raise self.trouble(
                f"it shows another certificate than the one in 'fingerprint': {shown}. If the"
                " router has a new one since you reset or updated it, set that; otherwise"
                " somebody may be in between"
            )
        return secured

    def _distrust(self, error: ssl.SSLCertVerificationError) -> str:
        """Say why it is not trusted, and how it can be: by the fingerprint that it shows."""
        open_one = RouterHttp(
            self.name, self.url, verify_tls=False, timeout_seconds=self.timeout_seconds
        )
        try:
            with closing(open_one._connected(time.monotonic() + self.timeout_seconds)) as sock:
                shown = fingerprint_of(sock)
        except (OSError, PresenceTrouble):
            shown = ""
        return (
            f"nobody known vouches for its certificate ({error.verify_message}). Routers make"
            f" their own: compare and set fingerprint = '{shown}', or, less safe, verify_tls ="
            " false"
        )


def connected(host: str, port: int, until: float, stopping: Event) -> socket.socket:
    """Connect, to the first of its addresses that answers; look up often whether to stop."""
    failure: OSError = ConnectionRefusedError()
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, protocol)
        try:
            _wait_for(sock, address, until, stopping)
        except TimeoutError:
            sock.close()
            raise
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


def _wait_for(sock: socket.socket, address: Any, until: float, stopping: Event) -> None:  # noqa: ANN401 - as the socket's family has it
    sock.settimeout(0)
    code = sock.connect_ex(address)
    while code in {errno.EINPROGRESS, errno.EWOULDBLOCK}:
        if stopping.is_set():
            raise TimeoutError
        if select.select([], [sock], [], min(GLANCE, left(until)))[1]:
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


class _TooLarge(Exception):
    pass


def _exchange(sock: socket.socket, request: bytes, method: str, until: float) -> Answer:
    sock.settimeout(left(until))
    sock.sendall(request)
    answer = response(sock, until, method)
    with closing(answer):
        answer.begin()
        body = answer.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise _TooLarge
        if answer.length:
            raise http.client.IncompleteRead(body)
        return Answer(answer.status, answer.headers, body)


def fingerprint_of(sock: socket.socket) -> str:
    """Return the SHA-256 of the certificate shown, in hex."""
    if not isinstance(sock, ssl.SSLSocket):
        return ""
    return hashlib.sha256(sock.getpeercert(binary_form=True) or b"").hexdigest()


def plain(fingerprint: str) -> str:
    """Return a fingerprint as hex digits alone, also of 'SHA256:AB:CD:…'."""
    return re.sub(r"^sha-?256[:=]|[:\s]", "", fingerprint.strip().lower())


def meaning(status: int) -> str:
    """Say in words what a status means here."""
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return f"it answers {status}: it does not accept who asks"
        case HTTPStatus.NOT_FOUND:
            return "it answers 404: there is no such page. Its software may be another than said"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return "it answers 429: it is asked too often"
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return "it answers 503: it is busy or starting"
        case _:
            return f"it answers {status}"
