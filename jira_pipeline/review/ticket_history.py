"""What happened to tickets and sessions, as people read it.

The audit trail has one entry an action. A `HistoryEvent` is an entry with the tickets and answers
that it is about, looked up as they are now; an act is a row of events of one person that are alike.
The history of a ticket includes that of tickets whose words it took over.

Belongs here: which entries are shown, and what each is about. Does not: the sentences of the history
(`web/labels`), the trail for programs (`sessions/session_records`), what differs since an approval
(`approved_difference`).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from jira_pipeline.model.audit_actions import AuditAction, EventKind
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.tickets import ListedTicket, Ticket, row_ids_of, row_names_of
from jira_pipeline.review.open_session import OpenSession

EVENTS_OF_TICKET = 20
"""How many events the page of a ticket shows."""
EVENTS_OF_SESSION = 8
"""How many acts the overview of a session shows."""
ENTRIES_READ = 200
"""How many entries are read for these acts: a review of 84 tickets is one act of 84 entries."""
_QUESTION_ID = re.compile("[0-9a-f]{16}")
"""The id of a question; a key of another form is the words of a form's cell."""
KINDS: Mapping[AuditAction, EventKind] = {
    action: action.kind for action in AuditAction if action.kind
}
"""The actions that a history shows, with their kinds; not those that only say that work went on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One entry of the audit trail, with the tickets and answers that it is about."""

    entry: AuditEntry
    tickets: tuple[ListedTicket | Ticket, ...]
    """The tickets that it changed, as far as they are still there, by number."""
    other: ListedTicket | Ticket | None = None
    """The ticket that a changed dependency leads to."""
    answers: tuple[tuple[str, str], ...] = ()
    """Pairs of question and answer; empty is a question that is gone, or an answer taken back."""

    @property
    def changed(self) -> ListedTicket | Ticket | None:
        """The ticket that it changed; None where these are several, or it is gone."""
        return self.tickets[0] if len(self.tickets) == len(self.entry.ticket_ids) == 1 else None


def history_of(
    session: OpenSession, *, person: str = "", kind: EventKind | None = None
) -> tuple[list[AuditEntry], list[str]]:
    """Return a session's entries, newest first, and the names of all people who did something.

    A `person` or `kind` restricts the entries, not the names. `events_of` says what they are about.
    """
    entries = session.store.audit.latest(session.key, actions=KINDS)
    chosen = [
        entry
        for entry in entries
        if person in ("", entry.actor) and kind in (None, KINDS[entry.action])
    ]
    return chosen, sorted({entry.actor for entry in entries})


def latest_acts(session: OpenSession) -> tuple[tuple[HistoryEvent, ...], ...]:
    """Return the last acts of a session, newest first.

    Validations are left out: the daemon makes one after each edit.
    """
    entries = session.store.audit.latest(
        session.key, actions=KINDS.keys() - {AuditAction.VALIDATION_RECORDED}, most=ENTRIES_READ
    )
    return acts_of(events_of(session, entries))[:EVENTS_OF_SESSION]


def decisions_since(session: OpenSession, at: datetime) -> tuple[HistoryEvent, ...]:
    """Return the events in which people decided about tickets, from a time on, oldest first."""
    entries = session.store.audit.latest(
        session.key, actions=[action for action in AuditAction if action.event]
    )
    return events_of(session, [entry for entry in reversed(entries) if entry.at >= at])


def acts_of(events: Iterable[HistoryEvent]) -> tuple[tuple[HistoryEvent, ...], ...]:
    """Put events that follow each other together where one person did the same; the order stays."""
    acts = groupby(events, key=lambda event: (event.entry.actor, event.entry.action))
    return tuple(tuple(events_of_act) for _, events_of_act in acts)


def history_of_ticket(session: OpenSession, ticket: Ticket) -> tuple[HistoryEvent, ...]:
    """Return the last events of a ticket, newest first.

    Where it took over words of another ticket, the events of that one from before are among them:
    they tell of requests and answers that have no other place.
    """
    entries = list(_last_entries(session, ticket.ticket_id))
    for former_id, taking in _entries_of_taking(session, ticket).items():
        for entry in _last_entries(session, former_id):
            if entry.sequence < taking.sequence:
                entries.append(entry)
    # Each only once: an entry may name both tickets.
    entries_by_sequence = {entry.sequence: entry for entry in entries}
    newest = sorted(entries_by_sequence, reverse=True)[:EVENTS_OF_TICKET]
    newest_entries = [entries_by_sequence[sequence] for sequence in newest]
    return events_of(session, newest_entries, only=ticket)


def _last_entries(session: OpenSession, ticket_id: str) -> tuple[AuditEntry, ...]:
    """Return the last entries that name a ticket, newest first."""
    return session.store.audit.latest(
        session.key, actions=KINDS, naming=ticket_id, most=EVENTS_OF_TICKET
    )


