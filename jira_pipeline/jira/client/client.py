"""The client of Jira Cloud's REST API: one method for each call.

Reads return values of `model/issue_tracker` or raise an `UpstreamError`. Writes return `Created`,
`NothingDone` or `Unknown`, and are sent at most once unless a second time is harmless.

Belongs here: the calls about issues, sites, projects and boards; putting them together over one
connection. Does not: connections (`connection`), their pace (`pacing`), which error an answer means
(`answers`), the form of bodies (`responses`), what to do about an unknown outcome
(`export/unconfirmed`).
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

import httpx

from jira_pipeline.jira.client import responses
from jira_pipeline.jira.client.addresses import cloud_id_of
from jira_pipeline.jira.client.answers import (
    REFUSING_STATUSES,
    JiraComplaint,
    error_of_element,
    error_of_response,
)
from jira_pipeline.jira.client.connection import (
    AGILE_API,
    API,
    CONNECT_TIMEOUT_SECONDS,
    DIRECTLY,
    Call,
    JiraConnection,
    Network,
    TimeBudget,
)
from jira_pipeline.jira.client.exchange import MYSELF, TENANT, JiraExchange, parse_answer
from jira_pipeline.jira.client.pacing import Pacing
from jira_pipeline.jira.client.responses import (
    AccountBody,
    Answered,
    CreateFieldsBody,
    DeploymentBody,
    IssueTypesBody,
    LastPageBody,
    LinkTypesBody,
    PermissionsBody,
    ProjectBody,
    SiteBody,
    TenantBody,
)
from jira_pipeline.model.errors import (
    AccessError,
    ConfigurationError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)
from jira_pipeline.model.issue_tracker import (
    SPRINT_FIELD,
    STATUS_FIELDS,
    Account,
    AttachmentRules,
    Board,
    BulkAnswer,
    BulkAnswered,
    BulkFetchAnswer,
    Created,
    CreateField,
    FoundIssue,
    IssueAttachment,
    IssueChange,
    IssueComment,
    IssueDraft,
    IssueText,
    IssueTraces,
    IssueType,
    JsonObject,
    LinkType,
    NothingDone,
    Project,
    Site,
    Sprint,
    Unknown,
    WriteAnswer,
)

BULK_FETCH_MAX = 100
BULK_FETCH_PROPERTIES_MAX = 5
SEARCH_PAGE_SIZE = 100
TRACES_PAGE_SIZE = 100
TRACE_FIELDS = ("attachment", "creator", "issuelinks", "subtasks", "updated")
ISSUE_TEXT_FIELDS = (*responses.TEXT_FIELDS, *STATUS_FIELDS, "creator", "updated")
TRACE_READS_MAX = 3
"""How often an issue is read that changes while it is."""
BULK_CREATE_MAX = 50
SPRINT_MOVE_MAX = 50
CREATION = Call(method="POST", path=f"{API}/issue", action="Creating an issue")
BULK_CREATION = Call(method="POST", path=f"{API}/issue/bulk", action="Creating issues")
_CREATED = frozenset({201})
_BULK_ANSWERED = frozenset({201, 400})
"""400 when all elements failed; its body then lists them all the same."""
_OK = frozenset({200})
_TOO_LARGE = frozenset({413})
"""Of a file, whoever answers: it is not sent again, so that a wrong answer makes no second file.
Source: RFC 9110, 15.5.14: the server refuses to process the request."""
_DELETED_LINK = frozenset({200, 204})
"""Source: Atlassian, "Delete issue link", platform v3, December 2025: both."""
_TIME_TRACKING_OFF = frozenset({400, 404})
"""The document says 404; what the site is asked then decides, not the number."""

NAMES_BY_KIND = {
    "com.pyxis.greenhopper.jira:gh-sprint": SPRINT_FIELD,
    "com.pyxis.greenhopper.jira:gh-lexo-rank": "Rank",
}
"""Fields that a site may call anything, as their schema names them.
Source: Atlassian, "Get fields", platform v3, December 2025."""
DEFAULT_TIMEOUT_SECONDS = 30.0
CREATEMETA_PAGE_SIZE = 200
PAGE_SIZE = 50
OLDER_SERVER = Call(
    method="GET", path="/rest/api/2/serverInfo", is_anonymous=True, action=TENANT.action
)
NOTHING_KNOWN: Mapping[str, str] = {}


class IssueCalls(JiraExchange):
    """The calls about issues, their links, files, sprints and history."""

    def create_issue(self, fields: JsonObject, properties: JsonObject) -> WriteAnswer:
        """Create one issue together with its properties, sending at most once."""
        call = replace(CREATION, json=_draft_body(fields, properties))
        body = self._create(call, responses.CreatedIssueBody, _CREATED, lacks="its id and key")
        if not isinstance(body, responses.CreatedIssueBody):
            return body
        return Created(remote_id=body.id, remote_key=body.key)

    def create_issues(self, drafts: Sequence[IssueDraft]) -> BulkAnswer:
        """Create at most 50 issues together with their properties, sending at most once."""
        if not 0 < len(drafts) <= BULK_CREATE_MAX:
            raise ValueError("a bulk takes 1 to 50 issues")
        body = {"issueUpdates": [_draft_body(draft.fields, draft.properties) for draft in drafts]}
        action = f"Creating {len(drafts)} issues"
        call = replace(BULK_CREATION, json=body, action=action)
        answer = self.write(call, done_statuses=_BULK_ANSWERED)
        if not isinstance(answer, httpx.Response):
            return answer
        created = parse_answer(answer, responses.BulkCreatedBody)
        if created is not None and (created.issues or created.errors):
            return self._bulk_answered(created)
        if answer.status_code in REFUSING_STATUSES and created is None:
            return self.outcome_of_refusal(error_of_response(answer, action=action, is_write=True))
        return Unknown(reason=f"{action}: Jira answered {answer.status_code} without saying which.")

    def _bulk_answered(self, body: responses.BulkCreatedBody) -> BulkAnswered:
        """Return which issues of a bulk were created, and why each of the others was not."""
        failed: dict[int, NothingDone | Unknown] = {}
        for error in body.errors:
            complaint = JiraComplaint(
                messages=tuple(error.messages or ()), field_errors=error.field_errors or {}
            )
            refusal = error_of_element(error.status, complaint)
            failed[error.failed_element_number] = self.outcome_of_refusal(refusal)
        created = [Created(remote_id=issue.id, remote_key=issue.key) for issue in body.issues]
        return BulkAnswered(created=tuple(created), failed=failed)

    def await_creation(self, *, is_bulk: bool) -> None:
        """Wait until the next creation may be sent: before its intent, not after it.

        Raises:
            RateLimitedError: The wait would be longer than a step may wait.
            CancelledError: Somebody ended the wait.
        """
        if self._pacing is not None:
            self._pacing.await_turn(BULK_CREATION if is_bulk else CREATION)

    def bulk_fetch(
        self,
        ids_or_keys: Sequence[str],
        *,
        fields: Collection[str],
        properties: Collection[str] = (),
    ) -> BulkFetchAnswer:
        """Read at most 100 issues, not through the search index."""
        if len(ids_or_keys) > BULK_FETCH_MAX or len(properties) > BULK_FETCH_PROPERTIES_MAX:
            raise ValueError("bulkfetch takes at most 100 issues and 5 properties")
        wanted = {
            "issueIdsOrKeys": list(ids_or_keys),
            "fields": self._on_site(fields),
            "properties": sorted(properties),
        }
        action = f"Reading {len(ids_or_keys)} issues"
        body = self.read(_bulk_fetching(wanted, action), responses.BulkFetchBody)
        issues = tuple(issue.to_issue() for issue in body.issues)
        unread_ids = tuple(error.id for error in body.issue_errors)
        return BulkFetchAnswer(issues=issues, failed=unread_ids)

    def search(
        self,
        jql: str,
        *,
        fields: Collection[str],
        properties: Collection[str] = (),
        limit: int | None = None,
    ) -> tuple[FoundIssue, ...]:
        """Search issues, all or `limit` of them; the index is late by seconds after a change."""
        call = Call(
            method="POST",
            path=f"{API}/search/jql",
            json={
                "jql": jql,
                "fields": sorted(fields),
                "properties": sorted(properties),
                "maxResults": min(limit or SEARCH_PAGE_SIZE, SEARCH_PAGE_SIZE),
            },
            action="Searching issues",
        )
        issues = self._read_all(call, responses.SearchBody, limit=limit)
        return tuple(issue.to_issue() for issue in issues)

    def create_link(
        self, *, link_type_id: str, inward_issue_id: str, outward_issue_id: str
    ) -> WriteAnswer:
        """Link two issues; for Blocks the inward issue is the blocker."""
        call = Call(
            method="POST",
            path=f"{API}/issueLink",
            json={
                "type": {"id": link_type_id},
                "inwardIssue": {"id": inward_issue_id},
                "outwardIssue": {"id": outward_issue_id},
            },
            action="Linking two issues",
            is_idempotent=True,
            written_issue_ids=(inward_issue_id, outward_issue_id),
        )
        return self._change(call, done_statuses=_CREATED)

    def delete_link(self, link_id: str) -> WriteAnswer:
        """Delete a link; twice is the same as once, and then a `RefusedError` of status 404."""
        call = Call(
            method="DELETE",
            path=f"{API}/issueLink/{{link}}",
            path_values={"link": link_id},
            is_idempotent=True,
            action="Deleting a link",
        )
        return self._change(call, link_id, done_statuses=_DELETED_LINK)

    def attach(self, issue_id: str, *, file_name: str, content: bytes) -> WriteAnswer:
        """Attach a file, sending at most once."""
        call = replace(
            _changing("POST", issue_id, f"Attaching {file_name}", below="/attachments"),
            files={"file": (file_name, content, "application/octet-stream")},
            headers={"X-Atlassian-Token": "no-check"},
            deciding_statuses=_TOO_LARGE,
        )
        body = self._create(call, Answered[tuple[IssueAttachment]], _OK, lacks="one id")
        if not isinstance(body, Answered):
            return body
        return Created(remote_id=body.root[0].attachment_id)

    def delete_attachment(self, attachment_id: str) -> WriteAnswer:
        """Delete a file; twice is the same as once, and then a `RefusedError` of status 404."""
        call = Call(
            method="DELETE",
            path=f"{API}/attachment/{{attachment}}",
            path_values={"attachment": attachment_id},
            is_idempotent=True,
            action="Deleting a file",
        )
        return self._change(call, attachment_id)

    def set_parent(self, issue_id: str, parent_key: str) -> WriteAnswer:
        """Put an issue under an epic or parent; twice is the same as once."""
        body = {"fields": {"parent": {"key": parent_key}}}
        call = _changing("PUT", issue_id, f"Putting an issue under {parent_key}", json=body)
        return self._change(call, issue_id)

    def mark_issue(
        self, issue_id: str, *, add_label: str = "", remove_label: str = "", properties: JsonObject
    ) -> WriteAnswer:
        """Write properties of an issue, add or remove a label; twice is the same as once."""
        changes = {"add": add_label, "remove": remove_label}
        labels = [{verb: label} for verb, label in changes.items() if label]
        body = {**_draft_body({}, properties), "update": {"labels": labels}}
        return self._change(_changing("PUT", issue_id, "Marking an issue", json=body), issue_id)

    def move_to_sprint(self, sprint_id: str, issue_ids: Sequence[str]) -> WriteAnswer:
        # the sprint field takes a number and has to be on the create screen; this call needs neither
        """Move at most 50 issues into a sprint; twice is the same as once."""
        if not 0 < len(issue_ids) <= SPRINT_MOVE_MAX:
            raise ValueError("a sprint takes 1 to 50 issues at once")
        call = Call(
            method="POST",
            path=f"{AGILE_API}/sprint/{{sprint}}/issue",
            path_values={"sprint": sprint_id},
            json={"issues": list(issue_ids)},
            written_issue_ids=tuple(issue_ids),
            action=f"Moving {len(issue_ids)} issues into a sprint",
        )
        return self._change(call, sprint_id)

    def delete_issue(self, issue_id: str) -> WriteAnswer:
        """Delete one issue, sending at most once; Jira refuses where it has subtasks.

        One that is gone already answers `NothingDone` with a `RefusedError` of status 404.
        """
        return self._change(_changing("DELETE", issue_id, "Deleting an issue"), issue_id)

    def issue_history(self, issue_id: str) -> tuple[IssueChange, ...]:
        """Read the changes of an issue, oldest first, or raise RefusedError with status 404."""
        changes = self._traces(
            issue_id, "changelog", responses.CountedPageBody[responses.ChangeBody]
        )
        return tuple(
            IssueChange(
                author_id=change.author_id,
                field=self._field_name(changed_field),
                before=changed_field.before or "",
                after=changed_field.after or "",
                at=change.created,
            )
            for change in changes
            for changed_field in change.items
        )

    def _field_name(self, changed_field: responses.ChangeItemBody) -> str:
        """Return a changed field's name; sprint and rank have the same name on every site."""
        field_id = changed_field.field_id
        # defence: sprint-field
        is_custom = field_id is not None and field_id.startswith("customfield_")
        if not is_custom:
            return changed_field.field
        return self._names_by_id.get(field_id, changed_field.field)

    @cached_property
    def _names_by_id(self) -> Mapping[str | None, str]:
        """The names of custom fields by id; read once, where a history has such a field."""
        fields = self._get(
            Answered[list[responses.FieldBody]], f"{API}/field", "Reading the fields"
        ).root
        return {
            field.field_id: NAMES_BY_KIND[field.kind]
            for field in fields
            if field.kind in NAMES_BY_KIND
        }

    def _on_site(self, fields: Collection[str]) -> list[str]:
        """Return the ids of fields on this site, where the sprint is a custom field with a number."""
        if SPRINT_FIELD not in fields:
            return sorted(fields)
        sprint_ids: set[str] = set()
        for field_id, name in self._names_by_id.items():
            if field_id and name == SPRINT_FIELD:
                sprint_ids.add(field_id)
        return sorted({*fields, *sprint_ids} - {SPRINT_FIELD})

    def issue_traces(self, issue_id: str) -> IssueTraces:
        """Read the traces of people's work on an issue: comments, worklogs, changes, links.

        Somebody may change it between the requests.

        Raises:
            RefusedError: The issue does not exist (status 404).
        """
        return self._traces_of(issue_id, self._issue(issue_id, TRACE_FIELDS, ()))

    def traces_of_one_moment(
        self, issue_id: str, *, properties: Collection[str] = ()
    ) -> IssueTraces:
        """Read the traces of an issue as of one moment: again where it changed meanwhile.

        Raises:
            UnavailableError: It changed during each of `TRACE_READS_MAX` readings.
        """
        issue = self._issue(issue_id, TRACE_FIELDS, properties)
        for _read in range(TRACE_READS_MAX):
            traces = self._traces_of(issue_id, issue)
            before = issue
            issue = self._issue(issue_id, TRACE_FIELDS, properties)
            # defence: one-moment
            if issue == before:  # a property or a link may change without the time of the issue
                return traces
        raise UnavailableError(f"Someone is changing {issue.key} right now; try again.")

    def _issue(
        self, issue_id: str, fields: Collection[str], properties: Collection[str]
    ) -> responses.IssueBody:
        return self._get(
            responses.IssueBody,
            f"{API}/issue/{{issue}}",
            "Reading an issue",
            query={"fields": ",".join(fields), "properties": ",".join(sorted(properties))},
            issue=issue_id,
        )

    def _traces_of(self, issue_id: str, body: responses.IssueBody) -> IssueTraces:
        """Read the other traces of an issue whose fields are `body`.

        Raises:
            UnavailableError: It was there for the first request, but not for a later one.
        """
        issue = body.to_issue()
        try:
            comments = self._traces(
                issue_id, "comment", responses.CountedPageBody[responses.CommentBody]
            )
            worklogs = self._worklogs(issue_id)
            changes = self.issue_history(issue_id)
        except RefusedError as error:
            if error.status_code != httpx.codes.NOT_FOUND:
                raise
            raise UnavailableError(  # the next try finds out whether it is gone
                f"{error.message} It existed a moment ago.",
                recovery_actions=("Try again: the issue may have just been deleted.",),
            ) from error
        return IssueTraces(
            key=issue.key,
            updated=body.fields.updated,
            comments=tuple(comment.to(IssueComment) for comment in comments),
            worklog_count=len(worklogs),
            changes=changes,
            links=issue.links,
            subtask_ids=tuple(subtask.id for subtask in body.fields.subtasks or ()),
            attachments=issue.attachments,
            properties=issue.properties,
            creator_id=issue.creator_id,
        )

    def issue_text(self, issue_id: str, *, properties: Collection[str] = ()) -> IssueText:
        """Read the text and the whole history of an issue, such that both are of one moment.

        One answer has both. Where it has only the newest changes, the whole history is read, and then
        the text again: a change between the two shows in the second answer.
        """
        call = Call.get(
            f"{API}/issue/{{issue}}",
            "Reading the text of an issue",
            query={
                "fields": ",".join(ISSUE_TEXT_FIELDS),
                "properties": ",".join(sorted(properties)),
                "expand": "changelog",
            },
            issue=issue_id,
        )
        body = self.read(call, responses.IssueTextBody)
        changes_by_id = {}
        if not body.is_history_whole:  # defence: whole-history
            whole_history = self._traces(
                issue_id, "changelog", responses.CountedPageBody[responses.NumberedChangeBody]
            )
            for change in whole_history:
                changes_by_id[change.id] = change
            body = self.read(call, responses.IssueTextBody)
        # The newest change comes first in an issue, last in a history.
        for change in reversed(body.histories):
            changes_by_id[change.id] = change
        return body.to_text(changes_by_id.values())

    def issue_texts(
        self, issue_ids: Sequence[str], *, properties: Collection[str]
    ) -> Mapping[str, IssueText]:
        """Read the texts and whole histories of at most 100 issues in one request, by id.

        An issue is left out that Jira does not show, could not read just now, or whose history is
        longer than this request shows: `issue_text` reads it, and tells these apart.
        Source: Atlassian, "Bulk fetch issues": 40 changes at most, the newest first.
        """
        wanted = {
            "issueIdsOrKeys": list(issue_ids),
            "fields": sorted(ISSUE_TEXT_FIELDS),
            "properties": sorted(properties),
            "expand": ["changelog"],
        }
        action = f"Reading the texts of {len(issue_ids)} issues"
        body = self.read(_bulk_fetching(wanted, action), responses.BulkTextsBody)
        return {
            issue.id: issue.to_text(reversed(issue.histories))
            for issue in body.issues
            if issue.is_history_whole
        }

    def write_text(
        self, issue_id: str, *, summary: str, description: JsonObject | None, properties: JsonObject
    ) -> WriteAnswer:
        """Write summary and description anew, with properties, sending at most once.

        What somebody wrote meanwhile is overwritten: Jira knows no condition.
        """
        body = _draft_body({"summary": summary, "description": description}, properties)
        call = _changing("PUT", issue_id, "Writing the text of an issue", json=body)
        return self._change(call, issue_id)

    def comments(self, issue_id: str) -> tuple[IssueComment, ...]:
        """Return the comments on an issue, or raise RefusedError with status 404."""
        comments = self._traces(
            issue_id, "comment", responses.CountedPageBody[responses.CommentBody]
        )
        return tuple(comment.to(IssueComment) for comment in comments)

    def add_comment(self, issue_id: str, document: JsonObject) -> WriteAnswer:
        """Comment on an issue, sending at most once."""
        action = "Commenting on an issue"
        body_sent = {"body": document}
        call = _changing("POST", issue_id, action, below="/comment", json=body_sent)
        body = self._create(call, responses.CommentBody, _CREATED, lacks="its id")
        if not isinstance(body, responses.CommentBody):
            return body
        return Created(remote_id=body.comment_id, remote_key=body.version)

    def _worklogs(self, issue_id: str) -> list[responses.JiraBody]:
        """Read the worklogs; a site where time tracking is off shows none.

        It answers 404 then, as for an issue that is gone, so the site is asked which it is. Work
        logged before it was switched off is among the changes, as `timespent`.
        Source: Atlassian, "Get issue worklogs", platform v3, December 2025.
        """
        try:
            return self._traces(issue_id, "worklog", responses.CountedPageBody[responses.JiraBody])
        except RefusedError as error:
            if error.status_code not in _TIME_TRACKING_OFF:
                raise
            body = self._get(
                responses.ConfigurationBody,
                f"{API}/configuration",
                "Asking Jira whether work is logged on the site",
            )
            if body.is_time_tracked:
                raise
            return []

    def _traces(
        self, issue_id: str, kind: str, model: type[responses.CountedPageBody[responses.Item]]
    ) -> list[responses.Item]:
        return self._list(
            model,
            f"{API}/issue/{{issue}}/{kind}",
            f"Reading the {kind}s of an issue",
            size=TRACES_PAGE_SIZE,
            issue=issue_id,
        )


