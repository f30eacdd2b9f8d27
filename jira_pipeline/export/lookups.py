"""What Jira holds of a session: issues probed by number and through the search index, read by id.

Belongs here: where to look, what makes a reading prove nothing, that what is found is ours; issues
read back by their markers before anything more is written there, what a receipt becomes that named
another issue. Does not: what a find or an absence means for the ledger (`unconfirmed`), what people
decide about issues (`issue_decisions`).

Jira leaves out what one may not see, and answers so too when it does not know us any more. So every
reading by number carries sentinels: issues that we must be able to see. The index lags and its
labels only nominate: what it shows is there, what it lacks may be too.

An answer 201 may name an issue that is not the one that was created: a proxy answers as it did
before, or something on the way mixes answers up. A file or a link would end up on somebody else's
issue. Where the site drops our markers, an issue is taken for the ticket's by its title or our
label. An issue that was moved has another key from then on.

A *marker* is the issue property that names what we sent: session, identity and ledger sequence. A
*sweep* reads the newest numbers although nothing is unconfirmed.
Source: docs/export.md, rules 5, 6, 8 and 12.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TypeVar

from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    UPDATE_PROPERTY,
    ExportRun,
    Marker,
    marker_of,
)
from jira_pipeline.export.ledger_page import WriteSubject, number_ranges
from jira_pipeline.model.differences import Difference
from jira_pipeline.model.errors import ConfigurationError, RefusedError, UnavailableError
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, LedgerSubject, Origin, may_be_gone
from jira_pipeline.model.issue_tracker import BulkFetchAnswer, FoundIssue
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.target_shares import CopiedIssues

NOT_FOUND = 404
FETCH_SIZE = 100
"""How many issues Jira reads in one request."""
READS_MAX = 2
"""How often the same issues are read: what failed, or was not shown, is asked for once more."""
OWN_SENTINELS_MAX = 3
"""How many issues of ours every request asks for besides the newest issue of the project."""
WINDOW_MARGIN = FETCH_SIZE - OWN_SENTINELS_MAX - 1  # defence: window-margin
"""How many numbers beyond the highest known one are looked at: one request, with its sentinels."""
UNWITNESSED_MARGIN = 5_000  # defence: unwitnessed-margin
"""How many numbers are looked at before a resend, where no number is known to be above what is
looked for. An issue is missed only if others create so many, unseen by us, within the horizon."""
SWEEP_DEPTH = 500
"""How many of the newest numbers are read although nothing is unconfirmed: the index may still miss
some. What is older is found by its label."""
PROBE_FIELDS = ("summary", "labels", "creator")
FILES_FIELD = "attachment"
PARENT_FIELD = "parent"
CLOCK_DIFFERENCE = timedelta(minutes=1)
"""How far Jira's clock, which dates what is there, may be behind ours, which dates what was sent."""
Part = TypeVar("Part")
Read = TypeVar("Read")


