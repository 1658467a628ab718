"""The data set as people read it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from pathlib import Path

from rich.table import Table

from whosthere.app.answers.why_words import gate_lines
from whosthere.core.model import Decision, Verdict
from whosthere.learning.examples import ENOUGH_OF_EACH, FEATURES, Example, split_of


def stats_tables(examples: Sequence[Example], cameras: Iterable[str]) -> Iterator[Table]:
    """Count by camera with what is missing, by day, by hour, and by why it was asked about."""
    yield _missing(examples, cameras)
    yield _by("day", examples, lambda one: f"{one.day}  {split_of(one.day)}")
    yield _by("hour", examples, lambda one: f"{int(one.numbers.hour):02} h")
    yield _by("asked because of", examples, lambda one: one.asked)


def _missing(examples: Sequence[Example], cameras: Iterable[str]) -> Table:
    made = Table(
        "camera", "occupied", "unoccupied", "days", "with a picture", "still missing for tuning",
        header_style="bold",
    )  # fmt: skip
    for name in sorted({*cameras, *(one.camera for one in examples)}):
        found = _counts([one for one in examples if one.camera == name])
        shown = ("occupied", "unoccupied", "days", "with_picture")
        missing = missing_in_words(found["occupied"], found["unoccupied"])
        made.add_row(name, *(str(found[one]) for one in shown), missing)
    return made


def stats_as_plain(examples: Sequence[Example], cameras: Iterable[str]) -> dict[str, object]:
    """The same counts for programs, by camera and by why people answered."""
    names = sorted({*cameras, *(one.camera for one in examples)})
    return {
        "examples": len(examples),
        "cameras": {
            name: _counts([one for one in examples if one.camera == name]) for name in names
        },
        "asked": dict(Counter(one.asked for one in examples)),
        "enough_of_each": ENOUGH_OF_EACH,
    }


def _counts(own: Sequence[Example]) -> dict[str, int]:
    return {
        "occupied": sum(one.occupied for one in own),
        "unoccupied": sum(not one.occupied for one in own),
        "days": len({one.day for one in own}),
        "for_testing": sum(one.split == "test" for one in own),
        "with_picture": sum(one.picture is not None for one in own),
    }


def missing_in_words(occupied: int, unoccupied: int) -> str:
    """Say how many tags a camera needs before its rules can be tuned."""
    wanted = [
        f"{ENOUGH_OF_EACH - had} {answer}"
        for had, answer in ((occupied, "occupied"), (unoccupied, "unoccupied"))
        if had < ENOUGH_OF_EACH
    ]
    return " and ".join(wanted) or "nothing"


def _by(title: str, examples: Sequence[Example], key: Callable[[Example], str]) -> Table:
    made = Table(title, "occupied", "unoccupied", header_style="bold")
    counts = Counter((key(one), one.occupied) for one in examples)
    for name in sorted({name for name, _ in counts}):
        made.add_row(name, str(counts[name, True]), str(counts[name, False]))
    return made


def examples_table(examples: Sequence[Example], zone: tzinfo | None) -> Table:
    made = Table(header_style="bold")
    made.add_column("example", no_wrap=True)  # to be copied, so it is shown whole
    for name in ("when", "asked", "said", "person", "picture"):
        made.add_column(name)
    for one in examples:
        made.add_row(
            one.id,
            f"{one.started.astimezone(zone):%Y-%m-%d %H:%M}",
            one.asked,
            f"{one.tag.answer}, {one.tag.by}",
            _percent(one.numbers.person_ever),
            "yes" if one.picture else "gone",
        )
    return made


def example_lines(example: Example, folder: Path, zone: tzinfo | None) -> Iterator[str]:
    """All about one example."""
    numbers = example.numbers
    yield f"{example.id}: {example.tag.answer}, says {example.tag.by}"
    yield f"  {example.camera}, {example.started.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    chance = f", with a chance of {example.chance:.3g}" if example.chance else ""
    yield f"  asked because of: {example.asked}{chance}; for {example.split}ing"
    for tag in example.tags:
        at = f"{tag.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        yield f"  {at}  {tag.answer}, {tag.by}{f', {tag.origin}' if tag.origin else ''}"
    picture = folder / example.picture if example.picture else "no picture any more"
    yield f"  picture: {picture}"
    for crop in example.crops:
        yield f"  {crop.label} {_percent(crop.confidence)}: {folder / crop.file}"
    yield f"  numbers, version {numbers.version}, by policy {numbers.policy}:"
    for name in FEATURES:
        yield f"    {name:<12} {getattr(numbers, name):g}"
    yield f"  mode {numbers.mode}; {numbers.verdict}; conditions:"
    decision = Decision(example.camera, numbers.at, 0.0, Verdict(numbers.verdict), numbers.gates)
    yield from (f"    {line}" for line in gate_lines(decision))
    yield f"  detector: {example.detector} {example.detector_sha256[:12]}"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
