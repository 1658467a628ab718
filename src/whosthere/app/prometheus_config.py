"""`whosthere prometheus-config`: what Prometheus and Grafana need to watch us."""

import argparse
from importlib.resources import files
from urllib.parse import urlsplit

from whosthere.app.glances_config import base_address
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, say, settings_of
from whosthere.core.errors import BadSettings

WHAT = {"scrape": "prometheus.yml", "alerts": "alerts.yml", "grafana": "grafana.json"}
ACCESS = """    authorization: # whosthere web token prometheus --scope metrics
      credentials_file: /etc/prometheus/whosthere.token"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=list(WHAT),
        nargs="?",
        default="scrape",
        help="scrape: how it finds us (default); alerts: its rules; grafana: a dashboard to import",
    )
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    if chosen.what == "scrape":
        say(scrape(settings_of(chosen)).rstrip())
    else:
        say(text_of(chosen.what).rstrip())
    return 0


def text_of(what: str) -> str:
    return (files("whosthere.monitoring") / "files" / WHAT[what]).read_text(encoding="utf-8")


def scrape(settings: Settings) -> str:
    """Write how Prometheus on this machine finds us."""
    base = base_address(settings)
    if base is None:
        raise BadSettings(
            'Nothing listens. Put this into the settings:\n\n  [web]\n  listen = "127.0.0.1:8642"'
        )
    parts = urlsplit(base)
    access = "" if settings.web.metrics_without_token else ACCESS
    return (
        text_of("scrape")
        .replace("@SCHEME@", parts.scheme)
        .replace("@ACCESS@\n", f"{access}\n" if access else "")
        .replace("@PLACE@", parts.netloc)
    )
