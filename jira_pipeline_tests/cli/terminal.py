"""Runs commands in this process and reads what they answer."""

import json
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from jira_pipeline.cli.app import app


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def words(self) -> str:
        return " ".join(f"{self.out} {self.err}".split())


def run(*arguments: object) -> Answer:
    """Run a command; anything but an ordinary end is an error of the test."""
    code: object = None
    with CliRunner().isolation() as (out, err, _both):
        try:
            _program()(args=[str(argument) for argument in arguments], prog_name="jira-pipeline")
        except SystemExit as ended:
            code = ended.code
        sys.stdout.flush()
        sys.stderr.flush()
        shown, complained = _text(out.getvalue()), _text(err.getvalue())
    return Answer(exit_code=int(str(code or 0)), out=shown, err=complained)


@cache
def _program() -> Any:
    """Build the commands once; typer's own runner does it for each run."""
    return get_command(app)


def _text(written: bytes) -> str:
    return written.decode("utf-8", "replace").replace("\r\n", "\n")


def run_json(*arguments: object) -> Any:
    answer = run(*arguments, "--json")
    assert answer.exit_code == 0, answer.words
    return answer.json


def issue_of(number: int, session_key: str = "museum") -> str:
    """Return the key of a ticket's issue: those created in one request need not be in order."""
    listed = run_json("tickets", "list", session_key)
    return next(str(one["jira_key"]) for one in listed if one["number"] == number)
