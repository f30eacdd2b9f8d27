"""Checks whether a project can take what is exported, before anybody exports.

Belongs here: the verbs, what is asked, what blocks and what is only worth a warning, what is kept of
the answers about names. Does not: opening a site (`context/trackers`), the cheap preflight inside
every export step (`target`, `create_screen`). Nothing is written to Jira.

What a single field needs never blocks: the export falls back and leaves a manual fix.
"""

import stat
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.trackers import answer_deadline, opened_jira, opened_tracker
from jira_pipeline.export.create_screen import (
    ISSUE_TYPE_ACTION,
    NO_DESCRIPTION,
    lacks_description,
    list_with_types,
    unfilled_fields,
    way_to_fill,
)
from jira_pipeline.export.default_fields import (
    OUR_FIELDS,
    default_fields,
    example_of,
    offered_values,
)
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
from jira_pipeline.export.target import NEEDED_PERMISSIONS, RESTORE_PROJECT, unusable_reason
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import AccessError, PipelineError, RefusedError, WrongUseError
from jira_pipeline.model.issue_tracker import (
    TOKEN_SCOPES,
    Account,
    CreateField,
    FieldOption,
    IssueType,
    LinkType,
    Project,
    Site,
    Sprint,
)
from jira_pipeline.model.json_values import json_fields, select_fields
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