@dataclass(frozen=True, kw_only=True)
class ProbeResult:
    """What was seen of a session on a target."""

    issues: tuple[FoundIssue, ...]
    """The issues at the numbers that were read, and those with the session's label; by id."""
    is_conclusive: bool
    """What was not seen among these numbers was not there."""
    is_calibrated: bool
    """No sentinel of ours was hidden, and no issue that we made was shown without its marker."""
    is_proven: bool
    """An issue of ours was shown with its marker; else nothing shows that the site keeps markers."""
    is_traced: bool
    """No issue known to be ours was shown without both its marker and our label."""
    highest_number: int
    copies: tuple[FoundIssue, ...] = ()
    """Issues that carry a marker of the session, but one from another target."""

    def with_identity(self, identity: str) -> tuple[FoundIssue, ...]:
        """Return the issues that carry an identity, the lowest id first."""
        return tuple(self._by_identity.get(identity, ()))

    @cached_property
    def _by_identity(self) -> Mapping[str, list[FoundIssue]]:
        by_identity: dict[str, list[FoundIssue]] = defaultdict(list)
        for issue in self.issues:
            marker = marker_of(issue)
            if marker is not None:
                by_identity[marker.identity].append(issue)
        return by_identity

    def last_sequence(self, session_key: str) -> int:
        """Return the highest ledger sequence any marker of the session carries, or 0.

        Markers of copies do not count: they say nothing of what was sent to this target.
        """
        markers = [marker_of(issue) for issue in self.issues if issue not in self.copies]
        sequences = [
            marker.sequence
            for marker in markers
            if marker is not None and marker.session_key == session_key
        ]
        return max(sequences, default=0)

    def suspects(
        self,
        rendered: RenderedTicket,
        *,
        known_ids: frozenset[str],
        label: str | None = None,
        creator_ids: frozenset[str] | None = None,
    ) -> tuple[str, ...]:
        """Return the keys of issues with the ticket's title that carry no marker: one may be its own.

        Issues whose ticket is known are left out. Where `label` or `creator_ids` are given, only
        issues count that have this label, or that one of these accounts made.
        """
        keys = []
        for issue in self.issues:
            is_unknown = issue.issue_id not in known_ids and marker_of(issue) is None
            has_label = label is None or label in issue.labels
            is_creator_likely = creator_ids is None or issue.creator_id in creator_ids
            is_titled_alike = issue.summary == rendered.summary
            if is_unknown and is_titled_alike and has_label and is_creator_likely:
                keys.append(issue.key)
        return tuple(keys)


def probe(run: ExportRun, low_bound: int | None, *, margin: int = WINDOW_MARGIN) -> ProbeResult:
    """Read the issues with numbers above `low_bound`, then ask the search index for the label.

    `low_bound` is a number below all issues that are looked for. None: nothing is unconfirmed, and
    a sweep begins where an earlier execution had read everything, or `SWEEP_DEPTH` below the newest.
    """
    look = _Look(run, newest_issue(run))
    project_key = run.target.project_key
    highest = run.page.highest_number(project_key)
    if low_bound is None:
        start = max(run.page.accounted_number(), look.newest_number - SWEEP_DEPTH)
    else:
        start = low_bound
        # An unconfirmed issue may be between issues of other sessions that the index does not show.
        highest_of_sessions = run.tools.store.ledger.highest_issue_number(
            run.target.target_id, project_key=project_key
        )
        highest = max(highest, highest_of_sessions)  # defence: window-of-all-sessions
    look.read_on(above=start, up_to=max(start, highest, look.newest_number), margin=margin)
    probe_result = look.result()
    refuse_other_installation(run, probe_result.issues)  # defence: other-installation
    return probe_result


def probe_known_ranges(run: ExportRun, just_read: Collection[FoundIssue] = ()) -> ProbeResult:
    """Read the ranges of numbers that issues of the session may have, then ask the search index.

    The numbers between the ranges are not read, nor again those of issues that were `just_read`.
    """
    look = _Look(run, None if run.page.issue_ids() else newest_issue(run))
    look.take(just_read)
    ranges = number_ranges(run.page, run.target.project_key, margin=WINDOW_MARGIN)
    for numbers in ranges:
        look.read_missing(numbers)
    # Where the site keeps neither markers nor labels, the index cannot name by label what a restored
    # ledger forgot: only a title shows it, so the numbers below the ranges are read as well.
    if not look.is_traced:  # defence: deep-sweep-by-title
        first = ranges[0].start
        look.read_missing(range(max(1, first - SWEEP_DEPTH), first))
    return look.result()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildIssues:
    """The issues below one as Jira shows them."""

    issues: tuple[FoundIssue, ...]
    is_conclusive: bool
    """The newest numbers were all read: there is no child that the index does not know yet."""


