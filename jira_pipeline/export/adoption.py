"""Issues that people made for tickets of a session: adopted once, and given back.

Belongs here: what is against adopting one, the entry that makes it the ticket's, the mark that it
gets. Does not: which issues are proposed (`adoption_proposals`), what becomes of its text
(`text_writes`), issues that carry a ticket's identity already (`issue_decisions`).

A decision is one entry of the ledger, a receipt of origin `adopted`, so that it is made or not,
whenever a process ends; from then on nothing is created for the ticket. The mark, identity and
label, follows in one request that twice is the same as once, and every export writes the marks that
are missing.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from typing_extensions import override

from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportRun,
    ExportTools,
    marker_in,
    marker_of,
)
from jira_pipeline.export.issue_texts import BLOCKS_PROPERTY, NOTHING_OURS
from jira_pipeline.export.lookups import PROBE_FIELDS, read_some
from jira_pipeline.export.repeated_writes import Fallback, IssueWrites, ReadBack, RepeatedWrites
from jira_pipeline.export.target import opened_for_adopting
from jira_pipeline.export.text_writes import last_text
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.exports import (
    Exists,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    NotSent,
    Origin,
    SentContent,
)
from jira_pipeline.model.issue_tracker import EPIC_LEVEL, FoundIssue, IssueText, WriteAnswer
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.tickets import ISSUE_FIELDS

ADOPT_PERMISSIONS = ("BROWSE_PROJECTS", "EDIT_ISSUES")


@json_fields("number title jira_key=key refusal?")
@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedTicket:
    """What became of one pair that people named."""

    number: int
    title: str
    key: str
    """Key of the issue that the ticket was paired with."""
    refusal: str
    """Why the issue was not adopted; empty where it was."""

    @property
    def is_done(self) -> bool:
        return not self.refusal


def parse_pairs(texts: Iterable[str]) -> Mapping[int, str]:
    """Read pairs such as `3=ABC-12`: keys of issues by number of the ticket.

    Raises:
        WrongUseError: One is no pair, or a ticket is named twice.
    """
    pairs: dict[int, str] = {}
    for text in texts:
        number, _, key = map(str.strip, text.partition("="))
        if not (re.fullmatch("[0-9]{1,9}", number) and key):
            raise WrongUseError(f"“{text}” is not a ticket and an issue, such as 3=ABC-12.")
        if int(number) in pairs:
            raise WrongUseError(
                f"Ticket {number} is named twice: with {pairs[int(number)]}, {key}."
            )
        pairs[int(number)] = key
    return pairs


def adopt_issues(
    tools: ExportTools,
    order: ExportOrder,
    *,
    pairs: Mapping[int, str],
    by: str,
    on_decided: Callable[[Sequence[AdoptedTicket]], None] = lambda _adopted: None,
) -> tuple[AdoptedTicket, ...]:
    """Make issues the tickets' that they were named for, by number of the ticket.

    `on_decided` gets them before their marks are sent, which may fail: every export sends the rest.

    Raises:
        GateError: The session has issues on another target, or an undo has not ended.
        LeaseBusyError: Another process writes to this target.
        AccessError: The account may not edit issues.
        UpstreamError: Jira cannot be asked.
    """
    with opened_for_adopting(tools, order, permissions=ADOPT_PERMISSIONS) as run:
        adopted = _adopted(run, pairs, by=by)
        on_decided(adopted)
        mark_writes(run).carry_out()
        return adopted


def _adopted(run: ExportRun, pairs: Mapping[int, str], *, by: str) -> tuple[AdoptedTicket, ...]:
    """Adopt what nothing speaks against, in the order of the tickets, and say why not the others."""
    keys = {number: key.strip().upper() for number, key in sorted(pairs.items())}
    key_counts = Counter(keys.values())
    fields = (*PROBE_FIELDS, "issuetype")
    shown, failed = read_some(run, list(key_counts), fields=fields, properties=(MARKER_PROPERTY,))
    issues = {issue.key: issue for issue in shown.values()}
    tickets = {rendered.ticket.number: rendered for rendered in run.order.rendered}
    of_tickets = set(run.tools.store.ledger.last_issues(run.target.target_id, count=None))
    adopted = []
    for number, key in keys.items():
        rendered = tickets.get(number)
        issue = issues.get(key)
        refusal = ""
        if rendered is None:
            refusal = "the session has no such ticket"
        elif key_counts[key] > 1:  # defence: adopts-once
            refusal = f"{key} is named for {key_counts[key]} tickets"
        elif issue is None:
            refusal = f"Jira could not read {key}" if failed else f"Jira does not show {key}"
        elif not _has_issue(run, rendered, issue):
            refusal = _objection(run, rendered, issue, of_tickets=of_tickets)
            if not refusal:
                run.commit_before_send(partial(_write, run, rendered, issue, by=by))
        title = "" if rendered is None else rendered.ticket.title
        adopted.append(AdoptedTicket(number=number, title=title, key=key, refusal=refusal))
    return tuple(adopted)


def _has_issue(run: ExportRun, rendered: RenderedTicket, issue: FoundIssue) -> bool:
    """Tell whether an issue is the ticket's already."""
    receipt = run.issue_receipt(rendered)
    return receipt is not None and receipt.remote_id == issue.issue_id


