"""Puts created issues under their parents and epics, and into their sprints.

Belongs here: what sends a parent or a sprint, and tells whether it is there; which sprint a name
means. Does not: the epics themselves (`epics`), which one a ticket goes below (`export_run`), when
a write is sent again or left to people (`repeated_writes`).

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
from jira_pipeline.export.lookups import batches, check_receipts, read_if_visible, read_issues
from jira_pipeline.export.repeated_writes import (
    Fallback,
    IssueWrites,
    ReadBack,
    RepeatedWrites,
    is_for_people,
    record_fix,
)
from jira_pipeline.model.errors import AccessError, RefusedError
from jira_pipeline.model.exports import InDoubt, LedgerSubject
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import SPRINT_FIELD, Sprint, WriteAnswer
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.tickets import IssueField

if TYPE_CHECKING:  # an HTTP client: loaded where one is opened
    from jira_pipeline.jira.client.client import JiraClient

MOVE_SIZE = 50
"""How many issues Jira moves into a sprint in one request."""
PARENT_FIELDS = frozenset({"issueparentassociation", "parent"})
"""What the history of an issue calls its parent, in lower case; it depends on the type of project."""
SCHEDULE_PERMISSION = "SCHEDULE_ISSUES"
ACTIVE = "active"
NO_SPRINTS = "the project has no board with sprints"
LISTED_MAX = 10
"""How many sprints a message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSprints:
    """The sprints of a project that issues can be moved into."""

    sprints: tuple[Sprint, ...]
    """Each sprint once, in the order of the boards."""
    problem: str = ""
    """Why there are none, or why Jira does not show them."""


def place_issues(run: ExportRun) -> None:
    """Put issues under their parents, then move them into their sprints, after all were created."""
    placed = [
        rendered
        for rendered in run.order.in_build_order
        if run.parent_of(rendered.ticket) or rendered.ticket.sprint
    ]
    check_receipts(run, placed)
    with_issue = [rendered for rendered in placed if run.issue_receipt(rendered) is not None]
    for writes in place_writes(run, with_issue):
        writes.carry_out()


def place_writes(
    run: ExportRun, tickets: Sequence[RenderedTicket]
) -> tuple[RepeatedWrites[RenderedTicket], ...]:
    """Return the writes that set parents and sprints; an export carries them out, a plan counts them."""
    with_parent = [rendered for rendered in tickets if run.parent_of(rendered.ticket)]
    # People who made an issue themselves also choose its sprint.
    with_sprint = [
        rendered for rendered in tickets if rendered.ticket.sprint and not run.is_adopted(rendered)
    ]
    return (_Parents(run, with_parent), _Sprints(run, with_sprint))


def find_sprints(tracker: "JiraClient", project_key: str) -> ProjectSprints:
    """Return the active and future sprints of all boards of a project, or why there are none."""
    # A site without boards answers 404, and 403 where the account or its token may not see them.
    try:
        boards = tracker.boards(project_key)
        by_id = {}
        for board in boards:
            for sprint in tracker.open_sprints(board.board_id):
                by_id[sprint.sprint_id] = sprint
    except (RefusedError, AccessError) as error:
        if not is_for_people(error):
            raise
        return ProjectSprints(sprints=(), problem=error.message)
    has_sprints = any(board.board_type != "kanban" for board in boards)
    problem = "" if has_sprints else NO_SPRINTS
    return ProjectSprints(sprints=tuple(by_id.values()), problem=problem)


def choose_sprint(name: str, project: ProjectSprints) -> Sprint | Unresolved:
    """Choose the sprint a name means; of several with one name, the one that is active."""
    folded_name = name.strip().casefold()
    named = [sprint for sprint in project.sprints if sprint.name.casefold() == folded_name]
    active = [sprint for sprint in named if sprint.state == ACTIVE]
    candidates = active or named
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        return Unresolved(reason=f"{len(candidates)} sprints have that name")
    if project.problem:
        return Unresolved(reason=project.problem)
    names = ", ".join(sprint.name for sprint in project.sprints[:LISTED_MAX])
    return Unresolved(reason=f"the project has {names or 'no open sprint'}")


