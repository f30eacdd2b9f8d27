"""All tickets of a session as files people edit elsewhere, and what they changed in them.

Belongs here: a folder of Markdown files, one a ticket, or one CSV file, one row a ticket; reading
either back with the checks of every edit. Does not: one ticket in an editor (`editable_text`),
writing files (`cli`). Nothing is changed before every file was read and none is refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.ports import ReviewStore
from jira_pipeline.domain.tickets import ASSIGNABLE_FIELDS, FieldValue, Ticket
from jira_pipeline.errors import EditConflictError, InputError
from jira_pipeline.stages.review.cells import csv_rows, csv_text, unusable
from jira_pipeline.stages.review.editable_text import (
    editable_text,
    markdown_of_part,
    number_in_text,
    read_edited_text,
    says_the_same,
)
from jira_pipeline.stages.review.editing import (
    PART_NAMES,
    TicketEdit,
    checked_title,
    edit_ticket,
    html_of_markdown,
)
from jira_pipeline.stages.review.fields import checked_fields

CSV_COLUMNS = ("number", "revision", "title", *PART_NAMES, *ASSIGNABLE_FIELDS)
FAULTS_TOLD = 10
_SLUG_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """What one file or row changes of one ticket."""

    ticket: Ticket
    revision: int
    """The one it was written from."""
    edit: TicketEdit
    fields: Mapping[str, FieldValue] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """It changes nothing."""
        return self.edit.title is None and not self.edit.parts and not self.fields


def file_name_of(ticket: Ticket) -> str:
    """Name the Markdown file of a ticket: its number and title."""
    slug = re.sub(r"[^a-z0-9]+", "-", ticket.title.casefold()).strip("-")[:_SLUG_CHARACTERS]
    return f"{ticket.number:03}-{slug.rstrip('-') or 'ticket'}.md"


def markdown_files(tickets: Iterable[Ticket], groups: Mapping[str, EntityGroup]) -> dict[str, str]:
    """Write every ticket as the text an editor shows, by file name."""
    return {file_name_of(t): editable_text(t, groups[t.group_key]) for t in tickets}


def tickets_csv(tickets: Iterable[Ticket]) -> str:
    """Write every ticket as a row: title, parts as Markdown, fields."""
    return csv_text(
        CSV_COLUMNS,
        (
            {
                "number": ticket.number,
                "revision": ticket.revision.number,
                "title": ticket.title,
                **{n: markdown_of_part(getattr(ticket.revision.parts, n)) for n in PART_NAMES},
                **{name: _field_text(getattr(ticket, name)) for name in ASSIGNABLE_FIELDS},
            }
            for ticket in tickets
        ),
    )


def read_markdown_files(
    files: Mapping[str, str], tickets: Sequence[Ticket], groups: Mapping[str, EntityGroup]
) -> tuple[TicketChange, ...]:
    """Read edited Markdown files, of all tickets or some.

    Raises:
        InputError: At least one cannot be used; every one of them is named.
    """
    by_number = {ticket.number: ticket for ticket in tickets}

    def read(name: str) -> TicketChange:
        number = number_in_text(files[name])
        if number is None or number not in by_number:
            raise unusable(name, "its first line names no ticket of this session")
        ticket = by_number[number]
        found = read_edited_text(files[name], ticket, groups[ticket.group_key])
        return TicketChange(ticket=ticket, revision=found.revision, edit=found.edit)

    return _read_all(sorted(files), read)


def read_tickets_csv(
    content: bytes, *, name: str, tickets: Sequence[Ticket]
) -> tuple[TicketChange, ...]:
    """Read an edited CSV file; columns that are not there stay as they are.

    Raises:
        InputError: The file, or at least one row, cannot be used; every such row is named.
    """
    by_number = {str(ticket.number): ticket for ticket in tickets}
    rows = {
        f"line {line}": row
        for line, row in csv_rows(content, name=name, needed=("number", "revision"))
    }

    def read(place: str) -> TicketChange:
        row = rows[place]
        number, revision = row["number"].strip(), row["revision"].strip()
        if number not in by_number or not revision.isdecimal():
            raise unusable(name, f"{place} names no ticket and revision of this session")
        return _change_in(row, by_number[number], revision=int(revision))

    return _read_all(list(rows), read)


def apply_changes(
    changes: Iterable[TicketChange], *, reviews: ReviewStore, by: str, at: datetime
) -> tuple[Ticket, ...]:
    """Keep changes, or none where one was made on an older revision; returns the changed tickets.

    Raises:
        InputError: Somebody else changed a ticket since its file was written; all are named.
    """
    wanted = [change for change in changes if not change.is_empty]
    outdated = [c for c in wanted if c.revision != c.ticket.revision.number]
    if outdated:
        numbers = ", ".join(str(c.ticket.number) for c in outdated)
        raise InputError(
            f"Tickets {numbers} were changed by others since these files were written; nothing "
            "was kept.",
            recovery_actions=(
                "Write the files anew, and make your changes in those of these tickets again.",
            ),
        )
    changed: list[Ticket] = []
    for change in wanted:
        try:
            kept = edit_ticket(
                change.ticket,
                change.edit,
                expected_revision=change.revision,
                reviews=reviews,
                by=by,
                at=at,
            )
        except EditConflictError as error:
            raise InputError(
                f"{error.message} {len(changed)} tickets were changed before it.",
                recovery_actions=("Write the files anew and make the missing changes again.",),
            ) from error
        ticket = change.ticket
        assigned = reviews.assign(
            ticket.session_key, [ticket.ticket_id], fields=change.fields, by=by, at=at
        )
        if assigned or kept.number != ticket.revision.number:
            changed.append(ticket)
    return tuple(changed)


def _read_all(
    places: Sequence[str], read: Callable[[str], TicketChange]
) -> tuple[TicketChange, ...]:
    """Read everything; what is wrong anywhere is told together."""
    changes, faults = [], []
    for place in places:
        try:
            changes.append(read(place))
        except InputError as error:
            faults.append(f"{place}: {error.message}")
    numbers = [change.ticket.number for change in changes]
    twice = sorted({n for n in numbers if numbers.count(n) > 1})
    faults += [f"ticket {number} is there twice" for number in twice]
    if faults:
        more = f" … and {len(faults) - FAULTS_TOLD} more" if len(faults) > FAULTS_TOLD else ""
        raise InputError(
            f"Nothing was changed: {' · '.join(faults[:FAULTS_TOLD])}{more}",
            recovery_actions=("Correct what is named and read everything again.",),
        )
    return tuple(changes)


def _change_in(row: Mapping[str, str], ticket: Ticket, *, revision: int) -> TicketChange:
    parts = ticket.revision.parts
    title = checked_title(row["title"]) if "title" in row else ticket.title
    fields = checked_fields(
        {
            name: _field_value(name, row[name])
            for name in ASSIGNABLE_FIELDS
            if name in row and row[name].strip() != _field_text(getattr(ticket, name))
        }
    )
    return TicketChange(
        ticket=ticket,
        revision=revision,
        edit=TicketEdit(
            title=title if title != ticket.title else None,
            parts={
                name: html_of_markdown(row[name], part=name)
                for name in PART_NAMES
                if name in row and not says_the_same(row[name].strip(), getattr(parts, name))
            },
        ),
        fields=fields,
    )


def _field_text(value: FieldValue) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or ""


def _field_value(name: str, text: str) -> FieldValue:
    if name == "labels":
        return tuple(label.strip() for label in text.split(",") if label.strip())
    return text.strip() or None
