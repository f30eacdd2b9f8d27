"""Tickets as an issue tracker will get them, what checking them found, and what they are made of.

Belongs here: the value the renderer makes and the export sends, how its file is named; results of
checking it against the rules of ADF and Jira; the content of a ticket as a hash for each part, which
parts differ, the facts it is written from as one hash, and which cells two readings of the sheets say
differently. Does not: rendering
(`tickets/documents/rendering`), sending (`export/sending`), what people do about a difference
(`export/later_changes`), when a ready mark stays (`store/generations`).

Two contents are compared, never two renderings. No content are the lines and files that are cited,
the numbers of tickets, the words of the program around the rows: they move when other things
change, and no person changed anything.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import NamedTuple

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import without_citations
from jira_pipeline.model.ticket_links import (
    Naming,
    by_title,
    names_tickets,
    without_numbers,
    written_out,
)
from jira_pipeline.model.tickets import (
    APPROVED_AS_IT_IS,
    EXCLUSION_COLUMNS,
    ISSUE_FIELDS,
    PART_NAMES,
    ChangedCell,
    IssueField,
    Revision,
    RevisionOrigin,
    Ticket,
    canonical_hash,
    canonical_json,
)


class AttachmentStatus(StrEnum):
    """What checking an attachment found; nothing is uploaded for it."""

    NONE = "none"
    """The body holds everything."""
    OK = "ok"
    TOO_LARGE = "too_large"
    NOT_WRITABLE = "not_writable"
    """Its text or its name has no UTF-8 form."""
    NOT_NAMED = "not_named"
    """The body does not say which file holds the rest."""


@json_fields("path rule message suggested_fix")
@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """One broken rule of a document, placed so that a person finds it and knows what to do."""

    path: str
    """JSON path of the place at fault, such as `$.content[2].attrs.level`."""
    rule: str
    """The keyword of the schema, such as `minLength`; `not_json` where it cannot be asked."""
    message: str
    suggested_fix: str


@json_fields(
    "ticket_id ticket_title=title status adf_size_bytes character_reduction error_message? "
    "suggested_fix? attachment_upload_tested=is_attachment_checked attachment_upload_status "
    "attachment_fault? revision content_hash violations"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketValidation:
    """What was found about one ticket."""

    ticket_id: str
    title: str
    is_passed: bool
    rendered_hash: str
    """Hash over everything Jira would get: title, document, attachment, fields."""
    adf_size_bytes: int
    """Compact JSON in UTF-8."""
    character_reduction: int
    """Characters of text of the whole ticket less those of the body; 0 = the body is the whole."""
    error_message: str = ""
    """JSON path, rule and text around it; empty when passed."""
    suggested_fix: str = ""
    is_attachment_checked: bool = False
    attachment_status: str = AttachmentStatus.NONE
    """An `AttachmentStatus`."""
    revision: int | None = None
    """Number of the revision that was checked; null in validations older than that column."""
    content_hash: str | None = None
    """Content hash of that revision; null likewise."""
    violations: tuple[BrokenRule, ...] = ()
    """The broken rules of the document, the first of very many."""

    @property
    def status(self) -> str:
        """Say the verdict in one word."""
        return "passed" if self.is_passed else "failed"

    @property
    def attachment_upload_status(self) -> str:
        """Say in one word whether its attachment could be uploaded; `skipped`: it has none."""
        if self.attachment_status == AttachmentStatus.NONE:
            return "skipped"
        return "passed" if self.attachment_status == AttachmentStatus.OK else "failed"

    @property
    def attachment_fault(self) -> str:
        """What is wrong with its attachment; empty where nothing is."""
        return self.attachment_status if self.attachment_upload_status == "failed" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationVerdict:
    """What a validation of a whole session found, without what it found of each ticket."""

    at: datetime
    failed_count: int
    content_version: int | None
    rendering: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedContents:
    """What a validation of a whole session checked, as far as the gate needs it."""

    at: datetime
    rendered_hashes: Mapping[str, str]
    """By ticket id."""
    failures: Mapping[str, str]
    """Title and fault of each ticket that failed, by its id, in the order of the validation."""

    @property
    def passed_hashes(self) -> Mapping[str, str]:
        return {
            ticket_id: rendered_hash
            for ticket_id, rendered_hash in self.rendered_hashes.items()
            if ticket_id not in self.failures
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One validation of a whole session."""

    session_key: str
    at: datetime
    results: tuple[TicketValidation, ...]
    content_version: int | None = None
    """Of the session when its tickets were read, or before; None: not known."""
    rendering: str | None = None
    """Names the code that rendered them; None: not known."""

    @property
    def is_passed(self) -> bool:
        """No ticket failed; where nothing is to be built, there is none that could."""
        return all(r.is_passed for r in self.results)


