"""What could not be written yet, kept in memory until the disk works again."""

from collections.abc import Callable, Sequence

from whosthere.core.model import Alert, Incident
from whosthere.core.ports import Storable
from whosthere.storage.records import Statement, statement

MOST = 5000  # things; some megabytes


class Pending:
    """A bounded list. An incident stands in it once, as it was last."""

    def __init__(self, most: int | None = None) -> None:
        self._most = MOST if most is None else most
        self._things: dict[object, tuple[Storable, Statement]] = {}
        self._count = 0
        self.dropped: list[Storable] = []

    def add(self, things: Sequence[Storable]) -> None:
        """Take all, or raise if one cannot be written down."""
        for thing, how in [(thing, statement(thing)) for thing in things]:
            self._count += 1
            key = thing.id if isinstance(thing, Incident) else self._count
            self._things[key] = thing, how
        while len(self._things) > self._most:
            thing, _ = self._things.pop(self._least_worth())
            self.dropped.append(thing)

    def _least_worth(self) -> object:
        """Incidents that told nobody go first, the oldest; then what is no alert; then all."""
        ranks: tuple[Callable[[Storable], bool], ...] = (
            lambda thing: isinstance(thing, Incident) and thing.alert_id is None,
            lambda thing: not isinstance(thing, Alert),
            lambda _: True,
        )
        return next(
            key for worth in ranks for key, (thing, _) in self._things.items() if worth(thing)
        )

    def all(self) -> list[tuple[object, tuple[Storable, Statement]]]:
        return list(self._things.items())

    def __len__(self) -> int:
        return len(self._things)

    def written(self, things: list[tuple[object, tuple[Storable, Statement]]]) -> None:
        """Let go of what is on disk now, unless there is news of it since."""
        for key, one in things:
            if self._things.get(key) is one:
                del self._things[key]
        self.dropped.clear()
