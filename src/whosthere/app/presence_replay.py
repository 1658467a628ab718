"""`whosthere presence replay`: what other waiting times would have done on the stored past."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from whosthere.app.answers.times import read_span
from whosthere.app.presence_past import past_of, rules_of
from whosthere.app.presence_replay_view import as_plain, printed
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.errors import BadSettings, WhosThereError
from whosthere.core.household_advice import Advice, advised
from whosthere.core.household_judging import Judgement, judged
from whosthere.core.household_past import AGAIN_SECONDS, Past
from whosthere.core.household_replay import replayed, with_waiting


@dataclass(frozen=True, slots=True)
class Column:
    """One way in which it was, or would have been."""

    title: str
    leave: Mapping[str, float]  # seconds, by source
    countdown: float
    judgement: Judgement


def add(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the word to those of `whosthere presence`."""
    one = words.add_parser(
        "replay",
        help="try other waiting times on the past: false arms, late arms",
        description="Runs the stored history of presence through the live rules of arming, with"
        " the waiting times of the settings and with others.",
    )
    one.add_argument(
        "--since",
        default="14d",
        type=span_of,
        metavar="SPAN",
        help="how far back, as 14d (default)",
    )
    one.add_argument(
        "--leave",
        action="append",
        default=[],
        type=leave_of,
        metavar="SOURCE=TIME",
        help="try this waiting time for a source, as router=5m",
    )
    one.add_argument("--countdown", type=span_of, metavar="TIME", help="try this countdown")
    one.add_argument(
        "--again",
        default=timedelta(seconds=AGAIN_SECONDS),
        type=span_of,
        metavar="SPAN",
        help="who is seen again within this time of the last"
        " sighting, with nobody coming in, was home (default: 30m)",
    )
    one.add_argument("--json", action="store_true", help="as one JSON object")
    add_settings_argument(one)
    one.set_defaults(part=run)


def run(chosen: argparse.Namespace) -> int:
    settings, until = settings_of(chosen), datetime.now(UTC)
    past = past_of(settings, until - chosen.since, until, chosen.again.total_seconds())
    rules = rules_of(settings)
    _look_at(past, dict(chosen.leave), rules)
    countdown = chosen.countdown.total_seconds() if chosen.countdown else None
    columns, advice = tried(past, rules, dict(chosen.leave), countdown)
    if chosen.json:
        say(json.dumps(as_plain(past, columns, advice)))
    else:
        printed(console(), past, columns, advice, settings.house.zone)
    return 0


def tried(
    past: Past, rules: ArmingRules, leave: Mapping[str, float], countdown: float | None
) -> tuple[list[Column], list[Advice]]:
    """Judge the past as it was, and as it would have been with each set of waiting times."""
    columns = [Column("as it was", {}, 0.0, judged(past, past.modes, rules.home_mode))]
    columns.append(_column("as set now", past, rules))
    if leave or countdown is not None:
        columns.append(_column("as you ask", past, with_waiting(rules, leave, countdown)))
    advice = advised(past, rules)
    better = {one.source: one.seconds for one in advice if one.is_enough and one.seconds}
    if better and better != {one.name: one.leave_seconds for one in rules.sources}:
        columns.append(_column("as advised", past, with_waiting(rules, better)))
    return columns, advice


def _column(title: str, past: Past, rules: ArmingRules) -> Column:
    leave = {one.name: one.leave_seconds for one in rules.sources}
    judgement = judged(past, replayed(past, rules), rules.home_mode)
    return Column(title, leave, rules.countdown_seconds, judgement)


def _look_at(past: Past, leave: Mapping[str, float], rules: ArmingRules) -> None:
    """Refuse what cannot be replayed, and say why."""
    known = [one.name for one in rules.sources]
    if not known or not rules.people:
        raise BadSettings("No people or no presence sources are in the settings to replay with.")
    strangers = [name for name in leave if name not in known]
    if strangers:
        raise WhosThereError(
            f"There is no source '{strangers[0]}' in the settings. Sources are {', '.join(known)}."
        )
    if not past.by_key:
        raise WhosThereError(
            "There is no history of presence in that time. It begins when 'whosthere run' runs"
            " with people and sources in its settings; after a week, it can advise."
        )


def span_of(text: str) -> timedelta:
    """Read '14d', '5m' or seconds."""
    found = read_span([f"{text}s" if text.isdigit() else text])
    if found is None or not found.length:
        raise argparse.ArgumentTypeError(f"'{text}' is no time; write 14d, 5m or 300")
    return found.length


def leave_of(text: str) -> tuple[str, float]:
    """Read 'router=300' or 'router=5m'."""
    name, _, time = text.partition("=")
    if not name or not time:
        raise argparse.ArgumentTypeError(f"'{text}' is not SOURCE=TIME, as router=5m")
    return name, span_of(time).total_seconds()
