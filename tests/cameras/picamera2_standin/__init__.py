"""A stand-in for picamera2 and libcamera, which exist on a Raspberry Pi only.

Not the real thing: it has the names and signatures that we use (`interface.py` lists them, as read
in picamera2 0.3.38), plays a film instead of a sensor, and encodes by libx264. Its buffers are
padded, few, and filled again after their release, as the real ones are.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAMES = ("picamera2", "picamera2.encoders", "picamera2.outputs", "libcamera")


@contextmanager
def installed() -> Iterator[Any]:
    """Let `import picamera2` find the stand-in; give what its machine is made of."""
    sys.path.insert(0, str(HERE))
    try:
        yield import_module("picamera2").hardware
    finally:
        sys.path.remove(str(HERE))
        for name in NAMES:
            sys.modules.pop(name, None)