def _objection(
    run: ExportRun, rendered: RenderedTicket, issue: FoundIssue, *, of_tickets: Collection[str]
) -> str:
    """Say why an issue cannot become the ticket's; empty where it can."""
    marker = marker_of(issue)
    identity = run.identity(rendered.ticket.ticket_id)
    if rendered.is_excluded:
        return "it is skipped, so nothing of it would reach the issue"
    if not issue.key.startswith(f"{run.target.project_key}-"):  # defence: adopts-in-project
        return f"{issue.key} is in another project"
    if (issue.hierarchy_level or 0) >= EPIC_LEVEL:
        return f"{issue.key} is an epic, which `epic_keys` in session.yaml may name"
    if marker is not None and marker.identity != identity:  # defence: adopts-no-other-identity
        return f"{issue.key} is the issue of another ticket, of session {marker.session_key}"
    if issue.issue_id in of_tickets:  # defence: adopts-no-known-issue
        return f"{issue.key} is the issue of another ticket"
    match run.issue_state(rendered):
        case NotSent():
            return ""
        case Exists(receipt=receipt):
            return f"it has an issue: {receipt.remote_key}"  # defence: adopts-one
        case _:
            # defence: adopts-none-in-doubt
            return "an issue of it may exist that Jira did not confirm: settle that first"


def _write(run: ExportRun, rendered: RenderedTicket, issue: FoundIssue, *, by: str) -> object:
    """Commit that an issue is the ticket's; nothing of what the ticket says is in it so far.

    Labels, assignee and the others are people's, as on every issue that is updated.
    """
    content = dict(run.order.content_of(rendered.ticket) or {})
    for name in content:
        if name not in ISSUE_FIELDS:
            content[name] = ""
    sent = SentContent(rendered_hash="", revision=0, content_sha256="", content=content or None)
    return run.page.write(
        run.issue_subject(rendered),
        LedgerEvent.RECEIPT,
        remote_id=issue.issue_id,
        remote_key=issue.key,
        detail=f"adopted by {by}",
        sent=sent,
        origin=Origin.ADOPTED,
    )


def mark_writes(run: ExportRun) -> RepeatedWrites[RenderedTicket]:
    """Return the marks of all adopted issues, to be written where they are missing."""
    adopted = []
    for rendered in run.order.rendered:
        receipt = run.issue_receipt(rendered)
        if receipt is not None and receipt.origin is Origin.ADOPTED:
            adopted.append(rendered)
    return _Marks(run, adopted)


class _Marks(IssueWrites):
    """The identity of a ticket as a property of an adopted issue, and the session's label."""

    fix_types = (FixType.FIELD_REJECTED,)
    thing = LedgerSubject.MARK
    lost_reason = "Jira accepted the mark but does not show it"

    @override
    def send(self, tickets: Sequence[RenderedTicket]) -> WriteAnswer:
        [rendered] = tickets
        run = self._run
        receipt = run.issue_receipt(rendered)
        assert receipt is not None  # noqa: S101 - only tickets with adopted issues are given
        return run.tools.tracker.mark_issue(
            run.issue_id(rendered),
            add_label=run.order.session_label,
            properties=_mark_of(run, receipt),
        )

    @override
    def read_back(self, tickets: Sequence[RenderedTicket]) -> ReadBack:
        """Look whether the issues carry the identities of their tickets, or somebody else's."""
        by_issue_id = {self._run.issue_id(rendered): rendered for rendered in tickets}
        shown, _failed = read_some(
            self._run, list(by_issue_id), fields=("summary",), properties=(MARKER_PROPERTY,)
        )
        seen = {}
        for_people = {}
        for issue_id, issue in shown.items():
            marker = marker_of(issue)
            rendered = by_issue_id[issue_id]
            issue_identity = self._run.identity(rendered.ticket.ticket_id)
            identity = self.subject(rendered).identity
            if marker is not None and marker.identity == issue_identity:
                seen[identity] = "read back: it carries its identity"
            elif marker is not None:  # defence: marks-over-none
                reason = f"it is the issue of session {marker.session_key}"
                for_people[identity] = self.fallback(rendered, reason=reason)
        return ReadBack(seen=seen, for_people=for_people)

    @override
    def fallback(self, rendered: RenderedTicket, *, reason: str) -> Fallback:
        key = self._run.issue_key(rendered) or ""
        return Fallback(
            fix_type=FixType.FIELD_REJECTED,
            subject=LedgerSubject.MARK.value,
            title=f"Check the issue of {rendered.ticket.title}",
            original_value=key,
            recommended_action=(
                f"{key} was adopted, but could not be marked as this ticket's issue ({reason}). "
                "It is not updated until it is marked."
            ),
        )


def as_marked(run: ExportRun, receipt: LedgerEntry, text: IssueText) -> IssueText:
    """Return a text as an export finds it, which writes the marks that are missing first."""
    if receipt.origin is not Origin.ADOPTED or marker_in(text.properties) is not None:
        return text
    unmarked = {rendered.ticket.ticket_id for rendered in mark_writes(run).pending()}
    if receipt.ticket_id not in unmarked:
        return text
    return replace(text, properties={**text.properties, **_mark_of(run, receipt)})


def _mark_of(run: ExportRun, receipt: LedgerEntry) -> Mapping[str, object]:
    """Return the properties of an adopted issue: whose it is, and that none of its text is ours.

    What we wrote there before it was given back the issue remembers.
    """
    properties: dict[str, object] = {MARKER_PROPERTY: run.marker_for(receipt).to_property()}
    if not last_text(run.page, receipt):  # defence: nothing-adopted-is-ours
        properties[BLOCKS_PROPERTY] = NOTHING_OURS
    return properties


def unmark(run: ExportRun, issue_id: str) -> WriteAnswer:
    """Take the mark of an adopted issue away, before it stops being a ticket's.

    Which of its text is ours it goes on to remember: it may be adopted again.
    """
    return run.tools.tracker.mark_issue(
        issue_id, remove_label=run.order.session_label, properties={MARKER_PROPERTY: {}}
    )
