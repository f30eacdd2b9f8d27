"""Hashes of what tickets are made of, by which it is seen whether anything changed.

Belongs here: the hash of what Jira gets, of what an approval covers, of the rows, and one for each
part of the content; which parts of two contents differ. Does not: which cells differ
(`changed_cells`), what people do about a difference (`export/later_changes`), when a ready mark stays
(`store/generations`).

Two contents are compared, never two renderings. No content are the lines and files that are cited,
the numbers of tickets, the words of the program around the rows: they move when other things
change, and no person changed anything.
"""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.line_numbers import without_citations
from jira_pipeline.model.revisions import PART_NAMES, Revision, RevisionOrigin
from jira_pipeline.model.ticket_decisions import EXCLUSION_COLUMNS
from jira_pipeline.model.ticket_links import without_numbers
from jira_pipeline.model.tickets import (
    ISSUE_FIELDS,
    IssueField,
    Ticket,
    canonical_hash,
    canonical_json,
)

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


def _row_facts(entity: Entity) -> list[object]:
    return [entity.key, entity.status.value, {c: text for c, text in entity.cells.items() if text}]
