"""What a ticket says otherwise since somebody marked it ready, and who or what changed it.

Belongs here: finding what was approved, comparing it. Does not: which tickets lost their mark
(`ready_marks`), how a difference is shown (`web`).

What was approved is not kept a second time: the audit trail says since when, revisions and uploads
stay, and the entries of answers have their texts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import ManifestError
from jira_pipeline.model.records import UPLOADING, AuditAction, AuditEntry
from jira_pipeline.model.rendered_tickets import changed_cells
from jira_pipeline.model.tickets import ChangedCell, Revision, Ticket, row_ids_of
from jira_pipeline.review.editable_text import PartDifference, compare_revisions
from jira_pipeline.review.history import HistoryEvent, events_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ready_marks import ReadyMark

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