def _changing(
    method: str, issue_id: str, action: str, *, below: str = "", json: JsonObject | None = None
) -> Call:
    """Make a call that changes one issue; whoever sends it again looks first what people did."""
    return Call(
        method=method,
        path=f"{API}/issue/{{issue}}{below}",
        path_values={"issue": issue_id},
        json=json,
        written_issue_ids=(issue_id,),
        action=action,
    )


def _bulk_fetching(wanted: JsonObject, action: str) -> Call:
    """Make the call that reads several issues at once."""
    return Call(method="POST", path=f"{API}/issue/bulkfetch", json=wanted, action=action)


def _draft_body(fields: JsonObject, properties: JsonObject) -> dict[str, object]:
    written = [{"key": key, "value": value} for key, value in sorted(properties.items())]
    return {"fields": dict(fields), "properties": written}


class SiteCalls(JiraExchange):
    """What can be asked about a site."""

    def whoami(self) -> Account:
        """Return the account we act as, or raise AccessError."""
        return self.read(MYSELF, AccountBody).to(Account)

    def site(self, addresses: Mapping[str, str] = NOTHING_KNOWN) -> Site:
        """Return which site this is, by cloud id; by its own address where it has none.

        One whose own address is among `addresses`, by id, and is asked there, is not asked for it.

        The gateway's address holds the cloud id. Elsewhere only "there is no such page" leads to
        the address: a failure must not give the site a second name, under which everything would
        be exported once more.
        """
        try:
            return self._site(addresses)
        except AccessError:
            with suppress(UpstreamError):  # the first refusal says more
                self._refuse_data_center()
            raise

    def _site(self, addresses: Mapping[str, str]) -> Site:
        self.prove_account()
        address = self._connection.base_url
        if address in addresses.values():
            tenant = self.read_if_any(TENANT, TenantBody)
            if tenant is not None and addresses.get(tenant.cloud_id) == address:
                return Site(site_id=tenant.cloud_id, base_url=address, api_url=address)
        server = Call.get(f"{API}/serverInfo", TENANT.action)
        server_info = self.read_if_any(server, SiteBody)
        if server_info is None:
            self._refuse_data_center()
            server_info = self.read(server, SiteBody)
        base_url = server_info.base_url.rstrip("/")
        site_id = cloud_id_of(self._connection.base_url)
        if site_id is None:
            tenant = self.read_if_any(TENANT, TenantBody)
            site_id = tenant.cloud_id if tenant is not None else base_url
        return Site(site_id=site_id, base_url=base_url, api_url=self._connection.base_url)

    def _refuse_data_center(self) -> None:
        """Raise if the site says, to anybody who asks, that it is none of Jira Cloud."""
        older = self.read_if_any(OLDER_SERVER, DeploymentBody)
        if older is not None and older.deployment_type != "Cloud":
            raise ConfigurationError(
                f"{self._connection.base_url} is a Jira Data Center; only Jira Cloud works here.",
                recovery_actions=("Set JIRA_BASE_URL to a site of Jira Cloud, or to the sandbox.",),
            )

    def project(self, project_key: str) -> Project:
        """Return a project, or raise RefusedError with status 404."""
        body = self._get(
            ProjectBody,
            f"{API}/project/{{key}}",
            f"Reading the project {project_key}",
            key=project_key,
        )
        return body.to(Project)

    def projects(self) -> tuple[Project, ...]:
        bodies = self._list(
            LastPageBody[ProjectBody],
            f"{API}/project/search",
            "Listing the projects",
            size=PAGE_SIZE,
            query={"orderBy": "key"},
        )
        return tuple(body.to(Project) for body in bodies)

    def granted_permissions(self, project_key: str, permissions: Sequence[str]) -> frozenset[str]:
        body = self._get(
            PermissionsBody,
            f"{API}/mypermissions",
            f"Reading our permissions in {project_key}",
            query={"projectKey": project_key, "permissions": ",".join(permissions)},
        )
        return frozenset(
            name for name, permission in body.permissions.items() if permission.have_permission
        )

    def issue_types(self, project_id: str) -> tuple[IssueType, ...]:
        body = self._get(
            IssueTypesBody,
            f"{API}/issue/createmeta/{{project}}/issuetypes",
            "Reading the issue types of the project",
            query={"maxResults": CREATEMETA_PAGE_SIZE},
            project=project_id,
        )
        return tuple(issue_type.to(IssueType) for issue_type in body.issue_types)

    def create_fields(self, project_id: str, issue_type_id: str) -> tuple[CreateField, ...]:
        bodies = self._list(
            CreateFieldsBody,
            f"{API}/issue/createmeta/{{project}}/issuetypes/{{type}}",
            "Reading the fields of the create screen",
            size=CREATEMETA_PAGE_SIZE,
            project=project_id,
            type=issue_type_id,
        )
        return tuple(body.to(CreateField) for body in bodies)

    def link_types(self) -> tuple[LinkType, ...]:
        """Return the link types; none where linking is switched off."""
        try:
            body = self._get(LinkTypesBody, f"{API}/issueLinkType", "Reading the issue link types")
        except RefusedError as error:
            if error.status_code == httpx.codes.NOT_FOUND:
                return ()
            raise
        return tuple(body.issue_link_types)

    def attachment_rules(self) -> AttachmentRules:
        return self._get(
            Answered[AttachmentRules],
            f"{API}/attachment/meta",
            "Asking Jira whether files may be attached, and how large",
        ).root

    def assignable_users(self, project_key: str, query: str) -> tuple[Account, ...]:
        bodies = self._get(
            Answered[list[AccountBody]],
            f"{API}/user/assignable/search",
            f"Looking for assignable users in {project_key}",
            query={"project": project_key, "query": query},
        )
        return tuple(body.to(Account) for body in bodies.root)

    def boards(self, project_key: str) -> tuple[Board, ...]:
        boards = self._list(
            LastPageBody[Board],
            f"{AGILE_API}/board",
            f"Reading the boards of {project_key}",
            size=PAGE_SIZE,
            query={"projectKeyOrId": project_key},
        )
        return tuple(boards)

    def open_sprints(self, board_id: str) -> tuple[Sprint, ...]:
        """Return the active and future sprints of a board; none where it has no sprints."""
        try:
            sprints = self._list(
                LastPageBody[Sprint],
                f"{AGILE_API}/board/{{board}}/sprint",
                "Reading the sprints of a board",
                size=PAGE_SIZE,
                query={"state": "active,future"},
                board=board_id,
            )
        except RefusedError as error:
            if error.status_code == httpx.codes.BAD_REQUEST:
                return ()
            raise
        return tuple(sprints)


class JiraClient(SiteCalls, IssueCalls):
    def __init__(
        self,
        base_url: str,
        *,
        auth: tuple[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
        network: Network = DIRECTLY,
        pacing: Pacing | None = None,
        budget: TimeBudget | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the site's address, or the gateway's, and, as e-mail and API token, the account.

        Without a pacing nothing waits for its turn and no call is sent twice; `budget` limits how
        long all requests take together, with those of other clients that share it.

        Raises:
            ConfigurationError: Requests may not go to that address.
        """
        connection = JiraConnection(
            base_url,
            auth=auth,
            transport=transport,
            timeout_seconds=timeout_seconds,
            connect_timeout_seconds=min(connect_timeout_seconds, timeout_seconds),
            network=network,
            budget=budget,
            monotonic=monotonic,
        )
        super().__init__(connection, pacing=pacing)

    def close(self) -> None:
        self._connection.close()

    def request_counts(self) -> Mapping[str, int]:
        return dict(sorted(self._connection.request_counts.items()))
