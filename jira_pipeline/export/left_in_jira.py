"""What an export left in Jira: the results, what to change there, what differs from the ledger.

Belongs here: gathering what the rules add up; what people still have to do, in one list: manual
fixes, later changes, open lookups and differences; how far people are with the issues, which
changes come too late. Does not: adding up (`results`), sending (`exporting`).

How far people are is read a hundred issues a request, by id: no index lags, and issues that were
moved are found.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cache, partial
from typing import cast

from jira_pipeline.export.epics import epics_of
from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.gate import duplicate_sessions_on, never_exported
from jira_pipeline.export.later_changes import (
    ExportedIssues,
    LaterChange,
    TicketSource,
    is_as_sent,
    later_changes,
    naming_removed_issues,
    part_label,
)
from jira_pipeline.export.ledger_comparison import states_of
from jira_pipeline.export.ledger_page import file_identity
from jira_pipeline.export.lookups import read_issues
from jira_pipeline.export.lost_words import LostWords, lost_words
from jira_pipeline.export.results import (
    ExportResults,
    TicketDifference,
    attached_files,
    commented_changes,
    content_entries,
    export_results,
    issue_contents,
    update_objections,
)
from jira_pipeline.export.settle import SETTLE_PERMISSIONS, ways_out
from jira_pipeline.export.target import seen_where_exported
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.errors import GateError, GateRule, WrongUseError
from jira_pipeline.model.exports import (
    ComparedIssue,
    Exists,
    FixState,
    FixType,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    LeftToPerson,
    ManualFix,
    current_entries,
    ledger_state_of,
)
from jira_pipeline.model.findings import Severity
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import PROGRESS_FIELDS, IssueProgress, IssueStage
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.open_questions import QuestionsLeft
from jira_pipeline.model.records import (
    ANSWER_ACTIONS,
    COMPLETED,
    NO_RECORD,
    AuditAction,
    AuditEntry,
    Work,
    WorkRecord,
    work_record,
)
from jira_pipeline.model.rendered_tickets import hashed_file_name
from jira_pipeline.model.target_shares import SameSpecification
from jira_pipeline.model.tickets import ListedTicket, Ticket, TicketState, nothing_to_do
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import compare_revisions, text_of_parts

LATE_CELLS_SHOWN = 3
"""How many changed cells are quoted of a ticket that changed too late."""
EXPORTS_SHOWN = 5
SHORT_SECONDS = 90
"""What takes less is said in seconds."""


@json_fields(
    "number title group jira_key=key status stage assignee=progress.assignee "
    "sprint=progress.sprint resolution=progress.resolution late"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketInJira:
    """One issue as people left it."""

    number: int
    title: str
    group: str
    key: str
    progress: IssueProgress | None
    """None: Jira does not show it."""
    late: str = ""
    """What changed in the sheets while people work on it, or after; empty: nothing."""

    @property
    def status(self) -> str:
        return self.progress.status if self.progress else "not shown"

    @property
    def stage(self) -> IssueStage | None:
        return self.progress.stage if self.progress else None


@json_fields("tickets")
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionProgress:
    tickets: tuple[TicketInJira, ...]

    @property
    def counts(self) -> Counter[IssueStage | None]:
        return Counter(ticket.stage for ticket in self.tickets)

    @property
    def late(self) -> tuple[TicketInJira, ...]:
        """The tickets that changed in the sheets after people had begun with their issues."""
        return tuple(ticket for ticket in self.tickets if ticket.late)

    def by_group(self) -> Mapping[str, Counter[IssueStage | None]]:
        """Count how far the issues of each group are, in the order of the tickets."""
        counts: dict[str, Counter[IssueStage | None]] = {}
        for ticket in self.tickets:
            counts.setdefault(ticket.group, Counter())[ticket.stage] += 1
        return counts


def read_progress(
    tools: ExportTools, order: ExportOrder, *, changes: Sequence[LaterChange]
) -> SessionProgress:
    """Read how far the issues of a session are; nothing is sent.

    Raises:
        GateError: The session was never exported to this target.
        UnavailableError: Jira could not read all of them just now.
    """
    run = seen_where_exported(tools, order, permissions=SETTLE_PERMISSIONS)
    receipts = run.page.issue_receipts()
    ids = [receipt.remote_id for receipt in receipts if receipt.remote_id is not None]
    waiting = "it is not known how far they are"
    shown = read_issues(run, ids, fields=PROGRESS_FIELDS, waiting=waiting)
    issues = {issue.ticket_id: issue for issue in states_of(receipts, shown)}
    tickets = [rendered.ticket for rendered in order.rendered]
    return progress_of(tickets, issues, changes=changes)


def progress_of(
    tickets: Iterable[Ticket | ListedTicket],
    issues: Mapping[str, ComparedIssue],
    *,
    changes: Iterable[LaterChange],
) -> SessionProgress:
    """Add up what is known of issues, by ticket id, and say which changes come too late."""
    changes_by_ticket = {change.ticket_id: change for change in changes}
    states = []
    for ticket in tickets:
        issue = issues.get(ticket.ticket_id)
        if issue is None:
            continue
        change = changes_by_ticket.get(ticket.ticket_id)
        is_late = issue.progress is not None and issue.progress.is_begun
        states.append(
            TicketInJira(
                number=ticket.number,
                title=ticket.title,
                group=ticket.display_group.value,
                key=issue.key,
                progress=issue.progress,
                late=_described_change(change) if change is not None and is_late else "",
            )
        )
    return SessionProgress(tickets=tuple(states))


def _described_change(change: LaterChange) -> str:
    """Say what changed: the first cells, how many more, and what else differs."""
    phrases = []
    for cell in change.cells[:LATE_CELLS_SHOWN]:
        phrases.append(f"{cell.thing} {cell.column}: {cell.before} → {cell.after}")
    more_count = len(change.cells) - LATE_CELLS_SHOWN
    if more_count > 0:
        phrases.append(f"{more_count} more cells")
    phrases += change.differences
    return "; ".join(phrases)


def same_specifications(
    session: OpenSession, group_keys: Iterable[str]
) -> tuple[SameSpecification, ...]:
    """Return the sessions whose issues this one would create once more, without asking Jira.

    They count as answered where the manifest says `as_new`, too.
    """
    target = session.coming_target
    if target is None:
        return ()
    return duplicate_sessions_on(
        target,
        session.stored,
        group_keys,
        ledger=session.store.ledger,
        is_as_new=session.stored.manifest.as_new,
    )


def results(session: OpenSession) -> ExportResults | None:
    """Return what the session has on the current target, or None before any export."""
    target = session.target
    if target is None and idle_reason(session):  # there was nothing to export
        target = session.coming_target
    if target is None:
        return None
    store = session.store
    fixes = store.manual_fixes.list_all(session.key, target_id=target.target_id)
    steps = store.export_runs.steps(session.key, target_id=target.target_id)
    on_target = export_results(
        session.key,
        target=target,
        tickets=session.tickets,
        epics=_epics_sent(session),
        written=session.entries,
        fixes=fixes,
        steps=steps,
        comparison=session.comparison,
    )
    return replace(
        on_target,
        changes=changes_in_jira(session),
        is_behind_sheets=not _has_tickets_of_its_sheets(session),
        spending=store.writing.spending(session.key),
        record=record_of(session, work=Work.EXPORT),
        shares=session.shares,
        open_undo=session.ledger_marks.open_undo,
    )


def is_incomplete(session: OpenSession) -> bool:
    """Tell whether issues lack links or files that an export would add, as the ledger has them."""
    from jira_pipeline.export.links import links_of  # noqa: PLC0415 - HTTP client

    target = session.target
    entries = current_entries(session.entries)
    if target is None:
        return False
    entries_by_identity = group_by(entries, lambda entry: entry.identity)
    identities = {
        entry.ticket_id: entry.identity for entry in entries if entry.subject is LedgerSubject.ISSUE
    }
    fixes = session.store.manual_fixes.list_all(session.key, target_id=target.target_id)
    left_to_people = {
        (fix.ticket_id, fix.subject) for fix in fixes if fix.state is not FixState.OBSOLETE
    }

    def is_missing(ticket_id: str, *, fix_subject: str, identity: str) -> bool:
        if (ticket_id, fix_subject) in left_to_people:
            return False
        state = ledger_state_of(entries_by_identity.get(identity, ()))
        return not isinstance(state, Exists | LeftToPerson)

    sent = [
        rendered
        for rendered in session.rendered_for_export
        if rendered.ticket.ticket_id in identities
    ]
    for link in links_of([rendered for rendered in sent if rendered.ticket.exclusion is None]):
        identity = link.name(identities.__getitem__)
        ticket_id = link.outward.ticket.ticket_id
        if is_missing(ticket_id, fix_subject=link.fix_subject, identity=identity):
            return True
    for rendered in sent:
        if rendered.attachment is None:
            continue
        ticket_id = rendered.ticket.ticket_id
        file_name = hashed_file_name(*rendered.attachment)
        identity = file_identity(identities[ticket_id], file_name)
        if is_missing(ticket_id, fix_subject=file_name, identity=identity):
            return True
    return False


def _epics_sent(session: OpenSession) -> tuple[Ticket, ...]:
    """Return the epics of a session, where the ledger has issues that are no ticket's.

    Which they are is in the rows, and reading these takes long.
    """
    ticket_ids = {ticket.ticket_id for ticket in session.tickets}
    with_issue = {
        entry.ticket_id for entry in session.entries if entry.subject is LedgerSubject.ISSUE
    }
    if with_issue <= ticket_ids:
        return ()
    epics = epics_of(session.stored, session.tickets, session.groups)
    return tuple(rendered.ticket for rendered in epics.created)


def known_progress(session: OpenSession) -> SessionProgress | None:
    """Return how far people were with the issues at the last comparison; None where none is known."""
    if not session.progress:
        return None
    return progress_of(session.listed, session.progress, changes=changes_in_jira(session))


def record_of(session: OpenSession, *, work: Work | None = None) -> WorkRecord:
    """Return when one work on a session, or the latest, began and ended, and what was retried.

    An export to another target than the settings name does not count.
    """
    if session.elsewhere is not None and work is Work.EXPORT:
        return NO_RECORD
    return work_record(
        session.stored,
        entries=session.work_entries,
        errors=session.errors,
        retry_count_of=session.retry_count,
        work=Work.WRITING if session.elsewhere is not None else work,
    )


def latest_exports(session: OpenSession) -> tuple[AuditEntry, ...]:
    """Return the entries that say its latest exports began, newest first."""
    actions = {AuditAction.EXPORT_STARTED}
    return session.store.audit.latest(session.key, actions=actions, most=EXPORTS_SHOWN)


def export_outcomes(session: OpenSession, begun: Iterable[AuditEntry]) -> Mapping[int, str]:
    """Say what exports came to, by the numbers of the entries that say they began.

    Those that have not ended, or went to another target, are not among them.
    """
    outcomes = {}
    completed = [
        entry for entry in session.work_entries if entry.details.get("to") == list(COMPLETED)
    ]
    creation_sequences = _creation_sequences(session.entries)
    for start in begun:
        later = [entry for entry in completed if entry.sequence > start.sequence]
        if not later or later[0].details.get("run_id") != start.details.get("run_id"):
            continue
        end = later[0]
        during = [entry for entry in session.entries if start.at <= entry.at <= end.at]
        created = sum(entry.sequence in creation_sequences for entry in during)
        updated = sum(entry.event is LedgerEvent.UPDATED for entry in during)
        phrases = []
        if created or not updated:
            phrases.append(f"{created} created")
        if updated:
            phrases.append(f"{updated} updated")
        phrases.append(_described_duration(end.at - start.at))
        outcomes[start.sequence] = ", ".join(phrases)
    return outcomes


def _creation_sequences(entries: Sequence[LedgerEntry]) -> frozenset[int]:
    """Return the sequences of the first receipts of issues: what is read back later has more."""
    first_by_issue: dict[str | None, int] = {}
    for entry in entries:
        if entry.subject is LedgerSubject.ISSUE and entry.event is LedgerEvent.RECEIPT:
            first_by_issue.setdefault(entry.remote_id, entry.sequence)
    return frozenset(first_by_issue.values())


def _described_duration(duration: timedelta) -> str:
    seconds = max(1, round(duration.total_seconds()))
    return f"{seconds} s" if seconds < SHORT_SECONDS else f"{round(seconds / 60)} min"


def _acts_on_answers(session: OpenSession) -> list[AuditEntry]:
    """Return the entries by which tickets got answers or lost them.

    An answer that went with its row to a ticket that is in no export is lost to Jira, so that entry
    tells nothing of why an issue should lose it. A person who gives words back takes them away.
    """
    of_people = (AuditAction.QUESTIONS_ANSWERED, AuditAction.WORDS_GIVEN_BACK)
    exported_ids = {ticket.ticket_id for ticket in session.tickets if ticket.exclusion is None}
    entries = session.store.audit.entries(session.key, actions=ANSWER_ACTIONS)
    return [
        entry for entry in entries if entry.action in of_people or _receivers(entry) <= exported_ids
    ]


def _receivers(entry: AuditEntry) -> set[str]:
    """Return the ids of the tickets that got answers."""
    of_tickets = cast("Mapping[str, Mapping[str, str]]", entry.details.get("answers", {}))
    return {ticket_id for ticket_id, answers in of_tickets.items() if any(answers.values())}


def changes_in_jira(session: OpenSession) -> tuple[LaterChange, ...]:
    """Return how tickets of a session differ from what their issues say; nothing before any is written.

    Issues that are gone are left out: people decide about these first.
    """
    if not _has_tickets_of_its_sheets(session):
        return ()
    entries = current_entries(session.entries)
    content_of_issues = content_entries(entries)
    contents = issue_contents(entries)
    outdated = naming_removed_issues(session.entries, session.tickets)
    changed = []
    for rendered in session.hashed_tickets:
        content = contents.get(rendered.ticket.ticket_id)
        is_changed = content is not None and not is_as_sent(content, rendered.rendered_hash)
        if is_changed or rendered.ticket.ticket_id in outdated:
            changed.append(rendered.ticket)
    if not changed and not session.vanished_tickets:
        return ()
    find_answered = cache(partial(_acts_on_answers, session))

    def find_lost_words(ticket: Ticket, parts: Sequence[str]) -> tuple[LostWords, ...]:
        entry = content_of_issues[ticket.ticket_id]
        assert entry.sent is not None  # noqa: S101 - else nothing would differ
        return lost_words(
            ticket,
            sent=entry.sent,
            sent_at=entry.at,
            parts=parts,
            find_answered=find_answered,
            revisions=session.revisions(ticket),
        )

    places = session.places_of([*changed, *session.vanished_tickets])
    gone = session.gone_ids
    return later_changes(
        session.rendered_of(changed) if changed else (),
        session.vanished_tickets,
        source=TicketSource(
            content_sha256=session.stored.content_sha256,
            source_word=session.stored.source_word,
            groups=session.groups if changed else {},
            find_earlier_groups=session.earlier_groups,
        ),
        issues=ExportedIssues(
            places={name: place for name, place in places.items() if name not in gone},
            contents=contents,
            files=attached_files(entries),
            objections=update_objections(entries),
            outdated=outdated,
            comments=commented_changes(entries),
            find_lost_words=find_lost_words,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedText:
    """What a person puts into one part of an issue."""

    label: str
    """What pages call the part."""
    lines: tuple[str, ...]
    """How it differs from what the issue says; empty where that is not known."""
    text: str
    """As it is now; Jira takes its Markdown."""


def changed_texts(session: OpenSession, change: LaterChange) -> tuple[ChangedText, ...]:
    """Return the texts of a ticket that its issue does not have, to be copied there."""
    tickets = {ticket.ticket_id: ticket for ticket in session.tickets}
    ticket = tickets.get(change.ticket_id)
    if ticket is None or change.is_vanished:
        return ()
    lines_by_part: dict[str, tuple[str, ...]] = {}
    for revision in session.revisions(ticket):
        if revision.number == change.sent_revision:
            for difference in compare_revisions(revision, ticket.revision):
                lines_by_part[difference.part] = difference.lines
    texts = text_of_parts(ticket)
    return tuple(
        ChangedText(label=part_label(part), lines=lines_by_part.get(part, ()), text=texts[part])
        for part in change.parts
        if part in texts
    )


def _has_tickets_of_its_sheets(session: OpenSession) -> bool:
    return session.stored.generated_from_sha256 == session.stored.content_sha256


def idle_reason(session: OpenSession) -> str:
    """Say why there is nothing to export and never was; empty where there is."""
    is_new = session.stored.generated_at is not None and session.target is None
    if not is_new or not _has_tickets_of_its_sheets(session) or session.tally.exportable:
        return ""
    return nothing_to_do(session.store.tickets.listed(session.key))


def required_results(session: OpenSession) -> ExportResults:
    """Return what the session has on the current target; it must have been exported there."""
    on_target = results(session)
    if on_target is not None:
        return on_target
    idle = idle_reason(session)
    if idle:
        raise GateError(
            f"Session {session.key} has no issues. {idle}",
            rule=GateRule.NOTHING_TO_EXPORT,
            recovery_actions=(f"Change the {session.stored.source_word} and upload them again.",),
        )
    raise never_exported(
        session.key,
        where=session.target_name,
        others=[target.name for target in session.exported_targets],
    )


def refuse_never_exported(session: OpenSession) -> None:
    """Stop where there is nothing to look at in Jira, or to take back."""
    if session.target is None:
        required_results(session)


def in_doubt(session: OpenSession) -> tuple[ListedTicket, ...]:
    """Return the tickets of which it is not known whether they have an issue."""
    if session.target is None:
        return ()
    return tuple(
        ticket
        for ticket in session.store.tickets.listed(session.key)
        if session.places[ticket.ticket_id].state is TicketState.IN_DOUBT
    )


def finish_fixes(
    session: OpenSession, fix_ids: Collection[int], *, by: str
) -> tuple[ManualFix, ...]:
    """Store that a person did what manual fixes ask for; audited."""
    fixes = session.store.manual_fixes
    at = session.clock.now()
    return tuple(
        fixes.set_state(session.key, fix_id, FixState.DONE, by=by, at=at) for fix_id in fix_ids
    )


def reopen_fix(session: OpenSession, fix_id: int, *, by: str) -> ManualFix:
    """Store that a manual fix was ticked off by mistake; audited.

    Raises:
        WrongUseError: It is not done: what the program itself closed stays closed.
    """
    store = session.store.manual_fixes
    fixes = {fix.fix_id: fix for fix in store.list_all(session.key)}
    fix = fixes.get(fix_id)
    if fix is not None and fix.state is not FixState.DONE:
        raise WrongUseError(
            f"Manual fix {fix_id} is {fix.state.value}, so it was not marked as done."
        )
    at = session.clock.now()
    return store.set_state(session.key, fix_id, FixState.OPEN, by=by, at=at)


class TodoKind(StrEnum):
    """Why something is to be done."""

    FIX = "fix"
    """Jira did not take a field, a file or a link."""
    CHANGE = "change"
    """An issue no longer says what its ticket says."""
    DOUBT = "unconfirmed"
    """It is not known whether the issue of a ticket exists."""
    DIFFERENCE = "difference"
    """Jira no longer shows an issue as it was recorded."""


@json_fields("kind jira_key jira_url title what_to_do fix_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class TodoItem:
    kind: TodoKind
    jira_key: str | None
    jira_url: str | None
    title: str
    """Title of its ticket; empty where it is about an issue alone."""
    what_to_do: Action
    fix_id: int | None = None
    """Number of a manual fix, to mark it as done."""


@json_fields("session_key items open_questions=questions.count also")
@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """Everything that waits for people in a session."""

    session_key: str
    items: tuple[TodoItem, ...]
    questions: QuestionsLeft
    also: tuple[Action, ...]
    """What else waits for them, each with what shows it; questions among it."""


def todo_items(
    session_key: str,
    *,
    fixes: Iterable[ManualFix],
    changes: Iterable[LaterChange],
    in_doubt: Iterable[ListedTicket],
    differences: Iterable[TicketDifference],
) -> Iterator[TodoItem]:
    """Yield what is to be done: what nobody knows first, then what Jira lacks, then what changed."""
    open_fixes = [fix for fix in fixes if fix.state is FixState.OPEN]
    looked_for = {fix.ticket_id for fix in open_fixes if fix.fix_type is FixType.ORPHAN_ISSUE}
    for ticket in in_doubt:
        if ticket.ticket_id not in looked_for:  # else a fix asks people to look for its issue
            sentence = "Jira did not say whether its issue was created: {} looks it up."
            yield TodoItem(
                kind=TodoKind.DOUBT,
                jira_key=None,
                jira_url=None,
                title=ticket.title,
                what_to_do=Action.of(ActionKind.SETTLE, sentence, session_key=session_key),
            )
    for fix in open_fixes:
        yield TodoItem(
            kind=TodoKind.FIX,
            jira_key=fix.jira_key,
            jira_url=fix.jira_url,
            title=fix.title,
            what_to_do=advice(fix.recommended_action),
            fix_id=fix.fix_id,
        )
    for difference in differences:
        finding = difference.finding
        if finding.severity is Severity.INFO:
            continue
        step = advice(f"{finding.message} {finding.advice}")
        if difference.number is not None and difference.difference.decisions:
            step = ways_out(
                difference.difference, number=difference.number, session_key=session_key
            )
        yield TodoItem(
            kind=TodoKind.DIFFERENCE,
            jira_key=difference.difference.name,
            jira_url=difference.url,
            title=difference.title,
            what_to_do=step,
        )
    for change in changes:
        yield TodoItem(
            kind=TodoKind.CHANGE,
            jira_key=change.jira_key,
            jira_url=change.jira_url,
            title=change.title,
            what_to_do=advice(change.recommended_action),
        )
