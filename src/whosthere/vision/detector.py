"""Finds people, animals and vehicles in a picture, with a neural net run by onnxruntime."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np

from whosthere.core.sighting import Box, Image
from whosthere.vision.layouts import (
    Floats,
    Layout,
    Letterbox,
    Likely,
    Size,
    layout_of,
    letterbox,
)
from whosthere.vision.model_files import DetectorTrouble, ModelFile, bundled_model, coco_labels

# what moves by itself, or is carried; furniture and food would only be noise
LIVING = {"person", "bird", "cat", "dog", "horse", "sheep", "cow", "bear"}
VEHICLES = {"bicycle", "car", "motorcycle", "bus", "train", "truck", "boat"}
CARRIED = {"backpack", "handbag", "suitcase"}
WATCHED = frozenset(LIVING | VEHICLES | CARRIED)
LEAST_CONFIDENCE = 0.2
SAME_THING = 0.5  # intersection over union
SAMPLE = 13  # of so many numbers one is checked for sense: a net gone wrong is wrong throughout
MOST_CANDIDATES = 300  # a net gone mad must not stall the camera


class Found(NamedTuple):
    """Something in a picture; the box is in fractions of that picture."""

    label: str
    confidence: float
    box: Box


class Finder(Protocol):
    """Anything that finds things in a picture."""

    @property
    def input_side(self) -> int:
        """How many pixels of a picture it makes use of, along its shorter side."""
        ...

    def find(self, image: Image) -> list[Found]: ...


class OnnxDetector:
    """A model in ONNX format. One thread uses it at a time."""

    def __init__(
        self,
        model: ModelFile | None = None,
        *,
        labels: frozenset[str] = WATCHED,
        least_confidence: float = LEAST_CONFIDENCE,
        threads: int = 1,
    ) -> None:
        model = model or bundled_model()
        self.name = model.name
        self._least = least_confidence
        self._session, self._errors = _load(model, threads)
        self._layout = self._read_layout(model)
        self._input = self._session.get_inputs()[0].name
        self._names = _names(model, self._layout.classes)
        watched = [index for index, name in enumerate(self._names) if name in labels]
        if not watched:
            raise DetectorTrouble(
                f"The model {model.name} names none of the things to watch for "
                f"({', '.join(sorted(labels))}). Give it a file with its labels."
            )
        self._watched = np.array(watched, np.intp)
        net = self._layout.net
        self._canvas = np.empty((net.height, net.width, 3), np.uint8)

    @property
    def input_size(self) -> Size:
        return self._layout.net

    @property
    def input_side(self) -> int:
        return min(self._layout.net)

    def find(self, image: Image) -> list[Found]:
        """The things to watch for in a BGR picture, surest first."""
        picture = Size(image.shape[1], image.shape[0])
        if not picture.width or not picture.height:
            return []
        box = letterbox(picture, self._layout.net, centred=self._layout.centred)
        box.fill(image, self._canvas)
        outputs = self._run(self._layout.tensor(self._canvas))
        likely = _surest(self._layout.likely(outputs, self._watched, self._least))
        return self._found(outputs, likely, box)

    def _found(self, outputs: list[Floats], likely: Likely, box: Letterbox) -> list[Found]:
        edges = self._layout.edges(outputs, likely.rows)
        kept = one_box_each(edges, likely)
        boxes = box.undo(edges[kept])
        return [
            Found(self._names[likely.classes[row]], float(likely.scores[row]), place)
            for row, place in zip(kept, boxes, strict=True)
            if place.area > 0.0
        ]

    def _run(self, tensor: Floats) -> list[Floats]:
        try:
            outputs: list[Floats] = self._session.run(None, {self._input: tensor})
        except self._errors as error:
            raise DetectorTrouble(
                f"The model {self.name} failed on a picture: {_first_line(error)}"
            ) from error
        if not all(np.isfinite(output.ravel()[::SAMPLE]).all() for output in outputs):
            raise DetectorTrouble(f"The model {self.name} answers with numbers that mean nothing.")
        return outputs

    def _read_layout(self, model: ModelFile) -> Layout:
        inputs = [tuple(one.shape) for one in self._session.get_inputs()]
        outputs = [tuple(one.shape) for one in self._session.get_outputs()]
        try:
            return layout_of(inputs, outputs, model.layout)
        except DetectorTrouble as error:
            raise DetectorTrouble(f"The model {model.name} cannot be used: {error}") from error


def one_box_each(edges: Floats, likely: Likely) -> list[int]:
    """Of boxes about the same thing, only the surest; surest first (greedy suppression)."""
    corners_and_sizes = np.hstack([edges[:, :2], edges[:, 2:] - edges[:, :2]]).astype(np.float64)
    kept = cv2.dnn.NMSBoxesBatched(
        corners_and_sizes.tolist(),
        likely.scores.tolist(),
        likely.classes.tolist(),
        0.0,
        SAME_THING,
    )
    return sorted(map(int, kept), key=lambda row: -likely.scores[row])


def _surest(likely: Likely) -> Likely:
    best = np.argsort(-likely.scores, kind="stable")[:MOST_CANDIDATES]
    return Likely(likely.rows[best], likely.classes[best], likely.scores[best])


def _load(model: ModelFile, threads: int) -> tuple[Any, tuple[type[Exception], ...]]:
    """Open a session that is sparing with memory and cores."""
    try:
        import onnxruntime  # noqa: PLC0415 - large, and a camera without detector needs none
        from onnxruntime.capi import onnxruntime_pybind11_state as reasons  # noqa: PLC0415
    except ImportError as error:
        raise DetectorTrouble(
            f"The detector needs onnxruntime, which cannot be imported: {error}. "
            "Install it, or set detector.kind = 'none' to go by motion alone."
        ) from error
    errors = _errors_of(reasons)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_mem_pattern = False  # saves 10 MB and costs nothing measurable
    options.log_severity_level = 3  # what matters comes as an exception
    try:
        session = onnxruntime.InferenceSession(
            model.content, options, providers=["CPUExecutionProvider"]
        )
    except errors as error:
        raise DetectorTrouble(
            f"{model.name} is not a model that onnxruntime can load: {_first_line(error)}"
        ) from error
    return session, errors


def _errors_of(reasons: ModuleType) -> tuple[type[Exception], ...]:
    """What onnxruntime raises: classes that share no ancestor but Exception itself."""
    own = [
        thing
        for thing in vars(reasons).values()
        if isinstance(thing, type) and issubclass(thing, Exception)
    ]
    return (*own, RuntimeError, ValueError)


def _names(model: ModelFile, classes: int) -> Sequence[str]:
    names = model.labels or coco_labels(classes)
    if names is None:
        raise DetectorTrouble(
            f"The model {model.name} knows {classes} kinds of things, and nothing says which. "
            "Give it a file with its labels, one to a line."
        )
    if len(names) != classes:
        raise DetectorTrouble(
            f"The model {model.name} knows {classes} kinds of things, and its labels name "
            f"{len(names)}. Give it the labels that belong to it."
        )
    return names


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
