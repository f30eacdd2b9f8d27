"""What is asked of the project of a session before an export, and of the names its tickets have.

Belongs here: the verbs, and what is kept of their answers. Does not: what a project has to offer
(`project_check`), opening a site (`context/trackers`).
"""

import stat
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.trackers import one_answer, opened_jira, opened_tracker
from jira_pipeline.export.jira_names import names_of
from jira_pipeline.export.project_check import (
    ProjectCheck,
    ProjectNeeds,
    UnknownNames,
    checked_names,
    needs_of,
)
from jira_pipeline.model.errors import PipelineError, WrongUseError
from jira_pipeline.model.issue_tracker import Project
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.sessions import PIPELINE
from jira_pipeline.review.open_session import OpenSession, open_session


def check_configured(
    pipeline: Pipeline, *, session_key: str | None, project_key: str | None
) -> ProjectCheck:
    """Check a project: the one that is named, the session's, or the configured one.

    One that is named is not made in the sandbox; the others are, as an export does.
    """
    session = None if session_key is None else pipeline.store.sessions.get(session_key)
    tickets = pipeline.store.tickets.list_all(session_key) if session_key else ()
    key = project_key or pipeline.project_key(session)
    made = None if project_key is not None else key
    with opened_tracker(pipeline.settings, made, budget=one_answer()) as jira:
        report = ProjectCheck(
            jira,
            project_key=key,
            is_sandbox=pipeline.settings.is_sandbox,
            needs=needs_of(tickets),
            names=names_of(pipeline.settings, session),
        )
        report.run()
    if session is not None:
        keep_names(open_session(pipeline, session.session_key), report.unknown, by=PIPELINE)
    settings = pipeline.settings
    report.warnings += [
        *filter(None, [settings.jira_site_note]),
        *_open_to_all(settings.env_path, "600", "tokens"),
        *_open_to_all(settings.home_path, "700", "sheets and tickets"),
    ]
    return report


def look_names_up(session: OpenSession, *, by: str) -> str:
    """Ask Jira for the assignees and sprints of a session, keep what it does not know, and say it.

    Empty where it knows all. A decision stands all the same where Jira cannot be asked.
    """
    session = session.again()
    try:
        with opened_jira(session, budget=one_answer()) as jira:
            needs = needs_of(session.tickets)
            found = checked_names(jira, project_key=session.project_key, needs=needs).unknown
    except PipelineError as error:
        return f"Jira could not be asked about them: {error.message}"
    keep_names(session, found, by=by)
    return _unknown_text(found)


def refuse_unknown(session: OpenSession, *, assignee: str, sprint: str) -> None:
    """Refuse an assignee or sprint before tickets have it.

    Raises:
        WrongUseError: Jira says that there is none. Where it cannot be asked, nothing is refused.
    """
    needs = ProjectNeeds(
        assignees=(assignee,) if assignee else (), sprints=(sprint,) if sprint else ()
    )
    try:
        with opened_jira(session, budget=one_answer()) as jira:
            found = checked_names(jira, project_key=session.project_key, needs=needs).unknown
    except PipelineError:
        return  # who is told so once it is set
    if unknown := _unknown_text(found):
        raise WrongUseError(
            f"{unknown} Nothing was changed.",
            recovery_actions=("Choose a name that Jira shows for this project.",),
        )


def _unknown_text(found: UnknownNames) -> str:
    return " ".join(
        f"Jira has no {field} {name}: {reason}."
        for field, names in found.items()
        for name, reason in names.items()
    )


def keep_names(session: OpenSession, found: UnknownNames, *, by: str) -> None:
    """Keep which assignees and sprints Jira does not know, where that changed."""
    if session.unknown_names != found:
        session.note(AuditAction.NAMES_LOOKED_UP, by=by, target=session.target_name, unknown=found)


def project_warnings(pipeline: Pipeline, session_key: str) -> tuple[str, ...]:
    """Return what keeps an export from the project of a new session, where a Jira is configured.

    A session can be made all the same: its tickets are to be read first, and settings may change.
    """
    if pipeline.settings.is_sandbox:
        return ()
    try:
        check = check_configured(pipeline, session_key=session_key, project_key=None)
        return tuple(check.blocking_issues)
    except PipelineError as error:
        return (f"Its Jira project could not be checked: {error.message}",)


def _open_to_all(path: Path, mode: str, holds: str) -> tuple[str, ...]:
    """Warn where every account of this machine may read a file or folder of ours."""
    try:
        others = path.stat().st_mode & stat.S_IRWXO
    except FileNotFoundError:
        return ()
    if not others:
        return ()
    return (
        f"{path} holds {holds}, and every account of this machine may read it: chmod {mode} it.",
    )


def list_projects(pipeline: Pipeline) -> tuple[Project, ...]:
    """Return the projects the account can see, by key."""
    with opened_tracker(pipeline.settings, None, budget=one_answer()) as jira:
        jira.whoami()  # to a stranger Jira lists none, and says nothing
        return jira.projects()
