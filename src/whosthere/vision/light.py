"""Tells light from things, and carries the background over to a new light.

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
_ROUNDS = 3  # of fitting and leaving out what does not fit
_MISFIT = 10.0  # grey levels; what is off by more counts little in the next round
_STEADYING = 30.0  # variance below which a flat place takes the gain of the whole picture


def relit(background: Plane, picture: Plane, weights: Plane | None = None) -> Plane:
    """Return the background as it would look in the light of the picture."""
    height, width = picture.shape
    size = max(2, width // _COARSE), max(2, height // _COARSE)
    old = cv2.resize(background, size, interpolation=cv2.INTER_AREA)
    new = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    trust = np.ones_like(old)
    if weights is not None:
        trust = cv2.resize(weights, size, interpolation=cv2.INTER_AREA)
    reach = max(3, min(size) // 3 | 1)
    gain, offset = np.ones_like(old), np.zeros_like(old)
    for turn in range(_ROUNDS):
        if turn:
            misfit = new - gain * old - offset
            trust = 1 / (1 + (misfit / _MISFIT) ** 4) + np.float32(0.001)
        gain, offset = _local_lines(old, new, trust, reach)
    wide = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    lift = cv2.resize(offset, (width, height), interpolation=cv2.INTER_LINEAR)
    result: Plane = cv2.min(cv2.max(wide * background + lift, 0), 255)
    return result


def _local_lines(old: Plane, new: Plane, trust: Plane, reach: int) -> tuple[Plane, Plane]:
    """Fit new = gain * old + offset around each point."""
    total = float(trust.sum())
    mean_old = float((trust * old).sum()) / total
    mean_new = float((trust * new).sum()) / total
    spread = float((trust * (old - mean_old) ** 2).sum()) / total
    common = float((trust * (old - mean_old) * (new - mean_new)).sum()) / total
    gain_all = (common + 1) / (spread + 1)

    def around(plane: Plane) -> Plane:
        return np.asarray(cv2.boxFilter(plane, -1, (reach, reach)), np.float32)

    weight = around(trust) + np.float32(0.01)
    near_old = (around(trust * old) + 0.01 * mean_old) / weight
    near_new = (around(trust * new) + 0.01 * mean_new) / weight
    variance = around(trust * old * old) / weight - near_old**2
    covariance = around(trust * old * new) / weight - near_old * near_new
    gain = (covariance + _STEADYING * gain_all) / (cv2.max(variance, 0) + _STEADYING)
    gain = np.clip(gain, 0, 8)
    offset = near_new - gain * near_old
    return around(gain), around(offset)
