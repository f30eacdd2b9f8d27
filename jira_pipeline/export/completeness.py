"""Whether issues of a session lack links or files that its export would add.

Belongs here: the answer as the ledger has it, without asking Jira. Does not: adding them
(`links`, `attachments`), which issues are missing (`model/ticket_exports`).
"""

from jira_pipeline.export.ledger_page import file_identity
from jira_pipeline.model.exports import (
    Exists,
    LedgerSubject,
    LeftToPerson,
    current_entries,
    ledger_state_of,
)
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.manual_fixes import FixState
from jira_pipeline.model.rendered_tickets import hashed_file_name
from jira_pipeline.review.open_session import OpenSession


def is_incomplete(session: OpenSession) -> bool:
    """Tell whether issues lack links or files that an export would add, as the ledger has them."""
    from jira_pipeline.export.links import links_of  # noqa: PLC0415 - HTTP client

    target = session.target
    entries = current_entries(session.entries)
    if target is None:
        return False
    entries_by_identity = group_by(entries, lambda entry: entry.identity)
    identities = {
        entry.ticket_id: entry.identity for entry in entries if entry.subject is LedgerSubject.ISSUE
    }
    fixes = session.store.manual_fixes.list_all(session.key, target_id=target.target_id)
    left_to_people = {
        (fix.ticket_id, fix.subject) for fix in fixes if fix.state is not FixState.OBSOLETE
    }

    def is_missing(ticket_id: str, *, fix_subject: str, identity: str) -> bool:
        if (ticket_id, fix_subject) in left_to_people:
            return False
        state = ledger_state_of(entries_by_identity.get(identity, ()))
        return not isinstance(state, Exists | LeftToPerson)

    sent = [
        rendered
        for rendered in session.rendered_for_export
        if rendered.ticket.ticket_id in identities
    ]
    for link in links_of([rendered for rendered in sent if rendered.ticket.exclusion is None]):
        identity = link.name(identities.__getitem__)
        ticket_id = link.outward.ticket.ticket_id
        if is_missing(ticket_id, fix_subject=link.fix_subject, identity=identity):
            return True
    for rendered in sent:
        if rendered.attachment is None:
            continue
        ticket_id = rendered.ticket.ticket_id
        file_name = hashed_file_name(*rendered.attachment)
        identity = file_identity(identities[ticket_id], file_name)
        if is_missing(ticket_id, fix_subject=file_name, identity=identity):
            return True
    return False
