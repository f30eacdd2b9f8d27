"""What people decide about issues that Jira no longer shows as the ledger recorded them.

Belongs here: the decisions that each difference allows, in words; planning a decision, with what is
refused and what is lost by it; carrying it out once. Does not: finding differences
(`ledger_comparison`), lookups of what is unconfirmed (`settle`).

Example: somebody deleted PROJ-7 in Jira. Forgetting it skips its ticket; creating it again lets the
next export send the ticket; where another issue carries its identity, that one may be adopted.

A decision is one entry of the ledger, so that it is made or not, whenever a process ends:
`released` for an issue that counts no more, a receipt for one that takes its place. Jira is asked
once more under the lease, and what it contradicts is refused. What else a decision needs comes
before: a ticket that is forgotten is skipped first, or an export would create it in between; manual
fixes about the issue end first, or they would be about the next one. Made again, all of it comes to
the same.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from jira_pipeline.export.adoption import AdoptedTicket, unmark
from jira_pipeline.export.detaching import Detaching, links_at
from jira_pipeline.export.export_run import (
    EPIC_PREFIX,
    ExportOrder,
    ExportRun,
    ExportTools,
    is_epic,
)
from jira_pipeline.export.ledger_comparison import compare_ledger, file_comparison
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.repeated_writes import end_fixes
from jira_pipeline.export.target import READING_PERMISSIONS, opened_where_exported
from jira_pipeline.model.actions import Action, ActionKind, command_of
from jira_pipeline.model.differences import (
    DECISION_LABELS,
    Decision,
    Difference,
    FiledComparison,
    IssueDifference,
)
from jira_pipeline.model.errors import unknown_ticket
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, LedgerSubject, Origin, is_handmade
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import Created
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.model.tickets import Ticket

_REDONE = frozenset({FixType.ATTACHMENT_UPLOAD, FixType.DEPENDENCY_LINK, FixType.SPRINT_NOT_FOUND})
"""What an export tries again on an issue that takes the place of another."""


def ways_out(difference: IssueDifference, *, number: int, session_key: str) -> Action:
    """Say what may be decided about a difference, each with what does it."""
    # an epic has no number, and is wanted as long as session.yaml asks for it
    which = difference.other_key or (str(number) if number else difference.key)
    steps = []
    ways = []
    if difference.kind is Difference.TWIN:
        ways.append("delete one of them in Jira")
    for decision in difference.decisions:
        if decision is Decision.FORGET and not number:
            continue
        arguments = {"session_key": session_key, decision.value: which}
        steps.append(Action(kind=ActionKind.SETTLE, sentence="{}", arguments=arguments))
        ways.append(f"{DECISION_LABELS[decision]}: {{{len(steps)}}}")
    words = "; or ".join(ways)
    sentence = f"{difference.note} {words[:1].upper()}{words[1:]}.".lstrip()
    return Action.of(ActionKind.ADVICE, sentence, also=steps)


@json_fields("ticket_id number title jira_key=key? is_done refusal? lost")
@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedTicket(AdoptedTicket):
    """What becomes of a decision about one ticket."""

    ticket_id: str
    lost: tuple[str, ...] = ()
    """What goes with it where its issue is forgotten, each as a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlannedDecision:
    """What a decision about one ticket comes to."""

    ticket: Ticket
    fitting: tuple[IssueDifference, ...]
    """The differences that the decision is about."""
    adopted: LedgerEntry | None
    """The receipt of an adopted issue that is given back to people; None: there is none."""
    outcome: DecidedTicket


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
    with opened_where_exported(tools, order, permissions=READING_PERMISSIONS) as run:
        return _Deciding(run, decision, by=by).decide(names)


def plan_decision(
    tools: ExportTools,
    order: ExportOrder,
    *,
    decision: Decision,
    names: Collection[str] | None,
    by: str,
) -> tuple[DecidedTicket, ...]:
    """Tell what a decision would come to, by number; only reads are sent. As `decide_differences`."""
    with opened_where_exported(tools, order, permissions=READING_PERMISSIONS) as run:
        planned = _Deciding(run, decision, by=by).plan(names)
        outcomes = [decision_on_ticket.outcome for decision_on_ticket in planned]
        return tuple(sorted(outcomes, key=lambda ticket: ticket.number))


