"""Judging the tickets of a session, as they are and as another writer would write them.

Belongs here: calling the stage with what the session holds. Does not: the points
(`stages/quality`).
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.validations import TicketValidation
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.sessions.writers import writer_named, writing_lease
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


def quality_now(session: OpenSession) -> SessionQuality:
    """Judge the tickets as they are now, each document checked again.

    Raises:
        GateError: A ticket's group is not in the sheets any more.
    """
    return _judged(session, session.rendered)


def quality_as_validated(session: OpenSession) -> SessionQuality:
    """Judge the tickets with what the latest validation found of their documents.

    Raises:
        GateError: A ticket's group is not in the sheets any more.
    """
    validation = session.store.validations.latest(session.key)
    results = validation.results if validation else ()
    return _judged(
        session,
        session.rendered,
        validated={result.ticket_id: result for result in results},
    )


def compare_writer(session: OpenSession, *, writer_name: str) -> WriterComparison:
    """Let another writer write the tickets, and judge both; no ticket is stored.

    Nobody else has a model write them meanwhile: it could pay for the same answers twice.

    Raises:
        LeaseBusyError: Another process has a model write tickets of this session.
        ConfigurationError: There is no such writer.
        GateError: A ticket's group is not in the sheets any more.
        WriterError: The writer cannot go on.
    """
    contents = session.contents
    writer = writer_named(session.pipeline, writer_name)
    kept = quality_now(session)
    is_free = isinstance(writer, TemplateWriter)
    lease = writing_lease(session, who=f"comparison with {writer.name}")
    with nullcontext() if is_free else lease:
        tickets = rewritten_tickets(
            [rendered.ticket for rendered in session.rendered],
            briefs_of(session.stored, groups=contents.groups, specification=contents.specification),
            writer=writer,
            session_key=session.key,
        )
    rendered = render_tickets(
        tickets,
        groups=contents.groups_by_key,
        body_max_bytes=session.settings.adf_body_max_bytes,
    )
    other = _judged(session, rendered)
    return WriterComparison(
        writer=writer.name, kept=kept, other=other, tickets=compare_qualities(kept, other)
    )


def _judged(
    session: OpenSession,
    rendered: Sequence[RenderedTicket],
    *,
    validated: Mapping[str, TicketValidation] | None = None,
) -> SessionQuality:
    if validated is None:
        most = session.settings.adf_body_max_bytes
        validated = {r.ticket.ticket_id: check_ticket(r, body_max_bytes=most) for r in rendered}
    return session.pipeline.memory.judged(session.stored, rendered, validated=validated)
