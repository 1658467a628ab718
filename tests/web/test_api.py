"""The API over real HTTP: what it does, and what it does not let people do."""

import base64
import http.client
import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.web.rig import Rig, serving
from whosthere.core.errors import PresenceTrouble
from whosthere.core.modes import Mode
from whosthere.core.presence import Observation
from whosthere.devices.sensors import PushedSensor

HOME = [Observation(device="ann-phone")]


def seen(rig: Rig, device: str = "ann-phone") -> list[Observation]:
    return list(rig.told.devices[device].seen())


# --- presence


def test_a_phone_tells_that_it_is_home_and_that_it_has_left(rig: Rig):
    came = rig.ask("POST", "/api/presence/ann-phone", "presence", {"state": "home"})
    home = seen(rig)
    left = rig.ask("POST", "/api/presence/ann-phone", "presence", {"state": "not_home"})

    assert (200, {"device": "ann-phone", "state": "home"}) == (came.status, came.body)
    assert (HOME, 200, []) == (home, left.status, seen(rig))


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/api/presence/ann-phone/home", None, ""),
        ("/api/presence/ann-phone/enter", "", "text/plain"),
        ("/api/presence/Ann/arrived", None, ""),
        ("/api/presence/ann-phone", "state=home", "application/x-www-form-urlencoded"),
        ("/api/presence/ann-phone", '{"state": "HOME", "more": 1}', "application/json"),
        ("/api/presence/ann-phone", '{"state": "home"}', "application/x-www-form-urlencoded"),
    ],
)
def test_simple_forms_for_simple_apps(rig: Rig, path: str, body: str | None, kind: str):
    answer = rig.ask("POST", path, "presence", body, Content_Type=kind)

    assert (200, HOME) == (answer.status, seen(rig))


def test_apps_that_only_know_user_and_password_can_tell_too(rig: Rig):
    login = base64.b64encode(f"ann:{rig.tokens['presence']}".encode()).decode()
    answer = rig.ask("POST", "/api/presence/ann-phone/home", Authorization=f"Basic {login}")

    assert (200, HOME) == (answer.status, seen(rig))


def test_a_late_word_does_not_undo_a_newer_one(rig: Rig):
    now = datetime.now(UTC)
    earlier = (now - timedelta(minutes=5)).isoformat()
    rig.ask("POST", "/api/presence/ann-phone", "presence", {"state": "home"})
    answer = rig.ask("POST", "/api/presence/ann-phone", "presence",
                     {"state": "not_home", "at": earlier})  # fmt: skip

    assert (200, HOME) == (answer.status, seen(rig))


def test_what_was_told_is_known_after_a_restart(tmp_path: Path):
    with serving(tmp_path) as rig:
        rig.ask("POST", "/api/presence/ann-phone/home", "presence")
        kept = rig.told.devices["ann-phone"]
        fresh = type(kept)(kept.name, kept.device)
        with pytest.raises(PresenceTrouble, match="has not told yet"):
            fresh.seen()
        fresh.keep_in(tmp_path / f"told-{kept.name}.json")

    assert HOME == fresh.seen()


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/api/presence/cleo/home", None, 404, "nobody of that name"),
        ("/api/presence/ann-phone", {"state": "perhaps"}, 422, "must be home or not_home"),
        ("/api/presence/ann-phone", {}, 422, "must be home or not_home"),
        ("/api/presence/ann-phone", None, 422, "must be home or not_home"),
        ("/api/presence/ann-phone", "{", 400, "neither a JSON object nor a form"),
        ("/api/presence/ann-phone", [1], 400, "no JSON object"),
        ("/api/presence/ann-phone", {"state": "home", "at": "noon"}, 422, "'at' must be as"),
        ("/api/presence/ann-phone", {"state": "home", "at": "2026-01-01T12:00:00"}, 422, "zone"),
        ("/api/presence/ann-phone", {"state": "home", "at": "2999-01-01T12:00:00Z"}, 422, "future"),
    ],
)
def test_what_cannot_be_understood_changes_nothing(
    rig: Rig, path: str, body: object, status: int, words: str
):
    answer = rig.ask("POST", path, "presence", body)

    assert status == answer.status
    assert words in answer.body["error"]
    with pytest.raises(PresenceTrouble):
        seen(rig)


