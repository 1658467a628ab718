"""`whosthere tune`: looks for numbers that keep every tagged visit and drop false alarms."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whosthere.app.policy_versions import at_start, said_of
from whosthere.app.replay_rules import rules_of
from whosthere.app.replay_times import moment_of
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, say, settings_of
from whosthere.app.tune_words import (
    Found,
    Whole,
    as_plain,
    line_of_overlooked,
    lines_of,
    lines_of_skill,
)
from whosthere.core.errors import BadSettings
from whosthere.core.history import History
from whosthere.core.model import Answer, Incident
from whosthere.core.policy import Policy
from whosthere.learning.compare import Report, compare, incidents_by
from whosthere.learning.examples import ENOUGH_OF_EACH, FEATURE_VERSION, numbers_from_json
from whosthere.learning.logistic import Skill, skill
from whosthere.learning.tune import Outcome, tune
from whosthere.learning.tune_cases import Case, by_days, read_cases
from whosthere.storage.learning import Learning
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.proposals import Policies, Proposal
from whosthere.storage.sqlite import SqliteStore

LOWEST = 19  # priority
FIRST_TO_GO = Path("/proc/self/oom_score_adj")
AGAIN_AFTER = timedelta(days=7)  # that somebody did not want a proposal
MANY_MORE = 1.25  # times the tags of then: it is asked again before
MORE = 1.5  # times the alerts of now: there must not be more in all, besides visits that are found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--since", default="14d", metavar="WHEN", help="14d, 8w or a date (default: %(default)s)")
    add("--camera", metavar="NAME", help="this camera only")
    add("--json", action="store_true", help="one JSON object")
    add("--dry", action="store_true", help="propose nothing, only say what was found")
    add("--enough", type=int, default=ENOUGH_OF_EACH, metavar="N",
        help="tags of each kind that a camera needs (default: %(default)s)")  # fmt: skip
    add("--nightly", action="store_true", help=argparse.SUPPRESS)  # settings come by a pipe
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    os.nice(LOWEST)
    if chosen.nightly:
        give_way()
        settings = Settings.model_validate_json(sys.stdin.buffer.read())
    else:
        settings = settings_of(chosen)
    now = datetime.now(UTC)
    since = moment_of(chosen.since, "--since", now, settings.house.zone)
    storage = settings.storage
    with (
        closing(SqliteStore.visit(storage.database)) as store,
        closing(SqliteLedger.visit(storage.ledger)) as ledger,
    ):
        tuning = Tuning(settings, store, ledger, since, now, chosen.enough)
        found = tuning.all(chosen.camera, quiet=chosen.json or chosen.nightly)
        told = "" if chosen.dry else tuning.propose(found)
    if chosen.json:
        say(json.dumps(as_plain(found)))
    elif not chosen.nightly:
        _show(found, told)
    return 0


def give_way() -> None:
    """Work only while nobody else does, and be the first to go when memory is short."""
    with suppress(AttributeError, OSError):  # other systems, and cages that forbid it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError):
        FIRST_TO_GO.write_text("1000")


def _show(found: Sequence[Found], told: str) -> None:
    for one in found:
        outcome = one.outcome
        if outcome.proposed:
            first, *rest = lines_of(one)
            say(first)
            for line in rest:
                say(f"  {line}")
        else:
            say(f"{outcome.camera}: nothing to propose: {outcome.why_not}.")
        if one.ledger_gone:
            say(f"  {one.ledger_gone} tagged incidents are older than the ledger.")
        if outcome.overlooked:
            say(f"  {line_of_overlooked(outcome)}")
        for line in lines_of_skill(one.skill) if one.skill else ():
            say(f"  {line}")
    if told:
        say(told)


@dataclass(frozen=True, slots=True)
class Tuning:
    """Reads tags and ledger, and proposes. It writes one row, at the very end."""

    settings: Settings
    store: SqliteStore
    ledger: SqliteLedger
    since: datetime
    now: datetime
    enough: int

    @property
    def policy(self) -> Policy:
        return self.store.current_policy() or at_start(
            said_of(self.settings), Policies(self.store.database), self.now
        )

    def all(self, camera: str | None, *, quiet: bool) -> list[Found]:
        cameras = tuple(self.settings.cameras)
        if camera is not None and camera not in cameras:
            raise BadSettings(f"--camera: choose one of {', '.join(cameras)}.")
        tagged = self._tagged()
        policy = self.policy
        found = []
        for name in cameras if camera is None else (camera,):
            own = [one for one in tagged if one[0].camera == name]
            found.append(self._one(name, own, policy, quiet=quiet))
        return self._checked(found, policy)

    def _tagged(self) -> list[tuple[Incident, Answer]]:
        answers = {tag.incident_id: tag.answer for tag in self.store.tags()}
        incidents = self.store.incidents(self.since, self.now)
        return [(one, answers[one.id]) for one in incidents if one.id in answers]

    def _one(
        self,
        camera: str,
        tagged: Sequence[tuple[Incident, Answer]],
        policy: Policy,
        *,
        quiet: bool,
    ) -> Found:
        def show(text: str) -> None:
            if not quiet and sys.stderr.isatty():
                print(f"{camera}: {text}", file=sys.stderr)  # noqa: T201 # how far it is

        show(f"{len(tagged)} tagged incidents")
        cases, gone = read_cases(tagged, self._read, self.settings.house.zone)
        older, newer = by_days(cases)
        outcome = tune(camera, policy.of(camera), older, newer, enough=self.enough, show=show)
        return Found(outcome, skill=self._skill(camera, older.all, newer.all), ledger_gone=gone)

    def _read(self, since: datetime, until: datetime) -> Iterable[History]:
        return self.ledger.history(since, until)

    def _skill(self, camera: str, older: Sequence[Case], newer: Sequence[Case]) -> Skill | None:
        """Fit a model, where there are enough tags for one."""
        kept = Learning(self.store.database).numbers(self.since)
        numbers = {name: numbers_from_json(body) for name, body in kept.items()}
        numbers = {name: one for name, one in numbers.items() if one.version == FEATURE_VERSION}
        moving = [[case for case in part if not case.quiet] for part in (older, newer)]
        known = [[(numbers[case.incident.id], case.visit) for case in part
                  if case.incident.id in numbers] for part in moving]  # fmt: skip
        both = [visit for part in known for _, visit in part]
        enough = min(both.count(True), both.count(False)) >= self.enough
        if not enough or any({visit for _, visit in part} != {True, False} for part in known):
            return None
        tagged = {case.incident.id for case in (*older, *newer)}
        waiting = {
            one.id: numbers[one.id]
            for one in self.store.incidents(self.since, self.now, camera)
            if one.id in numbers and one.id not in tagged and one.picture
        }
        return skill(known[0], known[1], waiting)

    # --- the whole time once more

    def _checked(self, found: Sequence[Found], policy: Policy) -> list[Found]:
        """Live through all of it by the rules in use and by those found, and compare."""
        better = self.proposed(found, policy)
        if better is None:
            return list(found)
        then, now = self.reports(policy), self.reports(better)
        return [
            _confirmed(one, then[one.outcome.camera], now[one.outcome.camera])
            if one.outcome.proposed and one.outcome.camera in then
            else one
            for one in found
        ]

    def reports(self, policy: Policy) -> dict[str, Report]:
        history = self.ledger.history(self.since, self.now)
        visits = incidents_by(history, rules_of(policy), self.since, self.now)
        answers = {one.id: answer for one, answer in self._tagged()}
        then = self.store.incidents(self.since, self.now)
        return {one.camera: one for one in compare(then, visits, answers)}

    def proposed(self, found: Sequence[Found], policy: Policy) -> Policy | None:
        rules = {one.outcome.camera: one.outcome.after for one in found if one.outcome.proposed}
        return replace(policy, cameras={**policy.cameras, **rules}) if rules else None

    # --- asking people

    def propose(self, found: Sequence[Found]) -> str:
        """Keep a proposal, unless people did not want such a one lately."""
        policy = self.policy
        better = self.proposed(found, policy)
        if better is None:
            return ""
        policies, tags = Policies(self.store.database), len(self._tagged())
        last = policies.proposals()[-1:]
        if last and _too_soon(last[0], better, tags, self.now):
            return (f"Proposal p{last[0].id} is {last[0].state}; it is asked again after a week, or"
                    " when there are many more tags.")  # fmt: skip
        words = "\n".join(line for one in found if one.outcome.proposed for line in lines_of(one))
        number = policies.propose(better, at=self.now, tags=tags, words=words,
                                  figures=as_plain(found))  # fmt: skip
        return f"This is proposal p{number}: 'whosthere policy use p{number}' takes it."


def _confirmed(found: Found, then: Report, now: Report) -> Found:
    """What the whole time says: it has the last word."""
    outcome: Outcome = found.outcome
    visits, alarms = _told(then, Answer.OCCUPIED), _told(then, Answer.UNOCCUPIED)
    visits_now, alarms_now = _told(now, Answer.OCCUPIED), _told(now, Answer.UNOCCUPIED)

    def refused(why: str) -> Found:
        return replace(found, outcome=replace(outcome, why_not=f"in the whole time, {why}"))

    if visits - visits_now:
        return refused(f"{len(visits - visits_now)} tagged visits would be told no longer")
    if len(alarms_now) - len(visits_now) >= len(alarms) - len(visits):
        return refused("no tagged false alarm would go, and no missed visit be found for less")
    most = MORE * then.alerts_now + len(visits_now - visits)
    if now.alerts_now > most:
        return refused(f"there would be {now.alerts_now} alerts and not {then.alerts_now}")
    told, still = _told(then, None), _told(now, None)
    whole = Whole(
        then.alerts_now, now.alerts_now, len(told - still), len(still - told),
        len(visits_now - visits), len(alarms_now - alarms),
    )  # fmt: skip
    return replace(found, whole=whole)


def _told(report: Report, answer: Answer | None) -> set[str]:
    """What people are told of, among incidents that they gave this answer about."""
    return {one.incident.id for one in report.compared if one.now and one.answer is answer}


def _too_soon(last: Proposal, better: Policy, tags: int, now: datetime) -> bool:
    if last.state in {"new", "told"}:
        return last.policy.cameras == better.cameras  # the same is asked already
    if last.state != "left":
        return False
    lately = now - (last.settled or last.at) < AGAIN_AFTER
    return lately and tags < MANY_MORE * last.tags
