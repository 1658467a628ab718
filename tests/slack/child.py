"""A process that delivers to Slack until it is killed: python -m tests.slack.child FOLDER URL."""

import sys
import threading
from datetime import UTC
from pathlib import Path

from tests.servers.fake_slack import ANNA, CHANNEL
from tests.slack.rig import IMPATIENT, TOKENS, Book
from whosthere.app.slack_parts import deliverings, make_slack
from whosthere.messaging.slack.posting import Pace
from whosthere.messaging.slack.settings import SlackSettings
from whosthere.storage.slack_messages import SlackMessages
from whosthere.storage.sqlite import SqliteStore


def main(folder: Path, url: str) -> None:
    store = SqliteStore(folder / "whosthere.db", messengers=["slack"])
    book = Book()
    parts = make_slack(
        SlackSettings(kind="slack", channel=CHANNEL, admins=(ANNA,), api_url=url),
        TOKENS,
        notes=SlackMessages(store.database, "slack"),
        answering=book,
        house=book,
        folder=folder,
        zone=UTC,
        patience=IMPATIENT,
        pace=Pace(0.0),
    )
    made = deliverings(parts, store, "slack", lambda _: lambda _: None)
    for run in (parts.line.run, *(one.run for one in made.values())):
        threading.Thread(target=run, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
