"""The steps of a session, as assets and the command line both take them.

Belongs here: calling a stage with the pipeline's adapters, writing the pages. Does not: rules
(`stages`), Dagster words (`assets`, `export_ops`), terminal words (`cli`), steps of the export
(`export_steps`).
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jira_pipeline.domain.next_step import refuse_without_tickets
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.validations import Validation
from jira_pipeline.errors import UnknownTicketError
from jira_pipeline.sessions.commands import words_of
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.daemon_ticks import is_validated_by_daemon
from jira_pipeline.sessions.quality_steps import quality_as_validated
from jira_pipeline.sessions.self_approval import approves_itself
from jira_pipeline.sessions.session_pages import REPORT_PAGE, REVIEW_PAGE, write_page
from jira_pipeline.sessions.session_results import places
from jira_pipeline.sessions.session_status import what_is_next
from jira_pipeline.sessions.session_withdrawals import withdrawn_by_itself
from jira_pipeline.stages.adf_validation import validate_session
from jira_pipeline.stages.jira_export.results import ExportResults
from jira_pipeline.stages.pages import report_page, review_page
from jira_pipeline.stages.review.approval import AUTO_APPROVAL, approve_automatically
from jira_pipeline.stages.review.approval import mark_ready as mark_tickets_ready
from jira_pipeline.stages.review.withdrawals import proposed_among
from jira_pipeline.stages.upload_reading import (
    SpecificationReading,
    UploadOutcome,
    read_session,
    upload_folder,
)


def upload(
    pipeline: Pipeline,
    folder: Path,
    *,
    session_key: str | None,
    auto_approve: bool,
    actor: str,
    as_new: bool = False,
) -> UploadOutcome:
    """Register a folder as a session."""
    return upload_folder(
        folder,
        session_key=session_key,
        auto_approve=auto_approve,
        as_new=as_new,
        source=pipeline.source,
        sessions=pipeline.store.sessions,
        ledger=pipeline.store.ledger,
        uploads_path=pipeline.settings.uploads_path,
        now=pipeline.clock.now(),
        actor=actor,
    )


def read_files(pipeline: Pipeline, session: UploadSession) -> SpecificationReading:
    """Read the sheets of a session and store its findings."""
    return read_session(
        session,
        source=pipeline.source,
        sessions=pipeline.store.sessions,
        uploads_path=pipeline.settings.uploads_path,
    )


def validate(pipeline: Pipeline, session: UploadSession, *, run_id: str | None) -> Validation:
    """Check every ticket of a session and store the result."""
    read_at = pipeline.clock.now()
    validation = validate_session(
        session,
        rendered=pipeline.rendered(session),
        read_at=read_at,
        rendering=pipeline.rendering,
        body_max_bytes=pipeline.settings.adf_body_max_bytes,
        sessions=pipeline.store.sessions,
        validations=pipeline.store.validations,
        now=pipeline.clock.now,
        run_id=run_id,
        is_anything_left=bool(
            proposed_among(pipeline.store.tickets.list_vanished(session.session_key))
        ),
    )
    write_review(pipeline, session)
    return validation


def write_review(pipeline: Pipeline, session: UploadSession) -> Path:
    """Write the review page of a session and return its path."""
    as_of = pipeline.clock.now()
    page = review_page(
        session,
        pipeline.rendered(session),
        contents=pipeline.contents(session),
        findings=pipeline.store.sessions.findings(session.session_key),
        vanished=pipeline.store.tickets.list_vanished(session.session_key),
        validation=pipeline.store.validations.latest(session.session_key),
        quality=quality_as_validated(pipeline, session),
        step=what_is_next(pipeline, session.session_key),
        as_of=as_of,
        wording=words_of,
    )
    path = write_page(pipeline, session, name=REVIEW_PAGE, content=page)
    os.utime(path, (as_of.timestamp(), as_of.timestamp()))  # an edit may have come meanwhile
    return path


def mark_ready(
    pipeline: Pipeline, session: UploadSession, *, numbers: Sequence[int] | None, by: str
) -> int:
    """Mark tickets ready (None: all that are not skipped); return how many were not before.

    Raises:
        GateError: There are no tickets, or one was not validated as it is now.
        UnknownTicketError: A number names no ticket.
    """
    refuse_without_tickets(session)
    rendered = pipeline.rendered(session)
    unknown = sorted(set(numbers or ()) - {r.ticket.number for r in rendered})
    if unknown:
        raise UnknownTicketError(session_key=session.session_key, ticket=str(unknown[0]))
    return mark_tickets_ready(
        session,
        rendered,
        numbers=numbers,
        tickets=pipeline.store.tickets,
        validations=pipeline.store.validations,
        by=by,
        at=pipeline.clock.now(),
        is_validated_again=is_validated_by_daemon(pipeline, session),
    )


def approve(pipeline: Pipeline, session: UploadSession, *, auto_approve: bool | None = None) -> int:
    """Mark valid tickets ready where the session approves itself; return how many.

    A given `auto_approve` counts for this run in place of the manifest's.

    It agrees to withdrawals, too, where `agreed_automatically` says so. Behind an undo, and
    where sheets are missing, it does neither: that is for people to decide.
    """
    if auto_approve is not None:
        manifest = replace(session.manifest, auto_approve=auto_approve)
        session = replace(session, manifest=manifest)
    if not approves_itself(pipeline, session):
        return 0
    pipeline.store.tickets.withdraw(
        session.session_key,
        [ticket.ticket_id for ticket in withdrawn_by_itself(pipeline, session)],
        reason="",
        by=AUTO_APPROVAL,
        at=pipeline.clock.now(),
    )
    return approve_automatically(
        session,
        pipeline.rendered(session),
        is_sandbox=pipeline.settings.is_sandbox,
        tickets=pipeline.store.tickets,
        validations=pipeline.store.validations,
        at=pipeline.clock.now(),
    )


def write_report(pipeline: Pipeline, session: UploadSession, results: ExportResults) -> Path:
    """Write the export report of a session and return its path."""
    is_current = session.generated_from_sha256 == session.content_sha256
    page = report_page(
        session,
        pipeline.store.tickets.list_all(session.session_key),
        vanished=pipeline.store.tickets.list_vanished(session.session_key),
        results=results,
        places=places(pipeline, session),
        findings=pipeline.store.sessions.findings(session.session_key),
        quality=quality_as_validated(pipeline, session) if is_current else None,
    )
    return write_page(pipeline, session, name=REPORT_PAGE, content=page)