def test_a_token_for_one_device_tells_of_no_other(rig: Rig):
    own = rig.ask("POST", "/api/presence/ann-phone/home", "ann")
    by_person = rig.ask("POST", "/api/presence/Ann/home", "ann")
    nobody = rig.ask("POST", "/api/presence/cleo/home", "ann")
    other = rig.ask("POST", "/api/presence/bob-phone/home", "ann")

    assert (200, 200, 403, 403) == (own.status, by_person.status, other.status, nobody.status)
    assert "tells of 'ann-phone' only" in other.body["error"]


def test_looking_never_changes_who_is_home(rig: Rig):
    """A link preview or a prefetch follows addresses; it must not send people away."""
    assert 405 == rig.ask("GET", "/api/presence/ann-phone/home", "presence").status


# --- asking


def test_asking_arms_as_in_slack(rig: Rig):
    rig.house.ask("disarm")
    answer = rig.ask("POST", "/api/ask", "admin", {"text": "arm away for 2h"})

    assert (200, False) == (answer.status, answer.body["refused"])
    assert Mode.AWAY is rig.house.keeper.house.arm_state.mode


def test_a_viewer_may_look_and_not_arm(rig: Rig):
    looked = rig.ask("POST", "/api/ask", "viewer", {"text": "status"})
    armed = rig.ask("POST", "/api/ask", "viewer", {"text": "disarm"})

    assert (200, 422) == (looked.status, armed.status)
    assert "Only admins may ask" in armed.body["text"]
    assert Mode.AWAY is rig.house.keeper.house.arm_state.mode


def test_what_is_not_understood_is_explained(rig: Rig):
    answer = rig.ask("POST", "/api/ask", "viewer", {"text": "statsu"})

    assert 422 == answer.status
    assert "status" in answer.body["text"]


@pytest.mark.parametrize("body", [None, {}, {"text": ""}, {"text": 7}])
def test_nothing_asked_is_told(rig: Rig, body: object):
    assert 422 == rig.ask("POST", "/api/ask", "viewer", body).status


def test_the_status_is_json(rig: Rig):
    body = rig.ask("GET", "/api/status", "viewer").body

    assert ["front", "garden"] == [camera["name"] for camera in body["cameras"]]
    assert ("Home", "away", []) == (body["house"], body["mode"]["mode"], body["troubles"])


# --- health


def test_health_is_for_everybody_and_tells_little(rig: Rig):
    fine = rig.ask("GET", "/healthz")
    rig.house.health.noted("front", "no route to rtsp://user:secret@host")
    still = rig.ask("GET", "/healthz")
    not_ready = rig.ask("GET", "/readyz")
    rig.house.health.noted("database", "the disk is full")
    full = rig.ask("GET", "/healthz")
    rig.house.health.noted("inbox", "the house takes no messages")
    bad = rig.ask("GET", "/healthz")

    assert [(200, {"ok": True})] * 3 == [(a.status, a.body) for a in (fine, still, full)]
    assert (503, {"ok": False}) == (not_ready.status, not_ready.body)
    assert (503, {"ok": False}) == (bad.status, bad.body)


def test_which_part_is_not_well_is_for_those_with_a_token(rig: Rig):
    rig.house.health.noted("front", "no route")
    answer = rig.ask("GET", "/readyz", "viewer")

    assert (503, {"ok": False, "trouble": "no route"}) == (
        answer.status, answer.body["parts"]["front"])  # fmt: skip
    assert 403 == rig.ask("GET", "/readyz", "presence").status


# --- who gets in


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("GET", "/api/status", "", 401),
        ("GET", "/api/status", "wt_wrong", 401),
        ("GET", "/api/status", "presence", 403),
        ("POST", "/api/ask", "presence", 403),
        ("POST", "/api/presence/ann-phone/home", "viewer", 403),
        ("POST", "/api/presence/ann-phone/home", "", 401),
        ("GET", "/", "", 404),
        ("GET", "/api/presence/../../etc/passwd", "admin", 404),
    ],
)
def test_who_has_not_the_right_token_is_refused(
    rig: Rig, method: str, path: str, token: str, status: int
):
    answer = rig.ask(method, path, token, {"text": "disarm"} if method == "POST" else None)

    assert status == answer.status
    assert Mode.AWAY is rig.house.keeper.house.arm_state.mode


