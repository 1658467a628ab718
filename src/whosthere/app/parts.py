"""Parts that both `run` and `scan` are built from."""

from whosthere.app.settings import DetectorSettings
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.model_files import own_model


def make_detector(settings: DetectorSettings) -> OnnxDetector | None:
    """The net that was chosen, or none. Raises DetectorTrouble when it cannot be used."""
    if not settings.on:
        return None
    model = None
    if settings.model is not None and settings.sha256 is not None:
        model = own_model(settings.model, settings.sha256, labels=settings.labels)
    return OnnxDetector(model, threads=settings.threads)
