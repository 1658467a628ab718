"""What FFmpeg's errors mean for the person at the terminal.

Never their own text: that names the whole address, password included.
"""

import errno
import socket
from urllib.parse import urlsplit

import av

from whosthere.cameras.addresses import place
from whosthere.core.errors import CameraTrouble
from whosthere.named_secrets import variable

PATIENCE = 0.8  # seconds; who sends nonsense does so at once


def network_trouble(camera: str, url: str, error: Exception, waited: float) -> CameraTrouble:
    """Say why a camera in the network cannot be reached, and what to do."""
    return CameraTrouble(f"Camera '{camera}' at {place(url)} {_why(camera, url, error, waited)}")


def answered(camera: str, status: int) -> str:
    """What an answer of HTTP or RTSP with an error status means."""
    match status:
        case 401:
            why = f"wrong user or password. Set 'user' and {variable(camera)}."
        case 403:
            why = "this user may not see it. Give the user the right to, in the camera's settings."
        case 404:
            why = "there is no such stream. Correct the part of the url behind the host."
        case 429 | 503 | 453:
            why = "it is busy. Close other viewers, or ask for pictures less often."
        case _ if status >= 500:  # noqa: PLR2004 - where HTTP's errors of servers begin
            why = "it has trouble of its own. Restart the camera."
        case _:
            why = "it does not take our request. Correct the url; try the other transport."
    return f"answered {status}: {why}"


def _why(camera: str, url: str, error: Exception, waited: float) -> str:
    status = _STATUS.get(type(error))
    if status is not None:
        return answered(camera, status)
    if isinstance(error, av.error.InvalidDataError) and waited < PATIENCE:
        return "sends something that is no video. Correct the url."
    if isinstance(error, (av.error.ExitError, TimeoutError, av.error.InvalidDataError)):
        return f"did not answer for {waited:.0f} s. Is it on, and is the address right?"
    if isinstance(error, (av.error.EOFError, ConnectionError)):
        refused = isinstance(error, ConnectionRefusedError)
        how = "refuses the connection" if refused else "ended the connection"
        return f"{how}. Is it on, and is the port right?"
    return _by_number(url, error)


def _by_number(url: str, error: Exception) -> str:
    match getattr(error, "errno", None):
        case errno.EPROTONOSUPPORT:
            return "does not offer this transport. Set transport = 'tcp'."
        case errno.ENETUNREACH | errno.EHOSTUNREACH:
            return "cannot be reached. Is the network up, and is the address right?"
        case _ if not _known(url):
            return "is unknown in the network. Correct the host in the url."
        case _:
            return f"cannot be read: {getattr(error, 'strerror', None) or type(error).__name__}."


def _known(url: str) -> bool:
    try:
        socket.getaddrinfo(urlsplit(url).hostname, None)
    except OSError:
        return False
    return True


_STATUS: dict[type[Exception], int] = {
    av.error.HTTPBadRequestError: 400,
    av.error.HTTPUnauthorizedError: 401,
    av.error.HTTPForbiddenError: 403,
    av.error.HTTPNotFoundError: 404,
    av.error.HTTPOtherClientError: 406,
    av.error.HTTPServerError: 500,
}
