"""One program at a time on one data folder."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from whosthere.core.errors import StoreTrouble
from whosthere.storage.database import DiskTrouble

NAME = "whosthere.lock"


class OneProgram:
    """Holds the data folder until closed. The system lets go of it however the program ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise DiskTrouble(
                f"{folder} cannot be written to ({error.strerror}). "
                "Choose another data folder, or make this one writable."
            ) from error
        try:
            _take(self._file)
        except BlockingIOError:
            other = _pid(self._file)
            os.close(self._file)
            raise StoreTrouble(
                f"Another whosthere{f' (process {other})' if other else ''} is at work in {folder}."
                " Stop that one first, or give this one a data folder of its own."
            ) from None
        except OSError as error:
            os.close(self._file)
            raise StoreTrouble(
                f"{self._path} cannot be locked ({error.strerror}). "
                "Use a data folder on a disk of this machine."
            ) from error
        with suppress(OSError):  # on a full disk, the lock holds without a name on it
            os.truncate(self._file, 0)
            os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def close(self) -> None:
        os.close(self._file)


def _take(file: int, attempts: int = 5) -> None:
    """Lock the file. `running` may hold it for a moment, so ask more than once."""
    for _ in range(attempts - 1):
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
    return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def running(folder: Path) -> int | None:
    """Return the process that works in the folder, if there is one."""
    try:
        file = os.open(folder / NAME, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid(file)
    finally:
        os.close(file)
    return None


def _pid(file: int) -> int | None:
    text = os.pread(file, 20, 0)
    return int(text) if text.isdigit() else None
