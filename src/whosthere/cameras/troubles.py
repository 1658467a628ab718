"""What FFmpeg's errors mean for the person at the terminal.

Never their own text: that names the whole address, password included.
"""

import errno
import socket
from urllib.parse import urlsplit

import av

from whosthere.cameras.addresses import place, variable
from whosthere.core.errors import CameraTrouble


def network_trouble(camera: str, url: str, error: Exception, seconds: float) -> CameraTrouble:
    """Say why a camera in the network cannot be reached, and what to do."""
    return CameraTrouble(f"Camera '{camera}' at {place(url)} {_why(camera, url, error, seconds)}")


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


def _why(camera: str, url: str, error: Exception, seconds: float) -> str:
    status = _STATUS.get(type(error))
    if status is not None:
        return answered(camera, status)
    match error:
        case ConnectionRefusedError():
            return "refuses the connection. Is it on, and is the port right?"
        case av.error.ExitError() | TimeoutError():
            return f"did not answer for {seconds:.0f} s. Is it on, and is the address right?"
        case av.error.EOFError() | ConnectionError():
            return "ended the connection. Is it on, and is the port right?"
        case av.error.InvalidDataError():
            return "sends something that is no video. Correct the url."
        case OSError() if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return "cannot be reached. Is the network up, and is the address right?"
    if not _known(url):
        return "is unknown in the network. Correct the host in the url."
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
