"""How sightings gather into incidents, and when one deserves an alert."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from whosthere.core import entry, gates, overlooked, sensors, walk_marking
from whosthere.core.alerts import first_alert, revised, with_alert
from whosthere.core.escalation import awaiting
from whosthere.core.gates import Asked, is_occupied
from whosthere.core.messages import Action, KeepPicture, Notify, Record, Remember, Tick
from whosthere.core.model import (
    LONGEST_STEP,
    CameraState,
    Decision,
    Evidence,
    House,
    Incident,
    Moment,
    News,
    Verdict,
    named_moment,
)
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.replacing import replaced
from whosthere.core.sighting import PERSON, Look, Scene, Sighting

OPENING_SECONDS = 1.0  # how far back the opening of an incident looks
NOWHERE = frozenset[str]()
NEWS = frozenset({Verdict.ALERT, Verdict.JOINED})
BETTER = 0.1  # a new picture must show this much more than the one before


def on_sighting(house: House, sighting: Sighting, policy: Policy) -> tuple[House, list[Action]]:
    """Open, extend or close the camera's incident, and alert once when its gates say so."""
    rules, camera = policy.of(sighting.camera), sighting.camera
    house, due = entry.raise_due(house, (camera,), policy, sighting.at, sighting.clock)
    mode = house.mode_of(camera)
    state, unseen = house.camera(camera), 0.0
    if state.incident is not None:
        unseen = _unseen(state, sighting)
    state, actions = close_if_quiet(state, sighting.clock, rules, unseen)
    recent = look_back(state.recent, sighting, rules)
    asked = gates.ask(sighting, recent, state.alert_clock, rules, mode, house.controls)
    asked = sensors.agreed(asked, house, sighting, policy)
    known = state.incident
    incident = _opened_or_extended(known, sighting, recent, rules, asked)
    incident = walk_marking.marked(house, sighting, known, incident)

    verdict = verdict_of(incident, asked)
    held = None
    if verdict is Verdict.ALERT:
        held = entry.why_hold(house, replace(state, recent=recent), sighting, policy)
        verdict = Verdict.PENDING if held else verdict
    decision = Decision.later(
        asked.gates, camera=camera, at=sighting.at, clock=sighting.clock, verdict=verdict
    )
    if incident is None or incident.last_seen_clock == sighting.clock:
        unseen = 0.0
    state = replaced(state, recent=recent, incident=incident, decision=decision, unseen=unseen)
    house = _with(house, camera, state)
    if incident is None:
        return house, [*due, *actions]

    if held is not None:
        house, notes = entry.hold(house, sighting, held, asked.answers.evidence, policy)
    else:
        house, notes = tell(house, decision, asked, sighting, rules)
    state = house.camera(camera)
    incident = state.incident
    assert incident is not None  # noqa: S101 - telling never ends an incident
    shows = sighting.motion.boxes or sighting.detections  # not the frame: replay has none
    score = how_well_it_shows(sighting) if shows else -math.inf
    better = score >= incident.best_score + BETTER
    if better:
        incident = replace(incident, best_score=score)
        house = _with(house, camera, replace(state, incident=incident))
    if known is None or notes or incident.labels.keys() != known.labels.keys():
        actions += [Remember(incident), Record(incident)]  # not for each of 5 sightings a second
    if better:
        actions.append(KeepPicture(incident, sighting))
    return house, [*due, *actions, *notes]


def on_tick(house: House, tick: Tick, policy: Policy) -> tuple[House, list[Action]]:
    """End the incidents that have been quiet for long enough, though no frame comes."""
    actions: list[Action] = []
    for name, state in house.cameras.items():
        after, ended = close_if_quiet(state, tick.clock, policy.of(name), state.unseen)
        if ended:
            house = _with(house, name, after)
            actions += ended
    return house, actions


def close_if_quiet(
    state: CameraState, clock: float, rules: CameraPolicy, unseen: float
) -> tuple[CameraState, list[Action]]:
    incident = state.incident
    if incident is None or clock - incident.last_seen_clock - unseen < rules.quiet_seconds:
        return state, []
    ended = replace(incident, ended=incident.last_seen)
    state = entry.with_incident(state, ended)
    state = replace(state, incident=None, recent=(), unseen=0.0)
    return state, [Remember(ended), Record(ended)]


def _unseen(state: CameraState, sighting: Sighting) -> float:
    """For how long the camera was turned since the incident was last seen: that is no quiet.

    Otherwise a turn would cut a visit into two.
    """
    if sighting.motion.scene is not Scene.TURNING or not state.recent:
        return state.unseen
    return state.unseen + min(sighting.clock - state.recent[-1].clock, LONGEST_STEP)


def look_back(
    recent: tuple[Moment, ...], sighting: Sighting, rules: CameraPolicy
) -> tuple[Moment, ...]:
    """What gates look back on, with a further sighting."""
    seen = overlooked.without(sighting, rules.ignored) if rules.ignored else sighting
    return (*_since(recent, sighting.clock - looks_back(rules)), _moment(seen))


def look_back_on_quiet(
    recent: tuple[Moment, ...], like: Sighting, clocks: Sequence[float], rules: CameraPolicy
) -> tuple[Moment, ...]:
    """The same with several quiet ones, which differ by nothing but their clocks."""
    moment = _moment(like)
    oldest = clocks[-1] - looks_back(rules)
    quiet = [moment._replace(clock=clock) for clock in clocks if clock >= oldest]
    return (*_since(recent, oldest), *quiet)


def looks_back(rules: CameraPolicy) -> float:
    """For how many seconds before a sighting its gates look at others."""
    return max(rules.window_seconds, OPENING_SECONDS)


