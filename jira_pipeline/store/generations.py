"""What a new generation does to the tickets there are.

Belongs here: comparing drafts with stored tickets, and writing the difference. Does not: reading
tickets (`ticket_rows`), what people do to them (`tickets`), making drafts (`stages`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select

from jira_pipeline.domain.ports import GenerationOutcome, TicketDraft
from jira_pipeline.domain.tickets import RevisionOrigin, content_hash_of
from jira_pipeline.store import tables
from jira_pipeline.store.audit import PIPELINE, append_audit
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.ticket_rows import (
    NOT_READY,
    PART_NAMES,
    change_tickets,
    with_current_revision,
)

_TICKETS = tables.tickets.c
_REVISIONS = tables.revisions.c
_DEPENDENCIES = tables.dependencies.c


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What a generation does to one ticket."""

    draft: TicketDraft
    content_hash: str
    revision: int
    """Number of its current revision afterwards."""
    is_known: bool
    is_revived: bool
    is_rewritten: bool

    @property
    def is_new(self) -> bool:
        return self.is_revived or not self.is_known

    @property
    def has_new_revision(self) -> bool:
        return self.is_rewritten or not self.is_known


def write_generation(
    connection: Connection, session_key: str, drafts: Sequence[TicketDraft], *, at: datetime
) -> GenerationOutcome:
    """Write one generation of a locked session, and its audit entry.

    A ticket whose title and prose did not change keeps its revision and ready mark; else it gets
    a new revision of origin `generated` and loses the mark. Tickets that are not among the drafts
    are withdrawn and lose the mark; one that comes back is no longer withdrawn and counts as
    created. Tickets whose current revision was edited keep it. Dependencies made by hand stay.

    Raises:
        ValueError: The drafts contradict each other; nothing was written.
    """
    _check(drafts)
    stored = _stored_tickets(connection, session_key)
    ordered = sorted((_storable(draft) for draft in drafts), key=lambda draft: draft.number)
    changes = [_change_of(draft, stored.get(draft.ticket_id)) for draft in ordered]
    vanished = _vanished(stored, drafts)
    _write_tickets(connection, session_key, changes)
    _write_revisions(connection, changes, at=at)
    _write_dependencies(connection, session_key, drafts)
    _withdraw(connection, vanished)
    outcome = _outcome_of(changes, withdrawn_count=len(vanished))
    append_audit(
        connection,
        at=at,
        session_key=session_key,
        actor=PIPELINE,
        action="tickets_generated",
        details={
            "created": [c.draft.ticket_id for c in changes if c.is_new],
            "rewritten": [c.draft.ticket_id for c in changes if c.is_rewritten],
            "unchanged": outcome.unchanged,
            "withdrawn": vanished,
        },
    )
    return outcome


def _check(drafts: Sequence[TicketDraft]) -> None:
    """Refuse a generation that is not one: a mistake of ours, found before anything is written."""
    ticket_ids = {draft.ticket_id for draft in drafts}
    if len(ticket_ids) != len(drafts):
        raise ValueError("Two drafts have the same ticket id.")
    if len({draft.number for draft in drafts}) != len(drafts):
        raise ValueError("Two drafts have the same number.")
    for draft in drafts:
        strangers = {*draft.depends_on, *draft.relates_to} - ticket_ids
        if strangers:
            raise ValueError(f"{draft.ticket_id} refers to {sorted(strangers)}, not generated.")


def _storable(draft: TicketDraft) -> TicketDraft:
    """Replace what cannot be kept before the content is hashed: the hash is of what is stored."""
    prose = draft.prose
    parts = replace(
        prose.parts, **{name: storable_text(getattr(prose.parts, name)) for name in PART_NAMES}
    )
    return replace(draft, title=storable_text(draft.title), prose=replace(prose, parts=parts))


def _stored_tickets(connection: Connection, session_key: str) -> dict[str, RowMapping]:
    """Return all tickets of the session, withdrawn ones too, with their current revision."""
    chosen = with_current_revision(
        select(
            _TICKETS.ticket_id,
            _TICKETS.is_withdrawn,
            _TICKETS.current_revision,
            _REVISIONS.origin,
            _REVISIONS.content_hash,
            _REVISIONS.open_questions,
        )
    ).where(_TICKETS.session_key == session_key)
    return {row["ticket_id"]: row for row in connection.execute(chosen).mappings()}


