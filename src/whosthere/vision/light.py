"""Carries the background over to a new light.

A lamp, a cloud, an exposure control or an infrared filter changes the brightness of a scene but
keeps its structure: near any point the new picture is about `gain * background + offset`. The local
fit of such lines is the guided filter (He, Sun, Tang: Guided Image Filtering, 2010), here weighted
so that a person in the picture does not bend it.
"""

from typing import NamedTuple

import cv2
import numpy as np

from whosthere.vision.planes import Plane, apart, at_least, at_most, median, not_negative, resized

_COARSE = 4  # the fit is done on a picture this many times smaller
_MISFIT = 10.0  # grey levels; what is off by more counts little in the next round
_STEADYING = 60.0  # variance below which a flat place takes the gain of the whole picture
_EVERYWHERE = np.float32(0.02)  # how much the whole picture counts at each point
_REACH = 1 / 3  # of the shorter side: what counts as near
_ROUNDS = 3
_LEAST_GAIN, _MOST_GAIN = 0.05, 10.0


class _Line(NamedTuple):
    gain: float
    offset: float
    at: float  # the mean brightness that it was fitted around


def relit(background: Plane, picture: Plane, trust: Plane) -> Plane:
    """Return the background as it would look in the light of the picture.

    `trust` is 1 where both may show the same things, and 0 where they are known not to.
    """
    height, width = picture.shape
    across, down = max(2, width // _COARSE), max(2, height // _COARSE)
    old, new = resized(background, across, down), resized(picture, across, down)
    known = resized(trust, across, down) + np.float32(0.001)
    weights = known
    line = _one_line(old, new, weights)
    for _ in range(_ROUNDS - 1):
        misfit = apart(new, np.float32(line.gain) * old + np.float32(line.offset))
        weights = known * _agreement(misfit, max(_MISFIT, 1.5 * median(misfit)))
        line = _one_line(old, new, weights)
    gain, offset = _local_lines(old, new, weights, line)
    misfit = apart(new, gain * old + offset)
    gain, offset = _local_lines(old, new, known * _agreement(misfit, _MISFIT), line)
    guess = resized(gain, width, height) * background + resized(offset, width, height)
    return at_most(not_negative(guess), 255.0)


def _agreement(misfit: Plane, scale: float) -> Plane:
    ratio = misfit / np.float32(scale)
    agreement: Plane = np.float32(1) / (np.float32(1) + ratio * ratio * ratio * ratio)
    return agreement


def _one_line(old: Plane, new: Plane, weights: Plane) -> _Line:
    """Fit new = gain * old + offset for the whole picture."""
    total = float(weights.sum())
    mean_old = float((weights * old).sum()) / total
    mean_new = float((weights * new).sum()) / total
    off = old - np.float32(mean_old)
    spread = float((weights * off * off).sum()) / total
    common = float((weights * off * (new - np.float32(mean_new))).sum()) / total
    gain = min(max((common + 1) / (spread + 1), _LEAST_GAIN), _MOST_GAIN)
    return _Line(gain, mean_new - gain * mean_old, mean_old)


def _local_lines(old: Plane, new: Plane, weights: Plane, line: _Line) -> tuple[Plane, Plane]:
    """Fit a line around each point; where there is little to go by, it is the given one."""
    reach = max(3, int(min(old.shape) * _REACH) | 1)

    def around(plane: Plane) -> Plane:
        return np.asarray(cv2.boxFilter(plane, -1, (reach, reach)), np.float32)

    weight = around(weights) + _EVERYWHERE
    expected = np.float32(line.gain * line.at + line.offset)
    near_old = (around(weights * old) + _EVERYWHERE * np.float32(line.at)) / weight
    near_new = (around(weights * new) + _EVERYWHERE * expected) / weight
    off = old - near_old
    variance = around(weights * off * off) / weight
    covariance = around(weights * off * (new - near_new)) / weight
    steadied = covariance + np.float32(_STEADYING * line.gain)
    gain = np.asarray(steadied / (variance + np.float32(_STEADYING)), np.float32)
    gain = at_most(at_least(gain, line.gain / 2), line.gain * 2)
    return around(gain), around(near_new - gain * near_old)