def _since(recent: tuple[Moment, ...], oldest: float) -> tuple[Moment, ...]:
    old = 0
    for moment in recent:  # oldest first
        if moment.clock >= oldest:
            break
        old += 1
    return recent[old:]


def _moment(sighting: Sighting) -> Moment:
    motion = sighting.motion
    # While the whole scene changes, what seems to move need not: only the detector is trusted.
    area = motion.area if motion.scene is Scene.STEADY else 0.0
    people = [found for found in sighting.detections if found.is_moving_person]
    return Moment(
        sighting.clock,
        area,
        max([found.confidence for found in people]) if people else 0.0,
        looked=sighting.look is Look.DONE,
        failed=sighting.look in {Look.FAILED, Look.NO_DETECTOR},
        zones=motion.zones if area else NOWHERE,
        person_zones=NOWHERE.union(*[found.zones for found in people]) if people else NOWHERE,
    )


def _opened_or_extended(
    incident: Incident | None,
    sighting: Sighting,
    recent: tuple[Moment, ...],
    rules: CameraPolicy,
    asked: Asked,
) -> Incident | None:
    now = recent[-1]
    if incident is None:
        first = _first_motion(recent, rules)
        if first is None and not asked.is_enough:
            return None
        began = now.clock if first is None else first
        incident = Incident(
            id=named_moment(sighting.at, sighting.camera),
            camera=sighting.camera,
            first_motion=sighting.at - timedelta(seconds=round(sighting.clock - began, 3)),
            started=sighting.at,
            started_clock=sighting.clock,
            last_seen=sighting.at,
            last_seen_clock=sighting.clock,
        )
    if not (is_occupied(now, rules) or _still_there(incident, now, rules)):
        return incident
    labels = dict(incident.labels)
    for found in sighting.detections:
        if found.moving:
            labels[found.label] = max(found.confidence, labels.get(found.label, 0.0))
    return replaced(
        incident,
        last_seen=incident.later(sighting.clock),
        last_seen_clock=sighting.clock,
        labels=labels,
        area=max(incident.area, now.area),
        zones=incident.zones | now.zones | now.person_zones,
    )


def _still_there(incident: Incident, now: Moment, rules: CameraPolicy) -> bool:
    """Whether somebody who was recognised may still be seen: less is needed than to find them."""
    recognised = incident.labels.get(PERSON, 0.0) >= rules.person_confidence
    return recognised and now.person >= rules.person_confidence / 2


def _first_motion(recent: tuple[Moment, ...], rules: CameraPolicy) -> float | None:
    """When motion that has lasted long enough for an incident began, by the clock."""
    second = [m for m in recent if m.clock > recent[-1].clock - OPENING_SECONDS]
    occupied = [m.clock for m in second if is_occupied(m, rules)]
    if not occupied or len(occupied) < rules.opening_share * len(second):
        return None
    if len(occupied) == 1 < len(recent) and recent[-1].person < rules.person_confidence:
        return None  # one frame may be a glitch, unless it shows somebody
    return occupied[0]


def verdict_of(incident: Incident | None, asked: Asked) -> Verdict:
    if incident is None:
        return Verdict.QUIET
    if incident.alert_id is not None:
        recognised = incident.evidence is Evidence.UNCLASSIFIED and (
            asked.answers.evidence is Evidence.PERSON and asked.is_enough
        )
        return Verdict.JOINED if recognised else Verdict.TOLD
    if not asked.is_enough:
        return Verdict.WATCHING
    return Verdict.JOINED if asked.too_soon else Verdict.ALERT


def tell(
    house: House,
    decision: Decision,
    asked: Asked,
    sighting: Sighting,
    rules: CameraPolicy,
) -> tuple[House, list[Action]]:
    state = house.camera(sighting.camera)
    incident = state.incident
    assert incident is not None  # noqa: S101 - only incidents are told
    if decision.verdict not in NEWS:
        return house, []
    evidence = asked.answers.evidence
    if decision.verdict is Verdict.ALERT:
        alert = first_alert(incident, evidence, sighting.at, house.mode_of(sighting.camera))
        house = entry.raised(house, alert, sighting.at, sighting.clock)
        state = replace(state, alert_clock=sighting.clock)
    else:
        news = News.RECOGNISED if incident.alert_id else News.ANOTHER_VISIT
        alert = revised(state.alerts[-1], news, incident, sighting.at, evidence)
        house = entry.goes_on(house, sighting.at, sighting.clock)
    incident = replace(
        incident,
        alert_id=alert.id,
        alerted_at=incident.alerted_at or sighting.at,
        evidence=evidence,
        decision=decision,
    )
    state = with_alert(replace(state, incident=incident), alert)
    if decision.verdict is Verdict.ALERT:
        state = awaiting(state, alert, rules)
    notes: list[Action] = [Notify(alert)]
    if incident.picture and alert.news is not News.RECOGNISED:
        shown = revised(alert, News.PICTURE, incident, sighting.at, file=incident.picture)
        state = with_alert(state, shown)
        notes.append(Notify(shown))
    return _with(house, sighting.camera, state), notes


def how_well_it_shows(sighting: Sighting) -> float:
    """How well a frame shows what happened: a person counts most, then size."""
    moving = [one for one in sighting.detections if one.moving]
    others = max([one.confidence for one in moving], default=0.0)
    size = max([one.box.area for one in moving], default=sighting.motion.area)
    return 2 * sighting.person_confidence + others + min(size, 0.25)


def _with(house: House, camera: str, state: CameraState) -> House:
    return replaced(house, cameras={**house.cameras, camera: state})
