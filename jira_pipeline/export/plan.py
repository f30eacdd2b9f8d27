"""What an export would do, without doing it.

Belongs here: the plan people confirm before an export. Does not: any write.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.export.adoption_proposals import titles_already_used
from jira_pipeline.export.attachments import pending_files
from jira_pipeline.export.creation import check_names
from jira_pipeline.export.detaching import Detaching, obsolete_files, obsolete_links
from jira_pipeline.export.epic_checks import check_epics
from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportRun,
    ExportTools,
    Preflight,
    begin_run,
    marker_of,
)
from jira_pipeline.export.gate import check_gate
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.links import Linking, links_of
from jira_pipeline.export.lookups import (
    PROBE_FIELDS,
    copied_issues,
    describe_copies,
    labelled_issues,
    read_some,
    refuse_other_installation,
)
from jira_pipeline.export.placing import place_writes
from jira_pipeline.export.project_check import checked_names, needs_of
from jira_pipeline.export.target import find_target, withheld_permissions
from jira_pipeline.export.target_questions import (
    answer_of,
    confirmations_for,
    is_answered,
    new_target_of,
    question_of,
    question_of_copies,
    question_of_new_target,
    same_specifications_of,
    unfinished_undo_of,
)
from jira_pipeline.export.unconfirmed import (
    reason_not_to_claim,
    unclaimed_issues,
    unclaimed_issues_error,
)
from jira_pipeline.export.updating import PlannedUpdate, planned_updates
from jira_pipeline.model.errors import (
    AccessError,
    ConfigurationError,
    GateError,
    GateRule,
    PipelineError,
    RefusedError,
)
from jira_pipeline.model.issue_tracker import FoundIssue
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.same_specifications import SameSpecification
from jira_pipeline.model.sessions import AsNew, Beside, UploadSession
from jira_pipeline.model.target_shares import CopiedIssues, NewTarget
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.marks import skipped_dependencies
from jira_pipeline.review.waiting import proposals_text, quality_of

_QUESTIONS = {GateRule.SAME_SPECIFICATION, GateRule.NEW_TARGET, GateRule.COPIED_ISSUES}


@json_fields("site project account")
@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTarget:
    """Where the issues would go, and as whom."""

    site: str
    project: str
    account: str


@json_fields(
    "target create epics existing=existing_count gone link attach place detach skip remove withdraw "
    "skipped_dependencies=links_left_out warnings same_specification new_target "
    "copies=copied_keys update=updates blocked"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """What an export would do now; numbers are ticket numbers."""

    target: PlannedTarget
    create: tuple[int, ...]
    """In the order of creation; tickets whose issue is in doubt are among them."""
    epics: tuple[str, ...] = ()
    """Titles of the epics that would be created above them."""
    link: int
    """How many links would be made."""
    attach: int = 0
    """How many files would be attached."""
    place: int = 0
    """How many issues would be put under a parent or into a sprint."""
    detach: int = 0
    """How many links and files of ours would be deleted that no ticket asks for any more."""
    skip: tuple[int, ...]
    remove: tuple[int, ...]
    """Always empty for an export; `undo` removes."""
    blocked: PipelineError | None
    """Why it would not start."""
    existing_count: int = 0
    """How many issues of the session are there already, as Jira shows them."""
    gone: tuple[int, ...] = ()
    """Tickets whose issues Jira does not show: an export does not create them again."""
    withdraw: tuple[int, ...] = ()
    """Tickets without rows whose withdrawal the session would agree to by itself."""
    warnings: tuple[str, ...] = ()
    """Sprints, assignees and priorities the project lacks: what will be left to people."""
    lookalikes: tuple[str, ...] = ()
    """The warnings that name issues with the titles of tickets."""
    skipped_dependencies: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """Tickets to export that depend on skipped ones, and the numbers of those: no link is made."""
    same_specification: tuple[SameSpecification, ...] = ()
    """Other sessions that have issues of these tickets in this project."""
    new_target: NewTarget | None = None
    """Where else the session has issues, if it was never here and nobody answered."""
    copies: CopiedIssues | None = None
    """Issues of the session that came here by no export of it, if nobody answered."""
    answers: tuple[AsNew, ...] = ()
    """What is recorded where people want new issues although others exist."""
    updates: tuple[PlannedUpdate, ...] = ()
    """Issues that no longer say what their tickets say, where an update was asked for."""

    @property
    def links_left_out(self) -> tuple[dict[str, object], ...]:
        """Which ticket gets no link to which skipped ones."""
        return tuple({"number": n, "skipped": skipped} for n, skipped in self.skipped_dependencies)

    @property
    def copied_keys(self) -> tuple[str, ...]:
        return () if self.copies is None else tuple(self.copies.keys)

    @property
    def is_idle(self) -> bool:
        """Everything is there, and nothing would be updated."""
        is_updating = any(not update.objection for update in self.updates)
        return self.existing_count > 0 and not self.is_adding and not is_updating

    @property
    def is_adding(self) -> bool:
        """Something would be written beside updates."""
        return bool(
            self.create or self.epics or self.link or self.attach or self.place or self.detach
        )

    @property
    def creations(self) -> str:
        """What would be created, in words."""
        issues = format_count(len(self.create), "issue")
        return f"{format_count(len(self.epics), 'epic')} and {issues}" if self.epics else issues

    @property
    def further(self) -> str:
        """What would be written beside issues, links and updates, in words; empty: nothing."""
        phrases = []
        if self.attach:
            phrases.append(f"attach {format_count(self.attach, 'file')}")
        if self.place:
            issues = format_count(self.place, "issue")
            phrases.append(f"put {issues} under a parent or into a sprint")
        if self.detach:
            phrases.append(f"delete {self.detach} of our links and files that no ticket needs")
        return ", ".join(phrases)

    @property
    def question(self) -> str | None:
        """The rule that blocks it, where a person answers that by wanting new issues."""
        rule = None if self.blocked is None else self.blocked.code
        return rule if rule in _QUESTIONS else None


def check_access(tools: ExportTools, order: ExportOrder) -> None:
    """Stop where the first requests of an export would fail; only reads are sent."""
    run = begin_run(tools, order, find_target(tools, order), account=tools.tracker.whoami())
    if any(run.issue_receipt(rendered) is None for rendered in order.in_build_order):
        _check_project(run)


def _check_project(run: ExportRun) -> None:
    withheld_permissions(run)
    check_names(run)


def plan_export(
    tools: ExportTools,
    order: ExportOrder,
    *,
    agreed: Sequence[Ticket] = (),
    changes: Sequence[LaterChange] | None = None,
    is_as_new: bool = False,
) -> ExportPlan:
    """Tell what an export would do; only reads are sent.

    `agreed` are the tickets whose withdrawal the session would agree to by itself, `changes` what an
    update would bring to issues that exist; None: none is wanted. With `is_as_new` new issues are
    wanted beside whatever is there already. Whether the session is to begin on another target is
    asked last: where nothing else is in the way.
    """
    target = find_target(tools, order)
    account = tools.tracker.whoami()
    tools.preflights.append(
        Preflight(target=target, project_key=order.project_key, account=account)
    )
    run = begin_run(tools, order, target, account=account)
    tickets = order.in_build_order
    epics = order.epics.created
    receipts = [run.issue_receipt(rendered) for rendered in (*tickets, *epics)]
    issues_there = _issues_there(run) if None in receipts else []
    new_tickets = _without_issue(run, tickets, issues_there)
    new_epics = _without_issue(run, epics, issues_there)
    create = tuple(rendered.ticket.number for rendered in new_tickets)
    hidden = _hidden_issues(run, (*tickets, *epics))
    gone = tuple(
        rendered.ticket.number for rendered in tickets if rendered.ticket.ticket_id in hidden
    )
    gone_epics = [
        f"Jira does not show the epic “{epic.summary}”: new issues go without it until somebody "
        "decides about it."
        for epic in epics
        if epic.ticket.ticket_id in hidden
    ]
    session = tools.sessions.get(order.session_key)
    same = same_specifications_of(run, is_as_new=is_as_new or session.manifest.as_new)
    new = new_target_of(run)
    copies = None
    if not run.page.entries and not is_answered(run, Beside.COPIES):
        copies = describe_copies(run, copied_issues(run, issues_there))
    blocked = _obstacle(
        run,
        session,
        same=same,
        copies=None if is_as_new else copies,
        unclaimed=unclaimed_issues(run, issues_there),
        going={ticket.ticket_id for ticket in agreed},
        is_creating=bool(new_tickets or new_epics),
        new=None if is_as_new else new,
    )
    updates = planned_updates(run, changes or ())
    following = {update.number for update in updates if not update.objection}
    obsolete = obsolete_files(run, planned=following)
    if changes is not None:
        obsolete += obsolete_links(run, planned=following)
    names = checked_names(
        tools.tracker,
        project_key=run.target.project_key,
        project_id=run.target.project_id,
        needs=needs_of(rendered.ticket for rendered in new_tickets),
        names=order.names,
        is_sandbox=order.is_sandbox,
    )
    lookalikes = titles_already_used(run, tickets) if not run.page.entries else ()
    answers = list(confirmations_for(run, same))
    if new is not None:
        answers.append(answer_of(run, Beside.TARGET))
    if copies is not None:
        answers.append(answer_of(run, Beside.COPIES))
    skipped = [rendered.ticket.number for rendered in order.rendered if rendered.is_excluded]
    quality = quality_of(rendered.ticket for rendered in new_tickets)
    proposals = filter(None, [proposals_text(quality)])
    return ExportPlan(
        target=planned_target(run),
        create=create,
        epics=tuple(epic.summary for epic in new_epics),
        existing_count=len(tickets) - len(create) - len(gone),
        gone=gone,
        link=len(Linking(run, links_of(tickets)).pending()),
        skip=tuple(sorted(skipped)),
        remove=(),
        blocked=blocked,
        warnings=(*names.warnings, *gone_epics, *lookalikes, *proposals),
        lookalikes=lookalikes,
        same_specification=same,
        new_target=new,
        copies=copies,
        answers=tuple(answers),
        attach=len(pending_files(run, planned=following.union(create))),
        place=sum(len(writes.pending()) for writes in place_writes(run, tickets)),
        detach=len(Detaching(run, obsolete).pending()),
        updates=updates,
        withdraw=tuple(ticket.number for ticket in agreed),
        skipped_dependencies=_skipped_dependencies(order.rendered),
    )


def _without_issue(
    run: ExportRun, tickets: Iterable[RenderedTicket], issues_there: Iterable[FoundIssue]
) -> list[RenderedTicket]:
    """Return the tickets or epics that an export would create.

    A restored store may not know of issues that are there: an export finds them, and creates none
    beside.
    """
    identities_there = set()
    for issue in issues_there:
        marker = marker_of(issue)
        if marker is not None and not reason_not_to_claim(run, issue):
            identities_there.add(marker.identity)
    return [
        rendered
        for rendered in tickets
        if run.issue_receipt(rendered) is None
        and run.identity(rendered.ticket.ticket_id) not in identities_there
    ]


def _hidden_issues(run: ExportRun, tickets: Iterable[RenderedTicket]) -> frozenset[str]:
    """Return the ids of tickets or epics whose issues Jira does not show."""
    issue_ids = {}
    for rendered in tickets:
        receipt = run.issue_receipt(rendered)
        if receipt is not None and receipt.remote_id:
            issue_ids[rendered.ticket.ticket_id] = receipt.remote_id
    shown, failed = read_some(run, list(issue_ids.values()), fields=("summary",))
    return frozenset(
        ticket_id
        for ticket_id, issue_id in issue_ids.items()
        if issue_id not in shown and issue_id not in failed
    )


def _skipped_dependencies(
    tickets: Iterable[RenderedTicket],
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return the numbers of tickets that get no link, each with those of the skipped ones."""
    pairs = []
    by_number = skipped_dependencies(rendered.ticket for rendered in tickets)
    for number, skipped in by_number.items():
        pairs.append((number, tuple(ticket.number for ticket in skipped)))
    return tuple(pairs)


