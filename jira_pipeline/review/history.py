"""Who did what to the tickets of a session, when and why: the audit trail as people read it.

Belongs here: which entries tell something, what each is about. Does not: the sentences
(`web/labels`), the trail for programs (`sessions/kept_records`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from jira_pipeline.model.records import AuditAction, AuditEntry, EventKind
from jira_pipeline.model.tickets import ListedTicket, Ticket, row_ids_of
from jira_pipeline.review.open_session import OpenSession

EVENTS_OF_TICKET = 20
"""On the page of one."""
EVENTS_OF_SESSION = 8
"""Acts on its overview."""
ENTRIES_READ = 200
"""To fold into these: a review of 84 tickets is 84 entries."""
_QUESTION_ID = re.compile("[0-9a-f]{16}")


KINDS: Mapping[AuditAction, EventKind] = {one: one.kind for one in AuditAction if one.kind}
"""The kind of each action that tells something; that work moved on, or somebody looked, does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One entry of the audit trail, and what it is about."""

    entry: AuditEntry
    tickets: tuple[ListedTicket | Ticket, ...]
    """Those it changed that are still there, by number."""
    other: ListedTicket | Ticket | None = None
    """What the changed one waits for, of a dependency."""
    answers: tuple[tuple[str, str | None], ...] = ()
    """Question and answer; a question that is asked no more is empty, an answer taken back too.

    None: the entry is not about an answer.
    """

    @property
    def changed(self) -> ListedTicket | Ticket | None:
        """The ticket it changed, where that is one alone and still there."""
        return self.tickets[0] if len(self.tickets) == len(self.entry.ticket_ids) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened to a session, as far as it was asked for."""

    entries: tuple[AuditEntry, ...]
    """Newest first; `events_of` says what they are about."""
    people: tuple[str, ...]
    """Who did something, whether it was asked for or not."""


def history_of(session: OpenSession, *, person: str = "", kind: EventKind | None = None) -> History:
    """Return what happened to a session, of all people and kinds or of one."""
    entries = session.store.audit.latest(session.key, actions=KINDS)
    return History(
        entries=tuple(
            entry
            for entry in entries
            if person in ("", entry.actor) and kind in (None, KINDS[entry.action])
        ),
        people=tuple(sorted({entry.actor for entry in entries})),
    )


def latest_acts(session: OpenSession) -> tuple[tuple[HistoryEvent, ...], ...]:
    """Return what happened to a session last, newest first; the daemon validates after each edit."""
    actions = KINDS.keys() - {AuditAction.VALIDATION_RECORDED}
    entries = session.store.audit.latest(session.key, actions=actions, most=ENTRIES_READ)
    return acts_of(events_of(session, entries))[:EVENTS_OF_SESSION]


def decided_since(session: OpenSession, at: datetime) -> tuple[HistoryEvent, ...]:
    """Return what people decided about tickets from a time on, oldest first."""
    told = [action for action in AuditAction if action.event]
    entries = session.store.audit.latest(session.key, actions=told)
    return events_of(session, [one for one in reversed(entries) if one.at >= at])


def acts_of(events: Iterable[HistoryEvent]) -> tuple[tuple[HistoryEvent, ...], ...]:
    """Put together what one person did one after the other in the same way, newest first."""
    same = groupby(events, key=lambda event: (event.entry.actor, event.entry.action))
    return tuple(tuple(found) for _, found in same)


def history_of_ticket(session: OpenSession, ticket: Ticket) -> tuple[HistoryEvent, ...]:
    """Return what happened to one ticket last, newest first."""
    entries = session.store.audit.latest(
        session.key, actions=KINDS, naming=ticket.ticket_id, most=EVENTS_OF_TICKET
    )
    return events_of(session, entries, only=ticket)


def marked_at(ticket: Ticket, events: Iterable[HistoryEvent]) -> datetime | None:
    """Return when a ready ticket was marked; None where none of these events says it."""
    marks = (
        event.entry for event in events if event.entry.action == AuditAction.TICKETS_MARKED_READY
    )
    newest = next(marks, None)
    if newest is None or not ticket.is_ready or newest.actor != ticket.ready_by:
        return None
    return newest.at


def events_of(
    session: OpenSession, entries: Sequence[AuditEntry], *, only: Ticket | None = None
) -> tuple[HistoryEvent, ...]:
    """Say what entries are about; of tickets and answers all, or those of one ticket."""
    tickets: dict[str, ListedTicket | Ticket] = {one.ticket_id: one for one in session.vanished}
    tickets |= {one.ticket_id: one for one in session.listed}
    shown = tickets if only is None else {only.ticket_id: only}
    asking: Iterable[Ticket] = () if only is None else (only,)
    answered = {i for e in entries if KINDS[e.action] is EventKind.ANSWER for i in e.ticket_ids}
    if only is None and answered:
        asking = session.store.tickets.some(session.key, sorted(answered))
    questions = {
        (ticket.ticket_id, row_id): question.question
        for ticket in asking
        for question in ticket.revision.left_open
        for row_id in (*row_ids_of(question), *row_ids_of(replace(question, kind="")))
    }
    return tuple(
        HistoryEvent(
            entry=entry,
            tickets=tuple(
                sorted(
                    (shown[i] for i in shown.keys() & entry.ticket_ids), key=lambda one: one.number
                )
            ),
            other=tickets.get(str(entry.details.get("other_ticket_id"))),
            answers=tuple(_answers(entry, questions, only=only)),
        )
        for entry in entries
    )


def _answers(
    entry: AuditEntry, texts: Mapping[tuple[str, str], str], *, only: Ticket | None
) -> Iterable[tuple[str, str | None]]:
    answers = entry.details.get("answers")
    questions = entry.details.get("questions")
    if isinstance(site := entry.details.get("site"), Mapping):  # not each of its many cells
        yield from site.items()
        return
    for ticket_id, ids in questions.items() if isinstance(questions, Mapping) else ():
        yield from (
            (texts.get((ticket_id, key), ""), None)
            for key in ids
            if only is None or only.ticket_id == ticket_id
        )
    for ticket_id, of_ticket in answers.items() if isinstance(answers, Mapping) else ():
        if only is None or only.ticket_id == ticket_id:
            for key, answer in of_ticket.items():
                # The cell of a form has no id here: its entry has the words that ask for it.
                words = "" if _QUESTION_ID.fullmatch(key) else key
                yield texts.get((ticket_id, key), words), answer