FILE_NAME_HASH_LENGTH = 8
_DECISIONS = frozenset(
    {
        *EXCLUSION_COLUMNS,
        *("ready_hash", "approved_hash", "ready_by", "position"),
        *("assigned_fields", "source_changes"),
    }
)
_CONTENT = tuple(name for name in Ticket.__dataclass_fields__ if name not in _DECISIONS)
"""What of a ticket is in what Jira gets; the revision has most of it."""

FACTS = "facts"
"""Rows, dependencies and relations of the group."""
WRITER = "writer"
"""In clear, and no part; empty where people wrote."""
_WRITTEN = frozenset({"user_story", "analysis", "questions", "verification", "estimate"})
"""What a writer writes; it never writes notes."""
_COMPUTED_PART = "questions"
"""Of the prose: what people make of it they write in a revision, which reopens the ticket."""
_HASHED_IN_ORDER = ("assignee", "sprint", "priority", "parent")
"""Fields of the first version, which a hash lists whether they are set or not."""
_HASH_CHARACTERS = 16
DESCRIPTION = "description"
"""Among the parts that differ: all of the text, where it is not known which part of it does."""
UNSENT = canonical_hash(None)[:_HASH_CHARACTERS]
"""What `content_of` says of a field without a value."""
NOTHING_WRITTEN = canonical_hash("")[:_HASH_CHARACTERS]
"""What it says of a part that is empty."""


class TicketHashes(NamedTuple):
    """What a ticket is compared by; a tuple, because ten thousand are made at once."""

    rendered: str
    """Validation, gate and plan compare it: everything Jira would get."""
    approved: str
    """Approvals compare it: `approved_hash_of`."""


NO_HASHES = TicketHashes(rendered="", approved="")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedTicket:
    """One ticket with everything that is sent for it; skipped tickets are rendered too."""

    ticket: Ticket
    summary: str
    kept_text: str
    """The document as it is kept and hashed, canonical JSON: links to other tickets name their groups.

    As many documents as a session has, as nodes, held everybody up for 0.6 s at every full garbage
    collection of a server (1,000 tickets, 540,000 nodes).
    """
    attachment: tuple[str, str] | None
    """File name and text; the name should come from `hashed_file_name`."""
    rendered_hash: str
    """Hash over title, document, attachment, fields: whatever issues exist, it is the same."""
    approved_hash: str = ""
    """`approved_hash_of` the ticket with the rows that the document shows; empty of an epic."""
    whole_characters: int = 0
    """Characters of text of the whole ticket, where the body is a part of it; else 0."""
    verdict: TicketValidation | None = None
    """What checking it found; None where nobody did."""

    @property
    def document(self) -> dict[str, object]:
        """The document as nodes, as Jira gets it where no other ticket has an issue."""
        return self.document_naming(by_title)

    def document_naming(self, naming: Naming) -> dict[str, object]:
        """Return the document as nodes, with other tickets named so; made again each time."""
        nodes: dict[str, object] = json.loads(self.kept_text)
        return written_out(nodes, naming) if names_tickets(self.kept_text) else nodes

    @property
    def largest_bytes(self) -> int:
        """Size of the document as it is kept: in no form that is sent it is larger."""
        return len(self.kept_text.encode("utf-8", "surrogatepass"))

    @property
    def is_excluded(self) -> bool:
        """People decided not to export it."""
        return self.ticket.exclusion is not None

    @property
    def is_approved(self) -> bool:
        """Somebody, or auto approval, marked it ready, and what the mark covers is the same."""
        is_covered = self.ticket.approved_hash in {self.approved_hash, APPROVED_AS_IT_IS}
        return self.ticket.is_ready and is_covered

    @property
    def hashes(self) -> TicketHashes:
        return TicketHashes(rendered=self.rendered_hash, approved=self.approved_hash)


def without_documents(
    tickets: Iterable[Ticket], hashes_by_id: Mapping[str, TicketHashes]
) -> tuple[RenderedTicket, ...]:
    """Return tickets by their hashes alone, for who does not look at documents."""
    rendered = []
    for ticket in tickets:
        hashes = hashes_by_id.get(ticket.ticket_id, NO_HASHES)
        rendered.append(
            RenderedTicket(
                ticket=ticket,
                summary=ticket.title,
                kept_text="{}",
                attachment=None,
                rendered_hash=hashes.rendered,
                approved_hash=hashes.approved,
            )
        )
    return tuple(rendered)


