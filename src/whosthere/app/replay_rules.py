"""The rules to replay by, from what people write: `person_confidence=0.5`, `front.cooldown=60`."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any

from whosthere.core.errors import BadSettings
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.learning.replay import Rules

NUMBERS = {field.name: field.metadata for field in fields(CameraPolicy) if field.metadata}


def changed(policy: Policy, wishes: Iterable[str], cameras: Sequence[str]) -> Policy:
    """Return the policy with what people wish. Without a camera, a wish is for all of them."""
    for wish in wishes:
        place, _, value = wish.partition("=")
        camera, _, name = place.strip().rpartition(".")
        if camera and camera not in cameras:
            raise BadSettings(f"--set {wish}: there is no such camera.{_like(camera, cameras)}")
        change = {name: _number(wish, name, value)}
        each = {one: policy.of(one) for one in {*cameras, *policy.cameras}}
        for one in [camera] if camera else each:
            each[one] = replace(each[one], **change)
        default = policy.default if camera else replace(policy.default, **change)
        policy = replace(policy, default=default, cameras=each)
    return policy


def _number(wish: str, name: str, value: str) -> Any:  # noqa: ANN401 # a number of any field
    about = NUMBERS.get(name)
    if about is None:
        raise BadSettings(f"--set {wish}: there is no such number.{_like(name, NUMBERS)}")
    least, most = about["least"], about["most"]
    wanted = f"{name} is from {least:g} to {most:g} ({about['unit']})."
    try:
        number = float(value.strip().removesuffix("s"))
    except ValueError:
        raise BadSettings(f"--set {wish}: write a number after '='. {wanted}") from None
    if not least <= number <= most:
        raise BadSettings(f"--set {wish}: {wanted}")
    return number


def _like(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(word, names, 1)
    return f" Did you mean '{near[0]}'?" if near else f" Choose one of {', '.join(names)}."


def rules_of(policy: Policy) -> Rules:
    """Decide by these numbers; who lives here and when it arms stays as it was then."""
    return lambda then: replace(policy, arming=then.arming, devices=then.devices)


def in_words(before: Policy, after: Policy, cameras: Sequence[str]) -> list[str]:
    """What differs, a line each."""
    lines = []
    for camera in cameras:
        old, new = before.of(camera), after.of(camera)
        lines += [
            f"{camera}.{name}: {getattr(old, name):g} → {getattr(new, name):g}"
            for name in NUMBERS
            if getattr(old, name) != getattr(new, name)
        ]
    return lines
