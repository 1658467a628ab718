"""Who may see a camera, by the two ways of HTTP and RTSP (RFC 7617 and RFC 2617)."""

import base64
import hashlib
import re

NONCE, REALM = "0123456789abcdef", "camera"


def challenge(*, digest: bool) -> str:
    """What a server says to who has not logged in."""
    return f'Digest realm="{REALM}", nonce="{NONCE}"' if digest else f'Basic realm="{REALM}"'


def admits(given: str, method: str, login: tuple[str, str], *, digest: bool) -> bool:
    """Say whether what a viewer gives is right."""
    user, password = login
    if not digest:
        return given == "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    said = dict(re.findall(r'(\w+)="([^"]*)"', given))
    first = _md5(f"{user}:{REALM}:{password}")
    second = _md5(f"{method}:{said.get('uri', '')}")
    return said.get("response") == _md5(f"{first}:{NONCE}:{second}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - as the RFC has it
