"""What all tables of devices in the settings file have in common."""

from datetime import time
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Table(BaseModel):
    """A table of the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _time_of_day(given: object) -> object:
    """People write '21:00'; pydantic would take numbers for seconds."""
    if isinstance(given, time) or (isinstance(given, str) and ":" in given):
        return given
    raise ValueError("write a local time of day, as '21:00'")


TimeOfDay: TypeAlias = Annotated[time, BeforeValidator(_time_of_day)]
