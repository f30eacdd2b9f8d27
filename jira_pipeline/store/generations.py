"""What a new generation does to the tickets there are.

Belongs here: comparing drafts with stored tickets, and writing the difference. Does not: reading
tickets (`ticket_rows`), what people do to them (`ticket_store`), making drafts (`writing`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select

from jira_pipeline.model.dependencies import Edge, break_cycles
from jira_pipeline.model.records import PIPELINE
from jira_pipeline.model.source_changes import WHOLE_ROW, joined_changes
from jira_pipeline.model.tickets import (
    ASSIGNABLE_FIELDS,
    PART_NAMES,
    ChangedCell,
    RevisionOrigin,
    content_hash_of,
    is_of_people,
)
from jira_pipeline.ports.tickets import GenerationOutcome, TicketDraft
from jira_pipeline.store import tables
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.session_rows import CHANGED_CONTENT, update_session
from jira_pipeline.store.ticket_rows import (
    NOT_READY,
    NOT_VANISHED,
    PROPOSED,
    change_tickets,
    revisions_of,
    with_current_revision,
)

_TICKETS = tables.tickets.c
_REVISIONS = tables.revisions.c
_DEPENDENCIES = tables.dependencies.c
_RELEASED = tables.released_dependencies.c


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
    notes: str = ""
    """What people noted on it: a new generation keeps it."""
    source_changes: tuple[ChangedCell, ...] = ()
    """Cells people have to look at, since its prose is theirs."""
    assigned_fields: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        return self.is_revived or not self.is_known

    @property
    def has_new_revision(self) -> bool:
        return self.is_rewritten or not self.is_known

    @property
    def is_source_changed(self) -> bool:
        """Its prose is people's, and cells differ from those it was written over."""
        is_changed = bool(self.draft.changed_cells) or (
            self.is_revived and bool(self.source_changes)
        )
        return is_changed and not self.has_new_revision

    @property
    def is_to_review(self) -> bool:
        """Whoever marked it ready did not see what it says now."""
        return self.is_known and (self.is_rewritten or self.is_source_changed)


def write_generation(
    connection: Connection, session_key: str, drafts: Sequence[TicketDraft], *, at: datetime
) -> GenerationOutcome:
    """Write one generation of a locked session, and its audit entry.

    A ticket whose facts, title and prose did not change keeps its revision and ready mark, as long
    as the template replaces the model for the same reason; else it gets a new revision of origin `generated` and loses the mark. Tickets that are not among
    the drafts are proposed for withdrawal; those of them that come back count as created. Tickets
    whose title or prose people edited keep it, and remember the cells that changed; notes, fields
    people set and answers stay in any case. Dependencies made by hand stay, save for those that
    would close a cycle with what the sheets demand: they become relations.

    Raises:
        ValueError: The drafts contradict each other; nothing was written.
    """
    _check(drafts)
    stored = _stored_tickets(connection, session_key)
    ordered = sorted((_storable(draft) for draft in drafts), key=lambda draft: draft.number)
    changes = [_change_of(connection, draft, stored.get(draft.ticket_id)) for draft in ordered]
    drafted = {draft.ticket_id for draft in drafts}
    vanished = sorted(
        ticket_id
        for ticket_id, row in stored.items()
        if ticket_id not in drafted and row["withdrawal"] is None
    )
    _write_tickets(connection, session_key, changes)
    _write_revisions(connection, changes, at=at)
    _write_dependencies(connection, session_key, drafts)
    last_number = max((draft.number for draft in drafts), default=0)
    _propose_to_withdraw(connection, session_key, vanished, first_number=last_number + 1)
    update_session(connection, session_key, CHANGED_CONTENT)
    dropped = _drop_cyclic_dependencies(connection, session_key)
    created = sum(c.is_new for c in changes)
    rewritten = sum(c.is_rewritten and not c.is_new for c in changes)
    outcome = GenerationOutcome(
        created=created,
        rewritten=rewritten,
        unchanged=len(changes) - created - rewritten,
        withdrawals_proposed=len(vanished),
        dropped_dependencies=dropped,
    )
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
            "withdrawals_proposed": vanished,
            "source_changed": [c.draft.ticket_id for c in changes if c.is_source_changed],
            "dropped_dependencies": [list(pair) for pair in dropped],
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
        unknown = {*draft.depends_on, *draft.relates_to} - ticket_ids
        if unknown:
            raise ValueError(f"{draft.ticket_id} refers to {sorted(unknown)}, not generated.")


