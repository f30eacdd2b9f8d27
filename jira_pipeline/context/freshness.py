"""Whether the validation of a session still counts, or what has changed since.

Belongs here: the rules, and their words for people. Does not: validating (`review/approvals`), what
comes next then (`states`), refusing an export (`export/gate`).
"""

from collections.abc import Sequence
from datetime import datetime

from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.ticket_validations import CheckedContents, ValidationVerdict


def source_changed(source_word: SourceWord) -> str:
    """Say that other files were uploaded since."""
    return f"the {source_word} have changed since the tickets were generated"


def changes_since_validation(
    session: UploadSession, *, validated_at: datetime | None = None
) -> tuple[str, ...]:
    """Say what changed in a session since it was validated; empty: nothing, or it never was.

    `validated_at` counts where the session itself does not say when that was.
    """
    last_validated_at = session.last_validated_at or validated_at
    if last_validated_at is None:
        return ()
    if session.generated_from_sha256 != session.content_sha256:
        return (source_changed(session.source_word),)
    last_invalidated_at = session.last_invalidated_at
    if last_invalidated_at is not None and last_invalidated_at > last_validated_at:
        return ("ticket text was edited after the last validation",)
    return ()


def is_unchanged(session: UploadSession, *, verdict: ValidationVerdict, rendering: str) -> bool:
    """Tell without a look at any ticket that a session is as it was validated, if it surely is.

    Else it may be so all the same: `stale_reasons` compares the tickets.
    """
    is_same = (verdict.content_version, verdict.rendering) == (session.content_version, rendering)
    return is_same and not changes_since_validation(session, validated_at=verdict.at)


def stale_reasons(
    session: UploadSession, *, checked: CheckedContents, rendered: Sequence[RenderedTicket]
) -> tuple[str, ...]:
    """Say what changed of what would be exported since it was validated; empty: nothing did.

    Skipped tickets don't count. A ticket that was added or is gone since counts as different.
    """
    skipped = {document.ticket.ticket_id for document in rendered if document.is_excluded}
    validated_hashes = checked.rendered_hashes
    current_hashes = {document.ticket.ticket_id: document.rendered_hash for document in rendered}
    ticket_ids = (validated_hashes.keys() | current_hashes.keys()) - skipped
    differing_count = 0
    for ticket_id in ticket_ids:
        if validated_hashes.get(ticket_id) != current_hashes.get(ticket_id):
            differing_count += 1
    reasons = changes_since_validation(session, validated_at=checked.at)
    if not differing_count:
        return reasons
    tickets = "ticket" if differing_count == 1 else "tickets"
    return (*reasons, f"{differing_count} {tickets} changed since the last validation")
