"""Small files that are written whole: a crash or a power cut leaves the old one or the new one."""

import os
from contextlib import suppress
from pathlib import Path

ANYBODY, OWNER = 0o666, 0o600  # less what the process holds back (umask)


def write_whole(path: Path, content: str | bytes, mode: int = ANYBODY) -> None:
    """Write a file beside it, with this mode from its first moment, and put that in its place.

    Raises OSError, and leaves nothing half done then.
    """
    data = content.encode() if isinstance(content, str) else content
    unfinished = path.with_name(f"{path.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
