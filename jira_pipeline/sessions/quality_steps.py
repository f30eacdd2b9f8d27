"""Judging the tickets of a session, as checks, pages and the command line take it.

Belongs here: calling the stage with what the session holds. Does not: the points
(`stages/quality`), words for people (`cli`, templates).
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.validations import TicketValidation
from jira_pipeline.ports.writing import TicketWriter
from jira_pipeline.sessions.composition import Pipeline, open_writer
from jira_pipeline.sessions.generation_steps import writing_lease
from jira_pipeline.stages.adf_validation import check_ticket, render_tickets
from jira_pipeline.stages.quality.rubric import SessionQuality
from jira_pipeline.stages.quality.writer_comparison import (
    ComparedTicket,
    compare_qualities,
    rewritten_tickets,
)
from jira_pipeline.stages.ticket_generation import briefs_of
from jira_pipeline.writers.template import TemplateWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterComparison:
    """The tickets of a session as they are kept and as another writer has them."""

    writer: str
    kept: SessionQuality
    other: SessionQuality
    tickets: tuple[ComparedTicket, ...]


def quality_now(pipeline: Pipeline, session: UploadSession) -> SessionQuality:
    """Judge the tickets as they are now, each document checked again.

    Raises:
        GateError: A ticket's group is not in the sheets any more.
    """
    return _judged(pipeline, session, pipeline.rendered(session))


def quality_as_validated(pipeline: Pipeline, session: UploadSession) -> SessionQuality:
    """Judge the tickets with what the latest validation found of their documents.

    Raises:
        GateError: A ticket's group is not in the sheets any more.
    """
    validation = pipeline.store.validations.latest(session.session_key)
    results = validation.results if validation else ()
    return _judged(
        pipeline,
        session,
        pipeline.rendered(session),
        validated={result.ticket_id: result for result in results},
    )


def compare_writer(
    pipeline: Pipeline, session: UploadSession, *, writer_name: str
) -> WriterComparison:
    """Let another writer write the tickets, and judge both; no ticket is stored.

    Nobody else has a model write them meanwhile: it could pay for the same answers twice.

    Raises:
        LeaseBusyError: Another process has a model write tickets of this session.
        ConfigurationError: There is no such writer.
        GateError: A ticket's group is not in the sheets any more.
        WriterError: The writer cannot go on.
    """
    contents = pipeline.contents(session)
    writer = _writer_named(pipeline, writer_name)
    kept = quality_now(pipeline, session)
    with _lease_for(pipeline, session, writer=writer):
        tickets = rewritten_tickets(
            [rendered.ticket for rendered in pipeline.rendered(session)],
            briefs_of(session, groups=contents.groups, specification=contents.specification),
            writer=writer,
            session_key=session.session_key,
        )
    rendered = render_tickets(
        tickets,
        groups=contents.groups_by_key,
        body_max_bytes=pipeline.settings.adf_body_max_bytes,
    )
    other = _judged(pipeline, session, rendered)
    return WriterComparison(
        writer=writer.name, kept=kept, other=other, tickets=compare_qualities(kept, other)
    )


def _writer_named(pipeline: Pipeline, name: str) -> TicketWriter:
    settings = pipeline.settings.with_writer(name)
    return open_writer(settings, record=pipeline.store.writing, clock=pipeline.clock)


def _lease_for(
    pipeline: Pipeline, session: UploadSession, *, writer: TicketWriter
) -> AbstractContextManager[None]:
    """Hold the session's lease where a model is asked; the template costs nothing."""
    if isinstance(writer, TemplateWriter):
        return nullcontext()
    return writing_lease(pipeline, session, who=f"comparison with {writer.name}")


def _judged(
    pipeline: Pipeline,
    session: UploadSession,
    rendered: Sequence[RenderedTicket],
    *,
    validated: Mapping[str, TicketValidation] | None = None,
) -> SessionQuality:
    if validated is None:
        most = pipeline.settings.adf_body_max_bytes
        validated = {r.ticket.ticket_id: check_ticket(r, body_max_bytes=most) for r in rendered}
    return pipeline.memory.judged(session, rendered, validated=validated)
