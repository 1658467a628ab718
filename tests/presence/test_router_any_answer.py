"""Whatever a router answers: it is read, or told as trouble; nothing else happens."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from whosthere.presence.descriptions import parsed
from whosthere.presence.filters import fill, names_in
from whosthere.presence.picking import NotThatForm, input_value, moment_of, number_of
from whosthere.presence.router import _observation
from whosthere.presence.router_session import entries
from whosthere.presence.steps import Devices

JSON = {"each": "data.*", "mac": "mac", "host": ["name", "@key"], "ago": "ago", "last_seen": "at"}
XML = {"format": "xml", "each": "host", "mac": "mac", "host": "@name"}
HTML = {"format": "html", "mac": "MAC", "address": "2"}
TEXT = {"format": "text", "each": r"(?P<mac>[0-9a-f:]{17})", "mac": "mac"}
FORMS = [Devices.model_validate(form) for form in (JSON, XML, HTML, TEXT)]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["data", "mac", "name", "ago", "at", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
MARKUP = st.lists(
    st.sampled_from(["<table>", "<tr>", "<td>", "MAC", "</td>", "<![", "<!", "<input name=a", "]]>",
                     "<host name='x'>",
                     "<mac>", "</mac>", "</host>", "&#0;", "&", "<lan>", "</lan>",
                     "a4:83:e7:00:00:01", "<?", "\x00", "</"]),
    max_size=14,
).map("".join)  # fmt: skip
NOW = moment_of("2026-01-01T12:00:00Z")


def read(form: Devices, text: str) -> list[object]:
    assert NOW is not None
    try:
        return [_observation(form, one, NOW) for one in entries(form, text)]
    except NotThatForm:
        return []


@pytest.mark.parametrize("form", FORMS, ids=["json", "xml", "html", "text"])
@given(text=st.text(max_size=80) | MARKUP)
@example(text="<![spam")
def test_any_text(form: Devices, text: str):
    assert isinstance(read(form, text), list)


@given(value=VALUES)
@example(value={"data": [{"mac": "a4:83:e7:00:00:01", "ago": "inf"}]})
@example(value={"data": [{"mac": "a4:83:e7:00:00:01", "at": 1e300}]})
def test_any_json(value: object):
    seen = read(FORMS[0], json.dumps(value))

    assert all(math.isfinite(one.ago) and one.ago >= 0 for one in seen)


@given(text=MARKUP)
@example(text="<![spam")
def test_any_form(text: str):
    try:
        found = input_value(text, "a")
    except NotThatForm:
        return
    assert found is None or isinstance(found, str)


@given(text=st.text(max_size=30))
@example(text="inf")
@example(text="-1e400")
@example(text="9" * 400)
def test_any_time(text: str):
    number, moment = number_of(text), moment_of(text)

    assert number is None or math.isfinite(number)
    assert moment is None or moment.tzinfo is not None


@given(text=st.text(max_size=30))
def test_any_value_is_filled_in_as_it_stands(text: str):
    assert f"<{text}>" == fill("<{password}>", {"password": text})


@given(text=st.text(alphabet="ab{}|:_md5", max_size=20))
def test_what_passes_the_check_can_be_filled(text: str):
    try:
        names = set(names_in(text))
    except ValueError:
        return
    assert isinstance(fill(text, dict.fromkeys(names, "x")), str)


def test_filters_do_what_their_names_say():
    values = {"p": "p&ss", "k": "key"}
    hashes = {
        "{p|base64}": "cCZzcw==",
        "{p|hex}": "70267373",
        "{p|urlencode}": "p%26ss",
        "{p|upper|lower}": "p&ss",
        "{{{p}}}": "{p&ss}",
    }
    assert hashes == {text: fill(text, values) for text in hashes}
    assert "5d41402abc4b2a76b9719d911017c592" == fill("{p|md5}", {"p": "hello"})  # RFC 1321's way
    # RFC 4231, test case 2
    assert fill("{p|hmac_sha256:k}", {"p": "what do ya want for nothing?", "k": "Jefe"}) == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_a_description_knows_what_it_needs():
    text = '[list]\npath = "/{key}"\ndevices = {mac = "m"}'

    assert {"key"} == parsed(text, "mine").needs()
