"""Where requests arrive: from other processes of this machine, and the way to the house."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Condition, Event

from whosthere.core import ports
from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import Message
from whosthere.core.requests import Answering, Asker, Request, Role
from whosthere.storage.questions import Questions

GLANCES = 0.25  # seconds between looks for questions
PATIENCE = 5.0  # seconds that the house may take for one message
ORIGIN = "command line"


@dataclass(slots=True, eq=False)
class Heard:
    """Puts a message into the inbox, and waits until the house has carried it out.

    `listeners` hear of every message that was carried out, on the thread of the house.
    """

    inbox: ports.Inbox
    patience: float = PATIENCE
    listeners: list[Callable[[Message], None]] = field(default_factory=list)
    _waiting: dict[int, bool] = field(default_factory=dict)  # by identity: done or not
    _changed: Condition = field(default_factory=Condition)

    def tell(self, message: Message) -> bool:
        with self._changed:
            self._waiting[id(message)] = False
        try:
            self.inbox.put(message)
            with self._changed:
                return self._changed.wait_for(lambda: self._waiting[id(message)], self.patience)
        finally:
            with self._changed:
                del self._waiting[id(message)]

    def done(self, message: Message) -> None:
        """The house says so, of each message."""
        for listener in self.listeners:
            listener(message)
        if id(message) in self._waiting:
            with self._changed:
                if id(message) in self._waiting:
                    self._waiting[id(message)] = True
                    self._changed.notify_all()


@dataclass(slots=True)
class Desk:
    """Answers what people on this machine ask. They may do everything."""

    questions: Questions
    answers: Answering
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: Event = field(default_factory=Event)

    def run(self) -> None:
        while not self.stopping.wait(GLANCES):
            with suppress(StoreTrouble):  # told by the store itself
                self.answer_all()

    def answer_all(self) -> None:
        for question in self.questions.new(self.now()):
            asker = Asker(question.who, question.who, Role.ADMIN, ORIGIN)
            reply = self.answers.answer(Request(question.text, asker, question.at))
            self.questions.answered(question.id, reply, self.now())
