"""How different models want a picture, and how to read their answers.

EfficientDet: Tan, Pang, Le, "EfficientDet: Scalable and Efficient Object Detection" (2020), with
the anchors of its Lite variants. YOLOX: Ge et al., "YOLOX: Exceeding YOLO Series in 2021".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple, Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from whosthere.core.sighting import Box, Image
from whosthere.vision.model_files import DetectorTrouble

Floats: TypeAlias = NDArray[np.float32]
Indices: TypeAlias = NDArray[np.intp]
Shape: TypeAlias = tuple[int | str | None, ...]

PADDING = 114  # grey, as both families were trained with
LARGEST_EXPONENT = 8.0  # e^8 times an anchor is larger than any picture; keeps exp() finite


class Size(NamedTuple):
    """Of a picture, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture fitted into another size without stretching it, padded at the edges."""

    picture: Size
    fitted: Size
    left: int
    top: int

    def fill(self, image: Image, canvas: Image) -> None:
        canvas[:] = PADDING
        shrinking = self.picture.width > self.fitted.width
        part = canvas[
            self.top : self.top + self.fitted.height, self.left : self.left + self.fitted.width
        ]
        part[:] = cv2.resize(
            image, self.fitted, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
        )

    def undo(self, edges: Floats) -> list[Box]:
        """Turn left, top, right, bottom in pixels of the net into fractions of the picture."""
        offset = np.array([self.left, self.top] * 2, np.float32)
        size = np.array([*self.fitted] * 2, np.float32)
        return [Box(*row) for row in np.clip((edges - offset) / size, 0.0, 1.0).tolist()]


def letterbox(picture: Size, net: Size, *, centred: bool) -> Letterbox:
    scale = min(net.width / picture.width, net.height / picture.height)
    fitted = Size(
        max(1, min(net.width, round(picture.width * scale))),
        max(1, min(net.height, round(picture.height * scale))),
    )
    if not centred:
        return Letterbox(picture, fitted, 0, 0)
    left, top = (net.width - fitted.width) // 2, (net.height - fitted.height) // 2
    return Letterbox(picture, fitted, left, top)


class Layout(Protocol):
    """The ways of one family of models."""

    net: Size
    classes: int
    centred: bool  # where the picture lies in its letterbox

    def tensor(self, canvas: Image) -> Floats:
        """Turn a letterboxed BGR picture into what the net wants."""
        ...

    def likely(self, outputs: Sequence[Floats], classes: Indices, least: float) -> "Likely":
        """The places at which one of these classes scores at least so much."""
        ...

    def edges(self, outputs: Sequence[Floats], rows: Indices) -> Floats:
        """Left, top, right, bottom in pixels of the net, for some rows of the answer."""
        ...


class Likely(NamedTuple):
    """What scored enough: row of the answer, class, score."""

    rows: Indices
    classes: Indices
    scores: Floats


def _above(scores: Floats, classes: Indices, least: float) -> Likely:
    """What scores enough. Searching all classes in one go costs less than picking some first."""
    rows, columns = np.divmod(np.flatnonzero(scores.ravel() >= least), scores.shape[1])
    wanted = np.isin(columns, classes)
    rows, columns = rows[wanted], columns[wanted]
    return Likely(rows, columns, scores[rows, columns])


class EfficientDetLite:
    """Boxes relative to anchors, and a score for each class."""

    centred = True

    def __init__(self, net: Size, classes: int, *, boxes_first: bool) -> None:
        self.net, self.classes = net, classes
        self._boxes, self._scores = (0, 1) if boxes_first else (1, 0)
        self._anchors = efficientdet_anchors(net)  # centre y, centre x, height, width

    def tensor(self, canvas: Image) -> Floats:
        rgb = canvas[:, :, ::-1].transpose(2, 0, 1)[None]
        tensor = np.subtract(rgb, np.float32(127), dtype=np.float32)
        return np.divide(tensor, np.float32(128), out=tensor)

    def likely(self, outputs: Sequence[Floats], classes: Indices, least: float) -> Likely:
        return _above(outputs[self._scores][0], classes, least)

    def edges(self, outputs: Sequence[Floats], rows: Indices) -> Floats:
        moved, anchors = outputs[self._boxes][0][rows], self._anchors[rows]
        centres = moved[:, :2] * anchors[:, 2:] + anchors[:, :2]
        halves = np.exp(np.minimum(moved[:, 2:], LARGEST_EXPONENT)) * anchors[:, 2:] / 2
        return np.hstack([centres - halves, centres + halves])[:, [1, 0, 3, 2]]


def _cells(net: Size, maps: list[Size]) -> list[tuple[Floats, tuple[float, float]]]:
    """For each map: its cells' columns and rows, one after the other, and their width, height."""
    cells = []
    for size in maps:
        rows, columns = np.mgrid[: size.height, : size.width].astype(np.float32)
        grid = np.stack([columns.ravel(), rows.ravel()], axis=1)
        cells.append((grid, (net.width / size.width, net.height / size.height)))
    return cells


