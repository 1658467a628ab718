"""One short HTTP call to a device in the house: bounded in time and size, logged in as it asks.

Logins are basic (RFC 7617) or digest by MD5 or SHA-256 (RFC 7616), which Shelly's second generation
wants; Python's own client speaks the latter only since 3.14.
"""

import base64
import hashlib
import http.client
import os
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

from whosthere.core.errors import DeviceTrouble
from whosthere.timed_http import left, response

LARGEST = 65536  # bytes of an answer
FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
ALGORITHMS = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask of a device."""

    path: str = field(repr=False)
    method: str = "GET"
    body: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class HttpDevice:
    """A device that listens at an address. `variable` may hold its password; people are told."""

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 3.0
    verify_tls: bool = True
    variable: str = ""

    def ask(self, call: Call) -> str:
        """Return the body of the answer."""
        until = time.monotonic() + self.timeout_seconds
        with self._in_words():
            status, wants, body = self._exchange(call, {}, until)
            if status == HTTPStatus.UNAUTHORIZED and self.password is not None:
                login = self._login(call, wants)
                status, _, body = self._exchange(call, {"Authorization": login}, until)
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise self.trouble(f"it answers {status}: {self._how_to_log_in()}")
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise self.trouble(f"it answers {status}. Its model may be another than 'device' says")
        return body

    def reach(self) -> None:
        """Connect and ask nothing. Raises why that cannot be done."""
        with self._in_words():
            self._connected(time.monotonic() + self.timeout_seconds).close()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Say in plain words what went wrong on the way."""
        try:
            yield
        except TimeoutError:
            raise self.trouble(f"no answer within {self.timeout_seconds:g} s") from None
        except ConnectionRefusedError:
            raise self.trouble("the connection is refused. Is it on, and 'url' right?") from None
        except socket.gaierror:
            raise self.trouble("its name is not found. Correct 'url'") from None
        except ssl.SSLError as error:
            raise self.trouble(f"no TLS that can be trusted ({error.reason})") from None
        except http.client.HTTPException:
            raise self.trouble("it does not answer as a web server does. Correct 'url'") from None
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise self.trouble(f"{why[:1].lower()}{why[1:]}. See 'url'") from None

    def trouble(self, why: str) -> DeviceTrouble:
        parts = urlsplit(self.url)
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return DeviceTrouble(f"{place}: {why}{'' if why.endswith('?') else '.'}")

    def _how_to_log_in(self) -> str:
        if self.password is None:
            return f"it wants a password. Set {self.variable}, or a password_file"
        where = f"{self.variable} or the password_file"
        return f"it does not accept 'user' or the password. Correct them, the latter in {where}"

    def _exchange(self, call: Call, more: Mapping[str, str], until: float) -> tuple[int, str, str]:
        with closing(self._connected(until)) as sock:
            sock.sendall(self._request(call, more))
            with closing(response(sock, until, call.method)) as got:
                got.begin()
                wants = got.headers.get("WWW-Authenticate", "")
                body = got.read(LARGEST)
                if got.length:
                    raise http.client.IncompleteRead(body)
                return got.status, wants, body.decode("utf-8", "replace")

    def _connected(self, until: float) -> socket.socket:
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        sock = socket.create_connection((parts.hostname or "", port), left(until))
        if not secure:
            return sock
        context = ssl.create_default_context()
        if not self.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        try:
            return context.wrap_socket(sock, server_hostname=parts.hostname)
        except BaseException:
            sock.close()
            raise

    def _target(self, call: Call) -> str:
        return urlsplit(self.url).path.rstrip("/") + call.path

    def _request(self, call: Call, more: Mapping[str, str]) -> bytes:
        body = (call.body or "").encode()
        lines = {"Host": urlsplit(self.url).netloc.rpartition("@")[2], "Connection": "close"}
        if body:
            lines |= {"Content-Length": str(len(body)), "Content-Type": "application/json"}
        lines |= {**call.headers, **more}
        head = [f"{call.method} {self._target(call)} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in lines.items()]
        if any("\r" in line or "\n" in line for line in head):
            raise self.trouble("a path or header has line ends in it")
        return "\r\n".join([*head, "", ""]).encode() + body

    def _login(self, call: Call, challenge: str) -> str:
        user, password = self.user or "admin", self.password or ""
        kind, _, rest = challenge.partition(" ")
        if kind.lower() != "digest":
            return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        asked = {name: quoted or bare for name, quoted, bare in FIELD.findall(rest)}
        named = asked.get("algorithm", "MD5").upper()
        if named not in ALGORITHMS:
            raise self.trouble(f"it wants a login by {named}, which is not known here")

        def hashed(text: str) -> str:
            return ALGORITHMS[named](text.encode(), usedforsecurity=False).hexdigest()

        uri, nonce, realm = self._target(call), asked.get("nonce", ""), asked.get("realm", "")
        first, second = hashed(f"{user}:{realm}:{password}"), hashed(f"{call.method}:{uri}")
        said = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
        counted = ""
        if "auth" in asked.get("qop", ""):
            ours = os.urandom(8).hex()
            said["response"] = hashed(f"{first}:{nonce}:00000001:{ours}:auth:{second}")
            said["cnonce"] = ours
            counted = ", qop=auth, nc=00000001"
        else:
            said["response"] = hashed(f"{first}:{nonce}:{second}")
        if "opaque" in asked:
            said["opaque"] = asked["opaque"]
        fields = ", ".join(f'{name}="{value}"' for name, value in said.items())
        return f"Digest {fields}, algorithm={named}{counted}"
