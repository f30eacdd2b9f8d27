"""The door of every export, undo and settling: one target, found, held and looked at.

Belongs here: which site and project an order names or the ledger knows, the lease, what we may do
there, the `ExportRun` that all steps get. Does not: the rules of an export (`gate`), how a lease is
kept (`store/locks`).

A page that is missing for a moment must not give a site a second name: under another name every
issue would be created once more.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from jira_pipeline.export.export_run import (
    UNASKED,
    ExportOrder,
    ExportRun,
    ExportTools,
    Preflight,
    begin_run,
)
from jira_pipeline.export.gate import check_order
from jira_pipeline.export.lookups import NOT_FOUND, labelled_issues
from jira_pipeline.export.target_questions import check_target, exported_targets, never_exported
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import (
    AccessError,
    ConfigurationError,
    LeaseBusyError,
    RefusedError,
    UnavailableError,
)
from jira_pipeline.model.exports import Target
from jira_pipeline.model.issue_tracker import Project, Site

LISTED_PROJECTS = Action(
    kind=ActionKind.CHECK_PROJECT,
    sentence="List the projects you can see: {}.",
    arguments={"list": True},
)

NEEDED_PERMISSIONS = ("BROWSE_PROJECTS", "CREATE_ISSUES")
READING_PERMISSIONS = ("BROWSE_PROJECTS",)
"""What looking at issues needs: to settle, to compare, to read how far people are."""
RESTORE_PROJECT = (
    "Ask an administrator of the site to restore it, or name another project in JIRA_PROJECT_KEY, or in "
    "jira_project_key in session.yaml and upload it."
)
PERMISSION_ACTION = "Ask a project administrator for these permissions."


@contextmanager
def opened_for_export(
    tools: ExportTools, order: ExportOrder, *, is_due: Callable[[ExportRun], bool] = lambda _: True
) -> Iterator[ExportRun]:
    """Hold the lease of the target an order names, with the gate passed and access checked.

    The gate is looked at twice: before anything is asked of Jira, and under the lease. Who we are
    and what we may do is asked where something of a step `is_due`. Every step comes in here, because
    a re-execution from failure starts at any of them; what the step before asked in this run and
    process, or the plan right before it, is not asked again, unless it failed.

    Raises:
        GateError: A person must act first.
        LeaseBusyError: Another process exports to this target.
        ConfigurationError: No project is named.
        AccessError: The account lacks a permission.
        UpstreamError: Jira cannot be asked.
    """
    check_order(tools, order)
    preflight = tools.preflights.pop() if tools.preflights else Preflight()
    if preflight.project_key != order.project_key:
        preflight = Preflight(project_key=order.project_key)
    target = preflight.target or find_target(tools, order)
    with held_lease(tools, order, target):
        check_order(tools, order)
        run = begin_run(tools, order, target)
        check_target(run)
        if is_due(run):
            if preflight.account is UNASKED:
                preflight.account = tools.tracker.whoami()
            if preflight.wanted != wanted_permissions(order):
                preflight.wanted = wanted_permissions(order)
                preflight.withheld = withheld_permissions(run)
            run = replace(run, account=preflight.account, withheld=preflight.withheld)
        tools.store.ledger.record_target(
            target, at=tools.clock.now(), destination=order.destination
        )
        yield run
    preflight.target = target
    tools.preflights.append(preflight)


@contextmanager
def opened_for_adopting(
    tools: ExportTools, order: ExportOrder, *, permissions: Sequence[str]
) -> Iterator[ExportRun]:
    """Hold the lease of the target an order names, exported there or not, access checked.

    Raises:
        GateError: The session has issues on another target, or an undo has not ended.
        LeaseBusyError: Another process writes to this target.
        AccessError: The account lacks a permission.
        UpstreamError: Jira cannot be asked.
    """
    target = find_target(tools, order)
    with held_lease(tools, order, target):
        run = seen_where_exported(tools, order, permissions=permissions, target=target)
        check_target(run)
        tools.store.ledger.record_target(
            target, at=tools.clock.now(), destination=order.destination
        )
        yield run


@contextmanager
def opened_where_exported(
    tools: ExportTools, order: ExportOrder, *, permissions: Sequence[str]
) -> Iterator[ExportRun]:
    """Hold the lease of the target an order names, where the session was exported, access checked.

    Raises:
        GateError: The session was never exported to this target.
        LeaseBusyError: Another process writes to this target.
        AccessError: The account lacks a permission.
        UpstreamError: Jira cannot be asked.
    """
    target = find_exported_target(tools, order)
    with held_lease(tools, order, target):
        yield seen_where_exported(tools, order, permissions=permissions, target=target)


def seen_where_exported(
    tools: ExportTools,
    order: ExportOrder,
    *,
    permissions: Sequence[str],
    target: Target | None = None,
) -> ExportRun:
    """Check access to a target, and begin a run on it; nothing is sent.

    Without a target, it is the one that the order names, if the session was exported there.
    """
    seen_target = target or find_exported_target(tools, order)
    account = tools.tracker.whoami()
    project = tools.tracker.project(seen_target.project_id)
    granted = tools.tracker.granted_permissions(project.key, permissions)
    missing = [name for name in permissions if name not in granted]
    if missing:
        raise AccessError(
            f"The account may not do this in {seen_target.name}: it lacks {', '.join(missing)}.",
            recovery_actions=(PERMISSION_ACTION,),
        )
    return begin_run(tools, order, seen_target, account=account)


@contextmanager
def held_lease(tools: ExportTools, order: ExportOrder, target: Target) -> Iterator[None]:
    """Hold the lease of a target until the block ends; refused while another process does."""
    with ExitStack() as held:
        try:
            held.enter_context(tools.store.leases.hold(target.target_id, holder=order.holder))
        except LeaseBusyError as error:
            raise LeaseBusyError(target=target.name, holder=error.holder) from error
        yield


def lease_fault(tools: ExportTools, order: ExportOrder, target: Target) -> LeaseBusyError | None:
    """Say that another process is at work on a target, where one is."""
    try:
        with held_lease(tools, order, target):
            return None
    except LeaseBusyError as error:
        return error


def find_target(tools: ExportTools, order: ExportOrder, *, is_reading: bool = False) -> Target:
    """Find the site and project the order names; nothing is written.

    `is_reading`: what follows changes nothing in the project, which may be archived then.

    Raises:
        ConfigurationError: No project is named.
        RefusedError: There is no such project, the account may not see it, or it is archived.
    """
    if not order.project_key:
        raise ConfigurationError(
            f"Session {order.session_key} names no Jira project.",
            recovery_actions=(
                "Set JIRA_PROJECT_KEY, or jira_project_key in session.yaml.",
                LISTED_PROJECTS,
            ),
        )
    targets = tools.store.ledger.targets()
    site = tools.tracker.site({target.site_id: target.base_url for target in targets})
    try:
        project = tools.tracker.project(order.project_key)
    except RefusedError as error:
        if error.status_code != NOT_FOUND:
            raise
        raise RefusedError(
            f"There is no project {order.project_key}, or the account may not see it.",
            status_code=error.status_code,
            recovery_actions=(
                LISTED_PROJECTS,
                "Set JIRA_PROJECT_KEY, or jira_project_key in session.yaml and upload it.",
                "Or ask a project administrator for access.",
            ),
        ) from error
    reason = None if is_reading else unusable_reason(project)
    if reason is not None:
        raise RefusedError(reason, recovery_actions=(RESTORE_PROJECT, LISTED_PROJECTS))
    site_id = _known_site_id(tools, site, project_id=project.project_id)
    return Target(
        target_id=f"{site_id}/{project.project_id}",
        site_id=site_id,
        base_url=site.base_url,
        project_id=project.project_id,
        project_key=project.key,
        is_sandbox=order.is_sandbox,
    )


def unusable_reason(project: Project) -> str | None:
    """Say why nothing can be created or changed in a project; None where nothing speaks against it."""
    if project.is_deleted:
        return f"The project {project.key} is in the trash of its site."
    if project.is_archived:
        return f"The project {project.key} is archived: it can be read, and nothing can be created."
    return None


def _known_site_id(tools: ExportTools, site: Site, *, project_id: str) -> str:
    """Return the id under which a project of the site is known, else what the site calls itself.

    Raises:
        UnavailableError: Several sites had this address, and this one does not say which it is.
    """
    known_ids = [
        target.site_id
        for target in tools.store.ledger.targets()
        if target.project_id == project_id and _is_same_site(target, site)
    ]
    if not known_ids or site.site_id in known_ids:
        return site.site_id
    if len(known_ids) > 1:
        raise UnavailableError(
            f"{site.base_url} does not say which site it is just now, and several were known "
            "there; nothing is sent before it does."
        )
    return known_ids[0]


def _is_same_site(target: Target, site: Site) -> bool:
    """Tell whether a target is on a site, also where one of both lacks the site's id."""
    if target.site_id.lower() == site.site_id.lower():  # cloud ids know no case
        return True
    is_nameless = site.base_url in (target.site_id, site.site_id)
    return is_nameless and target.base_url == site.base_url


