"""Measures incidents and makes examples of tags, in the background, from what is stored.

The tag is what is remembered, in the transaction of the house. Everything else follows from it, the
incident, the ledger and the picture: so an example may be made anew at any time, and a crash or
power cut at any point leaves a tag whose example is still missing, and is made at the next look.
The files come first, each written whole; the row that names them comes last.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from errno import EACCES
from pathlib import Path

from whosthere.app.dataset_past import policies, settled
from whosthere.core.errors import StoreTrouble
from whosthere.core.model import Incident
from whosthere.core.questions import Pick
from whosthere.learning import dataset
from whosthere.learning.dataset_examples import make_example
from whosthere.learning.examples import (
    FEATURE_VERSION,
    Example,
    Numbers,
    example_as_json,
    example_from_json,
    numbers_as_json,
    numbers_from_json,
)
from whosthere.recording import names
from whosthere.recording.pictures import write_whole
from whosthere.recording.retention import IncidentFiles, delete
from whosthere.storage.learning import Learning, TagToKeep
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

log = logging.getLogger(__name__)

AT_ONCE = 50  # incidents or tags in one go
SETTLED = timedelta(seconds=10)  # after the end of an incident: its picture is on disk by then
BACK = timedelta(days=30)  # incidents that are measured, as the ledger reaches


@dataclass(frozen=True, slots=True)
class Gathering:
    """Brings numbers and examples up to date with incidents and tags."""

    store: SqliteStore
    ledger: SqliteLedger
    folder: Path
    detector: tuple[str, str]  # name and SHA-256
    zone: tzinfo | None = None

    @property
    def learning(self) -> Learning:
        return Learning(self.store.database)

    def gather(self, now: datetime) -> int:
        """Do a part of what is to be done; return how many things that were."""
        with suppress(StoreTrouble):  # told by the store, and tried again a minute later
            return self.measure(now) + self.keep_examples(now)
        return 0

    def all(self, now: datetime) -> None:
        """Do all of it."""
        while self.gather(now):
            pass

    def measure(self, now: datetime) -> int:
        """Measure incidents that are over."""
        found = self.learning.unmeasured(FEATURE_VERSION, now - BACK, AT_ONCE)
        over = [one for one in found if one.ended is not None and now - one.ended >= SETTLED]
        if over:
            measured = self.numbers_of(over)
            bodies = {name: numbers_as_json(numbers) for name, numbers in measured.items()}
            self.learning.keep_numbers(bodies, FEATURE_VERSION)
        return len(over)

    def numbers_of(self, incidents: Sequence[Incident]) -> dict[str, Numbers]:
        """Measure incidents by the rules of their time."""
        stretches = [dataset.stretch_of(one) for one in incidents]
        past = settled(self.store, min(s for s, _ in stretches), max(u for _, u in stretches))
        policy_at = policies(self.store)
        found = {}
        for one, (since, until) in zip(incidents, stretches, strict=True):
            rules = dataset.Rules(past.at, policy_at(one.started), self.zone)
            decided = dataset.as_then(one, self.ledger.history(since, until)) or dataset.alone(
                one.camera, self.ledger.read(one.camera, since, until), rules
            )
            found[one.id] = dataset.measure(one, decided, rules)
        return found

    def keep_examples(self, now: datetime) -> int:
        """Make an example of each tag that has none."""
        waiting = self.learning.tags_to_keep(AT_ONCE)
        over = [one for one in waiting if now - (one.incident.ended or now) >= SETTLED]
        picks = {pick.incident_id: pick for pick in self.learning.picks()} if over else {}
        kept = 0
        for one in over:
            try:
                self._keep(one, picks.get(one.incident.id))
                kept += 1
            except OSError as error:
                log.warning("no example of %s yet: %s", one.incident.id, error.strerror)
        return kept

    def _keep(self, one: TagToKeep, pick: Pick | None) -> None:
        incident = one.incident
        stem = stem_of(incident)
        made = make_example(
            incident,
            one.tags,
            self._numbers(incident),
            pick=pick,
            picture=self._picture(incident, f"{stem}.jpg"),
            stem=stem,
            detector=self.detector,
            zone=self.zone,
        )
        for name, content in made.files.items():
            write_whole(self.folder / name, content)
        sidecar = self.folder / f"{stem}.json"
        write_whole(sidecar, example_as_json(made.example, indent=1).encode())
        body = example_as_json(made.example)
        self.learning.keep_example(incident, one.last_id, FEATURE_VERSION, body)

    def forget_pictures(self, incident: Incident) -> None:
        """Delete all that shows what happened; the numbers and the answer stay.

        Raises OSError if a file of the example cannot be deleted.
        """
        kept = [one for one in self.store.files_for_retention() if one.incident_id == incident.id]
        doomed = [
            IncidentFiles(one.incident_id, one.files, 0, one.ended, one.tagged, one.alerted)
            for one in kept
        ]
        gone = {name for one in delete(self.folder, doomed) for name in one.files}
        if not all(gone.issuperset(one.files) for one in doomed):
            raise OSError(EACCES, "see the warnings")
        self.store.forget_files([one.incident_id for one in doomed])
        body = self.learning.example(incident.id)
        if body is not None:
            self._forget_example(example_from_json(body), stem_of(incident))

    def _forget_example(self, example: Example, stem: str) -> None:
        for name in (*(crop.file for crop in example.crops), f"{stem}.jpg"):
            (self.folder / name).unlink(missing_ok=True)
        bare = replace(example, picture=None, crops=(), width=0, height=0)
        write_whole(self.folder / f"{stem}.json", example_as_json(bare, indent=1).encode())
        self.learning.change_example(example.id, example_as_json(bare))

    def _numbers(self, incident: Incident) -> Numbers:
        """As they were measured while the ledger still had them, or as it has them now."""
        known = self.learning.example(incident.id)
        if known is not None:
            return example_from_json(known).numbers
        measured = self.learning.numbers_of(incident.id)
        if measured is not None:
            return numbers_from_json(measured)
        return self.numbers_of([incident])[incident.id]

    def _picture(self, incident: Incident, own: str) -> bytes | None:
        """The incident's picture, or the example's own copy when that is gone."""
        for name in (incident.picture, own):
            if name is not None:
                with suppress(FileNotFoundError):
                    return (self.folder / name).read_bytes()
        return None


def stem_of(incident: Incident) -> str:
    """What an example's files begin with: beside the incidents, so that no clean-up sees them."""
    return names.stem(incident).replace("incidents/", "examples/", 1)


def examples_of(
    store: SqliteStore,
    since: datetime | None = None,
    until: datetime | None = None,
    camera: str | None = None,
) -> list[Example]:
    """Return all examples of a time, oldest first: what tuning learns from."""
    found = Learning(store.database).examples(since, until, camera)
    return [example_from_json(body) for body in found]
