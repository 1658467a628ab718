"""Keeps clips, pictures and previews of incidents. Does all its work when pumped."""

import logging
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import av

from whosthere.core.messages import Kept
from whosthere.core.model import Incident
from whosthere.core.sighting import Sighting
from whosthere.recording import names
from whosthere.recording.clips import Clip, File
from whosthere.recording.pictures import Draw, Pictures, write_whole
from whosthere.recording.pre_roll import PreRoll
from whosthere.recording.preview import Span, make_preview
from whosthere.recording.settings import Recorded
from whosthere.recording.trouble import OnTrouble, Trouble, is_full

log = logging.getLogger(__name__)

RETRY_SECONDS = (
    5.0  # after trouble with the disk; less than what the rings hold beyond the pre-roll
)
GIVE_UP_SECONDS = 30.0  # after the end of a clip that still cannot be written
LONGEST_LEAD = 60.0  # seconds from the first motion to the incident; more is a jump of the clock
PREVIEW_MARGIN = 1.0  # seconds that a preview shows before and after the motion


@dataclass(slots=True)
class _Job:
    """A clip that is being written."""

    incident: Incident
    clip: Clip
    told: bool = False


@dataclass(slots=True, eq=False)
class IncidentRecorder:
    """Fulfils `core.ports.Recorder`.

    `record` and `keep_picture` only note what is wanted and may be called from any thread. `pump`
    does the work: a thread calls it a few times a second, or the analysis of a file after each
    frame. `clock` tells the time that packets are stamped with, also when there are none.
    """

    folder: Path  # of the data; all names are below it
    rings: Mapping[str, PreRoll]  # by camera; one without is recorded in pictures only
    put: Callable[[Kept], None]
    draw: Draw
    clock: Callable[[], float]
    pre_roll_seconds: float = 5.0
    post_roll_seconds: float = 5.0
    longest_seconds: float = 120.0
    which: Recorded = Recorded.INCIDENTS
    preview: bool = True
    preview_seconds: float = 0.1  # that one pump may spend on previews
    least_free_bytes: int = 0
    make_room: Callable[[], int] = lambda: 0  # deletes old files; says how many bytes that gave
    on_trouble: OnTrouble = lambda _: None
    _lock: Lock = field(default_factory=Lock, init=False)
    _wanted: dict[str, Incident] = field(default_factory=dict, init=False)
    _jobs: dict[str, _Job] = field(default_factory=dict, init=False)
    _previews: deque[tuple[Incident, Iterator[bytes | None]]] = field(
        default_factory=deque, init=False
    )
    _pictures: Pictures = field(init=False)
    _trouble: Trouble = field(init=False)
    _retry_at: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self._pictures = Pictures(self.folder, self.draw)
        self._trouble = Trouble(self.folder, self.on_trouble)

    def keep_picture(self, incident: Incident, sighting: Sighting) -> None:
        self._pictures.keep(incident, sighting)

    def record(self, incident: Incident) -> None:
        with self._lock:
            self._wanted[incident.id] = incident

    def pump(self) -> None:
        """Do what is to be done now, and tell what is finished."""
        now = self.clock()
        self._take_wishes()
        if now >= self._retry_at:
            self._write_pictures(now)
            for job in list(self._jobs.values()):
                self._write_clip(job, now, job.clip.pump)
            if not self._jobs and self._trouble.told:
                self._trouble.try_again()
                self._retry_at = now + RETRY_SECONDS
        self._make_previews(time.monotonic() + self.preview_seconds)

    def finish(self, seconds: float) -> None:
        """Close all, at shutdown. Previews that are not done in time are left out."""
        deadline = time.monotonic() + seconds
        now = self.clock()
        self._take_wishes()
        self._write_pictures(now)
        for job in list(self._jobs.values()):
            self._write_clip(job, now, job.clip.pump)
            self._write_clip(job, now, job.clip.close)
        self._jobs.clear()
        self._make_previews(deadline)
        self._previews.clear()

    def _take_wishes(self) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, {}
        for incident in wanted.values():
            job = self._jobs.get(incident.id) or self._begun(incident)
            if job is not None:
                self._jobs[incident.id] = job
                job.incident = incident
                if incident.ended is not None:  # told late; it was over when it was last seen
                    job.clip.ends = incident.last_seen_clock + self.post_roll_seconds

    def _begun(self, incident: Incident) -> _Job | None:
        ring = self.rings.get(incident.camera)
        told = incident.alert_id is not None
        if ring is None or not (
            self.which is Recorded.INCIDENTS or (self.which is Recorded.ALERTS and told)
        ):
            return None
        with suppress(OSError):  # a missing folder is made later, or told of then
            if shutil.disk_usage(self.folder).free < self.least_free_bytes:
                self.make_room()
        begins = _clock_of_motion(incident) - self.pre_roll_seconds

        def path(part: int) -> Path:
            return self.folder / names.recording(incident, part)

        return _Job(incident, Clip(ring, path, begins, self.longest_seconds))

    def _write_pictures(self, now: float) -> None:
        try:
            for kept in self._pictures.write():
                self.put(kept)
                self._trouble.over()
        except OSError as error:
            self._troubled(error, now)

    def _write_clip(self, job: _Job, now: float, work: Callable[[float], None]) -> None:
        try:
            work(now)
            if job.clip.writing:
                self._trouble.over()
        except (av.FFmpegError, ValueError) as error:
            log.warning("%s: no clip, its video cannot be read: %s", job.incident.camera, error)
            job.clip.give_up()
        except OSError as error:
            job.clip.start_anew()
            self._troubled(error, now)
            if now > job.clip.ends + GIVE_UP_SECONDS:
                job.clip.give_up()
        if job.clip.files and not job.told:
            job.told = True
            self._tell_clip(job, job.clip.files[0])
        if job.clip.over:
            self._jobs.pop(job.incident.id, None)

    def _tell_clip(self, job: _Job, file: File) -> None:
        name = file.path.relative_to(self.folder).as_posix()
        self.put(Kept(job.incident, recording=name))
        if self.preview:
            first, last = _clock_of_motion(job.incident), job.incident.last_seen_clock
            begin = max(0.0, first - PREVIEW_MARGIN - file.began)
            end = max(begin, last + PREVIEW_MARGIN - file.began)
            self._previews.append((job.incident, make_preview(file.path, Span(begin, end))))

    def _make_previews(self, until: float) -> None:
        while self._previews and time.monotonic() < until:
            incident, steps = self._previews[0]
            try:
                made = next(steps, b"")
                if made:
                    name = names.preview(incident)
                    write_whole(self.folder / name, made)
                    self.put(Kept(incident, preview=name))
            except (av.FFmpegError, OSError) as error:
                log.warning("%s: no preview: %s", incident.id, error)
                made = b""
            if made is not None:
                self._previews.popleft()

    def _troubled(self, error: OSError, now: float) -> None:
        """Make room if that helps, else say what is wrong and try again later."""
        if not (is_full(error) and self.make_room()):
            self._trouble.happened(error)
            self._retry_at = now + RETRY_SECONDS


def _clock_of_motion(incident: Incident) -> float:
    lead = (incident.started - incident.first_motion).total_seconds()
    return incident.started_clock - min(max(lead, 0.0), LONGEST_LEAD)
