"""Who did what to the tickets of a session, when and why: the audit trail as people read it.

Belongs here: which entries tell something, what each is about; what a ticket says otherwise since
somebody approved it. Does not: the sentences (`web/labels`), the trail for programs
(`sessions/listing`), which tickets lost their mark (`ready_marks`).

What was approved is not kept a second time: the audit trail says since when, revisions and uploads
stay, and the entries of answers have their texts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import ManifestError
from jira_pipeline.model.records import UPLOADING, AuditAction, AuditEntry, EventKind
from jira_pipeline.model.rendered_tickets import changed_cells
from jira_pipeline.model.tickets import ChangedCell, ListedTicket, Revision, Ticket, row_ids_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ready_marks import ReadyMark
from jira_pipeline.review.revisions import PartDifference, compare_revisions

EVENTS_OF_TICKET = 20
"""On the page of one."""
EVENTS_OF_SESSION = 8
"""Acts on its overview."""
ENTRIES_READ = 200
"""To fold into these: a review of 84 tickets is 84 entries."""
_QUESTION_ID = re.compile("[0-9a-f]{16}")


KINDS: Mapping[AuditAction, EventKind] = {one: one.kind for one in AuditAction if one.kind}
"""The kind of each action that tells something; that work moved on, or somebody looked, does not."""
_REVISING = (
    AuditAction.TICKET_EDITED,
    AuditAction.TICKET_ROLLED_BACK,
    AuditAction.TICKETS_GENERATED,
)
"""Each entry that names the ticket made one revision, or found its cells changed."""
_CHANGING = (
    *_REVISING,
    *(
        AuditAction.FIELDS_ASSIGNED,
        AuditAction.QUESTIONS_ANSWERED,
        AuditAction.DEPENDENCY_ADDED,
        AuditAction.DEPENDENCY_REMOVED,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One entry of the audit trail, and what it is about."""

    entry: AuditEntry
    tickets: tuple[ListedTicket | Ticket, ...]
    """Those it changed that are still there, by number."""
    other: ListedTicket | Ticket | None = None
    """What the changed one waits for, of a dependency."""
    answers: tuple[tuple[str, str], ...] = ()
    """Question and answer; a question that is asked no more is empty, an answer taken back too."""

    @property
    def changed(self) -> ListedTicket | Ticket | None:
        """The ticket it changed, where that is one alone and still there."""
        return self.tickets[0] if len(self.tickets) == len(self.entry.ticket_ids) == 1 else None


def history_of(
    session: OpenSession, *, person: str = "", kind: EventKind | None = None
) -> tuple[list[AuditEntry], list[str]]:
    """Return what happened to a session, newest first, of all or one; and all who did something.

    `events_of` says what the entries are about.
    """
    entries = session.store.audit.latest(session.key, actions=KINDS)
    chosen = [
        entry
        for entry in entries
        if person in ("", entry.actor) and kind in (None, KINDS[entry.action])
    ]
    return chosen, sorted({entry.actor for entry in entries})


def latest_acts(session: OpenSession) -> tuple[tuple[HistoryEvent, ...], ...]:
    """Return what happened to a session last, newest first; the daemon validates after each edit."""
    entries = session.store.audit.latest(
        session.key, actions=KINDS.keys() - {AuditAction.VALIDATION_RECORDED}, most=ENTRIES_READ
    )
    return acts_of(events_of(session, entries))[:EVENTS_OF_SESSION]


