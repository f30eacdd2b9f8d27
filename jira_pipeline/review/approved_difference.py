"""How a ticket that lost its approval differs from what was approved: text, cells, answers, questions.

The approved state is not stored as such, but can be found again. The audit trail says when the
ready mark was given and which later entries made revisions, so how many revisions are newer; the
uploads give the cells of that time, and the entries of answers their texts.

Belongs here: which entries change what an approval covers, and the comparison. Does not: how two
revisions differ (`revisions`), what else happened (`ticket_history`), giving ready marks
(`approvals`).
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

_ACTIONS_MAKING_REVISIONS = (
    AuditAction.TICKET_EDITED,
    AuditAction.TICKET_ROLLED_BACK,
    AuditAction.TICKETS_GENERATED,
)
"""Each entry with one of these actions made one revision of the tickets that it names, unless its
details list the tickets that it rewrote."""
_ACTIONS_COVERED_BY_APPROVAL = (
    *_ACTIONS_MAKING_REVISIONS,
    *(
        *ANSWER_ACTIONS,
        AuditAction.FIELDS_ASSIGNED,
        AuditAction.DEPENDENCY_ADDED,
        AuditAction.DEPENDENCY_REMOVED,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAnswer:
    """A question that has another answer than when the ticket was approved."""

    question: str
    before: str
    """The answer then; empty where it had none."""
    after: str
    """The answer now; empty where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedDifference:
    """How a ticket changed since its last ready mark."""

    mark: ReadyMark
    revision: Revision
    """The revision that was approved."""
    events: tuple[HistoryEvent, ...]
    """Who or what changed the ticket, oldest first."""
    parts: tuple[PartDifference, ...]
    """The differences that an approval covers: not those of the list of open questions, nor of
    numbers and lines that the program writes."""
    cells: tuple[ChangedCell, ...] | None
    """The changed cells; None where the sheets of that time are gone, or cannot be read any more."""
    answers: tuple[ChangedAnswer, ...]
    questions: tuple[str, ...]
    """Open questions that the ticket did not ask when it was approved, or not all the time since."""


def difference_to_approved(
    session: OpenSession, ticket: Ticket, *, group: EntityGroup | None
) -> ApprovedDifference | None:
    """Compare a ticket with what was approved; None where it did not lose its mark.

    `group` has the ticket's rows as they are now; None where the sheets have none.
    """
    mark = session.lost_marks.get(ticket.ticket_id)
    if mark is None:
        return None
    audit = session.store.audit
    uploads = audit.latest(session.key, actions=UPLOADING)
    naming = audit.latest(
        session.key,
        actions=_ACTIONS_COVERED_BY_APPROVAL,
        naming=ticket.ticket_id,
        after=mark.sequence,
    )
    ticket_id = ticket.ticket_id
    changes = [entry for entry in naming if entry.details.get("ticket_id", ticket_id) == ticket_id]
    if any(entry.action == AuditAction.TICKETS_GENERATED for entry in changes):
        changes += [entry for entry in uploads if entry.sequence > mark.sequence]
    in_order = sorted(changes, key=lambda entry: entry.sequence)
    # Revisions are read after the trail and counted back from the newest: somebody may edit in
    # between.
    revisions = {revision.number: revision for revision in session.revisions(ticket)}
    revisions_since = sum(_makes_revision(entry, ticket) for entry in changes)
    approved = revisions[max(revisions) - revisions_since]
    approved_uploads = [entry for entry in uploads if entry.sequence < mark.sequence]
    content_sha256 = session.stored.content_sha256
    if approved_uploads:  # the newest first
        content_sha256 = str(approved_uploads[0].details["content_sha256"])
    cells = _changed_cells(session, ticket, content_sha256, now=group)
    if mark.is_returned and content_sha256 == session.stored.content_sha256:
        cells = None  # the mark was given in a removed session, whose sheets are not stored
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
    """Yield the differences of the title, the estimate and the parts that an approval covers."""
    texts_before = approved_texts(before)
    texts_after = approved_texts(after)
    for difference in compare_revisions(before, after):
        part = difference.part
        if part not in PART_NAMES or texts_before.get(part) != texts_after.get(part):
            yield difference


def _questions_since(ticket: Ticket, revisions: Iterable[Revision]) -> tuple[str, ...]:
    """Return the open questions of a ticket that at least one of these revisions did not ask.

    So a question counts as new, too, that was not asked for a while.
    """
    ids_by_revision = []
    for revision in revisions:
        row_ids: set[str] = set()
        for question in revision.questions:
            row_ids.update(row_ids_of(question))
        ids_by_revision.append(row_ids)
    settled_ids = set[str].intersection(*ids_by_revision)
    # Answered here, or asked in another ticket.
    settled_ids.update(ticket.own_answers, ticket.rows_elsewhere)
    return tuple(
        question.question
        for question in ticket.revision.questions
        if not settled_ids.issuperset(row_ids_of(question))
    )


def _makes_revision(entry: AuditEntry, ticket: Ticket) -> bool:
    """Tell whether an entry that names a ticket made a revision of it."""
    rewritten = entry.details.get("rewritten")
    if isinstance(rewritten, list):
        return ticket.ticket_id in rewritten
    return entry.action in _ACTIONS_MAKING_REVISIONS


def _changed_cells(
    session: OpenSession, ticket: Ticket, content_sha256: str, *, now: EntityGroup | None
) -> tuple[ChangedCell, ...] | None:
    """Return the cells that differ from those of an earlier upload; None where that is not there.

    `content_sha256` names the earlier upload.
    """
    if now is None or content_sha256 == session.stored.content_sha256:
        return ()
    try:
        groups = session.earlier_groups(content_sha256)
    except ManifestError:  # an older version took that manifest; the rest can be compared even so
        return None
    return None if groups is None else changed_cells(groups.get(ticket.group_key), now)


def _changed_answers(
    session: OpenSession, ticket: Ticket, approved: Revision, mark: ReadyMark
) -> Iterable[ChangedAnswer]:
    """Yield the questions of then and now that have another answer now, by the trail of answers.

    They are compared by their words, and by the row. Where not all rows of a question have the same
    answer then and now, the rows are named.
    """
    # Words and row of a question, by the id that entries name it by.
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
