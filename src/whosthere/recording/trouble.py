"""Says what is wrong with the disk, once, and once that it is over."""

import errno
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}

PROBE_BYTES = 2**18

OnTrouble = Callable[[str | None], None]  # None: it is over


def is_full(error: OSError) -> bool:
    """Whether deleting something might help."""
    return error.errno in FULL


class Trouble:
    """Remembers whether the disk is in trouble, and tells of changes."""

    def __init__(self, folder: Path, tell: OnTrouble) -> None:
        self._folder = folder
        self._tell = tell
        self._told: int | None = None

    def happened(self, error: OSError) -> None:
        if self._told != error.errno:
            self._told = error.errno
            self._tell(self._words(error))

    @property
    def told(self) -> bool:
        return self._told is not None

    def try_again(self) -> None:
        """See whether the disk takes something: there may be nothing to write for hours."""
        probe = self._folder / ".probe"
        try:
            probe.write_bytes(bytes(PROBE_BYTES))
        except OSError as error:
            self.happened(error)
        else:
            self.over()
        with suppress(OSError):
            probe.unlink()

    def over(self) -> None:
        if self._told is not None:
            self._told = None
            self._tell(None)

    def _words(self, error: OSError) -> str:
        what = f"Clips and pictures cannot be written to {self._folder}: {error.strerror}."
        if is_full(error):
            return f"{what} Free some space on this disk, or lower recording.most_gigabytes."
        if error.errno in FORBIDDEN:
            return f"{what} Let the user that runs whosthere write there."
        return f"{what} Check the disk and its cable; the system's log says more."
