"""An evaluation on the terminal."""

from collections.abc import Iterator

from rich.table import Table

from whosthere.learning.evaluate_shapes import Evaluation, Figures
from whosthere.learning.evaluate_words import counted, rate
from whosthere.learning.statistics import Estimate, Stratum


def lines(made: Evaluation) -> Iterator[str | Table]:
    """The figures, one part after the other."""
    span = made.span
    zone = span.zone
    cameras = ", ".join(span.cameras)
    yield (
        f"[bold]{span.since.astimezone(zone):%Y-%m-%d %H:%M} to"
        f" {span.until.astimezone(zone):%Y-%m-%d %H:%M}[/bold]: {cameras}; {counted(made.tags)}\n"
    )
    if made.tags or made.all.told:
        yield from _figures(made)
    for word in made.words:
        yield f"• {word}"


def _figures(made: Evaluation) -> Iterator[str | Table]:
    yield _talk(made)
    yield ""
    yield from _headline(made)
    yield ""
    if len(made.cameras) > 1:
        yield _cameras(made)
    if made.days:
        yield _hours(made)
    yield _strata(made)


def _talk(made: Evaluation) -> Table:
    table = Table(
        "it moved long enough", "a person in the last frames", "people said", "count",
        title="What the rules saw, and what people said", title_justify="left",
        header_style="bold",
    )  # fmt: skip
    for cell in made.table:
        for said, count in (("occupied", cell.occupied), ("unoccupied", cell.unoccupied)):
            table.add_row(yes(cell.motion), yes(cell.person), said, str(count) if count else "·")
    return table


def _headline(made: Evaluation) -> Iterator[str]:
    figures = made.all
    yield _line("precision", percent(figures.precision), "of tagged alerts were right")
    yield _line("recall", percent(figures.recall), "of visits in which something moved were told")
    yield _line("", between(made.recall_with_quiet), "with visits in which nothing moved enough")
    yield _line("false alarms", a_week(figures.false_a_week), "a week")
    yield _line("alert delay", delay(figures), "from the first motion")


def _line(name: str, value: str, about: str) -> str:
    return f"  [bold]{name:<13}[/bold] {value:<34} {about}"


def _cameras(made: Evaluation) -> Table:
    table = Table(
        "camera", "alerts", "tagged", "precision", "missed", "recall", "false a week",
        "delay, 90 %",
        header_style="bold",
    )  # fmt: skip
    for one in made.cameras:
        table.add_row(
            one.name, str(one.told), str(one.tagged), percent(one.precision, short=True),
            str(one.missed), percent(one.recall, short=True),
            a_week(one.false_a_week, short=True), delay(one, short=True),
        )  # fmt: skip
    return table


def _hours(made: Evaluation) -> Table:
    table = Table("hour", "right", "false", "missed", header_style="bold")
    for one in made.hours:
        if one.right or one.false or one.missed:
            counts = (one.right, one.false, one.missed)
            table.add_row(f"{one.name} h", *(str(count) if count else "·" for count in counts))
    return table


def _strata(made: Evaluation) -> Table:
    table = Table("what recall rests on", "there were", "answers", "occupied", header_style="bold")
    for one in made.strata:
        table.add_row(one.name, there_were(one), *answers(one))
    return table


def there_were(one: Stratum) -> str:
    return "" if one.name.startswith("quiet") else f"{one.units:.0f}"


def answers(one: Stratum) -> tuple[str, str]:
    given = one.known or tuple(hit for hit, _ in one.drawn)
    return str(len(given)), str(sum(given))


def yes(what: bool) -> str:  # noqa: FBT001 - it is what is to be said
    return "yes" if what else "no"


def percent(found: Estimate, *, short: bool = False) -> str:
    """A share with its interval and the number of tags it rests on."""
    if found.value is None:
        return "unknown" if short else f"unknown ({counted(found.tags)})"
    low, high = f"{found.low:.0%}".rstrip("%"), f"{found.high:.0%}".replace("%", " %")
    value = f"{found.value:.0%}".replace("%", " %")
    return (
        f"{value} ({low}-{high.removesuffix(' %')})"
        if short
        else f"{value} ({low}-{high}, {counted(found.tags)})"
    )


def between(found: Estimate) -> str:
    """A share of which so little is known that its interval says more than its middle."""
    if found.value is None:
        return f"unknown ({counted(found.tags)})"
    return f"{found.low:.0%} to {found.high:.0%} ({counted(found.tags)})".replace("%", " %")


def a_week(found: Estimate, *, short: bool = False) -> str:
    if found.value is None:
        return "unknown" if short else f"unknown ({counted(found.tags)})"
    more = "" if short else f", {counted(found.tags)}"
    return f"{rate(found.value)} ({rate(found.low)}-{rate(found.high)}{more})"


def delay(figures: Figures, *, short: bool = False) -> str:
    found = figures.delay
    if found.median is None or found.ninety is None:
        return "unknown"
    if short:
        return f"{found.median:.1f}, {found.ninety:.1f} s"
    return f"{found.median:.1f} s, 90 % in {found.ninety:.1f} s"