def test_who_tries_tokens_out_has_to_wait(rig: Rig):
    tried = [rig.ask("GET", "/api/status", f"wt_{number}").status for number in range(11)]
    right = rig.ask("GET", "/api/status", "viewer")

    assert ([401] * 10 + [429], 429) == (tried, right.status)
    assert 0 < int(right.headers["retry-after"]) <= 61
    assert 200 == rig.ask("GET", "/healthz").status


def test_a_revoked_token_opens_nothing_at_once(rig: Rig):
    before = rig.ask("GET", "/api/status", "viewer").status
    rig.server.tokens.revoke("viewer")

    assert (200, 401) == (before, rig.ask("GET", "/api/status", "viewer").status)


def test_a_body_without_end_is_cut_off(rig: Rig):
    """The server may answer before all of it was sent, and hang up."""
    connection = http.client.HTTPConnection(*rig.address, timeout=10)
    connection.putrequest("POST", "/api/ask")
    connection.putheader("Authorization", f"Bearer {rig.tokens['admin']}")
    connection.putheader("Content-Length", str(10**9))
    connection.endheaders(b" " * 20_000)
    answer = connection.getresponse()
    answer.read()
    connection.close()

    assert 413 == answer.status


def test_answers_are_kept_by_nobody(rig: Rig):
    headers = rig.ask("GET", "/api/status", "viewer").headers

    assert ("no-store", "nosniff") == (headers["cache-control"], headers["x-content-type-options"])
    assert "server" not in headers


# --- starting and stopping


def test_without_a_token_nothing_listens(tmp_path: Path):
    with serving(tmp_path) as rig:
        rig.server.tokens.file.unlink()
        with pytest.raises(Exception, match="there is no token, so nobody could use it"):
            type(rig.server)(rig.server.settings, rig.server.tokens, ()).run()


def test_a_port_in_use_is_told(rig: Rig):
    host, port = rig.address
    settings = rig.server.settings.model_copy(update={"listen": f"{host}:{port}"})

    with pytest.raises(Exception, match=f"cannot listen at {host}:{port}: another program"):
        type(rig.server)(settings, rig.server.tokens, ()).run()


@pytest.mark.parametrize(
    ("listen", "words"),
    [("no-such-host.invalid:1", "there is no such address"),
     ("203.0.113.7:8642", "this machine has no such address")],
)  # fmt: skip
def test_an_address_that_is_not_ours_is_told(rig: Rig, listen: str, words: str):
    settings = rig.server.settings.model_copy(update={"listen": listen})

    with pytest.raises(Exception, match=words):
        type(rig.server)(settings, rig.server.tokens, ()).run()


def test_it_stops_promptly_though_somebody_holds_the_line(tmp_path: Path):
    began = threading.Event()
    with serving(tmp_path) as rig:
        idle = socket.create_connection(rig.address)
        idle.sendall(b"POST /api/ask HTTP/1.1\r\nHost: x\r\n")
        began.set()
    idle.close()

    assert began.is_set()


def test_https_with_a_certificate_of_ones_own(tmp_path: Path):
    import ssl  # noqa: PLC0415 - of this test alone

    from tests.servers.routers import CERTIFICATE  # noqa: PLC0415 - of this test alone

    more = f'certificate_file = "{CERTIFICATE}"\ncertificate_key_file = "{CERTIFICATE}"'
    with serving(tmp_path, more=more) as rig:
        context = ssl.create_default_context(cafile=CERTIFICATE)
        connection = http.client.HTTPSConnection(*rig.address, timeout=10, context=context)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
        connection.close()

    assert 200 == answer.status


def test_a_sensor_that_calls_is_heard(tmp_path: Path):
    heard = []
    with serving(tmp_path) as rig:
        sensor = PushedSensor()
        rig.house.answers.parts.pushed["shed"] = sensor  # type: ignore[index] # a dict, as it is made
        listening = threading.Thread(target=sensor.listen, args=(heard.append,))
        listening.start()
        sensor.listens.wait(10)
        states = [rig.ask("POST", f"/api/sensors/shed/{word}", "sensors").status
                  for word in ("on", "off", "maybe")]  # fmt: skip
        others = [rig.ask("POST", path, token).status for path, token in (
            ("/api/sensors/garage/on", "sensors"), ("/api/sensors/shed/on", "presence"),
            ("/api/sensors/shed/on", ""), ("/api/ask", "sensors"))]  # fmt: skip
        sensor.stop()
        listening.join(10)
    assert [200, 200, 422] == states
    assert [False, True, False] == heard
    assert [404, 403, 401, 403] == others
