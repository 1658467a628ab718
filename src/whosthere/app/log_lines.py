"""How log lines look elsewhere than on a terminal: in a file, in the journal, for programs."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

from whosthere.app.logs import Terse, without_secrets
from whosthere.core.errors import BadSettings
from whosthere.monitoring.settings import LogSettings

# of syslog, which the journal reads at the beginning of a line: sd-daemon(3)
PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3,
              logging.CRITICAL: 2}  # fmt: skip
MEGABYTE = 10**6


class Dated(Terse):
    """As on the terminal, with the day."""

    moments = "%Y-%m-%d %H:%M:%S"


class Journal(Terse):
    """Without the time, which the journal knows, and with how urgent it is before each line."""

    moments = ""

    def format(self, record: logging.LogRecord) -> str:
        mark = f"<{PRIORITIES.get(record.levelno, 6)}>"
        return "\n".join(f"{mark}{line}" for line in super().format(record).splitlines())


class Json(logging.Formatter):
    """An object in each line. Fields may be added; those here keep their meaning."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        said: dict[str, object] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": without_secrets(record.getMessage()),
            "thread": record.threadName,
            "logger": record.name,
        }
        if record.exc_info:
            said["exception"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


def handler_for(
    log: LogSettings,
    zone: tzinfo | None = None,
    stream: TextIO | None = None,
    environment: Mapping[str, str] = os.environ,
) -> logging.Handler:
    """Return what writes the log as the settings say."""
    if log.file is not None:
        made: logging.Handler = _file(log, log.file)
        formatter: logging.Formatter = Dated(zone)
    else:
        stream = sys.stderr if stream is None else stream
        made = logging.StreamHandler(stream)
        formatter = Journal(zone) if _is_journal(stream, environment) else Terse(zone)
    made.setFormatter(Json() if log.format == "json" else formatter)
    return made


def _file(log: LogSettings, file: Path) -> logging.Handler:
    most = round(log.file_megabytes * MEGABYTE)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(
            file, maxBytes=most, backupCount=log.files_kept, encoding="utf-8"
        )
    except OSError as error:
        raise BadSettings(f"[log] file {file} cannot be written: {error.strerror}.") from None


def _is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether the stream leads to the journal: systemd names its device and inode."""
    try:
        about = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{about.st_dev}:{about.st_ino}"
