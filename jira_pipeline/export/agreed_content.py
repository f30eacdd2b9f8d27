"""What somebody agrees to export: the tickets as the plan had them, and the settings of their issues.

Belongs here: its hash, and refusing a run that would export something else. Does not: the plan itself
(`plan`), which holds what Jira answered, too; the hash of a plan (`web/agent_tools`).
"""

from jira_pipeline.export.jira_names import names_of
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.review.open_session import OpenSession


def agreed_content(session: OpenSession) -> list[object]:
    """Return the text, fields and state of each ticket, and what settings say of every issue."""
    tickets: list[object] = []
    for hashed in session.hashed_tickets:
        ticket = hashed.ticket
        is_left_out = ticket.exclusion is not None
        tickets.append([ticket.number, hashed.rendered_hash, ticket.is_ready, is_left_out])
    names = names_of(session.settings, session.stored)
    sheets = session.stored.content_sha256
    return [tickets, sheets, names.issue_type, dict(names.link_types), dict(names.fields)]


def agreed_content_hash(session: OpenSession) -> str:
    """Return the hash of what an export of a session as it is now would send."""
    return canonical_hash(agreed_content(session))


def refuse_other_content(session: OpenSession, *, agreed_hash: str) -> None:
    """Stop a run that begins later than it was asked for, if the tickets are no longer the same.

    Raises:
        GateError: Somebody changed tickets, sheets or settings of issues in between.
    """
    if agreed_content_hash(session) != agreed_hash:
        raise GateError(
            f"Tickets of session {session.key}, or settings of their issues, have changed since the "
            "plan that was agreed to; nothing was sent.",
            rule=GateRule.DECISION_CHANGED,
            session_key=session.key,
        )
