"""What people decide about issues that are gone in Jira or there twice, done once and recorded.

Belongs here: asking Jira once more under the lease, refusing what it contradicts, the order of what
is written. Does not: finding differences (`ledger_comparison`), creating (`creation`), words for
surfaces (`settle`).

A decision is one entry of the ledger, so that it is made or not, whenever a process ends:
`released` for an issue that counts no more, a receipt for one that takes its place. What else it
needs comes before: a ticket that is forgotten is skipped first, or an export would create it in
between; manual fixes about the issue end first, or they would be about the next one. Made again,
all of it comes to the same.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from jira_pipeline.export.adoption import unmark
from jira_pipeline.export.export_run import (
    EPIC_PREFIX,
    ExportOrder,
    ExportRun,
    ExportTools,
    is_epic,
)
from jira_pipeline.export.ledger_comparison import compare_ledger, file_comparison
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.links import detaching, links_at
from jira_pipeline.export.manual_fixes import end_fixes
from jira_pipeline.export.settle import SETTLE_PERMISSIONS
from jira_pipeline.export.target import opened_where_exported
from jira_pipeline.model.errors import unknown_ticket
from jira_pipeline.model.export_ledger import (
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    Origin,
    is_handmade,
)
from jira_pipeline.model.exports import (
    Decision,
    Difference,
    FiledComparison,
    FixState,
    FixType,
    IssueDifference,
    ManualFix,
)
from jira_pipeline.model.issue_tracker import Created
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.tickets import Skipped, Ticket

_REDONE = frozenset({FixType.ATTACHMENT_UPLOAD, FixType.DEPENDENCY_LINK, FixType.SPRINT_NOT_FOUND})
"""What an export tries again on an issue that takes the place of another."""


@json_fields("ticket_id number title jira_key=key? is_done refusal?")
@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedTicket:
    """What became of a decision about one ticket."""

    ticket_id: str
    number: int
    title: str
    key: str
    """Of the issue it was about."""
    refusal: str
    """Why it was not done; empty where it was."""

    @property
    def is_done(self) -> bool:
        return not self.refusal


@json_fields("decision tickets left")
@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReport:
    decision: Decision
    tickets: tuple[DecidedTicket, ...]
    """By number."""
    comparison: FiledComparison
    """What differs now."""

    @property
    def done(self) -> tuple[DecidedTicket, ...]:
        return tuple(ticket for ticket in self.tickets if ticket.is_done)

    @property
    def left(self) -> int:
        """How much a person still has to decide."""
        return sum(difference.is_open for difference in self.comparison.differences)


def decide_differences(
    tools: ExportTools,
    order: ExportOrder,
    *,
    decision: Decision,
    names: Collection[str] | None,
    by: str,
) -> DecisionReport:
    """Do what a person decided, as far as Jira, asked once more, does not contradict it.

    `names` are numbers of tickets or keys of issues; None is every ticket about which this has to
    be decided.

    Raises:
        NotFoundError: A name is neither a ticket's number nor the key of an issue that differs.
    """
    with opened_where_exported(tools, order, permissions=SETTLE_PERMISSIONS) as run:
        return _Deciding(run, decision, by=by).decide(names)


class _Deciding:
    def __init__(self, run: ExportRun, decision: Decision, *, by: str) -> None:
        self._run = run
        self._decision = decision
        self._by = by
        vanished = run.tools.store.tickets.list_vanished(run.order.session_key)
        tickets = (*(rendered.ticket for rendered in run.order.with_epics), *vanished)
        self._tickets = {ticket.ticket_id: ticket for ticket in tickets}
        self._compared = compare_ledger(run)

    def decide(self, names: Collection[str] | None) -> DecisionReport:
        decided = []
        for ticket, differences in self._chosen(names):
            refusal = self._refusal(ticket, differences, is_named=names is not None)
            fitting = [d for d in differences if self._decision in d.decisions]
            if (receipt := self._to_give_back(ticket, fitting)) is not None:
                refusal = self._give_back(receipt)
            elif not refusal:
                for difference in fitting:
                    self._do(ticket, difference)
            key = next((d.name for d in fitting or differences), "") or (
                "" if receipt is None else receipt.remote_key or ""
            )
            decided.append(
                DecidedTicket(
                    ticket_id=ticket.ticket_id,
                    number=ticket.number,
                    title=ticket.title,
                    key=key,
                    refusal=refusal,
                )
            )
        return DecisionReport(
            decision=self._decision,
            tickets=tuple(sorted(decided, key=lambda ticket: ticket.number)),
            comparison=file_comparison(self._run),
        )

    def _chosen(self, names: Collection[str] | None) -> list[tuple[Ticket, list[IssueDifference]]]:
        """Return the tickets people named, or all to decide about, with what differs of each."""
        found: dict[str, list[IssueDifference]] = {}
        for difference in self._compared.differences:
            ticket = self._tickets.get(difference.ticket_id)
            if ticket is None:
                continue
            if names is None:
                is_meant = self._decision in difference.decisions and self._is_left(difference)
            else:
                own = {str(ticket.number), difference.key, difference.other_key}
                is_meant = not own.isdisjoint(names)
            if is_meant:
                found.setdefault(ticket.ticket_id, []).append(difference)
        if names is not None:
            keys = {k for d in self._compared.differences for k in (d.key, d.other_key)}
            numbers = {str(ticket.number): ticket.ticket_id for ticket in self._tickets.values()}
            for name in names:
                if name in numbers:
                    found.setdefault(numbers[name], [])
                elif name not in keys:
                    raise unknown_ticket(session_key=self._run.order.session_key, ticket=name)
        return [(self._tickets[ticket_id], different) for ticket_id, different in found.items()]

    def _is_left(self, difference: IssueDifference) -> bool:
        """Tell whether something is left to do about it, such as where a process ended in between.

        A ticket that is to be forgotten is skipped, and not wanted any more, before its issue is
        released.
        """
        is_gone = difference.kind is Difference.GONE
        return difference.is_open or (is_gone and self._decision is Decision.FORGET)

    def _refusal(
        self, ticket: Ticket, differences: Sequence[IssueDifference], *, is_named: bool
    ) -> str:
        """Say why a decision is not done; empty where nothing speaks against it.

        What was never seen may be hidden since it was created: then people have to name it.
        """
        fitting = [d for d in differences if self._decision in d.decisions]
        if not fitting:
            return self._contradiction(ticket, differences)
        if self._decision is Decision.ADOPT and len(fitting) > 1:
            keys = " and ".join(d.other_key for d in fitting)
            return f"{keys} carry its identity: name the one to adopt by its key."
        if self._decision is Decision.FORGET and is_epic(ticket):
            return (
                "An epic is created as long as session.yaml asks for it: create it again, or name "
                f"another in `epic_keys: {{{ticket.group_key.removeprefix(EPIC_PREFIX)}: KEY}}`."
            )
        is_unseen = fitting[0].seen_at is None and not is_named
        if self._decision is Decision.CREATE_AGAIN and is_unseen:
            return (
                f"Jira never showed {fitting[0].key} to this account: a permission or security "
                "level may hide it, and creating it again would duplicate it. Name the ticket if "
                "you know that its issue was deleted."
            )
        return ""

    def _to_give_back(
        self, ticket: Ticket, fitting: Sequence[IssueDifference]
    ) -> LedgerEntry | None:
        """Return the receipt of an adopted issue that is to be no ticket's again, or None."""
        if self._decision is not Decision.FORGET or fitting:
            return None
        receipt = self._run.page.receipt(self._run.identity(ticket.ticket_id))
        is_adopted = receipt is not None and is_handmade(self._run.page.of_issue(receipt))
        return receipt if is_adopted else None

    def _give_back(self, receipt: LedgerEntry) -> str:
        """Take our links, mark and label off an adopted issue, then release it; say why not, if not.

        An end in between leaves it the ticket's, so that nothing is created beside it.
        """
        end_fixes(
            self._run,
            state=FixState.OBSOLETE,
            by=self._by,
            is_over=lambda fix: fix.is_about(receipt.ticket_id),
        )
        # once it is released the ledger knows of none
        detaching(self._run, links_at(self._run, receipt)).bring_about()
        answer = unmark(self._run, receipt.remote_id or "")
        if not isinstance(answer, Created):
            return f"Jira did not confirm that {receipt.remote_key} lost its mark: {answer.reason}"
        detail = f"{self._decision.value} by {self._by}"
        self._run.page.write_of_issue(receipt, LedgerEvent.RELEASED, detail=detail)
        return ""

    def _contradiction(self, ticket: Ticket, differences: Sequence[IssueDifference]) -> str:
        """Say what Jira shows, or the ledger says, instead of what a decision takes for granted."""
        identity = self._run.identity(ticket.ticket_id)
        receipt = self._run.page.receipt(identity)
        if receipt is None:
            return "It has no issue that counts, so there is nothing to decide."
        for difference in differences:
            match difference.kind:
                case Difference.GONE if difference.other_id:
                    return f"{difference.other_key} carries its identity: adopt that one."
                case Difference.GONE:
                    return f"No other issue carries the identity of {difference.key}."
                case Difference.UNREADABLE:
                    return f"Jira could not read {difference.key} this time: decide later."
                case Difference.MOVED:
                    return f"It exists in another project as {difference.key}."
                case _:
                    pass
        return f"{receipt.remote_key} exists, so there is nothing to decide."

    def _do(self, ticket: Ticket, difference: IssueDifference) -> None:
        run, ticket_id, by = self._run, ticket.ticket_id, self._by
        end = partial(end_fixes, run, state=FixState.OBSOLETE, by=by)
        is_other, event, origin = True, LedgerEvent.RELEASED, None

        def is_about_other(fix: ManualFix) -> bool:
            return fix.fix_type is FixType.ORPHAN_ISSUE and fix.jira_key == difference.other_key

        if self._decision is Decision.ADOPT:
            event, origin = LedgerEvent.RECEIPT, Origin.ADOPTED
            end(
                is_over=lambda fix: (
                    is_about_other(fix) or (fix.fix_type in _REDONE and fix.is_about(ticket_id))
                )
            )
        elif difference.kind is Difference.GONE:
            is_other = False
            if self._decision is Decision.FORGET and difference.is_wanted:
                reason, at = f"its issue {difference.key} is not in Jira", run.tools.clock.now()
                key = run.order.session_key
                run.tools.store.tickets.exclude(
                    key, [ticket_id], Skipped, reason=reason, by=by, at=at
                )
            end(is_over=lambda fix: fix.is_about(ticket_id))
        else:
            end(is_over=is_about_other)
        run.page.write(
            WriteSubject(
                ticket_id=ticket_id, subject=LedgerSubject.ISSUE, identity=run.identity(ticket_id)
            ),
            event,
            remote_id=difference.other_id if is_other else difference.issue_id,
            remote_key=difference.other_key if is_other else difference.key,
            detail=f"{self._decision.value} by {by}",
            origin=origin,
        )
