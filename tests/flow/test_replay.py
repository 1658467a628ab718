"""What the ledger gives back leads to the same decisions as what was seen."""

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from whosthere.cameras.video_file import VideoFile
from whosthere.core.decide import decide
from whosthere.core.model import ArmState, House, Mode, Sighting
from whosthere.core.policy import Policy
from whosthere.flow import watch
from whosthere.storage.ledger import SqliteLedger
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.motion import BackgroundMotion

VISITOR = Path(str(files("whosthere") / "demo" / "visitor.mp4"))
EVENING = datetime(2026, 1, 1, 22, 0, tzinfo=UTC)


@dataclass
class Deciding:
    """An inbox that decides at once, and keeps every decision and action."""

    ledger: SqliteLedger | None = None
    house: House = field(default_factory=lambda: House(ArmState(Mode.AWAY, EVENING, "test")))
    decided: list = field(default_factory=list)

    def put(self, sighting: Sighting) -> None:
        if self.ledger is not None:
            self.ledger.add(sighting)
        self.house, actions = decide(self.house, sighting, Policy())
        self.decided.append((repr(self.house.camera(sighting.camera).decision), repr(actions)))


def test_replay_of_the_ledger_decides_the_same_as_live(tmp_path):
    path = tmp_path / "ledger.db"
    live = Deciding(SqliteLedger(path))
    camera = VideoFile("front", VISITOR, EVENING)
    watch(camera, BackgroundMotion(), Looking(OnnxDetector()), live)
    live.ledger.close()

    again = Deciding()
    with closing(SqliteLedger.visit(path)) as ledger:
        for sighting in ledger.read():
            again.put(sighting)

    assert len(live.decided) > 200
    assert any("alert" in decision for decision, _ in live.decided)
    assert live.decided == again.decided
