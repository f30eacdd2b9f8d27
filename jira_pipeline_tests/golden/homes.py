"""Homes in which sessions are frozen: new, with nothing configured, and gone afterwards."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.golden.frozen_text import Plain

SESSION = "museum"
SETTINGS = (
    *("JIRA_", "WRITER_", "OPENAI_", "ANTHROPIC_", "UPLOAD_", "ADF_", "WEB_", "SHAREDO_"),
    *("DAGSTER_HOME", "COLUMNS", "TERMINAL_WIDTH"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A project that is the home of this process."""

    path: Path
    plain: Plain
    seen: dict[str, int] = field(default_factory=dict)
    """Of each table of the store the last row that was looked at."""

    @property
    def data(self) -> Path:
        """Where store, sandbox and pages are."""
        return self.path / ".jira_pipeline"

    @property
    def work(self) -> Path:
        """A folder for files that commands read and write."""
        return self.path.parent


@contextmanager
def opened_home() -> Iterator[Home]:
    """Open a new home for somebody whose shell has no settings."""
    with (
        tempfile.TemporaryDirectory(prefix="golden-") as folder,
        pytest.MonkeyPatch.context() as environment,
    ):
        for name in [name for name in os.environ if name.startswith(SETTINGS)]:  # noqa: TID251 - to clean it
            environment.delenv(name)
        environment.setenv("LOGNAME", "somebody")
        environment.setenv("COLUMNS", "100")
        path = projects.adopt(_empty_project(), Path(folder) / "project", environment)
        environment.chdir(folder)
        words = {folder: "«folder»", str(projects.CHECKOUT): "«checkout»"}
        yield Home(path=path, plain=Plain(words))


@cache
def _empty_project() -> Path:
    folder = tempfile.mkdtemp(prefix="golden-")
    atexit.register(shutil.rmtree, folder)
    return projects.make_empty(Path(folder) / "project")
