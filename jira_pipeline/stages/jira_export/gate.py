"""The gate before every export (S0-1 … S0-5), and the preflight behind it.

Belongs here: what must hold before anything is written to a target. Does not: creating, attaching
or linking, which all pass through `opened_target` themselves, because a re-execution may start at
any of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.export_ledger import Target
from jira_pipeline.domain.next_step import next_step, refuse_without_tickets
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.staleness import Stale
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.domain.validations import CheckedContents
from jira_pipeline.errors import (
    AccessError,
    ConfigurationError,
    GateError,
    GateRule,
    RefusedError,
)
from jira_pipeline.ports.issue_tracker import CreateField, IssueType, LinkType, Project
from jira_pipeline.stages.jira_export.book import ExportBook, open_book
from jira_pipeline.stages.jira_export.choices import CreateScreen
from jira_pipeline.stages.jira_export.held_lease import held_lease
from jira_pipeline.stages.jira_export.jira_names import (
    LINK_SETTINGS,
    LinkKind,
    choose_issue_type,
    choose_link_type,
)
from jira_pipeline.stages.jira_export.known_sites import known_site_id
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools, OpenTarget
from jira_pipeline.stages.jira_export.people import Unresolved
from jira_pipeline.stages.jira_export.same_specification import check_same_specification
from jira_pipeline.stages.review.withdrawals import all_said, proposed_among, ways_out
from jira_pipeline.stages.situations import situation_before_export, staleness_of

NOT_FOUND = 404
ISSUE_TYPE_ACTION = (
    "Name one by name or id in JIRA_ISSUE_TYPE, or in issue_type of session.yaml and upload it."
)
NEEDED_PERMISSIONS = ("BROWSE_PROJECTS", "CREATE_ISSUES")
NOT_AGREED_AUTOMATICALLY = (
    "The session approves itself, but not this: people worked on one of them, one has an issue, a "
    "sheet has no row any more, or they are more than one and more than a tenth of all."
)
LISTED_PROJECTS = Action(
    kind=ActionKind.CHECK_PROJECT,
    sentence="Run {} for the projects you can see.",
    arguments={"list": True},
)
LINK_TYPE_ACTION = Action.of(
    ActionKind.CHECK_PROJECT, "Correct the setting; {} shows how links would read."
)
SENT_FIELDS = frozenset({"project", "summary", "description", "issuetype", "labels"})
"""Fields every creation fills."""


def check_gate(
    session: UploadSession,
    *,
    checked: CheckedContents | None,
    rendered: tuple[RenderedTicket, ...],
    vanished: Sequence[Ticket],
) -> None:
    """Let the session pass, or say what a person must do first.

    S0-1 (an export of the session is already running) is the lease, which `opened_target` takes.
    `vanished` are the tickets whose rows are gone, with the agreement of people or without.

    Raises:
        GateError: There are no tickets yet, or the first of S0-2, S0-3, S0-4, withdrawal, S0-5
            that does not hold.
    """
    refuse_without_tickets(session)
    proposed = proposed_among(vanished)
    obstacle = _obstacle(session, checked=checked, rendered=rendered, proposed=proposed)
    if obstacle is not None:
        now = situation_before_export(session, checked=checked, rendered=rendered)
        step = next_step(replace(now, withdrawals=len(proposed)))
        raise GateError(
            obstacle.message, rule=obstacle.rule, recovery_actions=(step.action, *obstacle.then)
        )


class _Obstacle(NamedTuple):
    """Why the gate is closed."""

    message: str
    rule: GateRule
    then: tuple[Action | str, ...] = ()
    """What to do after the next step."""


def _obstacle(
    session: UploadSession,
    *,
    checked: CheckedContents | None,
    rendered: tuple[RenderedTicket, ...],
    proposed: Sequence[Ticket],
) -> _Obstacle | None:
    """Return the first that holds of S0-2, S0-3, S0-4, withdrawal, S0-5."""
    key = session.session_key
    if checked is None:
        return _Obstacle(
            f"ADF validation required: session {key} was never validated.", GateRule.NOT_VALIDATED
        )
    if checked.failures:
        return _Obstacle(
            f"ADF validation did not pass: {len(checked.failures)} of "
            f"{len(checked.rendered_hashes)} tickets of session {key} failed; the first is "
            f"{checked.failures[0]}.",
            GateRule.VALIDATION_FAILED,
        )
    verdict = staleness_of(session, checked=checked, rendered=rendered)
    if isinstance(verdict, Stale):
        return _Obstacle(
            f"Re-validation required for session {key}: {'; '.join(verdict.reasons)}.",
            GateRule.STALE,
            (
                "Look at what changed in review.html and mark it ready.",
                Action.of(ActionKind.EXPORT, "Then run {}.", session_key=key),
            ),
        )
    return _lost_tickets(session, proposed) or _missing_mark(session, rendered)


def _lost_tickets(session: UploadSession, proposed: Sequence[Ticket]) -> _Obstacle | None:
    """Stop before tickets are left out that nobody agreed to lose."""
    if not proposed:
        return None
    is_one = len(proposed) == 1
    told = "1 ticket is" if is_one else f"{len(proposed)} tickets are"
    by_itself = f" {NOT_AGREED_AUTOMATICALLY}" if session.manifest.auto_approve else ""
    return _Obstacle(
        f"{told} no longer in the sheets of session {session.session_key}, and nobody agreed to "
        f"withdraw {'it' if is_one else 'them'}: {all_said(proposed)}.{by_itself}",
        GateRule.QUESTIONS_OF_WITHDRAWAL,
        ways_out(session.session_key)[1:],
    )


def _missing_mark(session: UploadSession, rendered: tuple[RenderedTicket, ...]) -> _Obstacle | None:
    waiting = [
        r.ticket.number
        for r in rendered
        if not r.is_skipped and r.ticket.ready_hash != r.rendered_hash
    ]
    if not waiting:
        return None
    session_key = session.session_key
    status = "{} says why it does not approve itself."
    why = Action.of(ActionKind.SHOW_STATUS, status, session_key=session_key)
    noun = "ticket waits" if len(waiting) == 1 else "tickets wait"
    return _Obstacle(
        f"{len(waiting)} {noun} for review in session {session_key}; "
        f"the first is number {min(waiting)}.",
        GateRule.NOT_READY,
        (
            Action.of(
                ActionKind.SHOW_TICKET,
                "Read them in review.html, or with {}.",
                session_key=session_key,
            ),
            *((why,) if session.manifest.auto_approve else ()),
        ),
    )


@contextmanager
def opened_target(
    tools: ExportTools,
    order: ExportOrder,
    *,
    writes: Callable[[OpenTarget, ExportBook], Iterable[str]],
) -> Iterator[OpenTarget]:
    """Hold the lease of the target with the gate passed and access checked.

    The gate is looked at twice: before anything is asked of Jira, and under the lease. Who we are
    and what we may do is asked where one of the identities a step writes is not there yet.

    Raises:
        GateError: A person must act first.
        LeaseBusyError: Another process exports to this target.
        ConfigurationError: No project is named.
        AccessError: The account lacks a permission.
        UpstreamError: Jira cannot be asked.
    """
    _check_now(tools, order)
    target = find_target(tools, order)
    with held_lease(tools, order, target):
        _check_now(tools, order)
        check_same_specification(tools, order, target)
        opened = OpenTarget(
            target=target,
            installation_id=tools.ledger.installation_id(),
            session_key=order.session_key,
        )
        book = open_book(tools, opened)
        _check_no_removal_is_open(book, order)
        if not book.is_complete(writes(opened, book)):
            account = tools.tracker.whoami()
            withheld = withheld_permissions(tools, target, wanted_permissions(order))
            opened = replace(opened, account=account, withheld=withheld)
        tools.ledger.record_target(target, at=tools.clock.now())
        yield opened


def wanted_permissions(order: ExportOrder) -> tuple[str, ...]:
    """Return the permissions an export of this order makes use of, the needed ones first."""
    tickets = order.in_build_order
    used = {
        "ASSIGN_ISSUES": any(r.ticket.assignee for r in tickets),
        "LINK_ISSUES": any(r.ticket.depends_on or r.ticket.relates_to for r in tickets),
        "CREATE_ATTACHMENTS": order.attaches_refused_descriptions
        or any(r.attachment is not None for r in tickets),
        "SCHEDULE_ISSUES": any(r.ticket.sprint for r in tickets),
    }
    return (*NEEDED_PERMISSIONS, *(name for name, is_used in used.items() if is_used))


def withheld_permissions(
    tools: ExportTools, target: Target, wanted: Sequence[str]
) -> frozenset[str]:
    """Return those of the wanted permissions we lack and can do without.

    Raises:
        AccessError: We lack one that nothing can be created without.
    """
    granted = tools.tracker.granted_permissions(target.project_key, wanted)
    _check_permissions(target, granted)
    return frozenset(wanted) - granted


def find_target(tools: ExportTools, order: ExportOrder) -> Target:
    """Find the site and project the order names; nothing is written."""
    if not order.project_key:
        raise ConfigurationError(
            f"Session {order.session_key} names no Jira project.",
            recovery_actions=(
                "Set JIRA_PROJECT_KEY, or jira_project_key in session.yaml.",
                LISTED_PROJECTS,
            ),
        )
    site = tools.tracker.site()
    project = find_project(tools, order.project_key)
    site_id = known_site_id(tools, site, project_id=project.project_id)
    return Target(
        target_id=f"{site_id}/{project.project_id}",
        site_id=site_id,
        base_url=site.base_url,
        project_id=project.project_id,
        project_key=project.key,
        is_sandbox=order.is_sandbox,
    )


def find_project(tools: ExportTools, project_key: str) -> Project:
    """Find a project, or raise RefusedError that says how to name another."""
    try:
        return tools.tracker.project(project_key)
    except RefusedError as error:
        if error.status_code != NOT_FOUND:
            raise
        raise RefusedError(
            f"There is no project {project_key}, or the account may not see it.",
            status_code=error.status_code,
            recovery_actions=(
                LISTED_PROJECTS,
                "Name one in JIRA_PROJECT_KEY, or in jira_project_key of session.yaml and upload it.",
                "Or ask an administrator of the project for access.",
            ),
        ) from error


def find_issue_type(tools: ExportTools, order: ExportOrder, *, target: Target) -> IssueType:
    """Find the issue type to create, or raise RefusedError that lists those there are."""
    issue_types = tools.tracker.issue_types(target.project_id)
    asked, is_sandbox = order.names.issue_type, order.is_sandbox
    found = choose_issue_type(issue_types, asked=asked, is_sandbox=is_sandbox)
    if not isinstance(found, Unresolved):
        return found
    raise RefusedError(
        f"Which issue type to create in {target.name} is not clear: {found.reason}.",
        recovery_actions=(ISSUE_TYPE_ACTION,),
    )


def find_link_types(
    tools: ExportTools, order: ExportOrder
) -> Mapping[LinkKind, LinkType | Unresolved]:
    """Find the link type of each kind; nothing is guessed.

    Raises:
        ConfigurationError: One that people named is not there, or cannot be what they mean.
    """
    link_types = tools.tracker.link_types()
    found: dict[LinkKind, LinkType | Unresolved] = {}
    for kind in LinkKind:
        asked = order.names.link_type(kind)
        choice = choose_link_type(kind, link_types, asked=asked, is_sandbox=order.is_sandbox)
        if isinstance(choice, Unresolved) and asked is not None:
            raise ConfigurationError(
                f"{LINK_SETTINGS[kind]}: {choice.reason}.",
                recovery_actions=(LINK_TYPE_ACTION,),
            )
        found[kind] = choice
    return found


def find_screen(
    tools: ExportTools, order: ExportOrder, *, target: Target, issue_type: IssueType
) -> CreateScreen:
    """Return what can be filled on the create screen.

    Raises:
        RefusedError: The project requires a field that we do not fill.
    """
    fields = tools.tracker.create_fields(target.project_id, issue_type.issue_type_id)
    unfilled = unfilled_fields(fields, [r.ticket for r in order.in_build_order])
    if unfilled:
        raise RefusedError(
            f"{target.name} requires fields that are not filled: {', '.join(unfilled)}.",
            recovery_actions=("Give them a default, or make them optional, in the project.",),
        )
    priorities = next((f.options for f in fields if f.field_id == "priority"), None)
    return CreateScreen(field_ids=frozenset(f.field_id for f in fields), priorities=priorities)


def unfilled_fields(fields: Sequence[CreateField], tickets: Sequence[Ticket]) -> tuple[str, ...]:
    """Return the names of required fields without default that not every ticket fills."""
    filled = {
        "assignee": all(ticket.assignee for ticket in tickets),
        "parent": all(ticket.parent for ticket in tickets),
        "priority": all(ticket.priority for ticket in tickets),
    }
    return tuple(
        sorted(
            f.name or f.field_id
            for f in fields
            if f.is_required
            and not f.has_default
            and f.field_id not in SENT_FIELDS
            and not filled.get(f.field_id, False)
        )
    )


def _check_now(tools: ExportTools, order: ExportOrder) -> None:
    check_gate(
        tools.sessions.get(order.session_key),
        checked=tools.validations.checked(order.session_key),
        rendered=order.rendered,
        vanished=tools.tickets.list_vanished(order.session_key),
    )
    _check_decisions(tools, order)


def _check_decisions(tools: ExportTools, order: ExportOrder) -> None:
    """Stop where somebody decided otherwise since the tickets were rendered."""
    now = tools.tickets.decisions(order.session_key)
    changed = sorted(
        r.ticket.number for r in order.rendered if now.get(r.ticket.ticket_id) != r.ticket.decision
    )
    if changed:
        numbers = ", ".join(str(number) for number in changed)
        raise GateError(
            f"Somebody decided otherwise about tickets {numbers} of session {order.session_key} "
            "while this export began; nothing was sent.",
            rule=GateRule.DECISION_CHANGED,
            recovery_actions=(
                Action.of(
                    ActionKind.SHOW_STATUS, "{} says what is next.", session_key=order.session_key
                ),
                Action.of(ActionKind.EXPORT, "Then run {} again.", session_key=order.session_key),
            ),
        )


def _check_no_removal_is_open(book: ExportBook, order: ExportOrder) -> None:
    """Stop where an undo was interrupted: its last deletion may still be under way."""
    keys = [entry.remote_key or entry.identity for entry in book.open_removals()]
    if keys:
        raise GateError(
            f"An undo of session {order.session_key} was interrupted: whether {', '.join(keys)} "
            "was deleted is not known.",
            rule=GateRule.UNDO_OPEN,
            recovery_actions=(
                Action.of(ActionKind.UNDO, "Run {} to finish it.", session_key=order.session_key),
            ),
        )


def _check_permissions(target: Target, granted: frozenset[str]) -> None:
    missing = [name for name in NEEDED_PERMISSIONS if name not in granted]
    if missing:
        raise AccessError(
            f"The account may not work in {target.name}: it lacks {', '.join(missing)}.",
            recovery_actions=("Ask an administrator of the project for these permissions.",),
        )
