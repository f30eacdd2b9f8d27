"""Tickets as people and programs read them: in a list, whole, and two revisions side by side.

A `PlacedTicket` is a line of a list, with the ticket's issue; a `WholeTicket` is all that is known of
one ticket, with its document as Jira will show it. Each has its JSON for `--json` and the API.

Belongs here: gathering these values. Does not: which tickets are meant (`ticket_selection`),
questions (`questions`), what happened to one (`ticket_history`), what changed since an approval
(`approved_difference`), comments (`comments`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.jira.adf import adf_to_html, adf_to_markdown
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import NotFoundError, NotFoundKind, unknown_ticket
from jira_pipeline.model.json_values import json_fields, json_object, select_fields
from jira_pipeline.model.model_requests import NOTHING_SPENT, Spending
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.revisions import PART_NAMES, Revision
from jira_pipeline.model.ticket_decisions import EXCLUSION_COLUMNS
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.tickets import ISSUE_FIELDS, ListedTicket, SourceLines, Ticket, as_listed
from jira_pipeline.review.marks import Remark, skipped_dependencies
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import PartDifference, compare_revisions, shown_changes
from jira_pipeline.review.ticket_selection import TicketQuery, chosen_tickets
from jira_pipeline.tickets.documents.configuration_tables import ConfigurationTable, tables_of

LINES_ASKED_MAX = 500
"""Up to so many tickets, source lines are read by id; for more, those of the whole session."""


def ticket_of_id(session: OpenSession, ticket_id: str) -> Ticket:
    """Return the ticket with an id, whose rows are in the sheets.

    Raises:
        NotFoundError: There is none.
    """
    tickets = session.store.tickets.some(session.key, [ticket_id])
    if not tickets:
        raise unknown_ticket(session_key=session.key, ticket=ticket_id)
    return tickets[0]


def listed_page(
    session: OpenSession,
    wanted: TicketQuery | None,
    *,
    without_rows: Sequence[Ticket],
    offset: int,
    limit: int | None,
) -> tuple[ListedTicket, ...]:
    """Return a page of the tickets, of all or of those that `wanted` selects.

    The page has `limit` tickets from `offset` on. `without_rows` are tickets whose rows are gone;
    without a filter they are added to the last page.

    Raises:
        WrongUseError: The filter selects none.
    """
    store = session.store.tickets
    gone = tuple(map(as_listed, without_rows))
    if wanted is not None:
        with_gone = (*store.listed(session.key), *gone)
        places = session.places_of(with_gone)
        chosen = chosen_tickets(with_gone, wanted, places=places, session_key=session.key)
        return chosen[offset:][:limit]
    tickets = store.listed(session.key, offset=offset, limit=limit)
    is_end = limit is None or offset + len(tickets) >= session.tally.total
    return (*tickets, *(gone if is_end else ()))


_REASONS = " ".join(f"{name}=ticket.{name}" for name in EXCLUSION_COLUMNS)
_FIELDS = " ".join(f"{name}=ticket.{name}" for name in ISSUE_FIELDS)


@json_fields(
    "ticket_id=ticket.ticket_id number=ticket.number title=ticket.title "
    "entity_group=ticket.display_group action=ticket.action state=place.state "
    f"ready=ticket.is_ready {_REASONS} depends_on=ticket.depends_on "
    f"relates_to=ticket.relates_to {_FIELDS} "
    "estimated_hours=ticket.estimated_hours jira_key=place.jira_key jira_url=place.jira_url "
    "exported_at=place.exported_at revision=ticket.revision_number withdrawal=ticket.withdrawal "
    "source_changed=ticket.is_source_changed open_questions=ticket.unanswered_count "
    "fallback=ticket.is_fallback source_files=source_lines"
)
@dataclass(frozen=True, slots=True)
class PlacedTicket:
    """A ticket as it is in a list, with its issue and the lines it is made from."""

    ticket: ListedTicket
    place: TicketExport
    source_lines: tuple[SourceLines, ...]


def placed_tickets(session: OpenSession, tickets: Sequence[ListedTicket]) -> list[PlacedTicket]:
    """Return tickets with their issues and source lines, those without rows too."""
    places = session.places_of(tickets)
    ids = [ticket.ticket_id for ticket in tickets]
    only = ids if len(ids) <= LINES_ASKED_MAX else None
    lines = dict(session.store.tickets.source_lines(session.key, only=only))
    if any(ticket.withdrawal is not None for ticket in tickets):
        for vanished in session.vanished_tickets:
            lines[vanished.ticket_id] = vanished.source_lines
    placed: list[PlacedTicket] = []
    for ticket in tickets:
        ticket_id = ticket.ticket_id
        placed.append(PlacedTicket(ticket, places[ticket_id], lines.get(ticket_id, ())))
    return placed


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTicket:
    """A ticket as Jira will show it, with all that belongs to it."""

    rendered: RenderedTicket
    group: EntityGroup
    place: TicketExport
    """Its state of export, and its issue if it has one."""
    revisions: tuple[Revision, ...]
    """All revisions, oldest first."""
    remark: Remark | None
    """What people want a model to mind in it."""
    missing: tuple[Ticket, ...]
    """The skipped tickets that it depends on."""
    spending: Spending
    """The requests, tokens and money that models took for it."""

    @property
    def ticket(self) -> Ticket:
        return self.rendered.ticket

    @property
    def rows(self) -> tuple[Entity, ...]:
        return (*self.group.heads, *self.group.members)

    def to_json(self) -> dict[str, object]:
        """Return the shape `tickets show --json` promises."""
        ticket = self.ticket
        listed = PlacedTicket(as_listed(ticket), self.place, ticket.source_lines)
        return {
            **json_object(listed),
            **self._json_of_text(),
            "tables": [self._json_of_table(table) for table in tables_of(self.group)],
            **select_fields(ticket.revision, "writer fallback_reason"),
            **json_object(self.spending),
            "skipped_dependencies": [other.number for other in self.missing],
            "changes": shown_changes(ticket),
            "remark": self.remark,
            "source_changes": ticket.source_changes,
            "source_rows": [self._json_of_row(row) for row in self.rows],
            "revisions": self.revisions,
        }

    def _json_of_text(self) -> Mapping[str, object]:
        """Return its text in three formats, its parts, and the file that its issue gets."""
        document = self.rendered.document
        attachment = None
        if self.rendered.attachment is not None:
            filename, text = self.rendered.attachment
            attachment = {"filename": filename, "text": text}
        return {
            "description_html": adf_to_html(document),
            "description_adf": document,
            "description_markdown": adf_to_markdown(document),
            "attachment": attachment,
            "parts": select_fields(self.ticket.revision.parts, " ".join(PART_NAMES)),
        }

    @staticmethod
    def _json_of_table(table: ConfigurationTable) -> Mapping[str, object]:
        return {
            "title": table.title,
            "columns": table.columns,
            "rows": [row.cells for row in table.rows],
            "lines": [row.lines for row in table.rows],
            "records": [row.records for row in table.rows],
            "same_for_all": dict(table.same_for_all),
        }

    @staticmethod
    def _json_of_row(row: Entity) -> Mapping[str, object]:
        cells = {column: text for column, text in row.cells.items() if text}
        return {**json_object(row.source), "cells": cells}


def whole_ticket(session: OpenSession, number: int) -> WholeTicket:
    """Return all of the ticket with a number, whose rows are in the sheets; no other is rendered.

    Raises:
        GateError: Its group is not in the sheets any more.
        NotFoundError: There is none of that number.
    """
    ticket = session.ticket(number)
    all_tickets = session.tickets
    spending_by_group = session.store.writing.spending_by_group(session.key)
    (rendered,) = session.rendered_of([ticket])
    group = session.group_of(ticket)
    places = session.places_of([ticket])
    revisions = session.revisions(ticket)
    remark = session.remarks.get(ticket.ticket_id)
    skipped_by_number = skipped_dependencies(all_tickets)
    return WholeTicket(
        rendered=rendered,
        group=group,
        place=places[ticket.ticket_id],
        revisions=revisions,
        remark=remark,
        missing=skipped_by_number.get(number, ()),
        spending=spending_by_group.get(ticket.group_key, NOTHING_SPENT),
    )


@json_fields(
    "session_key=ticket.session_key number=ticket.number from=before.number to=after.number "
    "parts=differences source_changes=ticket.source_changes"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRevisions:
    """Two revisions of a ticket, and how they differ."""

    ticket: Ticket
    revisions: tuple[Revision, ...]
    """All there are, oldest first."""
    before: Revision
    after: Revision

    @property
    def differences(self) -> Sequence[PartDifference]:
        """The differences by part; none where the revisions say the same."""
        return compare_revisions(self.before, self.after)


def compared_revisions(
    session: OpenSession, number: int, *, before: int, after: int | None = None
) -> ComparedRevisions:
    """Compare the revision `before` with `after`, by default the current one.

    Raises:
        NotFoundError: There is no revision of a number, or no such ticket.
    """
    ticket = session.ticket(number)
    revisions = session.revisions(ticket)
    by_number: Mapping[int, Revision] = {revision.number: revision for revision in revisions}
    later = ticket.revision.number if after is None else after
    for revision_number in (before, later):
        if revision_number not in by_number:
            raise NotFoundError(
                kind=NotFoundKind.REVISION,
                number=number,
                revision=revision_number,
                known=len(revisions),
            )
    return ComparedRevisions(
        ticket=ticket, revisions=revisions, before=by_number[before], after=by_number[later]
    )