def child_issues(run: ExportRun, parent_key: str) -> ChildIssues:
    """Read the issues below one: those that the index names, and the newest by their numbers.

    The index may not know the newest yet, and may show a parent that an issue had before: so each
    issue is read, and counts by the parent it has. An older issue that was put below this one a
    moment ago may be missing; the history of the parent shows it.
    """
    newest = newest_issue(run)
    look = _Look(run, newest, fields=(*PROBE_FIELDS, PARENT_FIELD))
    highest = max(run.page.highest_number(run.target.project_key), look.newest_number)
    sweep_start = max(0, highest - SWEEP_DEPTH)
    look.read_on(above=sweep_start, up_to=highest, margin=WINDOW_MARGIN)
    nominated = run.tools.tracker.search(f"parent = {parent_key}", fields=(PARENT_FIELD,))
    nominated_ids = [issue.issue_id for issue in nominated]
    issues, failed = read_some(run, nominated_ids, fields=(PARENT_FIELD,))
    issues.update((issue.issue_id, issue) for issue in look.issues)
    children = [issue for issue in issues.values() if issue.parent_key == parent_key]
    children.sort(key=lambda issue: int(issue.issue_id))
    return ChildIssues(issues=tuple(children), is_conclusive=look.is_conclusive and not failed)


def describe_copies(run: ExportRun, copies: Sequence[FoundIssue]) -> CopiedIssues | None:
    """Say which issues of the session are here as copies, and of what; None where there are none."""
    if not copies:
        return None
    markers = [marker_of(issue) for issue in copies]
    identities = {marker.identity for marker in markers if marker is not None}
    session_key = run.order.session_key
    ledger = run.tools.store.ledger
    origins = []
    for target in ledger.targets_of(session_key):
        if target.target_id == run.target.target_id:
            continue
        entries = ledger.entries(target_id=target.target_id, session_key=session_key)
        if not identities.isdisjoint(entry.identity for entry in entries):
            origins.append(target.name)
    by_number = sorted(copies, key=lambda issue: issue.number)
    return CopiedIssues(
        session_key=session_key,
        target_name=run.target.name,
        keys=tuple(issue.key for issue in by_number),
        origins=tuple(origins),
    )


def copied_issues(run: ExportRun, issues: Sequence[FoundIssue]) -> tuple[FoundIssue, ...]:
    """Return the issues with a marker of the session that was sent to another target.

    An identity holds its target, so a copied site or project shows identities that are not of this
    one. An issue whose ticket vanished from the sheets is no copy.
    """
    identities_here = _own_identities(run)
    foreign: list[tuple[str, FoundIssue]] = []
    for issue in issues:
        marker = marker_of(issue)
        if marker is None or marker.identity in identities_here:
            continue
        is_of_session = marker.session_key == run.order.session_key
        if is_of_session and marker.installation_id == run.installation_id:
            foreign.append((marker.identity, issue))
    if not foreign:
        return ()
    vanished_tickets = run.tools.store.tickets.list_vanished(run.order.session_key)
    vanished_identities = {run.identity(ticket.ticket_id) for ticket in vanished_tickets}
    return tuple(issue for identity, issue in foreign if identity not in vanished_identities)


def _own_identities(run: ExportRun) -> frozenset[str]:
    """Return the identities of the session on this target: of all that was sent, and of all tickets."""
    of_tickets = {run.identity(rendered.ticket.ticket_id) for rendered in run.order.with_epics}
    return frozenset(run.page.sent(LedgerSubject.ISSUE)).union(of_tickets)


def read_issues(
    run: ExportRun, issue_ids: Sequence[str], *, fields: Collection[str], waiting: str
) -> dict[str, FoundIssue]:
    """Read issues, by id; one that Jira does not show is left out.

    `waiting` says in the message of an error what is not done meanwhile: "nothing is attached".

    Raises:
        UnavailableError: Jira could not read all of them just now, or does not know us.
    """
    issues, failed = read_some(run, issue_ids, fields=fields)
    if failed:  # defence: unreadable-is-not-empty
        raise UnavailableError(
            f"Jira could not read {len(failed)} issues this time; {waiting} until it can."
        )
    return issues


