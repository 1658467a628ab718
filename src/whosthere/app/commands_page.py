"""The reference page of the commands, made from their parsers."""

import argparse
import importlib
from collections.abc import Iterator

from whosthere.app.cli import COMMANDS, Command

TOP = """\
# Commands

This page is made from the commands themselves; `whosthere COMMAND --help` says the same.

Exit codes: 0 all is well; 1 something is wrong, told in a sentence; 2 wrong use; 130 ended by
Ctrl-C. `whosthere run` is meant to be ended by Ctrl-C or SIGTERM, and then gives 0.
"""


def commands_page() -> str:
    return "\n".join([TOP, *(_section(command) for command in COMMANDS)])


def _section(command: Command) -> str:
    parser = argparse.ArgumentParser(prog=f"whosthere {command.name}", add_help=False)
    importlib.import_module(command.module).add_arguments(parser)
    width = max(len(line) for line, _ in command.examples)
    rows = ["| Argument | Meaning |", "|---|---|", *_rows(parser), *_rows_of_words(parser)]
    return "\n".join(
        [
            f"## `whosthere {command.name}`",
            "",
            f"{command.summary[0].upper()}{command.summary[1:]}.",
            "",
            "```",
            *(f"{line:<{width}}  # {about}" for line, about in command.examples),
            "```",
            "",
            *rows,
            "",
        ]
    )


def _rows(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:  # noqa: SLF001 # argparse has no other way to ask
        if isinstance(action, (argparse._SubParsersAction, argparse._HelpAction)):  # noqa: SLF001 # so here
            continue
        names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        value = f" {_value(action)}" if action.option_strings and action.nargs != 0 else ""
        meaning = (action.help or "").replace("%(default)s", str(action.default))
        yield f"| `{names}{value}` | {meaning} |"


def _rows_of_words(parser: argparse.ArgumentParser) -> Iterator[str]:
    """What may follow the command as a word of its own, each with its options."""
    for action in parser._actions:  # noqa: SLF001 # argparse has no other way to ask
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 # so here
            about = {one.dest: one.help for one in action._choices_actions}  # noqa: SLF001 # so here
            for name, word in action.choices.items():
                yield f"| **`{name}`** | **{about.get(name, '')}** |"
                yield from (row for row in _rows(word) if "`--settings" not in row)


def _value(action: argparse.Action) -> str:
    if action.metavar is None and action.choices is not None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or action.dest.upper())
