"""Where the numbers in use come from: settings, and what people took of the tuner's proposals.

The last word counts. Who uses a proposal means it, though the settings say otherwise; who changes
that number in the settings afterwards means that. So with each tuned number stands what the
settings said when it was taken, and at a start it holds only as long as they still say so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from whosthere.app.settings import Settings
from whosthere.core.likelihood import Feature, Weight
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import Box
from whosthere.storage.proposals import Policies, Tuned, Version

NAMES = tuple(one.name for one in fields(CameraPolicy))
AUTHOR = "settings"


@dataclass(frozen=True, slots=True)
class Said:
    """What the settings say."""

    policy: Policy = field(default_factory=Policy)
    # numbers that stand in the file, by camera; all others are the defaults
    written: frozenset[tuple[str, str]] = frozenset()

    @property
    def cameras(self) -> tuple[str, ...]:
        return tuple(self.policy.cameras)

    def origin(self, camera: str, name: str, tuned: Tuned) -> str:
        """Where a number in use comes from."""
        if name in tuned.get(camera, {}):
            return "tuned"
        return "settings" if (camera, name) in self.written else "default"


def said_of(settings: Settings) -> Said:
    common = settings.rules.model_fields_set
    written = {
        (name, number)
        for name, camera in settings.cameras.items()
        for number in {*common, *camera.rules.model_fields_set}
    }
    return Said(settings.policy(), frozenset(written))


def at_start(said: Said, policies: Policies, at: datetime) -> Policy:
    """The numbers to begin with: as the settings say, with what is tuned and still holds."""
    last = policies.last()
    tuned = still_held(last.tuned, said) if last else {}
    policy = applied(said.policy, tuned)
    reason = "as the settings say, with what was tuned" if tuned else "as the settings say"
    version = policies.keep(policy, author=AUTHOR, reason=reason, at=at, tuned=tuned)
    return replace(policy, version=version)


def still_held(tuned: Tuned, said: Said) -> Tuned:
    """Without the numbers that people have changed in the settings since."""
    held = {
        camera: {
            name: (was, used)
            for name, (was, used) in numbers.items()
            if name in NAMES and plain(getattr(said.policy.of(camera), name)) == was
        }
        for camera, numbers in tuned.items()
        if camera in said.policy.cameras
    }
    return {camera: numbers for camera, numbers in held.items() if numbers}


def differing(before: Policy, after: Policy, cameras: Sequence[str]) -> Tuned:
    """By camera and name, the numbers in which two policies differ."""
    found: dict[str, dict[str, tuple[Any, Any]]] = {}
    for camera in cameras:
        one, other = before.of(camera), after.of(camera)
        own = {
            name: (plain(getattr(one, name)), plain(getattr(other, name)))
            for name in NAMES
            if getattr(one, name) != getattr(other, name)
        }
        if own:
            found[camera] = own
    return found


def applied(policy: Policy, changes: Tuned) -> Policy:
    """Return the policy with other numbers of some cameras."""
    cameras = dict(policy.cameras)
    for camera, numbers in changes.items():
        rules = policy.of(camera)
        values: dict[str, Any] = {
            name: like(getattr(rules, name), used) for name, (_, used) in numbers.items()
        }
        cameras[camera] = replace(rules, **values)
    return replace(policy, cameras=cameras)


def plain(value: Any) -> Any:  # noqa: ANN401 # any number of a policy
    """As JSON has it."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [list(one) for one in value]
    return value


def like(known: Any, found: Any) -> Any:  # noqa: ANN401 # any number of a policy
    """Read what `plain` wrote, of a number that is `known`."""
    if isinstance(known, frozenset):
        return frozenset(found)
    if isinstance(known, tuple):
        return tuple(_entry(one) for one in found)
    return found


def _entry(found: Sequence[Any]) -> Box | Weight:
    """A place has four edges, and a weight a name."""
    if isinstance(found[0], str):
        return Weight(Feature(found[0]), found[1])
    return Box(*found)


def before_last(versions: Sequence[Version]) -> Version | None:
    """The version to go back to: each 'back' goes one further, until another is used."""
    now = versions[-1]
    number = now.repeats or now.policy.version
    for one in reversed([v for v in versions if v.policy.version < number]):
        if differs(one.policy, now.policy):
            return one
    return None


def differs(one: Policy, other: Policy) -> bool:
    names: Mapping[str, object] = {**one.cameras, **other.cameras}
    return bool(differing(one, other, tuple(names)))


def in_digits(value: Any) -> str:  # noqa: ANN401 # any number of a policy
    """Write a number for people."""
    if isinstance(value, (list, tuple, frozenset)):
        inner = ("/".join(map(_short, one)) if isinstance(one, (list, tuple)) else one
                 for one in (sorted(value) if isinstance(value, frozenset) else value))  # fmt: skip
        return ", ".join(map(str, inner)) or "none"
    return f"{value:g}"


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
