"""Writes very small ONNX models: fixed answers, whatever the picture.

An ONNX file is a protobuf message (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); the few
fields needed here are written by hand, so that the tests need no further package.
"""

from collections.abc import Sequence

import numpy as np

FLOAT, DOUBLE = 1, 11  # element types


def tiny_model(
    net: tuple[int, ...], answers: Sequence[np.ndarray], *, input_type: int = FLOAT
) -> bytes:
    """A model that takes a tensor of shape `net` and gives these arrays."""
    nodes, weights, outputs = b"", b"", b""
    for place, answer in enumerate(answers):
        node = _text(1, f"fixed{place}") + _text(2, f"answer{place}") + _text(4, "Identity")
        nodes += _bytes(1, node)
        weights += _bytes(5, _weight(f"fixed{place}", answer.astype(np.float32)))
        outputs += _bytes(12, _tensor_of(f"answer{place}", answer.shape, FLOAT))
    inputs = _bytes(11, _tensor_of("picture", net, input_type))
    graph = nodes + _text(2, "tiny") + weights + inputs + outputs
    opset = _bytes(8, _text(1, "") + _number(2, 13))
    return _number(1, 8) + _bytes(7, graph) + opset


def _weight(name: str, values: np.ndarray) -> bytes:
    shape = b"".join(_number(1, size) for size in values.shape)
    return shape + _number(2, FLOAT) + _text(8, name) + _bytes(9, values.tobytes())


def _tensor_of(name: str, shape: Sequence[int], element_type: int) -> bytes:
    sizes = b"".join(_bytes(1, _number(1, size)) for size in shape)
    tensor = _number(1, element_type) + _bytes(2, sizes)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
