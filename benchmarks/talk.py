"""The motion rule of the talk that this project grew from (PyCon Canada 2018), as a baseline.

Rebuilt from its figures: 500 pixels wide, grey, Gaussian blur of 21, running average with a weight
of 0.1, a difference of more than 5 grey levels, two dilations, an outline over 5,000 pixels.
"""

import cv2
import numpy as np

from whosthere.core.sighting import Box, Frame, Motion, Scene, rounded_share

WIDTH = 500
BLUR = (21, 21)
WEIGHT = 0.1
DIFFERENCE = 5
DILATIONS = 2
LEAST_OUTLINE = 5000


class TalkMotion:
    """Says how much moves as the talk did: nothing, or outlines over its limit."""

    def __init__(self) -> None:
        self._average: np.ndarray | None = None

    def __call__(self, frame: Frame) -> Motion:
        luma = frame.luma
        height = round(luma.shape[0] * WIDTH / luma.shape[1])
        grey = cv2.GaussianBlur(cv2.resize(luma, (WIDTH, height)), BLUR, 0)
        if self._average is None or self._average.shape != grey.shape:
            self._average = grey.astype(np.float32)
            return Motion(Scene.STEADY)
        cv2.accumulateWeighted(grey, self._average, WEIGHT)
        difference = cv2.absdiff(grey, cv2.convertScaleAbs(self._average))
        _, changed = cv2.threshold(difference, DIFFERENCE, 255, cv2.THRESH_BINARY)
        changed = cv2.dilate(changed, None, iterations=DILATIONS)
        outlines, _ = cv2.findContours(changed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        large = [one for one in outlines if cv2.contourArea(one) > LEAST_OUTLINE]
        large.sort(key=cv2.contourArea, reverse=True)
        return Motion(
            Scene.STEADY,
            rounded_share(cv2.contourArea(large[0]) / grey.size) if large else 0.0,
            tuple(_box(one, height) for one in large),
            rounded_share(cv2.countNonZero(changed) / grey.size),
        )


def _box(outline: np.ndarray, height: int) -> Box:
    left, top, wide, high = cv2.boundingRect(outline)
    return Box(
        rounded_share(left / WIDTH),
        rounded_share(top / height),
        rounded_share((left + wide) / WIDTH),
        rounded_share((top + high) / height),
    )
