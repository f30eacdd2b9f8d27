"""What a ticket says otherwise since somebody approved it: its text, cells, answers and questions.

Belongs here: which entries change what an approval covers, and comparing with the revision that was
approved. Does not: what two revisions differ in (`revisions`), what else happened (`ticket_history`),
giving ready marks (`approvals`).

What was approved is not kept a second time: the audit trail says since when, revisions and uploads
stay, and the entries of answers have their texts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from jira_pipeline.model.audit_actions import ANSWER_ACTIONS, UPLOADING, AuditAction
from jira_pipeline.model.changed_cells import changed_cells
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import ManifestError
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.revisions import PART_NAMES, Revision
from jira_pipeline.model.ticket_hashes import approved_texts
from jira_pipeline.model.tickets import ChangedCell, Ticket, row_ids_of, row_names_of
from jira_pipeline.review.marks import ReadyMark
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import PartDifference, compare_revisions
from jira_pipeline.review.ticket_history import HistoryEvent, events_of

_REVISING = (
    AuditAction.TICKET_EDITED,
    AuditAction.TICKET_ROLLED_BACK,
    AuditAction.TICKETS_GENERATED,
)
"""Each entry that names the ticket made one revision, or found its cells changed."""
_CHANGING = (
    *_REVISING,
    *(
        *ANSWER_ACTIONS,
        AuditAction.FIELDS_ASSIGNED,
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
    """Those that an approval covers: not the list of open questions, nor numbers and lines that
    the program writes."""
    cells: tuple[ChangedCell, ...] | None
    """None: the sheets of that time are gone, or cannot be read any more."""
    answers: tuple[ChangedAnswer, ...]
    questions: tuple[str, ...]
    """What it did not ask when it was approved or at some time since, and what nobody answered."""


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
    changes = [entry for entry in naming if entry.details.get("ticket_id", ticket_id) == ticket_id]
    if any(entry.action == AuditAction.TICKETS_GENERATED for entry in changes):
        changes += [entry for entry in uploads if entry.sequence > mark.sequence]
    in_order = sorted(changes, key=lambda entry: entry.sequence)
    # Read after the trail, and counted from the newest: somebody may edit between two reads.
    revisions = {revision.number: revision for revision in session.revisions(ticket)}
    revisions_since = sum(_makes_revision(entry, ticket) for entry in changes)
    approved = revisions[max(revisions) - revisions_since]
    approved_uploads = [entry for entry in uploads if entry.sequence < mark.sequence]
    content_sha256 = session.stored.content_sha256
    if approved_uploads:  # the newest first
        content_sha256 = str(approved_uploads[0].details["content_sha256"])
    cells = _changed_cells(session, ticket, content_sha256, now=group)
    if mark.is_returned and content_sha256 == session.stored.content_sha256:
        cells = None  # it was given over the sheets of the removed session
    return ApprovedDifference(
        mark=mark,
        revision=approved,
        events=events_of(session, in_order, only=ticket),
        parts=tuple(_approved_parts(approved, ticket.revision)),
        cells=cells,
        answers=tuple(_changed_answers(session, ticket, approved, mark)),
        questions=_questions_since(
            ticket,
            [revision for number, revision in revisions.items() if number >= approved.number],
        ),
    )


def _approved_parts(before: Revision, after: Revision) -> Iterator[PartDifference]:
    """Yield what differs of the title, the estimate and the parts that an approval covers."""
    texts_before = approved_texts(before)
    texts_after = approved_texts(after)
    for difference in compare_revisions(before, after):
        part = difference.part
        if part not in PART_NAMES or texts_before.get(part) != texts_after.get(part):
            yield difference


def _questions_since(ticket: Ticket, revisions: Iterable[Revision]) -> tuple[str, ...]:
    """Return the questions that a ticket asks and that one of its revisions did not ask.

    One that was not asked for a while reopens it, too. What somebody answered is left out.
    """
    asked_by_revision = []
    for revision in revisions:
        asked_by_revision.append(
            {row_id for question in revision.questions for row_id in row_ids_of(question)}
        )
    seen_ids = set[str].intersection(*asked_by_revision)
    seen_ids.update(ticket.own_answers, ticket.rows_elsewhere)
    return tuple(
        question.question
        for question in ticket.revision.questions
        if not seen_ids.issuperset(row_ids_of(question))
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
    """Yield questions that were asked then or are asked now, where the answer is another one.

    Rows of a question are named where not all of them have that answer now.
    """
    words: dict[str, tuple[str, str]] = {}
    for revision in (approved, ticket.revision):
        for question in revision.left_open:
            names = row_names_of(question.keys)
            # Entries of version 1 name it by its words, those of no row.
            words[row_ids_of(replace(question, kind=""))[0]] = question.question, "".join(names[:1])
            for row_id, name in zip(row_ids_of(question), names or ("",), strict=True):
                words[row_id] = question.question, name
    for revision in (approved, ticket.revision):
        words |= {cell.asks: (cell.asks, "") for cell in revision.asked_cells}
    entries = session.store.audit.latest(
        session.key, actions=ANSWER_ACTIONS, naming=ticket.ticket_id
    )
    before: dict[tuple[str, str], str] = {}
    after: dict[tuple[str, str], str] = {}
    for entry in reversed(entries):
        answers = entry.details["answers"]
        given = answers.get(ticket.ticket_id, {}) if isinstance(answers, Mapping) else {}
        given_by_words = {words[key]: answer for key, answer in given.items() if key in words}
        after |= given_by_words
        if entry.sequence < mark.sequence:
            before |= given_by_words
    changed: dict[tuple[str, str, str], list[str]] = {}
    for asked_words, row_name in dict.fromkeys(words.values()):
        was = before.get((asked_words, row_name), "")
        now = after.get((asked_words, row_name), "")
        if was != now:
            changed.setdefault((asked_words, was, now), []).append(row_name)
    row_counts = Counter(asked_words for asked_words, _ in {*words.values()})
    for (asked_words, was, now), row_names in changed.items():
        is_of_all = len(row_names) == row_counts[asked_words]
        rows_named = "" if is_of_all else f" ({', '.join(row_names)})"
        yield ChangedAnswer(question=f"{asked_words}{rows_named}", before=was, after=now)
