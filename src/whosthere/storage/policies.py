"""Policies as JSON: the numbers, the modes and the zones, for the house and for each camera."""

import json
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from whosthere.core.likelihood import Feature, Weight
from whosthere.core.modes import Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import Box

LISTS = {"ignored", "weights"}


def as_json(policy: Policy) -> str:
    """Write the numbers down; the version is kept beside them."""
    cameras = {name: _plain(numbers) for name, numbers in sorted(policy.cameras.items())}
    return json.dumps({"default": _plain(policy.default), "cameras": cameras}, sort_keys=True)


def from_json(text: str, version: int) -> Policy:
    """Read what `as_json` wrote, maybe long ago: a number it did not know yet has its default."""
    found = json.loads(text)
    cameras = {name: _numbers(plain) for name, plain in found["cameras"].items()}
    return Policy(version, _numbers(found["default"]), MappingProxyType(cameras))


def _plain(numbers: CameraPolicy) -> dict[str, object]:
    values = {field.name: getattr(numbers, field.name) for field in fields(numbers)}
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in values.items()
    }


def _numbers(plain: dict[str, Any]) -> CameraPolicy:
    known = {field.name for field in fields(CameraPolicy)}
    values: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) and name not in LISTS else value
        for name, value in plain.items()
        if name in known
    }
    if "ignored" in values:
        values["ignored"] = tuple(Box(*place) for place in values["ignored"])
    if "weights" in values:
        values["weights"] = _weights(values["weights"])
    if "alerts_in" in values:
        values["alerts_in"] = frozenset(Mode(mode) for mode in values["alerts_in"])
    return CameraPolicy(**values)


def _weights(plain: list[tuple[str, float]]) -> tuple[Weight, ...]:
    """A model of numbers that are measured no more is none: then people are told more, not less."""
    if any(name not in set(Feature) for name, _ in plain):
        return ()
    return tuple(Weight(Feature(name), weight) for name, weight in plain)
