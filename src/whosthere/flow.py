"""How a frame becomes an alert. Read this first.

    camera ─frame→ motion ─→ detector ─sighting─┐                    ┌→ Remember → store, ledger
                                                │                    ├→ Record   → clips, pictures
               people, sensors, clock ──message─┼→ inbox → decide ───┼→ Notify   → outbox → people
                                                         ↑           └→ Drive    → light, siren
                                                       policy

`watch` is the whole life of a camera's thread, `HouseKeeper.keep` that of the one thread that
changes the house. `app/assemble.py` builds the parts from the settings and starts them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from whosthere.core import ports
from whosthere.core.decide import decide
from whosthere.core.messages import (
    Action,
    Drive,
    KeepPicture,
    LookAgain,
    Message,
    Notify,
    Record,
    Remember,
    UsePolicy,
    Wake,
)
from whosthere.core.model import House
from whosthere.core.policy import Policy
from whosthere.core.sighting import Sighting


def watch(
    camera: ports.Camera,
    see_motion: ports.MotionDetector,
    recognise: ports.ObjectDetector,
    inbox: ports.Inbox,
) -> None:
    """Report what one camera sees."""
    for frame in camera.frames():
        motion = see_motion(frame)
        look, found = recognise(frame, motion)
        shown = frame if motion.boxes or found else None  # pictures of nothing leave the memory
        inbox.put(Sighting(frame.camera, frame.at, frame.clock, motion, look, found, shown))
        del frame, shown  # before the next one is decoded


@dataclass(slots=True)
class HouseKeeper:
    """Decides on each message in turn, and has it carried out. Nobody else changes the house."""

    house: House
    policy: Policy
    hands: "Hands"

    def keep(self, inbox: Iterable[Message]) -> None:
        for message in inbox:
            self.put(message)

    def put(self, message: Message) -> None:
        self.hands.ledger.note(self.house, self.policy)
        self.house, actions = decide(self.house, message, self.policy)
        if isinstance(message, UsePolicy):  # from the next message on, which a note goes before
            self.policy = replace(
                message.policy, arming=self.policy.arming, devices=self.policy.devices
            )
        self.hands.carry_out(message, actions)


@dataclass(frozen=True, slots=True)
class Hands:
    """Carries out what was decided: remember first, so that an alert never points to nothing."""

    ledger: ports.Ledger
    store: ports.Store
    recorder: ports.Recorder
    wake_messengers: Callable[[], None]
    look_again: Callable[[], None] = lambda: None  # for people who are thought to be away
    wake_camera: Callable[[str], None] = lambda _camera: None
    drive: Callable[[Drive], None] = lambda _drive: None  # returns at once, whatever the device

    def carry_out(self, message: Message, actions: Sequence[Action]) -> None:
        self.ledger.add(message)
        things = [thing for action in actions for thing in _to_store(action)]
        if things:
            self.store.remember(things)
        for action in actions:
            self._do(action)
        if any(isinstance(one, Notify) for one in actions):
            self.ledger.flush()  # the numbers that explain an alert survive a crash too

    def _do(self, action: Action) -> None:
        match action:
            case Record(incident):
                self.recorder.record(incident)
            case KeepPicture(incident, sighting):
                self.recorder.keep_picture(incident, sighting)
            case Notify():
                self.wake_messengers()
            case LookAgain():
                self.look_again()
            case Wake(camera):
                self.wake_camera(camera)
            case Drive():
                self.drive(action)
            case Remember():
                pass


def _to_store(action: Action) -> tuple[ports.Storable, ...]:
    match action:
        case Remember(what):
            return (what,)
        case Notify(alert):
            return (alert,)
        case Record() | KeepPicture() | LookAgain() | Wake() | Drive():
            return ()
