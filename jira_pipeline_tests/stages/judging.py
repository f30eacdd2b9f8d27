"""Judging made tickets: the rubric over tickets that were never in a store.

Belongs here: putting rendering, checking and judging together for tests. Does not: asserting.
"""

from collections.abc import Sequence
from dataclasses import replace

from jira_pipeline.domain.entities import Specification
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.stages.adf_validation import check_ticket
from jira_pipeline.stages.quality.rubric import SessionQuality, TicketQuality, judge_session
from jira_pipeline_tests.stages.made_tickets import BODY_MAX_BYTES, MadeTicket


def judged(made: Sequence[MadeTicket], *, body_max_bytes: int = BODY_MAX_BYTES) -> SessionQuality:
    """Judge tickets as they are."""
    rendered = [m.rendered(body_max_bytes=body_max_bytes) for m in made]
    return judged_as_rendered(rendered, made, body_max_bytes=body_max_bytes)


def judged_as_rendered(
    rendered: Sequence[RenderedTicket],
    made: Sequence[MadeTicket],
    *,
    body_max_bytes: int = BODY_MAX_BYTES,
) -> SessionQuality:
    """Judge tickets with documents that need not be what the renderer made."""
    return judge_session(
        rendered,
        groups=made[0].groups if made else {},
        specification=made[0].specification if made else Specification(entities=()),
        validated={
            r.ticket.ticket_id: check_ticket(r, body_max_bytes=body_max_bytes) for r in rendered
        },
    )


def judged_one(made: MadeTicket, among: Sequence[MadeTicket]) -> TicketQuality:
    """Judge one ticket in the place of the one of its group."""
    others = [made if m.group.key == made.group.key else m for m in among]
    quality = judged(others)
    (found,) = (t for t in quality.tickets if t.ticket_id == made.ticket.ticket_id)
    return found


def retitled(made: MadeTicket, title: str) -> MadeTicket:
    """Return the same ticket under another title."""
    revision = replace(made.ticket.revision, title=title)
    return replace(made, ticket=replace(made.ticket, revision=revision))
