"""Tickets, their revisions and what people decide about them: ready, skipped, withdrawn.

Belongs here: keeping them. Does not: what a new generation does to the tickets there are
(`generations`), what one says (`writing`), what it is validated against (`validation_store`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, func, or_, select

from jira_pipeline.model.errors import NotVanishedError, unknown_ticket
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.runs import PIPELINE
from jira_pipeline.model.ticket_hashes import TicketHashes, says_the_same
from jira_pipeline.model.tickets import (
    APPROVED_AS_IT_IS,
    DECISION_COLUMNS,
    EXCLUSION_COLUMNS,
    GIVEN_REASONS,
    Answer,
    AnyTicket,
    Exclusion,
    FieldValue,
    GenerationOutcome,
    ListedTicket,
    Revision,
    SourceLines,
    Ticket,
    TicketDraft,
    TicketsRead,
    TicketTally,
    Withdrawal,
    refuse_other_fields,
)
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, SessionPart
from jira_pipeline.store.generations import write_generation
from jira_pipeline.store.kept_reviews import note_returned, return_tickets
from jira_pipeline.store.mapping import storable_text
from jira_pipeline.store.ticket_rows import (
    CHOSEN_REVISIONS,
    ENTRIES_SINCE,
    IS_EXPORTED,
    IS_PRESENT,
    IS_TAKEN,
    NOT_READY,
    PROPOSED,
    changed_since,
    decide,
    listed_tickets,
    outdate,
    revisions_in,
    set_cells,
    site_answers_of,
    ticket_tally,
    tickets_of,
)
from jira_pipeline.store.transactions import repeated

_TICKETS = tables.tickets.c


class TicketStore(SessionPart):
    """Keeps tickets and their revisions.

    Its verbs raise `NotFoundError` where one is no ticket of the session, or its rows are gone,
    `EditConflictError` where one has not what people saw, and `NotVanishedError` where the rows of
    a ticket to withdraw are there: then nothing is changed. Each is audited, and returns how many
    tickets changed.
    """

    @repeated
    def save_generated(
        self, session_key: str, drafts: Sequence[TicketDraft], *, at: datetime
    ) -> GenerationOutcome:
        """Store one generation in one step, as `write_generation` says."""
        with self._changing(session_key, by=PIPELINE, at=at) as change:
            before = tickets_of(change.connection, session_key)
            returned = return_tickets(change, {draft.ticket_id for draft in drafts})
            vanished = tickets_of(change.connection, session_key, is_vanished=True)
            # First what came back: the generation may take an approval of it away.
            note_returned(change, returned)
            outcome = write_generation(change, (*before, *vanished), drafts)
            after = {t.ticket_id: t for t in tickets_of(change.connection, session_key)}
            pairs = ((ticket, after.get(ticket.ticket_id)) for ticket in before)
            changed = [t for t, new in pairs if new is None or not says_the_same(t, new)]
            outdate(change.connection, [ticket.ticket_id for ticket in changed])
            return outcome

    def list_all(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets whose rows are in the sheets, by number."""
        return self._read(tickets_of, session_key)

    def some(self, session_key: str, ticket_ids: Collection[str]) -> tuple[Ticket, ...]:
        """Return those of the same tickets that have one of these ids, by number."""
        return self._read(tickets_of, session_key, only=ticket_ids)

    def list_vanished(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets whose rows are gone, proposed for withdrawal or withdrawn, by number.

        Their numbers follow those of the others.
        """
        return self._read(tickets_of, session_key, is_vanished=True)

    def get(self, session_key: str, number: int) -> Ticket:
        """Return the ticket with that number, or raise NotFoundError."""
        for ticket in self._read(tickets_of, session_key, number=number):
            return ticket
        raise unknown_ticket(session_key=session_key, ticket=str(number))

    def revisions(self, ticket_id: str) -> tuple[Revision, ...]:
        """Return all revisions of a ticket, by number."""
        return revisions_in(self._database.asked(CHOSEN_REVISIONS, {"ticket": ticket_id}))

    def site_answers(self, session_key: str) -> tuple[Answer, ...]:
        """Return the answers that count for all views of a session."""
        return self._read(site_answers_of, session_key)

    def listed(
        self, session_key: str, *, offset: int = 0, limit: int | None = None
    ) -> tuple[ListedTicket, ...]:
        """Return the tickets as lists show them, in the order people gave them: all or a page."""
        return self._read(listed_tickets, session_key, offset=offset, limit=limit)

    def tally(self, session_key: str) -> TicketTally:
        """Count these tickets, and what waits for people in them."""
        return self._read(ticket_tally, session_key)

    def read_since(self, session_key: str, sequence: int | None) -> TicketsRead[Ticket]:
        """Return the tickets that changed since an entry of the audit trail, by number.

        All of them without such an entry, and where what happened since may have changed any.
        """
        return self._since(session_key, sequence, tickets_of)

    def listed_since(self, session_key: str, sequence: int | None) -> TicketsRead[ListedTicket]:
        """Return the same as lists show it, in the order people gave them."""
        return self._since(session_key, sequence, listed_tickets)

    def _since(
        self, session_key: str, sequence: int | None, read: Callable[..., tuple[AnyTicket, ...]]
    ) -> TicketsRead[AnyTicket]:
        since = {"session": session_key, "sequence": sequence}
        # most looks find that nothing changed
        if sequence is not None and not self._database.asked(ENTRIES_SINCE, since):
            return TicketsRead(sequence=sequence, tickets=(), is_whole=False)
        with self._database.reading() as connection:
            newest, changed = changed_since(connection, session_key, sequence)
            some = () if changed == () else read(connection, session_key, only=changed)
            return TicketsRead(sequence=newest, tickets=some, is_whole=changed is None)

    def numbers(self, session_key: str) -> Mapping[str, int]:
        """Return the number of each ticket whose rows are in the sheets, by ticket id."""
        return dict(self._cells(session_key, _TICKETS.ticket_id, _TICKETS.number))

    def exported_groups(self, session_key: str) -> tuple[str, ...]:
        """Return the group keys of these tickets that are in exports, by number."""
        rows = self._cells(session_key, _TICKETS.group_key, IS_TAKEN)
        return tuple(group_key for group_key, is_taken in rows if is_taken)

    def source_lines(
        self, session_key: str, *, only: Collection[str] | None = None
    ) -> Mapping[str, tuple[SourceLines, ...]]:
        """Return the lines each of these tickets, or each of some, is made from, by ticket id."""
        columns = (_TICKETS.ticket_id, _TICKETS.source_lines)
        return dict(self._cells(session_key, *columns, only=only))

    def decisions(self, session_key: str) -> Mapping[str, tuple[str | None, ...]]:
        """Return what people decided about each of these tickets, by ticket id."""
        columns = [_TICKETS[name] for name in ("ticket_id", *DECISION_COLUMNS)]
        return {key: tuple(cells) for key, *cells in self._cells(session_key, *columns)}

    def _cells(
        self, session_key: str, *columns: ColumnElement[Any], only: Collection[str] | None = None
    ) -> Sequence[Any]:
        chosen = select(*columns).where(_TICKETS.session_key == session_key, IS_PRESENT)
        if only is not None:
            chosen = chosen.where(_TICKETS.ticket_id.in_(only))
        return self._database.asked(chosen.order_by(_TICKETS.number))

    def ready_sessions(self) -> frozenset[str]:
        """Return the keys of the sessions in which every ticket that is not skipped is ready."""
        chosen = (
            select(_TICKETS.session_key)
            .where(IS_EXPORTED)
            .group_by(_TICKETS.session_key)
            .having(func.count() == func.count(_TICKETS.ready_hash))
        )
        return frozenset(key for (key,) in self._database.asked(chosen))

    @repeated
    def mark_ready(
        self,
        session_key: str,
        hashes: Mapping[str, TicketHashes],
        *,
        open_questions: Mapping[str, int] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Mark tickets ready, each bound to the hashes of what was validated, by ticket id.

        One whose mark covers what it says now keeps that. The entry says how many questions those
        that it marks leave open, where they do. Changed cells count as looked at.
        """
        question_counts = open_questions or {}
        with self._changing(session_key, by=by, at=at) as change:
            cells: dict[str, Mapping[str, object]] = {}
            rendered_hashes: dict[str, str] = {}
            approved_before = _cells_of(change, hashes, _TICKETS.approved_hash)
            for ticket_id, approved in approved_before.items():
                hashes_now = hashes[ticket_id]
                if approved in {hashes_now.approved, APPROVED_AS_IT_IS}:
                    continue
                rendered_hashes[ticket_id] = hashes_now.rendered
                cells[ticket_id] = {
                    "ready_hash": hashes_now.rendered,
                    "approved_hash": hashes_now.approved,
                    "ready_by": by,
                    "source_changes": (),
                }
            details: dict[str, object] = {"rendered_hashes": rendered_hashes}
            left_open = {key: count for key, count in question_counts.items() if key in cells}
            if left_open:
                details["open_questions"] = left_open
            return decide(change, AuditAction.TICKETS_MARKED_READY, cells, **details)

    @repeated
    def settle_older_marks(
        self, session_key: str, approved_hashes: Mapping[str, str], *, at: datetime
    ) -> None:
        """Bind the marks of an older version to what they cover, by ticket id; others stay."""
        with self._changing(session_key, by=PIPELINE, at=at) as change:
            before = _cells_of(change, approved_hashes, _TICKETS.approved_hash)
            cells = {
                ticket_id: {"approved_hash": approved_hashes[ticket_id]}
                for ticket_id, approved in before.items()
                if approved == APPROVED_AS_IT_IS
            }
            set_cells(change.connection, cells)

    @repeated
    def unmark_ready(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        *,
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Take ready marks away."""
        with self._changing(session_key, by=by, at=at) as change:
            marks = _cells_of(change, ticket_ids, _TICKETS.ready_by, were=were)
            marked = [key for key, marked_by in marks.items() if marked_by is not None]
            cells = dict.fromkeys(marked, NOT_READY)
            return decide(change, AuditAction.TICKETS_UNMARKED_READY, cells, ticket_ids=marked)

    @repeated
    def exclude(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        kind: type[Exclusion],
        *,
        reason: str | None,
        beside: Mapping[str, str] | None = None,
        were: Mapping[str, FieldValue] | None = None,
        by: str,
        at: datetime,
    ) -> int:
        """Leave tickets out of exports, for this reason alone; None: take them in again.

        What is said `beside` the reason is kept in the columns of the kind that have these names, else
        in the entry alone. The entry has the words that a reason takes the place of, too.
        """
        if reason is not None and not reason.strip():
            raise ValueError("Give a reason for leaving a ticket out.")
        texts = {name: storable_text(text) for name, text in (beside or {}).items() if text}
        cells = _exclusion_cells(kind, reason, texts)
        words_now = {name: cells[name] for name in EXCLUSION_COLUMNS if cells.get(name)}
        action = kind.actions[reason is None]
        with self._changing(session_key, by=by, at=at) as change:
            reasons_before = _cells_of(change, ticket_ids, _TICKETS[kind.column], were=were)
            words_before = _exclusion_words(change)
            changed: list[str] = []
            replaced: dict[str, dict[str, str]] = {}
            for ticket_id, reason_before in reasons_before.items():
                words = words_before.get(ticket_id)
                has_other_words = reason is not None and words != words_now
                if reason_before == reason and not has_other_words:
                    continue
                changed.append(ticket_id)
                if reason is not None and words is not None:
                    replaced[ticket_id] = words
            details: dict[str, object] = {"ticket_ids": changed, "reason": reason, **texts}
            if replaced:
                details["replaced"] = replaced
            return decide(change, action, dict.fromkeys(changed, cells), **details)

    @repeated
    def withdraw(
        self, session_key: str, ticket_ids: Collection[str], *, reason: str, by: str, at: datetime
    ) -> int:
        """Agree that tickets go whose rows are gone."""
        with self._changing(session_key, by=by, at=at) as change:
            proposed = _vanished(change, ticket_ids, Withdrawal.PROPOSED)
            reason = storable_text(reason)
            agreed = {
                "withdrawal": Withdrawal.AGREED,
                "withdrawn_by": by,
                "withdrawal_reason": reason,
                **NOT_READY,
            }
            cells = dict.fromkeys(proposed, agreed)
            return decide(
                change, AuditAction.WITHDRAWALS_AGREED, cells, ticket_ids=proposed, reason=reason
            )

    @repeated
    def unwithdraw(
        self, session_key: str, ticket_ids: Collection[str], *, by: str, at: datetime
    ) -> int:
        """Take an agreement back: the tickets are proposed again."""
        with self._changing(session_key, by=by, at=at) as change:
            agreed = _vanished(change, ticket_ids, Withdrawal.AGREED)
            cells = dict.fromkeys(agreed, PROPOSED)
            return decide(change, AuditAction.WITHDRAWALS_PROPOSED_AGAIN, cells, ticket_ids=agreed)


def _cells_of(
    change: Change,
    ticket_ids: Collection[str],
    column: Column[str],
    *,
    were: Mapping[str, FieldValue] | None = None,
) -> dict[str, str | None]:
    """Return what a column holds for those tickets, in order of their ids."""
    if were:
        tickets = tickets_of(change.connection, change.session_key, only=ticket_ids)
        refuse_other_fields(tickets, were)
    chosen = select(_TICKETS.ticket_id, column).where(
        _TICKETS.session_key == change.session_key, IS_PRESENT
    )
    present = {row[0]: row[1] for row in change.connection.execute(chosen)}
    wanted = sorted(set(ticket_ids))
    if missing := [ticket_id for ticket_id in wanted if ticket_id not in present]:
        raise unknown_ticket(session_key=change.session_key, ticket=missing[0])
    return {ticket_id: present[ticket_id] for ticket_id in wanted}


def _exclusion_cells(
    kind: type[Exclusion], reason: str | None, texts: Mapping[str, str]
) -> Mapping[str, object]:
    """Return the cells of a ticket that is left out for this reason alone; None: taken in again."""
    # A reason takes the place of every other one; without it only its own kind is emptied.
    emptied = (kind,) if reason is None else GIVEN_REASONS
    cells: dict[str, object] = {}
    for other in emptied:
        cells[other.column] = None
        cells.update(dict.fromkeys(other.beside, ""))
    cells[kind.column] = reason
    cells.update({name: texts[name] for name in kind.beside if name in texts})
    if kind.is_for_now and reason is not None:
        cells.update(NOT_READY)
    return cells


def _exclusion_words(change: Change) -> dict[str, dict[str, str]]:
    """Return what reasons say of tickets that are left out, by ticket id and column."""
    columns = [_TICKETS[name] for name in EXCLUSION_COLUMNS]
    is_of_session = _TICKETS.session_key == change.session_key
    is_left_out = or_(*(_TICKETS[kind.column].is_not(None) for kind in GIVEN_REASONS))
    chosen = select(_TICKETS.ticket_id, *columns).where(is_of_session, IS_PRESENT, is_left_out)
    words: dict[str, dict[str, str]] = {}
    for ticket_id, *cells in change.connection.execute(chosen):
        cells_by_name = zip(EXCLUSION_COLUMNS, cells, strict=True)
        words[ticket_id] = {name: cell for name, cell in cells_by_name if cell}
    return words


def _vanished(change: Change, ticket_ids: Collection[str], wanted: Withdrawal) -> list[str]:
    """Return the ids of those whose withdrawal is at this step, in order."""
    tickets = tickets_of(change.connection, change.session_key, is_vanished=True)
    withdrawals = {ticket.ticket_id: ticket.withdrawal for ticket in tickets}
    for ticket_id in ticket_ids:
        if ticket_id not in withdrawals:
            raise NotVanishedError(session_key=change.session_key, number=ticket_id)
    return [key for key in sorted(set(ticket_ids)) if withdrawals[key] is wanted]
