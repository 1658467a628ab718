"""Finds files of an incident that a power cut kept from being named in the store."""

from pathlib import Path

from whosthere.core.messages import Kept
from whosthere.core.model import Incident
from whosthere.recording import names


def left_behind(folder: Path, incident: Incident) -> Kept | None:
    """Say what is on disk of an incident and not yet known. None: nothing."""

    def found(known: str | None, name: str) -> str | None:
        return name if known is None and (folder / name).is_file() else None

    kept = Kept(
        incident,
        picture=found(incident.picture, names.picture(incident)),
        picture_with_boxes=found(incident.picture_with_boxes, names.picture_with_boxes(incident)),
        recording=found(incident.recording, names.recording(incident)),
        preview=found(incident.preview, names.preview(incident)),
    )
    return None if kept == Kept(incident) else kept
