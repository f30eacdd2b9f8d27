"""Issues that people made for tickets of a session: adopted once, and given back.

Belongs here: what is against adopting an issue, the entry that makes it the ticket's, the mark that
it gets. Does not: which issue may be a ticket's (`adoption_proposals`), what becomes of its text
(`text_writes`), issues that carry a ticket's identity already (`deciding`).

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
from jira_pipeline.export.lookups import PROBE_FIELDS, read_some
from jira_pipeline.export.manual_fixes import Fallback, FixesOnRecord
from jira_pipeline.export.repeated_writes import IssueWrites, ReadBack, RepeatedWrites
from jira_pipeline.export.target import opened_for_adopting
from jira_pipeline.export.text_writes import BLOCKS_PROPERTY, NOTHING_OURS, last_text
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.export_ledger import (
    Exists,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    NotSent,
    Origin,
    SentContent,
)
from jira_pipeline.model.exports import FixType
from jira_pipeline.model.issue_tracker import EPIC_LEVEL, FoundIssue, IssueText, WriteAnswer
from jira_pipeline.model.json_values import json_fields
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
    refusal: str
    """Why it was not done; empty where it was."""


def pairs_in(texts: Iterable[str]) -> Mapping[int, str]:
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
        marking(run).bring_about()
        return adopted


def _adopted(run: ExportRun, pairs: Mapping[int, str], *, by: str) -> tuple[AdoptedTicket, ...]:
    keys = {number: key.strip().upper() for number, key in sorted(pairs.items())}
    named = Counter(keys.values())
    fields = (*PROBE_FIELDS, "issuetype")
    shown, failed = read_some(run, [*named], fields=fields, properties=(MARKER_PROPERTY,))
    issues = {issue.key: issue for issue in shown.values()}
    tickets = {r.ticket.number: r for r in run.order.rendered}
    of_tickets = {*run.tools.store.ledger.last_issues(run.target.target_id, count=None)}
    adopted = []
    for number, key in keys.items():
        rendered, issue = tickets.get(number), issues.get(key)
        if rendered is None:
            refusal = "the session has no such ticket"
        elif named[key] > 1:
            refusal = f"{key} is named for {named[key]} tickets"
        elif issue is None:
            refusal = f"Jira could not read {key}" if failed else f"Jira does not show {key}"
        elif not _is_issue_of(run, rendered, issue):
            refusal = _objection(run, rendered, issue, of_tickets=of_tickets)
            if not refusal:
                run.commit_freshly(partial(_write, run, rendered, issue, by=by))
        else:
            refusal = ""
        title = "" if rendered is None else rendered.ticket.title
        adopted.append(AdoptedTicket(number=number, title=title, key=key, refusal=refusal))
    return tuple(adopted)


def _is_issue_of(run: ExportRun, rendered: RenderedTicket, issue: FoundIssue) -> bool:
    receipt = run.issue_receipt(rendered)
    return receipt is not None and receipt.remote_id == issue.issue_id


def _objection(
    run: ExportRun, rendered: RenderedTicket, issue: FoundIssue, *, of_tickets: Collection[str]
) -> str:
    """Say why an issue cannot become the ticket's; empty where it can."""
    marker, identity = marker_of(issue), run.identity(rendered.ticket.ticket_id)
    if rendered.is_excluded:
        return "it is skipped, so nothing of it would reach the issue"
    if not issue.key.startswith(f"{run.target.project_key}-"):
        return f"{issue.key} is in another project"
    if (issue.hierarchy_level or 0) >= EPIC_LEVEL:
        return f"{issue.key} is an epic, which `epic_keys` in session.yaml may name"
    if marker is not None and marker.identity != identity:
        return f"{issue.key} is the issue of another ticket, of session {marker.session_key}"
    if issue.issue_id in of_tickets:
        return f"{issue.key} is the issue of another ticket"
    match run.issue_state(rendered):
        case NotSent():
            return ""
        case Exists(receipt=receipt):
            return f"it has an issue: {receipt.remote_key}"
        case _:
            return "an issue of it may exist that Jira did not confirm: settle that first"


