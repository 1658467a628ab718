"""Builds the parts from the settings and passes them to each other. It knows them all."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from threading import Event

from whosthere.app.age_clock import NAME as AGE_CLOCK
from whosthere.app.age_clock import AgeClock
from whosthere.app.answers.answering import Answers
from whosthere.app.answers.desk import Desk, Heard
from whosthere.app.answers.making import AtHand, make_answers
from whosthere.app.archive_parts import join_archive
from whosthere.app.dataset_parts import gathering_of
from whosthere.app.devices_parts import join_led, make_devices
from whosthere.app.health import CameraWatch, HealthBoard
from whosthere.app.health_parts import join_health
from whosthere.app.metrics_parts import metrics_for
from whosthere.app.monitoring_parts import join_monitoring
from whosthere.app.onlooker import Onlooker
from whosthere.app.opening import Opening
from whosthere.app.pan_tilt_parts import make_turners
from whosthere.app.parts import make_detector
from whosthere.app.policy_keeping import join_policies
from whosthere.app.policy_versions import at_start, said_of
from whosthere.app.presence_keeping import join_presence_history
from whosthere.app.presence_parts import make_presence
from whosthere.app.program import PUMPS_A_SECOND, Clock, Ears, Eyes, Program
from whosthere.app.restoring import restored
from whosthere.app.sensors_parts import make_sensors
from whosthere.app.settings import DetectorSettings, Settings
from whosthere.app.shadow import ShadowKeeping
from whosthere.app.standstill import Standstill
from whosthere.app.tamper_guards import TamperGuards
from whosthere.app.training import Training
from whosthere.app.upkeep import Upkeep
from whosthere.app.vitals import RECORDER, Vitals
from whosthere.app.watchers import Watchers
from whosthere.app.web_parts import join_web
from whosthere.app.workers import QueueInbox, Worker
from whosthere.core import ports
from whosthere.core.errors import WhosThereError
from whosthere.core.messages import Message
from whosthere.core.model import House
from whosthere.core.modes import ArmedBy, ArmState, Mode
from whosthere.core.people import AuditEntry
from whosthere.core.policy import Policy
from whosthere.core.sighting import Sighting
from whosthere.flow import Hands, HouseKeeper
from whosthere.messaging.console import Console
from whosthere.messaging.outbox import Delivering
from whosthere.messaging.settings import make_messenger
from whosthere.messaging.slack.settings import SlackSettings
from whosthere.monitoring.tally import Tally
from whosthere.recording.pre_roll import PreRoll
from whosthere.recording.recorder import IncidentRecorder
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.proposals import Policies
from whosthere.storage.questions import Questions
from whosthere.storage.sqlite import SqliteStore
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.drawing import with_boxes

log = logging.getLogger(__name__)


def assemble(
    settings: Settings, onlooker: Onlooker | None = None, *, mode: Mode | None = None
) -> Program:
    """Build all that `whosthere run` runs. Nothing is started."""
    onlooker, at_hand = onlooker or Onlooker(), AtHand()
    onlooker = replace(onlooker, saw=at_hand.frames.beside(onlooker.saw))
    health = HealthBoard()
    told = Told(health)
    inbox = QueueInbox()

    storage = settings.storage
    names = [messenger.name for messenger in settings.messengers]
    tally = Tally(tuple(settings.cameras), names)
    onlooker = replace(onlooker, sighted=tally.beside(onlooker.sighted))
    opening = Opening(told)
    store = opening.store(
        storage.database,
        lambda path, copied_from: SqliteStore(
            path,
            messengers=names,
            on_trouble=told.silently("database"),
            copied_from=copied_from,
        ),
    )
    ledger = opening.ledger(
        storage.ledger,
        lambda path: SqliteLedger(
            path,
            batch_seconds=storage.ledger_batch_seconds,
            on_trouble=told.silently("ledger"),
        ),
    )
    store.when_sent(tally.sent)
    say_interrupted(store)
    age = AgeClock(storage.folder / AGE_CLOCK, told.of("age clock"), newest=store.newest)
    upkeep = Upkeep(settings, store, ledger, now=age.moment)

    recorder = make_recorder(settings, at_hand.rings, inbox, upkeep, told)
    messengers = make_messengers(settings, store, onlooker, told)

    def wake() -> None:
        for messenger in messengers.values():
            messenger.wake()

    store.when_queued(wake)
    archive = join_archive(settings, store, ledger, health, told.silently("archive"), age.moment)
    upkeep.unsent = archive.unsent
    now, policy = datetime.now(UTC), policy_of(settings, store)
    presence = make_presence(settings.presence, inbox.put, told.of, health)
    house = restored(store, arm_state(store, settings, mode, now), policy, now)
    devices = make_devices(settings, told.of, health, at_hand.lights, at_hand.sirens)
    devices.go_on(house.devices.lasting.lights, now)
    hands = Hands(
        SteadyLedger(ledger), Steady(store, tally.remembered), recorder, wake, presence.look_again,
        wake_camera=at_hand.wake, drive=devices.drive,
    )  # fmt: skip
    keeper = HouseKeeper(house, policy, hands)
    heard, policies = Heard(inbox), Policies(store.database)
    shadow = ShadowKeeping(policies, keeper)
    heard.listeners.append(shadow.hear)
    ears = Ears(inbox, lambda: keeper.house, onlooker.happened, heard.done)
    answers = make_answers(settings, store, ledger, health, at_hand, keeper, heard)
    desk = Desk(Questions(store.database), answers)
    training = Training(
        tuple(settings.cameras), store, at_hand.frames, lambda: keeper.house,
        lambda: keeper.policy, inbox, gathering_of(settings, store, ledger),
        questions_a_day=settings.learning.questions_a_day, zone=settings.house.zone,
        shadow_differs=shadow.differs,
    )  # fmt: skip
    lines = add_slack(settings, store, answers, heard, told, messengers)

    watching = CameraWatch(settings.house.lost_after_seconds)
    eyes = Eyes(inbox, watching, health, onlooker.sighted)
    finder = load_detector(settings.detector, told)
    watchers = Watchers(
        settings, eyes, onlooker, finder, at_hand.rings, tally, wakers=at_hand.wakers
    )
    watchers.turners = make_turners(settings, lambda: keeper.house, at_hand.turnables)
    watchers.guards = TamperGuards(inbox.put, answers.parts.files.picture, at_hand.guards)
    vitals = Vitals(answers.parts, inbox, watching, tally)
    health_keeping, blind_spots = join_health(settings, vitals, store, heard, at_hand)
    heard.listeners.append(vitals.heard)
    clock = Clock(inbox, store, ledger, watching, health)
    standstill = Standstill(vitals, settings.health.stuck_seconds)
    return Program(
        keeper=keeper,
        inbox=inbox,
        ears=ears,
        recorder=recorder,
        store=store,
        ledger=ledger,
        health=health,
        answers=answers,
        cameras=[worker for name, section in settings.cameras.items()
                 for worker in watchers.build(name, section)],
        house=Worker("house", partial(keeper.keep, ears), health, inbox.close),
        helpers=[
            health_keeping,
            blind_spots,
            Worker("standstill", standstill.run, health, standstill.stopping.set),
            Worker("clock", clock.run, health, clock.stopping.set),
            Worker("database writer", store.writer.run, health, store.writer.stop),
            Worker("ledger writer", ledger.writer.run, health, ledger.writer.stop),
            Worker("upkeep", upkeep.run, health, upkeep.stopping.set),
            Worker("requests", desk.run, health, desk.stopping.set),
            Worker("training", training.run, health, training.stopping.set),
            join_policies(settings, policies, shadow, inbox, health),
            often("recorder", watched(recorder.pump, tally), 1 / PUMPS_A_SECOND, health),
            *archive.workers,
            *presence.workers,
            *watchers.turners.workers(health),
            *devices.workers,
            *make_sensors(settings, inbox.put, health, at_hand.pushed),
            *join_led(settings, lambda: keeper.house, heard.listeners, health),
            *join_presence_history(settings, store, heard, lambda: keeper.house, health),
            *join_web(settings, answers, presence.watches, health,
                      metrics_for(settings, vitals)),
            *join_monitoring(settings, vitals, health, told.of("heartbeat")),
        ],
        messengers=[*lines, *(Worker(f"messenger {name}", one.run, health, one.stop)
                              for name, one in messengers.items())],
        standstill=standstill,
        disk_works_again=opening.works_again,
    )  # fmt: skip


def make_recorder(
    settings: Settings,
    rings: dict[str, PreRoll],
    inbox: QueueInbox,
    upkeep: Upkeep,
    told: "Told",
) -> IncidentRecorder:
    asked = settings.recording
    return IncidentRecorder(
        settings.storage.folder,
        rings,
        inbox.put,
        draw=lambda image, sighting: with_boxes(image, sighting.detections),
        clock=time.monotonic,
        pre_roll_seconds=asked.pre_roll_seconds,
        post_roll_seconds=asked.post_roll_seconds,
        longest_seconds=asked.longest_seconds,
        which=asked.record,
        preview=asked.preview,
        least_free_bytes=round(asked.least_free_gigabytes * 2**30),
        make_room=upkeep.make_room,
        on_trouble=told.of("recorder"),
    )


def make_messengers(
    settings: Settings, store: SqliteStore, onlooker: Onlooker, told: "Told"
) -> dict[str, Delivering]:
    """Build who tells people. A live view shows the console's lines itself."""
    made: dict[str, Delivering] = {}
    for asked in settings.messengers:
        if isinstance(asked, SlackSettings):  # it answers people too, so it comes after `answers`
            continue
        folder, zone = settings.storage.folder, settings.house.zone
        if asked.kind == "console" and onlooker.told is not None:
            messenger: ports.Messenger = Console(onlooker.told, zone=zone)
        else:
            messenger = make_messenger(asked, folder=folder, zone=zone)
        on_trouble = told.silently(f"messenger {asked.name}")
        made[asked.name] = Delivering(store, asked.name, messenger, on_trouble=on_trouble)
    return made


