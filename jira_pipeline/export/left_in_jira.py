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
from enum import StrEnum
from functools import cache, partial
from typing import cast

from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.gate import duplicate_sessions_on, never_exported
from jira_pipeline.export.later_changes import (
    LaterChange,
    is_as_sent,
    later_changes,
    naming_removed_issues,
    part_label,
)
from jira_pipeline.export.ledger_comparison import states_of
from jira_pipeline.export.ledger_page import file_identity
from jira_pipeline.export.lookups import read_issues
from jira_pipeline.export.lost_words import LostWords, lost_words
from jira_pipeline.export.placing import epics_of
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
        return Counter(one.stage for one in self.tickets)

    @property
    def late(self) -> tuple[TicketInJira, ...]:
        """Those that changed in the sheets while people worked on them, or after."""
        return tuple(one for one in self.tickets if one.late)

    def by_group(self) -> Mapping[str, Counter[IssueStage | None]]:
        """Count how far the issues of each group are, in the order of the tickets."""
        groups = group_by(self.tickets, lambda one: one.group)
        return {name: Counter(one.stage for one in many) for name, many in groups.items()}


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
    ids = [r.remote_id for r in receipts if r.remote_id is not None]
    waiting = "it is not known how far they are"
    shown = read_issues(run, ids, fields=PROGRESS_FIELDS, waiting=waiting)
    known = {one.ticket_id: one for one in states_of(receipts, shown)}
    return progress_of([r.ticket for r in order.rendered], known, changes=changes)


def progress_of(
    tickets: Iterable[Ticket | ListedTicket],
    known: Mapping[str, ComparedIssue],
    *,
    changes: Iterable[LaterChange],
) -> SessionProgress:
    """Add up what is known of issues, by ticket id, and say which changes come too late."""
    changed = {change.ticket_id: change for change in changes}
    states = []
    for ticket in tickets:
        if (one := known.get(ticket.ticket_id)) is None:
            continue
        change = changed.get(ticket.ticket_id)
        is_late = one.progress is not None and one.progress.is_begun
        states.append(
            TicketInJira(
                number=ticket.number,
                title=ticket.title,
                group=ticket.display_group.value,
                key=one.key,
                progress=one.progress,
                late=_words(change) if change is not None and is_late else "",
            )
        )
    return SessionProgress(tickets=tuple(states))


def _words(change: LaterChange) -> str:
    cells = [f"{c.thing} {c.column}: {c.before} → {c.after}" for c in change.cells[:3]]
    more = len(change.cells) - len(cells)
    return "; ".join([*cells, *([f"{more} more cells"] if more > 0 else []), *change.differences])