def _write(run: ExportRun, rendered: RenderedTicket, issue: FoundIssue, *, by: str) -> object:
    """Commit that an issue is the ticket's; nothing of what the ticket says is in it so far.

    Labels, assignee and the others are people's, as on every issue that is updated.
    """
    parts = run.order.content_of(rendered.ticket) or {}
    content = {name: value if name in ISSUE_FIELDS else "" for name, value in parts.items()}
    return run.page.write(
        run.issue_subject(rendered),
        LedgerEvent.RECEIPT,
        remote_id=issue.issue_id,
        remote_key=issue.key,
        detail=f"adopted by {by}",
        sent=SentContent(rendered_hash="", revision=0, content_sha256="", content=content or None),
        origin=Origin.ADOPTED,
    )


def marking(run: ExportRun) -> RepeatedWrites[RenderedTicket]:
    """Return the marks of all adopted issues, to be written where they are missing."""
    items = [
        rendered
        for rendered in run.order.rendered
        if (receipt := run.issue_receipt(rendered)) is not None and receipt.origin is Origin.ADOPTED
    ]
    fixes = FixesOnRecord(run, FixType.FIELD_REJECTED)
    return RepeatedWrites(run=run, fixes=fixes, kind=_Marks(run), items=items)


class _Marks(IssueWrites):
    """The identity of a ticket as a property of an adopted issue, and the session's label."""

    thing = LedgerSubject.MARK
    lost_reason = "Jira accepted the mark but does not show it"

    @override
    def send(self, items: Sequence[RenderedTicket]) -> WriteAnswer:
        [item] = items
        run, receipt = self._run, self._run.issue_receipt(item)
        assert receipt is not None  # noqa: S101 - only adopted issues are items
        return run.tools.tracker.mark_issue(
            run.issue_id(item),
            add_label=run.order.session_label,
            properties=_mark_of(run, receipt),
        )

    @override
    def read_back(self, items: Sequence[RenderedTicket]) -> ReadBack:
        ids = {self._run.issue_id(item): item for item in items}
        shown, _failed = read_some(
            self._run, [*ids], fields=("summary",), properties=(MARKER_PROPERTY,)
        )
        seen, for_people = {}, {}
        for issue_id, issue in shown.items():
            marker, item = marker_of(issue), ids[issue_id]
            identity = self.subject(item).identity
            if marker is not None and marker.identity == self._run.identity(item.ticket.ticket_id):
                seen[identity] = "read back: it carries its identity"
            elif marker is not None:
                reason = f"it is the issue of session {marker.session_key}"
                for_people[identity] = self.fallback(item, reason=reason)
        return ReadBack(seen=seen, for_people=for_people)

    @override
    def fallback(self, item: RenderedTicket, *, reason: str) -> Fallback:
        key = self._run.issue_key(item) or ""
        return Fallback(
            fix_type=FixType.FIELD_REJECTED,
            subject=LedgerSubject.MARK.value,
            title=f"Check the issue of {item.ticket.title}",
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
    is_due = receipt.ticket_id in {item.ticket.ticket_id for item in marking(run).pending()}
    mark = _mark_of(run, receipt) if is_due else {}
    return replace(text, properties={**text.properties, **mark})


def _mark_of(run: ExportRun, receipt: LedgerEntry) -> Mapping[str, object]:
    """Return the properties of an adopted issue: whose it is, and that none of its text is ours.

    What we wrote there before it was given back the issue remembers.
    """
    nothing_ours = {} if last_text(run.page, receipt) else {BLOCKS_PROPERTY: NOTHING_OURS}
    return {MARKER_PROPERTY: run.marker_for(receipt).to_property(), **nothing_ours}


def unmark(run: ExportRun, issue_id: str) -> WriteAnswer:
    """Take the mark of an adopted issue away, before it stops being a ticket's.

    Which of its text is ours it goes on to remember: it may be adopted again.
    """
    return run.tools.tracker.mark_issue(
        issue_id, remove_label=run.order.session_label, properties={MARKER_PROPERTY: {}}
    )
