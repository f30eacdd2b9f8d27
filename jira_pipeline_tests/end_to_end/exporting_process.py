"""What runs in a process of its own: one session, exported with the instance of its home."""

import os
from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from jira_pipeline_tests import projects


def export_session(home: Path, session_key: str, settings: Mapping[str, str]) -> None:
    """Run the whole job for a session; an exception ends the process with code 1."""
    os.environ.update(settings)  # noqa: TID251 - a process of its own
    with dg.DagsterInstance.get() as instance:
        result = projects.execute(instance, home, "csv_to_jira", session_key=session_key)
    assert result.success
