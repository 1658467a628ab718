"""The program in a hurry, with a house that hangs once: when a file says so.

python -m tests.app.stalling FILE run --settings whosthere.toml
"""

import sys
import threading
from pathlib import Path

from whosthere import flow
from whosthere.app import run, standstill, vitals
from whosthere.app.cli import main
from whosthere.core.messages import Message


def hang_when(told: Path) -> None:
    put = flow.HouseKeeper.put

    def put_or_hang(self: flow.HouseKeeper, message: Message) -> None:
        if told.exists():
            told.unlink()
            threading.Event().wait()
        put(self, message)

    flow.HouseKeeper.put = put_or_hang  # type: ignore[method-assign] # it shall hang


if __name__ == "__main__":
    vitals.LONGEST_STEP = 8.0
    standstill.WELL_AFTER_START = 1.0
    run.LOOK_SECONDS = 1.0
    hang_when(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