def read_some(
    run: ExportRun,
    ids_or_keys: Sequence[str],
    *,
    fields: Collection[str],
    properties: Collection[str] = (),
) -> tuple[dict[str, FoundIssue], frozenset[str]]:
    """Read issues that are named by id or key; return those that Jira shows, by id.

    The second value names those that Jira could not read just now.

    Raises:
        UnavailableError: Jira does not know us, so that issues it does not show may exist.
    """
    issues: dict[str, FoundIssue] = {}
    failed: set[str] = set()
    unread = list(dict.fromkeys(ids_or_keys))
    for _read in range(READS_MAX):
        failed = set()
        for batch in batches(unread):
            answer = run.tools.tracker.bulk_fetch(batch, fields=fields, properties=properties)
            failed.update(answer.failed)
            issues.update((issue.issue_id, issue) for issue in answer.issues)
        keys = {issue.key for issue in issues.values()}
        unread = [name for name in unread if name not in issues and name not in keys]
        if not unread:
            return issues, frozenset()
    # Jira answers reads without valid credentials with status 200 and no issues.
    if not failed and not run.is_known_as(run.tools.tracker.whoami()):  # defence: shown-to-nobody
        raise UnavailableError(
            f"Jira does not recognise {run.account.display_name} at the moment; "
            "issues it does not show may exist."
        )
    return issues, frozenset(failed)


def batches(parts: Sequence[Part], *, size: int = FETCH_SIZE) -> Iterator[Sequence[Part]]:
    """Yield consecutive parts of at most `size`, by default as many as Jira reads in one request."""
    for first in range(0, len(parts), size):
        yield parts[first : first + size]


