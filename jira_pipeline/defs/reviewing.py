"""What Dagster is told of a review, and of an undo: what happened outside of its runs.

Belongs here: the data version of the tickets of a session, the event that makes `adf_validation`
stale in the UI, and what is left of `jira_issues` after an undo. Does not: changing tickets
(`stages/review`), undoing (`stages/jira_export/undo`).
"""

from collections.abc import Sequence

import dagster as dg

from jira_pipeline.defs.partitions import register_partition
from jira_pipeline.defs.previews import report_metadata, results_metadata
from jira_pipeline.defs.runs import opened_instance
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.tickets import ASSIGNABLE_FIELDS, Ticket, canonical_hash
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.open_session import REPORT_PAGE, open_session
from jira_pipeline.sessions.pages import write_report
from jira_pipeline.sessions.results import required_results

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
    """Tell Dagster of this home of a review."""
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


def announce_undo(pipeline: Pipeline, session_key: str, *, by: str) -> None:
    """Tell Dagster of this home of an undo."""
    with opened_instance() as instance:
        register_partition(instance, session_key)
        report_undo(instance, pipeline, session_key, by=by)


def report_undo(
    instance: dg.DagsterInstance, pipeline: Pipeline, session_key: str, *, by: str
) -> None:
    """Report `jira_issues` and `export_report` as they are after an undo; the page is written anew."""
    session = open_session(pipeline, session_key)
    results = required_results(session)
    write_report(session, results)
    page = session.page_link(REPORT_PAGE)
    metadata = {
        "jira_issues": results_metadata(results),
        "export_report": report_metadata(results, report_page=page),
    }
    for asset, values in metadata.items():
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                asset_key=asset,
                partition=session_key,
                description=f"Undo, by {by}.",
                metadata=values,
            )
        )