def decided_since(session: OpenSession, at: datetime) -> tuple[HistoryEvent, ...]:
    """Return what people decided about tickets from a time on, oldest first."""
    entries = session.store.audit.latest(
        session.key, actions=[action for action in AuditAction if action.event]
    )
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
) -> Iterable[tuple[str, str]]:
    answers = entry.details.get("answers")
    if isinstance(site := entry.details.get("site"), Mapping):  # not each of its many cells
        yield from site.items()
        return
    for ticket_id, of_ticket in answers.items() if isinstance(answers, Mapping) else ():
        if only is None or only.ticket_id == ticket_id:
            for key, answer in of_ticket.items():
                # The cell of a form has no id here: its entry has the words that ask for it.
                words = "" if _QUESTION_ID.fullmatch(key) else key
                yield texts.get((ticket_id, key), words), answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAnswer:
    """A question whose answer is another one."""

    question: str
    before: str
    """Empty: it had none."""
    after: str
    """Empty: it has none any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedDifference:
    """What became of a ticket since its last ready mark."""

    mark: ReadyMark
    revision: Revision
    events: tuple[HistoryEvent, ...]
    """Who or what changed it, oldest first."""
    parts: tuple[PartDifference, ...]
    cells: tuple[ChangedCell, ...] | None
    """None: the sheets of that time are gone, or cannot be read any more."""
    answers: tuple[ChangedAnswer, ...]


def difference_to_approved(
    session: OpenSession, ticket: Ticket, *, group: EntityGroup | None
) -> ApprovedDifference | None:
    """Compare a ticket with what was approved; None where it did not lose its mark.

    `group` has its rows as they are; None where the sheets have none.
    """
    mark = session.lost_marks.get(ticket.ticket_id)
    if mark is None:
        return None
    audit = session.store.audit
    uploads = audit.latest(session.key, actions=UPLOADING)
    naming = audit.latest(
        session.key, actions=_CHANGING, naming=ticket.ticket_id, after=mark.sequence
    )
    ticket_id = ticket.ticket_id
    changes = [one for one in naming if one.details.get("ticket_id", ticket_id) == ticket_id]
    if any(entry.action == AuditAction.TICKETS_GENERATED for entry in changes):
        changes += [one for one in uploads if one.sequence > mark.sequence]
    in_order = sorted(changes, key=lambda entry: entry.sequence)
    # Read after the trail, and counted from the newest: somebody may edit between two reads.
    by_number = {one.number: one for one in session.revisions(ticket)}
    approved = by_number[max(by_number) - sum(_makes_revision(entry, ticket) for entry in changes)]
    content_sha256 = next(
        (str(one.details["content_sha256"]) for one in uploads if one.sequence < mark.sequence),
        session.stored.content_sha256,
    )
    return ApprovedDifference(
        mark=mark,
        revision=approved,
        events=events_of(session, in_order, only=ticket),
        parts=compare_revisions(approved, ticket.revision),
        cells=_changed_cells(session, ticket, content_sha256, now=group),
        answers=tuple(_changed_answers(session, ticket, approved, mark)),
    )


def _makes_revision(entry: AuditEntry, ticket: Ticket) -> bool:
    rewritten = entry.details.get("rewritten")
    if isinstance(rewritten, list):
        return ticket.ticket_id in rewritten
    return entry.action in _REVISING


def _changed_cells(
    session: OpenSession, ticket: Ticket, content_sha256: str, *, now: EntityGroup | None
) -> tuple[ChangedCell, ...] | None:
    if now is None or content_sha256 == session.stored.content_sha256:
        return ()
    try:
        groups = session.earlier_groups(content_sha256)
    except ManifestError:  # of an older version; the ticket is to be read all the same
        return None
    return None if groups is None else changed_cells(groups.get(ticket.group_key), now)


def _changed_answers(
    session: OpenSession, ticket: Ticket, approved: Revision, mark: ReadyMark
) -> Iterable[ChangedAnswer]:
    """Yield questions that were asked then or are asked now, where the answer is another one."""
    words = {
        row_id: question.question
        for revision in (approved, ticket.revision)
        for question in revision.left_open
        # Entries of version 1 name it by its words.
        for row_id in (*row_ids_of(question), *row_ids_of(replace(question, kind="")))
    }
    words |= {cell.asks: cell.asks for r in (approved, ticket.revision) for cell in r.asked_cells}
    entries = session.store.audit.latest(
        session.key, actions=(AuditAction.QUESTIONS_ANSWERED,), naming=ticket.ticket_id
    )
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for entry in reversed(entries):
        answers = entry.details["answers"]
        given = answers.get(ticket.ticket_id, {}) if isinstance(answers, Mapping) else {}
        given = {words[key]: answer for key, answer in given.items() if key in words}
        after |= given
        if entry.sequence < mark.sequence:
            before |= given
    for asked in dict.fromkeys(words.values()):
        was, now = before.get(asked, ""), after.get(asked, "")
        if was != now:
            yield ChangedAnswer(question=asked, before=was, after=now)
