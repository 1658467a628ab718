"""How well people are told, by what they said: precision, recall, false alarms, delay.

Precision is of the alerts that people tagged. Recall also needs what was missed, which only the
questions show; `sampling` says how they are drawn and `statistics` how the rest is estimated.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta, tzinfo

from whosthere.core.policy import CameraPolicy
from whosthere.core.questions import Kind
from whosthere.learning.evaluate_shapes import (
    Cell,
    Delay,
    Evaluation,
    Figures,
    Point,
    Record,
    Sides,
    Span,
)
from whosthere.learning.evaluate_words import counted, words
from whosthere.learning.examples import day_of
from whosthere.learning.sampling import part_of_day, reason_of
from whosthere.learning.statistics import UNKNOWN, Estimate, Stratum, quantile, recall, share

DAY = 86400.0
WEEK = 7 * DAY
SHORTEST, USUAL = 5.0, 15.0  # seconds of a visit
MOST_MISTAKES = 12


def evaluate(records: Sequence[Record], span: Span) -> Evaluation:
    """Work out all figures."""
    tagged = [one for one in records if one.occupied is not None]
    moved = [one for one in tagged if not one.quiet]
    found, missed, quiet = _strata(records, span)
    overall = _figures("all", records, span)
    with_quiet = recall([found], [*missed, *quiet])
    limit = _limit(span)
    curve = tuple(_curve(moved))
    return Evaluation(
        span=span,
        tags=len(tagged),
        table=tuple(_table(tagged, span)),
        all=overall,
        recall_with_quiet=with_quiet,
        strata=(found, *missed, *quiet),
        cameras=tuple(_figures(name, _of(records, name), span, name) for name in span.cameras),
        hours=tuple(_hours(tagged, span.zone)),
        days=tuple(_days(tagged, span)),
        curve=curve,
        limit=limit,
        confidences=tuple((one.person, bool(one.occupied)) for one in moved if one.numbers),
        mistakes=tuple(_mistakes(moved)),
        words=(*_of_time(tagged, span), *words(overall, found, missed, quiet)),
    )


def _of_time(tagged: Sequence[Record], span: Span) -> Iterable[str]:
    """What cannot be said since it is too soon."""
    if span.seconds < DAY:
        yield "Watched for less than a day: false alarms a week cannot be told yet."
    unmeasured = sum(one.numbers is None for one in tagged)
    if unmeasured:
        yield f"{counted(unmeasured)} of the last minutes: counted, but not in the table yet."


def _of(records: Iterable[Record], camera: str) -> list[Record]:
    return [one for one in records if one.incident.camera == camera]


def _limit(span: Span) -> float:
    limits = [span.rules(name).person_confidence for name in span.cameras]
    return limits[0] if limits else CameraPolicy().person_confidence


def _table(tagged: Sequence[Record], span: Span) -> Iterable[Cell]:
    """Count as in the table of the talk: motion rule, person in the last frames, what was said."""
    counts: Counter[tuple[bool, bool, bool]] = Counter()
    for one in tagged:
        if one.numbers is not None:
            rules = span.rules(one.incident.camera)
            motion = one.numbers.share_most >= rules.occupied_share
            person = one.numbers.person_ever >= rules.person_confidence
            counts[motion, person, bool(one.occupied)] += 1
    for motion in (True, False):
        for person in (True, False):
            yield Cell(motion, person, counts[motion, person, True], counts[motion, person, False])


# --- figures


def _figures(name: str, records: Sequence[Record], span: Span, camera: str = "") -> Figures:
    told = [one for one in records if one.told]
    tagged = [one for one in told if one.occupied is not None]
    right = sum(bool(one.occupied) for one in tagged)
    found, missed, _ = _strata(records, span, camera)
    precision = share(right, len(tagged))
    return Figures(
        name=name,
        told=len(told),
        tagged=len(tagged),
        right=right,
        missed=sum(one.hits for one in missed),
        precision=precision,
        recall=recall([found], missed) if found.units or any(m.units for m in missed) else UNKNOWN,
        false_a_week=_false_a_week(len(told), precision, span),
        delay=_delay(tagged),
    )


def _false_a_week(told: int, precision: Estimate, span: Span) -> Estimate:
    """Of all alerts, by the share that people called false. Of minutes no week can be told."""
    a_week = told * WEEK / span.seconds
    if precision.value is None or span.seconds < DAY:
        return Estimate(None, 0.0, a_week, precision.tags)
    return Estimate(
        a_week * (1 - precision.value),
        a_week * (1 - precision.high),
        a_week * (1 - precision.low),
        precision.tags,
    )


def _delay(tagged: Iterable[Record]) -> Delay:
    seconds = [
        (one.incident.alerted_at - one.incident.first_motion).total_seconds()
        for one in tagged
        if one.occupied and one.incident.alerted_at is not None
    ]
    return Delay(quantile(seconds, 0.5), quantile(seconds, 0.9), len(seconds))


def _strata(
    records: Sequence[Record], span: Span, camera: str = ""
) -> tuple[Stratum, list[Stratum], list[Stratum]]:
    """Alerts; incidents of which nobody was told though people could be; and quiet time."""
    told = [one for one in records if one.told]
    answers = tuple(bool(one.occupied) for one in told if one.occupied is not None)
    found = Stratum("alerts", len(told), answers, tuple((hit, 1.0) for hit in answers))
    missed = []
    silent = [one for one in records if not one.told and not one.quiet and _armed(one)]
    for kind in (Kind.NEAR_MISS, Kind.DISAGREEMENT, Kind.MOTION):
        own = [one for one in silent if _kind(one, span) is kind]
        missed.append(Stratum(NAMES[kind], len(own), _known(own), _drawn(own)))
    visit = _length_of_visit(told)
    quiet = []
    for part in ("day", "night"):
        seconds = sum(
            seconds
            for (name, when), seconds in span.quiet_seconds.items()
            if when == part and camera in ("", name)
        )
        own = [one for one in records if one.quiet and _part(one, span.zone) == part]
        drawn = _drawn(own)  # a picture is a moment, not a visit: none counts as known
        quiet.append(Stratum(f"quiet moments by {part}", seconds / visit, (), drawn))
    return found, missed, quiet


NAMES = {
    Kind.NEAR_MISS: "near misses",
    Kind.DISAGREEMENT: "disagreements",
    Kind.MOTION: "other motion",
}


def _armed(one: Record) -> bool:
    return one.numbers is not None and one.numbers.armed


def _kind(one: Record, span: Span) -> Kind:
    assert one.numbers is not None  # noqa: S101 - only those that were measured are asked
    return reason_of(one.numbers, span.rules(one.incident.camera)).kind


def _known(records: Iterable[Record]) -> tuple[bool, ...]:
    return tuple(bool(one.occupied) for one in records if one.occupied is not None)


def _drawn(records: Iterable[Record]) -> tuple[tuple[bool, float], ...]:
    """Answers to questions that chance chose; each stands for as many as its chance was small."""
    return tuple(
        (bool(one.occupied), 1 / one.pick.chance)
        for one in records
        if one.occupied is not None and one.pick is not None and one.pick.kind is not Kind.SHADOW
    )


def _part(one: Record, zone: tzinfo | None) -> str:
    return part_of_day(one.incident.started.astimezone(zone).hour)


def _length_of_visit(told: Iterable[Record]) -> float:
    lengths = [one.numbers.seconds for one in told if one.occupied and one.numbers]
    return max(SHORTEST, sum(lengths) / len(lengths)) if lengths else USUAL


# --- over time, and by other limits


def _side(one: Record) -> str:
    if one.told:
        return "right" if one.occupied else "false"
    return "missed" if one.occupied and _armed(one) else ""


def _hours(tagged: Iterable[Record], zone: tzinfo | None) -> Iterable[Sides]:
    counts = Counter((one.incident.started.astimezone(zone).hour, _side(one)) for one in tagged)
    for hour in range(24):
        yield Sides(
            f"{hour:02}", counts[hour, "right"], counts[hour, "false"], counts[hour, "missed"]
        )


def _days(tagged: Sequence[Record], span: Span) -> Iterable[Sides]:
    """Every day, also those on which nothing was tagged; none if nothing was at all."""
    counts = Counter((day_of(one.incident.started, span.zone), _side(one)) for one in tagged)
    first, last = (at.astimezone(span.zone).date() for at in (span.since, span.until))
    for number in range((last - first).days + 1 if counts else 0):
        day = (first + timedelta(days=number)).isoformat()
        yield Sides(day, counts[day, "right"], counts[day, "false"], counts[day, "missed"])


def _curve(moved: Sequence[Record]) -> Iterable[Point]:
    """What each limit would have done on tagged incidents, as they are, without weights."""
    scored = [(one.person, bool(one.occupied)) for one in moved if one.numbers]
    visits = sum(hit for _, hit in scored)
    for limit in sorted({score for score, _ in scored if score > 0}):
        alerts = [hit for score, hit in scored if score >= limit]
        if visits:
            yield Point(limit, sum(alerts) / len(alerts), sum(alerts) / visits, len(alerts))


def _mistakes(moved: Iterable[Record]) -> list[Record]:
    """The surest false alarms and the plainest misses, by turns."""
    false = sorted((o for o in moved if _side(o) == "false"), key=lambda one: -one.person)
    missed = sorted((o for o in moved if _side(o) == "missed"), key=lambda one: -one.person)
    half = MOST_MISTAKES // 2
    several = false[: max(half, MOST_MISTAKES - len(missed))]
    return [*several, *missed[: MOST_MISTAKES - len(several)]]
