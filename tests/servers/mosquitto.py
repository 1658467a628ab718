"""A real Mosquitto for tests, with a user and a password, that can be stopped and started."""

import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from paho.mqtt import publish

from tests.servers.routers import CERTIFICATE

USER, PASSWORD = "whosthere", "br0ker"
MISSING = shutil.which("mosquitto") is None and not Path("/usr/sbin/mosquitto").exists()
PATH = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
PATIENCE = 10.0  # seconds until it listens


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@dataclass
class Mosquitto:
    """One broker; its sessions and retained messages survive only if it keeps them on disk."""

    folder: Path
    tls: bool = False
    keeps: bool = False
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        passwords = self.folder / "passwords"
        if not passwords.exists():
            subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, USER, PASSWORD], check=True)
        lines = [
            "user root", f"listener {self.port} 127.0.0.1", "allow_anonymous false",
            f"password_file {passwords}", "persistent_client_expiration 1h",
        ]  # fmt: skip
        if self.tls:
            lines += [f"certfile {CERTIFICATE}", f"keyfile {CERTIFICATE}"]
        if self.keeps:
            lines += ["persistence true", f"persistence_location {self.folder}/"]
        settings = self.folder / "mosquitto.conf"
        settings.write_text("\n".join(lines) + "\n")
        self._process = subprocess.Popen(
            [PATH, "-c", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < until, "the broker does not start"
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def say(self, topic: str, text: str, *, retain: bool = False) -> None:
        publish.single(
            topic, text, qos=1, retain=retain, hostname="127.0.0.1", port=self.port,
            auth={"username": USER, "password": PASSWORD},
            tls={"ca_certs": str(CERTIFICATE)} if self.tls else None,
        )  # fmt: skip
