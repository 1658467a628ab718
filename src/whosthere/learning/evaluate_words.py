"""What the figures of an evaluation cannot say yet, in plain words."""

from collections.abc import Iterable, Sequence

from whosthere.learning.evaluate_shapes import Figures
from whosthere.learning.statistics import Stratum, share

MANY = 100
FEW = 20  # tags below which a share says little


def words(
    overall: Figures, found: Stratum, missed: Sequence[Stratum], quiet: Sequence[Stratum]
) -> Iterable[str]:
    """Say what the figures cannot say yet."""
    if overall.tagged < FEW:
        yield (
            f"{counted(overall.tagged)} on alerts: precision needs at least {FEW} to mean much."
            " Say below each alert whether somebody was there."
        )
    elif overall.tagged < 0.5 * overall.told:
        yield (
            f"{overall.tagged} of {overall.told} alerts have a tag. If people tag false alarms more"
            " readily than visits, precision is better than it looks here."
        )
    unasked = [one for one in missed if one.rest and not one.drawn]
    if unasked:
        kinds = " and ".join(_many(round(one.units), one.name) for one in unasked)
        yield (
            f"Nobody was told of {kinds}, and there is no answer about any: recall cannot be"
            " estimated. 'whosthere ask save_images on' has a few questions asked a day."
        )
    answered = sum(len(one.drawn) for one in missed)
    if not unasked and answered < FEW and any(one.rest for one in missed):
        yield f"{counted(answered)} on what nobody was told of: recall is a rough guess yet."
    yield _of_quiet(quiet)
    if not found.units:
        yield "Nobody was told of anything in this time."


def _of_quiet(quiet: Sequence[Stratum]) -> str:
    """What quiet pictures say of visits in which nothing moved."""
    asked = sum(len(one.drawn) for one in quiet)
    if not asked:
        return "No answers on quiet pictures yet: visits in which nothing moved are not counted."
    seen = sum(hit for one in quiet for hit, _ in one.drawn)
    held = share(seen, asked)
    return (
        f"{asked} quiet pictures drawn at random, and somebody on {seen}: of the quiet time,"
        f" {held.low:.1%} to {held.high:.1%} may hold somebody unseen."
    ).replace("%", " %")


def _many(count: int, kind: str) -> str:
    """Count incidents of a kind of which several have the plural as their name."""
    if kind == "other motion":
        return f"{count} time{'s' * (count != 1)} other motion"
    one = {"near misses": "near miss", "disagreements": "disagreement"}
    return f"{count} {one.get(kind, kind) if count == 1 else kind}"


def counted(count: int) -> str:
    return "1 tag" if count == 1 else f"{count} tags"


def rate(number: float) -> str:
    """A number of alerts; of many, no tenths."""
    return f"{number:.1f}" if number < MANY else f"{number:.0f}"
