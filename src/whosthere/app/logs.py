"""Logging for the person at 3 a.m.: terse, local time, and never a secret."""

import logging
import re
import sys
from datetime import datetime, tzinfo

SECRETS = (
    # scheme://user:password@host; a password may itself hold an @
    (re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]*://)[^\s/'\"]*@", re.IGNORECASE), r"\g<keep>***@"),
    (
        re.compile(
            r"(?P<keep>\b(?:password|passwd|pwd|token|secret|api[_-]?key|auth)"
            r"(?:\s*=\s*['\"]?|['\"]?\s*:\s*['\"]))[^\s&'\",;]+",
            re.IGNORECASE,
        ),
        r"\g<keep>***",
    ),
    (re.compile(r"(?P<keep>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{6,}"), r"\g<keep>***"),
    (re.compile(r"\b(?P<keep>xox[a-z]-|xapp-)[\w-]+"), r"\g<keep>***"),
    (re.compile(r"(?P<keep>hooks\.slack\.com/services/)[\w/]+"), r"\g<keep>***"),
)


def without_secrets(text: str) -> str:
    """Blank out passwords in addresses, tokens and keys."""
    for pattern, kept in SECRETS:
        text = pattern.sub(kept, text)
    return text


class Terse(logging.Formatter):
    """`07:31:05 front: no frame for 12 s; reconnecting`, with a mark for what is wrong."""

    moments = "%H:%M:%S"

    def __init__(self, zone: tzinfo | None = None) -> None:
        super().__init__()
        self._zone = zone

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, self._zone).strftime(self.moments)
        mark = {logging.WARNING: "warning: ", logging.ERROR: "ERROR: "}.get(record.levelno, "")
        lines = [f"{at} {mark}{record.getMessage()}".lstrip()]
        if record.exc_info:
            lines.append(self.formatException(record.exc_info))
        return without_secrets("\n".join(lines))


def set_up(
    level: int = logging.INFO,
    *,
    zone: tzinfo | None = None,
    handler: logging.Handler | None = None,
) -> None:
    """Send all log lines to standard error, or to the given handler."""
    if handler is None:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Terse(zone))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("libav").setLevel(logging.CRITICAL)  # our own sentences say it better
