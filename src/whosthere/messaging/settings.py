"""What may be set about messengers: a class for each kind, chosen by `kind`.

Slack's is beside its adapter; it also takes requests, so the program builds it with other parts.
"""

import importlib
import os
from collections.abc import Callable, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from whosthere.core.errors import BadSettings
from whosthere.core.ports import Messenger
from whosthere.messaging.slack.settings import SlackSettings

ADAPTERS = {  # kind → module:class, imported only when used
    "console": "whosthere.messaging.console:Console",
    "webhook": "whosthere.messaging.webhook:Webhook",
}
NAME = r"^[a-z0-9_-]+$"


class _Messenger(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ConsoleSettings(_Messenger):
    """A line on the terminal for each alert."""

    kind: Literal["console"]
    name: str = Field(
        "console",
        pattern=NAME,
        description="What it is called in messages, and by what the database knows it.",
    )


class WebhookSettings(_Messenger):
    """An HTTP request for each alert, as Home Assistant, Node-RED or n8n take them.

    A token for the header `Authorization: Bearer` and a secret for signatures are read from the
    environment, WHOSTHERE_<NAME>_TOKEN and WHOSTHERE_<NAME>_SECRET, or from files.
    """

    kind: Literal["webhook"]
    name: str = Field(
        "webhook",
        pattern=NAME,
        description="What it is called in messages, and by what the database knows it.",
    )
    url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/@]+(/\S*)?$",
        description="Where to send to. Many such addresses hold a secret: then leave this out, and"
        " put the address into the environment as WHOSTHERE_<NAME>_URL, or into a url_file.",
        examples=["https://homeassistant.local:8123/api/webhook/front"],
    )
    url_file: Path | None = Field(
        None, description="File with the address and nothing else, in place of 'url'."
    )
    token_file: Path | None = Field(
        None,
        description="File with the token and nothing else. Without it, the environment variable"
        " WHOSTHERE_<NAME>_TOKEN is used, if it is set.",
    )
    secret_file: Path | None = Field(
        None,
        description="File with the secret that signs each request, and nothing else. Without it,"
        " the environment variable WHOSTHERE_<NAME>_SECRET is used, if it is set.",
    )
    timeout_seconds: float = Field(
        10.0, ge=1, le=120, description="How long to wait for the other side to answer."
    )

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if self.url is not None and self.url_file is not None:
            raise ValueError("set 'url' or 'url_file', not both")
        return self


MessengerSettings: TypeAlias = Annotated[
    ConsoleSettings | WebhookSettings | SlackSettings, Field(discriminator="kind")
]


def make_messenger(
    settings: ConsoleSettings | WebhookSettings,
    *,
    folder: Path,
    zone: tzinfo | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Messenger:
    """Build a messenger. `folder` holds pictures; `zone` is that of the readers."""
    if isinstance(settings, ConsoleSettings):
        return _adapter(settings.kind)(folder=folder, zone=zone)
    url = settings.url or _secret(settings.name, "url", settings.url_file, environment)
    if url is None:
        raise BadSettings(
            f"Messenger '{settings.name}' has no address. Set 'url', 'url_file' or the "
            f"environment's {variable(settings.name, 'url')}."
        )
    return _adapter(settings.kind)(
        url,
        token=_secret(settings.name, "token", settings.token_file, environment),
        secret=_secret(settings.name, "secret", settings.secret_file, environment),
        folder=folder,
        zone=zone,
        timeout_seconds=settings.timeout_seconds,
    )


def variable(name: str, what: str) -> str:
    """Name the environment variable that holds a secret."""
    return f"WHOSTHERE_{name}_{what}".upper().replace("-", "_")


def _secret(name: str, what: str, file: Path | None, environment: Mapping[str, str]) -> str | None:
    if file is None:
        return environment.get(variable(name, what)) or None
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        why = "does not exist"
    except PermissionError:
        why = "may not be read"
    except (OSError, UnicodeDecodeError):
        why = "is no text file"
    raise BadSettings(
        f"Messenger '{name}': its {what}_file {file} {why}. "
        f"Correct it, or leave it out and set {variable(name, what)}."
    )


def _adapter(kind: str) -> Callable[..., Messenger]:
    module, name = ADAPTERS[kind].split(":")
    made: Callable[..., Messenger] = getattr(importlib.import_module(module), name)
    return made