def _change_of(draft: TicketDraft, stored: RowMapping | None) -> _Change:
    content_hash = content_hash_of(
        title=draft.title, parts=draft.prose.parts, estimated_hours=draft.prose.estimated_hours
    )
    is_rewritten = (
        stored is not None
        and stored["origin"] is RevisionOrigin.GENERATED
        and (stored["content_hash"], stored["open_questions"])
        != (content_hash, draft.prose.questions)
    )
    number = 1 if stored is None else stored["current_revision"] + int(is_rewritten)
    return _Change(
        draft=draft,
        content_hash=content_hash,
        revision=number,
        is_known=stored is not None,
        is_revived=stored is not None and stored["is_withdrawn"],
        is_rewritten=is_rewritten,
    )


def _vanished(stored: Mapping[str, RowMapping], drafts: Sequence[TicketDraft]) -> list[str]:
    drafted = {draft.ticket_id for draft in drafts}
    return sorted(
        ticket_id
        for ticket_id, row in stored.items()
        if ticket_id not in drafted and not row["is_withdrawn"]
    )


def _write_tickets(connection: Connection, session_key: str, changes: Sequence[_Change]) -> None:
    new = [
        {"ticket_id": c.draft.ticket_id, "session_key": session_key, **NOT_READY, **_cells_of(c)}
        for c in changes
        if not c.is_known
    ]
    if new:
        connection.execute(insert(tables.tickets), new)
    known = [c for c in changes if c.is_known]
    rewritten = [c for c in known if c.is_rewritten]
    change_tickets(connection, [{"of_ticket": c.draft.ticket_id, **_cells_of(c)} for c in known])
    change_tickets(connection, [{"of_ticket": c.draft.ticket_id, **NOT_READY} for c in rewritten])


def _cells_of(change: _Change) -> dict[str, object]:
    draft = change.draft
    return {
        "number": draft.number,
        "group_key": draft.group_key,
        "display_group": draft.display_group,
        "action": draft.action,
        "current_revision": change.revision,
        "source_lines": draft.source_lines,
        "assignee": draft.assignee,
        "sprint": draft.sprint,
        "priority": draft.priority,
        "labels": draft.labels,
        "parent": draft.parent,
        "is_withdrawn": False,
    }


def _write_revisions(connection: Connection, changes: Sequence[_Change], *, at: datetime) -> None:
    rows = [_revision_row(c, at=at) for c in changes if c.has_new_revision]
    if rows:
        connection.execute(insert(tables.revisions), rows)


def _revision_row(change: _Change, *, at: datetime) -> dict[str, object]:
    prose = change.draft.prose
    return {
        "ticket_id": change.draft.ticket_id,
        "number": change.revision,
        "origin": RevisionOrigin.GENERATED,
        "title": change.draft.title,
        **{name: getattr(prose.parts, name) for name in PART_NAMES},
        "open_questions": prose.questions,
        "estimated_hours": prose.estimated_hours,
        "writer": prose.writer,
        "author": prose.writer,
        "created_at": at,
        "content_hash": change.content_hash,
    }


def _write_dependencies(
    connection: Connection, session_key: str, drafts: Sequence[TicketDraft]
) -> None:
    """Replace what was computed; what was made by hand stays."""
    connection.execute(
        delete(tables.dependencies).where(
            _DEPENDENCIES.session_key == session_key, _DEPENDENCIES.origin == "computed"
        )
    )
    rows = [
        {
            "session_key": session_key,
            "ticket_id": draft.ticket_id,
            "other_ticket_id": other,
            "kind": kind,
            "origin": "computed",
        }
        for draft in drafts
        for kind, others in (("blocks", draft.depends_on), ("relates", draft.relates_to))
        for other in sorted(set(others))
    ]
    if rows:
        connection.execute(insert(tables.dependencies), rows)


def _withdraw(connection: Connection, ticket_ids: Sequence[str]) -> None:
    change_tickets(
        connection,
        [{"of_ticket": key, "is_withdrawn": True, **NOT_READY} for key in ticket_ids],
    )


def _outcome_of(changes: Sequence[_Change], *, withdrawn_count: int) -> GenerationOutcome:
    created = sum(c.is_new for c in changes)
    rewritten = sum(c.is_rewritten and not c.is_new for c in changes)
    return GenerationOutcome(
        created=created,
        rewritten=rewritten,
        unchanged=len(changes) - created - rewritten,
        withdrawn=withdrawn_count,
    )