def rendered_hash_of(
    ticket: Ticket, document_json: str, *, attachment: tuple[str, str] | None
) -> str:
    """Hash what Jira would get of a ticket; `document_json` is canonical.

    Hashes are kept for good: a field that was added later is in them only where it is set.
    """
    fields = _fields_of(ticket)
    rest = canonical_json(
        {
            "fields": [fields.pop(name) for name in _HASHED_IN_ORDER],
            "labels": fields.pop("labels"),
            "links": [ticket.depends_on, ticket.relates_to],
            "summary": ticket.title,
            **{name: value for name, value in fields.items() if value},
        }
    )
    begun = f'{{"attachment":{canonical_json(attachment)},"description":{document_json}'
    return hashlib.sha256(f"{begun},{rest[1:]}".encode()).hexdigest()


def approved_hash_of(ticket: Ticket, approved_rows_hash: str) -> str:
    """Hash what an approval covers: what the rows, a writer and people say of a ticket.

    It does not cover what the program computes from other tickets or sets again by itself: the
    list of open questions, what is assumed, what the ticket waits for and mentions, the lines it
    cites. Nor does it cover fields, which people change without reading the ticket again.
    """
    covered = {
        "title": ticket.title,
        **approved_texts(ticket.revision),
        "estimate": ticket.revision.estimated_hours,
        "answers": sorted({(answer.question, answer.answer) for answer in ticket.answers}),
        "rows": approved_rows_hash,
    }
    return canonical_hash(covered)


def approved_texts(revision: Revision) -> Mapping[str, str]:
    """Return the parts of a revision that an approval covers, without what is computed in them."""
    return {
        name: without_citations(without_numbers(getattr(revision.parts, name)))
        for name in PART_NAMES
        if name != _COMPUTED_PART
    }


def says_the_same(one: Ticket, other: Ticket) -> bool:
    """Tell whether Jira would get the same of two states of a ticket, whatever was decided."""
    return all(getattr(one, name) == getattr(other, name) for name in _CONTENT)


def hashed_file_name(file_name: str, text: str) -> str:
    """Put 8 hex digits of the content's hash before the suffix, unless they are there already.

    Source: docs/export.md, rule 9: an attachment sent twice is recognised by its name.
    """
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:FILE_NAME_HASH_LENGTH]
    path = PurePosixPath(file_name)
    if path.stem.endswith(digest):
        return file_name
    return f"{path.stem}-{digest}{path.suffix}"


def content_of(ticket: Ticket, group: EntityGroup) -> dict[str, str]:
    """Return what a ticket says, a hash for each part."""
    revision = ticket.revision
    writer = revision.writer if revision.origin is RevisionOrigin.GENERATED else ""
    answers = {(answer.question, answer.answer) for answer in ticket.answers}
    parts_of_ticket = {
        **_fields_of(ticket),
        # What of its text is open depends on both.
        "answers": [*sorted(answers), *ticket.rows_elsewhere],
        "links": [sorted(ticket.depends_on), sorted(ticket.relates_to)],
    }
    content = prose_hashes(revision)
    content[WRITER] = writer
    content[FACTS] = rows_hash_of(group)[:_HASH_CHARACTERS]
    content |= _hashes(parts_of_ticket)
    return content


def prose_hashes(revision: Revision) -> dict[str, str]:
    """Return the part of `content_of` that a revision says: its title, parts and estimate."""
    parts = {
        name: without_citations(without_numbers(getattr(revision.parts, name)))
        for name in PART_NAMES
    }
    return _hashes({"title": revision.title, **parts, "estimate": revision.estimated_hours})