def _storable(draft: TicketDraft) -> TicketDraft:
    """Replace what cannot be kept before the content is hashed: the hash is of what is stored."""
    prose = draft.prose
    parts = replace(
        prose.parts, **{name: storable_text(getattr(prose.parts, name)) for name in PART_NAMES}
    )
    kept = replace(
        prose,
        parts=parts,
        questions=tuple(replace(q, question=storable_text(q.question)) for q in prose.questions),
        fallback_reason=storable_text(prose.fallback_reason),
        changes=tuple(replace(c, text=storable_text(c.text)) for c in prose.changes),
    )
    return replace(draft, title=storable_text(draft.title), prose=kept)


def _stored_tickets(connection: Connection, session_key: str) -> dict[str, RowMapping]:
    """Return all tickets of the session, vanished ones too, with their current revision."""
    chosen = with_current_revision(
        select(
            _TICKETS.ticket_id,
            _TICKETS.withdrawal,
            _TICKETS.current_revision,
            _TICKETS.ready_by,
            _REVISIONS.origin,
            _TICKETS.assigned_fields,
            _TICKETS.source_changes,
            _REVISIONS.content_hash,
            _REVISIONS.facts_hash,
            _REVISIONS.open_questions,
            _REVISIONS.fallback_reason,
            _REVISIONS.changes,
            _REVISIONS.notes,
        )
    ).where(_TICKETS.session_key == session_key)
    return {row["ticket_id"]: row for row in connection.execute(chosen).mappings()}


def _change_of(connection: Connection, draft: TicketDraft, stored: RowMapping | None) -> _Change:
    notes = "" if stored is None else stored["notes"]
    content_hash = content_hash_of(
        title=draft.title,
        parts=replace(draft.prose.parts, notes=notes or draft.prose.parts.notes),
        estimated_hours=draft.prose.estimated_hours,
    )
    if stored is None:
        return _Change(
            draft=draft,
            content_hash=content_hash,
            revision=1,
            is_known=False,
            is_revived=False,
            is_rewritten=False,
        )
    is_ours = stored["origin"] is RevisionOrigin.GENERATED or not is_of_people(
        revisions_of(connection, stored["ticket_id"])
    )
    is_rewritten = is_ours and _says_otherwise(draft, stored, content_hash)
    return _Change(
        draft=draft,
        content_hash=content_hash,
        revision=stored["current_revision"] + int(is_rewritten),
        is_known=True,
        is_revived=stored["withdrawal"] is not None,
        is_rewritten=is_rewritten,
        notes=notes,
        source_changes=(
            ()
            if is_ours
            else joined_changes(stored["source_changes"], _changes_under(draft, stored))
        ),
        assigned_fields=stored["assigned_fields"],
    )


def _changes_under(draft: TicketDraft, stored: RowMapping) -> tuple[ChangedCell, ...]:
    """Return the cells that changed under the prose of people.

    Of a ticket that comes back there is nothing to compare with: where other facts come back than
    its prose was written from, people look at all of it.
    """
    if stored["withdrawal"] is None or stored["facts_hash"] in (None, draft.facts_hash):
        return draft.changed_cells
    return tuple(
        ChangedCell(
            file=source.file,
            line=source.lines[0],
            record=next(iter(source.records), None),
            column=WHOLE_ROW,
            before=None,
            after=draft.title,
            row=f"{draft.group_key} came back",
        )
        for source in draft.source_lines
    )


def _says_otherwise(draft: TicketDraft, stored: RowMapping, content_hash: str) -> bool:
    """Tell whether facts, prose or what its writer adds to it differ from what is stored."""
    prose = draft.prose
    now = (content_hash, prose.questions, draft.facts_hash, prose.fallback_reason)
    names = ("content_hash", "open_questions", "facts_hash", "fallback_reason")
    return (*(stored[name] for name in (*names, "changes")),) != (*now, prose.changes)


def _write_tickets(connection: Connection, session_key: str, changes: Sequence[_Change]) -> None:
    new = [
        {"ticket_id": c.draft.ticket_id, "session_key": session_key, **NOT_READY, **_cells_of(c)}
        for c in changes
        if not c.is_known
    ]
    if new:
        connection.execute(insert(tables.tickets), new)
    known = [c for c in changes if c.is_known]
    for columns in sorted({c.assigned_fields for c in known}):
        alike = [c for c in known if c.assigned_fields == columns]
        change_tickets(
            connection, [{"of_ticket": c.draft.ticket_id, **_cells_of(c)} for c in alike]
        )
    change_tickets(
        connection,
        [{"of_ticket": c.draft.ticket_id, **NOT_READY} for c in known if c.is_to_review],
    )


