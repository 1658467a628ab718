"""Where a detector's weights come from: the package, or a file that somebody put in place.

A file of one's own is only read when its SHA-256 is what the settings say, so that a download gone
wrong, or a file exchanged behind one's back, is told and not run.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from whosthere.core.errors import WhosThereError

BUNDLED = "efficientdet_lite0_qdq.onnx"
BUNDLED_SHA256 = "1e926e6ea08c64f103c01269d2f73b513bcc1f157d096b5c020486eb65716efb"
UNUSED = "???"  # COCO numbered 90 kinds of things and used 80
HASH_DIGITS = 64


class DetectorTrouble(WhosThereError):
    """The detector cannot be used, or could not judge a picture."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that is what it should be: checked, and with the names of what it finds."""

    name: str  # how people are told of it
    content: bytes
    labels: tuple[str, ...]  # none: those of COCO, in the model's numbering
    layout: str | None = None  # how to read its answers; None: told by their shapes


def bundled_model() -> ModelFile:
    """The model that comes with the package."""
    folder = resources.files("whosthere.vision.models")
    try:
        content = folder.joinpath(BUNDLED).read_bytes()
    except OSError as error:
        raise DetectorTrouble(
            f"The detector that comes with whosthere cannot be read: {error.strerror}. "
            "Install whosthere again."
        ) from error
    if hashlib.sha256(content).hexdigest() != BUNDLED_SHA256:
        raise DetectorTrouble(
            "The detector that comes with whosthere is damaged. Install whosthere again."
        )
    return ModelFile("EfficientDet-Lite0 (bundled)", content, ())


def own_model(
    path: Path, sha256: str, *, labels: Path | None = None, layout: str | None = None
) -> ModelFile:
    """A model from a file, if its SHA-256 is the one given."""
    wanted = sha256.strip().lower()
    if len(wanted) != HASH_DIGITS or not set(wanted) <= set("0123456789abcdef"):
        raise DetectorTrouble(
            f"'{sha256}' is not a SHA-256: it has {HASH_DIGITS} digits from 0 to f. "
            f"Take it from where the model came from, not from the file itself."
        )
    content = _read(path)
    found = hashlib.sha256(content).hexdigest()
    if found != wanted:
        raise DetectorTrouble(
            f"{path} is not the expected model: its SHA-256 is {found}, and the settings say "
            f"{wanted}. Fetch it again, or correct the settings if you trust this file."
        )
    return ModelFile(path.name, content, own_labels(labels) if labels else (), layout)


def own_labels(path: Path) -> tuple[str, ...]:
    """The names of what a model finds, one to a line, in the model's order."""
    try:
        lines = _read(path).decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DetectorTrouble(f"{path} is not a text file of labels, one to a line.") from error
    names = tuple(line.strip() for line in lines)
    if not any(names):
        raise DetectorTrouble(f"{path} holds no labels. Write one to a line.")
    return names


def coco_labels(count: int) -> tuple[str, ...] | None:
    """COCO's names for a model of 90 (with gaps) or 80 (without) classes; None for any other."""
    text = resources.files("whosthere.vision.models").joinpath("coco_90.txt").read_text("utf-8")
    with_gaps = tuple(text.split("\n")[:90])
    without = tuple(name for name in with_gaps if name != UNUSED)
    return {len(with_gaps): with_gaps, len(without): without}.get(count)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DetectorTrouble(f"There is no file {path}. Put it there or correct the path.") from (
            error
        )
    except OSError as error:
        raise DetectorTrouble(f"{path} cannot be read: {error.strerror}.") from error
