"""Whether Jira still holds what the ledger says was sent, issue by issue.

Belongs here: reading the issues of a session back, naming every difference with its ticket (issues
that somebody deleted, hid or made twice), what each means for people; files that are there twice;
how far people are with each, and what they left on it. Does not: what people decide, settling
doubts (`settle`), links, which the linking reads back itself.

It is made under the lease, so that nothing is half done meanwhile. What needs nobody is put right
at once: the key of an issue that was moved.

Worklogs and subtasks are never ours; comments are as long as they are as the ledger has them. Of
the changes, only those that the ledger has written on this issue count as ours, and only from an
account of ours: with the same account a person may have worked.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from jira_pipeline.export.export_run import MARKER_PROPERTY, ExportRun, marker_of
from jira_pipeline.export.ledger_page import LedgerPage
from jira_pipeline.export.lookups import (
    FILES_FIELD,
    PROBE_FIELDS,
    ReceiptsRead,
    newest_issue,
    probe_known_ranges,
    read_some,
    verify_receipts,
)
from jira_pipeline.export.repeated_writes import Fallback, FixesOnRecord, end_fixes
from jira_pipeline.export.unconfirmed import (
    list_duplicate,
    list_unmarked_duplicates,
    reason_not_to_claim,
)
from jira_pipeline.export.unknown_writes import note_unknown_writes
from jira_pipeline.model.differences import (
    ComparedIssue,
    Difference,
    FiledComparison,
    IssueDifference,
)
from jira_pipeline.model.errors import AccessError
from jira_pipeline.model.exports import LedgerEntry, LedgerSubject
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.issue_tracker import (
    PROGRESS_FIELDS,
    STATUS_FIELDS,
    FoundIssue,
    IssueTraces,
)
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix

BROWSE_PERMISSION = "BROWSE_PROJECTS"
DOUBLED = "twice"
"""The end of the subject of a manual fix about a file that is on its issue more than once."""
TWINS_LOOKED_INTO_MAX = 20
"""For how many pairs of issues it is read which people worked on; a pair takes eight requests."""
_TEXTS: Mapping[Difference, tuple[Severity, str, str]] = {
    Difference.GONE: (
        Severity.WARNING,
        (
            "Jira does not show this issue: it was deleted, or this account may not see it "
            "(Browse permission, security level, another project). Jira does not say which."
        ),
        (
            "Decide: create it again, or stop counting it. If it is only hidden, let this account "
            "see it and compare again."
        ),
    ),
    Difference.TWIN: (
        Severity.WARNING,
        "It carries the identity of a ticket that has another issue.",
        "Delete the duplicate, adopt this one in place of the other, or stop counting it.",
    ),
    Difference.UNKNOWN: (
        Severity.WARNING,
        "It carries the identity of a ticket for which no issue is recorded.",
        "An export uses it as the ticket's issue; if not exported, adopt it or stop counting it.",
    ),
    Difference.UNCLAIMED: (
        Severity.WARNING,
        "It names a ticket that has no issue, but does not count as the ticket's.",
        "Use it as the ticket's issue, or leave it and let the next export create another.",
    ),
    Difference.MOVED: (
        Severity.INFO,
        "It was moved to another project. It keeps its links and files under its new key.",
        "Nothing.",
    ),
    Difference.UNMARKED: (
        Severity.WARNING,
        "This issue does not carry the identity that was recorded for it.",
        "Check whether someone replaced it. Nothing is written to another ticket's issue.",
    ),
    Difference.UNREADABLE: (
        Severity.INFO,
        "Jira could not read this issue this time.",
        "Nothing; the next comparison checks again.",
    ),
}
_FIELDS_OF: Mapping[LedgerSubject, frozenset[str]] = {
    LedgerSubject.ATTACHMENT: frozenset({"attachment"}),
    LedgerSubject.LINK: frozenset({"link"}),
    LedgerSubject.PARENT: frozenset({"issueparentassociation", "parent", "rank"}),
    LedgerSubject.SPRINT: frozenset({"rank", "sprint"}),
}
"""Names of fields, in lower case, under which a changelog lists what an export writes of a kind."""
FIELDS_WE_WRITE = frozenset[str]().union(*_FIELDS_OF.values())
TEXT_FIELDS = frozenset({"summary", "description"})
"""What an update changes."""


def file_comparison(run: ExportRun) -> FiledComparison:
    """Compare the issues of a session with the ledger, under its lease, and file what was found."""
    compared = _Comparing(run, pairs_max=TWINS_LOOKED_INTO_MAX).compare()
    run.tools.store.comparisons.record(compared)
    return compared


def compare_ledger(run: ExportRun) -> FiledComparison:
    """Compare the issues of a session with the ledger, without reading which people worked on."""
    return _Comparing(run, pairs_max=0).compare()


def states_of(
    receipts: Iterable[LedgerEntry], shown: Mapping[str, FoundIssue]
) -> tuple[ComparedIssue, ...]:
    """Return how far people are with the issues of these receipts, as read by id."""
    states = []
    for receipt in receipts:
        if receipt.remote_id is None:
            continue
        issue = shown.get(receipt.remote_id)
        states.append(
            ComparedIssue(
                ticket_id=receipt.ticket_id,
                issue_id=receipt.remote_id,
                key=receipt.remote_key or "" if issue is None else issue.key,
                progress=None if issue is None else issue.progress,
            )
        )
    return tuple(states)


class _Comparing:
    def __init__(self, run: ExportRun, *, pairs_max: int) -> None:
        """Prepare a comparison; `pairs_max` limits for how many twins it is read who worked on which."""
        self._run = run
        self._pairs_left = pairs_max
        self._at = run.tools.clock.now()
        self._wanted = {rendered.ticket.ticket_id for rendered in run.order.issues}
        self._rendered = {rendered.ticket.ticket_id: rendered for rendered in run.order.with_epics}

    def compare(self) -> FiledComparison:
        """Read all issues of the session, and those with its markers, and name what differs."""
        run = self._run
        seen_at = {
            receipt.identity: self._seen_at(receipt) for receipt in run.page.issue_receipts()
        }
        read = self._read()
        note_unknown_writes(run, read.shown)
        receipts = run.page.issue_receipts()  # under the keys they have now
        others = self._others(receipts, shown=read.shown)
        self._list_doubled_files(read.shown)
        self._other_ids = frozenset(
            issue.issue_id for issues in others.values() for issue in issues
        )
        differences: list[IssueDifference] = []
        for receipt in receipts:
            twins = others.pop(receipt.identity, [])
            differences += self._differences_of_receipt(
                receipt, read=read, twins=twins, seen_at=seen_at[receipt.identity]
            )
        # The twins were taken out above: the issues that remain are of tickets without a receipt.
        for identity, issues in others.items():
            ticket_id = self._ticket_ids.get(identity, "")
            differences += [self._unrecorded_issue(ticket_id, issue) for issue in issues]
        return FiledComparison(
            session_key=run.order.session_key,
            target_id=run.target.target_id,
            compared_at=self._at,
            confirmed=sum(_is_marked(receipt, read) for receipt in receipts),
            differences=tuple(differences),
            states=states_of(receipts, read.shown),
        )

    def _unrecorded_issue(self, ticket_id: str, issue: FoundIssue) -> IssueDifference:
        """Name an issue that carries the identity of a ticket for which none is recorded."""
        reason = reason_not_to_claim(self._run, issue)
        if not reason:
            return self._difference(Difference.UNKNOWN, ticket_id, other=issue)
        note = f"{reason[:1].upper()}{reason[1:]}."
        return self._difference(Difference.UNCLAIMED, ticket_id, other=issue, note=note)

    def _read(self) -> ReceiptsRead:
        """Read all issues of the session; make sure that one which Jira does not show is gone or hidden.

        Where Jira shows none, the newest issue of the project is read, too: if that is not shown
        either, nothing could be read just now.

        Raises:
            AccessError: The account may not see the project.
        """
        run = self._run
        receipts = self._run.page.issue_receipts()
        is_planned = any(rendered.ticket.sprint for rendered in run.order.rendered)
        of_people = PROGRESS_FIELDS if is_planned else STATUS_FIELDS
        fields = (*PROBE_FIELDS, FILES_FIELD, *of_people)
        read = verify_receipts(run, receipts, is_refuting=False, fields=fields)
        recorded = {receipt.remote_id for receipt in receipts if receipt.remote_id}
        missing = recorded - read.shown.keys() - read.failed
        if not missing:
            return read
        # Refused without valid credentials, where a read of issues is answered 200 with nothing.
        run.tools.tracker.whoami()
        permissions = (BROWSE_PERMISSION,)
        if not run.tools.tracker.granted_permissions(run.target.project_key, permissions):
            raise AccessError(
                f"The account may not see {run.target.name}: it lacks {BROWSE_PERMISSION}. It is "
                f"unknown which issues exist ({len(missing)} requested).",
                recovery_actions=("Ask a project administrator for this permission.",),
            )
        witness = None if read.shown else newest_issue(run)
        if witness is None:
            return read
        again = verify_receipts(run, receipts, is_refuting=False, fields=fields)
        shown, _ = read_some(run, [witness.issue_id], fields=PROBE_FIELDS)
        if again.shown or shown:
            return again
        return ReceiptsRead(shown={}, wrong=(), failed=frozenset(missing) | read.failed)

    def _differences_of_receipt(
        self,
        receipt: LedgerEntry,
        *,
        read: ReceiptsRead,
        twins: Sequence[FoundIssue],
        seen_at: datetime | None,
    ) -> list[IssueDifference]:
        """Return what differs about an issue that the ledger knows.

        An issue that an interrupted undo was deleting is left to that undo. `twins` are other issues
        with its identity; `seen_at` is when Jira showed it last.
        """
        issue = read.shown.get(receipt.remote_id or "")
        ticket_id = receipt.ticket_id
        if self._run.page.open_removal(receipt.identity) is not None:
            return []
        if receipt.remote_id in read.failed:
            return [self._difference(Difference.UNREADABLE, ticket_id, receipt)]
        if issue is None:
            first = twins[0] if twins else None
            gone = self._difference(
                Difference.GONE, ticket_id, receipt, other=first, seen_at=seen_at
            )
            more = [
                self._difference(Difference.UNKNOWN, ticket_id, receipt, other=twin)
                for twin in twins[1:]
            ]
            return [gone, *more]
        if not _is_marked(receipt, read):
            return [self._difference(Difference.UNMARKED, ticket_id, receipt)]
        if not twins and not issue.key.startswith(f"{self._run.target.project_key}-"):
            return [self._difference(Difference.MOVED, ticket_id, receipt)]
        return [self._list_twin(receipt, issue, twin) for twin in twins]

    def _list_twin(
        self, receipt: LedgerEntry, issue: FoundIssue, twin: FoundIssue
    ) -> IssueDifference:
        """Name an issue beside the one that a ticket has, and list it for a person."""
        note = self._advice_on_twin(receipt.identity, issue=issue, twin=twin)
        marker = marker_of(twin)
        if marker is not None and marker.place not in {"", self._run.tools.store.place}:
            note += f" {twin.key} was created from the store at {marker.place}."
        rendered = self._rendered.get(receipt.ticket_id)
        if rendered is not None:
            list_duplicate(self._run, rendered, receipt=receipt, duplicate=twin)
        return self._difference(Difference.TWIN, receipt.ticket_id, receipt, other=twin, note=note)

    def _difference(
        self,
        kind: Difference,
        ticket_id: str,
        receipt: LedgerEntry | None = None,
        *,
        other: FoundIssue | None = None,
        note: str = "",
        seen_at: datetime | None = None,
    ) -> IssueDifference:
        return IssueDifference(
            kind=kind,
            ticket_id=ticket_id,
            issue_id=(receipt.remote_id or "") if receipt else "",
            key=(receipt.remote_key or receipt.remote_id or "") if receipt else "",
            other_id=other.issue_id if other else "",
            other_key=other.key if other else "",
            note=note,
            seen_at=seen_at,
            is_wanted=ticket_id in self._wanted,
        )

    def _list_doubled_files(self, shown: Mapping[str, FoundIssue]) -> None:
        """List files of ours that are there twice, such as by a request that a gateway sent again."""
        run = self._run
        fixes = FixesOnRecord(run, FixType.ATTACHMENT_UPLOAD)
        for receipt in run.page.receipts_of(LedgerSubject.ATTACHMENT):
            identity, _, name = receipt.identity.rpartition("/")
            issue_receipt = run.page.receipt(identity)
            issue_id = issue_receipt.remote_id if issue_receipt is not None else None
            rendered = self._rendered.get(receipt.ticket_id)
            issue = shown.get(issue_id or "")
            if issue is None or rendered is None:
                continue
            # Files of one name are the same where they have the same size.
            sizes = [file.size_bytes for file in issue.attachments if file.file_name == name]
            count = max(map(sizes.count, sizes), default=0)
            if count <= 1:  # defence: file-twice
                continue
            doubled = Fallback(
                fix_type=FixType.ATTACHMENT_UPLOAD,
                subject=f"{name} {DOUBLED}",
                title=f"Delete the duplicate full text of {rendered.ticket.title}",
                original_value=f"{name}, {count} times",
                recommended_action=(
                    f"{name} is on {issue.key} {count} times; delete all but one of them."
                ),
            )
            fixes.leave(rendered.ticket, doubled, key=issue.key)

    def _others(
        self, receipts: Iterable[LedgerEntry], *, shown: Mapping[str, FoundIssue]
    ) -> dict[str, list[FoundIssue]]:
        """Return the issues that carry an identity of ours and are no ticket's issue, by identity.

        The index, the ranges of numbers and released ids nominate them; reading them proves it. An
        issue that may be one but has no marker is listed for people.
        """
        run = self._run
        accounted_ids = {receipt.remote_id for receipt in receipts} | run.page.forgotten_ids()
        seen = probe_known_ranges(run, shown.values())
        list_unmarked_duplicates(run, seen, run.order.issues)  # defence: comparison-of-duplicates
        marked_ids = {issue.issue_id for issue in seen.issues if marker_of(issue) is not None}
        nominated_ids = (marked_ids | run.page.released_ids()) - accounted_ids
        issues = self._read_nominated(nominated_ids)
        others: dict[str, list[FoundIssue]] = defaultdict(list)
        for issue in sorted(issues, key=lambda issue: int(issue.issue_id)):
            marker = marker_of(issue)
            if marker is None or issue.issue_id in accounted_ids:
                continue
            is_of_session = marker.session_key == run.order.session_key
            is_ours = is_of_session and marker.installation_id == run.installation_id
            if is_ours and marker.identity not in self._copied:
                others[marker.identity].append(issue)
        return others

    def _read_nominated(self, nominated_ids: Collection[str]) -> Collection[FoundIssue]:
        """Read these issues, and those that manual fixes name; a fix about one that is gone ends."""
        run = self._run
        fixes = run.tools.store.manual_fixes.list_all(
            run.order.session_key, target_id=run.target.target_id
        )
        keys = {fix.jira_key for fix in fixes if _is_open_orphan(fix) and fix.jira_key}
        issues, failed = read_some(
            run,
            sorted(keys.union(nominated_ids)),
            fields=PROBE_FIELDS,
            properties=(MARKER_PROPERTY,),
        )
        keys_shown = {issue.key for issue in issues.values()}

        def is_over(fix: ManualFix) -> bool:
            if not _is_open_orphan(fix) or fix.jira_key is None:
                return False
            return fix.jira_key not in keys_shown

        if not failed:
            end_fixes(run, is_over=is_over, state=FixState.RESOLVED, by=run.order.holder)
        return issues.values()

    @cached_property
    def _copied(self) -> frozenset[str]:
        """The identities of other targets: where their site was copied, issues here carry them."""
        ledger = self._run.tools.store.ledger
        key = self._run.order.session_key
        return frozenset(
            entry.identity
            for target in ledger.targets_of(key)
            if target.target_id != self._run.target.target_id
            for entry in ledger.entries(target_id=target.target_id, session_key=key)
        )

    @cached_property
    def _ticket_ids(self) -> Mapping[str, str]:
        """The ticket of each identity, as far as the session or the ledger knows it."""
        run = self._run
        ticket_ids = {entry.identity: entry.ticket_id for entry in run.page.entries}
        for rendered in run.order.with_epics:
            ticket_id = rendered.ticket.ticket_id
            ticket_ids[run.identity(ticket_id)] = ticket_id
        return ticket_ids

    def _seen_at(self, receipt: LedgerEntry) -> datetime | None:
        """Return when Jira showed an issue last, before this comparison; None: never."""
        if self._run.page.is_read(receipt):
            return self._at
        if self._before is None:
            return None
        for difference in self._before.differences:
            if difference.kind is Difference.GONE and difference.issue_id == receipt.remote_id:
                return difference.seen_at
            if not difference.issue_id and difference.key == receipt.remote_key:
                return receipt.at  # gone for an older version, which did not keep it
        is_newer = self._before.compared_at >= receipt.at
        return self._before.compared_at if is_newer else None

    @cached_property
    def _before(self) -> FiledComparison | None:
        run = self._run
        return run.tools.store.comparisons.latest(
            run.order.session_key, target_id=run.target.target_id
        )

    def _advice_on_twin(self, identity: str, *, issue: FoundIssue, twin: FoundIssue) -> str:
        """Say which of two issues we would keep, and why: the one that people worked with.

        Of both or neither the first: what Jira shows decides, so that copies of a store agree.
        """
        first = min(issue, twin, key=lambda candidate: int(candidate.issue_id))
        if self._pairs_left <= 0:
            return f"We would keep {first.key}: it was created first."
        self._pairs_left -= 1
        work_on_issue = "; ".join(self._reasons(issue.issue_id, identity))
        work_on_twin = "; ".join(self._reasons(twin.issue_id, identity))
        if work_on_issue and work_on_twin:
            work = f"of {issue.key} {work_on_issue}, of {twin.key} {work_on_twin}"
            return f"People have worked on both ({work}): we would keep {first.key}."
        if work_on_issue:
            reasons = f"{work_on_issue}, and no one has worked on {twin.key}"
            return f"We would keep {issue.key}: {reasons}."
        if work_on_twin:
            reasons = f"{work_on_twin}, and no one has worked on {issue.key}"
            return f"We would keep {twin.key}: {reasons}."
        return f"We would keep {first.key}: it was created first."

    def _reasons(self, issue_id: str, identity: str) -> tuple[str, ...]:
        """Say what people did with an issue that may be the one of an identity."""
        page = self._run.page
        files = page.sent(LedgerSubject.ATTACHMENT, on=identity)
        traces_of_ours = OwnTraces(
            account_ids=self._run.own_accounts,
            fields=FIELDS_WE_WRITE,
            link_ids=(),
            linked_ids=page.issue_ids() | page.removed_ids | page.released_ids() | self._other_ids,
            attachment_ids=frozenset(),
            file_names=frozenset(file.rpartition("/")[2] for file in files),
        )
        return reasons_to_keep(self._run.tools.tracker.issue_traces(issue_id), traces_of_ours)


def _is_marked(receipt: LedgerEntry, read: ReceiptsRead) -> bool:
    """Tell whether the issue of a receipt was shown, and carries the identity of the receipt."""
    issue = read.shown.get(receipt.remote_id or "")
    marker = marker_of(issue) if issue is not None else None
    return marker is not None and marker.identity == receipt.identity


def _is_open_orphan(fix: ManualFix) -> bool:
    return fix.fix_type is FixType.ORPHAN_ISSUE and fix.state is FixState.OPEN


def finding_of(difference: IssueDifference) -> Finding:
    """Say one difference as a finding; its value is the key of the issue."""
    severity, message, advice = _TEXTS[difference.kind]
    if difference.kind is Difference.GONE:
        if difference.seen_at:
            message += f" It was last seen at {difference.seen_at:%Y-%m-%d %H:%M} UTC."
        else:
            message += (
                " It was never seen there: a security level may hide what our account creates."
            )
        if difference.other_id:
            advice = f"{difference.other_key} carries its identity: adopt it, or forget both."
        elif not difference.is_wanted:
            severity = Severity.INFO
            advice = "Nothing: its ticket is no longer exported."
    if difference.kind is Difference.TWIN:
        message = f"It carries the identity of a ticket whose issue is {difference.key}."
    return Finding(
        severity=severity,
        code=difference.kind.value,
        value=difference.name,
        message=f"{message} {difference.note}".rstrip(),
        advice=advice,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTraces:
    """What an export left on one issue, by the ledger."""

    account_ids: frozenset[str]
    fields: frozenset[str]
    """Names of the fields that it wrote, in lower case."""
    link_ids: Collection[str]
    linked_ids: Collection[str]
    """Ids of issues that it may have linked, where the id of the link is not known."""
    attachment_ids: frozenset[str]
    file_names: frozenset[str]
    """Names of the files that it sent to this issue, whether the outcome is known or not."""
    comments: Mapping[str, str] = field(default_factory=dict)
    """Versions of our comments as they were sent, by id."""
    is_text_ours: bool = False
    """Summary and description are as our last update left them."""


def fields_written(page: LedgerPage) -> Mapping[str, set[str]]:
    """Return the names of the fields that the ledger has written, by identity of the issue."""
    written: dict[str, set[str]] = defaultdict(set)
    for entry in page.entries:
        for identity in entry.identity.split("/"):
            written[identity] |= _FIELDS_OF.get(entry.subject, frozenset())
    return written


def reasons_to_keep(traces: IssueTraces, ours: OwnTraces) -> tuple[str, ...]:
    """Return what people did with an issue, each as a reason to keep it; empty: nothing."""
    foreign_links = [
        link
        for link in traces.links
        # defence: foreign-links
        if link.link_id not in ours.link_ids and link.other_issue_id not in ours.linked_ids
    ]
    foreign_files = [
        file
        for file in traces.attachments
        if file.attachment_id not in ours.attachment_ids
        # defence: foreign-files
        and not (file.author_id in ours.account_ids and file.file_name in ours.file_names)
    ]
    foreign_comments = [
        comment
        for comment in traces.comments
        if comment.comment_id not in ours.comments
        or ours.comments[comment.comment_id] != comment.version  # defence: edited-comment
    ]
    # defence: fields-we-wrote
    fields_of_ours = ours.fields | (TEXT_FIELDS if ours.is_text_ours else frozenset())
    changed_fields = {
        change.field
        for change in traces.changes
        # defence: changed-by-others
        if change.author_id not in ours.account_ids or change.field.casefold() not in fields_of_ours
    }
    reasons = []
    if foreign_comments:
        reasons.append(f"it has {format_count(len(foreign_comments), 'comment')}")
    if traces.worklog_count:  # defence: logged-work
        reasons.append(f"it has {format_count(traces.worklog_count, 'worklog')}")
    if traces.subtask_ids:  # defence: subtasks
        reasons.append(f"it has {format_count(len(traces.subtask_ids), 'subtask')}")
    if foreign_links:
        reasons.append(
            f"it has {format_count(len(foreign_links), 'link')} from outside this export"
        )
    if foreign_files:
        count = format_count(len(foreign_files), "attachment")
        reasons.append(f"it has {count} from outside this export")
    reasons += [f"its field {name} was changed" for name in sorted(changed_fields)]
    return tuple(reasons)
