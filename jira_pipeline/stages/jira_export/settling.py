"""Looks up what Jira holds of a session, and settles doubts by it.

Belongs here: probing by marker, what a find or an absence means for the ledger. Does not: sending
(`creation`), when to settle (the same).

A find proves, an absence hardly ever: only keys read directly, with a sentinel that shows we may
see the project, with no failed element and past the horizon, prove an absence.
Source: docs/export.md, rules 5, 6 and 8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.export_ledger import (
    InDoubt,
    LedgerEvent,
    LedgerSubject,
    NotSent,
)
from jira_pipeline.domain.issue_tracker import BulkFetchAnswer, FoundIssue
from jira_pipeline.domain.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.errors import ConfigurationError
from jira_pipeline.stages.jira_export.book import ExportBook, WriteSubject
from jira_pipeline.stages.jira_export.order import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportTools,
    OpenTarget,
    issue_url_of,
    marker_of,
)

FETCH_SIZE = 100
WINDOW_MARGIN = 100
"""How many numbers beyond the highest known one are looked at."""
SWEEP_DEPTH = 500
"""How many of the newest numbers are read without any doubt about them: the index may still miss
some. What is older is found by its label."""
SENTINELS_MAX = 3
READS_MAX = 2
"""Of the same numbers, where Jira says that it could not read some of them just now."""
PROBE_FIELDS = ("summary", "labels")


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What was seen of a session on a target."""

    issues: tuple[FoundIssue, ...]
    """Everything in the key window or with the session's label; by id."""
    is_conclusive: bool
    """What was not seen was not there."""
    is_calibrated: bool
    """What is known to be ours came back, and with its marker."""
    highest_number: int

    def with_identity(self, identity: str) -> tuple[FoundIssue, ...]:
        """Return the issues that carry an identity, the lowest id first."""
        return tuple(self._by_identity.get(identity, ()))

    @cached_property
    def _by_identity(self) -> Mapping[str, list[FoundIssue]]:
        found: dict[str, list[FoundIssue]] = {}
        for issue in self.issues:
            marker = marker_of(issue)
            if marker is not None:
                found.setdefault(marker.identity, []).append(issue)
        return found

    def last_sequence(self, session_key: str) -> int:
        """Return the highest ledger sequence any marker of the session carries, or 0."""
        markers = (marker_of(issue) for issue in self.issues)
        return max((m.sequence for m in markers if m and m.session_key == session_key), default=0)

    def suspects(
        self, rendered: RenderedTicket, *, known_ids: frozenset[str], label: str | None = None
    ) -> tuple[str, ...]:
        """Return the keys of issues that may be the ticket's though they carry no marker.

        A given label narrows them.
        """
        return tuple(
            issue.key
            for issue in self.issues
            if issue.issue_id not in known_ids
            and marker_of(issue) is None
            and issue.summary == rendered.summary
            and (label is None or label in issue.labels)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Whose issues are looked for, with what."""

    tools: ExportTools
    order: ExportOrder
    opened: OpenTarget
    book: ExportBook

    def look(self, low_bound: int | None) -> Sighting:
        """Look through the key window above a number, then through the search index.

        None stands for the highest number known, or what is a sweep's depth below the newest.

        Raises:
            ConfigurationError: Another installation exported a session of this name here.
        """
        newest = self._newest()
        if low_bound is None:
            deepest = newest.number - SWEEP_DEPTH if newest is not None else 0
            low_bound = max(self.book.highest_issue_number(), deepest)
        window = _Window(self, low_bound=low_bound, newest=newest)
        window.read()
        labelled = self._labelled()
        by_id = {
            issue.issue_id: issue
            for issue in (*labelled, *window.issues)
            if issue.issue_id not in self.book.removed_ids
        }
        issues = tuple(sorted(by_id.values(), key=lambda issue: int(issue.issue_id)))
        self._refuse_foreign(issues)
        return Sighting(
            issues=issues,
            is_conclusive=window.is_conclusive,
            is_calibrated=window.is_calibrated,
            highest_number=max([newest.number if newest else 0, *window.numbers()]),
        )

    def sentinel_ids(self, newest: FoundIssue | None) -> tuple[str, ...]:
        """Return ids of issues that we must be able to see: the last of ours, and the newest."""
        own = [
            receipt.remote_id
            for receipt in self.book.issue_receipts()
            if receipt.remote_id is not None and self.book.open_removal(receipt.identity) is None
        ]
        others = [newest.issue_id] if newest is not None else []
        return tuple(dict.fromkeys([*own[-SENTINELS_MAX:], *others]))

    def known_ids(self) -> frozenset[str]:
        """Return the ids of all issues with a receipt."""
        receipts = self.book.issue_receipts()
        return frozenset(r.remote_id for r in receipts if r.remote_id is not None)

    def _newest(self) -> FoundIssue | None:
        """Return the newest issue the index knows: too old where it lags, which is safe."""
        page = self.tools.tracker.search(
            f"project = {self.opened.target.project_id} ORDER BY key DESC",
            fields=PROBE_FIELDS,
            page_size=1,
        )
        return next(iter(page.issues), None)

    def _labelled(self) -> tuple[FoundIssue, ...]:
        """Return what the index has under the session's label: nominated, not proven."""
        jql = (
            f"project = {self.opened.target.project_id} "
            f'AND labels = "{self.order.session_label}" ORDER BY key'
        )
        issues: list[FoundIssue] = []
        token: str | None = None
        while True:
            page = self.tools.tracker.search(
                jql, fields=PROBE_FIELDS, properties=(MARKER_PROPERTY,), page_token=token
            )
            issues.extend(page.issues)
            token = page.next_page_token
            if token is None:
                return tuple(issues)

    def _refuse_foreign(self, issues: Sequence[FoundIssue]) -> None:
        for issue in issues:
            marker = marker_of(issue)
            if (
                marker is not None
                and marker.session_key == self.order.session_key
                and marker.installation_id != self.opened.installation_id
            ):
                raise ConfigurationError(
                    f"Another installation exported a session {self.order.session_key} to "
                    f"{self.opened.target.name}: {issue.key} is not ours.",
                    recovery_actions=(
                        "Use the store of that installation (JIRA_PIPELINE_DATABASE_URL).",
                        "Or upload these files under another session key.",
                    ),
                )


class _Window:
    """One reading of a run of issue numbers, 100 at a time, each with sentinels."""

    def __init__(self, lookout: Lookout, *, low_bound: int, newest: FoundIssue | None) -> None:
        self._lookout = lookout
        self._low = low_bound
        self._high = max(
            low_bound,
            lookout.book.highest_issue_number(),
            newest.number if newest is not None else 0,
        )
        self._sentinels = lookout.sentinel_ids(newest)
        self._own_ids = frozenset(r.remote_id for r in lookout.book.issue_receipts())
        self.issues: list[FoundIssue] = []
        self.is_conclusive = True
        self.is_calibrated = True

    def read(self) -> None:
        """Read until a whole margin beyond the highest number seen shows nothing."""
        step = FETCH_SIZE - len(self._sentinels)
        first = self._low + 1
        while first <= self._high + WINDOW_MARGIN:
            self._read_keys(range(first, first + step))
            first += step

    def numbers(self) -> list[int]:
        """Return the numbers of the issues in this project that were seen."""
        prefix = f"{self._lookout.opened.target.project_key}-"
        return [issue.number for issue in self.issues if issue.key.startswith(prefix)]

    def _read_keys(self, numbers: range) -> None:
        keys = [f"{self._lookout.opened.target.project_key}-{number}" for number in numbers]
        answer = self._fetch([*self._sentinels, *keys])
        seen = {issue.issue_id for issue in answer.issues}
        self.issues.extend(answer.issues)
        if answer.failed or not self._is_sighted(seen):
            self.is_conclusive = False
        if any(i.issue_id in self._own_ids and marker_of(i) is None for i in answer.issues):
            self.is_calibrated = False
        own_sentinels = self._own_ids.intersection(self._sentinels)
        if own_sentinels and own_sentinels.isdisjoint(seen):
            self.is_calibrated = False
        self._high = max([self._high, *self.numbers()])

    def _fetch(self, ids_or_keys: Sequence[str]) -> BulkFetchAnswer:
        """Read once more what Jira could not read just now."""
        for _again in range(READS_MAX - 1):
            answer = self._read_once(ids_or_keys)
            if not answer.failed:
                return answer
        return self._read_once(ids_or_keys)

    def _read_once(self, ids_or_keys: Sequence[str]) -> BulkFetchAnswer:
        return self._lookout.tools.tracker.bulk_fetch(
            ids_or_keys, fields=PROBE_FIELDS, properties=(MARKER_PROPERTY,)
        )

    def _is_sighted(self, seen: set[str]) -> bool:
        """Tell whether the account still sees the project.

        In a project without any issue there is no sentinel; then Jira is asked who we are, which
        it refuses where authentication is lost.
        """
        if self._sentinels:
            return not seen.isdisjoint(self._sentinels)
        return (
            self._lookout.tools.tracker.whoami().account_id
            == self._lookout.opened.account.account_id
        )


def record_finds(lookout: Lookout, sighting: Sighting, tickets: Sequence[RenderedTicket]) -> int:
    """Write a receipt for every ticket whose issue was seen without one; return how many.

    Of two issues with one identity the lowest id wins; the other becomes a manual fix.
    """
    settled = 0
    for rendered in tickets:
        what = issue_subject(lookout.opened, rendered)
        found = sighting.with_identity(what.identity)
        receipt = lookout.book.receipt(what.identity)
        if found and receipt is None:
            lookout.book.write(
                what,
                LedgerEvent.RECEIPT,
                remote_id=found[0].issue_id,
                remote_key=found[0].key,
                detail="settled: found by its marker",
            )
            settled += 1
        winner = receipt.remote_id if receipt is not None else None
        for other in found:
            if other.issue_id != (winner or found[0].issue_id):
                record_orphan(lookout, rendered, key=other.key, why="it exists twice")
    return settled


def record_absences(lookout: Lookout, sighting: Sighting, tickets: Sequence[RenderedTicket]) -> int:
    """Settle doubts about issues nobody saw after the horizon; return how many changed.

    An absence allows one resend. A second one, an issue that may be the ticket's though it has no
    marker, or a site that drops markers leave the decision to a person.
    """
    if not sighting.is_conclusive:
        return 0
    changed = 0
    for rendered in tickets:
        what = issue_subject(lookout.opened, rendered)
        state = lookout.book.state(what.identity)
        if not isinstance(state, InDoubt):
            continue
        objection = _objection_to_resending(lookout, sighting, rendered, state)
        if objection is None:
            lookout.book.write(what, LedgerEvent.ABSENT, detail="settled: found nowhere")
        else:
            give_up(lookout, rendered, why=objection)
        changed += 1
    return changed


def record_lookalikes(
    lookout: Lookout, sighting: Sighting, tickets: Sequence[RenderedTicket]
) -> None:
    """Leave tickets that look exported to a person.

    Nothing is known to have been sent of them. Yet where the ledger lost its end and the site
    drops markers, an issue with the session's label and the ticket's title is likely the ticket's.
    """
    label = lookout.order.session_label
    for rendered in tickets:
        state = lookout.book.state(issue_subject(lookout.opened, rendered).identity)
        keys = sighting.suspects(rendered, known_ids=lookout.known_ids(), label=label)
        if isinstance(state, NotSent) and keys:
            give_up(lookout, rendered, why=f"{', '.join(keys)} may be its issue but has no marker")


def give_up(lookout: Lookout, rendered: RenderedTicket, *, why: str) -> None:
    """Leave the issue of a ticket to a person, who is told before the ledger closes it."""
    record_orphan(lookout, rendered, key=None, why=why)
    what = issue_subject(lookout.opened, rendered)
    lookout.book.write(what, LedgerEvent.GIVEN_UP, detail=why)


def record_unmarked(
    lookout: Lookout, sighting: Sighting, tickets: Sequence[RenderedTicket]
) -> None:
    """List what looks like a second issue of a ticket, where the site drops our markers.

    Its title is all that tells it: people compare, nothing is done about it.
    """
    if sighting.is_calibrated:
        return
    known_ids = lookout.known_ids()
    for rendered in tickets:
        if lookout.book.receipt(issue_subject(lookout.opened, rendered).identity) is not None:
            for key in sighting.suspects(rendered, known_ids=known_ids):
                record_orphan(lookout, rendered, key=key, why="it has the same title, no marker")


def record_orphan(lookout: Lookout, rendered: RenderedTicket, *, key: str | None, why: str) -> None:
    """List an issue, or the doubt about one, for a person."""
    ticket, target = rendered.ticket, lookout.opened.target
    action = (
        f"Compare {key} with the ticket's issue and delete the one that is too many."
        if key
        else f"Look in {target.name} for an issue with the title “{rendered.summary}”, then run "
        f"`jira-pipeline settle {ticket.session_key}`."
    )
    lookout.tools.fixes.record(
        ManualFix(
            fix_type=FixType.ORPHAN_ISSUE,
            session_key=ticket.session_key,
            target_id=target.target_id,
            ticket_id=ticket.ticket_id,
            subject=key or "creation",
            title=f"Settle the issue of {ticket.title}",
            original_value=why,
            recommended_action=action,
            jira_key=key,
            jira_url=issue_url_of(target, key) if key else None,
            state=FixState.OPEN,
            created_at=lookout.tools.clock.now(),
        )
    )


def issue_subject(opened: OpenTarget, rendered: RenderedTicket) -> WriteSubject:
    """Name the issue of a ticket in the ledger."""
    ticket_id = rendered.ticket.ticket_id
    return WriteSubject(
        ticket_id=ticket_id, subject=LedgerSubject.ISSUE, identity=opened.identity(ticket_id)
    )


def low_bound_of(lookout: Lookout, tickets: Sequence[RenderedTicket]) -> int | None:
    """Return the number above which the issues in doubt must be; None where there is no doubt."""
    bounds = [
        lookout.book.low_bound(issue_subject(lookout.opened, rendered).identity)
        for rendered in tickets
    ]
    return min((bound for bound in bounds if bound is not None), default=None)


def _objection_to_resending(
    lookout: Lookout, sighting: Sighting, rendered: RenderedTicket, state: InDoubt
) -> str | None:
    suspects = sighting.suspects(rendered, known_ids=lookout.known_ids())
    if suspects:
        return f"{', '.join(suspects)} may be its issue but has no marker"
    if not sighting.is_calibrated:
        return "this site drops our markers or hides our issues, so an absence proves nothing"
    if state.is_resend_spent:
        return "it was sent twice and found nowhere"
    return None
