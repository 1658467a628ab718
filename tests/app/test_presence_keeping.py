"""The running program keeps who was seen when."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whosthere.app.assemble import assemble
from whosthere.app.settings import parse
from whosthere.core.modes import Mode
from whosthere.core.periods import PeriodKind
from whosthere.core.requests import Asker, Request, Role
from whosthere.storage.presence_history import PresenceHistory
from whosthere.storage.sqlite import SqliteStore

PHONE = "a4:83:e7:12:34:56"


def test_what_a_source_sees_is_in_the_history_after_the_end(tmp_path: Path):
    leases = tmp_path / "leases"
    expiry = int(time.time()) + 3600
    leases.write_text(f"{expiry} {PHONE} 192.168.1.40 anns-phone *\n")
    settings = parse(
        f"""
        [storage]
        folder = "{tmp_path / "data"}"
        [cameras.front]
        kind = "usb"
        device = "/dev/not-there"
        [presence.people.Ann]
        devices = [{{ name = "ann-phone", mac = "{PHONE}" }}]
        [[presence.sources]]
        kind = "leases"
        file = "{leases}"
        says_who_is_home = true
        """,
        "test",
    )
    program = assemble(settings, mode=Mode.OFF)
    program.start()
    until = time.monotonic() + 10
    while not program.house_now.presence.seen and time.monotonic() < until:
        time.sleep(0.05)
    request = Request("arm home", Asker("ann", "Ann", Role.ADMIN, "test"), datetime.now(UTC))
    program.answers.answer(request)  # once it is done, so is all that came before
    assert program.stop()

    store = SqliteStore(settings.storage.database)
    kept = PresenceHistory(store.database).read(datetime.now(UTC) - timedelta(hours=2))
    store.close()
    kinds = {one.key.kind: one for one in kept}
    assert "ann-phone" == kinds[PeriodKind.SEEN].key.about
    assert "home" == kinds[PeriodKind.PERSON].how
    assert "leases" == kinds[PeriodKind.WORKING].key.source