def tickets_taken_over(session: OpenSession, ticket: Ticket) -> tuple[Ticket, ...]:
    """Return the tickets whose words a ticket took over and can give back, by number."""
    taken = _entries_of_taking(session, ticket)
    return tuple(
        other
        for other in (*session.tickets, *session.vanished_tickets)
        if other.ticket_id in taken and "taken" in taken[other.ticket_id].details
    )


def _entries_of_taking(session: OpenSession, ticket: Ticket) -> Mapping[str, AuditEntry]:
    """Return the entries by which a ticket took over words, by the id of the ticket they are from.

    Words that it gave back since are left out.
    """
    taken: dict[str, AuditEntry] = {}
    for entry in session.acts_of_taking:
        receiving_id, giving_id = entry.ticket_ids
        if entry.action is AuditAction.WORDS_TAKEN and receiving_id == ticket.ticket_id:
            taken[giving_id] = entry
        elif entry.action is AuditAction.WORDS_GIVEN_BACK and giving_id == ticket.ticket_id:
            taken.pop(receiving_id, None)
    return taken


def events_of(
    session: OpenSession, entries: Sequence[AuditEntry], *, only: Ticket | None = None
) -> tuple[HistoryEvent, ...]:
    """Return entries with the tickets and answers that they are about, or only those of one ticket."""
    tickets: dict[str, ListedTicket | Ticket] = {}
    tickets |= {ticket.ticket_id: ticket for ticket in session.vanished_tickets}
    tickets |= {ticket.ticket_id: ticket for ticket in session.listed}
    shown = tickets if only is None else {only.ticket_id: only}
    asking = _tickets_asking(session, entries) if only is None else (only,)
    questions = _questions_by_row(asking)
    events = []
    for entry in entries:
        changed = [shown[ticket_id] for ticket_id in shown.keys() & entry.ticket_ids]
        changed.sort(key=lambda ticket: ticket.number)
        events.append(
            HistoryEvent(
                entry=entry,
                tickets=tuple(changed),
                other=tickets.get(str(entry.details.get("other_ticket_id"))),
                answers=tuple(_answers(entry, questions, only=only)),
            )
        )
    return tuple(events)


def _tickets_asking(session: OpenSession, entries: Iterable[AuditEntry]) -> Sequence[Ticket]:
    """Return the tickets whose questions were answered by some of these entries."""
    answered_ids: set[str] = set()
    for entry in entries:
        if KINDS[entry.action] is EventKind.ANSWER:
            answered_ids.update(entry.ticket_ids)
    return session.store.tickets.some(session.key, sorted(answered_ids)) if answered_ids else ()


def _questions_by_row(tickets: Iterable[Ticket]) -> Mapping[tuple[str, str], OpenQuestion]:
    """Return the questions of tickets by ticket id and row id, also by the ids of version 1."""
    questions: dict[tuple[str, str], OpenQuestion] = {}
    for ticket in tickets:
        for question in ticket.revision.left_open:
            # Entries of version 1 name a question by its words, whatever its kind.
            ids_of_version_1 = row_ids_of(replace(question, kind=""))
            for row_id in (*row_ids_of(question), *ids_of_version_1):
                questions[ticket.ticket_id, row_id] = question
    return questions


def _answers(
    entry: AuditEntry, questions: Mapping[tuple[str, str], OpenQuestion], *, only: Ticket | None
) -> Iterable[tuple[str, str]]:
    """Yield the answers of an entry as pairs of question and text, of all tickets or only of one.

    The question names its rows where the answer is not for all of them.
    """
    site = entry.details.get("site")
    if isinstance(site, Mapping):  # answers for the whole site, not each cell that they fill
        yield from site.items()
        return
    answers = entry.details.get("answers")
    if not isinstance(answers, Mapping):
        return
    # Entries of older versions name one row, whichever got the answer.
    is_by_row = bool(entry.details.get("is_by_row"))
    for ticket_id, of_ticket in answers.items():
        if only is not None and only.ticket_id != ticket_id:
            continue
        rows_answered: dict[tuple[OpenQuestion, str], list[str]] = {}
        for key, answer in of_ticket.items():
            question = questions.get((ticket_id, key))
            if question is not None:
                rows_answered.setdefault((question, answer), []).append(key)
            else:
                # Of a form's cell the entry has the words that ask for it instead of an id.
                yield "" if _QUESTION_ID.fullmatch(key) else key, answer
        for (question, answer), row_ids in rows_answered.items():
            words = _words_of_rows(question, row_ids) if is_by_row else question.question
            yield words, answer


def _words_of_rows(question: OpenQuestion, row_ids: Collection[str]) -> str:
    """Return a question's text, with the names of the given rows where these are not all."""
    named = zip(row_ids_of(question), row_names_of(question.keys), strict=False)
    names = [name for row_id, name in named if row_id in row_ids]
    if not names or len(names) == len(question.keys):
        return question.question
    return f"{question.question} ({', '.join(names)})"
