"""Log lines are terse and hold no secrets."""

import io
import logging

import pytest

from whosthere.app import logs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rtsp://anna:geheim@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        ("rtsp://anna:p@ss@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        (
            "http://10.0.0.7/snap?user=a&password=geheim&x=1",
            "http://10.0.0.7/snap?user=a&password=***&x=1",
        ),
        ("token=abc123def", "token=***"),
        ('{"api_key": "abc123def"}', '{"api_key": "***"}'),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("xoxb-12-34-abc refused", "xoxb-*** refused"),
        ("https://hooks.slack.com/services/T0/B0/xyz", "https://hooks.slack.com/services/***"),
        ("this holds a secret: leave it out", "this holds a secret: leave it out"),
        ("front: no frame for 12 s", "front: no frame for 12 s"),
        ("mail to anna@example.org", "mail to anna@example.org"),
    ],
)
def test_secrets_are_blanked_out(text: str, expected: str):
    assert expected == logs.without_secrets(text)


def test_a_traceback_holds_no_secret_either():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Terse())
    log = logging.getLogger("test of secrets")
    log.addHandler(handler)
    log.error("front: broke", exc_info=ValueError("rtsp://anna:geheim@10.0.0.7"))
    log.removeHandler(handler)
    assert "geheim" not in stream.getvalue()
    assert "ValueError: rtsp://***@10.0.0.7" in stream.getvalue()
