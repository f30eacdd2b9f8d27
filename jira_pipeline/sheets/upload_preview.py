"""What people should know of an upload: what it changes, ticket by ticket, and sheets that lack.

Belongs here: comparing two readings of the sheets, naming sheets that others need. Does not: keeping
files that were sent (`sessions/incoming`), what becomes of tickets when they are written again
(`store/generations`), noticing that references lead nowhere (`reading`).

Whether a copy was whole cannot be known for certain: a specification may have no fields yet. So
people are asked, and nothing is exported without one of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.model.entities import SHEET_NAMES, EntityKind, SourceFile
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.rendered_tickets import changed_cells, rows_hash_of
from jira_pipeline.model.tickets import ChangedCell, Ticket

SHEET_MISSING = "sheet_missing"
"""Code of the finding; its value is the name of the sheet."""


class Becomes(StrEnum):
    """What an upload makes of a ticket."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"
    """Its rows are no longer in the sheets: proposed for withdrawal."""


_WEIGHT = {Becomes.GONE: 0, Becomes.CHANGED: 1, Becomes.NEW: 2}


@json_fields("becomes title number ticket_id worked_on=is_worked_on cells")
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """What an upload would change about one ticket."""

    becomes: Becomes
    title: str
    """As the newer sheets call it; of one that goes, as it is called now."""
    number: int | None
    """Of the ticket there is now; None of a new one."""
    ticket_id: str | None
    is_worked_on: bool
    """People changed its text or fields, or answered a question: that stays and is marked."""
    cells: tuple[ChangedCell, ...]
    """Of a changed ticket; empty where only what it refers to changed."""


def ticket_changes(
    before: Mapping[str, EntityGroup], after: Sequence[EntityGroup], *, tickets: Sequence[Ticket]
) -> tuple[TicketChange, ...]:
    """Return what newer sheets would change: new and changed tickets in build order, then gone ones.

    `before` are the groups of the sheets as they are, by key; `tickets` those written from them.
    """
    by_group = {ticket.group_key: ticket for ticket in tickets}

    def change(becomes: Becomes, group: EntityGroup) -> TicketChange:
        ticket = by_group.get(group.key)
        return TicketChange(
            becomes=becomes,
            title=group.title,
            number=None if ticket is None else ticket.number,
            ticket_id=None if ticket is None else ticket.ticket_id,
            is_worked_on=ticket is not None and ticket.is_worked_on,
            cells=() if becomes is not Becomes.CHANGED else changed_cells(before[group.key], group),
        )

    new_keys = {group.key for group in after}
    found = []
    for group in after:
        known = before.get(group.key)
        if known is None:
            found.append(change(Becomes.NEW, group))
        elif rows_hash_of(known) != rows_hash_of(group):
            found.append(change(Becomes.CHANGED, group))
    gone = [group for key, group in before.items() if key not in new_keys]
    return (*found, *(change(Becomes.GONE, group) for group in gone))


def as_looked_at(changes: Sequence[TicketChange]) -> tuple[TicketChange, ...]:
    """Return changes with what a person has to know most first: what goes, changes, is new.

    Of the changed ones those follow that only refer to something that changed.
    """
    return tuple(sorted(changes, key=lambda one: (_WEIGHT[one.becomes], not one.cells)))


def missing_sheets(files: Iterable[SourceFile], findings: Iterable[Finding]) -> tuple[str, ...]:
    """Name the sheets that others refer to, and fields where bundles have none at all."""
    filled = {file.sheet for file in files if file.row_count}
    named = {finding.value for finding in findings if finding.code == SHEET_MISSING}
    if EntityKind.BUNDLE in filled and EntityKind.FIELD not in filled:
        named.add(SHEET_NAMES[EntityKind.FIELD])
    return tuple(name for name in SHEET_NAMES.values() if name in named)


def missing_sheets_sentence(names: tuple[str, ...]) -> str:
    are, them = ("is", "it") if len(names) == 1 else ("are", "them")
    noun = "The sheet of" if len(names) == 1 else "The sheets of"
    return f"{noun} {', '.join(names)} {are} missing, and other sheets need {them}"
