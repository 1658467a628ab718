"""Lists, shows, uses and leaves policies, for whoever asks and from wherever."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from whosthere.app.policy_versions import (
    NAMES,
    Said,
    applied,
    before_last,
    differing,
    differs,
    in_digits,
    plain,
)
from whosthere.core.errors import BadSettings
from whosthere.core.messages import LeavePolicy, Message, UsePolicy
from whosthere.core.policy import Policy
from whosthere.storage.proposals import Policies, Proposal, Version

OPEN = {"new", "told"}
STATES = {"new": "not told yet", "told": "not answered yet", "left": "not wanted then"}
SHOWN = 10  # versions in a list


@dataclass(frozen=True, slots=True)
class PolicyDesk:
    """Policies as people name them: 3 is a version that was used, p3 a proposal."""

    policies: Policies
    said: Said
    tell: Callable[[Message], bool]  # the house, if it is there
    zone: tzinfo | None = None

    # --- looking

    def listed(self) -> str:
        versions = self.policies.versions()
        if not versions:
            return "There are no policies yet: 'whosthere run' makes the first from the settings."
        lines = ["*Policies that were used*, the last one now:"]
        lines += [self._line(one) for one in versions[-SHOWN:]]
        waiting = [one for one in self.policies.proposals() if one.state in OPEN]
        for one in waiting:
            lines += [f"*Proposed*, as `p{one.id}`:", *(f"  {text}" for text in _lines(one))]
        lines += ["" if waiting else "Nothing is proposed.", self.shadow_line()]
        return "\n".join(line for line in lines if line)

    def _line(self, one: Version) -> str:
        at = f"{one.at.astimezone(self.zone):%Y-%m-%d %H:%M}"
        return f"  {one.policy.version:>3}  {at}  {one.author}: {one.reason}"

    def shown(self, which: str | None) -> str:
        """Every number that differs from its default, and where it comes from."""
        if which is not None and which.startswith("p"):
            one = self._proposal(which)
            return "\n".join(
                [f"*Proposal {which}*, {STATES.get(one.state, one.state)}:", *_lines(one)]
            )
        version = self._version(which)
        current = self.policies.versions()[-1]
        in_use = version.policy.version == current.policy.version
        state = "in use" if in_use else f"not in use; {current.policy.version} is"
        made = f"By {version.author}: {version.reason}."
        lines = [f"*Policy {version.policy.version}*, {state}. {made}"]
        for camera in self.said.cameras or tuple(version.policy.cameras):
            lines.append(f"*{camera}*")
            lines += [self._number(version, camera, name) for name in NAMES]
        return "\n".join(lines)

    def _number(self, version: Version, camera: str, name: str) -> str:
        value = getattr(version.policy.of(camera), name)
        origin = self.said.origin(camera, name, version.tuned)
        where = {"tuned": f"tuned, policy {self._since(version, camera, name)}"}.get(origin, origin)
        if origin == "tuned":
            where += f"; the settings say {in_digits(version.tuned[camera][name][0])}"
        return f"  {name} = {in_digits(value)}  ({where})"

    def _since(self, version: Version, camera: str, name: str) -> int:
        """The version that first had this tuned number without a break until now."""
        value, since = plain(getattr(version.policy.of(camera), name)), version.policy.version
        for one in reversed(self.policies.versions()):
            if one.policy.version >= version.policy.version:
                continue
            if plain(getattr(one.policy.of(camera), name)) != value:
                break
            since = one.policy.version
        return since

    def shadow_line(self) -> str:
        tried = self.policies.tried()
        if tried is None:
            return ""
        found = self.policies.differences(tried.since, tried.name)
        quiet = sum(one.told for one in found)
        since = f"{tried.since.astimezone(self.zone):%Y-%m-%d %H:%M}"
        return (
            f"In the shadow: `{tried.name}`, since {since}. It would have kept quiet about {quiet}"
            f" of the incidents that you were told of, and told you of {len(found) - quiet} others."
        )

    # --- changing

    def use(self, which: str | None, by: str, at: datetime, origin: str) -> str:
        proposal: Proposal | None = None
        if which is None or which.startswith("p"):
            proposal = self._proposal(which) if which else self._newest()
            if proposal.state == "used":
                return f"Proposal p{proposal.id} is used already, by {proposal.by}."
            base = self.policies.versions()[proposal.base - 1].policy
            current = self._version(None).policy
            cameras = {*self.said.cameras, *current.cameras, *proposal.policy.cameras}
            policy = applied(current, differing(base, proposal.policy, sorted(cameras)))
            reason = f"proposal p{proposal.id}, on {proposal.tags} tags"
        else:
            policy, reason = self._version(which).policy, f"as version {which}"
        repeats = int(which) if which and proposal is None else None
        return self._take(policy, (by, at, origin), reason, proposal, repeats)

    def back(self, by: str, at: datetime, origin: str) -> str:
        versions = self.policies.versions()
        before = before_last(versions) if versions else None
        if before is None:
            return "There is no other policy to go back to."
        number = before.repeats or before.policy.version
        reason = f"back from {versions[-1].policy.version} to {number}"
        return self._take(before.policy, (by, at, origin), reason, None, number)

    def _take(
        self,
        policy: Policy,
        asked: tuple[str, datetime, str],
        reason: str,
        proposal: Proposal | None,
        repeats: int | None,
    ) -> str:
        """Write it down first, so that it holds whatever happens next; then let the house know."""
        by, at, origin = asked
        before = self._version(None)
        if not differs(policy, before.policy):
            if proposal is not None:  # who was about to note it was stopped
                self.policies.settle(proposal.id, "used", by=by, at=at)
                self.tell(UsePolicy(before.policy, by, at, origin, reason, proposal.id))
            return f"These numbers are in use already, as policy {before.policy.version}."
        tuned = differing(self.said.policy, policy, self.said.cameras)  # settings may change later
        version = self.policies.keep(
            policy, author=by, reason=reason, at=at, tuned=tuned, repeats=repeats
        )
        number = proposal.id if proposal else None
        if number is not None:
            self.policies.settle(number, "used", by=by, at=at)
        used = UsePolicy(replace(policy, version=version), by, at, origin, reason, number)
        soon = "" if self.tell(used) else " The house is busy and follows as soon as it can."
        number = before.policy.version
        undo = f"policy use {number}" if repeats else "policy back"
        said = f"Policy *{version}* is used from now on: {reason}.{soon}"
        return f"{said} `{undo}` goes back to policy {number}."

    def leave(self, which: str | None, by: str, at: datetime, origin: str) -> str:
        """Not now; it is asked again after a week, or when the tags have changed much."""
        proposal = self._proposal(which) if which else self._newest()
        if proposal.state not in OPEN:
            return f"Proposal p{proposal.id} is {proposal.state} already."
        self.policies.settle(proposal.id, "left", by=by, at=at)
        self.tell(LeavePolicy(proposal.id, by, at, origin))
        return "Not now. You are asked again after a week at the earliest."

    def shadow(self, which: str | None, at: datetime) -> str:
        if which is None:
            return self.shadow_line() or "Nothing is tried in the shadow."
        if which == "off":
            last = self.shadow_line()
            self.policies.try_in_shadow(None, Policy(), at)
            return "\n".join(line for line in (last, "Nothing is tried in the shadow now.") if line)
        found = self._proposal(which) if which.startswith("p") else self._version(which)
        self.policies.try_in_shadow(which, found.policy, at)
        return (
            f"`{which}` is tried in the shadow from now on: it alerts nobody. Where it decides"
            " otherwise, you are asked what was there (with `save_images on`)."
        )

    # --- finding

    def _newest(self) -> Proposal:
        found = [one for one in self.policies.proposals() if one.state in OPEN]
        if not found:
            raise BadSettings("Nothing is proposed. 'whosthere tune' looks for something.")
        return found[-1]

    def _proposal(self, which: str) -> Proposal:
        found = self.policies.proposal(int(which.removeprefix("p")))
        if found is None:
            raise BadSettings(f"There is no proposal {which}. `policy list` shows those that are.")
        return found

    def _version(self, which: str | None) -> Version:
        versions = self.policies.versions()
        found = [v for v in versions if which in (None, str(v.policy.version))]
        if not found:
            last = f"There are 1 to {len(versions)}." if versions else "There are none yet."
            raise BadSettings(f"There is no policy {which}. {last}")
        return found[-1]


def _lines(proposal: Proposal) -> list[str]:
    return proposal.words.splitlines()
