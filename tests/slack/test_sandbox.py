"""The sandbox's page: what people see there, and what they may do."""

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import start  # noqa: F401 - a fixture
from tests.servers.fake_slack import ANNA, CHANNEL, FakeSlack
from tests.slack.rig import JPEG, Rig, alert
from whosthere.core.model import News


def got(fake: FakeSlack, path: str) -> bytes:
    with urllib.request.urlopen(fake.url.replace("/api/", path), timeout=5) as answer:  # noqa: S310 - our own
        return bytes(answer.read())


def do(fake: FakeSlack, kind: str, **asked: Any) -> Any:
    body = json.dumps({"user": ANNA, "kind": kind, **asked}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own
        fake.url.replace("/api/", "/do"), body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own
        return json.load(answer)


def seen(fake: FakeSlack, user: str = ANNA) -> Any:
    return json.loads(got(fake, f"/state?user={user}"))


def test_the_page_is_there(fake: FakeSlack):
    assert b"Slack sandbox" in got(fake, "/")


def test_an_alert_is_seen_and_its_buttons_work(rig: Rig):
    (rig.folder / "one.jpg").write_bytes(JPEG.read_bytes())
    rig.send(alert())
    rig.send(alert(0, 2, News.PICTURE, file="one.jpg"))
    message, below = seen(rig.fake)["channel"]
    assert JPEG.read_bytes() == got(rig.fake, f"/file/{below['files'][0]['id']}")
    button = message["blocks"][-1]["elements"][0]
    do(rig.fake, "press", message={"ts": message["ts"]}, element=button)
    rig.fake.until(lambda: "says Anna" in str(rig.fake.top()[0]["blocks"]))


def test_what_is_typed_is_asked(rig: Rig):
    do(rig.fake, "say", text="/whosthere status", place="channel")
    do(rig.fake, "say", text="arm away", place="direct")
    do(rig.fake, "say", text="@Who's There why", place="channel")
    rig.fake.until(lambda: len(rig.book.asked) == 3)
    assert {"status", "arm away", "why"} == {asked.text for asked in rig.book.asked}
    rig.fake.until(lambda: rig.fake.responses)
    assert any(one.get("private") for one in seen(rig.fake)["channel"])


def test_home_and_dialogs_work(rig: Rig):
    do(rig.fake, "open_home")
    rig.fake.until(lambda: ANNA in rig.fake.views)
    do(rig.fake, "press_home", action="home_night")
    do(rig.fake, "shortcut", callback="arm_toggle")
    view = rig.fake.until(lambda: seen(rig.fake)["dialog"])
    do(rig.fake, "submit", view=view, chosen={"mode": "disarm", "span": "open"})
    rig.fake.until(lambda: len(rig.book.asked) == 2)
    assert {"arm night", "disarm"} == {asked.text for asked in rig.book.asked}


def test_a_message_can_be_pointed_at(rig: Rig):
    rig.send(alert())
    (message,) = seen(rig.fake)["channel"]
    about = {name: message[name] for name in ("ts", "channel", "text")}
    do(rig.fake, "shortcut", callback="tag_alert", message=about)
    view = rig.fake.until(lambda: seen(rig.fake)["dialog"])
    assert "Was somebody there?" == view["title"]["text"]


def test_a_stranger_sees_why_a_command_is_refused(rig: Rig):
    do(rig.fake, "say", text="/whosthere status", place="channel", user="U0EVE")
    (told,) = seen(rig.fake, "U0EVE")["channel"]
    assert ("I do not know you" in told["text"], told["private"]) == (True, True)
    assert [] == seen(rig.fake)["channel"]


def test_what_is_for_one_persons_eyes_is_not_shown_to_others(rig: Rig):
    do(rig.fake, "say", text="/whosthere status", place="channel")
    rig.fake.until(lambda: rig.fake.responses)
    assert [] == seen(rig.fake, "U0BEN")["channel"]


def test_a_foreign_page_can_press_nothing(fake: FakeSlack):
    request = urllib.request.Request(  # noqa: S310 - our own
        fake.url.replace("/api/", "/do"), b"{}", {"Content-Type": "text/plain"}
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)  # noqa: S310 - our own
    with caught.value as answer:
        assert 415 == answer.code
    assert [] == fake.messages[CHANNEL]


@pytest.mark.slow
def test_the_demo_shows_it(start: Any, tmp_path: Path):  # noqa: F811 - the fixture
    demo = start("demo", "--slack-sandbox", "--out", tmp_path / "demo")
    address = demo.wait_for("http://127.0.0.1").split()[-1]
    demo.wait_for("ALERT")
    demo.wait_for("yard:")  # some seconds later
    with urllib.request.urlopen(f"{address}state?user={ANNA}", timeout=5) as answer:  # noqa: S310 - our own
        told = json.load(answer)["channel"]
    assert "Person at yard" in told[0]["text"]
    assert 0 == demo.end(signal.SIGINT)