class _Deciding:
    def __init__(self, run: ExportRun, decision: Decision, *, by: str) -> None:
        self._run = run
        self._decision = decision
        self._by = by
        vanished = run.tools.store.tickets.list_vanished(run.order.session_key)
        tickets = (*(rendered.ticket for rendered in run.order.with_epics), *vanished)
        self._tickets = {ticket.ticket_id: ticket for ticket in tickets}
        self._compared = compare_ledger(run)

    def plan(self, names: Collection[str] | None) -> list[_PlannedDecision]:
        return [
            self._plan_ticket(ticket, differences, is_named=names is not None)
            for ticket, differences in self._chosen(names)
        ]

    def _plan_ticket(
        self, ticket: Ticket, differences: Sequence[IssueDifference], *, is_named: bool
    ) -> _PlannedDecision:
        """Return what the decision does about a ticket, or why it is refused, and what is lost by it."""
        fitting = tuple(d for d in differences if self._decision in d.decisions)
        adopted = self._to_give_back(ticket, fitting)
        refusal = ""
        if adopted is None:
            refusal = self._refusal(ticket, differences, is_named=is_named)
        key = next((d.name for d in fitting or differences), "")
        if not key and adopted is not None:
            key = adopted.remote_key or ""
        lost: tuple[str, ...] = ()
        if self._decision is Decision.FORGET and not refusal:
            lost = tuple(self._lost_words(ticket, fitting, adopted))
        outcome = DecidedTicket(
            ticket_id=ticket.ticket_id,
            number=ticket.number,
            title=ticket.title,
            key=key,
            refusal=refusal,
            lost=lost,
        )
        return _PlannedDecision(ticket=ticket, fitting=fitting, adopted=adopted, outcome=outcome)

    def _lost_words(
        self,
        ticket: Ticket,
        forgotten: Sequence[IssueDifference],
        adopted: LedgerEntry | None,
    ) -> Iterator[str]:
        """Name what is lost once the issues of a ticket are forgotten, and what depends on them."""
        gone = [difference for difference in forgotten if difference.kind is Difference.GONE]
        if adopted is not None:
            yield f"our mark and label on {adopted.remote_key}"
            for link in links_at(self._run, adopted):
                ends = link.subject.identity.split("/")
                for other in self._tickets.values():
                    if self._run.identity(other.ticket_id) in ends and other is not ticket:
                        yield f"the link between {adopted.remote_key} and ticket {other.number}"
        if any(difference.is_wanted for difference in gone):
            session_key = self._run.order.session_key
            unskip = Action.of(
                ActionKind.UNSKIP_TICKET, "{}", session_key=session_key, number=ticket.number
            )
            yield f"ticket {ticket.number} is skipped until `{command_of(unskip)}`"
        if gone or adopted is not None:
            yield from self._left_without_issue(ticket)
        for difference in forgotten:
            if difference.kind is not Difference.GONE:
                other_key = difference.other_key
                yield f"{other_key} is no longer listed as an issue of ticket {ticket.number}"

    def _left_without_issue(self, ticket: Ticket) -> Iterator[str]:
        """Name the tickets that depend on this one, and the manual fixes about its issue."""
        for other in self._tickets.values():
            if ticket.ticket_id in other.depends_on and other.exclusion is None:
                yield f"ticket {other.number} “{other.title}” waits for it, and is not linked to it"
        fixes = self._run.tools.store.manual_fixes.list_all(
            self._run.order.session_key, target_id=self._run.target.target_id
        )
        for fix in fixes:
            if fix.state is FixState.OPEN and fix.is_about(ticket.ticket_id):
                yield f"the manual fix “{fix.title}”"

    def decide(self, names: Collection[str] | None) -> DecisionReport:
        """Do what was decided about each chosen ticket, and compare the session with Jira again."""
        decided = []
        for planned in self.plan(names):
            outcome = planned.outcome
            if planned.adopted is not None:
                outcome = replace(outcome, refusal=self._give_back(planned.adopted))
            elif outcome.is_done:
                for difference in planned.fitting:
                    self._do(planned.ticket, difference)
            decided.append(outcome)
        return DecisionReport(
            decision=self._decision,
            tickets=tuple(sorted(decided, key=lambda ticket: ticket.number)),
            comparison=file_comparison(self._run),
        )

    def _chosen(self, names: Collection[str] | None) -> list[tuple[Ticket, list[IssueDifference]]]:
        """Return the tickets people named, or all to decide about, with what differs of each."""
        tickets = self._tickets
        differences = self._compared.differences
        of_tickets = [difference for difference in differences if difference.ticket_id in tickets]
        if names is None:
            selected = [difference for difference in of_tickets if self._is_to_decide(difference)]
        else:
            selected = [
                difference for difference in of_tickets if self._is_named(difference, names)
            ]
        chosen = group_by(selected, lambda difference: difference.ticket_id)
        numbers = {str(ticket.number): ticket.ticket_id for ticket in tickets.values()}
        for name in names or ():
            if name in numbers:
                chosen.setdefault(numbers[name], [])
            elif all(name not in {d.key, d.other_key} for d in differences):
                raise unknown_ticket(session_key=self._run.order.session_key, ticket=name)
        return [(tickets[ticket_id], different) for ticket_id, different in chosen.items()]

    def _is_to_decide(self, difference: IssueDifference) -> bool:
        """Tell whether a difference waits for the decision, where people name no ticket.

        A ticket that is forgotten is skipped, and not wanted any more, before its issue is released:
        where a process ended in between, that is left to do.
        """
        if self._decision not in difference.decisions:
            return False
        is_forgotten = self._decision is Decision.FORGET and difference.kind is Difference.GONE
        return difference.is_open or is_forgotten

    def _is_named(self, difference: IssueDifference, names: Collection[str]) -> bool:
        """Tell whether people name a difference by its ticket or one of its issues."""
        number = self._tickets[difference.ticket_id].number
        names_of_it = {str(number), difference.key, difference.other_key}
        return not names_of_it.isdisjoint(names)

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
        # defence: gives-back-handmade
        is_adopted = receipt is not None and is_handmade(self._run.page.entries_of_issue(receipt))
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
        # defence: gives-back-without-links
        Detaching(self._run, links_at(self._run, receipt)).carry_out()
        answer = unmark(self._run, receipt.remote_id or "")  # defence: gives-back-unmarked
        if not isinstance(answer, Created):
            return f"Jira did not confirm that {receipt.remote_key} lost its mark: {answer.reason}"
        detail = f"{self._decision.value} by {self._by}"
        self._run.page.write_of_issue(receipt, LedgerEvent.RELEASED, detail=detail)
        return ""

    def _contradiction(self, ticket: Ticket, differences: Sequence[IssueDifference]) -> str:
        """Say what Jira shows, or the ledger says, instead of what a decision takes for granted."""
        receipt = self._run.page.receipt(self._run.identity(ticket.ticket_id))
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
        run = self._run
        ticket_id = ticket.ticket_id
        by = self._by
        end = partial(end_fixes, run, state=FixState.OBSOLETE, by=by)
        is_other = True
        event = LedgerEvent.RELEASED
        origin = None

        def is_about_other(fix: ManualFix) -> bool:
            return fix.fix_type is FixType.ORPHAN_ISSUE and fix.jira_key == difference.other_key

        if self._decision is Decision.ADOPT:
            event = LedgerEvent.RECEIPT
            origin = Origin.ADOPTED
            end(
                is_over=lambda fix: (
                    is_about_other(fix) or (fix.fix_type in _REDONE and fix.is_about(ticket_id))
                )
            )
        elif difference.kind is Difference.GONE:
            is_other = False
            if self._decision is Decision.FORGET and difference.is_wanted:
                reason = f"its issue {difference.key} is not in Jira"
                at = run.tools.clock.now()
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
