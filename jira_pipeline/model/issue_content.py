"""What an issue is made of, part by part: two contents are compared, never two renderings.

Belongs here: the content of a ticket as a hash for each part, and which parts differ. Does not:
what people do about it (`export/later_changes`), when a ready mark stays
(`writing/generation`).

No content are the lines and files that are cited, the numbers of tickets, the words of the program
around the rows: they move when other things change, and no person changed anything.
"""

from collections.abc import Mapping

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.line_numbers import without_citations
from jira_pipeline.model.source_changes import rows_hash_of
from jira_pipeline.model.ticket_links import without_numbers
from jira_pipeline.model.tickets import (
    ASSIGNABLE_FIELDS,
    PART_NAMES,
    RevisionOrigin,
    Ticket,
    canonical_hash,
)

FACTS = "facts"
"""Rows, dependencies and relations of the group."""
WRITER = "writer"
"""In clear, and no part; empty where people wrote."""
_WRITTEN = frozenset({"user_story", "analysis", "questions", "verification", "estimate"})
"""What a writer writes; it never writes notes."""
_HASH_CHARACTERS = 16


def content_of(ticket: Ticket, group: EntityGroup) -> dict[str, str]:
    """Return what a ticket says, a hash for each part."""
    fields = {name: getattr(ticket, name) for name in ASSIGNABLE_FIELDS}
    fields["labels"] = sorted(ticket.labels)
    answers = sorted((answer.question_id, answer.answer) for answer in ticket.answers)
    links = [sorted(ticket.depends_on), sorted(ticket.relates_to)]
    revision = ticket.revision
    parts = {
        name: without_citations(without_numbers(getattr(revision.parts, name)))
        for name in PART_NAMES
    }
    prose = {"title": revision.title, **parts, "estimate": revision.estimated_hours}
    is_ours = revision.origin is RevisionOrigin.GENERATED
    return {
        **_hashes(prose),
        WRITER: revision.writer if is_ours else "",
        FACTS: rows_hash_of(group)[:_HASH_CHARACTERS],
        **_hashes({**fields, "answers": answers, "links": links}),
    }


def differing_parts(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parts that differ among those known of both.

    Prose of two versions of one writer is not compared: the program words things otherwise, and
    what they are about is among the facts.
    """
    was, _, earlier = before.get(WRITER, "").rpartition("/")
    name, _, version = now[WRITER].rpartition("/")
    is_reworded = name == was != "" and version != earlier
    passed_over = {WRITER, *(_WRITTEN if is_reworded else ())}
    return tuple(n for n in now if n not in passed_over and before.get(n, now[n]) != now[n])


def _hashes(parts: Mapping[str, object]) -> dict[str, str]:
    return {name: canonical_hash(value)[:_HASH_CHARACTERS] for name, value in parts.items()}
