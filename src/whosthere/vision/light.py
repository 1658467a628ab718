"""Carries the background over to a new light.

A lamp, a cloud, an exposure control or an infrared filter changes the brightness of a scene but
keeps its structure: near any point the new picture is about `gain * background + offset`. The local
fit of such lines is the guided filter (He, Sun, Tang: Guided Image Filtering, 2010), here weighted
so that a person in the picture does not bend it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_COARSE = 4  # the fit is done on a picture this many times smaller
_MISFIT = 10.0  # grey levels; what is off by more counts little in the next round
_STEADYING = 60.0  # variance below which a flat place takes the gain of the whole picture
_EVERYWHERE = 0.02  # how much the whole picture counts at each point


def relit(background: Plane, picture: Plane, trust: Plane) -> Plane:
    """Return the background as it would look in the light of the picture.

    `trust` is 1 where both are known to show the same things, and 0 where they are known not to.
    """
    height, width = picture.shape
    size = max(2, width // _COARSE), max(2, height // _COARSE)
    old = cv2.resize(background, size, interpolation=cv2.INTER_AREA)
    new = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    known = cv2.resize(trust, size, interpolation=cv2.INTER_AREA) + np.float32(0.001)
    weights = known
    line = 1.0, 0.0
    for _ in range(3):
        line = _one_line(old, new, weights)
        misfit = cv2.absdiff(new, line[0] * old + line[1])
        weights = known * _agreement(misfit, max(_MISFIT, 1.5 * float(np.median(misfit))))
    reach = max(3, min(size) // 3 | 1)
    gain, offset = _local_lines(old, new, weights, reach, line)
    misfit = cv2.absdiff(new, gain * old + offset)
    gain, offset = _local_lines(old, new, known * _agreement(misfit, _MISFIT), reach, line)
    wide = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    lift = cv2.resize(offset, (width, height), interpolation=cv2.INTER_LINEAR)
    result: Plane = cv2.min(cv2.max(wide * background + lift, 0), 255)
    return result


def _agreement(misfit: Plane, scale: float) -> Plane:
    return np.asarray(1 / (1 + (misfit / scale) ** 4), np.float32)


def _one_line(old: Plane, new: Plane, weights: Plane) -> tuple[float, float]:
    total = float(weights.sum())
    mean_old = float((weights * old).sum()) / total
    mean_new = float((weights * new).sum()) / total
    spread = float((weights * (old - mean_old) ** 2).sum()) / total
    common = float((weights * (old - mean_old) * (new - mean_new)).sum()) / total
    gain = min(max((common + 1) / (spread + 1), 0.05), 10.0)
    return gain, mean_new - gain * mean_old


def _local_lines(
    old: Plane, new: Plane, weights: Plane, reach: int, line: tuple[float, float]
) -> tuple[Plane, Plane]:
    """Fit new = gain * old + offset around each point, starting from a line for the whole."""
    total = float(weights.sum())
    mean_old = float((weights * old).sum()) / total
    mean_new = line[0] * mean_old + line[1]

    def around(plane: Plane) -> Plane:
        return np.asarray(cv2.boxFilter(plane, -1, (reach, reach)), np.float32)

    weight = around(weights) + np.float32(_EVERYWHERE)
    near_old = (around(weights * old) + _EVERYWHERE * mean_old) / weight
    near_new = (around(weights * new) + _EVERYWHERE * mean_new) / weight
    variance = around(weights * (old - near_old) ** 2) / weight
    covariance = around(weights * (old - near_old) * (new - near_new)) / weight
    gain = (covariance + _STEADYING * line[0]) / (variance + _STEADYING)
    gain = np.clip(gain, 0.5 * line[0], 2 * line[0])
    offset = near_new - gain * near_old
    return around(gain), around(offset)
