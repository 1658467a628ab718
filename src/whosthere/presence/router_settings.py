"""What may be set about routers that are asked over HTTP."""

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from whosthere.core.errors import BadSettings
from whosthere.named_secrets import variable
from whosthere.presence.descriptions import from_file, ready, ready_names
from whosthere.presence.filters import NAME as VALUE_NAME
from whosthere.presence.source_secrets import secret
from whosthere.presence.source_settings import NAME, SourceSettings
from whosthere.presence.steps import Description


class RouterSettings(SourceSettings):
    """A router that tells over HTTP who is connected, by a ready description or one of your own.

    `password` and `key` are read from the environment, WHOSTHERE_<NAME>_PASSWORD and
    WHOSTHERE_<NAME>_KEY, or from files.
    """

    kind: Literal["router"]
    name: str = Field(
        "router", pattern=NAME, description="What it is called in messages. Each has its own name."
    )
    url: str = Field(
        pattern=r"^https?://[^\s/@]+(/\S*)?$",
        description="Where the router is.",
        examples=["https://192.168.1.1"],
    )
    router: str | None = Field(
        None,
        description=f"A ready description: {', '.join(ready_names())}.",
        examples=["openwrt"],
    )
    description_file: Path | None = Field(
        None, description="File with a description of your own, in place of 'router'."
    )
    described: Description | None = Field(
        None,
        description="The description itself, as a table, in place of 'router'.",
        examples=[{"list": {"path": "/hosts.json", "devices": {"each": "*", "mac": "mac"}}}],
    )
    user: str | None = Field(
        None, description="Whom to log in as. An account that may only look is best."
    )
    password_file: Path | None = Field(
        None,
        description="File with the password and nothing else. Without it, the environment's"
        " WHOSTHERE_<NAME>_PASSWORD is used.",
    )
    key_file: Path | None = Field(
        None,
        description="File with the API key and nothing else. Without it, the environment's"
        " WHOSTHERE_<NAME>_KEY is used.",
    )
    values: dict[Annotated[str, Field(pattern=rf"^{VALUE_NAME}$")], str] = Field(
        default_factory=dict, description="Further values that the description wants, by name."
    )
    verify_tls: bool = Field(
        default=True, description="See that somebody known vouches for its certificate."
    )
    fingerprint: str | None = Field(
        None,
        pattern=r"^(?i:sha-?256[:=])?([0-9A-Fa-f]{2}:?){32}$",
        description="SHA-256 of its own certificate: then just this one is trusted."
        " 'whosthere presence check' shows it.",
        examples=["0123456789abcdef" * 4],
    )
    timeout_seconds: float = Field(
        10.0, ge=1, le=60, description="How long the router may take for one answer."
    )
    empty_is_failure: bool | None = Field(
        None,
        description="Whether an empty list is a failure, since at least this machine should stand"
        " there. None: as the description says.",
        examples=[True],
    )

    @model_validator(mode="after")
    def _one_description(self) -> Self:
        given = (self.router, self.description_file, self.described)
        if sum(one is not None for one in given) != 1:
            raise ValueError("set just one of 'router', 'description_file' and 'described'")
        known = ready_names()
        if self.router is not None and self.router not in known:
            near = difflib.get_close_matches(self.router, known, 1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            raise ValueError(
                f"there is no ready description '{self.router}'.{meant} There are"
                f" {', '.join(known)}"
            )
        return self

    def description(self) -> Description:
        if self.router is not None:
            return ready(self.router)
        if self.description_file is not None:
            return from_file(self.description_file)
        assert self.described is not None  # noqa: S101 - one of the three is
        return self.described

    def arguments(self) -> dict[str, Any]:
        """Find the description, and what it needs."""
        description = self.description()
        files = {"password": self.password_file, "key": self.key_file}
        given = {what: secret(self.name, what, file) for what, file in files.items()}
        given["user"] = self.user
        for what in sorted(description.needs()):
            if given[what] is None:
                where = "'user'" if what == "user" else f"{variable(self.name, what)}"
                raise BadSettings(
                    f"Presence source '{self.name}' needs a {what}. Set {where}"
                    f"{'' if what == 'user' else f' in the environment, or {what}_file'}."
                )
        return {
            "name": self.name,
            "url": self.url,
            "description": description,
            "given": {**self.values, **{k: v for k, v in given.items() if v is not None}},
            "verify_tls": self.verify_tls,
            "fingerprint": self.fingerprint,
            "timeout_seconds": self.timeout_seconds,
            "empty_is_failure": self.empty_is_failure,
        }
