"""Judging the tickets of a session, as they are and as another writer would write them.

Belongs here: calling the stage with what the session holds. Does not: the points
(`stages/quality`).
"""

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.tickets import canonical_hash
from jira_pipeline.domain.validations import TicketValidation
from jira_pipeline.errors import system_words
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.stages.adf_validation import check_ticket, render_tickets
from jira_pipeline.stages.quality.rubric import (
    SessionQuality,
    TicketQuality,
    as_title,
    judge_session,
    title_counts,
)

if TYPE_CHECKING:
    from jira_pipeline.stages.quality.writer_comparison import ComparedTicket

QUALITY_FOLDER = "ticket_quality"
"""Beside what assets pass on, so it goes with its session."""
_KEPT = TypeAdapter(dict[str, TicketQuality])
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterComparison:
    """The tickets of a session as they are kept and as another writer has them."""

    writer: str
    kept: SessionQuality
    other: SessionQuality
    tickets: "tuple[ComparedTicket, ...]"


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
    # Every page is written with this module, and writers are slow to load.
    from jira_pipeline.sessions.writers import writer_named, writing_lease  # noqa: PLC0415
    from jira_pipeline.stages.quality.writer_comparison import (  # noqa: PLC0415
        compare_qualities,
        rewritten_tickets,
    )
    from jira_pipeline.stages.ticket_generation import briefs_of  # noqa: PLC0415
    from jira_pipeline.writers.template import TemplateWriter  # noqa: PLC0415

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
    other = _judged(session, rendered, is_kept=False)
    return WriterComparison(
        writer=writer.name, kept=kept, other=other, tickets=compare_qualities(kept, other)
    )


def _judged(
    session: OpenSession,
    rendered: Sequence[RenderedTicket],
    *,
    validated: Mapping[str, TicketValidation] | None = None,
    is_kept: bool = True,
) -> SessionQuality:
    """Judge each ticket once for what it says: what was found about it is kept in a file.

    The file follows from rows and tickets, and can be deleted.
    """
    if validated is None:
        most = session.settings.adf_body_max_bytes
        validated = {r.ticket.ticket_id: check_ticket(r, body_max_bytes=most) for r in rendered}
    manifest = session.stored.manifest
    of_session = canonical_hash(
        [
            session.pipeline.rendering,
            session.stored.content_sha256,
            manifest.include_waiting,
            manifest.removals,
        ]
    )
    titles = title_counts(rendered)  # two tickets must not have the same
    keys = {
        one.ticket.ticket_id: canonical_hash(
            [
                of_session,
                one.rendered_hash,
                one.ticket.revision.content_hash,
                one.ticket.revision.writer,
                [one.ticket.number, one.ticket.title, titles[as_title(one.summary)] > 1],
                validation.error_message
                if (validation := validated.get(one.ticket.ticket_id))
                else None,
            ]
        )
        for one in rendered
    }

    path = session.settings.artefacts_path / QUALITY_FOLDER / f"{session.key}.json"
    kept = _kept_in(path) if is_kept else {}
    quality = judge_session(
        rendered,
        groups=session.groups,
        specification=session.contents.specification,
        validated=validated,
        known={ticket_id: kept[key] for ticket_id, key in keys.items() if key in kept},
    )
    found = {keys[ticket.ticket_id]: ticket for ticket in quality.tickets}
    if is_kept and found != kept:
        _keep(path, found)
    return quality


def _kept_in(path: Path) -> Mapping[str, TicketQuality]:
    """Read what was found before; without it everything is judged again."""
    try:
        return _KEPT.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        logger.info("%s cannot be used, tickets are judged again: %s", path, type(error).__name__)
        return {}


def _keep(path: Path, found: Mapping[str, TicketQuality]) -> None:
    """Put the file in place in one step; where it cannot be written, tickets are judged again."""
    incoming = path.with_name(f".{path.name}.{os.getpid()}.incoming")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.write_bytes(_KEPT.dump_json(dict(found), indent=1))
        incoming.replace(path)
    except OSError as error:
        logger.info("%s cannot be written: %s", path, system_words(error))
