"""Which tickets of a session the sheets no longer ask for, and which of them go by themselves.

Belongs here: gathering what the rules need. Does not: the rules (`stages/review/withdrawals`),
agreeing (`session_steps`, the command line).
"""

from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.self_approval import approves_itself
from jira_pipeline.stages.review.withdrawals import (
    agreed_automatically,
    proposed_among,
    without_rows,
)


def withdrawn_by_itself(pipeline: Pipeline, session: UploadSession) -> tuple[Ticket, ...]:
    """Return the proposed withdrawals that the session agrees to at its next export."""
    store, key = pipeline.store, session.session_key
    proposed = proposed_among(store.tickets.list_vanished(key))
    if not proposed or not approves_itself(pipeline, session):
        return ()
    return agreed_automatically(
        session,
        proposed,
        is_sandbox=pipeline.settings.is_sandbox,
        ticket_count=store.tickets.tally(key).total,
        files=store.sessions.files(key),
        sent={
            entry.ticket_id
            for target in store.ledger.targets_of(key)
            for entry in store.ledger.entries(target_id=target.target_id, session_key=key)
        },
    )


def left_by_sheets(pipeline: Pipeline, session: UploadSession) -> tuple[Ticket, ...]:
    """Return the tickets the sheets no longer ask for, as far as nobody agreed to withdraw them.

    Where other sheets were uploaded since the tickets were written, it is what the next generation
    would leave without rows.
    """
    store, key = pipeline.store, session.session_key
    if session.generated_at is None:
        return ()
    proposed = proposed_among(store.tickets.list_vanished(key))
    if session.generated_from_sha256 == session.content_sha256:
        return proposed
    groups = pipeline.contents(session).groups_by_key
    everyone = (*store.tickets.list_all(key), *proposed)
    return without_rows(everyone, group_keys=groups.keys())
