"""Builds what keeps the data set, for the running program and for commands beside it."""

from whosthere.app.dataset_gathering import Gathering
from whosthere.app.settings import DetectorSettings, Settings
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore
from whosthere.vision.model_files import BUNDLED, BUNDLED_SHA256


def gathering_of(settings: Settings, store: SqliteStore, ledger: SqliteLedger) -> Gathering:
    return Gathering(
        store, ledger, settings.storage.folder, model_of(settings.detector), settings.house.zone
    )


def model_of(settings: DetectorSettings) -> tuple[str, str]:
    """Return the name and SHA-256 of the model that judges pictures."""
    if not settings.on:
        return "none", ""
    if settings.model is not None and settings.sha256 is not None:
        return settings.model.name, settings.sha256.lower()
    return BUNDLED, BUNDLED_SHA256