def add_slack(
    settings: Settings,
    store: SqliteStore,
    answers: Answers,
    heard: Heard,
    told: "Told",
    messengers: dict[str, Delivering],
) -> list[Worker]:
    """Add each Slack to who tells people; return what keeps their lines open."""
    lines = []
    for asked in settings.messengers:
        if isinstance(asked, SlackSettings):
            from whosthere.app.slack_parts import join_slack  # noqa: PLC0415 - needs an extra

            line_told = told.of(asked.name), told.health
            made, line = join_slack(
                settings, asked, store, answers, heard, told.silently, line_told
            )
            messengers |= made
            lines.append(line)
    return lines


def arm_state(store: SqliteStore, settings: Settings, asked: Mode | None, at: datetime) -> ArmState:
    """Go on with the mode that was, unless another is asked for; begin as the settings say."""
    before = store.arm_state()
    if asked is not None and (before is None or before.mode is not asked):
        reason = "asked for at the start"
        state = ArmState(asked, at, reason, by_hand=True, source=ArmedBy.HAND)
        store.remember([AuditEntry(at, "who started it", "command line", f"mode {asked}")])
    elif before is not None:
        return before
    else:
        state = ArmState(settings.house.mode, at, "first start, as the settings say")
    store.remember([state])
    return state