class _Parents(IssueWrites):
    """Puts issues under their parents, where Jira dropped the parent that the creation named."""

    fix_types = (IssueField.PARENT.fix_type,)
    thing = LedgerSubject.PARENT
    lost_reason = "Jira accepted it but silently dropped it"

    @override
    def subject(self, rendered: RenderedTicket) -> WriteSubject:
        """Name the parent of an issue in the ledger; with the id of the epic where that is ours.

        So an issue is put again below an epic that was deleted and created again.
        """
        subject = super().subject(rendered)
        epic = self._run.epic_of(rendered.ticket)
        if epic is None:
            return subject
        return replace(subject, identity=f"{subject.identity}/{epic.remote_id}")

    @override
    def send(self, tickets: Sequence[RenderedTicket]) -> WriteAnswer:
        [rendered] = tickets
        issue_id = self._run.issue_id(rendered)
        return self._run.tools.tracker.set_parent(issue_id, self._parent_key(rendered))

    @override
    def read_back(self, tickets: Sequence[RenderedTicket]) -> ReadBack:
        """Read the parents of issues; an issue that is not shown is left to somebody who sees it."""
        issues = read_issues(
            self._run,
            [self._run.issue_id(rendered) for rendered in tickets],
            fields=(IssueField.PARENT.jira_id,),
            waiting="it is not known whether they are under their parents",
        )
        for rendered in tickets:
            if isinstance(self._run.page.state(self.subject(rendered).identity), InDoubt):
                # Our request may have replaced a parent that somebody set at the same time.
                self._name_overwritten(rendered)  # defence: overwritten-parent
        seen = {}
        for_people = {}
        for rendered in tickets:
            identity = self.subject(rendered).identity
            issue = issues.get(self._run.issue_id(rendered))
            if issue is None:
                for_people[identity] = self._fallback_of_hidden(rendered)
            elif issue.parent_key is not None:
                seen[identity] = f"read back: {issue.parent_key}"
        return ReadBack(seen=seen, for_people=for_people)

    def _name_overwritten(self, rendered: RenderedTicket) -> None:
        """List for people the parent that our request replaced, as the history of the issue shows it.

        It was set after the issue was read for the last time.
        """
        parent_key = self._parent_key(rendered)
        history = partial(self._run.tools.tracker.issue_history, self._run.issue_id(rendered))
        taken_away = []
        for change in read_if_visible(self._run, history) or ():
            is_of_parent = change.field.casefold() in PARENT_FIELDS
            is_by_us = change.author_id in self._run.own_accounts
            if is_by_us and is_of_parent and change.before not in {"", parent_key}:
                taken_away.append(change.before)
        if not taken_away:
            return
        clash = Fallback(
            fix_type=FixType.EDITED_MEANWHILE,
            subject=IssueField.PARENT.of_ticket,
            title=f"Compare the parent of {rendered.ticket.title}",
            original_value=taken_away[-1],
            recommended_action=(
                f"Somebody put the issue under “{taken_away[-1]}” at the same time as this "
                f"program put it under “{parent_key}”. Its history in Jira shows both; "
                "restore what was lost."
            ),
        )
        record_fix(self._run, rendered.ticket, clash, key=self._run.issue_key(rendered))

    @override
    def fallback(self, rendered: RenderedTicket, *, reason: str) -> Fallback:
        parent_key = self._parent_key(rendered)
        return Fallback(
            fix_type=IssueField.PARENT.fix_type,
            subject=IssueField.PARENT.of_ticket,
            title=f"Set the parent of {rendered.ticket.title}",
            original_value=parent_key,
            recommended_action=(
                f"The issue has no parent ({reason}). Put it under “{parent_key}” by hand."
            ),
        )

    def _fallback_of_hidden(self, rendered: RenderedTicket) -> Fallback:
        """Say what a person has to do about an issue that our account does not see."""
        return replace(
            self.fallback(rendered, reason=""),
            title=f"Check the parent of {rendered.ticket.title}",
            recommended_action=(
                "Jira does not show the issue to this account, so its parent could not be "
                "read back. Use an account that sees it to check whether it is under "
                f"“{self._parent_key(rendered)}”."
            ),
        )

    def _parent_key(self, rendered: RenderedTicket) -> str:
        return self._run.parent_of(rendered.ticket) or ""


class _Sprints(IssueWrites):
    """Moves issues into their sprints; the answer proves it, or else the history of the issue."""

    fix_types = (IssueField.SPRINT.fix_type,)
    thing = LedgerSubject.SPRINT
    is_answer_proof = True
    lost_reason = "it is not known whether it was moved"

    @override
    def skip_reason(self, rendered: RenderedTicket) -> str | None:
        lacking = self.missing_permission(SCHEDULE_PERMISSION)
        if lacking:
            return lacking
        sprint = self._sprint(rendered)
        return sprint.reason if isinstance(sprint, Unresolved) else None

    @override
    def requests(self, tickets: Sequence[RenderedTicket]) -> Iterator[Sequence[RenderedTicket]]:
        """Yield the issues of one sprint, as many as Jira moves at once."""
        by_sprint = group_by(tickets, lambda rendered: rendered.ticket.sprint or "")
        for tickets_of_sprint in by_sprint.values():
            yield from batches(tickets_of_sprint, size=MOVE_SIZE)

    @override
    def send(self, tickets: Sequence[RenderedTicket]) -> WriteAnswer:
        sprint = self._sprint(tickets[0])
        assert isinstance(sprint, Sprint)  # noqa: S101 - `skip_reason` left the others to people
        issue_ids = [self._run.issue_id(rendered) for rendered in tickets]
        return self._run.tools.tracker.move_to_sprint(sprint.sprint_id, issue_ids)

    @override
    def read_back(self, tickets: Sequence[RenderedTicket]) -> ReadBack:
        """Look in the history of each issue whether its sprint was changed, by us or by people.

        The issue itself has its sprint in a field whose name differs from site to site.
        """
        seen: dict[str, str] = {}
        for rendered in tickets:
            history = self._run.tools.tracker.issue_history
            changes = read_if_visible(self._run, partial(history, self._run.issue_id(rendered)))
            # defence: chosen-sprint
            if any(change.field == SPRINT_FIELD for change in changes or ()):
                seen[self.subject(rendered).identity] = "its history has a change of the sprint"
        return ReadBack(seen=seen)

    @override
    def fallback(self, rendered: RenderedTicket, *, reason: str) -> Fallback:
        ticket = rendered.ticket
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
    def _project_sprints(self) -> ProjectSprints:
        """The sprints of the project, asked for once and only where an issue is to be moved."""
        return find_sprints(self._run.tools.tracker, self._run.target.project_key)

    def _sprint(self, rendered: RenderedTicket) -> Sprint | Unresolved:
        return choose_sprint(rendered.ticket.sprint or "", self._project_sprints)