def _issues_there(run: ExportRun) -> list[FoundIssue]:
    """Look for issues of the session that it does not count, before it creates any.

    Through the search index, which may lack some, and by the ids of those that an undo deleted: the
    sweep of an export looks again, by number too.
    """
    labelled = labelled_issues(run)
    refuse_other_installation(run, labelled)
    removed, _ = read_some(
        run, sorted(run.page.removed_ids), fields=PROBE_FIELDS, properties=(MARKER_PROPERTY,)
    )
    listed = (issue for issue in labelled if issue.issue_id not in run.page.removed_ids)
    return [*listed, *removed.values()]


def _obstacle(
    run: ExportRun,
    session: UploadSession,
    *,
    same: Sequence[SameSpecification],
    copies: CopiedIssues | None,
    unclaimed: Mapping[str, str],
    going: Collection[str],
    is_creating: bool,
    new: NewTarget | None,
) -> PipelineError | None:
    """Return the first that is in the way; tickets that are `going` are no question."""
    key = session.session_key
    tools = run.tools
    vanished = tools.store.tickets.list_vanished(key)
    try:
        begun = run.page.open_undo()
        if begun is not None:
            raise unfinished_undo_of(begun, session_key=key, target=run.target)
        if copies is not None:
            raise question_of_copies(copies)
        if unclaimed:
            raise unclaimed_issues_error(run, unclaimed)
        question = question_of(same, session_key=key, target=run.target)
        if question is not None:
            raise question
        check_gate(
            session,
            checked=tools.store.validations.checked(key),
            rendered=run.order.rendered,
            vanished=[ticket for ticket in vanished if ticket.ticket_id not in going],
        )
        if is_creating:
            _check_project(run)
            check_epics(run)
        if new is not None:
            raise question_of_new_target(new, session_key=key)
    except (GateError, AccessError, ConfigurationError, RefusedError) as error:
        return error
    return None


def planned_target(run: ExportRun) -> PlannedTarget:
    """Say where something would happen, and as whom."""
    target = run.target
    account = run.account
    return PlannedTarget(
        site="sandbox" if target.is_sandbox else target.base_url,
        project=target.project_key,
        account=account.display_name or account.account_id,
    )
