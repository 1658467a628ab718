"""From rules in the shadow to a question in Slack, and from its answer to a tag: the whole program.

A visitor comes whom the rules in use overlook. Others, tried in the shadow, would have told people.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.app.conftest import visit  # noqa: F401 - a fixture
from tests.servers.fake_slack import BEN, FakeSlack
from tests.slack.whole import DORA, assembled
from whosthere.app.dataset_gathering import Gathering, examples_of
from whosthere.app.program import Program
from whosthere.app.shadow import ShadowKeeping
from whosthere.app.training import Training
from whosthere.core.model import AlertKind, Answer
from whosthere.core.people import Switch
from whosthere.core.policy import CameraPolicy
from whosthere.core.questions import Kind
from whosthere.core.requests import Request
from whosthere.storage.learning import Learning
from whosthere.storage.proposals import Policies

pytestmark = pytest.mark.slow  # a film of ten seconds, as it is

PATIENT = 60.0  # s
TOLD = {AlertKind.PERSON, AlertKind.UNCLASSIFIED}


@pytest.fixture
def program(
    fake: FakeSlack,
    tmp_path: Path,
    visit: Path,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Program]:
    rules = "person_confidence = 0.99\nunsure_confidence = 0.98"
    program = assembled(fake, tmp_path / "data", visit, monkeypatch, rules)
    usual = replace(program.keeper.policy, cameras={"garden": CameraPolicy()})
    now = datetime.now(UTC)
    Policies(program.store.database).propose(usual, at=now, tags=100, words="better", figures={})
    program.answers.answer(Request("policy shadow p1", DORA, now))
    program.start()
    yield program
    assert program.stop()


def test_what_only_the_shadow_would_have_told_is_asked_in_slack_and_tagged(
    fake: FakeSlack, program: Program
):
    fake.connected()
    fake.slash("/save_images_on")
    fake.until(lambda: Switch.SAVE_IMAGES in program.house_now.controls.switches)
    policies = Policies(program.store.database)
    (differs,) = fake.until(policies.differences, PATIENT)
    assert (False, True, "p1") == (differs.told, differs.shadow, differs.name)
    incident = fake.until(lambda: with_picture(program, differs.incident_id), PATIENT)
    assert (None, None) == (incident.alert_id, incident.alerted_at)
    assert [] == [one for one in program.store.alerts() if one.kind in TOLD]

    look(program)
    asked = fake.until(lambda: [m for m in fake.top() if "alert_occupied" in str(m)], PATIENT)
    (message,) = asked
    fake.until(lambda: "slack_file" in str(message["blocks"]), PATIENT)
    (pick,) = Learning(program.store.database).picks()
    assert (incident.id, Kind.SHADOW) == (pick.incident_id, pick.kind)
    assert "other rules that are being tried would have told you" == pick.why

    fake.press(message, "alert_occupied", user=BEN)
    fake.until(lambda: "*Occupied*, says Ben" in str(message["blocks"]))
    assert Answer.OCCUPIED is program.store.tag(incident.id).answer
    look(program)
    (example,) = examples_of(program.store)
    assert (incident.id, "shadow", True) == (example.id, example.asked, example.occupied)
    listed = program.answers.answer(Request("policy", DORA, datetime.now(UTC))).text
    assert "told you of 1 others" in listed
    assert 1 == len(policies.differences())


def with_picture(program: Program, name: str):
    """The incident, once it is over and its picture is written."""
    found = program.store.incident(name)
    return found if found is not None and found.ended and found.picture else None


def look(program: Program) -> None:
    """As the program does once a minute, where it is noon; a minute later."""
    parts, now = program.answers.parts, datetime.now(UTC) + timedelta(minutes=1)
    noon = timezone(timedelta(hours=12 - now.hour))
    gathering = Gathering(program.store, parts.ledger, parts.files.folder, ("test", ""), noon)
    shadow = ShadowKeeping(Policies(program.store.database), program.keeper)
    parts.ledger.flush()
    Training(
        parts.cameras, program.store, parts.frames, parts.house, parts.policy, program.inbox,
        gathering, zone=noon, shadow_differs=shadow.differs, now=lambda: now,
    ).look()  # fmt: skip
