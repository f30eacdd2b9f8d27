"""What somebody agrees to export: the tickets as the plan had them, and what becomes of their issues.

Belongs here: its hash, and refusing a run that would export something else. Does not: the plan itself
(`plan`), which holds what Jira answered, too; the hash of a plan (`web/agent_tools`); what somebody
agrees to delete (`undo`).
"""

from dataclasses import asdict, replace

from jira_pipeline.export.jira_names import names_of
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.review.approvals import as_export_begins
from jira_pipeline.review.open_session import OpenSession


def agreed_content(session: OpenSession) -> list[object]:
    """Return the text, fields and state of each ticket, and what settings say of every issue."""
    tickets: list[object] = []
    # Where a session approves itself, its run marks tickets ready before it is tried again.
    for hashed in as_export_begins(session, session.hashed_tickets):
        ticket = hashed.ticket
        is_left_out = ticket.exclusion is not None
        tickets.append([ticket.number, hashed.rendered_hash, ticket.is_ready, is_left_out])
    names = names_of(session.settings, session.stored)
    sheets = session.stored.content_sha256
    return [tickets, sheets, names.issue_type, dict(names.link_types), dict(names.fields)]


def agreed_choice(*, update: UpdateChoice | None, is_as_new: bool) -> dict[str, object]:
    """Return what somebody chose about issues that exist already."""
    return {"update": None if update is None else asdict(update), "as_new": is_as_new}


def agreed_export_hash(
    session: OpenSession, *, update: UpdateChoice | None, is_as_new: bool
) -> str:
    """Return the hash of what an export of a session as it is now would do.

    Who agreed to new issues alone has not agreed to an update of others, nor to issues beside others:
    that these make no difference now says nothing about the time when the run begins.
    """
    choice = agreed_choice(update=update, is_as_new=is_as_new)
    return canonical_hash([agreed_content(session), choice])


def refuse_other_export(
    session: OpenSession, *, update: UpdateChoice | None, is_as_new: bool, agreed_hash: str
) -> None:
    """Stop a run that begins later than it was asked for, if it would do something else by now.

    Raises:
        GateError: Somebody changed tickets, sheets or settings of issues in between, or an older
            version asked for the run, whose hash covered less.
    """
    if agreed_export_hash(session, update=update, is_as_new=is_as_new) == agreed_hash:
        return
    export = Action.of(
        ActionKind.EXPORT,
        "Then run {} again.",
        session_key=session.key,
        update=update is not None,
        as_new=is_as_new,
    )
    sentence = "Look at the plan as it is now, and agree to that: {}."
    look = replace(export.on(plan=True), sentence=sentence)
    raise GateError(
        f"Tickets of session {session.key}, or settings of their issues, are not as in the plan that "
        "was agreed to; nothing was sent.",
        rule=GateRule.DECISION_CHANGED,
        session_key=session.key,
        recovery_actions=(look, export),
    )
