"""The commented example and the reference page of the settings, made from their models."""

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from whosthere.app.settings_shape import (
    bare,
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
# A line like '#days = 30' shows a default: take the # away to change it. Passwords do not belong
# here: the comments tell where to put them.
"""
REFERENCE_TOP = """\
# Settings

This page is made by `whosthere settings --reference`. `whosthere settings --all` prints the same
as a commented [example](whosthere.example.toml), `whosthere settings` a short one to begin with,
and `whosthere settings --check FILE` tells what is wrong with yours.

Settings are read from the file named by `--settings`, else by the environment's
`WHOSTHERE_SETTINGS`, else from `whosthere.toml` in the folder where the program starts.
"""
CAMERA = "front"
SOMEBODY = "ann"
FIRST_KIND = "rtsp"  # what most people have
TURNED_BY = {"usb": "hat", "file": "simulated"}  # where the example shows these
OWN_RULES = "Any of [rules], for this camera alone."
OBVIOUS = {"Text", "Path", "Number", "True or false"}  # the default shows it


def example(root: Model) -> str:
    """Return a whole file, with everything that can be set."""
    return "\n".join([EXAMPLE_TOP, *_example_tables(root)])


def _example_tables(root: Model) -> Iterator[str]:
    for name, field in root.model_fields.items():
        if is_model(field.annotation):
            yield from _example_table(name, field.annotation)
        elif name == "cameras":
            yield from _example_cameras(element(field.annotation))
        else:
            head = f"[{name}.my-{{}}]" if _is_named(field) else f"[[{name}]]"
            yield from (
                _silent(_table(head.format(kind), model, kind))
                for kind, model in kinds(element(field.annotation)).items()
            )


def _is_named(field: FieldInfo) -> bool:
    """Whether its tables have names, or stand in a list."""
    return get_origin(bare(field.annotation)) is dict


def _example_table(name: str, model: Any) -> Iterator[str]:  # noqa: ANN401 # a model
    """A table, and as comments the tables in it."""
    if len(inner := dict(_tables_in(model))) < len(model.model_fields):
        yield _table(f"[{name}]", model)
    for part, field in inner.items():
        held = element(field.annotation)
        if is_model(held):
            yield _silent(_table(f"[{name}.{part}.{SOMEBODY}]", held))
        for kind, one in kinds(held).items():
            yield _silent(_table(f"[[{name}.{part}]]", one, kind))


def _tables_in(model: Any) -> Iterator[tuple[str, FieldInfo]]:  # noqa: ANN401 # a model
    """Find the entries of a table that hold many tables: by name, or as a list of some kinds."""
    for name, field in model.model_fields.items():
        held = element(field.annotation)
        named = is_model(held) and _is_named(field)
        if named or kinds(held) or is_model(field.annotation):
            yield name, field


def _example_cameras(section: Model) -> Iterator[str]:
    models = _by_kind(section)
    yield _table(f"[cameras.{CAMERA}]", models[FIRST_KIND], FIRST_KIND)
    yield f"# {OWN_RULES}\n[cameras.{CAMERA}.rules]\n#quiet_seconds = 5.0\n"
    yield _table(f"[cameras.{CAMERA}.motion]", section.model_fields["motion"].annotation)
    pan_tilts = _pan_tilts(section)
    yield _silent(_table(f"[cameras.{CAMERA}.pan_tilt]", pan_tilts["onvif"], "onvif"))
    for part, model in _parts_of_pan_tilt(section):
        named = part.replace("NAME", "gate")
        yield _silent(_table(f"[cameras.{CAMERA}.pan_tilt.{named}]", model))
    for kind, model in models.items():
        if kind != FIRST_KIND:
            yield _silent(_table(f"[cameras.my-{kind}]", model, kind))
        if (turns := TURNED_BY.get(kind)) is not None:
            yield _silent(_table(f"[cameras.my-{kind}.pan_tilt]", pan_tilts[turns], turns))


def _pan_tilts(section: Model) -> dict[str, Model]:
    """The kinds of what turns a camera."""
    return kinds(section.model_fields["pan_tilt"].annotation)


def _parts_of_pan_tilt(section: Model) -> Iterator[tuple[str, Any]]:
    """The tables in it, which all kinds have in common."""
    for name, field in next(iter(_pan_tilts(section).values())).model_fields.items():
        if is_model(field.annotation):
            yield name, field.annotation
        elif is_model(held := element(field.annotation)):
            yield f"{name}.NAME", held


def _by_kind(section: Model) -> dict[str, Model]:
    """The kinds of cameras, the most usual one first."""
    models = kinds(section.model_fields["source"].annotation)
    return {FIRST_KIND: models[FIRST_KIND], **models}


def _table(head: str, model: Any, kind: str = "") -> str:  # noqa: ANN401 # a model
    lines = [*_comment(_doc(model)), head]
    if kind:
        lines.append(f'kind = "{kind}"')
    inner = dict(_tables_in(model))
    for name, field in model.model_fields.items():
        if name not in inner and not (name == "kind" and field.is_required()):
            lines += _comment(_meaning(field))
            lines.append(f"{'' if field.is_required() else '#'}{name} = {in_toml(_shown(field))}")
    return "\n".join(lines) + "\n"


def _silent(table: str) -> str:
    """Make comments of all lines, so that a table is shown and not there."""
    return "".join(f"{line if line[:1] == '#' else '#' + line}\n" for line in table.splitlines())


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, 96)]


def _doc(model: Model) -> str:
    return " ".join((model.__doc__ or "").split())


def _meaning(field: FieldInfo) -> str:
    allowed = _allowed(field)
    parts = [field.description or "", "" if allowed in OBVIOUS else allowed]
    if not field.is_required() and _is_empty(_default(field)) and field.examples:
        return f"{_sentences(parts)} None by default; for example:"
    return _sentences(parts)


def _sentences(parts: Iterable[str]) -> str:
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _allowed(field: FieldInfo) -> str:
    within, words = limits(field), in_words(field.annotation)
    if words in {"number", "whole number"} and within:
        return f"From {within}" if " to " in within else within[0].upper() + within[1:]
    return words[0].upper() + words[1:]


def _default(field: FieldInfo) -> Any:  # noqa: ANN401 # any value there is
    return None if field.is_required() else field.get_default(call_default_factory=True)


def _is_empty(value: object) -> bool:
    return value is None or value in ((), {}, [], frozenset())


def _shown(field: FieldInfo) -> Any:  # noqa: ANN401 # any value there is
    default = _default(field)
    if _is_empty(default) and field.examples:
        return field.examples[0]
    return "" if default is None else default


def reference(root: Model) -> str:
    """Return the reference page."""
    return "\n".join([REFERENCE_TOP, *_reference_tables(root)])


def _reference_tables(root: Model) -> Iterator[str]:
    for name, field in root.model_fields.items():
        if is_model(field.annotation):
            yield from _reference_table(name, field.annotation)
            continue
        inner = element(field.annotation)
        if name == "cameras":
            yield from _reference_cameras(inner)
        else:
            head = f"[{name}.NAME]" if _is_named(field) else f"[[{name}]]"
            yield from (
                _section(f'`{head}`, `kind = "{kind}"`', model)
                for kind, model in kinds(inner).items()
            )


def _reference_table(name: str, model: Any) -> Iterator[str]:  # noqa: ANN401 # a model
    if len(inner := dict(_tables_in(model))) < len(model.model_fields):
        yield _section(f"`[{name}]`", model)
    for part, field in inner.items():
        held = element(field.annotation)
        if is_model(held):
            yield _section(f"`[{name}.{part}.NAME]`", held)
            for entry, about in held.model_fields.items():
                if is_model(listed := element(about.annotation)):
                    yield _section(f"Each of `{name}.{part}.NAME.{entry}`", listed)
        for kind, one in kinds(held).items():
            yield _section(f'`[[{name}.{part}]]`, `kind = "{kind}"`', one)


def _reference_cameras(section: Model) -> Iterator[str]:
    for kind, model in _by_kind(section).items():
        yield _section(f'`[cameras.NAME]`, `kind = "{kind}"`', model)
    yield f"## `[cameras.NAME.rules]`\n\n{OWN_RULES}\n"
    yield _section("`[cameras.NAME.motion]`", section.model_fields["motion"].annotation)
    for kind, model in _pan_tilts(section).items():
        yield _section(f'`[cameras.NAME.pan_tilt]`, `kind = "{kind}"`', model)
    for part, model in _parts_of_pan_tilt(section):
        yield _section(f"`[cameras.NAME.pan_tilt.{part}]`", model)


def _section(head: str, model: Any) -> str:  # noqa: ANN401 # a model
    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    inner = dict(_tables_in(model))
    for name, field in model.model_fields.items():
        if name not in inner and not (name == "kind" and field.is_required()):
            rows.append(f"| {' | '.join(_cells(name, field))} |")
    return "\n".join([f"## {head}", "", _doc(model), "", *rows]) + "\n"


def _cells(name: str, field: FieldInfo) -> Iterable[str]:
    default = _default(field)
    shown = "needed" if field.is_required() else f"`{in_toml(default)}`"
    allowed = _allowed(field)
    parts = (field.description or "", "" if allowed in OBVIOUS else allowed)
    meaning = _sentences(parts).replace("|", "\\|")
    return f"`{name}`", "" if default is None and shown != "needed" else shown, meaning
