"""Checks whether a project can take what is exported, before anybody exports.

Belongs here: the verbs, what is asked, what blocks and what is only worth a warning, what is kept of
the answers about names. Does not: opening a site (`context/trackers`), the cheap preflight inside
every export step (`target`, `fields`). Nothing is written to Jira.

What a single field needs never blocks: the export falls back and leaves a manual fix.
"""

import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.trackers import answer_deadline, opened_jira, opened_tracker
from jira_pipeline.export.fields import ISSUE_TYPE_ACTION, WAY_OUT, default_fields, unfilled_fields
from jira_pipeline.export.jira_names import (
    AS_SHIPPED,
    JiraNames,
    LinkKind,
    Unresolved,
    choose_account,
    choose_issue_type,
    choose_link_type,
    choose_option,
    names_of,
)
from jira_pipeline.export.lookups import NOT_FOUND, PROBE_FIELDS
from jira_pipeline.export.placing import choose_sprint, find_sprints
from jira_pipeline.export.target import NEEDED_PERMISSIONS
from jira_pipeline.model.errors import AccessError, PipelineError, RefusedError, WrongUseError
from jira_pipeline.model.issue_tracker import (
    TOKEN_SCOPES,
    Account,
    IssueType,
    LinkType,
    Project,
    Site,
    Sprint,
)
from jira_pipeline.model.json_values import select_fields
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.runs import PIPELINE
from jira_pipeline.model.tickets import IssueField, Ticket
from jira_pipeline.review.open_session import OpenSession, open_session

if TYPE_CHECKING:  # an HTTP client: loaded where one is opened
    from jira_pipeline.jira.client.client import JiraClient