Answer = TypeVar("Answer")
UnknownNames: TypeAlias = Mapping[str, Mapping[str, str]]
"""Why Jira does not know what tickets name, by field and name: `assignee` and `sprint`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectNeeds:
    """What the tickets of a session ask of a project; empty without a session."""

    sprints: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    tickets: tuple[Ticket, ...] = ()


@json_fields("id=field_id name required=is_required schema values example given=is_given")
@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenField:
    """A field of the create screen that people may give all issues a value."""

    field_id: str
    name: str
    is_required: bool
    """Nothing is created without a value, and the project gives none by itself."""
    schema: str
    values: str
    """What it offers, of a cascading select both lists; empty where Jira lists nothing."""
    example: str
    """A line of `defaults.fields` that fills it."""
    is_given: bool
    """The session gives it a value."""


@dataclass(slots=True)
class ProjectCheck:
    """What a project offers, and what keeps an export from it, as far as it was asked."""

    tracker: "JiraClient"
    project_key: str = field(kw_only=True)
    needs: ProjectNeeds = field(kw_only=True, default_factory=ProjectNeeds)
    names: JiraNames = field(kw_only=True, default=AS_SHIPPED)
    is_sandbox: bool = field(kw_only=True, default=False)
    is_of_session: bool = field(kw_only=True, default=True)
    """Without a session nobody knows yet what it gives the fields of its issues."""
    site: Site = field(init=False)
    account: Account = field(init=False)
    project: Project | None = None
    can_create: bool = False
    sprints: tuple[Sprint, ...] = ()
    team_members: tuple[Account, ...] = ()
    priorities: tuple[FieldOption, ...] = ()
    """What the create screen offers; none too where Jira lists no values of the field."""
    has_priorities: bool = False
    """The field is on the create screen."""
    issue_type: IssueType | None = None
    """What an export would create."""
    link_types: dict[LinkKind, LinkType] = field(default_factory=dict)
    """The link types that were found in Jira."""
    fields: tuple[ScreenField, ...] = ()
    """What can be given below `defaults.fields`: what is required first, then by name."""
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
        issue_type = self.issue_type and select_fields(self.issue_type, "id=issue_type_id name")
        return {
            "target": "sandbox" if self.is_sandbox else self.site.base_url,
            "account": self.account.display_name or self.account.account_id,
            **select_fields(self, "project_key project_name=project.name can_view can_create"),
            "sprints": [
                select_fields(sprint, "id=sprint_id name state") for sprint in self.sprints
            ],
            "team_members": [
                select_fields(member, "account_id display_name") for member in self.team_members
            ],
            "priorities": [priority.name for priority in self.priorities],
            "requirements": {
                "needs_sprint": bool(self.needs.sprints),
                "needs_assignee": bool(self.needs.assignees),
                "needs_priorities": bool(self.needs.priorities),
            },
            "site_id": self.site.site_id,
            "is_team_managed": self.project is not None and self.project.is_team_managed,
            "issue_type": issue_type,
            "link_types": self._link_types_to_json(),
            "fields": self.fields,
            **select_fields(self, "needed_scopes is_usable warnings blocking_issues"),
        }

    def _link_types_to_json(self) -> list[dict[str, object]]:
        described = []
        for kind, link_type in self.link_types.items():
            words = link_type.outward or link_type.name
            fields = select_fields(link_type, "id=link_type_id name")
            described.append({"kind": kind, **fields, "reads": f"the first {words} the second"})
        return described

    def run(self) -> None:
        """Ask everything an export could stumble over, in its order; only reads are sent."""
        self.site = self.tracker.site()
        self.account = self.tracker.whoami()
        try:
            project = self.tracker.project(self.project_key)
        except RefusedError as error:
            if error.status_code != NOT_FOUND:
                raise
            self.blocking_issues.append(
                f"There is no project {self.project_key}, or the account may not see it; list the "
                "projects it can see."
            )
            return

        self.project = project
        reason = unusable_reason(project)
        if reason is not None:
            self.blocking_issues.append(f"{reason} {RESTORE_PROJECT}")
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

        self.check_priorities(self.check_create_screen(project))

        ask = partial(self.tracker.assignable_users, self.project_key, "")
        team_members = self._answer_to(ask, "The team members") or ()
        self.team_members = team_members[:MEMBERS_SHOWN]
        self.check_assignees()

        self.check_sprints()
        self._check_link_types()

        rules = self._answer_to(self.tracker.attachment_rules, "Whether files may be attached")
        if rules is not None and not rules.is_enabled:
            self.warnings.append(
                "Attachments are turned off on the site: full texts must be attached by hand."
            )

        self._check_lookups(project)

    def check_create_screen(self, project: Project) -> tuple[CreateField, ...]:
        """Find the issue type, and report what its create screen requires or lacks.

        Return the fields of that screen; none where it is not clear which type is created.
        """
        issue_type = self._find_issue_type(project.project_id)
        if isinstance(issue_type, Unresolved):
            self.blocking_issues.append(
                f"It is not clear which issue type to create in {project.key}: "
                f"{issue_type.reason}. {ISSUE_TYPE_ACTION}"
            )
            self.can_create = False
            return ()
        self.issue_type = issue_type

        fields = self.tracker.create_fields(project.project_id, issue_type.issue_type_id)
        given, faults = default_fields(
            self.names.fields,
            fields,
            find=partial(self.tracker.assignable_users, self.project_key),
            may_lack=self.is_sandbox,
        )
        self.fields = screen_fields(fields, given)
        self.blocking_issues += [f"session.yaml, {fault}." for fault in faults]
        unfilled = unfilled_fields(fields, self.needs.tickets, given)
        if unfilled:
            names = list_with_types(unfilled)
            if self.is_of_session:
                missing = f"The project requires fields that are not filled: {names}."
                self.blocking_issues.append(f"{missing} {way_to_fill(unfilled)}")
            else:
                missing = f"The project requires fields that each session has to fill: {names}."
                self.warnings.append(f"{missing} {way_to_fill(unfilled)}")
        on_screen = {field.field_id for field in fields}
        if lacks_description(fields):
            self.blocking_issues.append(NO_DESCRIPTION)
        if "labels" not in on_screen:
            self.warnings.append(
                "Labels are not on the create screen: issues are found by their property alone, "
                "and the JQL of the results finds none."
            )
        for issue_field in IssueField:
            is_on_screen = issue_field.jira_id in {*on_screen, "", "labels"}
            if not is_on_screen and any(map(issue_field.original_value, self.needs.tickets)):
                is_later = issue_field is IssueField.PARENT
                then = "set once the issue is there" if is_later else "left to people"
                self.warnings.append(
                    f"The field {issue_field.of_ticket} is not on the create screen: it is {then}."
                )
        return fields

    def _find_issue_type(self, project_id: str) -> IssueType | Unresolved:
        return choose_issue_type(
            self.tracker.issue_types(project_id),
            name=self.names.issue_type,
            is_sandbox=self.is_sandbox,
        )

    def read_and_check_priorities(self, project_id: str) -> None:
        """Read the create screen, and report the priorities of tickets that it does not offer."""

        def read() -> tuple[CreateField, ...]:
            issue_type = self._find_issue_type(project_id)
            if isinstance(issue_type, Unresolved):  # the export says so, and offers the types
                return ()
            return self.tracker.create_fields(project_id, issue_type.issue_type_id)

        self.check_priorities(self._answer_to(read, "The priorities of the project") or ())

    def check_priorities(self, fields: Iterable[CreateField]) -> None:
        """Report the priorities of tickets that a create screen with these fields does not offer."""
        on_screen = [create_field for create_field in fields if create_field.field_id == "priority"]
        self.has_priorities = bool(on_screen)
        if not on_screen or on_screen[0].options is None:
            return  # where Jira lists no values, a creation sends the name
        options = on_screen[0].options
        self.priorities = options
        for name in self.needs.priorities:
            priority = choose_option(options, name)
            if isinstance(priority, Unresolved):
                self.warnings.append(
                    f"Priority {name}: {priority.reason}; the default is used, and the rest must "
                    "be set by hand."
                )

    def check_assignees(self) -> None:
        """Report the assignees of tickets that Jira does not know, or knows several of."""
        for name in self.needs.assignees:
            ask = partial(self.tracker.assignable_users, self.project_key, name)
            users = self._answer_to(ask, f"Who {name} is")
            account = None if users is None else choose_account(name, users)
            if isinstance(account, Unresolved):
                self.unknown["assignee"][name] = account.reason
                self.warnings.append(
                    f"Assignee {name}: {account.reason}; the tickets stay unassigned."
                )

    def check_sprints(self) -> None:
        """Report the sprints of tickets that no board of the project has open."""
        project_sprints = find_sprints(self.tracker, self.project_key)
        self.sprints = project_sprints.sprints
        for name in self.needs.sprints:
            sprint = choose_sprint(name, project_sprints)
            if isinstance(sprint, Unresolved):
                self.unknown["sprint"][name] = sprint.reason
                self.warnings.append(
                    f"Sprint {name}: {sprint.reason}; the issues stay in the backlog."
                )

    def _check_link_types(self) -> None:
        """Find the link type of each kind of link; one that people named has to fit."""
        link_types = self._answer_to(self.tracker.link_types, "The link types")
        if link_types is None:
            return
        for kind in LinkKind:
            name = self.names.link_types.get(kind)
            link_type = choose_link_type(kind, link_types, name=name, is_sandbox=self.is_sandbox)
            if not isinstance(link_type, Unresolved):
                self.link_types[kind] = link_type
            elif name is not None:
                self.blocking_issues.append(f"Link type {kind.value}: {link_type.reason}.")
            else:
                self.warnings.append(
                    f"Link type {kind.value}: {link_type.reason}; these links must be added by "
                    "hand."
                )

    def _check_lookups(self, project: Project) -> None:
        """See that issues can be looked up: without that no lost answer is ever settled."""
        try:
            issues = self.tracker.search(
                f"project = {project.project_id} ORDER BY key DESC", fields=PROBE_FIELDS, limit=1
            )
            newest = [issue.issue_id for issue in issues]
            read = self.tracker.bulk_fetch([*newest, UNKNOWN_KEY], fields=PROBE_FIELDS)
        except (RefusedError, AccessError) as error:
            self.blocking_issues.append(f"Issues could not be looked up: {error.message}")
            return
        if {issue.issue_id for issue in read.issues} != set(newest):
            self.warnings.append(
                "Jira does not show the newest issue of the project when it is read by its id: "
                "people may have to find out whether an issue was created."
            )

    def _answer_to(self, ask: Callable[[], Answer], what: str) -> Answer | None:
        """Return what Jira answers; a refusal is a warning and proves nothing."""
        try:
            return ask()
        except (RefusedError, AccessError) as error:
            self.warnings.append(f"{what} could not be read: {error.message}")
            return None


def screen_fields(fields: Iterable[CreateField], given: Collection[str]) -> tuple[ScreenField, ...]:
    """Return the fields of a create screen that people may fill, those that are required first."""
    fillable = [
        _screen_field(create_field, is_given=create_field.field_id in given)
        for create_field in fields
        if create_field.field_id not in OUR_FIELDS and create_field.is_settable
    ]
    return tuple(sorted(fillable, key=lambda shown: (not shown.is_required, shown.name)))


def _screen_field(create_field: CreateField, *, is_given: bool) -> ScreenField:
    name = create_field.name or create_field.field_id
    return ScreenField(
        field_id=create_field.field_id,
        name=name,
        is_required=create_field.is_required and not create_field.has_default,
        schema=create_field.schema,
        values=offered_values(create_field),
        example=example_of(create_field),
        is_given=is_given,
    )


def needs_of(tickets: Iterable[Ticket]) -> ProjectNeeds:
    """Return what the tickets that would be exported ask of a project."""
    exported = tuple(ticket for ticket in tickets if ticket.exclusion is None)
    return ProjectNeeds(
        sprints=_names_among(ticket.sprint for ticket in exported),
        assignees=_names_among(ticket.assignee for ticket in exported),
        priorities=_names_among(ticket.priority for ticket in exported),
        tickets=exported,
    )


def unmet_requirements(
    check: ProjectCheck, *, needs_sprint: bool, needs_assignee: bool, needs_priorities: bool
) -> tuple[str, ...]:
    """Say what people want of a project and it does not have."""
    unmet = []
    if needs_sprint and not check.sprints:
        unmet.append("It has no active or planned sprint.")
    if needs_assignee and not check.team_members:
        unmet.append("There is no one to assign issues to.")
    if needs_priorities and not check.has_priorities:
        unmet.append("Its create screen has no priority.")
    return tuple(unmet)


def checked_names(
    tracker: "JiraClient",
    *,
    project_key: str,
    needs: ProjectNeeds,
    project_id: str = "",
    names: JiraNames = AS_SHIPPED,
    is_sandbox: bool = False,
) -> ProjectCheck:
    """Return what a project lacks of the names that tickets give; only reads are sent.

    Nothing is asked for what no ticket names, nor for priorities without a `project_id`. Those come
    from the create screen of the issue type in `names`.
    """
    check = ProjectCheck(
        tracker, project_key=project_key, needs=needs, names=names, is_sandbox=is_sandbox
    )
    if project_id and needs.priorities:
        check.read_and_check_priorities(project_id)
    check.check_assignees()
    if needs.sprints:
        check.check_sprints()
    return check


def _names_among(values: Iterable[str | None]) -> tuple[str, ...]:
    """Return the names that are given, each once, sorted."""
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
            is_of_session=session is not None,
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


def check_fields(pipeline: Pipeline, session_key: str) -> ProjectCheck:
    """Check the create screen alone that the issues of a session get; nothing is stored.

    Raises:
        UpstreamError: Jira cannot be asked, or does not show the project.
    """
    session = pipeline.store.sessions.get(session_key)
    key = pipeline.project_key(session)
    with opened_tracker(pipeline.settings, key, budget=answer_deadline()) as jira:
        check = ProjectCheck(
            jira,
            project_key=key,
            is_sandbox=pipeline.settings.is_sandbox,
            needs=needs_of(pipeline.store.tickets.list_all(session_key)),
            names=names_of(pipeline.settings, session),
        )
        check.check_create_screen(jira.project(key))
    return check


def look_names_up(session: OpenSession, *, by: str) -> str:
    """Store which assignees and sprints of a session Jira does not know, and say which; empty: none.

    Where Jira cannot be asked, the text says so, and nothing is raised: what people decided about
    the tickets stands all the same.
    """
    current = session.reload()
    try:
        with opened_jira(current, budget=answer_deadline()) as jira:
            needs = needs_of(current.tickets)
            unknown = checked_names(jira, project_key=current.project_key, needs=needs).unknown
    except PipelineError as error:
        return f"Jira could not be asked about them: {error.message}"
    keep_names(current, unknown, by=by)
    return _unknown_text(unknown)


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
            unknown = checked_names(jira, project_key=session.project_key, needs=needs).unknown
    except PipelineError:
        return  # who is told so once it is set
    unknown_text = _unknown_text(unknown)
    if unknown_text:
        raise WrongUseError(
            f"{unknown_text} Nothing was changed.",
            recovery_actions=("Choose a name that Jira shows for this project.",),
        )


def _unknown_text(unknown: UnknownNames) -> str:
    """Say which names Jira does not know; empty where it knows all."""
    sentences = []
    for field_name, reasons in unknown.items():
        for name, reason in reasons.items():
            sentences.append(f"Jira has no {field_name} {name}: {reason}.")
    return " ".join(sentences)


def keep_names(session: OpenSession, unknown: UnknownNames, *, by: str) -> None:
    """Keep which assignees and sprints Jira does not know, where that changed."""
    if session.unknown_names != unknown:
        session.note(
            AuditAction.NAMES_LOOKED_UP, by=by, target=session.target_name, unknown=unknown
        )


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
