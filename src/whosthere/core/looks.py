"""What several looks at a scene say together."""

from collections.abc import Iterable

from whosthere.core.model import Moment


def two_surest(recent: Iterable[Moment]) -> tuple[float, float]:
    """The person confidences of the two surest looks.

    Their mean decides: one very sure look suffices, or two fairly sure ones.
    """
    *_, second, first = sorted([0.0, 0.0, *[moment.person for moment in recent]])
    return first, second
