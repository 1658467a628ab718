"""Dashboard and alert rules speak of measures that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.monitoring.conftest import Home
from whosthere.app.prometheus_config import scrape, text_of
from whosthere.app.settings import parse
from whosthere.core.errors import BadSettings
from whosthere.monitoring.exposition import Exposition

HERE = Path(__file__).parent
NAME = re.compile(r"\b(?:whosthere|process)_[a-z_]+\b")
DEPENDS = {"whosthere_temperature_celsius"}  # on the machine
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs Debian's package prometheus"
)
CAMERA = '[cameras.front]\nkind = "file"\npath = "film.mp4"\n[web]\nlisten = "0.0.0.0:8642"\n'


def dashboard() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(text_of("grafana"))
    return made


def queries() -> Iterator[str]:
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]
    for note in dashboard()["annotations"]["list"]:
        yield note["expr"]


def names(home: Home) -> set[str]:
    """All that a scrape knows: names of samples, and of families without samples."""
    text, _ = Exposition(home.measures.all).text()
    families = list(text_string_to_metric_families(text.decode()))
    return {one.name for one in families} | {s.name for one in families for s in one.samples}


@pytest.mark.parametrize("where", ["dashboard", "rules"])
def test_every_query_is_about_a_measure_that_exists(eventful: Home, where: str):
    text = {"dashboard": "\n".join(queries()), "rules": text_of("alerts")}[where]
    asked = set(NAME.findall(text)) - DEPENDS

    assert 7 < len(asked)
    assert set() == asked - names(eventful)


def test_the_dashboard_is_as_grafana_reads_it():
    made = dashboard()
    panels = [one for one in made["panels"] if one["type"] != "row"]

    assert {"uid", "title", "schemaVersion", "panels", "templating", "time"} <= set(made)
    assert len(made["panels"]) == len({one["id"] for one in made["panels"]})
    assert {"stat", "timeseries"} == {one["type"] for one in panels}
    assert {"${datasource}"} == {t["datasource"]["uid"] for one in panels for t in one["targets"]}
    assert all(one["title"] and one["targets"] and one["gridPos"]["w"] <= 24 for one in panels)


def test_no_panel_covers_another():
    places = [one["gridPos"] for one in dashboard()["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@needs_promtool
def test_promtool_reads_every_query_of_the_dashboard(tmp_path: Path):
    rules = [
        {"record": f"query:{number}", "expr": expr.replace("$job", "whosthere")}
        for number, expr in enumerate(queries())
    ]
    file = tmp_path / "queries.json"  # JSON is YAML too
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    told = subprocess.run(
        ["promtool", "check", "rules", file], capture_output=True, check=False, timeout=30
    )

    assert 0 == told.returncode, told.stderr.decode()


@needs_promtool
def test_each_alert_fires_when_it_should_and_not_before():
    told = subprocess.run(
        ["promtool", "test", "rules", HERE / "alerts_test.yml"],
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert 0 == told.returncode, (told.stdout + told.stderr).decode()


@needs_promtool
@pytest.mark.parametrize("more", ["", "metrics_without_token = true\n"])
def test_prometheus_takes_what_it_is_told_of_us(tmp_path: Path, more: str):
    file = tmp_path / "prometheus.yml"
    text = scrape(parse(CAMERA + more, "test"))
    file.write_text(text)
    told = subprocess.run(
        ["promtool", "check", "config", "--syntax-only", file],
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert 0 == told.returncode, (told.stdout + told.stderr).decode()
    assert '["127.0.0.1:8642"]' in text
    assert ("credentials_file" in text) is not bool(more)


def test_without_a_web_server_there_is_nothing_to_scrape():
    with pytest.raises(BadSettings, match="Nothing listens"):
        scrape(parse(CAMERA.partition("[web]")[0], "test"))
