"""What may be set about the database and the ledger."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class StorageSettings(BaseModel):
    """Where everything is kept, and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path = Field(
        Path("data"),
        description="Data folder: database, ledger, pictures and clips. A path that does not begin"
        " with '/' counts from the folder where the program is started.",
    )
    incident_days: float = Field(
        365.0,
        gt=0,
        le=36500,
        description="Days that incidents without files or tags, alerts and modes are remembered.",
    )
    ledger_days: float = Field(
        30.0,
        gt=0,
        le=3650,
        description="Days that the numbers of each frame are kept, to explain decisions and to try"
        " other rules on the past. About 1 to 2 MB a day for a camera at 5 frames a second.",
    )
    ledger_megabytes: float = Field(
        1000.0, gt=0, le=1_000_000, description="MB that the ledger may take. The oldest go first."
    )
    ledger_batch_seconds: float = Field(
        30.0,
        ge=1,
        le=600,
        description="Seconds between writes to the ledger. Longer spares an SD card; a crash loses"
        " the numbers of that time at most. Incidents and alerts are always written at once.",
    )

    @property
    def database(self) -> Path:
        return self.folder / "whosthere.db"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.db"
