"""How well people are told, by what they said: precision, recall, false alarms, delay.

Precision is of the alerts that people tagged. Recall also needs what was missed, which only the
questions show; `sampling` says how they are drawn and `statistics` how the rest is estimated.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from whosthere.core.model import Evidence, Incident, Tag
from whosthere.core.policy import CameraPolicy
from whosthere.core.questions import Kind, Pick
from whosthere.learning.examples import Example, Numbers, day_of
from whosthere.learning.sampling import part_of_day, reason_of
from whosthere.learning.statistics import (
    UNKNOWN,
    Estimate,
    Stratum,
    quantile,
    recall,
    share,
)

WEEK = 7 * 86400.0
FEW = 20  # tags below which a share says little
SHORTEST, USUAL = 5.0, 15.0  # seconds of a visit
MOST_MISTAKES = 12


@dataclass(frozen=True, slots=True)
class Record:
    """One incident or quiet moment with all that is known of it."""

    incident: Incident
    numbers: Numbers | None = None
    tag: Tag | None = None
    pick: Pick | None = None
    example: Example | None = None

    @property
    def quiet(self) -> bool:
        return self.incident.evidence is Evidence.QUIET

    @property
    def told(self) -> bool:
        return self.incident.alert_id is not None and not self.quiet

    @property
    def occupied(self) -> bool | None:
        return None if self.tag is None else self.tag.answer == "occupied"

    @property
    def person(self) -> float:
        """How sure the detector was, as the rule takes it."""
        return self.numbers.person_most if self.numbers else 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """What is evaluated."""

    since: datetime
    until: datetime
    cameras: tuple[str, ...]
    zone: tzinfo | None
    rules: Callable[[str], CameraPolicy]
    # seconds in which people would have been told and nothing went on, by camera and part of day
    quiet_seconds: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return max(1.0, (self.until - self.since).total_seconds())


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of the table: what the rules saw, and what people said."""

    motion: bool  # it moved long enough by itself
    person: bool  # a person in the last frames
    occupied: int
    unoccupied: int


@dataclass(frozen=True, slots=True)
class Sides:
    """Counts of one hour or day."""

    name: str
    right: int = 0
    false: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Delay:
    """From the first motion of a visit until people were told, in seconds."""

    median: float | None
    ninety: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one camera, or of all."""

    name: str
    told: int
    tagged: int  # of those
    right: int
    missed: int  # that are known
    precision: Estimate
    recall: Estimate  # of visits in which something moved
    false_a_week: Estimate
    delay: Delay


@dataclass(frozen=True, slots=True)
class Point:
    """What another limit of the person's confidence would have done, on tagged incidents."""

    limit: float
    precision: float
    recall: float
    alerts: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All of it."""

    span: Span
    tags: int
    table: tuple[Cell, ...]
    all: Figures
    recall_with_quiet: Estimate
    strata: tuple[Stratum, ...]
    cameras: tuple[Figures, ...]
    hours: tuple[Sides, ...]
    days: tuple[Sides, ...]
    curve: tuple[Point, ...]
    limit: float  # of the person's confidence, as it is now
    confidences: tuple[tuple[float, bool], ...]
    mistakes: tuple[Record, ...]
    words: tuple[str, ...]


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
        hours=tuple(_hours(tagged)),
        days=tuple(_days(tagged, span)),
        curve=curve,
        limit=limit,
        confidences=tuple((one.person, bool(one.occupied)) for one in moved if one.numbers),
        mistakes=tuple(_mistakes(moved)),
        words=tuple(_words(overall, found, missed, quiet)),
    )


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
    """Of all alerts, by the share that people called false."""
    a_week = told * WEEK / span.seconds
    if precision.value is None:
        return Estimate(None, 0.0, a_week, 0)
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


def _hours(tagged: Iterable[Record]) -> Iterable[Sides]:
    counts = Counter((int(one.numbers.hour), _side(one)) for one in tagged if one.numbers)
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


def _words(
    overall: Figures, found: Stratum, missed: Sequence[Stratum], quiet: Sequence[Stratum]
) -> Iterable[str]:
    """Say what the figures cannot say yet."""
    if overall.tagged < FEW:
        yield (
            f"{_tags(overall.tagged)} on alerts: precision needs at least {FEW} to mean much."
            " Say below each alert whether somebody was there."
        )
    elif overall.tagged < 0.5 * overall.told:
        yield (
            f"{overall.tagged} of {overall.told} alerts have a tag. If people tag false alarms more"
            " readily than visits, precision is better than it looks here."
        )
    unasked = [one for one in missed if one.rest and not one.drawn]
    for one in unasked:
        yield (
            f"There were {one.units:.0f} {one.name} of which nobody was told, and no answer about"
            " any: recall cannot be estimated. 'save_images on' asks a few questions a day."
        )
    answered = sum(len(one.drawn) for one in missed)
    if not unasked and answered < FEW and any(one.rest for one in missed):
        yield f"{_tags(answered)} on what nobody was told of: recall is a rough guess yet."
    asked = sum(len(one.drawn) for one in quiet)
    seen = sum(hit for one in quiet for hit, _ in one.drawn)
    if asked:
        rate = share(seen, asked)
        yield (
            f"{asked} quiet pictures drawn at random, and somebody on {seen}: of the quiet time,"
            f" {rate.low:.1%} to {rate.high:.1%} may hold somebody unseen.".replace("%", " %")
        )
    else:
        yield "No answers on quiet pictures yet: visits in which nothing moved are not counted."
    if not found.units:
        yield "Nobody was told of anything in this time."


def _tags(count: int) -> str:
    return "1 tag" if count == 1 else f"{count} tags"
