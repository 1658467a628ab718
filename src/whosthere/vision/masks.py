"""Parts of the picture that are not watched, and zones with names.

Both are polygons, their corners in fractions of the frame: (0, 0) is the upper left corner of the
picture and (1, 1) the lower right one.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from whosthere.core.errors import BadSettings
from whosthere.core.sighting import Box

Polygon: TypeAlias = Sequence[Sequence[float]]
Raster: TypeAlias = NDArray[np.uint8]  # 255 inside, 0 outside

_FINE = 256  # rows and columns of the raster that boxes are held against
_LEAST_CORNERS = 3
_FINER = 4  # times, that polygons are drawn before their pixels are averaged


class Areas:
    """What of a camera's picture is watched, and which places in it have a name."""

    def __init__(
        self, masks: Sequence[Polygon] = (), zones: Mapping[str, Polygon] | None = None
    ) -> None:
        zones = zones or {}
        self._masks = [_checked(mask, f"Mask {n}") for n, mask in enumerate(masks, 1)]
        self._zones = {name: _checked(zone, f"Zone '{name}'") for name, zone in zones.items()}
        self._fine_masks = self.watched(_FINE, _FINE) == 0
        if self._fine_masks.all():
            raise BadSettings(
                "The masks cover the whole picture, so nothing would be watched."
                " Leave some of it free."
            )
        self._fine_zones = self.zones(_FINE, _FINE)

    def __bool__(self) -> bool:
        return bool(self._masks or self._zones)

    def watched(self, height: int, width: int) -> Raster:
        """Draw what is watched into a picture of that size."""
        raster = np.full((height, width), 255, np.uint8)
        for mask in self._masks:
            raster[_drawn(mask, height, width) > 0] = 0
        return raster

    def zones(self, height: int, width: int) -> dict[str, Raster]:
        """Draw each zone into a picture of that size."""
        return {name: _drawn(zone, height, width) for name, zone in self._zones.items()}

    def zones_of(self, box: Box) -> frozenset[str]:
        """Return the zones in which somebody stands: those that hold the foot of his box."""
        across, down = box.foot
        column = min(max(int(across * _FINE), 0), _FINE - 1)
        row = min(max(int(down * _FINE), 0), _FINE - 1)
        return frozenset(name for name, zone in self._fine_zones.items() if zone[row, column])

    def masked(self, box: Box) -> bool:
        """Whether more than half of a box lies where nothing is watched."""
        if not self._masks:
            return False
        left, top = (min(max(int(edge * _FINE), 0), _FINE - 1) for edge in (box.left, box.top))
        right = max(left + 1, min(round(box.right * _FINE), _FINE))
        bottom = max(top + 1, min(round(box.bottom * _FINE), _FINE))
        return float(self._fine_masks[top:bottom, left:right].mean()) > 0.5  # noqa: PLR2004 - half


def _checked(polygon: Polygon, what: str) -> NDArray[np.float64]:
    """Return the corners, or say what is wrong with them."""
    if len(polygon) < _LEAST_CORNERS:
        raise BadSettings(f"{what} has {len(polygon)} corners. A polygon needs at least three.")
    for corner in polygon:
        if len(corner) != 2 or not all(0 <= part <= 1 for part in corner):  # noqa: PLR2004 - x, y
            shown = ", ".join(f"{part:g}" for part in corner)
            raise BadSettings(
                f"{what} has the corner ({shown}). Give each corner as two fractions of the"
                " picture, from 0 to 1: across from the left, then down from the top."
            )
    corners = np.array(polygon, np.float64)
    across, down = corners[:, 0], corners[:, 1]
    if abs(across @ np.roll(down, -1) - down @ np.roll(across, -1)) < 1e-6:  # noqa: PLR2004
        raise BadSettings(f"{what} has no area: all its corners lie on a line.")
    return corners


def _drawn(corners: NDArray[np.float64], height: int, width: int) -> Raster:
    """Draw a polygon: a pixel belongs to it when most of the pixel lies inside."""
    fine = np.zeros((height * _FINER, width * _FINER), np.uint8)
    points = np.round(corners * (width * _FINER, height * _FINER) - 0.5).astype(np.int32)
    cv2.fillPoly(fine, [points], (255,))
    coarse = np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA))
    return np.where(coarse > 127, np.uint8(255), np.uint8(0))  # noqa: PLR2004 - half of 255
