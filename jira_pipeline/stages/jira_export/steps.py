"""Exports a session to Jira: create, attach, link, each on its own feet.

Belongs here: the steps in their order, and what a session shows of them. Does not: the steps
themselves (`creation`, `attachments`, `links`), the gate (`gate`).

Each step takes the lease and passes gate and preflight itself, because a re-execution from failure
starts at any of them. What was done is in the ledger, so every step may be repeated.
"""

from collections.abc import Iterator

from jira_pipeline.domain.sessions import SessionStage, SessionStatus, TicketProgress
from jira_pipeline.domain.tickets import nothing_to_do
from jira_pipeline.stages.jira_export.attachments import (
    Attaching,
    AttachmentReport,
    file_identities,
)
from jira_pipeline.stages.jira_export.book import ExportBook
from jira_pipeline.stages.jira_export.choices import CreateScreen
from jira_pipeline.stages.jira_export.creation import CreationReport, IssueCreation
from jira_pipeline.stages.jira_export.gate import (
    find_issue_type,
    find_link_types,
    find_screen,
    opened_target,
)
from jira_pipeline.stages.jira_export.links import Linking, LinkReport, link_identities
from jira_pipeline.stages.jira_export.order import UNASKED, ExportOrder, ExportTools, OpenTarget
from jira_pipeline.stages.jira_export.placing import place_identities, place_issues

DONE_PERCENTAGE = 100.0


def create_issues(tools: ExportTools, order: ExportOrder) -> CreationReport:
    """Create one issue per ticket that has none, dependencies first; then see to their places.

    Raises:
        GateError: A person must act first; the rule says which.
        LeaseBusyError: Another process exports to this target.
        CancelledError: The export was cancelled.
        OrphanIssueError: A doubt remains that only a person can settle.
        UpstreamError: Jira cannot be asked, refuses a ticket, or leaves doubts for later.
    """

    def issues_and_places(opened: OpenTarget, _: ExportBook) -> Iterator[str]:
        yield from (opened.identity(r.ticket.ticket_id) for r in order.in_build_order)
        yield from place_identities(opened, order)

    with opened_target(tools, order, writes=issues_and_places) as opened:
        issue_type_id, screen = "", CreateScreen(field_ids=frozenset())
        if opened.account is not UNASKED:  # else nothing is created
            issue_type = find_issue_type(tools, order, target=opened.target)
            screen = find_screen(tools, order, target=opened.target, issue_type=issue_type)
            issue_type_id = issue_type.issue_type_id
            if order.names.blocks_link_type or order.names.relates_link_type:
                find_link_types(tools, order)  # a name that is wrong stops here, before any issue
        _show_running(tools, order)
        creation = IssueCreation(
            tools, order, opened=opened, issue_type_id=issue_type_id, screen=screen
        )
        report = creation.run()
        place_issues(tools, order, opened=opened)
        return report


def attach_files(tools: ExportTools, order: ExportOrder) -> AttachmentReport:
    """Attach every full text to its issue once; what Jira refuses becomes a manual fix.

    Raises:
        GateError: A person must act first; the rule says which.
        LeaseBusyError: Another process exports to this target.
        UpstreamError: Jira cannot be asked or asks to wait.
    """
    with opened_target(
        tools, order, writes=lambda o, book: file_identities(o, book, order)
    ) as opened:
        _show_running(tools, order)
        return Attaching(tools, order, opened=opened).run()


def link_issues(tools: ExportTools, order: ExportOrder) -> LinkReport:
    """Link the issues, read the links back, and complete the session.

    Raises:
        GateError: A person must act first; the rule says which.
        LeaseBusyError: Another process exports to this target.
        UpstreamError: Jira cannot be asked or asks to wait.
    """
    with opened_target(tools, order, writes=lambda o, _: link_identities(o, order)) as opened:
        _show_running(tools, order)
        report = Linking(tools, order, opened=opened).run()
        _show_completed(tools, order)
        return report


def _show_running(tools: ExportTools, order: ExportOrder) -> None:
    tools.sessions.set_stage(
        order.session_key,
        stage=SessionStage.JIRA_EXPORT,
        status=SessionStatus.RUNNING,
        at=tools.clock.now(),
        run_id=order.run_id,
    )


def _show_completed(tools: ExportTools, order: ExportOrder) -> None:
    tools.sessions.set_stage(
        order.session_key,
        stage=SessionStage.COMPLETED,
        status=SessionStatus.COMPLETED,
        at=tools.clock.now(),
        run_id=order.run_id,
    )
    tools.sessions.set_progress(
        order.session_key,
        percentage=DONE_PERCENTAGE,
        text=nothing_to_do(r.ticket for r in order.rendered) or "Export completed",
        at=tools.clock.now(),
        details=TicketProgress(
            ticket_id=None,
            ticket_title=None,
            done=len(order.in_build_order),
            failed=0,
            total=len(order.in_build_order),
            remaining_seconds=0.0,
        ),
    )
