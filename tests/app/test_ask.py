"""`whosthere ask` and the running program: questions and answers through the database."""

import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.conftest import whosthere
from whosthere.app.answers.desk import Desk, Heard
from whosthere.app.ask import asked, plain
from whosthere.app.workers import QueueInbox
from whosthere.core.messages import SetMode
from whosthere.core.modes import Mode
from whosthere.core.requests import Reply, Request, Role
from whosthere.storage.questions import Questions
from whosthere.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


NOW = datetime(2026, 1, 1, 22, 0, tzinfo=UTC)


def test_the_running_program_answers_and_remembers_over_a_crash(start, settings_file: Path):
    at = ("--settings", settings_file)
    settings_file.write_text(f"{settings_file.read_text()}loop = true\n")
    program = start("run", *at, "--mode", "off")
    program.wait_for("the picture is steady")

    live = whosthere("ask", "snapshot", *at)
    assert "front, live: " in live.stdout
    assert Path(live.stdout.splitlines()[1]).suffix == ".jpg"
    assert "then off" in whosthere("ask", "arm", "away", "for", "2h", *at).stdout
    assert "No alerts until" in whosthere("ask", "snooze 30m", *at).stdout
    wrong = whosthere("ask", "snozee 30m", *at)
    assert 1 == wrong.returncode
    assert "Did you mean 'snooze 30m'?" in wrong.stdout

    program.end(signal.SIGKILL)
    assert "Nobody is there to answer" in whosthere("ask", "status", *at).stderr
    again = start("run", *at)
    again.wait_for("the picture is steady")
    status = whosthere("ask", *at, "status").stdout
    assert "is in mode away" in status
    assert "(2 h), then off" in status.replace("1 h 59 min", "2 h")
    assert "All cameras are snoozed until" in status
    log = whosthere("ask", "log", *at).stdout
    assert "who started it (command line): mode off" in log
    assert "(command line): mode away for 2 h" in log
    assert 0 == again.end(signal.SIGTERM)


class Echo:
    """Answers with what was asked."""

    def __init__(self) -> None:
        self.heard: list[Request] = []

    def answer(self, request: Request) -> Reply:
        self.heard.append(request)
        return Reply(f"*{request.text}*", refused="no" in request.text)


@pytest.fixture
def desk(tmp_path: Path):
    store = SqliteStore(tmp_path / "whosthere.db")
    yield Desk(Questions(store.database), Echo(), now=lambda: NOW)
    store.close()


@pytest.fixture
def visitor(desk: Desk, tmp_path: Path):
    del desk  # it must be there, as the program is
    store = SqliteStore.visit(tmp_path / "whosthere.db")
    yield Questions(store.database)
    store.close()


@pytest.mark.parametrize(("text", "refused"), [("status", False), ("no", True), ("", False)])
def test_a_question_is_answered_once(desk, visitor, text, refused):
    number = visitor.ask(text, "ann", NOW)
    assert None is visitor.answer_to(number)

    desk.answer_all()
    desk.answer_all()

    assert Reply(f"*{text}*", refused=refused) == visitor.answer_to(number)
    (request,) = desk.answers.heard
    assert ("ann", Role.ADMIN, "command line", NOW) == (
        request.asker.name, request.asker.role, request.asker.origin, request.at,
    )  # fmt: skip
    visitor.forget(number)
    assert None is visitor.answer_to(number)


def test_questions_are_answered_in_order(desk, visitor):
    for number in range(3):
        visitor.ask(f"{number}", "ann", NOW)
    desk.answer_all()
    visitor.ask("3", "ann", NOW)
    desk.answer_all()

    assert ["0", "1", "2", "3"] == [request.text for request in desk.answers.heard]


@pytest.mark.parametrize("minutes", [-5, 5])
def test_what_was_asked_long_ago_is_left_alone(desk, visitor, minutes):
    visitor.ask("disarm", "ann", NOW + timedelta(minutes=minutes))

    desk.answer_all()

    assert [] == desk.answers.heard


def test_who_asks_in_another_process_waits_for_the_answer(desk, visitor, tmp_path):
    del visitor
    desk.now = lambda: datetime.now(UTC)
    thread = threading.Thread(target=desk.run)
    thread.start()
    try:
        assert Reply("*status*") == asked(tmp_path / "whosthere.db", "status")
    finally:
        desk.stopping.set()
        thread.join(5)


def test_marks_of_a_chat_are_left_out():
    assert "front: mode off" == plain("*front*: mode `off`")
    assert "with a = 1 and b = 2" == plain("with `a` = 1 and `b` = 2")


# --- the way to the house


def test_who_tells_the_house_waits_until_it_has_done_so():
    inbox = QueueInbox()
    heard = Heard(inbox, patience=5.0)
    message = SetMode(Mode.OFF, "Ann", NOW)
    same = SetMode(Mode.OFF, "Ann", NOW)

    def keep_house() -> None:
        for one in inbox:
            heard.done(one)

    thread = threading.Thread(target=keep_house)
    thread.start()
    assert heard.tell(message)
    heard.done(same)  # nobody waits for it
    inbox.close()
    thread.join(5)


def test_a_house_that_is_busy_is_told_to_be():
    assert not Heard(QueueInbox(), patience=0.01).tell(SetMode(Mode.OFF, "Ann", NOW))
