"""Freezes what surfaces promise: the help of every command, the OpenAPI document, the pages' forms."""

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from jira_pipeline.cli.app import app
from jira_pipeline.web.application import create_app
from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.golden.frozen_text import Item, indented
from jira_pipeline_tests.golden.homes import opened_home
from jira_pipeline_tests.web.browsers import opened_web


def all_commands() -> list[tuple[str, ...]]:
    """Return the words of every command, hidden ones too, without those that only hold others."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if not hasattr(command, "commands"):
            yield words
            return
        for name, held in sorted(command.commands.items()):
            yield from below(held, (*words, name))

    return [*below(get_command(app), ())]


def help_texts() -> Iterator[Item]:
    """Freeze the help of every command."""
    with opened_home():
        for words in all_commands():
            answer = run(*words, "--help")
            lines = (line.rstrip() for line in answer.out.splitlines())
            yield Item(" ".join(words), "\n".join(line for line in lines if line))


def openapi_document() -> Iterator[Item]:
    """Freeze the OpenAPI document: each operation and each schema."""
    with opened_home() as home, opened_web(home.path) as web:
        document = create_app(web).openapi()
    for path, operations in document.pop("paths").items():
        for method, operation in operations.items():
            yield Item(f"{method.upper()} {path}", indented(operation))
    for name, schema in document["components"].pop("schemas").items():
        yield Item(f"schema {name}", indented(schema))
    yield Item("the rest", indented(document))
