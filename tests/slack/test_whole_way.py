"""From a film to an alert in Slack, and from a press there to a tag in the database."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.app.conftest import visit  # noqa: F401 - a fixture
from tests.servers.fake_slack import ANNA, BEN, CHANNEL, CLEO, FakeSlack
from tests.slack.whole import DORA, assembled
from whosthere.app.dataset_gathering import Gathering
from whosthere.app.program import Program
from whosthere.app.training import Training
from whosthere.core.model import Answer, Evidence
from whosthere.core.modes import Mode
from whosthere.core.people import Switch
from whosthere.core.requests import Request
from whosthere.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow  # a film of ten seconds, as it is


@pytest.fixture
def program(
    fake: FakeSlack,
    tmp_path: Path,
    visit: Path,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Program]:
    program = assembled(fake, tmp_path / "data", visit, monkeypatch)
    program.start()
    yield program
    assert program.stop()


def test_a_visitor_is_told_in_slack_and_tagged_there(fake: FakeSlack, program: Program):
    fake.connected()
    (message, *_) = fake.posted(1, seconds=30)
    assert "Person at garden" in message["text"]
    fake.until(lambda: "slack_file" in str(message["blocks"]), 30)
    assert any(file.data.startswith(b"\xff\xd8") for file in fake.files.values())

    fake.press(message, "alert_occupied", user=BEN)
    fake.until(lambda: "*Occupied*, says Ben" in str(message["blocks"]))
    store: SqliteStore = program.store
    incident = store.incidents()[0]
    tag = store.tag(incident.id)
    assert tag is not None
    assert (Answer.OCCUPIED, "Ben", "slack") == (tag.answer, tag.by, tag.origin)

    program.answers.answer(Request("tag unoccupied", DORA, datetime.now(UTC)))
    fake.until(lambda: "*Unoccupied*, says Dora" in str(message["blocks"]))
    fake.press(message, "alert_occupied", user=BEN)
    fake.until(lambda: "*Occupied*, says Ben" in str(message["blocks"]))

    began = time.monotonic()
    fake.slash("/whosthere", "snapshot garden", user=CLEO)
    assert time.monotonic() - began < 0.5  # acknowledged while the camera and the net are at work
    fake.until(lambda: [m for m in fake.top() if m.get("files")])

    fake.press(message, "alert_disarm", user=BEN)
    (refused,) = fake.until(lambda: fake.responses)
    assert "ephemeral" == refused["response_type"]
    assert Mode.AWAY is program.house_now.arm_state.mode

    fake.press(message, "alert_disarm", user=ANNA)
    fake.until(lambda: program.house_now.arm_state.mode is Mode.OFF)
    fake.until(lambda: any(m["text"].startswith("Anna: ") for m in fake.thread(message)))

    fake.event(type="app_home_opened", tab="home", channel="D1")
    fake.until(lambda: ANNA in fake.views)
    assert "home: off" in str(fake.views[ANNA])
    assert "occupied, says Ben" in str(fake.views[ANNA])

    fake.slash("/whosthere", "why", user=CLEO)
    fake.until(lambda: len(fake.responses) == 2)
    assert "Person" in fake.responses[1]["text"] or "person" in fake.responses[1]["text"]
    fake.slash("/whosthere", "log", user=ANNA)
    fake.until(lambda: len(fake.responses) == 3)
    log = fake.responses[2]["text"]
    assert ("Anna" in log, "Ben" in log, "slack" in log) == (True, True, True)
    fake.until(lambda: [f for f in fake.files.values() if f.name.endswith(".mp4")], 30)
    assert 1 == len([m for m in fake.top() if m.get("metadata")])
    assert CHANNEL == message["channel"]


def test_a_quiet_picture_is_asked_about_and_answered(fake: FakeSlack, program: Program):
    fake.connected()
    fake.slash("/save_images_on")
    fake.until(lambda: Switch.SAVE_IMAGES in program.house_now.controls.switches)
    now = datetime.now(UTC)
    parts = program.answers.parts
    noon = timezone(timedelta(hours=12 - now.hour))
    gathering = Gathering(program.store, parts.ledger, parts.files.folder, ("test", ""), noon)
    training = Training(
        parts.cameras, program.store, parts.frames, parts.house, parts.policy, program.inbox,
        gathering, zone=noon,
    )  # fmt: skip
    assert parts.frames.fresh("garden", 0.0, 5.0) is not None
    training.keep_quiet("garden", now)  # before anybody comes
    training.look()

    (message,) = fake.until(
        lambda: [one for one in fake.top() if "a question to learn from" in one["text"]]
    )
    fake.until(lambda: "slack_file" in str(message["blocks"]))
    fake.press(message, "alert_unoccupied", user=BEN)
    fake.until(lambda: "*Unoccupied*, says Ben" in str(message["blocks"]))
    (incident, *_) = program.store.incidents()
    assert (Evidence.QUIET, Answer.UNOCCUPIED) == (
        incident.evidence, program.store.tag(incident.id).answer
    )  # fmt: skip
