"""Tokens, how they are kept, and who has to wait."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whosthere.core.errors import BadSettings
from whosthere.core.requests import Role
from whosthere.web.access import (
    ENVIRONMENT,
    MOST_ADDRESSES,
    Failures,
    Scope,
    Tokens,
    checksum,
    token_of,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "data" / "web-tokens.json", {})


def test_a_token_is_kept_as_a_checksum_that_its_owner_alone_can_read(tokens: Tokens):
    token = tokens.add("ann", Scope.PRESENCE, NOW)

    assert token not in tokens.file.read_text()
    assert 0o600 == tokens.file.stat().st_mode & 0o777
    assert ("ann", Scope.PRESENCE) == (tokens.find(token).name, tokens.find(token).scope)
    assert token not in repr(tokens.grants())


def test_another_process_sees_new_and_revoked_tokens(tokens: Tokens):
    other = Tokens(tokens.file, {})
    token = tokens.add("ann", Scope.VIEWER, NOW)
    found = other.find(token)
    tokens.revoke("ann")

    assert ("ann", None) == (found.name, other.find(token))


@pytest.mark.parametrize(
    ("scope", "opens", "role"),
    [(Scope.PRESENCE, {Scope.PRESENCE}, Role.NOBODY),
     (Scope.METRICS, {Scope.METRICS}, Role.NOBODY),
     (Scope.VIEWER, {Scope.VIEWER, Scope.METRICS}, Role.VIEWER),
     (Scope.ADMIN, set(Scope), Role.ADMIN)],
)  # fmt: skip
def test_each_scope_opens_its_own(tokens: Tokens, scope: Scope, opens: set[Scope], role: Role):
    grant = tokens.find(tokens.add("one", scope, NOW))

    assert (opens, role) == ({one for one in Scope if grant.may(one)}, grant.scope.role)


def test_tokens_of_the_environment(tmp_path: Path):
    given = {ENVIRONMENT: f"ci:viewer:{checksum('wt_one')}, ha:presence:{checksum('wt_two')}"}
    tokens = Tokens(tmp_path / "none.json", given)

    assert ["ci", "ha"] == [grant.name for grant in tokens.grants()]
    assert "ha" == tokens.find("wt_two").name
    assert tokens.find("wt_three") is None


@pytest.mark.parametrize("given", ["ci", "ci:viewer:abc", f"ci:owner:{'0' * 64}"])
def test_a_wrong_environment_is_told_without_its_value(tmp_path: Path, given: str):
    with pytest.raises(BadSettings) as caught:
        Tokens(tmp_path / "none.json", {ENVIRONMENT: given}).grants()

    assert "must be like name:scope:checksum" in str(caught.value)
    assert given not in str(caught.value).replace("name:scope:checksum", "")


def test_a_name_is_given_once(tokens: Tokens):
    tokens.add("ann", Scope.VIEWER, NOW)

    with pytest.raises(BadSettings, match="There is a token 'ann' already"):
        tokens.add("ann", Scope.ADMIN, NOW)


def test_what_is_not_there_cannot_be_revoked(tokens: Tokens):
    tokens.add("ann", Scope.VIEWER, NOW)

    with pytest.raises(BadSettings, match=r"has no token 'bob'\. There are: ann"):
        tokens.revoke("bob")


def test_a_file_that_others_may_read_is_refused(tokens: Tokens):
    tokens.add("ann", Scope.VIEWER, NOW)
    tokens.file.chmod(0o644)

    with pytest.raises(BadSettings, match="chmod 600"):
        Tokens(tokens.file, {}).grants()


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"name": "x"}]', json.dumps([{"scope": "y"}])])
def test_a_damaged_file_opens_nothing(tokens: Tokens, text: str):
    tokens.add("ann", Scope.VIEWER, NOW)
    tokens.file.write_text(text)

    with pytest.raises(BadSettings, match="is damaged"):
        Tokens(tokens.file, {}).grants()


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer wt_1", "wt_1"), ("bearer  wt_1 ", "wt_1"), ("Basic YW5uOnd0XzE=", "wt_1"),
     ("Basic !!!", ""), ("Basic /w==", ""), ("", ""), ("Digest wt_1", "")],
)  # fmt: skip
def test_where_a_token_stands(header: str, token: str):
    assert token == token_of(header)


def test_failures_are_forgotten_after_a_minute():
    clock = [0.0]
    failures = Failures(lambda: clock[0])
    for _ in range(10):
        failures.note("192.168.1.7")

    assert 60.0 == failures.wait_seconds("192.168.1.7")
    assert 0.0 == failures.wait_seconds("192.168.1.8")
    clock[0] = 60.0
    assert 0.0 == failures.wait_seconds("192.168.1.7")


def test_all_addresses_of_a_household_count_together():
    failures = Failures(lambda: 0.0)
    for number in range(10):
        failures.note(f"2001:db8::{number:x}")

    assert 60.0 == failures.wait_seconds("2001:db8::ffff")
    assert 0.0 == failures.wait_seconds("2001:db8:1::1")


def test_only_so_many_addresses_are_remembered():
    failures = Failures(lambda: 0.0)
    for number in range(MOST_ADDRESSES + 50):
        failures.note(f"host-{number}")

    assert MOST_ADDRESSES == len(failures._of)  # noqa: SLF001 - there is no other way to see it
