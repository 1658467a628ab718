"""The line to Slack: what goes wrong with it, and how it comes back."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.servers.fake_slack import ANNA, APP, BOT, CHANNEL, SECRET, TEAM, FakeSlack
from tests.slack.rig import Rig, alert, running
from whosthere.app.slack_parts import deliverings
from whosthere.core.errors import DeliveryTrouble
from whosthere.messaging.slack.settings import Tokens
from whosthere.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


def works(rig: Rig) -> None:
    heard = len(rig.book.asked)
    rig.fake.slash("/whosthere", "status")
    rig.fake.until(lambda: len(rig.book.asked) > heard)


def sockets_opened(fake: FakeSlack) -> int:
    return fake.calls.count("hello")


def test_requests_go_on_when_slack_wants_a_new_connection(rig: Rig):
    rig.fake.disconnect()
    rig.fake.until(lambda: sockets_opened(rig.fake) == 2 and len(rig.fake.sockets) == 1)
    works(rig)


def test_a_connection_that_was_cut_comes_back(rig: Rig):
    rig.fake.abort_sockets()
    rig.fake.until(lambda: sockets_opened(rig.fake) == 2)
    works(rig)


def test_a_refused_handshake_is_tried_again(fake: FakeSlack, tmp_path: Path):
    fake.refused_handshakes = 1
    with running(fake, tmp_path / "d") as rig:
        works(rig)


def test_an_expired_ticket_is_not_used_for_ever(rig: Rig):
    rig.fake.expired_tickets = 1
    rig.fake.abort_sockets()
    rig.fake.until(lambda: sockets_opened(rig.fake) == 2)
    works(rig)


def test_an_expired_ticket_at_the_start_is_not_used_for_ever(fake: FakeSlack, tmp_path: Path):
    fake.expired_tickets = 2
    with running(fake, tmp_path / "d") as rig:
        works(rig)


def test_slack_may_be_down_for_long(rig: Rig):
    works(rig)
    back = threading.Event()
    rig.parts.line.when_well.append(back.set)
    rig.fake.down = True
    rig.fake.abort_sockets()
    rig.fake.until(lambda: rig.why, 10)
    with pytest.raises(DeliveryTrouble):
        rig.send(alert())
    assert not back.is_set()
    rig.fake.down = False
    rig.fake.until(lambda: sockets_opened(rig.fake) == 2)
    assert back.wait(5)  # so that what waits is tried at once
    rig.send(alert(), attempts=1)
    works(rig)
    assert 1 == len(rig.fake.messages[CHANNEL])


def test_what_waits_long_is_tried_as_soon_as_slack_is_back(rig: Rig, tmp_path: Path):
    store = SqliteStore(tmp_path / "outbox.db", messengers=["slack"])
    store.remember([alert()])
    waiting, _ = store.waiting("slack")[0]
    store.put_off(waiting, datetime.now(UTC) + timedelta(hours=1), "Slack was down")
    words = deliverings(rig.parts, store, "slack", lambda _: lambda _: None)["slack"]
    assert words.step() > 200

    thread = threading.Thread(target=words.run)
    thread.start()
    rig.fake.down = True
    rig.fake.abort_sockets()
    rig.fake.until(lambda: rig.why, 10)
    rig.fake.down = False
    rig.fake.posted()
    words.stop()
    thread.join(5)
    store.close()


def test_slack_may_be_down_at_the_start(fake: FakeSlack, tmp_path: Path):
    fake.down = True
    with running(fake, tmp_path / "d", listening=False) as rig:
        fake.until(lambda: rig.why, 10)
        fake.down = False
        fake.connected()
        works(rig)


def test_a_token_revoked_while_running_is_told_and_can_be_put_right(rig: Rig):
    rig.fake.revoked = True
    rig.fake.abort_sockets()
    rig.fake.until(lambda: "the token was revoked" in rig.why)
    with pytest.raises(DeliveryTrouble, match="whosthere slack setup"):
        rig.send(alert())
    rig.fake.revoked = False
    rig.fake.until(lambda: sockets_opened(rig.fake) == 2)
    works(rig)


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (Tokens("xoxb-wrong", APP), "does not know the token"),
        (Tokens(BOT, "xapp-wrong"), "does not know the token"),
        (Tokens(APP, BOT), "token of another kind"),
    ],
)
def test_wrong_tokens_are_told(fake: FakeSlack, tmp_path: Path, tokens: Tokens, said: str):
    with running(fake, tmp_path / "d", tokens=tokens, listening=False) as rig:
        fake.until(lambda: said in rig.why)
        assert "wrong" not in rig.why.replace("wrong user", "")


def test_another_workspace_than_the_one_set_is_refused(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d", team="T0OTHER", listening=False) as rig:
        fake.until(lambda: "belongs to workspace Home" in rig.why)
        with pytest.raises(DeliveryTrouble, match="T0OTHER"):
            rig.send(alert())
    assert [] == fake.messages[CHANNEL]


def test_alerts_need_no_open_socket(fake: FakeSlack, tmp_path: Path):
    fake.fail("apps.connections.open", error="internal_error", times=100)
    with running(fake, tmp_path / "d", listening=False) as rig:
        rig.send(alert())
    assert 1 == len(fake.messages[CHANNEL])


def test_it_ends_while_a_post_is_under_way(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d") as rig:
        works(rig)
        began = time.monotonic()
    assert time.monotonic() - began < 1.0


# --- over HTTP


def asked_by_http(port: int, secret: str = SECRET, *, age: float = 0.0) -> urllib.request.Request:
    body = urlencode(
        {
            "command": "/whosthere",
            "text": "status",
            "user_id": ANNA,
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "response_url": "http://127.0.0.1:9/nowhere",
        }
    )
    at = str(int(time.time() - age))
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return urllib.request.Request(
        f"http://127.0.0.1:{port}/slack/events",
        body.encode(),
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={digest}",
        },
    )


def status_of(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_wrong_clock_is_told_and_keeps_nothing_up(
    fake: FakeSlack, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    fake.clock_ahead = 3600.0
    with running(fake, tmp_path / "d") as rig:
        works(rig)
        rig.send(alert())
    assert "clock is 1 h behind Slack's" in caplog.text
    assert 1 == len(fake.messages[CHANNEL])


def test_over_http_only_what_slack_signed_is_heard_and_once(
    fake: FakeSlack, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with FakeSlack() as other:
        port = other.port  # free again once it is closed
    listen = f"127.0.0.1:{port}"
    with running(fake, tmp_path / "d", mode="http", listen=listen, listening=False) as rig:
        rig.parts.line.call(lambda _: _served(port), 5)
        assert 401 == status_of(asked_by_http(port, "wrong"))
        assert 401 == status_of(asked_by_http(port, age=400))
        assert 1 == caplog.text.count("the signing secret or this machine's clock is wrong")
        good = asked_by_http(port)
        assert [200, 200] == [status_of(good), status_of(good)]
        fake.until(lambda: rig.book.asked)
        assert 1 == len(rig.book.asked)


async def _served(port: int) -> None:
    import asyncio  # noqa: PLC0415 - for this alone

    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return


def test_tokens_never_show(rig: Rig):
    assert "xoxb" not in repr(rig.parts.requests.line.settings) + repr(Tokens(BOT, APP, SECRET))
    assert json.dumps(str(Tokens(BOT))) == '"Tokens(***)"'
