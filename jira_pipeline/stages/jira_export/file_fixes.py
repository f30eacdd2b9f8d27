"""What a person has to do about a file that is missing on its issue, or there twice.

Belongs here: the words. Does not: attaching, and when a file is left to people (`attachments`).
"""

from jira_pipeline.domain.manual_fixes import FixType
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.stages.jira_export.left_to_people import Fallback

DOUBLED = "twice"
"""Ends the subject of a fix about a file that is there more than once."""


def missing_file(ticket: Ticket, *, key: str | None, file_name: str, reason: str) -> Fallback:
    """Say which file has to be attached to which issue, and where its text is."""
    return Fallback(
        fix_type=FixType.ATTACHMENT_UPLOAD,
        subject=file_name,
        title=f"Attach the full text to {ticket.title}",
        original_value=file_name,
        recommended_action=(
            f"Attach {file_name} to {key or 'the issue'} by hand ({reason}); ticket {ticket.number} "
            "shows its text."
        ),
    )


def doubled_file(ticket: Ticket, *, key: str | None, file_name: str, count: int) -> Fallback:
    """Say which file is on its issue more than once."""
    return Fallback(
        fix_type=FixType.ATTACHMENT_UPLOAD,
        subject=f"{file_name} {DOUBLED}",
        title=f"Delete a second copy of the full text of {ticket.title}",
        original_value=f"{file_name}, {count} times",
        recommended_action=(
            f"{file_name} is on {key or 'the issue'} {count} times; delete all but one of them."
        ),
    )
