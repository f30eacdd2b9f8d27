"""What an export would do, without doing it.

Belongs here: the plan people confirm before an export. Does not: any write.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.export.adoption_proposals import titles_already_used
from jira_pipeline.export.attachments import pending_files
from jira_pipeline.export.creation import check_names
from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportRun,
    ExportTools,
    begin_run,
    marker_of,
)
from jira_pipeline.export.gate import (
    answer_of,
    answers_to,
    check_gate,
    is_answered,
    new_target_of,
    question_of,
    question_of_copies,
    question_of_new_target,
    same_specifications_of,
    unfinished_undo_of,
)
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.links import Detaching, Linking, links_of, obsolete_files, obsolete_links
from jira_pipeline.export.lookups import (
    PROBE_FIELDS,
    copied_issues,
    describe_copies,
    labelled_issues,
    read_some,
    refuse_other_installation,
)
from jira_pipeline.export.placing import check_epics, place_writes
from jira_pipeline.export.project_check import checked_names, needs_of
from jira_pipeline.export.target import find_target, withheld_permissions
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
from jira_pipeline.model.sessions import AsNew, Beside, UploadSession
from jira_pipeline.model.target_shares import CopiedIssues, NewTarget, SameSpecification
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.marks import skipped_dependencies

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
    """Those of the warnings that say which issues have titles of tickets."""
    skipped_dependencies: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """Tickets to export that depend on skipped ones, and the numbers of those: no link is made."""
    same_specification: tuple[SameSpecification, ...] = ()
    """Other sessions that have issues of these tickets in this project."""
    new_target: NewTarget | None = None
    """Where else the session has issues, if it was never here and nobody answered."""
    copies: CopiedIssues | None = None
    """Issues of the session that came here by no export of it, if nobody answered."""
    answers: tuple[AsNew, ...] = ()
    """What is stored where people want new issues beside all of these."""
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
        is_updating = any(not one.objection for one in self.updates)
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
        phrases = (
            (self.attach, f"attach {format_count(self.attach, 'file')}"),
            (
                self.place,
                f"put {format_count(self.place, 'issue')} under a parent or into a sprint",
            ),
            (self.detach, f"delete {self.detach} of our links and files that no ticket needs"),
        )
        return ", ".join(words for count, words in phrases if count)

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
    run = begin_run(tools, order, find_target(tools, order), account=tools.tracker.whoami())
    receipts = {r.ticket.number: run.issue_receipt(r) for r in order.in_build_order}
    epics = {r.summary: run.issue_receipt(r) for r in order.epics.created}
    there = _issues_there(run) if None in (*receipts.values(), *epics.values()) else []
    # a restored store may not know them: an export finds them, and creates none beside
    found = {
        marker.identity
        for issue in there
        if (marker := marker_of(issue)) and not reason_not_to_claim(run, issue)
    }

    def is_new(rendered: RenderedTicket) -> bool:
        identity = run.identity(rendered.ticket.ticket_id)
        return run.issue_receipt(rendered) is None and identity not in found

    create = tuple(r.ticket.number for r in order.in_build_order if is_new(r))
    new_epics = tuple(r.summary for r in order.epics.created if is_new(r))
    ids = {n: r.remote_id for n, r in receipts.items() if r is not None and r.remote_id}
    epic_ids = {t: r.remote_id for t, r in epics.items() if r is not None and r.remote_id}
    shown, failed = read_some(run, [*ids.values(), *epic_ids.values()], fields=("summary",))
    gone_epics = [
        f"Jira does not show the epic “{title}”: new issues go without it until somebody decides "
        "about it."
        for title, issue_id in epic_ids.items()
        if issue_id not in {*shown, *failed}
    ]
    gone = tuple(number for number, issue_id in ids.items() if issue_id not in {*shown, *failed})
    session = tools.sessions.get(order.session_key)
    same = same_specifications_of(run, is_as_new=is_as_new or session.manifest.as_new)
    new = new_target_of(run)
    is_looked_for = not run.page.entries and not is_answered(run, Beside.COPIES)
    copies = describe_copies(run, copied_issues(run, there)) if is_looked_for else None
    blocked = _obstacle(
        run,
        session,
        same=same,
        copies=None if is_as_new else copies,
        unclaimed=unclaimed_issues(run, there),
        going={ticket.ticket_id for ticket in agreed},
        is_creating=bool(create or new_epics),
        new=None if is_as_new else new,
    )
    updates = planned_updates(run, changes or ())
    following = {one.number for one in updates if not one.objection}
    obsolete = obsolete_files(run, planned=following)
    if changes is not None:
        obsolete += obsolete_links(run, planned=following)
    names = checked_names(
        tools.tracker,
        project_key=run.target.project_key,
        project_id=run.target.project_id,
        needs=needs_of(r.ticket for r in order.in_build_order if r.ticket.number in create),
    )
    lookalikes = titles_already_used(run, order.in_build_order) if not run.page.entries else ()
    return ExportPlan(
        target=planned_target(run),
        create=create,
        epics=new_epics,
        existing_count=len(order.in_build_order) - len(create) - len(gone),
        gone=gone,
        link=len(Linking(run, links_of(order.in_build_order)).pending()),
        skip=tuple(sorted(r.ticket.number for r in order.rendered if r.is_excluded)),
        remove=(),
        blocked=blocked,
        warnings=(*names.warnings, *gone_epics, *lookalikes),
        lookalikes=lookalikes,
        same_specification=same,
        new_target=new,
        copies=copies,
        answers=(
            *answers_to(run, same),
            *([answer_of(run, Beside.TARGET)] if new is not None else []),
            *([answer_of(run, Beside.COPIES)] if copies is not None else []),
        ),
        attach=len(pending_files(run, planned=following.union(create))),
        place=sum(len(writes.pending()) for writes in place_writes(run, order.in_build_order)),
        detach=len(Detaching(run, obsolete).pending()),
        updates=updates,
        withdraw=tuple(ticket.number for ticket in agreed),
        skipped_dependencies=tuple(
            (number, tuple(ticket.number for ticket in skipped))
            for number, skipped in skipped_dependencies(r.ticket for r in order.rendered).items()
        ),
    )


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
        if (begun := run.page.open_undo()) is not None:
            raise unfinished_undo_of(begun, session_key=key, target=run.target)
        if copies is not None:
            raise question_of_copies(copies)
        if unclaimed:
            raise unclaimed_issues_error(run, unclaimed)
        if (question := question_of(same, session_key=key, target=run.target)) is not None:
            raise question
        check_gate(
            session,
            checked=tools.store.validations.checked(key),
            rendered=run.order.rendered,
            vanished=[t for t in vanished if t.ticket_id not in going],
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
