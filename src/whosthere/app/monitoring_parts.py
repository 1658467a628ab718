"""Builds what others watch us by: the watchdog, the heartbeat, and the desk of `status`."""

import logging
from collections.abc import Callable

from whosthere.app.health import HealthBoard
from whosthere.app.settings import Settings
from whosthere.app.status_desk import StatusDesk
from whosthere.app.vitals import Vitals
from whosthere.app.watchdog import Watchdog
from whosthere.app.workers import Worker
from whosthere.core.errors import BadSettings
from whosthere.monitoring.heartbeat import Heartbeat
from whosthere.monitoring.systemd import Systemd

log = logging.getLogger(__name__)


def join_monitoring(
    settings: Settings, vitals: Vitals, health: HealthBoard, told: Callable[[str | None], None]
) -> list[Worker]:
    """Build a worker for each that is wanted."""
    desk = StatusDesk(settings.storage.folder, vitals)
    workers = [Worker("status", desk.run, health, desk.stop)]
    systemd = Systemd.of()
    if systemd.address:
        watchdog = Watchdog(systemd, vitals)
        workers.append(Worker("watchdog", watchdog.run, health, watchdog.stop))
    try:
        address = settings.heartbeat.address()
    except BadSettings as trouble:  # cameras are watched nevertheless
        told(str(trouble))
        return workers
    if address is not None:
        beating = Heartbeat(
            address,
            vitals.troubles,
            settings.heartbeat.every_seconds,
            settings.heartbeat.fail_path,
            told,
        )
        workers.append(Worker("heartbeat", beating.run, health, beating.stopping.set))
    return workers
