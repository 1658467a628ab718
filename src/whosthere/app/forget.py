"""`whosthere dataset forget`: deletes what shows somebody who does not wish to be kept."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from whosthere.app.archive_parts import make_archive
from whosthere.app.dataset_gathering import SETTLED, stem_of
from whosthere.app.dataset_parts import gathering_of
from whosthere.app.settings import Settings
from whosthere.app.terminal import say
from whosthere.core.errors import WhosThereError
from whosthere.core.model import Incident
from whosthere.messaging.slack.settings import SlackSettings, read_tokens
from whosthere.recording import names
from whosthere.storage.archive.forgetting import Forgetting, remove_copies
from whosthere.storage.archive.outbox import ArchiveOutbox
from whosthere.storage.archive.settings import ArchiveSettings
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.slack_messages import SlackMessages
from whosthere.storage.sqlite import SqliteStore

DAY = timedelta(days=1)


class CannotForget(WhosThereError):
    """There is no such incident, or its files cannot be deleted."""


def forget(
    settings: Settings, store: SqliteStore, ledger: SqliteLedger, wanted: Sequence[str]
) -> None:
    """Delete pictures and clips of incidents here and in the archive, and say what stays.

    The numbers and the answers stay, and show nobody. Raises CannotForget: before anything is
    deleted, if one of them is not known.
    """
    incidents = [_find(store, name) for name in wanted]
    stems = tuple(stem for one in incidents for stem in (names.stem(one), stem_of(one)))
    forgetting = Forgetting(store.database)
    forgetting.doom(stems)  # first, so that a power cut leaves no copy that nobody looks for
    gathering = gathering_of(settings, store, ledger)
    for one in incidents:
        try:
            gathering.forget_pictures(one)
        except OSError as error:
            raise CannotForget(
                f"Not all pictures of {one.id} could be deleted ({error.strerror})."
                " See whether the data folder is writable, and try again."
            ) from error
        say(f"{one.id}: its pictures and clip are deleted here. The numbers and the answer stay.")
    for line in _in_archive(settings.archive, forgetting, stems):
        say(line)
    for line in _in_slack(settings, store, incidents):
        say(line)


def _find(store: SqliteStore, wanted: str) -> Incident:
    incident = store.incident(wanted)
    if incident is None:
        raise CannotForget(
            f"There is no incident '{wanted}'. Name it in full: 'whosthere dataset show' lists"
            " those that were tagged, 'whosthere incidents' all."
        )
    if incident.ended is None or datetime.now(UTC) - incident.ended < SETTLED:
        raise CannotForget(f"{wanted} still goes on. Try again when it is over.")
    return incident


def _in_archive(
    asked: ArchiveSettings, forgetting: Forgetting, stems: tuple[str, ...]
) -> Iterator[str]:
    """Take the copies out of the archive; say how that went."""
    waiting = [one for one in forgetting.left() if one.thing.name.startswith(stems)]
    if not waiting:
        return
    many = "1 file" if len(waiting) == 1 else f"{len(waiting)} files"
    begins = [stem for stem in stems if any(one.thing.name.startswith(stem) for one in waiting)]
    by_hand = f"To delete them by hand, look for {' and '.join(f'{stem}…' for stem in begins)}."
    if not asked.on:
        yield f"Copies of {many} may be in the archive that was used before. {by_hand}"
        return
    if asked.append_only:
        yield f"Copies of {many} stay in {asked.place}: this key may only put. {by_hand}"
        return
    archive = make_archive(asked)
    one = waiting[0]
    try:
        for one in waiting:
            remove_copies(archive, one.thing.name)
            forgetting.forgotten(one.thing.name)
    except WhosThereError as trouble:
        ArchiveOutbox(forgetting.database).put_off(
            one.thing.name, one.attempts + 1, datetime.now(UTC), str(trouble)
        )
        yield f"Copies of {many} are still in {asked.place}. {trouble}"
        yield f"It is tried again while whosthere runs; see 'whosthere archive status'. {by_hand}"
    else:
        yield f"So are the copies of {many} in {asked.place}."


def _in_slack(
    settings: Settings, store: SqliteStore, incidents: Sequence[Incident]
) -> Iterator[str]:
    """Delete what alerts and questions show of them; say how that went."""
    since = min(one.started for one in incidents) - DAY
    for asked in settings.messengers:
        if not isinstance(asked, SlackSettings):
            continue
        cards = SlackMessages(store.database, asked.name).since(since)
        try:
            from whosthere.messaging.slack import forgetting  # noqa: PLC0415 - needs an extra

            shown = forgetting.cards_of(cards, {one.id for one in incidents})
            if shown:
                tokens = read_tokens(asked, settings.storage.folder)
                forgetting.delete_files(asked, tokens, shown, settings.house.zone)
        except WhosThereError as trouble:
            yield f"In Slack, they are still to be seen: {trouble} Then give this command again."
        else:
            if shown:
                yield "So are the pictures of its alert in Slack; those people asked for stay."
