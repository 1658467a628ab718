"""Policies that were used, are proposed, or are tried in the shadow: rows and back.

Whoever proposes is another process than the one that asks people, so all goes through the file. A
row comes in one transaction: a tuner that is killed leaves no half of a proposal.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from whosthere.core.policy import Policy
from whosthere.storage import policies
from whosthere.storage.database import Database
from whosthere.storage.moments import as_moment, as_text

# camera, number: what the settings said, and what is used in its place, both as JSON has them
Tuned: TypeAlias = Mapping[str, Mapping[str, tuple[Any, Any]]]


@dataclass(frozen=True, slots=True)
class Version:
    """A policy that is or was used."""

    policy: Policy
    author: str
    reason: str
    at: datetime
    tuned: Tuned
    repeats: int | None = None  # the version that people went back to


@dataclass(frozen=True, slots=True)
class Proposal:
    """Numbers that would have done better."""

    id: int
    at: datetime
    policy: Policy
    base: int  # version that it was compared with
    tags: int
    words: str
    figures: Mapping[str, Any]
    state: str  # new, told, used, left, outdated
    settled: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What runs in the shadow."""

    name: str  # "4" or "p2"
    policy: Policy
    since: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """An incident on which the shadow decided otherwise."""

    incident_id: str
    name: str
    camera: str
    at: datetime
    told: bool
    shadow: bool


@dataclass(frozen=True, slots=True)
class Policies:
    """The tables of policies, proposals and the shadow. Safe to use from any thread."""

    database: Database

    # --- what is used

    def versions(self) -> list[Version]:
        """Every policy that was used, oldest first."""
        return [_version(row) for row in self._rows("SELECT * FROM policy ORDER BY version")]

    def last(self) -> Version | None:
        rows = self._rows("SELECT * FROM policy ORDER BY version DESC LIMIT 1")
        return _version(rows[0]) if rows else None

    def keep(
        self,
        policy: Policy,
        *,
        author: str,
        reason: str,
        at: datetime,
        tuned: Tuned,
        repeats: int | None = None,
    ) -> int:
        """Keep a policy as the one in use. Returns its version, which changes with its numbers."""
        numbers, beside = policies.as_json(policy), json.dumps(tuned, sort_keys=True)
        with self.database.writing() as connection:
            row = connection.execute(
                "SELECT version, numbers, tuned FROM policy ORDER BY version DESC LIMIT 1"
            ).fetchone()
            version = int(row["version"]) if row else 0
            if row and _same(row["numbers"], numbers):
                if row["tuned"] != beside:
                    connection.execute(
                        "UPDATE policy SET tuned = ? WHERE version = ?", (beside, version)
                    )
                return version
            connection.execute(
                "INSERT INTO policy (version, numbers, author, reason, at, tuned, repeats)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (version + 1, numbers, author, reason, as_text(at), beside, repeats),
            )
        return version + 1

    # --- what is proposed

    def propose(
        self, policy: Policy, *, at: datetime, tags: int, words: str, figures: Mapping[str, Any]
    ) -> int:
        """Keep a proposal, in the place of any that nobody has decided on. Returns its number."""
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE proposal SET state = 'outdated', settled = ?"
                " WHERE state IN ('new', 'told')",
                (as_text(at),),
            )
            cursor = connection.execute(
                "INSERT INTO proposal (at, numbers, base, tags, words, figures, state)"
                " VALUES (?, ?, ?, ?, ?, ?, 'new')",
                (as_text(at), policies.as_json(policy), policy.version, tags, words,
                 json.dumps(figures)),
            )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def proposals(self) -> list[Proposal]:
        """All of them, oldest first."""
        return [_proposal(row) for row in self._rows("SELECT * FROM proposal ORDER BY id")]

    def proposal(self, number: int) -> Proposal | None:
        rows = self._rows("SELECT * FROM proposal WHERE id = ?", (number,))
        return _proposal(rows[0]) if rows else None

    def settle(self, number: int, state: str, *, by: str = "", at: datetime | None = None) -> None:
        """Note what has become of a proposal."""
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE proposal SET state = ?, settled = ?, by = ? WHERE id = ?",
                (state, as_text(at), by or None, number),
            )

    # --- what is tried in the shadow

    def tried(self) -> Tried | None:
        rows = self._rows("SELECT * FROM shadow")
        if not rows:
            return None
        row = rows[0]
        policy = policies.from_json(row["numbers"], 0)
        return Tried(row["name"], policy, as_moment(row["since"]))

    def try_in_shadow(self, name: str | None, policy: Policy, at: datetime) -> None:
        """Try a policy from now on; None: none."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM shadow")
            if name is not None:
                connection.execute(
                    "INSERT INTO shadow (id, name, numbers, since) VALUES (1, ?, ?, ?)",
                    (name, policies.as_json(policy), as_text(at)),
                )

    def differed(self, some: Sequence[Difference]) -> None:
        with self.database.writing(durable=False) as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO shadow_difference"
                " (incident_id, name, camera, at, told, shadow) VALUES (?, ?, ?, ?, ?, ?)",
                [(one.incident_id, one.name, one.camera, as_text(one.at), one.told, one.shadow)
                 for one in some],
            )  # fmt: skip

    def differences(self, since: datetime | None = None, name: str = "") -> list[Difference]:
        """On what the shadow decided otherwise, oldest first."""
        rows = self._rows(
            "SELECT * FROM shadow_difference WHERE at >= ? AND (? = '' OR name = ?) ORDER BY at",
            (as_text(since) or "", name, name),
        )
        return [
            Difference(row["incident_id"], row["name"], row["camera"], as_moment(row["at"]),
                       bool(row["told"]), bool(row["shadow"]))
            for row in rows
        ]  # fmt: skip

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        with self.database.reading() as connection:
            return connection.execute(sql, values).fetchall()


def _same(before: str, now: str) -> bool:
    """Whether the numbers are alike; one that was not known then had its default."""
    return before == now or policies.as_json(policies.from_json(before, 1)) == now


def _version(row: sqlite3.Row) -> Version:
    return Version(
        policies.from_json(row["numbers"], row["version"]),
        row["author"],
        row["reason"],
        as_moment(row["at"]),
        {camera: {name: (said, used) for name, (said, used) in numbers.items()}
         for camera, numbers in json.loads(row["tuned"]).items()},
        row["repeats"],
    )  # fmt: skip


def _proposal(row: sqlite3.Row) -> Proposal:
    return Proposal(
        row["id"],
        as_moment(row["at"]),
        policies.from_json(row["numbers"], row["base"]),
        row["base"],
        row["tags"],
        row["words"],
        json.loads(row["figures"]),
        row["state"],
        as_moment(row["settled"]) if row["settled"] else None,
        row["by"],
    )
