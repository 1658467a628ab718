"""Pictures as planes of numbers, and plain names for what OpenCV does with them."""

import math
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.float32]  # grey levels, or whatever a pixel is measured in
Mask: TypeAlias = NDArray[np.uint8]  # 255 for yes, 0 for no
Place: TypeAlias = tuple[slice, slice]  # rows and columns of a plane

_cv: Any = cv2  # its type hints know nothing of single numbers in the place of pictures


def over(plane: Plane, limit: Plane | float) -> Mask:
    mask: Mask = _cv.compare(plane, limit, cv2.CMP_GT)
    return mask


def under(plane: Plane, limit: Plane | float) -> Mask:
    mask: Mask = _cv.compare(plane, limit, cv2.CMP_LT)
    return mask


def equal(numbers: NDArray[np.uint16], number: int) -> Mask:
    mask: Mask = _cv.compare(numbers, number, cv2.CMP_EQ)
    return mask


def apart(one: Plane, other: Plane) -> Plane:
    """How far two pictures are apart, pixel by pixel."""
    plane: Plane = _cv.absdiff(one, other)
    return plane


def at_most(plane: Plane, most: float) -> Plane:
    _, capped = cv2.threshold(plane, most, 0.0, cv2.THRESH_TRUNC)
    return np.asarray(capped, np.float32)


def at_least(plane: Plane, least: float) -> Plane:
    raised: Plane = _cv.max(plane, least)
    return raised


def not_negative(plane: Plane) -> Plane:
    _, rest = cv2.threshold(plane, 0.0, 0.0, cv2.THRESH_TOZERO)
    return np.asarray(rest, np.float32)


def between(plane: Plane, low: Plane, high: Plane) -> Plane:
    """The nearest to a picture that lies between two others."""
    nearest: Plane = _cv.min(_cv.max(plane, low), high)
    return nearest


def smaller(one: Plane, other: Plane) -> Plane:
    plane: Plane = _cv.min(one, other)
    return plane


def both(one: Mask, other: Mask) -> Mask:
    mask: Mask = _cv.bitwise_and(one, other)
    return mask


def either(one: Mask, other: Mask) -> Mask:
    mask: Mask = _cv.bitwise_or(one, other)
    return mask


def weighed(one: Mask, other: Mask, weight: float) -> Plane:
    """1 where one mask is, `weight` where the other is, and their sum where both are."""
    plane: Plane = _cv.addWeighted(one, 1 / 255, other, weight / 255, 0.0, dtype=cv2.CV_32F)
    return plane


def without(one: Mask, other: Mask) -> Mask:
    mask: Mask = _cv.subtract(one, other)  # 255 less 255 is 0, and so is 0 less 255
    return mask


def inverse(mask: Mask) -> Mask:
    other: Mask = _cv.bitwise_not(mask)
    return other


def no_pixels(like: NDArray[Any]) -> Mask:
    return np.zeros(like.shape, np.uint8)


def median(plane: Plane) -> float:
    """The same as NumPy's, which loads all of its masked arrays for this."""
    ordered = np.sort(plane, axis=None)
    middle = ordered[(plane.size - 1) // 2 : plane.size // 2 + 1]
    return float(middle.mean())


def mean(plane: Plane) -> float:
    return float(_cv.mean(plane)[0])


def mean_inside(plane: Plane, inside: Mask) -> float:
    return float(_cv.mean(plane, inside)[0])


def power_inside(plane: Plane, inside: Mask) -> float:
    """The sum of the squares."""
    return float(_cv.norm(plane, cv2.NORM_L2SQR, inside))


def power_apart(one: Plane, other: Plane, inside: Mask) -> float:
    """The sum of the squared differences."""
    return float(_cv.norm(one, other, cv2.NORM_L2SQR, inside))


def share_inside(mask: Mask, inside: Mask) -> float:
    """How much of a place a mask covers, 0 to 1."""
    return float(_cv.mean(mask, inside)[0]) / 255


def place_of(mask: Mask, margin: int) -> Place | None:
    """Return the rows and columns that hold a mask and a margin around it; none if it is empty."""
    left, top, width, height = _cv.boundingRect(mask)
    if not width:
        return None
    return (
        slice(max(top - margin, 0), top + height + margin),
        slice(max(left - margin, 0), left + width + margin),
    )


def add(amount: float, plane: Plane, where: Mask) -> None:
    """Add a number to some pixels, in place."""
    _cv.add(plane, amount, plane, where)


def put(number: float, plane: Plane, where: Mask) -> None:
    """Set some pixels to a number, in place."""
    np.copyto(plane, np.float32(number), where=where != 0)


def follow(
    average: Plane, picture: Plane, seconds: float, patience: float, where: Mask | None = None
) -> None:
    """Let an average follow a picture, in place, with a time constant of `patience` seconds."""
    _cv.accumulateWeighted(picture, average, 1 - math.exp(-seconds / patience), where)


def only(plane: Plane, inside: Mask) -> Plane:
    """Return the plane with 0 outside a mask."""
    kept: Plane = _cv.copyTo(plane, inside)
    return kept


def softened(plane: Plane, size: int) -> Plane:
    blurred: Plane = _cv.blur(plane, (size, size))
    return blurred


def resized(plane: Plane, width: int, height: int) -> Plane:
    """Shrink by averaging, or grow smoothly."""
    shrinks = width < plane.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    result: Plane = _cv.resize(plane, (width, height), interpolation=how)
    return result


def slopes(plane: Plane) -> tuple[Plane, Plane]:
    """How steeply brightness rises, to the right and down, in grey levels a pixel."""
    return (
        _cv.Sobel(plane, cv2.CV_32F, 1, 0, scale=0.125),
        _cv.Sobel(plane, cv2.CV_32F, 0, 1, scale=0.125),
    )