class _Look:
    """One look at a project: the issues that were read by number, and what the reading proves.

    Of a number that Jira leaves out, nobody knows whether there is no issue or none that we may
    see. So every request asks for sentinels, too: issues that we must be able to see. If none of
    them comes back, the request proves nothing.

    Sentinels are the newest issue of the project and the last issues of the session that no undo was
    about to delete; of those that were read back, where any was. Where the session has none, issues
    of our other sessions are asked for, too: they may be gone, but one that is shown proves that the
    site keeps our markers.
    """

    def __init__(
        self,
        run: ExportRun,
        newest: FoundIssue | None,
        *,
        fields: Collection[str] = PROBE_FIELDS,
    ) -> None:
        self._run = run
        self._fields = fields
        self.newest_number = newest.number if newest is not None else 0
        receipts = [
            receipt
            for receipt in run.page.issue_receipts()
            if not may_be_gone(run.page.entries_of_issue(receipt))
        ]
        read_back = [receipt for receipt in receipts if run.page.is_read(receipt)]
        session_ids = [
            receipt.remote_id for receipt in read_back or receipts if receipt.remote_id is not None
        ]
        sentinel_ids = session_ids[-OWN_SENTINELS_MAX:]
        if newest is not None:
            sentinel_ids.append(newest.issue_id)
        ids_of_other_sessions: tuple[str, ...] = ()
        if not session_ids:
            ids_of_other_sessions = run.tools.store.ledger.last_issues(
                run.target.target_id, count=OWN_SENTINELS_MAX
            )
        self._sentinel_ids = tuple(dict.fromkeys(sentinel_ids))
        # defence: sentinels-of-other-sessions
        self._added_ids = tuple(dict.fromkeys([*self._sentinel_ids, *ids_of_other_sessions]))
        """Ids that every request asks for besides the numbers."""
        self._numbers_per_request = FETCH_SIZE - len(self._added_ids)
        ids_of_session = run.page.issue_ids()
        self._own_sentinel_ids = ids_of_session.intersection(self._sentinel_ids)
        self._made_ids = {
            receipt.remote_id for receipt in receipts if receipt.origin is not Origin.ADOPTED
        }
        """Ids of issues that we created, so that they should carry a marker; none that were adopted."""
        self._marked_ids = ids_of_session.union(ids_of_other_sessions)
        """Ids of issues whose markers prove that the site keeps what we send."""
        self._own_identities = _own_identities(run)
        self.issues: list[FoundIssue] = []
        # What the reading proves so far: `ProbeResult` says what each means.
        self.is_conclusive = True
        self._is_calibrated = True
        self._is_proven = False
        self.is_traced = True

    def read_on(self, *, above: int, up_to: int, margin: int) -> None:
        """Read numbers upwards until `margin` of them beyond `up_to`, and beyond any issue, were read."""
        # Where no issue is known an absence proves nothing, so nothing is gained by a wide margin.
        usable_margin = margin if self._sentinel_ids else WINDOW_MARGIN
        first = above + 1
        while first <= max([up_to, *self._numbers()]) + usable_margin:
            self._read(range(first, first + self._numbers_per_request))
            first += self._numbers_per_request

    def read_missing(self, numbers: range) -> None:
        """Read those of these numbers at which no issue was seen yet."""
        seen = set(self._numbers())
        unread = [number for number in numbers if number not in seen]
        for batch in batches(unread, size=self._numbers_per_request):
            self._read(batch)

    def _numbers(self) -> list[int]:
        prefix = f"{self._run.target.project_key}-"
        return [issue.number for issue in self.issues if issue.key.startswith(prefix)]

    def _read(self, numbers: Sequence[int]) -> None:
        """Read the issues at these numbers, with the sentinels, and note what the answer proves."""
        keys = [f"{self._run.target.project_key}-{number}" for number in numbers]
        answer = self._fetched([*self._added_ids, *keys])
        shown = {issue.issue_id for issue in answer.issues}

        # defence: sentinel-shown, failed-elements
        if answer.failed or not self._is_project_seen(shown):
            self.is_conclusive = False
        if self._own_sentinel_ids and self._own_sentinel_ids.isdisjoint(shown):
            self._is_calibrated = False
        self.take(answer.issues)

    def take(self, issues: Collection[FoundIssue]) -> None:
        """Add issues that were read, and note what their markers and labels prove."""
        self.issues.extend(issues)
        for issue in issues:
            marker = marker_of(issue)
            if marker is not None:
                if issue.issue_id in self._marked_ids or self._is_of_session(marker):
                    self._is_proven = True
            elif issue.issue_id in self._made_ids:
                self._is_calibrated = False
                if self._run.order.session_label not in issue.labels:
                    self.is_traced = False

    def _is_of_session(self, marker: Marker) -> bool:
        """Tell whether the session sent it here: what was copied here proves nothing about that."""
        is_of_installation = marker.installation_id == self._run.installation_id
        return is_of_installation and marker.identity in self._own_identities

    def _fetched(self, ids_or_keys: Sequence[str]) -> BulkFetchAnswer:
        """Read issues by id or key; ask once more where Jira could not read some of them."""
        read = partial(
            self._run.tools.tracker.bulk_fetch,
            ids_or_keys,
            fields=self._fields,
            properties=(MARKER_PROPERTY,),
        )
        answer = read()
        return read() if answer.failed else answer

    def _is_project_seen(self, shown: Collection[str]) -> bool:
        """Tell whether the account still sees the project.

        In a project without any issue there is no sentinel; then Jira is asked who we are, which
        it refuses where authentication is lost.
        """
        if self._sentinel_ids:
            return not set(shown).isdisjoint(self._sentinel_ids)
        return self._run.is_known_as(self._run.tools.tracker.whoami())

    def result(self) -> ProbeResult:
        """Return what was read, and what the index has under the session's label.

        Issues that people released or an undo deleted are read by id: they may be there again, and
        the index may show them although they are gone.
        """
        run = self._run
        former_ids = run.page.released_ids() | run.page.removed_ids  # defence: removed-are-read
        for batch in batches(sorted(former_ids)):
            answer = self._fetched(batch)
            self.issues.extend(answer.issues)
            self.is_conclusive = self.is_conclusive and not answer.failed
        labelled = labelled_issues(run)  # defence: found-by-label
        gone = former_ids - {issue.issue_id for issue in self.issues}
        by_id = {}
        # What was read counts above what the index shows of the same issue.
        for issue in (*labelled, *self.issues):
            if issue.issue_id not in gone:  # defence: deleted-do-not-count
                by_id[issue.issue_id] = issue
        issues = sorted(by_id.values(), key=lambda issue: int(issue.issue_id))
        return ProbeResult(
            issues=tuple(issues),
            is_conclusive=self.is_conclusive,
            is_calibrated=self._is_calibrated,
            is_proven=self._is_proven,
            is_traced=self.is_traced,
            highest_number=max([self.newest_number, *self._numbers()]),
            copies=copied_issues(run, issues),
        )


