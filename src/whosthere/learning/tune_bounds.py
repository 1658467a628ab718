"""How bad it may really be, where a few tags say that it is well."""

import math

SURE = 0.9  # one-sided
STEPS = 60  # of halving


def at_most(hits: int, of: int) -> float:
    """The share of hits that is not exceeded, with 90 % confidence.

    C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the
    case of the binomial, Biometrika 26 (1934), 404-413: the share at which so few hits or fewer
    would come about in one of ten cases. Found by halving, as its binomial tail falls steadily.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of}")
    if hits == of:
        return 1.0
    low, high = hits / of, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _so_few(hits, of, middle) > 1 - SURE:
            low = middle
        else:
            high = middle
    return high


def _so_few(hits: int, of: int, share: float) -> float:
    """The chance of at most so many hits."""
    if not 0 < share < 1:
        return float(share <= 0)
    logs = (
        math.lgamma(of + 1)
        - math.lgamma(k + 1)
        - math.lgamma(of - k + 1)
        + k * math.log(share)
        + (of - k) * math.log1p(-share)
        for k in range(hits + 1)
    )
    return math.fsum(math.exp(one) for one in logs)
