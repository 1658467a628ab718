"""A process that delivers to Slack until it is killed.

python -m tests.slack.child FOLDER URL              what is in the outbox, impatiently
python -m tests.slack.child FOLDER URL BEGAN EVERY ALERTS
    what is planned since BEGAN (seconds of the epoch), each EVERY seconds, as patient as it is
"""

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.servers.fake_slack import ANNA, CHANNEL
from tests.slack.rig import IMPATIENT, TOKENS, Book
from tests.slack.storm import Plan, in_utc, planned
from whosthere.app.slack_parts import deliverings, make_slack
from whosthere.messaging.slack.posting import Pace
from whosthere.messaging.slack.settings import SlackSettings
from whosthere.storage.slack_messages import SlackMessages
from whosthere.storage.sqlite import SqliteStore


def main(folder: Path, url: str, *plan: str) -> None:
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
        patience=None if plan else IMPATIENT,
        pace=None if plan else Pace(0.0),
    )
    made = deliverings(parts, store, "slack", lambda _: lambda _: None)
    for run in (parts.line.run, *(one.run for one in made.values())):
        threading.Thread(target=run, daemon=True).start()
    if plan:
        began, every, alerts = plan
        telling = planned(in_utc(float(began)), timedelta(seconds=float(every)), int(alerts))
        tell(store, telling, [one.wake for one in made.values()])
    threading.Event().wait()


def tell(
    store: SqliteStore,
    plan: Plan,
    wake: list[Callable[[], None]],
) -> None:
    """Go on with a plan where an earlier run was killed."""
    with store.database.reading() as connection:
        rows = connection.execute("SELECT id, revision FROM alert").fetchall()
    done = {(row["id"], row["revision"]) for row in rows}
    for due, alert in plan:
        if (alert.id, alert.revision) not in done:
            threading.Event().wait(max(0.0, (due - datetime.now(UTC)).total_seconds()))
            store.remember([alert])
            for one in wake:
                one()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
