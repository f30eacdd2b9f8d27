"""All tickets of a session as files people edit elsewhere, and what they changed in them.

Belongs here: a folder of Markdown files, one a ticket, or one CSV file, one row a ticket; reading
either back with the checks of every edit. Does not: one ticket in an editor (`editable_text`),
writing files (`cli`). Nothing is changed before every file was read and none is refused.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.ports import ReviewStore, TicketRework
from jira_pipeline.domain.tickets import (
    ASSIGNABLE_FIELDS,
    PART_NAMES,
    FieldValue,
    Revision,
    Ticket,
    canonical_hash,
)
from jira_pipeline.errors import InputError
from jira_pipeline.stages.review.cells import csv_rows, csv_text, unusable
from jira_pipeline.stages.review.editable_text import (
    editable_text,
    markdown_of_part,
    origin_of_text,
    read_edited_text,
    says_the_same,
)
from jira_pipeline.stages.review.editing import (
    TicketEdit,
    checked_title,
    html_of_markdown,
)
from jira_pipeline.stages.review.fields import checked_fields

RevisionsOf = Callable[[str], Sequence[Revision]]
"""All revisions of a ticket, by its id."""
_NEEDED = ("ticket_id", "revision", "fields_hash")
CSV_COLUMNS = (
    *("ticket_id", "number", "revision", "fields_hash", "title"),
    *PART_NAMES,
    *ASSIGNABLE_FIELDS,
)
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
    is_outdated: bool = False
    """Rows or fields of the ticket are others than when it was written."""

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
                "ticket_id": ticket.ticket_id,
                "number": ticket.number,
                "revision": ticket.revision.number,
                "fields_hash": _hash_of_fields(_field_texts(ticket)),
                "title": ticket.title,
                **{n: markdown_of_part(getattr(ticket.revision.parts, n)) for n in PART_NAMES},
                **_field_texts(ticket),
            }
            for ticket in tickets
        ),
    )


def read_markdown_files(
    files: Mapping[str, str],
    tickets: Sequence[Ticket],
    groups: Mapping[str, EntityGroup],
    *,
    revisions: RevisionsOf,
) -> tuple[TicketChange, ...]:
    """Read edited Markdown files, of all tickets or some; untouched ones change nothing.

    Raises:
        InputError: At least one cannot be used; every one of them is named.
    """
    by_id = {ticket.ticket_id: ticket for ticket in tickets}

    def read(name: str) -> TicketChange:
        origin = origin_of_text(files[name])
        if origin is None or origin[0] not in by_id:
            raise unusable(name, "its first line names no ticket of this session")
        ticket = by_id[origin[0]]
        before = _written_from(ticket, origin[1], name=name, revisions=revisions)
        group = groups[ticket.group_key]
        found = read_edited_text(files[name], ticket, group, written_from=before)
        return TicketChange(
            ticket=ticket,
            revision=found.revision,
            edit=found.edit,
            is_outdated=found.is_of_other_sheets,
        )

    return _read_all(sorted(files), read)


def read_tickets_csv(
    content: bytes, *, name: str, tickets: Sequence[Ticket], revisions: RevisionsOf
) -> tuple[TicketChange, ...]:
    """Read an edited CSV file; columns that are not there stay as they are, untouched rows too.

    Raises:
        InputError: The file, or at least one row, cannot be used; every such row is named.
    """
    by_id = {ticket.ticket_id: ticket for ticket in tickets}
    rows = {f"line {line}": row for line, row in csv_rows(content, name=name, needed=_NEEDED)}

    def read(place: str) -> TicketChange:
        row = rows[place]
        ticket, revision = by_id.get(row["ticket_id"].strip()), row["revision"].strip()
        if ticket is None or not (revision.isascii() and revision.isdecimal()):
            raise unusable(name, f"{place} names no ticket and revision of this session")
        before = _written_from(ticket, int(revision), name=place, revisions=revisions)
        return _change_in(row, ticket, before=before)

    return _read_all(list(rows), read)


def apply_changes(
    changes: Iterable[TicketChange],
    *,
    session_key: str,
    reviews: ReviewStore,
    by: str,
    at: datetime,
) -> tuple[Ticket, ...]:
    """Keep all changes in one step, or none; returns the changed tickets as they were.

    Raises:
        InputError: A ticket changed since its file was written; all such tickets are named.
    """
    wanted = [change for change in changes if not change.is_empty]
    outdated = [c for c in wanted if c.is_outdated or c.revision != c.ticket.revision.number]
    if outdated:
        numbers = ", ".join(str(c.ticket.number) for c in outdated)
        raise InputError(
            f"Tickets {numbers} were changed by others, or in the sheets, since these files were "
            "written; nothing was kept.",
            recovery_actions=(
                "Write the files anew, and make your changes in those of these tickets again.",
            ),
        )
    works = [
        TicketRework(
            ticket_id=change.ticket.ticket_id,
            expected_revision=change.revision,
            title=change.ticket.title if change.edit.title is None else change.edit.title,
            parts=replace(change.ticket.revision.parts, **change.edit.parts),
            expected_fields={name: getattr(change.ticket, name) for name in change.fields},
            fields=change.fields,
        )
        for change in wanted
    ]
    changed = set(reviews.rework(session_key, works, by=by, at=at))
    return tuple(change.ticket for change in wanted if change.ticket.ticket_id in changed)


def _written_from(ticket: Ticket, number: int, *, name: str, revisions: RevisionsOf) -> Revision:
    """Return the revision a file was written from."""
    if number == ticket.revision.number:
        return ticket.revision
    for revision in revisions(ticket.ticket_id):
        if revision.number == number:
            return revision
    raise unusable(name, f"ticket {ticket.number} has no revision {number}")


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
    numbers = Counter(change.ticket.number for change in changes)
    twice = sorted(number for number, count in numbers.items() if count > 1)
    faults += [f"ticket {number} is there twice" for number in twice]
    if faults:
        more = f" … and {len(faults) - FAULTS_TOLD} more" if len(faults) > FAULTS_TOLD else ""
        raise InputError(
            f"Nothing was changed: {' · '.join(faults[:FAULTS_TOLD])}{more}",
            recovery_actions=("Correct what is named and read everything again.",),
        )
    return tuple(changes)


def _change_in(row: Mapping[str, str], ticket: Ticket, *, before: Revision) -> TicketChange:
    title = checked_title(row["title"]) if "title" in row else before.title
    given = {name: row[name].strip() for name in ASSIGNABLE_FIELDS if name in row}
    now = _field_texts(ticket)
    fields = checked_fields(
        {name: _field_value(name, text) for name, text in given.items() if text != now[name]}
    )
    written = row["fields_hash"].strip()
    is_current = written == _hash_of_fields(now)
    is_untouched = written == _hash_of_fields({**now, **given})
    return TicketChange(
        ticket=ticket,
        revision=before.number,
        edit=TicketEdit(
            title=title if title != before.title else None,
            parts={
                name: html_of_markdown(row[name], part=name)
                for name in PART_NAMES
                if name in row and not says_the_same(row[name].strip(), getattr(before.parts, name))
            },
        ),
        fields=fields if is_current or not is_untouched else {},
        is_outdated=not is_current and not is_untouched and bool(fields),
    )


def _field_texts(ticket: Ticket) -> dict[str, str]:
    return {name: _field_text(getattr(ticket, name)) for name in ASSIGNABLE_FIELDS}


def _hash_of_fields(texts: Mapping[str, str]) -> str:
    """Name a state of the fields; no spreadsheet program takes it for a number."""
    return f"f{canonical_hash(dict(texts))[:12]}"


def _field_text(value: FieldValue) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or ""


def _field_value(name: str, text: str) -> FieldValue:
    if name == "labels":
        return tuple(label.strip() for label in text.split(",") if label.strip())
    return text.strip() or None
