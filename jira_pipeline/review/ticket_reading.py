"""Tickets as people and programs read them: in a list, whole, two revisions, what happened to them.

Belongs here: gathering what is said of a ticket, its shape for programs; the audit trail as people
read it: which entries tell something, what each is about; what a ticket says otherwise since somebody
approved it; what they say beside it. Does not: which tickets are meant (`ticket_selection`),
questions (`questions`), the sentences of the history (`web/labels`), the trail for programs
(`sessions/listing`).

What was approved is not kept a second time: the audit trail says since when, revisions and uploads
stay, and the entries of answers have their texts.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from jira_pipeline.jira.adf import adf_to_html, adf_to_markdown
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import (
    ManifestError,
    NotFoundError,
    NotFoundKind,
    WrongUseError,
    unknown_ticket,
)
from jira_pipeline.model.json_values import json_fields, json_object, picked
from jira_pipeline.model.model_requests import NOTHING_SPENT, Spending
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.records import (
    ANSWER_ACTIONS,
    UPLOADING,
    AuditAction,
    AuditEntry,
    Comment,
    EventKind,
)
from jira_pipeline.model.rendered_tickets import RenderedTicket, approved_texts, changed_cells
from jira_pipeline.model.target_shares import TicketExport
from jira_pipeline.model.tickets import (
    EXCLUSION_COLUMNS,
    ISSUE_FIELDS,
    PART_NAMES,
    ChangedCell,
    ListedTicket,
    Revision,
    SourceLines,
    Ticket,
    as_listed,
    row_ids_of,
    row_names_of,
)
from jira_pipeline.review.marks import ReadyMark, Remark, skipped_dependencies
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import PartDifference, compare_revisions, shown_changes
from jira_pipeline.review.ticket_selection import TicketQuery, chosen_tickets
from jira_pipeline.tickets.documents.configuration_tables import ConfigurationTable, tables_of

LINES_ASKED_MAX = 500
"""Of so many tickets the lines are asked for by id; of more, those of all."""

EVENTS_OF_TICKET = 20
"""On the page of one."""
EVENTS_OF_SESSION = 8
"""Acts on its overview."""
ENTRIES_READ = 200
"""To fold into these: a review of 84 tickets is 84 entries."""
_QUESTION_ID = re.compile("[0-9a-f]{16}")


KINDS: Mapping[AuditAction, EventKind] = {
    action: action.kind for action in AuditAction if action.kind
}
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
        *ANSWER_ACTIONS,
        AuditAction.FIELDS_ASSIGNED,
        AuditAction.DEPENDENCY_ADDED,
        AuditAction.DEPENDENCY_REMOVED,
    ),
)


def ticket_of_id(session: OpenSession, ticket_id: str) -> Ticket:
    """Return a ticket whose rows are in the sheets."""
    tickets = session.store.tickets.some(session.key, [ticket_id])
    if not tickets:
        raise unknown_ticket(session_key=session.key, ticket=ticket_id)
    return tickets[0]


def listed_page(
    session: OpenSession,
    wanted: TicketQuery | None,
    *,
    without_rows: Sequence[Ticket],
    offset: int,
    limit: int | None,
) -> tuple[ListedTicket, ...]:
    """Return a part of the tickets, all or those of a filter; `without_rows` come last."""
    store = session.store.tickets
    gone = tuple(map(as_listed, without_rows))
    if wanted is not None:
        with_gone = (*store.listed(session.key), *gone)
        places = session.places_of(with_gone)
        chosen = chosen_tickets(with_gone, wanted, places=places, session_key=session.key)
        return chosen[offset:][:limit]
    tickets = store.listed(session.key, offset=offset, limit=limit)
    is_end = limit is None or offset + len(tickets) >= session.tally.total
    return (*tickets, *(gone if is_end else ()))


_REASONS = " ".join(f"{name}=ticket.{name}" for name in EXCLUSION_COLUMNS)
_FIELDS = " ".join(f"{name}=ticket.{name}" for name in ISSUE_FIELDS)


@json_fields(
    "ticket_id=ticket.ticket_id number=ticket.number title=ticket.title "
    "entity_group=ticket.display_group action=ticket.action state=place.state "
    f"ready=ticket.is_ready {_REASONS} depends_on=ticket.depends_on "
    f"relates_to=ticket.relates_to {_FIELDS} "
    "estimated_hours=ticket.estimated_hours jira_key=place.jira_key jira_url=place.jira_url "
    "exported_at=place.exported_at revision=ticket.revision_number withdrawal=ticket.withdrawal "
    "source_changed=ticket.is_source_changed open_questions=ticket.unanswered_count "
    "fallback=ticket.is_fallback source_files=source_lines"
)
@dataclass(frozen=True, slots=True)
class PlacedTicket:
    """A ticket as it is in a list, with its issue and the lines it is made from."""

    ticket: ListedTicket
    place: TicketExport
    source_lines: tuple[SourceLines, ...]


def placed_tickets(session: OpenSession, tickets: Sequence[ListedTicket]) -> list[PlacedTicket]:
    """Return tickets with their places, those without rows too."""
    places = session.places_of(tickets)
    ids = [ticket.ticket_id for ticket in tickets]
    only = ids if len(ids) <= LINES_ASKED_MAX else None
    lines = dict(session.store.tickets.source_lines(session.key, only=only))
    if any(ticket.withdrawal is not None for ticket in tickets):
        lines |= {ticket.ticket_id: ticket.source_lines for ticket in session.vanished_tickets}
    return [
        PlacedTicket(ticket, places[ticket.ticket_id], lines.get(ticket.ticket_id, ()))
        for ticket in tickets
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTicket:
    """A ticket as Jira will show it, and what people should know of it before they read it."""

    rendered: RenderedTicket
    group: EntityGroup
    place: TicketExport
    revisions: tuple[Revision, ...]
    remark: Remark | None
    missing: tuple[Ticket, ...]
    """Those it depends on that are skipped."""
    spending: Spending
    """What models took for its group."""

    @property
    def ticket(self) -> Ticket:
        return self.rendered.ticket

    @property
    def rows(self) -> tuple[Entity, ...]:
        return (*self.group.heads, *self.group.members)

    def to_json(self) -> dict[str, object]:
        """Return the shape `tickets show --json` promises."""
        ticket = self.ticket
        listed = PlacedTicket(as_listed(ticket), self.place, ticket.source_lines)
        return {
            **json_object(listed),
            **self._json_of_text(),
            "tables": [self._json_of_table(table) for table in tables_of(self.group)],
            **picked(ticket.revision, "writer fallback_reason"),
            **json_object(self.spending),
            "skipped_dependencies": [other.number for other in self.missing],
            "changes": shown_changes(ticket),
            "remark": self.remark,
            "source_changes": ticket.source_changes,
            "source_rows": [self._json_of_row(row) for row in self.rows],
            "revisions": self.revisions,
        }

    def _json_of_text(self) -> Mapping[str, object]:
        """Return what it says, in three forms, and the file that its issue gets."""
        document = self.rendered.document
        attachment = None
        if self.rendered.attachment is not None:
            filename, text = self.rendered.attachment
            attachment = {"filename": filename, "text": text}
        return {
            "description_html": adf_to_html(document),
            "description_adf": document,
            "description_markdown": adf_to_markdown(document),
            "attachment": attachment,
            "parts": picked(self.ticket.revision.parts, " ".join(PART_NAMES)),
        }

    @staticmethod
    def _json_of_table(table: ConfigurationTable) -> Mapping[str, object]:
        return {
            "title": table.title,
            "columns": table.columns,
            "rows": [row.cells for row in table.rows],
            "lines": [row.lines for row in table.rows],
            "records": [row.records for row in table.rows],
            "same_for_all": dict(table.same_for_all),
        }

    @staticmethod
    def _json_of_row(row: Entity) -> Mapping[str, object]:
        cells = {column: text for column, text in row.cells.items() if text}
        return {**json_object(row.source), "cells": cells}


def whole_ticket(session: OpenSession, number: int) -> WholeTicket:
    """Return a ticket whose rows are in the sheets; no other one is rendered.

    Raises:
        GateError: Its group is not in the sheets any more.
        NotFoundError: There is none of that number.
    """
    ticket = session.ticket(number)
    others = session.tickets
    spent = session.store.writing.spending_by_group(session.key)
    (rendered,) = session.rendered_of([ticket])
    return WholeTicket(
        rendered=rendered,
        group=session.group_of(ticket),
        place=session.places_of([ticket])[ticket.ticket_id],
        revisions=session.revisions(ticket),
        remark=session.remarks.get(ticket.ticket_id),
        missing=skipped_dependencies(others).get(number, ()),
        spending=spent.get(ticket.group_key, NOTHING_SPENT),
    )


@json_fields(
    "session_key=ticket.session_key number=ticket.number from=before.number to=after.number "
    "parts=differences source_changes=ticket.source_changes"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRevisions:
    """Two revisions of a ticket, and what they differ in."""

    ticket: Ticket
    revisions: tuple[Revision, ...]
    """All there are, oldest first."""
    before: Revision
    after: Revision

    @property
    def differences(self) -> Sequence[PartDifference]:
        """By part; none where they say the same."""
        return compare_revisions(self.before, self.after)


def compared_revisions(
    session: OpenSession, number: int, *, before: int, after: int | None = None
) -> ComparedRevisions:
    """Compare a revision with a later one, by default the current one."""
    ticket = session.ticket(number)
    revisions = session.revisions(ticket)
    by_number: Mapping[int, Revision] = {revision.number: revision for revision in revisions}
    later = ticket.revision.number if after is None else after
    for revision_number in (before, later):
        if revision_number not in by_number:
            raise NotFoundError(
                kind=NotFoundKind.REVISION,
                number=number,
                revision=revision_number,
                known=len(revisions),
            )
    return ComparedRevisions(
        ticket=ticket, revisions=revisions, before=by_number[before], after=by_number[later]
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
    return events_of(session, [entry for entry in reversed(entries) if entry.at >= at])


def acts_of(events: Iterable[HistoryEvent]) -> tuple[tuple[HistoryEvent, ...], ...]:
    """Put together what one person did one after the other in the same way, newest first."""
    acts = groupby(events, key=lambda event: (event.entry.actor, event.entry.action))
    return tuple(tuple(events_of_act) for _, events_of_act in acts)


def history_of_ticket(session: OpenSession, ticket: Ticket) -> tuple[HistoryEvent, ...]:
    """Return what happened to one ticket last, newest first.

    What it took over of another one happened there before: requests and answers to them are told
    nowhere else.
    """
    audit = session.store.audit
    entries = [
        *audit.latest(session.key, actions=KINDS, naming=ticket.ticket_id, most=EVENTS_OF_TICKET)
    ]
    for former_id, taking in _entries_of_taking(session, ticket).items():
        of_former = audit.latest(
            session.key, actions=KINDS, naming=former_id, most=EVENTS_OF_TICKET
        )
        entries += [entry for entry in of_former if entry.sequence < taking.sequence]
    by_sequence = {entry.sequence: entry for entry in entries}
    newest = sorted(by_sequence, reverse=True)[:EVENTS_OF_TICKET]
    return events_of(session, [by_sequence[number] for number in newest], only=ticket)


def tickets_taken_over(session: OpenSession, ticket: Ticket) -> tuple[Ticket, ...]:
    """Return the tickets whose words a ticket took over and can give back, by number."""
    taken = _entries_of_taking(session, ticket)
    return tuple(
        other
        for other in (*session.tickets, *session.vanished_tickets)
        if other.ticket_id in taken and "taken" in taken[other.ticket_id].details
    )


def _entries_of_taking(session: OpenSession, ticket: Ticket) -> Mapping[str, AuditEntry]:
    """Return the entries by which a ticket has words of others, by the id of the other ticket."""
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
    """Say what entries are about; of tickets and answers all, or those of one ticket."""
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
    """Return the tickets to whose questions entries have answers."""
    answered_ids: set[str] = set()
    for entry in entries:
        if KINDS[entry.action] is EventKind.ANSWER:
            answered_ids.update(entry.ticket_ids)
    return session.store.tickets.some(session.key, sorted(answered_ids)) if answered_ids else ()


def _questions_by_row(tickets: Iterable[Ticket]) -> Mapping[tuple[str, str], OpenQuestion]:
    """Return the questions of tickets by ticket id and id of a row, as entries name them."""
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
    """Yield what an entry says was asked and answered, with the rows where it is not of all."""
    site = entry.details.get("site")
    if isinstance(site, Mapping):  # what was answered once, not each of the cells that it fills
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
                # The cell of a form has no id here: its entry has the words that ask for it.
                yield "" if _QUESTION_ID.fullmatch(key) else key, answer
        for (question, answer), row_ids in rows_answered.items():
            words = _words_of_rows(question, row_ids) if is_by_row else question.question
            yield words, answer


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


def _words_of_rows(question: OpenQuestion, row_ids: Collection[str]) -> str:
    """Return a question, with the names of the rows that are meant where these are not all."""
    named = zip(row_ids_of(question), row_names_of(question.keys), strict=False)
    names = [name for row_id, name in named if row_id in row_ids]
    if not names or len(names) == len(question.keys):
        return question.question
    return f"{question.question} ({', '.join(names)})"


def add_comment(session: OpenSession, ticket_id: str, text: str, *, by: str) -> Comment:
    """Keep a comment on a ticket.

    Raises:
        NotFoundError: It is no ticket of the session; one without rows is one.
        WrongUseError: It is empty.
    """
    comment = text.strip().replace("\r\n", "\n")
    if not comment:
        raise WrongUseError("The comment is empty.")
    return session.store.comments.add(
        session.key, ticket_id, text=comment, by=by, at=session.clock.now()
    )


def remove_comment(session: OpenSession, comment_id: int, *, by: str) -> bool:
    """Remove a comment of one's own; tell whether it was one."""
    return session.store.comments.remove(session.key, comment_id, by=by, at=session.clock.now())


def comments_on(session: OpenSession, ticket_id: str) -> tuple[Comment, ...]:
    """Return the comments on a ticket, oldest first."""
    return session.store.comments.of_ticket(ticket_id)
