"""One comment on the issue of each ticket whose verdict on the built site changed; never a transition.

Belongs here: which verdicts are to be read where, the words, sending them and taking them back.
Does not: sending one comment (`commenting`), the verdicts (`verification`).

The ledger says which verdict was commented on an issue last: the identity of a comment holds a hash
of its verdict, and a number, since a ticket may be built, broken and built again.
Source: docs/export.md, rule 17.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.adf import nodes as adf
from jira_pipeline.export.commenting import Commenting, WantedComment, quoted
from jira_pipeline.export.detaching import detach_comments
from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.gate import refuse_while_undone
from jira_pipeline.export.ledger_page import LedgerPage
from jira_pipeline.export.receipts import check_receipts
from jira_pipeline.export.target import opened_where_exported
from jira_pipeline.kernel.export_ledger import Exists, GivenUp, InDoubt, LedgerEntry, NotSent
from jira_pipeline.kernel.site_verifications import TicketVerdict, VerifiedRow, VerifiedTicket
from jira_pipeline.kernel.tickets import canonical_hash
from jira_pipeline.verification.reports import VERDICT_WORDS, ticket_words

COMMENT_PERMISSIONS = ("BROWSE_PROJECTS", "ADD_COMMENTS")
TAKE_BACK_PERMISSIONS = ("BROWSE_PROJECTS", "DELETE_OWN_COMMENTS")
ROWS_MAX = 20
"""So many rows a comment lists; the page of the ticket shows all."""
HASH_CHARACTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVerdict:
    """The verdict on a ticket by the last comparison."""

    ticket: VerifiedTicket
    config: str
    compared_at: datetime
    failing: tuple[VerifiedRow, ...]
    """Its rows that the site is not as."""

    @property
    def words(self) -> str:
        """What people read: `partly built (4 of 7)`."""
        return ticket_words(self.ticket)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedComment:
    """A verdict that is not on the issue yet, or of which nobody knows whether it is."""

    number: int
    """Of the ticket."""
    title: str
    jira_key: str
    verdict: str

    def to_json(self) -> dict[str, object]:
        """Return the shape of `comments` in `verify --json`."""
        return {
            "number": self.number,
            "title": self.title,
            "jira_key": self.jira_key,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentReport:
    """What became of the comments that were wanted."""

    commented: tuple[PlannedComment, ...]
    left: tuple[PlannedComment, ...]
    """Jira does not show the issue, refuses the comment, or it was sent twice and found nowhere."""

    def to_json(self) -> dict[str, object]:
        """Return the shape `verify --comment --json` promises."""
        return {
            "commented": [one.to_json() for one in self.commented],
            "left": [one.to_json() for one in self.left],
        }


def planned_comments(
    page: LedgerPage, verdicts: Iterable[KnownVerdict]
) -> tuple[PlannedComment, ...]:
    """Return which issues a comment would be added to, by number; Jira is not asked."""
    return tuple(
        planned
        for planned, one in _wanted(page, verdicts)
        if not isinstance(page.state(one.identity), GivenUp)
    )


def comment_on_verdicts(
    tools: ExportTools, order: ExportOrder, verdicts: Sequence[KnownVerdict]
) -> CommentReport:
    """Add a comment wherever the verdict is another one than the issue's last comment says.

    Raises:
        GateError: The session was never exported there, or an undo has not ended.
        LeaseBusyError: Another process writes to this target.
        AccessError: The account lacks a permission.
        UpstreamError: Jira cannot be asked or asks to wait.
    """
    with opened_where_exported(tools, order, permissions=COMMENT_PERMISSIONS) as run:
        refuse_while_undone(run)
        numbers = {planned.number for planned, _ in _wanted(run.page, verdicts)}
        check_receipts(run, [r for r in order.rendered if r.ticket.number in numbers])
        wanted = list(_wanted(run.page, verdicts))  # an issue may have turned out not to be ours
        shown = [one for _, one in wanted if run.page.is_read(one.receipt)]
        Commenting(run).comment(shown)
        done = {one.identity for one in shown if isinstance(run.page.state(one.identity), Exists)}
        return CommentReport(
            commented=tuple(planned for planned, one in wanted if one.identity in done),
            left=tuple(planned for planned, one in wanted if one.identity not in done),
        )


def comments_to_take_back(page: LedgerPage) -> tuple[WantedComment, ...]:
    """Return the comments on verdicts that are on issues, or may be."""
    return tuple(
        WantedComment(receipt=receipt, identity=identity, content=())
        for receipt in page.issue_receipts()
        for identity in _comments_on(page, receipt)
        if isinstance(page.state(identity), Exists | InDoubt)
    )


def take_back_comments(tools: ExportTools, order: ExportOrder) -> tuple[str, ...]:
    """Delete every comment on a verdict; return the keys of the issues, one for each comment.

    Raises:
        GateError: The session was never exported there, or an undo has not ended.
        LeaseBusyError: Another process writes to this target.
        AccessError: The account lacks a permission.
        UpstreamError: Jira refuses, cannot be asked or asks to wait.
    """
    with opened_where_exported(tools, order, permissions=TAKE_BACK_PERMISSIONS) as run:
        refuse_while_undone(run)
        there = comments_to_take_back(run.page)
        detach_comments(run, [one.subject for one in there])
        return tuple(
            one.receipt.remote_key or ""
            for one in there
            if isinstance(run.page.state(one.identity), NotSent)
        )


def _wanted(
    page: LedgerPage, verdicts: Iterable[KnownVerdict]
) -> Iterator[tuple[PlannedComment, WantedComment]]:
    """Yield what an issue is still to say, by number of ticket.

    Before its first comment an issue counts as not begun: that is no news.
    """
    receipts = {receipt.ticket_id: receipt for receipt in page.issue_receipts()}
    for verdict in sorted(verdicts, key=lambda one: one.ticket.number):
        receipt = receipts.get(verdict.ticket.ticket_id)
        if receipt is None or verdict.ticket.verdict is None:
            continue
        identity = _identity_of(page, receipt, verdict)
        if identity is None or isinstance(page.state(identity), Exists):
            continue
        planned = PlannedComment(
            number=verdict.ticket.number,
            title=verdict.ticket.title,
            jira_key=receipt.remote_key or "",
            verdict=verdict.words,
        )
        content = tuple(_content_of(verdict))
        yield planned, WantedComment(receipt=receipt, identity=identity, content=content)


def _identity_of(page: LedgerPage, receipt: LedgerEntry, verdict: KnownVerdict) -> str | None:
    """Name the comment that says a verdict; None where the issue need not say it."""
    known = _comments_on(page, receipt)
    ending = f"/{canonical_hash(verdict.words)[:HASH_CHARACTERS]}"
    standing = [one for one in known if not isinstance(page.state(one), NotSent)]
    if not standing and verdict.ticket.verdict is TicketVerdict.NOT_BEGUN:
        return None
    if standing and standing[-1].endswith(ending):
        return standing[-1]
    later = known[known.index(standing[-1]) + 1 :] if standing else known
    unsent = [one for one in later if isinstance(page.state(one), NotSent)]
    again = [one for one in unsent if one.endswith(ending)]
    return again[-1] if again else f"{receipt.identity}/verdict/{len(known)}{ending}"


def _comments_on(page: LedgerPage, receipt: LedgerEntry) -> list[str]:
    """Return the comments on verdicts of an issue, in the order they were first sent."""
    prefix = f"{receipt.identity}/verdict/"
    return [one for one in page.comments_on(receipt.identity) if one.startswith(prefix)]


def _content_of(verdict: KnownVerdict) -> Iterator[adf.AdfNode]:
    """Say the verdict, and what of the rows is not as specified."""
    at = f"{verdict.compared_at:%Y-%m-%d %H:%M} UTC"
    yield adf.paragraph(
        f"On the site: {verdict.words}. By its exported configuration {verdict.config}, {at}."
    )
    if not verdict.failing:
        return
    items = [_row_in_words(row) for row in verdict.failing[:ROWS_MAX]]
    if (more := len(verdict.failing) - ROWS_MAX) > 0:
        items.append(f"and {more} more")
    yield adf.paragraph("Not as specified:")
    yield adf.bullet_list([adf.list_item(item) for item in items])


def _row_in_words(row: VerifiedRow) -> str:
    """Say where a row is and what of it the site has otherwise."""
    cells = "; ".join(
        f"{cell.column}: {quoted(cell.sheet)} in the sheet, "
        f"{quoted(cell.site) if cell.site else 'nothing'} on the site"
        for cell in row.differing
    )
    return f"{row.name} ({row.file}:{row.line}): {cells or VERDICT_WORDS[row.verdict]}"
