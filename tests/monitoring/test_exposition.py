"""Prometheus's own parser and promtool read the page."""

import shutil
import subprocess

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_open_metrics,
)
from prometheus_client.parser import text_string_to_metric_families

from tests.monitoring.conftest import Home
from whosthere.monitoring.exposition import Exposition

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


def values(home: Home) -> dict[tuple[str, ...], float]:
    """Name and labels of each sample → its value."""
    text, _ = Exposition(home.measures.all).text()
    return {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(text.decode())
        for one in family.samples
    }


def test_all_that_happened_is_shown(eventful: Home):
    shown = values(eventful)
    expected = {
        ("whosthere_frames_total", "garden"): 0.0,
        ("whosthere_incidents_total", "front", "person"): 1.0,
        ("whosthere_incidents_total", "garden", "person"): 0.0,
        ("whosthere_alerts_total", "front", "person"): 1.0,
        ("whosthere_alert_latency_seconds_count", "test"): 1.0,
        ("whosthere_alert_latency_seconds_sum", "test"): 2.5,
        ("whosthere_alert_latency_seconds_bucket", "2.0", "test"): 0.0,
        ("whosthere_alert_latency_seconds_bucket", "3.0", "test"): 1.0,
        ("whosthere_camera_up", "front"): 1.0,
        ("whosthere_camera_up", "garden"): 0.0,
        ("whosthere_mode", "away"): 1.0,
        ("whosthere_mode", "home"): 0.0,
        ("whosthere_armed", "front"): 1.0,
        ("whosthere_tick_age_seconds",): 0.0,
        ("whosthere_part_ok", "messenger test"): 0.0,
        ("whosthere_part_ok", "database"): 1.0,
        ("whosthere_part_trouble_seconds", "messenger test"): 697.5,
        ("whosthere_under_voltage",): 1.0,
        ("whosthere_slowed_down", "throttled"): 1.0,
        ("whosthere_slowed_down", "capped"): 0.0,
        ("whosthere_slowed_down", "hot"): 0.0,
    }

    assert expected == {key: shown.get(key) for key in expected}
    assert 100 < shown["whosthere_frames_total", "front"]
    assert 0 < shown["whosthere_outbox_waiting", "test"]
    assert 1e6 < shown["process_resident_memory_bytes",]
    assert 0 < shown["whosthere_disk_free_bytes",] < shown["whosthere_disk_size_bytes",]


def test_what_is_wrong_is_told_without_secrets_and_numbers(eventful: Home):
    assert (
        "whosthere_part_trouble_info",
        "messenger test",
        "Slack does not answer for N s: token=***",
    ) in values(eventful)


def test_a_machine_that_tells_nothing_of_its_power_has_no_measure_of_it(home: Home):
    assert [] == [key for key in values(home) if "voltage" in key[0] or "slowed" in key[0]]


def test_a_part_that_is_new_shows_up_by_itself(home: Home):
    before = values(home)
    home.house.health.started("pan and tilt", 0.0)
    home.house.health.noted("board", "The power supply is too weak.")
    after = values(home)

    new = {key: value for key, value in after.items() if key[0] == "whosthere_part_ok"}
    assert ("whosthere_part_ok", "board") not in before
    assert 0.0 == new["whosthere_part_ok", "board"]
    assert 1.0 == new["whosthere_part_ok", "pan and tilt"]


def test_counters_never_go_back(eventful: Home):
    counts = [
        {key: value for key, value in values(eventful).items() if key[0].endswith("_total")}
        for _ in range(2)
    ]

    assert [] == [key for key, value in counts[0].items() if counts[1][key] < value]


def test_open_metrics_is_spoken_to_who_asks_for_it(eventful: Home):
    text, kind = Exposition(eventful.measures.all).text(OPEN_METRICS)
    families = {one.name for one in parse_open_metrics(text.decode())}

    assert kind.startswith("application/openmetrics-text")
    assert {"whosthere_frames", "whosthere_motion_seconds", "whosthere_part_ok"} <= families


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs Debian's package prometheus")
def test_promtool_finds_no_fault(eventful: Home):
    text, _ = Exposition(eventful.measures.all).text()
    told = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, check=False, timeout=30
    )

    assert (b"", 0) == (told.stdout + told.stderr, told.returncode)


def test_nothing_is_read_between_two_askings(home: Home):
    asked = []

    def measuring():
        asked.append(True)
        return home.measures.all()

    exposition = Exposition(measuring)
    assert [] == asked
    exposition.text()
    assert [True] == asked