USED_PERMISSIONS = {
    "ASSIGN_ISSUES": "assignees must be set by hand",
    "LINK_ISSUES": "links must be added by hand",
    "CREATE_ATTACHMENTS": "attachments must be added by hand",
    "SCHEDULE_ISSUES": "sprints must be set by hand",
}
MEMBERS_SHOWN = 50
UNKNOWN_KEY = "ZZZZZZZZZZ-1"
"""An issue that is hardly there; Jira leaves out what it does not know."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectNeeds:
    """What the tickets of a session ask of a project; empty without a session."""

    sprints: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    tickets: tuple[Ticket, ...] = ()


UnknownNames: TypeAlias = Mapping[str, Mapping[str, str]]
"""Why Jira does not know what tickets name, by field and name: `assignee` and `sprint`."""


@dataclass(slots=True)
class ProjectCheck:
    """What a project offers, and what keeps an export from it, as far as it was asked."""

    tracker: "JiraClient"
    project_key: str = field(kw_only=True)
    needs: ProjectNeeds = field(kw_only=True, default_factory=ProjectNeeds)
    names: JiraNames = field(kw_only=True, default=AS_SHIPPED)
    is_sandbox: bool = field(kw_only=True, default=False)
    site: Site = field(init=False)
    account: Account = field(init=False)
    project: Project | None = None
    can_create: bool = False
    sprints: tuple[Sprint, ...] = ()
    team_members: tuple[Account, ...] = ()
    priorities: tuple[str, ...] = ()
    issue_type: IssueType | None = None
    """What an export would create."""
    link_types: dict[LinkKind, LinkType] = field(default_factory=dict)
    """Those that were found."""
    unknown: dict[str, dict[str, str]] = field(
        default_factory=lambda: {"assignee": {}, "sprint": {}}
    )
    warnings: list[str] = field(default_factory=list)
    blocking_issues: list[str] = field(default_factory=list)

    @property
    def can_view(self) -> bool:
        return self.project is not None

    @property
    def needed_scopes(self) -> tuple[str, ...]:
        """What the token has to allow; none where requests go to the site itself."""
        return tuple(TOKEN_SCOPES) if self.site.is_behind_gateway else ()

    @property
    def is_usable(self) -> bool:
        """Nothing blocks an export."""
        return not self.blocking_issues

    def to_json(self) -> dict[str, object]:
        """Return the shape `check-project --json` promises."""
        of_type = self.issue_type and select_fields(self.issue_type, "id=issue_type_id name")
        return {
            "target": "sandbox" if self.is_sandbox else self.site.base_url,
            "account": self.account.display_name or self.account.account_id,
            **select_fields(self, "project_key project_name=project.name can_view can_create"),
            "sprints": [select_fields(one, "id=sprint_id name state") for one in self.sprints],
            "team_members": [
                select_fields(one, "account_id display_name") for one in self.team_members
            ],
            "priorities": self.priorities,
            "requirements": {
                "needs_sprint": bool(self.needs.sprints),
                "needs_assignee": bool(self.needs.assignees),
                "needs_priorities": bool(self.needs.priorities),
            },
            "site_id": self.site.site_id,
            "is_team_managed": self.project is not None and self.project.is_team_managed,
            "issue_type": of_type,
            "link_types": [
                {"kind": kind}
                | select_fields(one, "id=link_type_id name")
                | {"reads": f"the first {one.outward or one.name} the second"}
                for kind, one in self.link_types.items()
            ],
            **select_fields(self, "needed_scopes is_usable warnings blocking_issues"),
        }

    def run(self) -> None:
        """Ask everything an export could stumble over, in its order; only reads are sent."""
        self.site, self.account = self.tracker.site(), self.tracker.whoami()
        try:
            self.project = project = self.tracker.project(self.project_key)
        except RefusedError as error:
            if error.status_code != NOT_FOUND:
                raise
            self.blocking_issues.append(
                f"There is no project {self.project_key}, or the account may not see it; list the "
                "projects it can see."
            )
            return

        wanted = (*NEEDED_PERMISSIONS, *USED_PERMISSIONS)
        granted = self.tracker.granted_permissions(self.project_key, wanted)
        self.blocking_issues += [
            f"The account lacks the permission {name}."
            for name in NEEDED_PERMISSIONS
            if name not in granted
        ]
        self.warnings += [
            f"The account lacks the permission {name}: {consequence}."
            for name, consequence in USED_PERMISSIONS.items()
            if name not in granted
        ]
        self.can_create = granted.issuperset(NEEDED_PERMISSIONS)

        self._check_create_screen(project)
        self.check_priorities(project.project_id)

        ask = partial(self.tracker.assignable_users, self.project_key, "")
        self.team_members = (self.asked(ask, "The team members") or ())[:MEMBERS_SHOWN]
        self.check_assignees()

        self.check_sprints()
        self._check_link_types()

        rules = self.asked(self.tracker.attachment_rules, "Whether files may be attached")
        if rules is not None and not rules.is_enabled:
            self.warnings.append(
                "Attachments are turned off on the site: full texts must be attached by hand."
            )

        self._check_lookups(project)

    def _check_create_screen(self, project: Project) -> None:
        issue_types = self.tracker.issue_types(project.project_id)
        found = choose_issue_type(
            issue_types, asked=self.names.issue_type, is_sandbox=self.is_sandbox
        )
        if isinstance(found, Unresolved):
            self.blocking_issues.append(
                f"It is not clear which issue type to create in {project.key}: {found.reason}. "
                f"{ISSUE_TYPE_ACTION}"
            )
            self.can_create = False
            return
        self.issue_type = found

        fields = self.tracker.create_fields(project.project_id, found.issue_type_id)
        given, faults = default_fields(
            self.names.fields,
            fields,
            find=partial(self.tracker.assignable_users, self.project_key),
            is_sandbox=self.is_sandbox,
        )
        self.blocking_issues += [f"session.yaml, {fault}." for fault in faults]
        if unfilled := unfilled_fields(fields, self.needs.tickets, given):
            self.blocking_issues.append(
                f"The project requires fields that are not filled: {', '.join(unfilled)}. {WAY_OUT}"
            )
        on_screen = {one.field_id for one in fields}
        if "description" not in on_screen:
            self.blocking_issues.append(
                "The description is not on the create screen: the tables would be lost. Add it."
            )
        if "labels" not in on_screen:
            self.warnings.append(
                "Labels are not on the create screen: issues are found by their property alone, "
                "and the JQL of the results finds none."
            )
        for one in IssueField:
            if one.jira_id not in {*on_screen, "", "labels"} and any(
                map(one.original_value, self.needs.tickets)
            ):
                is_later = one is IssueField.PARENT
                then = "set once the issue is there" if is_later else "left to people"
                self.warnings.append(
                    f"The field {one.of_ticket} is not on the create screen: it is {then}."
                )

    def check_priorities(self, project_id: str) -> None:
        asked = self.asked(
            lambda: self.tracker.priorities(project_id), "The priorities of the project"
        )
        self.priorities = tuple(one.name for one in asked or ())
        for name in self.needs.priorities if asked is not None else ():
            found = choose_option(asked or (), name)
            if isinstance(found, Unresolved):
                self.warnings.append(
                    f"Priority {name}: {found.reason}; the default is used, and the rest must be "
                    "set by hand."
                )

    def check_assignees(self) -> None:
        for asked in self.needs.assignees:
            ask = partial(self.tracker.assignable_users, self.project_key, asked)
            users = self.asked(ask, f"Who {asked} is")
            found = None if users is None else choose_account(asked, users)
            if isinstance(found, Unresolved):
                self.unknown["assignee"][asked] = found.reason
                self.warnings.append(
                    f"Assignee {asked}: {found.reason}; the tickets stay unassigned."
                )

    def check_sprints(self) -> None:
        known = find_sprints(self.tracker, self.project_key)
        self.sprints = known.sprints
        for asked in self.needs.sprints:
            found = choose_sprint(asked, known)
            if isinstance(found, Unresolved):
                self.unknown["sprint"][asked] = found.reason
                self.warnings.append(
                    f"Sprint {asked}: {found.reason}; the issues stay in the backlog."
                )

    def _check_link_types(self) -> None:
        link_types = self.asked(self.tracker.link_types, "The link types")
        for kind in LinkKind if link_types is not None else ():
            asked = self.names.link_types.get(kind)
            found = choose_link_type(
                kind, link_types or (), asked=asked, is_sandbox=self.is_sandbox
            )
            if not isinstance(found, Unresolved):
                self.link_types[kind] = found
            elif asked is not None:
                self.blocking_issues.append(f"Link type {kind.value}: {found.reason}.")
            else:
                self.warnings.append(
                    f"Link type {kind.value}: {found.reason}; these links must be added by hand."
                )

    def _check_lookups(self, project: Project) -> None:
        """See that issues can be looked up: without that no lost answer is ever settled."""
        try:
            found = self.tracker.search(
                f"project = {project.project_id} ORDER BY key DESC", fields=PROBE_FIELDS, limit=1
            )
            newest = [issue.issue_id for issue in found]
            read = self.tracker.bulk_fetch([*newest, UNKNOWN_KEY], fields=PROBE_FIELDS)
        except (RefusedError, AccessError) as error:
            self.blocking_issues.append(f"Issues could not be looked up: {error.message}")
            return
        if {issue.issue_id for issue in read.issues} != set(newest):
            self.warnings.append(
                "Jira does not show the newest issue of the project when it is read by its id: "
                "people may have to find out whether an issue was created."
            )

    def asked(self, ask: Callable[[], Found], what: str) -> Found | None:
        """Return what Jira answers; a refusal is a warning and proves nothing."""
        try:
            return ask()
        except (RefusedError, AccessError) as error:
            self.warnings.append(f"{what} could not be read: {error.message}")
            return None


def needs_of(tickets: Iterable[Ticket]) -> ProjectNeeds:
    """Return what the tickets that would be exported ask of a project."""
    exported = tuple(ticket for ticket in tickets if ticket.exclusion is None)
    return ProjectNeeds(
        sprints=_named(ticket.sprint for ticket in exported),
        assignees=_named(ticket.assignee for ticket in exported),
        priorities=_named(ticket.priority for ticket in exported),
        tickets=exported,
    )


def unmet_requirements(
    check: ProjectCheck, *, needs_sprint: bool, needs_assignee: bool, needs_priorities: bool
) -> tuple[str, ...]:
    """Say what people want of a project and it does not have."""
    wanted = (
        (needs_sprint, check.sprints, "It has no active or planned sprint."),
        (needs_assignee, check.team_members, "It has nobody to assign issues to."),
        (needs_priorities, check.priorities, "It has no priorities."),
    )
    return tuple(message for is_needed, found, message in wanted if is_needed and not found)


def checked_names(
    tracker: "JiraClient", *, project_key: str, needs: ProjectNeeds, project_id: str = ""
) -> ProjectCheck:
    """Return what a project lacks of the names that tickets give; only reads are sent.

    Nothing is asked for what no ticket names, nor for priorities without a `project_id`.
    """
    check = ProjectCheck(tracker, project_key=project_key, needs=needs)
    if project_id and needs.priorities:
        check.check_priorities(project_id)
    check.check_assignees()
    if needs.sprints:
        check.check_sprints()
    return check


def _named(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))


def check_configured(
    pipeline: Pipeline, *, session_key: str | None, project_key: str | None
) -> ProjectCheck:
    """Check a project: the one that is named, the session's, or the configured one.

    One that is named is not made in the sandbox; the others are, as an export does.
    """
    session = None if session_key is None else pipeline.store.sessions.get(session_key)
    tickets = pipeline.store.tickets.list_all(session_key) if session_key else ()
    key = project_key or pipeline.project_key(session)
    made = None if project_key is not None else key
    with opened_tracker(pipeline.settings, made, budget=answer_deadline()) as jira:
        report = ProjectCheck(
            jira,
            project_key=key,
            is_sandbox=pipeline.settings.is_sandbox,
            needs=needs_of(tickets),
            names=names_of(pipeline.settings, session),
        )
        report.run()
    if session is not None:
        keep_names(open_session(pipeline, session.session_key), report.unknown, by=PIPELINE)
    settings = pipeline.settings
    report.warnings += [
        *filter(None, [settings.jira_site_note]),
        *_open_to_all(settings.env_path, "600", "tokens"),
        *_open_to_all(settings.home_path, "700", "sheets and tickets"),
    ]
    return report


def look_names_up(session: OpenSession, *, by: str) -> str:
    """Ask Jira for the assignees and sprints of a session, keep what it does not know, and say it.

    Empty where it knows all. A decision stands all the same where Jira cannot be asked.
    """
    session = session.reload()
    try:
        with opened_jira(session, budget=answer_deadline()) as jira:
            needs = needs_of(session.tickets)
            found = checked_names(jira, project_key=session.project_key, needs=needs).unknown
    except PipelineError as error:
        return f"Jira could not be asked about them: {error.message}"
    keep_names(session, found, by=by)
    return _unknown_text(found)


def refuse_unknown(session: OpenSession, *, assignee: str, sprint: str) -> None:
    """Refuse an assignee or sprint before tickets have it.

    Raises:
        WrongUseError: Jira says that there is none. Where it cannot be asked, nothing is refused.
    """
    needs = ProjectNeeds(
        assignees=(assignee,) if assignee else (), sprints=(sprint,) if sprint else ()
    )
    try:
        with opened_jira(session, budget=answer_deadline()) as jira:
            found = checked_names(jira, project_key=session.project_key, needs=needs).unknown
    except PipelineError:
        return  # who is told so once it is set
    if unknown := _unknown_text(found):
        raise WrongUseError(
            f"{unknown} Nothing was changed.",
            recovery_actions=("Choose a name that Jira shows for this project.",),
        )


def _unknown_text(found: UnknownNames) -> str:
    return " ".join(
        f"Jira has no {field} {name}: {reason}."
        for field, names in found.items()
        for name, reason in names.items()
    )


def keep_names(session: OpenSession, found: UnknownNames, *, by: str) -> None:
    """Keep which assignees and sprints Jira does not know, where that changed."""
    if session.unknown_names != found:
        session.note(AuditAction.NAMES_LOOKED_UP, by=by, target=session.target_name, unknown=found)


def project_warnings(pipeline: Pipeline, session_key: str) -> tuple[str, ...]:
    """Return what keeps an export from the project of a new session, where a Jira is configured.

    A session can be made all the same: its tickets are to be read first, and settings may change.
    """
    if pipeline.settings.is_sandbox:
        return ()
    try:
        check = check_configured(pipeline, session_key=session_key, project_key=None)
        return tuple(check.blocking_issues)
    except PipelineError as error:
        return (f"Its Jira project could not be checked: {error.message}",)


def _open_to_all(path: Path, mode: str, holds: str) -> tuple[str, ...]:
    """Warn where every account of this machine may read a file or folder of ours."""
    try:
        others = path.stat().st_mode & stat.S_IRWXO
    except FileNotFoundError:
        return ()
    if not others:
        return ()
    return (
        f"{path} holds {holds}, and every account of this machine may read it: chmod {mode} it.",
    )


def list_projects(pipeline: Pipeline) -> tuple[Project, ...]:
    """Return the projects the account can see, by key."""
    with opened_tracker(pipeline.settings, None, budget=answer_deadline()) as jira:
        jira.whoami()  # to a stranger Jira lists none, and says nothing
        return jira.projects()
