"""Freezes what surfaces promise: the words of every command, its help, words of next steps."""

import re
from collections.abc import Iterator
from enum import EnumMeta
from inspect import formatannotation
from typing import Any

from typer.main import get_command

from jira_pipeline.cli.app import app
from jira_pipeline.context.states import next_step
from jira_pipeline.model.actions import line_of
from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.context.test_next_step import CASES, at
from jira_pipeline_tests.golden.frozen_text import Item
from jira_pipeline_tests.golden.homes import opened_home

_FRAME = re.compile(r"[│╭╮╰╯─]+|   +")
"""What Rich draws around options, and how wide its columns are."""


def all_commands() -> Iterator[tuple[str, Any]]:
    """Return the words of every command with the command, hidden ones too."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, held in sorted(getattr(command, "commands", {}).items()):
            yield from below(held, (*words, name))
        if not hasattr(command, "commands"):
            yield " ".join(words), command

    return below(get_command(app), ())


def commands_with_json() -> list[str]:
    """Return the words of every command that answers programs."""
    return [words for words, made in all_commands() if any("--json" in p.opts for p in made.params)]


def declared() -> Iterator[Item]:
    """Freeze what is typed: arguments and options of every command, their values and defaults."""
    for words, command in all_commands():
        yield Item(words, "\n".join(map(_declared, command.params)))


def _declared(parameter: Any) -> str:
    values = parameter.type_descriptor.annotation
    bounds = [f"{name} {held}" for name in ("min", "max") if (held := getattr(parameter, name))]
    shown = {
        "values": " | ".join(values)
        if isinstance(values, EnumMeta)
        else formatannotation(values).replace("pathlib._local.", "pathlib."),  # of Python 3.13
        "called": parameter.metavar,
        "bounds": " ".join(bounds),
        "required": "required" if parameter.required else "",
        "often": "often" if parameter.multiple or parameter.nargs != 1 else "",
        "default": "" if parameter.default in (None, False) else f"= {parameter.default}",
    }
    names = [name for name in (*parameter.opts, *parameter.secondary_opts) if name[0] == "-"]
    return " · ".join(filter(None, (" ".join(names), *shown.values())))


def help_texts() -> Iterator[Item]:
    """Freeze the help of every command."""
    with opened_home():
        for words, _ in all_commands():
            answer = run(*words.split(), "--help")
            lines = (_FRAME.sub("  ", line).strip() for line in answer.out.splitlines())
            yield Item(words, "\n".join(line for line in lines if line))


def next_steps() -> Iterator[Item]:
    """Freeze what the next step is called in each situation, as a line to type."""
    for name, (changes, _) in CASES.items():
        yield Item(name, line_of(next_step(at(**changes)).action))