def wanted_permissions(order: ExportOrder) -> tuple[str, ...]:
    """Return the permissions an export of this order makes use of."""
    tickets = order.in_build_order
    used = {
        "ASSIGN_ISSUES": any(r.ticket.assignee for r in tickets),
        "LINK_ISSUES": any(r.ticket.depends_on or r.ticket.relates_to for r in tickets),
        "CREATE_ATTACHMENTS": any(r.attachment is not None for r in tickets),
        "SCHEDULE_ISSUES": any(r.ticket.sprint for r in tickets),
    }
    return (*NEEDED_PERMISSIONS, *(name for name, is_used in used.items() if is_used))


def withheld_permissions(run: ExportRun) -> frozenset[str]:
    """Return those of them that we lack.

    Raises:
        AccessError: We lack one that nothing can be created without.
    """
    wanted = wanted_permissions(run.order)
    granted = run.tools.tracker.granted_permissions(run.target.project_key, wanted)
    missing = [name for name in NEEDED_PERMISSIONS if name not in granted]
    if missing:
        raise AccessError(
            f"The account may not work in {run.target.name}: it lacks {', '.join(missing)}.",
            recovery_actions=(PERMISSION_ACTION,),
        )
    return frozenset(wanted) - granted


def find_exported_target(tools: ExportTools, order: ExportOrder) -> Target:
    """Find the target an order names, by asking the site, if the session was exported there.

    What is there was sent there: ids of one site mean nothing on another. A restored store may not
    know that it was: issues with the session's label say so.

    Raises:
        GateError: It was never exported to this target.
        ConfigurationError: No project is named.
        RefusedError: There is no such project, or the account may not see it.
        UpstreamError: Jira cannot be asked.
    """
    target = find_target(tools, order, is_reading=True)
    targets = tools.store.ledger.targets_of(order.session_key)
    if target.target_id in {known_target.target_id for known_target in targets}:
        return target
    if labelled_issues(begin_run(tools, order, target)):
        tools.store.ledger.record_target(
            target, at=tools.clock.now(), destination=order.destination
        )
        return target
    raise never_exported(
        order.session_key,
        where=target.name,
        others=[other.name for other in exported_targets(tools.store.ledger, order.session_key)],
    )
