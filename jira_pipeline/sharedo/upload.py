"""ShareDo packages as upload sessions: what they hold, or what differs between two environments.

Belongs here: putting packages into one folder that is uploaded like any other. Does not: export
jobs (`export_jobs`), reading packages (`reading/packages`), registering a folder
(`sessions/upload`).
"""

import shutil
import tempfile
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.sessions import session_key_from
from jira_pipeline.model.sharedo_jobs import ExportType
from jira_pipeline.sessions.upload import upload
from jira_pipeline.sharedo.comparison import COMPARISON_FILE, Sides
from jira_pipeline.sharedo.export_jobs import (
    ExportedComparison,
    ExportedSide,
    compare_environments,
)
from jira_pipeline.sharedo.jobs.tools import Listener
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import sandbox_environments
from jira_pipeline.sheets.upload_reading import UploadOutcome


def upload_packages(
    pipeline: Pipeline,
    wanted: ExportedSide,
    *,
    against: ExportedSide | None = None,
    session_key: str | None,
    auto_approve: bool,
    actor: str,
) -> UploadOutcome:
    """Register a session of packages; with `against`, of what differs from those.

    Raises:
        SheetsRefusedError: A package is refused.
    """
    paths = {**wanted.paths, **(against.paths if against else {})}
    key = session_key or session_key_from(Path(next(iter(paths))).stem)
    with tempfile.TemporaryDirectory(prefix="sharedo-upload-") as temporary:
        folder = Path(temporary, key)
        folder.mkdir()
        for name, path in paths.items():
            shutil.copyfile(path, folder / name)
        if against is not None:
            sides = Sides(first=wanted.side, second=against.side)
            (folder / COMPARISON_FILE).write_text(sides.model_dump_json(indent=2), encoding="utf-8")
        return upload(pipeline, folder, session_key=key, auto_approve=auto_approve, actor=actor)


def compare_sandbox(pipeline: Pipeline, *, listener: Listener) -> ExportedComparison:
    """Compare every work type of both sandbox environments, with what it needs."""
    made = sandbox_environments()
    components = (component for side in made.values() for component in side.components)
    names = sorted({c.name for c in components if c.provider == "sharedo-type"})
    items = [(ExportType.WORKTYPE.value, name) for name in names]
    first, second = made
    return compare_environments(
        pipeline, first, second, items, includes_dependencies=True, listener=listener
    )