def differing_parts(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parts that differ among those known of both; a field not known was not sent.

    Prose of two versions of one writer is not compared: the program words things otherwise, and
    what they are about is among the facts.
    """
    writer_before, _, version_before = before.get(WRITER, "").rpartition("/")
    writer_now, _, version_now = now[WRITER].rpartition("/")
    is_of_same_writer = writer_now != "" and writer_now == writer_before
    not_compared = {WRITER}
    if is_of_same_writer and version_now != version_before:
        not_compared.update(_WRITTEN)
    differing: list[str] = []
    for name, hash_now in now.items():
        hash_if_not_known = UNSENT if name in ISSUE_FIELDS else hash_now
        hash_before = before.get(name, hash_if_not_known)
        if name not in not_compared and hash_before != hash_now:
            differing.append(name)
    return tuple(differing)


def _fields_of(ticket: Ticket) -> dict[str, object]:
    """Return its fields as they are compared: labels have no order."""
    values = {field.of_ticket: field.original_value(ticket) for field in IssueField}
    return {n: sorted(value) if isinstance(value, tuple) else value for n, value in values.items()}


def _hashes(parts: Mapping[str, object]) -> dict[str, str]:
    return {name: canonical_hash(value)[:_HASH_CHARACTERS] for name, value in parts.items()}


WHOLE_ROW = ""
"""Column of a change that is a row added or taken away; its text is the row's label."""


def rows_hash_of(group: EntityGroup) -> str:
    """Hash what the sheets say of a group: its rows, what it waits for and mentions.

    File names, lines and numbers are not in it: they move when others change.
    """
    return _hash_of(group.as_in_sheet)


def facts_hash_of(group: EntityGroup) -> str:
    """Hash what the prose of a ticket hangs on: as `rows_hash_of`, but what prose may say only."""
    return _hash_of(group.as_stated)


def approved_rows_hash_of(group: EntityGroup) -> str:
    """Hash what an approval covers of the rows of a ticket: as `facts_hash_of`, but rows alone."""
    return canonical_hash(_rows_in(group.as_stated))


def _hash_of(group: EntityGroup) -> str:
    return canonical_hash(
        {
            **_rows_in(group),
            "dependencies": sorted(
                [d.group_key, d.is_required, d.is_linked] for d in group.dependencies
            ),
            "relations": sorted(
                [r.kind.value, r.label, r.group_key or ""] for r in group.relations
            ),
        }
    )


def _rows_in(group: EntityGroup) -> dict[str, object]:
    return {
        "title": group.title,
        "action": group.action.value,
        "heads": [_row_facts(entity) for entity in group.heads],
        "members": [_row_facts(entity) for entity in (*group.members, *group.captions)],
    }


def changed_cells(before: EntityGroup | None, after: EntityGroup) -> tuple[ChangedCell, ...]:
    """Return the cells that differ, rows matched by their key, in the order of the newer sheets."""
    return tuple(_changed_cells(before and before.as_in_sheet, after.as_in_sheet))


def changed_facts(before: EntityGroup, after: EntityGroup) -> tuple[ChangedCell, ...]:
    """Return those of `changed_cells` that prose may say, in words that are not only spelled anew."""
    stated = {_place_of(cell) for cell in _changed_cells(before.as_stated, after.as_stated)}
    return tuple(cell for cell in changed_cells(before, after) if _place_of(cell) in stated)


def _changed_cells(before: EntityGroup | None, after: EntityGroup) -> Iterator[ChangedCell]:
    old = _rows_of(before)
    new = _rows_of(after)
    for place, row in new.items():
        earlier = old.get(place)
        if earlier is None:
            yield _change(place, row, WHOLE_ROW, None, row.label)
            continue
        for column in dict.fromkeys([*row.cells, *earlier.cells]):
            was = earlier.cell(column)
            becomes = row.cell(column)
            if was != becomes:
                yield _change(place, row, column, was, becomes)
    for place, row in old.items():
        if place not in new:
            yield _change(place, row, WHOLE_ROW, row.label, None)


def _rows_of(group: EntityGroup | None) -> dict[tuple[str, int], Entity]:
    """Return the rows of a group by their key, and which of them where several share it."""
    rows = group_by(group.sources if group else (), lambda row: row.key)
    return {
        (key, number): row for key, same in rows.items() for number, row in enumerate(same, start=1)
    }


def _change(
    place: tuple[str, int], row: Entity, column: str, before: str | None, after: str | None
) -> ChangedCell:
    key, number = place
    source = row.source
    return ChangedCell(
        file=source.file,
        line=source.line,
        record=source.record,
        column=column,
        before=before,
        after=after,
        row=f"{key} #{number}" if number > 1 else key,
    )


def joined_changes(
    earlier: Sequence[ChangedCell], later: Sequence[ChangedCell]
) -> tuple[ChangedCell, ...]:
    """Join what changed in two uploads in a row: the value before both, and the one after both.

    A row that went and came back stays a change: its cells may be others.
    """
    joined = {_place_of(cell): cell for cell in earlier}
    for cell in later:
        place = _place_of(cell)
        is_row_back = cell.column == WHOLE_ROW and cell.after is not None
        if place in joined and not is_row_back:
            joined[place] = replace(cell, before=joined[place].before)
        else:
            joined[place] = cell
    return tuple(cell for cell in joined.values() if cell.before != cell.after)


def _place_of(cell: ChangedCell) -> tuple[str, str, str]:
    """Tell cells apart by their row: lines move when rows are put in above them."""
    return (cell.file, cell.row or str(cell.line), cell.column)


def _row_facts(entity: Entity) -> list[object]:
    return [entity.key, entity.status.value, {c: text for c, text in entity.cells.items() if text}]