EXPORTS_SHOWN = 5
SHORT_SECONDS = 90
"""What takes less is said in seconds."""


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
    found = export_results(
        session.key,
        target=target,
        tickets=session.tickets,
        epics=_epics_sent(session),
        written=session.entries,
        fixes=store.manual_fixes.list_all(session.key, target_id=target.target_id),
        steps=store.export_runs.steps(session.key, target_id=target.target_id),
        comparison=session.comparison,
    )
    return replace(
        found,
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
    written = group_by(entries, lambda entry: entry.identity)
    identities = {e.ticket_id: e.identity for e in entries if e.subject is LedgerSubject.ISSUE}
    fixes = session.store.manual_fixes.list_all(session.key, target_id=target.target_id)
    left = {(fix.ticket_id, fix.subject) for fix in fixes if fix.state is not FixState.OBSOLETE}
    sent = [one for one in session.rendered_for_export if one.ticket.ticket_id in identities]
    links = [
        (link.outward, link.fix_subject, link.name(identities.__getitem__))
        for link in links_of([one for one in sent if one.ticket.exclusion is None])
    ]
    files = [
        (one, name, file_identity(identities[one.ticket.ticket_id], name))
        for one in sent
        if one.attachment is not None
        for name in [hashed_file_name(*one.attachment)]
    ]
    return any(
        (one.ticket.ticket_id, subject) not in left
        and not isinstance(ledger_state_of(written.get(name, ())), Exists | LeftToPerson)
        for one, subject, name in (*links, *files)
    )


def _epics_sent(session: OpenSession) -> tuple[Ticket, ...]:
    """Return the epics of a session, where the ledger has issues that are no ticket's.

    Which they are is in the rows, and reading these takes long.
    """
    ours = {ticket.ticket_id for ticket in session.tickets}
    if all(e.ticket_id in ours for e in session.entries if e.subject is LedgerSubject.ISSUE):
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
    found = {}
    first = {  # what is read back later has receipts, too
        one.remote_id: one.sequence
        for one in reversed(session.entries)
        if one.subject is LedgerSubject.ISSUE and one.event is LedgerEvent.RECEIPT
    }
    created_at = frozenset(first.values())
    completed = [e for e in session.work_entries if e.details.get("to") == list(COMPLETED)]
    for entry in begun:
        end = next((e for e in completed if e.sequence > entry.sequence), None)
        if end is None or end.details.get("run_id") != entry.details.get("run_id"):
            continue
        during = [e for e in session.entries if entry.at <= e.at <= end.at]
        created = sum(e.sequence in created_at for e in during)
        updated = sum(e.event is LedgerEvent.UPDATED for e in during)
        written = [f"{created} created"] if created or not updated else []
        written += [f"{updated} updated"] if updated else []
        seconds = max(1, round((end.at - entry.at).total_seconds()))
        found[entry.sequence] = ", ".join(
            [*written, f"{seconds} s" if seconds < SHORT_SECONDS else f"{round(seconds / 60)} min"]
        )
    return found


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
    """Return what people have to change in its issues, as far as they are there.

    Nothing before tickets are written.
    """
    if not _has_tickets_of_its_sheets(session):
        return ()
    entries = current_entries(session.entries)
    content_of_issues = content_entries(entries)
    contents = issue_contents(entries)
    outdated = naming_removed_issues(session.entries, session.tickets)
    changed = [
        one.ticket
        for one in session.hashed_tickets
        if (
            one.ticket.ticket_id in contents
            and not is_as_sent(contents[one.ticket.ticket_id], one.rendered_hash)
        )
        or one.ticket.ticket_id in outdated
    ]
    if not changed and not session.vanished_tickets:
        return ()
    find_answered = cache(partial(_acts_on_answers, session))

    def lost_of(ticket: Ticket, parts: Sequence[str]) -> tuple[LostWords, ...]:
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
        places={name: place for name, place in places.items() if name not in gone},
        contents=contents,
        files=attached_files(entries),
        objections=update_objections(entries),
        comments=commented_changes(entries),
        outdated=outdated,
        content_sha256=session.stored.content_sha256,
        source_word=session.stored.source_word,
        groups=session.groups if changed else {},
        groups_of=session.earlier_groups,
        lost_of=lost_of,
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
    ticket = next((one for one in session.tickets if one.ticket_id == change.ticket_id), None)
    if ticket is None or change.is_vanished:
        return ()
    now = text_of_parts(ticket)
    then = next((r for r in session.revisions(ticket) if r.number == change.sent_revision), None)
    known = () if then is None else compare_revisions(then, ticket.revision)
    lines = {difference.part: difference.lines for difference in known}
    return tuple(
        ChangedText(label=part_label(part), lines=lines.get(part, ()), text=now[part])
        for part in change.parts
        if part in now
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
    found = results(session)
    if found is None:
        idle = idle_reason(session)
        if idle:
            raise GateError(
                f"Session {session.key} has no issues. {idle}",
                rule=GateRule.NOTHING_TO_EXPORT,
                recovery_actions=(
                    f"Change the {session.stored.source_word} and upload them again.",
                ),
            )
        raise never_exported(
            session.key,
            where=session.target_name,
            others=[target.name for target in session.exported_targets],
        )
    return found


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
    fixes = session.store.manual_fixes
    known = {fix.fix_id: fix for fix in fixes.list_all(session.key)}
    if fix_id in known and known[fix_id].state is not FixState.DONE:
        raise WrongUseError(
            f"Manual fix {fix_id} is {known[fix_id].state.value}, so it was not marked as done."
        )
    return fixes.set_state(session.key, fix_id, FixState.OPEN, by=by, at=session.clock.now())


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
    """Of its ticket; empty where it is about an issue alone."""
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
    looked_for = {f.ticket_id for f in open_fixes if f.fix_type is FixType.ORPHAN_ISSUE}
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
    for one in differences:
        if one.finding.severity is Severity.INFO:
            continue
        step = advice(f"{one.finding.message} {one.finding.advice}")
        if one.number is not None and one.difference.decisions:
            step = ways_out(one.difference, number=one.number, session_key=session_key)
        yield TodoItem(
            kind=TodoKind.DIFFERENCE,
            jira_key=one.difference.name,
            jira_url=one.url,
            title=one.title,
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
