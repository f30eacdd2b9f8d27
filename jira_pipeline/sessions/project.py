"""The project check: whether the configured Jira can take the issues.

Belongs here: calling the stage with the configured Jira, who may read our files. Does not: what is
checked in Jira (`stages/jira_export/project_check`).
"""

import stat
from dataclasses import replace
from pathlib import Path

from jira_pipeline.ports.issue_tracker import Project
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.trackers import opened_tracker
from jira_pipeline.stages.jira_export.project_check import (
    ProjectReport,
    check_project,
    needs_of,
)


def check(pipeline: Pipeline, *, session_key: str | None, project_key: str | None) -> ProjectReport:
    """Check a project: the one that is named, the session's, or the configured one.

    Raises:
        ConfigurationError: A real Jira is configured and nobody named a project.
        AccessError: Jira does not know us.
        UpstreamError: Jira cannot be asked.
    """
    session = None if session_key is None else pipeline.store.sessions.get(session_key)
    tickets = pipeline.store.tickets.list_all(session_key) if session_key else ()
    key = project_key or pipeline.project_key(session)
    with opened_tracker(pipeline.settings, key, is_patient=False) as jira:
        report = check_project(
            jira,
            project_key=key,
            is_sandbox=pipeline.settings.is_sandbox,
            needs=needs_of(tickets),
            names=pipeline.jira_names(session),
        )
    settings = pipeline.settings
    warnings = (
        *_open_to_all(settings.env_path, "600", "tokens"),
        *_open_to_all(settings.home_path, "700", "sheets and tickets"),
    )
    return replace(report, warnings=(*report.warnings, *warnings))


def _open_to_all(path: Path, mode: str, holds: str) -> tuple[str, ...]:
    """Warn where every account of this machine may read a file or folder of ours."""
    try:
        others = path.stat().st_mode & stat.S_IRWXO
    except FileNotFoundError:
        return ()
    said = f"{path} holds {holds}, and every account of this machine may read it: chmod {mode} it."
    return (said,) if others else ()


def list_projects(pipeline: Pipeline) -> tuple[Project, ...]:
    """Return the projects the account can see, by key.

    Raises:
        UpstreamError: Jira cannot be asked.
    """
    with opened_tracker(pipeline.settings, None, is_patient=False) as jira:
        jira.whoami()  # to a stranger Jira lists none, and says nothing
        return jira.projects()
