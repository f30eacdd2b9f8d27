"""What runs in a process of its own that undoes an export and is killed after some deletions."""

import os
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from typing_extensions import override

from jira_pipeline.export import exporting
from jira_pipeline.flow.composition import open_pipeline
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.settings import load_settings
from jira_pipeline_tests.crash.export_world import Crash, TrippedLedger
from jira_pipeline_tests.crash.undo_world import DiesAt


class DeadlyPoint(DiesAt):
    """Kills the process at the point; nothing is cleaned up."""

    @override
    def step(self, name: str) -> None:
        """Pass a point, or die there."""
        try:
            super().step(name)
        except Crash:
            os.kill(os.getpid(), signal.SIGKILL)


def undo_and_die(
    project: Path, session_key: str, deletions: int, environment: Mapping[str, str]
) -> None:
    """Undo the export of a session in the environment of the test, and die between two deletions."""
    os.environ.clear()  # noqa: TID251 - a process of its own
    os.environ.update(environment)  # noqa: TID251 - a process of its own
    pipeline = open_pipeline(load_settings(project))
    point = DeadlyPoint("after removed of issue", nth=deletions)
    ledger = TrippedLedger(pipeline.store.ledger, point)
    mortal = replace(pipeline, store=replace(pipeline.store, ledger=ledger))
    exporting.undo(open_session(mortal, session_key), by="ab")
