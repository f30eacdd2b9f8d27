"""Tickets for tests: made specifications and whole sites through the real writer and renderer.

Belongs here: tickets that were never in a store. Does not: sessions that are stored and validated
(`crash/export_world`, `projects`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.jira.adf import AdfNode, adf_to_text
from jira_pipeline.model.entities import Specification
from jira_pipeline.model.entity_groups import EntityGroup, NamedGroup
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.model.tickets import Ticket, ticket_id_of
from jira_pipeline.tickets.documents.adf_validation import table_faults
from jira_pipeline.tickets.documents.configuration_tables import source_lines_of
from jira_pipeline.tickets.documents.rendering import WrittenTables, render_ticket, whole_document
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.contracts.stored_values import a_ticket
from jira_pipeline_tests.sheets.made_specifications import Row, specification_of
from jira_pipeline_tests.writing.sites import briefs_of, tickets_of

SESSION_KEY = "site"
BODY_MAX_BYTES = 32_767
"""Default of `ADF_BODY_MAX_BYTES`."""
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeTicket:
    """A ticket with the group it is about and all groups of its session."""

    ticket: Ticket
    group: EntityGroup
    groups: dict[str, EntityGroup]
    specification: Specification

    def rendered(self, *, body_max_bytes: int = BODY_MAX_BYTES) -> RenderedTicket:
        """Render it as Jira would get it."""
        tables = WrittenTables(self.group)
        return render_ticket(self.ticket, tables, groups=self.groups, body_max_bytes=body_max_bytes)

    def saying(self, **parts: str) -> "MadeTicket":
        revision = self.ticket.revision
        changed = replace(revision, parts=replace(revision.parts, **parts))
        return replace(self, ticket=replace(self.ticket, revision=changed))


def render_whole_document(
    ticket: Ticket, group: EntityGroup, *, groups: Mapping[str, EntityGroup | NamedGroup]
) -> AdfNode:
    """Render everything a ticket says, whatever its size."""
    tables, room = WrittenTables(group), BODY_MAX_BYTES
    whole = whole_document(ticket, tables, groups=groups, file_name="a.md", body_max_bytes=room)
    document: AdfNode = json.loads(whole.text)
    return document


def made_tickets(**sheets: Sequence[Row]) -> tuple[MadeTicket, ...]:
    """Write the tickets of rows, in build order."""
    return tickets_for(specification_of(**sheets))


def faults_in(made: Sequence[MadeTicket]) -> tuple[str, ...]:
    """Compare what tickets of one session say with their rows."""
    groups = made[0].groups
    written = (
        (one.ticket, render_whole_document(one.ticket, one.group, groups=groups)) for one in made
    )
    return table_faults(written, groups=groups)


def made_ticket(title: str, **sheets: Sequence[Row]) -> MadeTicket:
    (found,) = (made for made in made_tickets(**sheets) if made.ticket.title == title)
    return found


def tickets_for(
    specification: Specification, *, include_waiting: bool = False
) -> tuple[MadeTicket, ...]:
    """Write the tickets of a specification, in build order."""
    groups = group_entities(specification, include_waiting=include_waiting).groups
    writer = TemplateWriter()
    return tuple(_made(brief, writer.write(brief)) for brief in briefs_of(specification, groups))


@cache
def site_tickets(name: str) -> tuple[MadeTicket, ...]:
    """Write the tickets of `uhrenmuseum` or `uwec`; the test skips where its sheets are absent."""
    return tuple(_made(brief, prose) for brief, prose in tickets_of(name))


def headings_of(rendered: RenderedTicket) -> list[str]:
    """Return the headings of a body, in order."""
    return [adf_to_text(block) for block in blocks_of(rendered) if block["type"] == "heading"]


def blocks_of(rendered: RenderedTicket) -> list[AdfNode]:
    blocks = rendered.document["content"]
    assert isinstance(blocks, list)
    return blocks


def section_text(rendered: RenderedTicket, heading: str) -> str:
    """Return the text between a heading that begins with these words and the next."""
    blocks = blocks_of(rendered)
    starts = [
        place
        for place, block in enumerate(blocks)
        if block["type"] == "heading" and adf_to_text(block).startswith(heading)
    ]
    assert len(starts) == 1, headings_of(rendered)
    found = []
    for block in blocks[starts[0] + 1 :]:
        if block["type"] in {"heading", "rule"}:
            break
        found.append(adf_to_text(block))
    return "\n".join(found)


def markdown_cells(markdown: str) -> set[str]:
    """Return the texts of all table cells as a reader of Markdown shows them."""
    tree = LexborHTMLParser(_MARKDOWN.render(markdown).replace("<br>", "\n"))
    return {cell.text() for cell in tree.css("td, th")}


def first_ticket(group: EntityGroup, prose: TicketProse, *, session_key: str) -> Ticket:
    """Return the ticket of a group with its first revision, which waits for no other one."""
    return a_ticket(
        group.number,
        prose,
        title=group.title,
        ticket_id=ticket_id_of(session_key, group.key),
        session_key=session_key,
        group_key=group.key,
        display_group=group.display_group,
        action=group.action,
    )


def _made(brief: TicketRows, prose: TicketProse) -> MadeTicket:
    group = brief.group
    ticket = replace(
        first_ticket(group, prose, session_key=SESSION_KEY),
        depends_on=tuple(ticket_id_of(SESSION_KEY, d.group_key) for d in group.linked_dependencies),
        relates_to=tuple(
            ticket_id_of(SESSION_KEY, r.group_key) for r in group.linked_relations if r.group_key
        ),
        source_lines=source_lines_of(group),
    )
    return MadeTicket(
        ticket=ticket,
        group=group,
        groups=dict(brief.session.groups),
        specification=brief.session.specification,
    )
