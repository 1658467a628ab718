"""Mistakes in whosthere.toml, in words: what, where, and what to do. Never the value itself."""

import difflib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from whosthere.app.settings_shape import Place, element, in_digits, is_model, kinds, locate
from whosthere.presence.settings_checks import contradictions as between_presence

Model = type[BaseModel]

WANTED = {  # by how the names of pydantic's complaints begin
    "bool": "true or false, without quotes",
    "int": "a whole number, without quotes",
    "float": "a number, without quotes",
    "finite": "a number, without quotes",
    "string_type": "text in quotes",
    "path": "a path in quotes",
    "list": "a list in brackets",
    "tuple": "a list in brackets",
    "set": "a list in brackets",
    "frozen_set": "a list in brackets",
    "model": "a table",
    "dict": "a table",
    "mapping": "a table",
}
BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


def sentences(error: ValidationError, root: Model) -> list[str]:
    """Word all the complaints, in the order of the file's sections."""
    return [_sentence(one, root) for one in error.errors(include_url=False, include_input=False)]


def _sentence(error: ErrorDetails, root: Model) -> str:
    place = locate(root, error["loc"])
    return f"{'.'.join(place.words)}: {_complaint(error, place, root)}".removeprefix(": ")


def _complaint(error: ErrorDetails, place: Place, root: Model) -> str:
    kind, about = error["type"], error.get("ctx", {})
    wanted = next((words for start, words in WANTED.items() if kind.startswith(start)), None)
    said: Mapping[str, Callable[[], str]] = {
        "extra_forbidden": lambda: f"there is no such setting.{_hint(place, root)}",
        "missing": lambda: f"this setting is needed.{_about(place)}",
        "union_tag_not_found": lambda: f"'kind' is needed: one of {', '.join(kinds(place.holds))}.",
        "union_tag_invalid": lambda: f"'kind' must be one of {_plain(about['expected_tags'])}.",
        "enum": lambda: f"choose one of {_plain(str(about['expected']))}.",
        "literal_error": lambda: f"choose one of {_plain(str(about['expected']))}.",
        "string_pattern_mismatch": lambda: _wrong_form(error, place),
        "too_short": lambda: f"needs at least {about['min_length']}.",
        "value_error": lambda: f"{str(about['error']).rstrip('.')}.",
        **{bound: partial(_out_of_bounds, about, *words) for bound, words in BOUNDS.items()},
    }
    if kind in said:
        return said[kind]()
    return f"must be {wanted}." if wanted else f"{error['msg'].lower().rstrip('.')}."


def _out_of_bounds(about: Mapping[str, Any], words: str, key: str) -> str:
    return f"must be {words} {in_digits(about[key])}."


def _plain(choices: str) -> str:
    return choices.replace("'", "").replace(" or ", ", ")


def _wrong_form(error: ErrorDetails, place: Place) -> str:
    if error["loc"][-1] == "[key]":
        return "a name has small letters, digits, - and _ only, since files are named by it."
    return f"does not have the right form.{_about(place)}"


def _about(place: Place) -> str:
    """Repeat what the setting is for."""
    field = place.table.model_fields.get(place.words[-1]) if place.table else None
    return f" {field.description}" if field and field.description else ""


def _hint(place: Place, root: Model) -> str:
    """Guess what was meant: a like name here, or the same name in another table."""
    name = place.words[-1]
    known = set(place.table.model_fields) if place.table else set()
    if place.kind is not None:  # a camera's own settings stand beside these
        known |= {"rules", "motion", "pan_tilt"} if place.words[0] == "cameras" else set()
    near = difflib.get_close_matches(name, sorted(known - {"source"}), 1)
    if near:
        return f" Did you mean '{near[0]}'?"
    homes = [table for table, model in _tables(root) if name in model.model_fields]
    return f" It belongs into [{homes[0]}]." if homes else ""


def _tables(root: Model) -> Iterable[tuple[str, Model]]:
    for name, field in root.model_fields.items():
        if is_model(field.annotation):
            yield name, field.annotation  # type: ignore[misc] # is_model said so
        elif is_model(inner := element(field.annotation)):
            yield from ((f"{name}.NAME.{part}", model) for part, model in _tables(inner))


def contradictions(table: Mapping[str, Any]) -> list[str]:
    """Find what is wrong between entries. Mistyped ones are passed by: they are told elsewhere."""
    cameras = _table(table, "cameras")
    return [
        *_same_but_for_case(cameras),
        *_no_such_zones(cameras, _names(_table(table, "rules").get("zones"))),
        *_same_messengers(table.get("messengers")),
        *between_presence(table.get("presence", {})),
    ]


def _no_such_zones(cameras: Mapping[str, Any], common: set[str]) -> Iterator[str]:
    """A camera whose rules name a zone that it does not have would never alert."""
    lacking: dict[str, list[str]] = defaultdict(list)
    for name in cameras:
        camera = _table(cameras, name)
        rules = _table(camera, "rules")
        drawn = set(_table(_table(camera, "motion"), "zones"))
        for preset in _table(_table(camera, "pan_tilt"), "presets").values():
            drawn |= set(_table(preset, "zones")) if isinstance(preset, Mapping) else set()
        for zone in sorted(common - drawn) if "zones" not in rules else ():
            lacking[zone].append(name)
        for zone in sorted(_names(rules.get("zones")) - drawn):
            has = f"It has {', '.join(sorted(drawn))}." if drawn else "It has none."
            yield (
                f"cameras.{name}.rules.zones: the camera has no zone '{zone}'. {has}"
                f" Draw it in [cameras.{name}.motion.zones]."
            )
    for zone, names in lacking.items():
        yield (
            f"rules.zones: there is no zone '{zone}' at {', '.join(names)}, so nothing there would"
            f" alert. Draw it in [cameras.{names[0]}.motion.zones], or change the camera's rules."
        )


def _same_messengers(messengers: object) -> list[str]:
    """Several may be of one kind, but what waits for each in the database goes by its name."""
    tables = (
        [one for one in messengers if isinstance(one, Mapping)]
        if isinstance(messengers, list)
        else []
    )
    names = Counter(one.get("name", one.get("kind")) for one in tables)
    return [
        f"messengers: {count} are called '{name}'. Give each a 'name' of its own."
        for name, count in names.items()
        if count > 1 and isinstance(name, str)
    ]


def _same_but_for_case(cameras: Mapping[str, Any]) -> list[str]:
    groups = defaultdict(list)
    for name in cameras:
        groups[name.lower()].append(name)
    return [
        f"cameras: {' and '.join(names)} are one name but for capital letters; rename one."
        for names in groups.values()
        if len(names) > 1
    ]


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = table.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _names(entry: object) -> set[str]:
    return {name for name in entry if isinstance(name, str)} if isinstance(entry, list) else set()