def efficientdet_anchors(net: Size) -> Floats:
    """Nine boxes around each cell of five maps, in three sizes and three shapes."""
    size, maps = Size(ceil(net.width / 4), ceil(net.height / 4)), []
    for _ in range(5):
        size = Size(ceil(size.width / 2), ceil(size.height / 2))
        maps.append(size)
    shapes = [(2 ** (octave / 3), aspect**0.5) for octave in range(3) for aspect in (1, 2, 0.5)]
    anchors = []
    for grid, (wide, high) in _cells(net, maps):
        for scale, root in shapes:
            sides = np.tile([3 * high * scale / root, 3 * wide * scale * root], (len(grid), 1))
            centres = (grid[:, ::-1] + 0.5) * (high, wide)
            anchors.append(np.hstack([centres, sides]))
        # one row per cell and shape, the shapes of a cell side by side
        anchors[-9:] = [np.stack(anchors[-9:], axis=1).reshape(-1, 4)]
    return np.concatenate(anchors).astype(np.float32)


class Yolox:
    """Boxes relative to the cells of three maps; a score is 'something' times 'this class'."""

    centred = False

    def __init__(self, net: Size, classes: int) -> None:
        self.net, self.classes = net, classes
        maps = [Size(net.width // step, net.height // step) for step in (8, 16, 32)]
        cells = _cells(net, maps)
        self._grid = np.concatenate([grid for grid, _ in cells])
        self._steps = np.concatenate([np.tile(step, (len(grid), 1)) for grid, step in cells])

    def tensor(self, canvas: Image) -> Floats:
        return np.ascontiguousarray(canvas.transpose(2, 0, 1)[None], np.float32)

    def likely(self, outputs: Sequence[Floats], classes: Indices, least: float) -> Likely:
        answer = outputs[0][0]
        rows = np.flatnonzero(answer[:, 4] >= least)  # the product cannot be more
        found = _above(answer[rows, 4:5] * answer[rows, 5:], classes, least)
        return found._replace(rows=rows[found.rows])

    def edges(self, outputs: Sequence[Floats], rows: Indices) -> Floats:
        answer, steps = outputs[0][0][rows], self._steps[rows]
        centres = (answer[:, :2] + self._grid[rows]) * steps
        halves = np.exp(np.minimum(answer[:, 2:4], LARGEST_EXPONENT)) * steps / 2
        return np.hstack([centres - halves, centres + halves]).astype(np.float32)


def layout_of(inputs: Sequence[Shape], outputs: Sequence[Shape], name: str | None) -> Layout:
    """The layout with this name, or whichever the shapes of the model speak for."""
    readers = {"efficientdet-lite": _efficientdet, "yolox": _yolox}
    if name is not None and name not in readers:
        raise DetectorTrouble(f"There is no layout '{name}'. Choose one of {', '.join(readers)}.")
    chosen = [readers[name]] if name else readers.values()
    for read in chosen:
        if layout := read(inputs, outputs):
            return layout
    as_what = f"as '{name}'" if name else f"(known: {', '.join(readers)})"
    raise DetectorTrouble(
        f"its layout cannot be read {as_what}: it takes {list(inputs)} and gives {list(outputs)}. "
        "Export it with fixed sizes, for one picture, and without non-maximum suppression."
    )


def _net_size(inputs: Sequence[Shape]) -> Size | None:
    match inputs:
        case [(1, 3, int(height), int(width))] if height > 0 and width > 0:
            return Size(width, height)
    return None


def _efficientdet(inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Layout | None:
    net = _net_size(inputs)
    match outputs:
        case [(1, int(rows), 4), (1, int(same), int(classes))] if net and rows == same:
            layout = EfficientDetLite(net, classes, boxes_first=True)
        case [(1, int(rows), int(classes)), (1, int(same), 4)] if net and rows == same:
            layout = EfficientDetLite(net, classes, boxes_first=False)
        case _:
            return None
    return layout if len(efficientdet_anchors(layout.net)) == rows else None


def _yolox(inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Layout | None:
    net = _net_size(inputs)
    match outputs:
        case [(1, int(rows), int(columns))] if net and columns > 5:  # noqa: PLR2004 - box and score
            cells = sum((net.width // step) * (net.height // step) for step in (8, 16, 32))
            return Yolox(net, columns - 5) if cells == rows else None
    return None