def newest_issue(run: ExportRun) -> FoundIssue | None:
    """Return the newest issue the index knows.

    A lagging index names an older one, which does no harm: reading goes on beyond what is found.
    """
    newest = f"project = {run.target.project_id} ORDER BY key DESC"
    return next(iter(run.tools.tracker.search(newest, fields=PROBE_FIELDS, limit=1)), None)


def labelled_issues(run: ExportRun) -> tuple[FoundIssue, ...]:
    """Return the issues that the index has under the session's label; the newest may be missing."""
    jql = f'project = {run.target.project_id} AND labels = "{run.order.session_label}" ORDER BY key'
    return run.tools.tracker.search(jql, fields=PROBE_FIELDS, properties=(MARKER_PROPERTY,))


def refuse_other_installation(run: ExportRun, issues: Sequence[FoundIssue]) -> None:
    """Refuse to go on beside issues of another installation's session of this name."""
    for issue in issues:
        marker = marker_of(issue)
        if (
            marker is not None
            and marker.session_key == run.order.session_key
            and marker.installation_id != run.installation_id
        ):
            raise ConfigurationError(
                f"Another installation exported a session {run.order.session_key} to "
                f"{run.target.name}: {issue.key} is not ours.",
                recovery_actions=(
                    "Use that installation's store (JIRA_PIPELINE_DATABASE_URL).",
                    "Or upload these files under another session key.",
                ),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsRead:
    """What reading the issues of receipts showed."""

    shown: Mapping[str, FoundIssue]
    """The issues by id; one that Jira does not show may be hidden, or gone."""
    wrong: tuple[LedgerEntry, ...]
    """Receipts that name an issue which is not their ticket's: where that is has to be looked up."""
    failed: frozenset[str]
    """Ids Jira could not read just now."""


def check_receipts(
    run: ExportRun,
    tickets: Iterable[RenderedTicket],
    *,
    fields: Collection[str] = PROBE_FIELDS,
) -> Mapping[str, FoundIssue]:
    """Read the issues of these tickets, by id, before something is written to them.

    Only those are read that were not read in this execution. A receipt that names an issue which is
    not its ticket's is refuted in the ledger, so that nothing is written there.

    Raises:
        UnavailableError: Jira could not read all of them just now.
    """
    receipts = [receipt for receipt in map(run.issue_receipt, tickets) if receipt is not None]
    read = verify_receipts(run, unverified(run, receipts), fields=fields)
    if read.failed:
        raise UnavailableError(
            f"Jira could not read {len(read.failed)} issues this time; nothing is written to them "
            "until it can."
        )
    return read.shown


def read_if_visible(run: ExportRun, read: Callable[[], Read]) -> Read | None:
    """Return what is read of an issue; None where Jira, which still knows us, does not show it.

    Raises:
        UnavailableError: Jira does not know us any more: without an account everything seems gone.
    """
    try:
        return read()
    except RefusedError as error:
        if error.status_code != NOT_FOUND:
            raise
    if not run.is_known_as(run.tools.tracker.whoami()):  # defence: known-account
        raise UnavailableError("Jira no longer accepts the account; nothing is written.")
    return None


def is_sent_by_us(
    run: ExportRun, intent: LedgerEntry, *, by: str | None, at: datetime | None
) -> bool:
    """Tell whether something in Jira may be what an intent sent: made by us, and not before it.

    An intent of an older version names no account; then nothing speaks against it.
    """
    is_since = at is not None and at >= intent.at - CLOCK_DIFFERENCE
    return intent.account_id is None or (by in run.own_accounts and is_since)


def unverified(run: ExportRun, receipts: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Return the receipts whose issues were not read in this execution yet."""
    return [receipt for receipt in receipts if not run.page.is_read(receipt)]


def verify_receipts(
    run: ExportRun,
    receipts: Sequence[LedgerEntry],
    *,
    is_refuting: bool = True,
    fields: Collection[str] = PROBE_FIELDS,
) -> ReceiptsRead:
    """Read the issues of receipts, and record in the ledger which are their tickets'.

    A receipt that names another issue is refuted, which makes its ticket unconfirmed. Without
    `is_refuting` it is only returned as wrong: for callers that do not look for the right issue.
    """
    ids = [receipt.remote_id for receipt in receipts if receipt.remote_id is not None]
    properties = (MARKER_PROPERTY, UPDATE_PROPERTY)
    shown, failed = read_some(run, ids, fields=fields, properties=properties)
    wrong = []
    for receipt in receipts:
        issue = shown.get(receipt.remote_id or "")
        if issue is None:
            continue
        # defence: confirmed-once
        if is_issue_of(run, receipt, issue) or was_confirmed(run, receipt, issue):
            run.page.note_read([issue])
            _record_confirmed(run, receipt, issue)
        else:
            wrong.append(receipt)
            if is_refuting:
                _record_refuted(run, receipt, issue)
    return ReceiptsRead(shown=shown, wrong=tuple(wrong), failed=failed)


def _record_confirmed(run: ExportRun, receipt: LedgerEntry, issue: FoundIssue) -> None:
    """Write a receipt anew where its issue has another key by now, or shows who made it.

    Who made it is recorded only where no intent says so.
    """
    maker_id = issue.creator_id if run.is_maker_unknown(receipt.identity) else None
    if issue.key == receipt.remote_key and maker_id is None:
        return
    run.page.write(
        WriteSubject.of(receipt),
        LedgerEvent.RECEIPT,
        remote_id=receipt.remote_id,
        remote_key=issue.key,
        detail=f"read back: it is {issue.key}",
        account_id=maker_id,
        origin=receipt.origin,
    )


def _record_refuted(run: ExportRun, receipt: LedgerEntry, issue: FoundIssue) -> None:
    """Write that a receipt named an issue which is not its ticket's."""
    run.page.write(
        WriteSubject.of(receipt),
        LedgerEvent.REFUTED,
        remote_id=receipt.remote_id,
        remote_key=receipt.remote_key,
        detail=f"read back: not its issue, {issue.key}",
        origin=receipt.origin,
    )


def was_confirmed(run: ExportRun, receipt: LedgerEntry, issue: FoundIssue) -> bool:
    """Tell whether the last comparison with Jira found the issue of a receipt to be its ticket's.

    People may have changed its title and label since. Where the comparison says that it has lost its
    marker, and nothing else, it counts if one of our accounts made it.
    """
    key = run.order.session_key
    target_id = run.target.target_id
    filed = run.tools.store.comparisons.latest(key, target_id=target_id)
    if filed is None:
        return False
    kinds = {
        difference.kind
        for difference in filed.differences
        if difference.issue_id == receipt.remote_id
    }
    if kinds:
        return kinds == {Difference.UNMARKED} and issue.creator_id in run.own_accounts
    return filed.compared_at >= receipt.at


def is_issue_of(run: ExportRun, receipt: LedgerEntry, issue: FoundIssue) -> bool:
    """Tell whether an issue is its ticket's: by its marker, or without one by title or label.

    An adopted issue always is, because a person decided so.
    """
    if receipt.origin is Origin.ADOPTED:  # defence: adopted-whoever-marked
        return True
    marker = marker_of(issue)
    if marker is not None:
        return marker.identity == receipt.identity
    # An issue that lost its marker counts as its ticket's where nothing speaks against it.
    titles = [
        rendered.summary
        for rendered in run.order.rendered
        if rendered.ticket.ticket_id == receipt.ticket_id
    ]
    return not titles or issue.summary in titles or run.order.session_label in issue.labels
