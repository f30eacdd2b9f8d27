"""Puts created issues under their parents and into their sprints.

Belongs here: what sends a parent or a sprint, and tells whether it is there; which sprint a name
means. Does not: when it is sent again or left to people (`repeated_writes`).

Once an issue was in its place people may move it, and no resume moves it back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from typing_extensions import override

from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.jira_names import Unresolved
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.lookups import check_receipts, if_shown, read_issues
from jira_pipeline.export.manual_fixes import Fallback, FixesOnRecord, is_for_people, record_fix
from jira_pipeline.export.repeated_writes import IssueWrites, ReadBack, RepeatedWrites
from jira_pipeline.model.errors import AccessError, RefusedError
from jira_pipeline.model.export_ledger import InDoubt, LedgerSubject
from jira_pipeline.model.exports import FixType
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.issue_tracker import SPRINT_FIELD, Sprint, WriteAnswer
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.tickets import IssueField

if TYPE_CHECKING:  # an HTTP client: loaded where one is opened
    from jira_pipeline.jira.client.client import JiraClient

MOVE_SIZE = 50
SCHEDULE_PERMISSION = "SCHEDULE_ISSUES"
ACTIVE = "active"
NO_SPRINTS = "the project has no board with sprints"
LISTED_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSprints:
    """The sprints of a project that issues can be moved into."""

    sprints: tuple[Sprint, ...]
    """Each once, in the order of the boards."""
    problem: str = ""
    """Why there are none, or why they could not be asked for."""


def place_issues(run: ExportRun) -> None:
    """Check and set parents, then move issues into their sprints, after all were created."""
    tickets = run.order.in_build_order
    placed = [r for r in tickets if run.parent_of(r.ticket) or r.ticket.sprint]
    check_receipts(run, placed)
    for writes in placing(run, [r for r in placed if run.issue_receipt(r) is not None]):
        writes.bring_about()


def placing(
    run: ExportRun, tickets: Sequence[RenderedTicket]
) -> tuple[RepeatedWrites[RenderedTicket], ...]:
    """Return the writes that bring issues into their places; what is pending a plan counts."""
    fixes = FixesOnRecord(run, IssueField.SPRINT.fix_type, IssueField.PARENT.fix_type)
    kinds: tuple[tuple[IssueWrites, list[RenderedTicket]], ...] = (
        (_Parents(run), [r for r in tickets if run.parent_of(r.ticket)]),
        (_Sprints(run), [r for r in tickets if r.ticket.sprint and not run.is_adopted(r)]),
    )
    return tuple(
        RepeatedWrites(run=run, fixes=fixes, kind=kind, items=items) for kind, items in kinds
    )


def find_sprints(tracker: "JiraClient", project_key: str) -> ProjectSprints:
    """Return the active and future sprints of all boards of a project.

    A site without boards answers 404, an account or token that may not see them 403: there is
    none then.
    """
    try:
        boards = tracker.boards(project_key)
        found = [sprint for board in boards for sprint in tracker.open_sprints(board.board_id)]
    except (RefusedError, AccessError) as error:
        if not is_for_people(error):
            raise
        return ProjectSprints(sprints=(), problem=error.message)
    by_id = {sprint.sprint_id: sprint for sprint in found}
    problem = "" if any(board.board_type != "kanban" for board in boards) else NO_SPRINTS
    return ProjectSprints(sprints=tuple(by_id.values()), problem=problem)


def choose_sprint(asked: str, known: ProjectSprints) -> Sprint | Unresolved:
    """Choose the sprint a name means; of several with one name, the one that is active."""
    named = [s for s in known.sprints if s.name.casefold() == asked.strip().casefold()]
    active = [sprint for sprint in named if sprint.state == ACTIVE]
    candidates = active or named
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        return Unresolved(reason=f"{len(candidates)} sprints have that name")
    listed = ", ".join(sprint.name for sprint in known.sprints[:LISTED_MAX]) or "no open sprint"
    return Unresolved(reason=known.problem or f"the project has {listed}")


class _Parents(IssueWrites):
    """Issues under their parents: a creation carries the parent, and Jira may drop it."""

    thing = LedgerSubject.PARENT
    lost_reason = "Jira accepted it but silently dropped it"

    @override
    def subject(self, item: RenderedTicket) -> WriteSubject:
        """Name the epic of ours, too: below one that is created again an issue is put again."""
        subject, epic = super().subject(item), self._run.epic_of(item.ticket)
        if epic is None:
            return subject
        return replace(subject, identity=f"{subject.identity}/{epic.remote_id}")

    @override
    def send(self, items: Sequence[RenderedTicket]) -> WriteAnswer:
        [item] = items
        issue_id = self._run.issue_id(item)
        return self._run.tools.tracker.set_parent(issue_id, self._above(item))

    @override
    def read_back(self, items: Sequence[RenderedTicket]) -> ReadBack:
        """Read the parents; an issue that is not shown is for somebody who sees it."""
        ids = {self._run.issue_id(item): item for item in items}
        found = read_issues(
            self._run,
            list(ids),
            fields=(IssueField.PARENT.jira_id,),
            waiting="it is not known whether they are under their parents",
        )
        parents = {issue_id: issue.parent_key for issue_id, issue in found.items()}
        for item in items:
            if isinstance(self._run.page.state(self.subject(item).identity), InDoubt):
                self._name_overwritten(item)  # a request of ours may have met somebody's
        return ReadBack(
            seen={
                self.subject(item).identity: f"read back: {parents[issue_id]}"
                for issue_id, item in ids.items()
                if parents.get(issue_id) is not None
            },
            for_people={
                self.subject(item).identity: replace(
                    self.fallback(item, reason=""),
                    title=f"Check the parent of {item.ticket.title}",
                    recommended_action=(
                        "Jira does not show the issue to this account, so its parent could not be "
                        "read back. Use an account that sees it to check whether it is under "
                        f"“{self._above(item)}”."
                    ),
                )
                for issue_id, item in ids.items()
                if issue_id not in found
            },
        )

    def _name_overwritten(self, item: RenderedTicket) -> None:
        """Tell people which parent our request took away: it was set since the look before it."""
        history = partial(self._run.tools.tracker.issue_history, self._run.issue_id(item))
        taken_away = [
            change.before
            for change in if_shown(self._run, history) or ()
            if change.author_id in self._run.own_accounts
            and change.field.casefold() in {"issueparentassociation", "parent"}
            and change.before not in {"", self._above(item)}
        ]
        if taken_away:
            clash = Fallback(
                fix_type=FixType.EDITED_MEANWHILE,
                subject=IssueField.PARENT.of_ticket,
                title=f"Compare the parent of {item.ticket.title}",
                original_value=taken_away[-1],
                recommended_action=(
                    f"Somebody put the issue under “{taken_away[-1]}” at the same time as this "
                    f"program put it under “{self._above(item)}”. Its history in Jira shows both; "
                    "restore what was lost."
                ),
            )
            record_fix(self._run, item.ticket, clash, key=self._run.issue_key(item))

    @override
    def fallback(self, item: RenderedTicket, *, reason: str) -> Fallback:
        ticket = item.ticket
        return Fallback(
            fix_type=IssueField.PARENT.fix_type,
            subject=IssueField.PARENT.of_ticket,
            title=f"Set the parent of {ticket.title}",
            original_value=self._above(item),
            recommended_action=(
                f"The issue has no parent ({reason}). Put it under “{self._above(item)}” by hand."
            ),
        )

    def _above(self, item: RenderedTicket) -> str:
        return self._run.parent_of(item.ticket) or ""


class _Sprints(IssueWrites):
    """Issues in their sprints: the answer to the move is the proof, else the history."""

    thing = LedgerSubject.SPRINT
    is_answer_proof = True
    lost_reason = "it is not known whether it was moved"

    @override
    def skip_reason(self, item: RenderedTicket) -> str | None:
        lacking = self.lacking(SCHEDULE_PERMISSION)
        sprint = None if lacking else self._sprint(item)
        return sprint.reason if isinstance(sprint, Unresolved) else lacking

    @override
    def requests(self, items: Sequence[RenderedTicket]) -> Iterator[Sequence[RenderedTicket]]:
        """Yield the issues of one sprint, as many as Jira moves at once."""
        by_name = grouped(items, lambda item: item.ticket.sprint or "")
        for tickets in by_name.values():
            for first in range(0, len(tickets), MOVE_SIZE):
                yield tickets[first : first + MOVE_SIZE]

    @override
    def send(self, items: Sequence[RenderedTicket]) -> WriteAnswer:
        sprint = self._sprint(items[0])
        assert isinstance(sprint, Sprint)  # noqa: S101 - `skip_reason` left the others to people
        issue_ids = [self._run.issue_id(item) for item in items]
        return self._run.tools.tracker.move_to_sprint(sprint.sprint_id, issue_ids)

    @override
    def read_back(self, items: Sequence[RenderedTicket]) -> ReadBack:
        """Look whether an issue's sprint was changed: by our move, or by people.

        Which sprint it is in is in a field of another name on each site; the history is the same.
        """
        seen: dict[str, str] = {}
        for item in items:
            history = self._run.tools.tracker.issue_history
            changes = if_shown(self._run, partial(history, self._run.issue_id(item)))
            if any(change.field == SPRINT_FIELD for change in changes or ()):
                seen[self.subject(item).identity] = "its history has a change of the sprint"
        return ReadBack(seen=seen)

    @override
    def fallback(self, item: RenderedTicket, *, reason: str) -> Fallback:
        ticket = item.ticket
        return Fallback(
            fix_type=IssueField.SPRINT.fix_type,
            subject=IssueField.SPRINT.of_ticket,
            title=f"Move {ticket.title} into its sprint",
            original_value=ticket.sprint or "",
            recommended_action=(
                f"The issue is in the backlog ({reason}). Move it into the sprint “{ticket.sprint}”, "
                "or choose another."
            ),
        )

    @cached_property
    def _known(self) -> ProjectSprints:
        """Asked for once, and only where an issue is to be moved."""
        return find_sprints(self._run.tools.tracker, self._run.target.project_key)

    def _sprint(self, item: RenderedTicket) -> Sprint | Unresolved:
        return choose_sprint(item.ticket.sprint or "", self._known)
