"""Takes copies of what somebody wished to be forgotten out of the archive.

What has to go is noted first, in the rows of the outbox, so a power cut or an archive that is away
puts it off and no more. A file that was on its way meanwhile is taken out once it has arrived.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from whosthere.core.errors import ArchiveTrouble
from whosthere.core.ports import Archive
from whosthere.storage.archive.outbox import Waiting, to_waiting
from whosthere.storage.archive.things import key_of, name_of
from whosthere.storage.database import Database
from whosthere.storage.moments import as_text

NUMBERS = ".json"  # beside an example's pictures: they show nobody, and stay
DOOM = """
    UPDATE archive SET state = 'doomed', here = 0, looked = 1, attempts = 0,
        next_try = NULL, upload = NULL, why = NULL
    WHERE substr(name, 1, length(:stem)) = :stem
        AND substr(name, length(:stem) + 1, 1) IN ('.', '_')
        AND state != 'forgotten' AND substr(name, -5) != :numbers
"""


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The rows of files whose copies must go. Safe to use from any thread."""

    database: Database

    def doom(self, stems: Iterable[str]) -> None:
        """Note that no copy of any file may stay whose name begins so. Do it before deleting."""
        with self.database.writing() as connection:
            for stem in stems:
                connection.execute(DOOM, {"stem": stem, "numbers": NUMBERS})

    def left(self) -> list[Waiting]:
        """All whose copies have yet to go, the oldest first."""
        return self._found("ORDER BY at, name")

    def due(self, now: datetime) -> Waiting | None:
        """Return what is to be tried next."""
        found = self._found(
            "AND coalesce(next_try, '') <= ? ORDER BY attempts, at, name LIMIT 1", as_text(now)
        )
        return found[0] if found else None

    def forgotten(self, name: str) -> None:
        """Its copies are gone, and no other shall be made."""
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE archive SET state = 'forgotten', key = NULL, sha256 = NULL,"
                " next_try = NULL, why = NULL WHERE name = ? AND state = 'doomed'",
                (name,),
            )

    def _found(self, more: str, *values: str | None) -> list[Waiting]:
        with self.database.reading() as connection:
            rows = connection.execute(
                f"SELECT *, 0 AS urgent FROM archive WHERE state = 'doomed' {more}",  # noqa: S608 - ours
                values,
            ).fetchall()
        return [to_waiting(row) for row in rows]


def remove_copies(archive: Archive, name: str) -> int:
    """Delete every version of a file that the archive has. Returns how many there were.

    Raises ArchiveTrouble if one of them stays, as where the key may not delete.
    """
    first = key_of(name)
    folder = first.rpartition("/")[0]
    keys = [copy.key for copy in archive.copies(f"{folder}/") if name_of(copy.key) == first]
    for key in keys:
        archive.remove(key)
        if archive.find(key) is not None:
            raise ArchiveTrouble(f"{key} is still there after it was deleted.")
    return len(keys)
