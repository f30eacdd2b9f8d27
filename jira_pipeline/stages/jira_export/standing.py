"""What a session has on the target it was exported to, opened for undo and settle.

Belongs here: finding that target by the ledger, holding its lease, checking access. Does not: the
gate of an export (`gate`): neither undo nor settle sends what it guards.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.export_ledger import Target
from jira_pipeline.errors import AccessError, GateError, GateRule
from jira_pipeline.stages.jira_export.held_lease import held_lease
from jira_pipeline.stages.jira_export.known_sites import is_same_site
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools, OpenTarget


@contextmanager
def opened_standing(
    tools: ExportTools, order: ExportOrder, *, permissions: Sequence[str]
) -> Iterator[OpenTarget]:
    """Hold the lease of the target the session was last exported to, with access checked.

    Raises:
        GateError: The session was never exported to this site.
        LeaseBusyError: Another process writes to this target.
        AccessError: The account lacks a permission.
        UpstreamError: Jira cannot be asked.
    """
    target = find_standing_target(tools, order)
    with held_lease(tools, order, target):
        yield look_at_target(tools, order, target=target, permissions=permissions)


def find_standing_target(tools: ExportTools, order: ExportOrder) -> Target:
    """Find the target on this site that the session was last exported to.

    By the ledger, not by the project the settings name now.

    Raises:
        GateError: There is none.
    """
    site = tools.tracker.site()
    for target in reversed(tools.ledger.targets_of(order.session_key)):
        if is_same_site(target, site):
            return target
    where = "the sandbox" if order.is_sandbox else site.base_url
    raise GateError(
        f"Session {order.session_key} was never exported to {where}: nothing there is in doubt or "
        "can be taken back.",
        rule=GateRule.NOT_EXPORTED,
        recovery_actions=(
            Action.of(
                ActionKind.SHOW_STATUS, "{} names the next step.", session_key=order.session_key
            ),
            "If it was exported to another site, set JIRA_BASE_URL to that one.",
        ),
    )


def look_at_target(
    tools: ExportTools, order: ExportOrder, *, target: Target, permissions: Sequence[str]
) -> OpenTarget:
    """Check that we are known there and have these permissions.

    Raises:
        AccessError: The account lacks a permission.
    """
    account = tools.tracker.whoami()
    project = tools.tracker.project(target.project_id)
    granted = tools.tracker.granted_permissions(project.key, permissions)
    missing = [name for name in permissions if name not in granted]
    if missing:
        raise AccessError(
            f"The account may not do this in {target.name}: it lacks {', '.join(missing)}.",
            recovery_actions=("Ask an administrator of the project for these permissions.",),
        )
    return OpenTarget(
        target=target,
        account=account,
        installation_id=tools.ledger.installation_id(),
        session_key=order.session_key,
    )
