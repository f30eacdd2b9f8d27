"""Runs commands in this process and reads what they answer."""

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from jira_pipeline.cli.app import app


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command left."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Read the answer as a program does."""
        return json.loads(self.out)

    @property
    def words(self) -> str:
        """Everything told to people, line breaks taken out."""
        return " ".join(f"{self.out} {self.err}".split())


def run(*arguments: object) -> Answer:
    """Run a command; anything but an ordinary end is an error of the test."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(exit_code=result.exit_code, out=result.stdout, err=result.stderr)


def run_json(*arguments: object) -> Any:
    """Run a command that must succeed and return its JSON."""
    answer = run(*arguments, "--json")
    assert answer.exit_code == 0, answer.words
    return answer.json
