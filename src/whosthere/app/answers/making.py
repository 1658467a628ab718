"""Makes what answers people from the parts of the program."""

from collections.abc import Mapping
from datetime import UTC, datetime

from whosthere.app.answers.answering import Answers
from whosthere.app.answers.asked_files import AskedFiles
from whosthere.app.answers.desk import Heard
from whosthere.app.answers.house import Parts
from whosthere.app.answers.newest import NewestFrames
from whosthere.app.health import HealthBoard
from whosthere.app.settings import Settings
from whosthere.flow import HouseKeeper
from whosthere.recording.pre_roll import PreRoll
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore


def make_answers(
    settings: Settings,
    store: SqliteStore,
    ledger: SqliteLedger,
    health: HealthBoard,
    seen: tuple[NewestFrames, Mapping[str, PreRoll]],
    keeper: HouseKeeper,
    heard: Heard,
) -> Answers:
    """Hand the parts in. The rings may still be empty."""
    frames, rings = seen
    return Answers(
        Parts(
            name=settings.house.name,
            zone=settings.house.zone,
            cameras=tuple(settings.cameras),
            store=store,
            ledger=ledger,
            health=health,
            frames=frames,
            rings=rings,
            files=AskedFiles(settings.storage.folder, _now),
            house=lambda: keeper.house,
            policy=lambda: keeper.policy,
            tell=heard.tell,
        )
    )


def _now() -> datetime:
    return datetime.now(UTC)
