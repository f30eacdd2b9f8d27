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

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.tickets import (
    ASSIGNABLE_FIELDS,
    PART_NAMES,
    FieldValue,
    Revision,
    Ticket,
    canonical_hash,
)
from jira_pipeline.errors import InputError
from jira_pipeline.ports.reviews import ReviewStore, TicketRework
from jira_pipeline.stages.review.cells import csv_rows, csv_text, unusable
from jira_pipeline.stages.review.editable_text import (
    changed_parts,
    editable_text,
    markdown_of_part,
    origin_of_text,
    read_edited_text,
)
from jira_pipeline.stages.review.editing import TicketEdit, checked_title
from jira_pipeline.stages.review.fields import checked_fields
from jira_pipeline.stages.review.loaded_files import (
    FileState,
    LoadedFile,
    LoadedFiles,
    state_now,
)

RevisionsOf = Callable[[str], Sequence[Revision]]
"""All revisions of a ticket, by its id."""
_NEEDED = ("ticket_id", "revision", "fields_hash")
CSV_COLUMNS = (
    *("ticket_id", "number", "revision", "fields_hash", "title"),
    *PART_NAMES,
    *ASSIGNABLE_FIELDS,
)
FAULTS_LISTED = 10
_SLUG_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """What one file or row changes of one ticket."""

    ticket: Ticket
    written_from: FileState
    """As the file or row says itself."""
    state: FileState
    """What it is compared with: what it was written from, or became when it was loaded last."""
    edit: TicketEdit
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    is_present: bool = False
    """It is of an older revision, and the ticket says the same by now."""
    holds_fields: bool = False
    """Once it is loaded, the ticket has the fields it shows."""
    outdated_by: str = ""
    """What changed since it was written, other than the revision; empty where nothing did."""

    @property
    def is_empty(self) -> bool:
        """It changes nothing."""
        return self.edit.is_empty and not self.fields

    @property
    def conflict(self) -> str:
        """Say what changed since it was written and by whom; empty where it can be applied."""
        current = self.ticket.revision
        if self.is_empty:
            return ""
        if current.number != self.state.revision:
            return f"by {current.author}, {current.created_at:%Y-%m-%d %H:%M} UTC"
        return self.outdated_by


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
    loaded: LoadedFiles,
) -> tuple[TicketChange, ...]:
    """Read edited Markdown files, of all tickets or some; untouched ones change nothing.

    A ticket without a group is one whose rows are gone.

    Raises:
        InputError: At least one cannot be used; every one of them is named.
    """
    by_id = {ticket.ticket_id: ticket for ticket in tickets}

    def read(name: str) -> TicketChange:
        origin = origin_of_text(files[name])
        if origin is None or origin[0] not in by_id:
            raise unusable(name, "its first line names no ticket of this session")
        ticket = by_id[origin[0]]
        written_from = FileState(revision=origin[1])
        state = state_now(written_from, loaded.get(ticket.ticket_id))
        before = _revision_of(ticket, state.revision, name=name, revisions=revisions)
        group = groups.get(ticket.group_key)
        found = read_edited_text(files[name], ticket, group, written_from=before)
        edit, is_present = found.edit, False
        if before.number != ticket.revision.number and not edit.is_empty:
            since = read_edited_text(files[name], ticket, group).edit
            edit, is_present = (since, True) if since.is_empty else (edit, False)
        return TicketChange(
            ticket=ticket,
            written_from=written_from,
            state=state,
            edit=edit,
            is_present=is_present,
            outdated_by="in what was uploaded" if found.is_of_other_sheets else "",
        )

    return _read_all(sorted(files), read)


