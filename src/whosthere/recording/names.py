"""Where the files of an incident lie, and how to know them for ours."""

import re
from datetime import datetime
from pathlib import PurePosixPath

from whosthere.core.model import Incident

UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
OURS = re.compile(
    r"incidents/\d{4}/\d\d/\d\d/[A-Za-z0-9_-][A-Za-z0-9._-]*?"
    r"(\.mp4|\.jpg|_boxes\.jpg|_preview\.gif)",
    re.ASCII,
)


def stem(incident: Incident) -> str:
    """The path below the data folder that all files of an incident begin with."""
    return f"{_day(incident.started)}/{UNSAFE.sub('_', incident.id).lstrip('.') or '_'}"


def picture(incident: Incident) -> str:
    return f"{stem(incident)}.jpg"


def picture_with_boxes(incident: Incident) -> str:
    return f"{stem(incident)}_boxes.jpg"


def preview(incident: Incident) -> str:
    return f"{stem(incident)}_preview.gif"


def recording(incident: Incident, part: int = 1) -> str:
    """A clip. That of a long incident goes on in a part 2 and so on."""
    return f"{stem(incident)}.mp4" if part == 1 else f"{stem(incident)}_part{part}.mp4"


def is_ours(name: str) -> bool:
    """Whether a path below the data folder is one that we would have chosen."""
    return OURS.fullmatch(name) is not None


def later_part(first: str) -> re.Pattern[str]:
    """Names (without the folder) of the files in which a clip goes on."""
    return re.compile(re.escape(PurePosixPath(first).stem) + r"_part\d+\.mp4")


def _day(at: datetime) -> str:
    return f"incidents/{at:%Y/%m/%d}"
