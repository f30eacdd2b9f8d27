"""The result of a run, in its log where it ends: for whoever starts jobs in a shell.

Belongs here: the sentences; the last asset or step of a job logs them. Does not: what is next
(`sessions/status`), metadata of assets (`previews`).
"""

from collections.abc import Iterator

from jira_pipeline.context.commands import line_of
from jira_pipeline.export.results import ExportResults
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.status import what_is_next
from jira_pipeline.writing.generation import last_generation

ISSUES_NAMED = 100


def next_line(session: OpenSession) -> str:
    """Name the next step of a session, as of now."""
    return f"Next: {line_of(what_is_next(session.again()).action)}"


def written_lines(session: OpenSession) -> Iterator[str]:
    """Say what a session has of tickets, and how to read them."""
    verdict, changes = session.verdict, last_generation(session)
    failed = 0 if verdict is None else verdict.failed_count
    yield (
        f"{counted(session.tally.total, 'ticket')}, {failed} not valid: {changes.created} new, "
        f"{changes.rewritten} written again by the last generation."
    )
    show = Action.of(ActionKind.SHOW_TICKET, "{}", session_key=session.key, number="N")
    yield f"Read them in the metadata of adf_validation, or: {line_of(show)}"


def exported_lines(session: OpenSession, results: ExportResults) -> Iterator[str]:
    """Name the issues of a session, and where its report is."""
    for ticket in results.tickets[:ISSUES_NAMED]:
        yield f"{ticket.jira_key}  {ticket.title}"
    if len(results.tickets) > ISSUES_NAMED:
        yield f"… and {len(results.tickets) - ISSUES_NAMED} more"
    yield (
        f"{counted(len(results.tickets), 'issue')} and "
        f"{counted(results.dependencies_created, 'link')} in {results.target.name}, "
        f"{results.open_fixes} left to do by hand."
    )
    yield f"Report: {session.report_link}"
    yield next_line(session)