def read_tickets_csv(
    content: bytes,
    *,
    name: str,
    tickets: Sequence[Ticket],
    revisions: RevisionsOf,
    loaded: LoadedFiles,
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
        written_from = FileState(revision=int(revision), fields=row["fields_hash"].strip())
        state = state_now(written_from, loaded.get(ticket.ticket_id))
        before = _revision_of(ticket, state.revision, name=place, revisions=revisions)
        return _change_in(row, ticket, before=before, written_from=written_from, state=state)

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
        InputError: A ticket changed since its file was written; all such tickets are named, and
            who changed them when.
    """
    wanted = [change for change in changes if not change.is_empty]
    _refuse_conflicts(wanted, session_key=session_key)
    works = [
        TicketRework(
            ticket_id=change.ticket.ticket_id,
            expected_revision=change.state.revision,
            title=change.ticket.title if change.edit.title is None else change.edit.title,
            parts=replace(change.ticket.revision.parts, **change.edit.parts),
            expected_fields={name: getattr(change.ticket, name) for name in change.fields},
            fields=change.fields,
        )
        for change in wanted
    ]
    changed = set(reviews.rework(session_key, works, by=by, at=at))
    return tuple(change.ticket for change in wanted if change.ticket.ticket_id in changed)


def loaded_since(
    changes: Iterable[TicketChange], tickets: Iterable[Ticket], *, before: LoadedFiles
) -> LoadedFiles:
    """Return what files were loaded into once their changes are kept; `tickets` are as they are now."""
    by_id = {ticket.ticket_id: ticket for ticket in tickets}
    loaded = dict(before)
    for change in changes:
        ticket = by_id[change.ticket.ticket_id]
        if change.is_empty and not change.is_present:
            continue
        fields = _hash_of_fields(_field_texts(ticket)) if change.holds_fields else ""
        loaded[ticket.ticket_id] = LoadedFile(
            written_from=change.written_from,
            became=FileState(revision=ticket.revision.number, fields=fields or change.state.fields),
        )
    return loaded


def _refuse_conflicts(changes: Iterable[TicketChange], *, session_key: str) -> None:
    conflicts = [(change.ticket.number, change.conflict) for change in changes if change.conflict]
    if not conflicts:
        return
    is_one = len(conflicts) == 1
    named = "; ".join(f"ticket {number} {what}" for number, what in conflicts)
    raise InputError(
        f"{'A ticket was' if is_one else f'{len(conflicts)} tickets were'} changed since "
        f"{'its file was' if is_one else 'their files were'} written: {named}. Nothing was kept.",
        recovery_actions=(
            Action.of(
                ActionKind.SAVE_TICKETS,
                "Save the tickets elsewhere: {}.",
                session_key=session_key,
                folder="OTHER",
            ),
            "Make these changes there, and load that.",
            Action.of(
                ActionKind.DIFF_TICKET,
                "What changed: {}.",
                session_key=session_key,
                number=conflicts[0][0],
            ),
        ),
    )


def _revision_of(ticket: Ticket, number: int, *, name: str, revisions: RevisionsOf) -> Revision:
    """Return the revision a file is compared with."""
    if number == ticket.revision.number:
        return ticket.revision
    for revision in revisions(ticket.ticket_id):
        if revision.number == number:
            return revision
    raise unusable(name, f"ticket {ticket.number} has no revision {number}")


def _read_all(
    places: Sequence[str], read: Callable[[str], TicketChange]
) -> tuple[TicketChange, ...]:
    """Read everything; all that is wrong is reported together."""
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
        more = f" … and {len(faults) - FAULTS_LISTED} more" if len(faults) > FAULTS_LISTED else ""
        raise InputError(
            f"Nothing was changed: {' · '.join(faults[:FAULTS_LISTED])}{more}",
            recovery_actions=("Correct what is named and read everything again.",),
        )
    return tuple(changes)


def _change_in(
    row: Mapping[str, str],
    ticket: Ticket,
    *,
    before: Revision,
    written_from: FileState,
    state: FileState,
) -> TicketChange:
    edit, is_present = _edit_in(row, before), False
    if before.number != ticket.revision.number and not edit.is_empty:
        since = _edit_in(row, ticket.revision)
        edit, is_present = (since, True) if since.is_empty else (edit, False)
    given = {name: row[name].strip() for name in ASSIGNABLE_FIELDS if name in row}
    now = _field_texts(ticket)
    fields = {
        name: value
        for name, value in checked_fields(
            {name: _field_value(name, text) for name, text in given.items() if text != now[name]}
        ).items()
        if value != getattr(ticket, name)
    }
    is_current = state.fields == _hash_of_fields(now)
    is_unchanged = state.fields == _hash_of_fields({**now, **given})
    is_others = is_unchanged and not is_current
    return TicketChange(
        ticket=ticket,
        written_from=written_from,
        state=state,
        edit=edit,
        fields={} if is_others else fields,
        is_present=is_present,
        holds_fields=not (is_others and fields),
        outdated_by="" if is_current or is_unchanged or not fields else "in its fields",
    )


def _edit_in(row: Mapping[str, str], before: Revision) -> TicketEdit:
    """Return what a row says otherwise than a revision; columns that are not there say nothing."""
    title = checked_title(row["title"]) if "title" in row else before.title
    return TicketEdit(
        title=title if title != before.title else None,
        parts=changed_parts({n: row[n].strip() for n in PART_NAMES if n in row}, before),
    )


def _field_texts(ticket: Ticket) -> dict[str, str]:
    values: dict[str, FieldValue] = {name: getattr(ticket, name) for name in ASSIGNABLE_FIELDS}
    return {
        name: ", ".join(value) if isinstance(value, tuple) else value or ""
        for name, value in values.items()
    }


def _hash_of_fields(texts: Mapping[str, str]) -> str:
    """Name a state of the fields; no spreadsheet program takes it for a number."""
    return f"f{canonical_hash(dict(texts))[:12]}"


def _field_value(name: str, text: str) -> FieldValue:
    if name == "labels":
        return tuple(label.strip() for label in text.split(",") if label.strip())
    return text.strip() or None
