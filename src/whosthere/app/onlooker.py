"""Who watches the program work: the log, or the live view."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rich.text import Text

from whosthere.app.diary import Line, Weight
from whosthere.core.sighting import Frame, Motion, Sighting

log = logging.getLogger(__name__)


def log_lines(lines: Iterable[Line]) -> None:
    for line in lines:
        level = logging.INFO if line.weight is Weight.NOTE else logging.WARNING
        log.log(level, "%s: %s", line.where, line.text)


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody who watches the program work, as the live view does."""

    saw: Callable[[Frame, Motion], None] = lambda _frame, _motion: None
    sighted: Callable[[Sighting], None] = lambda _sighting: None
    happened: Callable[[list[Line]], None] = log_lines
    told: Callable[[Text], object] | None = None  # shows what the console messenger says