def _cells_of(change: _Change) -> dict[str, object]:
    """Return the columns a generation sets: not those that people set."""
    draft = change.draft
    fields = {name: getattr(draft, name) for name in ASSIGNABLE_FIELDS}
    return {
        "number": draft.number,
        "group_key": draft.group_key,
        "display_group": draft.display_group,
        "action": draft.action,
        "current_revision": change.revision,
        "source_lines": draft.source_lines,
        "source_changes": change.source_changes,
        **NOT_VANISHED,
    } | {name: value for name, value in fields.items() if name not in change.assigned_fields}


def _write_revisions(connection: Connection, changes: Sequence[_Change], *, at: datetime) -> None:
    rows = [
        {
            "ticket_id": change.draft.ticket_id,
            "number": change.revision,
            "origin": RevisionOrigin.GENERATED,
            "title": change.draft.title,
            **{name: getattr(prose.parts, name) for name in PART_NAMES},
            "notes": change.notes or prose.parts.notes,
            "open_questions": prose.questions,
            "estimated_hours": prose.estimated_hours,
            "writer": prose.writer,
            "author": prose.writer,
            "created_at": at,
            "content_hash": change.content_hash,
            "facts_hash": change.draft.facts_hash,
            "fallback_reason": prose.fallback_reason,
            "changes": prose.changes,
        }
        for change in changes
        if change.has_new_revision
        for prose in (change.draft.prose,)
    ]
    if rows:
        connection.execute(insert(tables.revisions), rows)


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


def _propose_to_withdraw(
    connection: Connection, session_key: str, ticket_ids: Sequence[str], *, first_number: int
) -> None:
    """Propose tickets, and number all whose rows are gone after the others.

    A ready mark stays: it is bound to what Jira would get, and counts again if that comes back.
    """
    change_tickets(connection, [{"of_ticket": key, **PROPOSED} for key in ticket_ids])
    chosen = (
        select(_TICKETS.ticket_id)
        .where(_TICKETS.session_key == session_key, _TICKETS.withdrawal.is_not(None))
        .order_by(_TICKETS.number, _TICKETS.ticket_id)
    )
    vanished = connection.execute(chosen).scalars().all()
    change_tickets(
        connection,
        [
            {"of_ticket": key, "number": number}
            for number, key in enumerate(vanished, start=first_number)
        ],
    )


def _drop_cyclic_dependencies(
    connection: Connection, session_key: str
) -> tuple[tuple[str, str], ...]:
    """Turn dependencies made by hand into relations where the sheets demand the opposite order."""
    released = set(
        connection.execute(
            select(_RELEASED.ticket_id, _RELEASED.other_ticket_id).where(
                _RELEASED.session_key == session_key
            )
        ).tuples()
    )
    chosen = select(
        _DEPENDENCIES.ticket_id, _DEPENDENCIES.other_ticket_id, _DEPENDENCIES.origin
    ).where(_DEPENDENCIES.session_key == session_key, _DEPENDENCIES.kind == "blocks")
    origins: dict[tuple[str, str], set[str]] = {}
    for ticket_id, other, origin in connection.execute(chosen).tuples():
        if (ticket_id, other) not in released:
            origins.setdefault((ticket_id, other), set()).add(origin)
    edges = [
        Edge(dependent=ticket, dependency=other, is_required="computed" in found)
        for (ticket, other), found in sorted(origins.items())
    ]
    if all(edge.is_required for edge in edges):
        return ()
    nodes = sorted({node for pair in origins for node in pair})
    dropped = tuple((e.dependent, e.dependency) for e in break_cycles(nodes, edges).deferred)
    for ticket_id, other in dropped:
        relation = {"kind": "relates", "origin": "manual"}
        pair = (_DEPENDENCIES.ticket_id == ticket_id) & (_DEPENDENCIES.other_ticket_id == other)
        is_manual = pair & (_DEPENDENCIES.origin == "manual")
        connection.execute(delete(tables.dependencies).where(is_manual))
        connection.execute(
            insert(tables.dependencies).values(
                session_key=session_key, ticket_id=ticket_id, other_ticket_id=other, **relation
            )
        )
    return dropped
