"""Finds descriptions of routers: the ready ones by their names, or in a file of one's own."""

import tomllib
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from whosthere.core.errors import BadSettings
from whosthere.presence.steps import Description

READY = files("whosthere.presence") / "routers"


def ready_names() -> tuple[str, ...]:
    """Name the ready descriptions."""
    names = (one.name for one in READY.iterdir())
    return tuple(sorted(one.removesuffix(".toml") for one in names if one.endswith(".toml")))


def ready(name: str) -> Description:
    """Return one of them."""
    text = (READY / f"{name}.toml").read_text(encoding="utf-8")
    return parsed(text, name)


def from_file(path: Path) -> Description:
    """Read a description from a file."""
    try:
        return parsed(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        why = "there is no such file"
    except UnicodeDecodeError:
        why = "it is no text file in UTF-8"
    except OSError as error:
        why = error.strerror or "it cannot be read"
    raise BadSettings(f"{path}, the description of a router: {why}.")


def parsed(text: str, name: str) -> Description:
    """Read a description, or say all that is wrong with it."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{name} is not valid TOML: {error}.") from None
    try:
        return Description.model_validate(table)
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(part) for part in one['loc']) or 'as a whole'}: "
            f"{one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_input=False, include_url=False)
        ]
        told = "\n".join(lines)
        raise BadSettings(f"{name} describes no router that can be asked:\n{told}") from None