def policy_of(settings: Settings, store: SqliteStore) -> Policy:
    """Keep the numbers that people chose, as a new version if they changed any."""
    return at_start(said_of(settings), Policies(store.database), datetime.now(UTC))


def say_interrupted(store: SqliteStore) -> None:
    """End what a crash or power cut left open, and say so."""
    for incident in store.close_interrupted():
        log.warning(
            "%s: an incident was interrupted; it was last seen %s UTC",
            incident.camera,
            f"{incident.last_seen:%Y-%m-%d %H:%M:%S}",
        )


def load_detector(settings: DetectorSettings, told: "Told") -> OnnxDetector | None:
    """Load the net. Without it motion alone is told, which is better than nothing."""
    try:
        return make_detector(settings)
    except WhosThereError as trouble:
        told.of("detector")(f"{trouble} Until then, motion alone is told.")
        return None


def watched(pump: Callable[[], None], tally: Tally) -> Callable[[], None]:
    """Have it noticed when the recorder hangs."""

    def work() -> None:
        with tally.busy(RECORDER):
            pump()

    return work


def often(name: str, work: Callable[[], None], seconds: float, health: HealthBoard) -> Worker:
    """A worker that does something again and again until it is told to stop."""
    stopping = Event()

    def run() -> None:
        while not stopping.wait(seconds):
            work()

    return Worker(name, run, health, stopping.set)


@dataclass(frozen=True, slots=True)
class Told:
    """Passes on what parts say of their own health."""

    health: HealthBoard

    def of(self, part: str) -> Callable[[str | None], None]:
        """For a part that leaves the logging to us."""
        return partial(self._tell, part, lambda why: self.health.failed(part, why, 0.0))

    def silently(self, part: str) -> Callable[[str | None], None]:
        """For a part that logs its troubles itself."""
        return partial(self._tell, part, lambda why: self.health.noted(part, why))

    def _tell(self, part: str, note: Callable[[str], None], trouble: str | None) -> None:
        if trouble is None:
            self.health.recovered(part)
        else:
            note(trouble)


@dataclass(frozen=True, slots=True)
class Steady:
    """The store as the house sees it: what cannot be written now waits there, and is told."""

    store: SqliteStore
    noted: Callable[[Sequence[ports.Storable]], None] = lambda _things: None

    def remember(self, things: Sequence[ports.Storable]) -> None:
        self.noted(things)
        self.store.remember_within(things)


@dataclass(frozen=True, slots=True)
class SteadyLedger:
    """The ledger as the house sees it: a disk that does not answer holds up no decision."""

    ledger: SqliteLedger

    def note(self, house: House, policy: Policy) -> None:
        self.ledger.note(house, policy)

    def add(self, message: Message) -> None:
        self.ledger.add(message)

    def flush(self) -> None:
        self.ledger.flush_soon()

    def read(
        self,
        camera: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterable[Sighting]:
        return self.ledger.read(camera, since, until)
