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
"""Attributes of a ticket that Jira gets something of."""
FACTS = "facts"
"""Key of `content_of` for the hash of rows, dependencies and relations of the group."""
WRITER = "writer"
"""Key of `content_of` for the name of the writer itself; empty where people wrote."""
_WRITTEN = frozenset({"user_story", "analysis", "questions", "verification", "estimate"})
"""Parts that writers write: all but the notes."""
_COMPUTED_PART = "questions"
"""The part of the prose that the program computes, so that no approval covers it."""
_HASHED_IN_ORDER = ("assignee", "sprint", "priority", "parent")
"""Fields of the first version, which a hash lists whether they are set or not."""
_HASH_CHARACTERS = 16
DESCRIPTION = "description"
"""Stands among differing parts for the whole text, where it is not known which part differs."""
UNSENT = canonical_hash(None)[:_HASH_CHARACTERS]
"""The hash in `content_of` for a field without a value."""
NOTHING_WRITTEN = canonical_hash("")[:_HASH_CHARACTERS]
"""The hash in `content_of` for an empty part."""


class TicketHashes(NamedTuple):
    """The two hashes of a ticket; a tuple, because ten thousand are made at once."""

    rendered: str
    """Hash of all that Jira would get, which validation, gate and plan compare."""
    approved: str
    """`approved_hash_of` the ticket, which approvals compare."""


NO_HASHES = TicketHashes(rendered="", approved="")


def rendered_hash_of(
    ticket: Ticket, document_json: str, *, attachment: tuple[str, str] | None
) -> str:
    """Return the hash of all that Jira would get of a ticket.

    `document_json` is its document as canonical JSON, `attachment` the name and text of a file.
    Stored hashes must stay equal, so a field that was added later is hashed only where it is set.
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
    """Return the hash of what an approval covers: what rows, writers and people say in a ticket.

    It leaves out what the program computes from other tickets or sets again by itself: the list of
    open questions, assumptions, what the ticket waits for and mentions, the lines it cites. It also
    leaves out fields, which people change without reading the ticket again.
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


def says_the_same(ticket: Ticket, other: Ticket) -> bool:
    """Return whether Jira would get the same of two states of a ticket; decisions may differ."""
    return all(getattr(ticket, name) == getattr(other, name) for name in _CONTENT)


def content_of(ticket: Ticket, group: EntityGroup) -> dict[str, str]:
    """Return a hash for each part of what a ticket says, by the name of the part."""
    revision = ticket.revision
    writer = revision.writer if revision.origin is RevisionOrigin.GENERATED else ""
    answers = {(answer.question, answer.answer) for answer in ticket.answers}
    parts_of_ticket = {
        **_fields_of(ticket),
        # Both decide which questions of its text are open.
        "answers": [*sorted(answers), *ticket.rows_elsewhere],
        "links": [sorted(ticket.depends_on), sorted(ticket.relates_to)],
    }
    content = prose_hashes(revision)
    content[WRITER] = writer
    content[FACTS] = rows_hash_of(group)[:_HASH_CHARACTERS]
    content |= _hashes(parts_of_ticket)
    return content


def prose_hashes(revision: Revision) -> dict[str, str]:
    """Return the hashes of `content_of` that depend on a revision alone: title, parts and estimate."""
    parts = {
        name: without_citations(without_numbers(getattr(revision.parts, name)))
        for name in PART_NAMES
    }
    return _hashes({"title": revision.title, **parts, "estimate": revision.estimated_hours})


def differing_parts(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of parts that differ between two results of `content_of`.

    A part that is missing in `before` is not compared, save for a field of the issue, which was not
    sent then. Prose of two versions of one writer is not compared either: the new version words
    things differently, and what they are about is among the facts.
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
    """Return the issue fields of a ticket by name; labels are sorted, since they have no order."""
    fields: dict[str, object] = {}
    for field in IssueField:
        value = field.original_value(ticket)
        fields[field.of_ticket] = sorted(value) if isinstance(value, tuple) else value
    return fields


def _hashes(parts: Mapping[str, object]) -> dict[str, str]:
    return {name: canonical_hash(value)[:_HASH_CHARACTERS] for name, value in parts.items()}


def rows_hash_of(group: EntityGroup) -> str:
    """Return the hash of what the sheets say of a group: its rows, dependencies and relations.

    Files, lines and numbers are left out, since they move when other rows change.
    """
    return _hash_of(group.as_in_sheet)


def facts_hash_of(group: EntityGroup) -> str:
    """Return the hash of what the prose of a ticket depends on.

    It is that of `rows_hash_of`, with the cells that prose may depend on instead of all.
    """
    return _hash_of(group.as_stated)


def approved_rows_hash_of(group: EntityGroup) -> str:
    """Return the hash of the rows that an approval covers: as `facts_hash_of`, without the rest."""
    return canonical_hash(_rows_in(group.as_stated))


def _hash_of(group: EntityGroup) -> str:
    """Return the hash of a group's rows, dependencies and relations."""
    dependencies = [[d.group_key, d.is_required, d.is_linked] for d in group.dependencies]
    relations = [[r.kind.value, r.label, r.group_key or ""] for r in group.relations]
    return canonical_hash(
        {
            **_rows_in(group),
            "dependencies": sorted(dependencies),
            "relations": sorted(relations),
        }
    )


def _rows_in(group: EntityGroup) -> dict[str, object]:
    """Return title, action and rows of a group as they are hashed."""
    return {
        "title": group.title,
        "action": group.action.value,
        "heads": [_row_facts(entity) for entity in group.heads],
        "members": [_row_facts(entity) for entity in (*group.members, *group.captions)],
    }


def _row_facts(entity: Entity) -> list[object]:
    return [entity.key, entity.status.value, {c: text for c, text in entity.cells.items() if text}]
