"""Whether a receipt names the issue it is about: read back before anything more is written there.

Belongs here: reading issues back by their markers, what a receipt becomes that named another issue.
Does not: looking for the right one (`lookups`), what people decide about issues (`deciding`).

An answer 201 may name an issue that is not the one that was created: a proxy answers as it did
before, or something on the way mixes answers up. A file or a link would end up on somebody else's
issue. Where the site drops our markers, an issue is taken for the ticket's by its title or our
label. An issue that was moved has another key from then on. Source: docs/export.md, rule 12.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from jira_pipeline.export.export_run import MARKER_PROPERTY, ExportRun, marker_of
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.lookups import PROBE_FIELDS, read_some
from jira_pipeline.model.errors import RefusedError, UnavailableError
from jira_pipeline.model.export_ledger import LedgerEntry, LedgerEvent, Origin
from jira_pipeline.model.exports import Difference
from jira_pipeline.model.issue_tracker import FoundIssue
from jira_pipeline.model.rendered_tickets import RenderedTicket

NOT_FOUND = 404
CLOCK_DIFFERENCE = timedelta(minutes=1)
"""Between Jira's clock, which dates what is there, and ours, which dates what was sent."""

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsRead:
    """What became of receipts whose issues were read back."""

    shown: Mapping[str, FoundIssue]
    """By id, as Jira holds them; what it does not show may be hidden, or gone."""
    wrong: tuple[LedgerEntry, ...]
    """Receipts that named another issue: where their own is has to be looked up."""
    failed: frozenset[str]
    """Ids Jira could not read just now."""


def check_receipts(
    run: ExportRun,
    tickets: Iterable[RenderedTicket],
    *,
    fields: Collection[str] = PROBE_FIELDS,
) -> Mapping[str, FoundIssue]:
    """Read back the issues of these tickets, by id, before something is written to them.

    Raises:
        UnavailableError: Jira could not read all of them just now.
    """
    receipts = [receipt for r in tickets if (receipt := run.issue_receipt(r)) is not None]
    read = read_back(run, unread(run, receipts), fields=fields)
    if read.failed:
        raise UnavailableError(
            f"Jira could not read {len(read.failed)} issues this time; nothing is written to them "
            "until it can."
        )
    return read.shown


def if_shown(run: ExportRun, read: Callable[[], Read]) -> Read | None:
    """Return what is read of an issue; None where Jira, which still knows us, does not show it.

    Raises:
        UnavailableError: Jira does not know us any more: without an account everything seems gone.
    """
    try:
        return read()
    except RefusedError as error:
        if error.status_code != NOT_FOUND:
            raise
    if not run.is_known_as(run.tools.tracker.whoami()):
        raise UnavailableError("Jira no longer accepts the account; nothing is written.")
    return None


def is_sent_by_us(
    run: ExportRun, intent: LedgerEntry, *, by: str | None, at: datetime | None
) -> bool:
    """Tell whether what is in Jira may come of an intent: of our accounts, and not before it.

    An intent of an older version names no account: it is believed, as it was then.
    """
    is_since = at is not None and at >= intent.at - CLOCK_DIFFERENCE
    return intent.account_id is None or (by in run.own_accounts and is_since)


def unread(run: ExportRun, receipts: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Return the receipts whose issues were not read back yet in this execution."""
    return [receipt for receipt in receipts if not run.page.is_read(receipt)]


def read_back(
    run: ExportRun,
    receipts: Sequence[LedgerEntry],
    *,
    is_refuting: bool = True,
    fields: Collection[str] = PROBE_FIELDS,
) -> ReceiptsRead:
    """Read issues back by their ids and have the ledger say what they are.

    Who only looks, and will not look for the right issue, refutes nothing.
    """
    ids = [receipt.remote_id for receipt in receipts if receipt.remote_id is not None]
    shown, failed = read_some(run, ids, fields=fields, properties=(MARKER_PROPERTY,))
    wrong = []
    for receipt in receipts:
        issue = shown.get(receipt.remote_id or "")
        if issue is None:
            continue
        is_ours = is_issue_of(run, receipt, issue) or was_confirmed(run, receipt, issue)
        if is_ours:
            run.page.note_read([issue])
        else:
            wrong.append(receipt)
        maker = issue.creator_id if run.is_maker_unknown(receipt.identity) else None
        is_news = issue.key != receipt.remote_key or maker is not None
        if is_news if is_ours else is_refuting:
            run.page.write(
                WriteSubject.of(receipt),
                LedgerEvent.RECEIPT if is_ours else LedgerEvent.REFUTED,
                remote_id=receipt.remote_id,
                remote_key=issue.key if is_ours else receipt.remote_key,
                detail=f"read back: {'it is' if is_ours else 'not its issue,'} {issue.key}",
                account_id=maker if is_ours else None,
                origin=receipt.origin,
            )
    return ReceiptsRead(shown=shown, wrong=tuple(wrong), failed=failed)


def was_confirmed(run: ExportRun, receipt: LedgerEntry, issue: FoundIssue) -> bool:
    """Tell whether a comparison found the issue of a receipt: an answer named the right one, then.

    Whatever people took off it since; a later comparison says so, and who made it is still shown.
    """
    key, target_id = run.order.session_key, run.target.target_id
    filed = run.tools.store.comparisons.latest(key, target_id=target_id)
    if filed is None:
        return False
    kinds = {one.kind for one in filed.differences if one.issue_id == receipt.remote_id}
    if kinds:
        return kinds == {Difference.UNMARKED} and issue.creator_id in run.own_accounts
    return filed.compared_at >= receipt.at


def is_issue_of(run: ExportRun, receipt: LedgerEntry, issue: FoundIssue) -> bool:
    """Tell whether an issue is the one of a receipt, as far as anything shows it.

    An adopted one is, by the decision of a person, whoever marked it since.
    """
    if receipt.origin is Origin.ADOPTED:
        return True
    marker = marker_of(issue)
    if marker is not None:
        return marker.identity == receipt.identity
    titles = [r.summary for r in run.order.rendered if r.ticket.ticket_id == receipt.ticket_id]
    return not titles or issue.summary in titles or run.order.session_label in issue.labels
