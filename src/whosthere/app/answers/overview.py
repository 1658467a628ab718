"""The house at a glance, from what is in memory and on disk."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from whosthere.app.answers import presence
from whosthere.app.answers.house import Parts
from whosthere.core import siren_telling
from whosthere.core.model import Evidence, House, Incident
from whosthere.core.overview import CameraView, IncidentView, Overview, PartView
from whosthere.core.people import Switch

INCIDENTS = 10


@dataclass(frozen=True, slots=True)
class Glance:
    """Fulfils `core.overview.Overviewing`."""

    parts: Parts

    def overview(self) -> Overview:
        parts, house, now = self.parts, self.parts.house(), self.parts.now()
        policy = parts.policy()
        people, sources = presence.people_of(house, policy), presence.sources_of(house, policy)
        last = visits(parts, parts.store.incidents(limit=3 * INCIDENTS))[::-1][:INCIDENTS]
        return Overview(
            at=now,
            house=parts.name,
            arm_state=house.arm_state,
            controls=house.controls,
            notifies=house.controls.notifies(now),
            presence=presence.in_short(people, sources),
            cameras=tuple(self._camera(name, house) for name in parts.cameras),
            incidents=tuple(IncidentView(one, parts.store.tag(one.id)) for one in last),
            parts=tuple(
                PartView(part.name, part.ok, part.why, part.since) for part in parts.health.parts()
            ),
            people=people,
            sources=sources,
            auto_detect=Switch.AUTO_DETECT in house.controls.switches,
            countdown=house.countdown,
            triggered=house.triggered,
            pending=presence.held_back(house),
            siren=house.notices.get(siren_telling.NAME),
            next=presence.what_comes(house, policy, parts.moments()),
            away_mode=policy.arming.away_mode,
        )

    def _camera(self, name: str, house: House) -> CameraView:
        parts = self.parts
        own = house.controls.modes.get(name)
        snoozed = house.controls.snoozed_until(name)
        picture, tampered = last_picture(parts, name), house.camera(name).tampered
        changed = f"It is {tampered.detail}." if tampered else ""
        return CameraView(
            name=name,
            arm_state=own or house.arm_state,
            own_mode=own is not None,
            trouble=trouble_of(parts, name) or changed,
            over=parts.health.of(name).ended,
            age_seconds=parts.frames.age(name),
            snoozed_until=snoozed if snoozed and snoozed > parts.now() else None,
            picture=(picture.picture_with_boxes or picture.picture) if picture else None,
            picture_at=picture.started if picture else None,
        )


def visits(parts: Parts, incidents: Iterable[Incident]) -> list[Incident]:
    """Leave out quiet pictures that were only asked about; what goes on, as it is now."""
    return [as_it_is(parts, one) for one in incidents if one.evidence is not Evidence.QUIET]


def as_it_is(parts: Parts, incident: Incident) -> Incident:
    """On disk is only how it began, as long as it goes on."""
    now = parts.house().camera(incident.camera).incident
    if now is None or now.id != incident.id:
        return incident
    return replace(
        incident,
        last_seen=now.last_seen,
        labels=now.labels,
        evidence=now.evidence,
        alert_id=now.alert_id,
        alerted_at=now.alerted_at,
    )


def trouble_of(parts: Parts, camera: str) -> str:
    """What keeps a camera from showing something, if anything does."""
    lost = parts.house().camera(camera).lost
    return parts.health.of(camera).why or (f"It is lost: {lost.detail}." if lost else "")


def last_picture(parts: Parts, camera: str | None) -> Incident | None:
    """The last incident that has a picture, of one camera or of all."""
    found = visits(parts, parts.store.incidents(camera=camera, limit=3 * INCIDENTS))[::-1]
    return next((one for one in found if one.picture or one.picture_with_boxes), None)
