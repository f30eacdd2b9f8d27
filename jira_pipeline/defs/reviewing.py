"""What Dagster is told of a review: tickets that say something else than when they were validated.

Belongs here: the data version of the tickets of a session, and the event that makes
`adf_validation` stale in the UI. Does not: changing tickets (`stages/review`).
"""

from collections.abc import Sequence

import dagster as dg

from jira_pipeline.defs.composition import Pipeline
from jira_pipeline.defs.instances import opened_instance
from jira_pipeline.defs.partitions import register_partition
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.tickets import ASSIGNABLE_FIELDS, Ticket, canonical_hash

TICKETS = "tickets"
TICKETS_CODE_VERSION = "2"


def tickets_data_version(session: UploadSession, tickets: Sequence[Ticket]) -> str:
    """Hash what Jira would get of the tickets of a session: rows count too, since tables do.

    Ready marks, order and skipping are not in it: they change nothing that is validated.
    """
    return canonical_hash(
        [
            session.content_sha256,
            *(
                [
                    ticket.ticket_id,
                    ticket.revision.content_hash,
                    [getattr(ticket, name) for name in ASSIGNABLE_FIELDS],
                    [ticket.depends_on, ticket.relates_to],
                    [[answer.question_id, answer.answer] for answer in ticket.answers],
                ]
                for ticket in tickets
            ),
        ]
    )


def announce_review(pipeline: Pipeline, session_key: str, *, action: str, by: str) -> None:
    """Tell this checkout's Dagster instance of a review."""
    with opened_instance() as instance:
        register_partition(instance, session_key)
        report_review(instance, pipeline, session_key, action=action, by=by)


def report_review(
    instance: dg.DagsterInstance, pipeline: Pipeline, session_key: str, *, action: str, by: str
) -> None:
    """Report a materialization of `tickets` without a run: what follows it shows as stale."""
    session = pipeline.store.sessions.get(session_key)
    stored = pipeline.store.tickets.list_all(session_key)
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            asset_key=TICKETS,
            partition=session_key,
            description=f"Review: {action}, by {by}.",
            metadata={"dagster/row_count": len(stored), "action": action, "by": by},
            tags={
                "dagster/data_version": tickets_data_version(session, stored),
                "dagster/code_version": TICKETS_CODE_VERSION,
            },
        )
    )
