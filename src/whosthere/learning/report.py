"""An evaluation as one page for a browser: no scripts, and nothing that is loaded from anywhere."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from html import escape
from importlib import resources
from pathlib import Path

from whosthere.learning.evaluate_shapes import Evaluation, Figures, Record, Sides
from whosthere.learning.evaluate_words import counted, rate
from whosthere.learning.report_pictures import small_picture
from whosthere.learning.report_svg import curve, histogram, interval, stacks
from whosthere.learning.statistics import Estimate

LEGEND = (
    '<p class="legend"><span class="right">right</span> <span class="false">false alarm</span>'
    ' <span class="missed">missed</span></p>'
)
MOST_DAYS = 60  # that are shown one by one
UPWARDS = '<p class="legend">upwards: precision in %</p>'
METHODS = (
    (
        "Precision: of the alerts that people tagged, the share of those where somebody was there;"
        " Wilson's interval (1927)."
    ),
    (
        "Recall: alerts on visits, of all visits in which something moved while people would have"
        " been told. Incidents of which nobody was told are strata by kind; of each, people are"
        " asked about some that are drawn at random, and these are weighted with how many they"
        " stand for (Cochran, Sampling Techniques, 1977; Kish, Survey Sampling, 1965). The interval"
        " is the middle 95 % of 10 000 draws under a neutral prior (Kerman, 2011)."
    ),
    (
        "With quiet moments: the share of quiet pictures with somebody on them, times the quiet"
        " time, in visits as long as those that were told."
    ),
    "The curve and the distribution show tagged incidents as they are, without weights.",
)


def report(made: Evaluation, folder: Path, house: str) -> str:
    """Write the page; pictures are read below the data folder."""
    style = (resources.files("whosthere.learning") / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"
    body = "\n".join(_body(made, folder, house))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>How well {escape(house)} is told</title><style>{style}</style></head>"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _body(made: Evaluation, folder: Path, house: str) -> Iterator[str]:
    span = made.span
    since, until = (at.astimezone(span.zone) for at in (span.since, span.until))
    cameras = escape(", ".join(span.cameras))
    yield (
        f"<header><p class='brand'>Who's There · {escape(house)}</p>"
        "<h1>How well you are told</h1>"
        f"<p>{_time(since, until)} · {cameras} · <b>{made.tags}</b> tags</p>"
        "</header>"
    )
    yield from _cards(made)
    if made.words:
        items = "".join(f"<li>{escape(word)}</li>" for word in made.words)
        yield f"<aside><h2>How far to trust this</h2><ul>{items}</ul></aside>"
    yield "<section><h2>What the rules saw, and what people said</h2>"
    yield f"{_talk(made)}</section>"
    yield '<div class="plots">'
    yield from _plots(made)
    yield "</div>"
    if made.mistakes:
        yield "<section><h2>The worst mistakes</h2>"
        shown = "".join(_mistake(one, folder, made) for one in made.mistakes)
        yield f'<div class="gallery">{shown}</div></section>'
    yield f"<section><h2>By camera</h2>{_cameras(made.cameras)}</section>"
    yield f"<section><h2>What recall rests on</h2>{_strata(made)}</section>"
    items = "".join(f"<li>{escape(words)}</li>" for words in METHODS)
    yield f"<footer><h2>How it is worked out</h2><ul>{items}</ul></footer>"


def _time(since: datetime, until: datetime) -> str:
    """Days; of a single day, its hours."""
    if since.date() == until.date():
        return f"{since:%-d %B %Y, %H:%M} to {until:%H:%M}"
    return f"{since:%-d %B %Y} to {until:%-d %B %Y}"


def _cards(made: Evaluation) -> Iterator[str]:
    figures, quiet = made.all, made.recall_with_quiet
    yield '<section class="cards">'
    yield _share_card("Precision", figures.precision, "of tagged alerts were right")
    more = ""
    if quiet.value is not None:
        more = f". With quiet moments: {_between(quiet)}"
    yield _share_card("Recall", figures.recall, "of visits with motion were told", more)
    week = figures.false_a_week
    if week.value is None:
        yield _card("False alarms", "?", "", "a week: unknown yet")
    else:
        about = f"a week; {rate(week.low)} to {rate(week.high)}, {counted(week.tags)}"
        most = max(1.0, week.high * 1.25)
        yield _card(
            "False alarms", rate(week.value),
            interval(week.low, week.value, week.high, most), about,
        )  # fmt: skip
    delay = figures.delay
    if delay.median is None or delay.ninety is None:
        yield _card("Alert delay", "?", "", "no tagged visits yet")
    else:
        about = f"median; 90 % within {delay.ninety:.1f} s, {counted(delay.count)}"
        plot = interval(0.0, delay.median, delay.ninety, max(5.0, 1.25 * delay.ninety))
        yield _card("Alert delay", f"{delay.median:.1f} s", plot, about)
    yield "</section>"


def _share_card(name: str, found: Estimate, about: str, more: str = "") -> str:
    if found.value is None:
        return _card(name, "?", "", f"{about}: not enough tags yet")
    plot = interval(found.low, found.value, found.high, 1.0)
    held = f"{_between(found)}, {counted(found.tags)}"
    return _card(name, _percent(found.value), plot, f"{about}; {held}{more}")


def _card(name: str, value: str, plot: str, about: str) -> str:
    return (
        f'<article class="card"><h2>{name}</h2><p class="value">{value}</p>{plot}'
        f"<p>{escape(about)}</p></article>"
    )


def _talk(made: Evaluation) -> str:
    most = max((max(c.occupied, c.unoccupied) for c in made.table), default=0)
    rows = "".join(
        f"<tr><td>{_yes(c.motion)}</td><td>{_yes(c.person)}</td>"
        f"{_count(c.occupied, most, 'right')}{_count(c.unoccupied, most, 'false')}</tr>"
        for c in made.table
    )
    return (
        '<div class="wide"><table class="talk"><thead><tr><th>It moved<br>long enough</th>'
        "<th>A person in<br>the last frames</th><th>People said<br>occupied</th>"
        f"<th>People said<br>unoccupied</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _count(count: int, most: int, kind: str) -> str:
    """A number, the stronger the larger, in ten steps."""
    strength = -(-10 * count // most) if most else 0
    return f'<td class="count {kind} s{strength}">{count or "·"}</td>'


def _plots(made: Evaluation) -> Iterator[str]:
    if made.confidences:
        legend = (
            '<p class="legend"><span class="right">occupied</span>'
            ' <span class="false">unoccupied</span></p>'
        )
        yield _plot("Confidence by tag", histogram(made.confidences, made.limit), legend)
    if made.curve:
        points = [(one.limit, one.precision, one.recall) for one in made.curve]
        yield _plot("If the limit were another", curve(points, made.limit), UPWARDS)
    if made.days:
        names, sides = _by_day_or_week(made.days)
        about = "Right, false and missed alerts over time"
        yield _plot("Over time", stacks(names, _rows(sides), about, _unit(made.days)), LEGEND)
        hours = [one.name for one in made.hours]
        about = "Right, false and missed alerts by hour"
        plot = stacks(hours, _rows(made.hours), about, "hour of the day")
        yield _plot("By hour", plot, LEGEND)


def _unit(days: Sequence[Sides]) -> str:
    return "day" if len(days) <= MOST_DAYS else "week that begins then"


def _by_day_or_week(days: Sequence[Sides]) -> tuple[list[str], list[Sides]]:
    """Return days, or weeks where the days are too many to be seen."""
    size = 1 if len(days) <= MOST_DAYS else 7
    parts = [days[first : first + size] for first in range(0, len(days), size)]
    sums = [
        Sides(
            part[0].name,
            sum(one.right for one in part),
            sum(one.false for one in part),
            sum(one.missed for one in part),
        )
        for part in parts
    ]
    return [f"{date.fromisoformat(one.name):%-d %b}" for one in sums], sums


def _rows(sides: Iterable[Sides]) -> list[tuple[int, int, int]]:
    return [(one.right, one.false, one.missed) for one in sides]


def _plot(name: str, plot: str, legend: str) -> str:
    return f"<figure><figcaption><h2>{name}</h2>{legend}</figcaption>{plot}</figure>"


def _mistake(one: Record, folder: Path, made: Evaluation) -> str:
    at = f"{one.incident.started.astimezone(made.span.zone):%-d %b, %H:%M}"
    what = "false alarm" if one.told else "missed"
    kind = "false" if one.told else "missed"
    picture = small_picture(one, folder)
    camera = escape(one.incident.camera)
    shown = (
        f'<img alt="{camera}, {at}" src="data:image/jpeg;base64,{picture}">'
        if picture
        else '<div class="gone">the picture is gone</div>'
    )
    sure = f"person {_percent(one.person)}"
    failed = one.numbers and next((g.name for g in one.numbers.gates if not g.passed), None)
    more = f" · stopped by '{escape(failed)}'" if failed and not one.told else ""
    return (
        f'<figure>{shown}<figcaption><span class="{kind}">{what}</span> {camera}, {at}<br>'
        f"<small>{sure}{more}<br>{escape(one.incident.id)}</small></figcaption></figure>"
    )


def _cameras(cameras: Iterable[Figures]) -> str:
    rows = "".join(
        f"<tr><th>{escape(one.name)}</th><td>{one.told}</td><td>{one.tagged}</td>"
        f"<td>{_estimate(one.precision)}</td><td>{one.missed}</td>"
        f"<td>{_estimate(one.recall)}</td><td>{_rate(one.false_a_week)}</td>"
        f"<td>{_seconds(one.delay.median)}</td><td>{_seconds(one.delay.ninety)}</td></tr>"
        for one in cameras
    )
    heads = "".join(
        f"<th>{name}</th>"
        for name in (
            "camera", "alerts", "tagged", "precision", "missed", "recall", "false a week",
            "delay", "90 %",
        )
    )  # fmt: skip
    return _table(heads, rows)


def _strata(made: Evaluation) -> str:
    rows = ""
    for one in made.strata:
        quiet = one.name.startswith("quiet")
        given = one.known or tuple(hit for hit, _ in one.drawn)
        there = "" if quiet else f"{one.units:.0f}"
        rows += f"<tr><th>{one.name}</th><td>{there}</td><td>{len(given)}</td>"
        rows += f"<td>{sum(given)}</td></tr>"
    return _table("<th></th><th>there were</th><th>answers</th><th>occupied</th>", rows)


def _table(heads: str, rows: str) -> str:
    return (
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        "</div>"
    )


def _estimate(found: Estimate) -> str:
    if found.value is None:
        return "?"
    return f"{_percent(found.value)} <small>{_percent(found.low)} to {_percent(found.high)}</small>"


def _rate(found: Estimate) -> str:
    if found.value is None:
        return "?"
    return f"{rate(found.value)} <small>{rate(found.low)} to {rate(found.high)}</small>"


def _seconds(value: float | None) -> str:
    return "?" if value is None else f"{value:.1f} s"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def _between(found: Estimate) -> str:
    return f"{100 * found.low:.0f} to {_percent(found.high)}"


def _yes(what: bool) -> str:  # noqa: FBT001 - it is what is to be said
    return "yes" if what else '<span class="no">no</span>'
