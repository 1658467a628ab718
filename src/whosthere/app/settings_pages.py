"""The commented example and the reference page of the settings, made from their models."""

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from whosthere.app.settings_shape import (
    element,
    in_toml,
    in_words,
    is_model,
    kinds,
    limits,
)

Model = type[BaseModel]

EXAMPLE_TOP = """\
# Settings of Who's There. Save as whosthere.toml, put your camera in, and try it:
#
#     whosthere settings --check whosthere.toml
#     whosthere check
#     whosthere run
#
# A line that begins with # shows a default: take the # away to change it.
# Passwords do not belong here: say where they are, as the comments tell.
"""
REFERENCE_TOP = """\
# Settings

This page is made by `whosthere settings --reference`. `whosthere settings` prints the same as a
commented [example](whosthere.example.toml), and `whosthere settings --check FILE` tells what is
wrong with yours.

Settings are read from the file named by `--settings`, else by the environment's
`WHOSTHERE_SETTINGS`, else from `whosthere.toml` in the folder where the program starts.
"""
NAMES = {"cameras": "front", "messengers": ""}  # of the tables that one can have several of


def example(root: Model) -> str:
    """Return a whole file, with everything that can be set."""
    return "\n".join([EXAMPLE_TOP, *_example_tables(root)])


def _example_tables(root: Model) -> Iterator[str]:
    for name, field in root.model_fields.items():
        if is_model(field.annotation):
            yield _table(f"[{name}]", field.annotation)
        elif name == "cameras":
            yield from _example_cameras(element(field.annotation))
        else:
            yield from (
                _silent(_table(f"[[{name}]]", model, kind))
                for kind, model in kinds(element(field.annotation)).items()
            )


def _example_cameras(section: Model) -> Iterator[str]:
    source = section.model_fields["source"]
    name = NAMES["cameras"]
    for number, (kind, model) in enumerate(kinds(source.annotation).items()):
        table = _table(f"[cameras.{name if not number else kind}]", model, kind)
        yield table if not number else _silent(table)
        if not number:
            yield from (
                _table(f"[cameras.{name}.{part}]", field.annotation)
                for part, field in section.model_fields.items()
                if part != "source"
            )


def _table(head: str, model: Any, kind: str = "") -> str:  # noqa: ANN401 # a model
    lines = [*_comment(_doc(model)), head]
    if kind:
        lines.append(f'kind = "{kind}"')
    for name, field in model.model_fields.items():
        if name == "kind":
            continue
        lines += _comment(_meaning(field))
        mark = "" if field.is_required() else "#"
        lines.append(f"{mark}{name} = {in_toml(_shown(field))}")
    return "\n".join(lines) + "\n"


def _silent(table: str) -> str:
    """Make comments of all lines, so that a table is shown and not there."""
    return "".join(f"{line if line[:1] == '#' else '#' + line}\n" for line in table.splitlines())


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, 96)]


def _doc(model: Model) -> str:
    return " ".join((model.__doc__ or "").split())


def _meaning(field: FieldInfo) -> str:
    return ". ".join(part.rstrip(".") for part in (field.description or "", _allowed(field))) + "."


def _allowed(field: FieldInfo) -> str:
    within = limits(field)
    words = in_words(field.annotation)
    return (words[:1].upper() + words[1:]) + (f", {within}" if within else "")


def _shown(field: FieldInfo) -> Any:  # noqa: ANN401 # any value there is
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    if default is not None and default not in ((), {}, [], frozenset()):
        return default
    return field.examples[0] if field.examples else ("" if default is None else default)


def reference(root: Model) -> str:
    """Return the reference page."""
    return "\n".join([REFERENCE_TOP, *_reference_tables(root)])


def _reference_tables(root: Model) -> Iterator[str]:
    for name, field in root.model_fields.items():
        if is_model(field.annotation):
            yield _section(f"`[{name}]`", field.annotation)
            continue
        inner = element(field.annotation)
        if name == "cameras":
            yield from _reference_cameras(inner)
        else:
            yield from (
                _section(f'`[[{name}]]`, `kind = "{kind}"`', model)
                for kind, model in kinds(inner).items()
            )


def _reference_cameras(section: Model) -> Iterator[str]:
    for kind, model in kinds(section.model_fields["source"].annotation).items():
        yield _section(f'`[cameras.NAME]`, `kind = "{kind}"`', model)
    for part, field in section.model_fields.items():
        if part != "source":
            yield _section(f"`[cameras.NAME.{part}]`", field.annotation)


def _section(head: str, model: Any) -> str:  # noqa: ANN401 # a model
    rows = ["| Setting | Is | Default | Meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        if name == "kind":
            continue
        rows.append(f"| {' | '.join(_cells(name, field))} |")
    return "\n".join([f"## {head}", "", _doc(model), "", *rows]) + "\n"


def _cells(name: str, field: FieldInfo) -> Iterable[str]:
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    shown = "needed" if field.is_required() else f"`{in_toml(default)}`"
    words = _allowed(field)
    return (
        f"`{name}`",
        words[:1].lower() + words[1:],
        "" if default is None and not field.is_required() else shown,
        (field.description or "").replace("|", "\\|"),
    )
