"""What a person has to do about a file that is missing on its issue, or there twice.

Belongs here: the words. Does not: attaching, and when a file is left to people (`attachments`).
"""

from datetime import datetime

from jira_pipeline.domain.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.stages.jira_export.order import OpenTarget, issue_url_of

DOUBLED = "twice"
"""Ends the subject of a fix about a file that is there more than once."""


def missing_file_fix(
    opened: OpenTarget,
    rendered: RenderedTicket,
    *,
    key: str | None,
    file_name: str,
    reason: str,
    at: datetime,
) -> ManualFix:
    """Say which file has to be attached to which issue, and where its text is."""
    ticket = rendered.ticket
    return _file_fix(
        opened,
        ticket,
        key=key,
        subject=file_name,
        title=f"Attach the full text to {ticket.title}",
        original_value=file_name,
        recommended_action=(
            f"Attach {file_name} to {key or 'the issue'} by hand ({reason}); "
            f"`jira-pipeline tickets show {ticket.session_key} {ticket.number}` prints its text."
        ),
        at=at,
    )


def doubled_file_fix(
    opened: OpenTarget,
    rendered: RenderedTicket,
    *,
    key: str | None,
    file_name: str,
    count: int,
    at: datetime,
) -> ManualFix:
    """Say which file is on its issue more than once."""
    ticket = rendered.ticket
    return _file_fix(
        opened,
        ticket,
        key=key,
        subject=f"{file_name} {DOUBLED}",
        title=f"Delete a second copy of the full text of {ticket.title}",
        original_value=f"{file_name}, {count} times",
        recommended_action=(
            f"{file_name} is on {key or 'the issue'} {count} times; delete all but one of them."
        ),
        at=at,
    )


def _file_fix(
    opened: OpenTarget,
    ticket: Ticket,
    *,
    key: str | None,
    subject: str,
    title: str,
    original_value: str,
    recommended_action: str,
    at: datetime,
) -> ManualFix:
    return ManualFix(
        fix_type=FixType.ATTACHMENT_UPLOAD,
        session_key=ticket.session_key,
        target_id=opened.target.target_id,
        ticket_id=ticket.ticket_id,
        subject=subject,
        title=title,
        original_value=original_value,
        recommended_action=recommended_action,
        jira_key=key,
        jira_url=issue_url_of(opened.target, key) if key else None,
        state=FixState.OPEN,
        created_at=at,
    )
