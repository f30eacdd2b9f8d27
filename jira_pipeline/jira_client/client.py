"""Speaks to Jira Cloud: the `IssueTracker` over HTTP.

Belongs here: one method per call the product makes. Does not: connections (`connection`), what an
answer means (`answers`), the shape of bodies (`responses`), retries and waiting (the stages).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

import httpx
from pydantic import BaseModel, RootModel, ValidationError

from jira_pipeline.domain.issue_tracker import (
    Account,
    BulkFetchAnswer,
    Created,
    CreateField,
    IssueType,
    JsonObject,
    LinkType,
    NothingDone,
    Project,
    SearchPage,
    Site,
    Unknown,
    WriteAnswer,
)
from jira_pipeline.errors import RefusedError, UnavailableError, UpstreamError
from jira_pipeline.jira_client.answers import (
    Fate,
    error_of_failure,
    error_of_read,
    error_of_response,
    fate_of_failure,
    fate_of_response,
)
from jira_pipeline.jira_client.connection import Call, JiraConnection
from jira_pipeline.jira_client.responses import (
    AccountBody,
    AttachmentBody,
    BulkFetchBody,
    CreatedIssueBody,
    CreateFieldsBody,
    IssueTypesBody,
    LinkTypesBody,
    PermissionsBody,
    ProjectBody,
    SearchBody,
    SiteBody,
    TenantBody,
)

DEFAULT_TIMEOUT_SECONDS = 30.0
CREATEMETA_PAGE_SIZE = 200
BULK_FETCH_MAX = 100
BULK_FETCH_PROPERTIES_MAX = 5
_API = "/rest/api/3"
_CREATED = frozenset({201})
_OK = frozenset({200})

Body = TypeVar("Body", bound=BaseModel)
Accounts = RootModel[list[AccountBody]]
Attachments = RootModel[list[AttachmentBody]]


class JiraClient:
    """One Jira site, as one account."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: tuple[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    ) -> None:
        """Take the site's address and, as e-mail and API token, the account.

        Raises:
            ConfigurationError: Requests may not go to that address.
        """
        self._connection = JiraConnection(
            base_url, auth=auth, transport=transport, timeout_seconds=timeout_seconds
        )

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()

    def request_counts(self) -> Mapping[str, int]:
        """Return the number of requests so far by method and path template."""
        return dict(sorted(self._connection.request_counts.items()))

    def whoami(self) -> Account:
        """Return the account we act as, or raise AccessError."""
        call = Call(method="GET", path=f"{_API}/myself", action="Asking Jira who we are")
        return self._read(call, AccountBody).to_account()

    def site(self) -> Site:
        """Return which site this is, by cloud id; by its own address where it has none.

        Only "there is no such page" leads to the address: a failure must not give the site a
        second name, under which everything would be exported once more.
        """
        action = "Asking Jira which site it is"
        server = Call(method="GET", path=f"{_API}/serverInfo", action=action)
        tenant = Call(method="GET", path="/_edge/tenant_info", action=action)
        base_url = self._read(server, SiteBody).base_url.rstrip("/")
        try:
            site_id = self._read(tenant, TenantBody).cloud_id
        except RefusedError as error:
            if error.status_code != httpx.codes.NOT_FOUND:
                raise
            site_id = base_url
        return Site(site_id=site_id, base_url=base_url)

    def project(self, project_key: str) -> Project:
        """Return a project, or raise RefusedError with status 404."""
        call = Call(
            method="GET",
            path=f"{_API}/project/{{key}}",
            path_values={"key": project_key},
            action=f"Reading the project {project_key}",
        )
        return self._read(call, ProjectBody).to_project()

    def granted_permissions(self, project_key: str, permissions: Sequence[str]) -> frozenset[str]:
        """Return those of the permissions that we have in the project."""
        call = Call(
            method="GET",
            path=f"{_API}/mypermissions",
            query={"projectKey": project_key, "permissions": ",".join(permissions)},
            action=f"Reading our permissions in {project_key}",
        )
        body = self._read(call, PermissionsBody)
        return frozenset(k for k, v in body.permissions.items() if v.have_permission)

    def issue_types(self, project_id: str) -> tuple[IssueType, ...]:
        """Return the issue types that can be created in the project."""
        call = Call(
            method="GET",
            path=f"{_API}/issue/createmeta/{{project}}/issuetypes",
            path_values={"project": project_id},
            query={"maxResults": CREATEMETA_PAGE_SIZE},
            action="Reading the issue types of the project",
        )
        body = self._read(call, IssueTypesBody)
        return tuple(issue_type.to_issue_type() for issue_type in body.issue_types)

    def create_fields(self, project_id: str, issue_type_id: str) -> tuple[CreateField, ...]:
        """Return the fields on the create screen."""
        fields: list[CreateField] = []
        while True:
            call = Call(
                method="GET",
                path=f"{_API}/issue/createmeta/{{project}}/issuetypes/{{type}}",
                path_values={"project": project_id, "type": issue_type_id},
                query={"startAt": len(fields), "maxResults": CREATEMETA_PAGE_SIZE},
                action="Reading the fields of the create screen",
            )
            page = self._read(call, CreateFieldsBody)
            fields.extend(body.to_create_field() for body in page.fields)
            if not page.fields or page.total is None or len(fields) >= page.total:
                return tuple(fields)

    def link_types(self) -> tuple[LinkType, ...]:
        """Return the link types; none where linking is switched off."""
        call = Call(
            method="GET", path=f"{_API}/issueLinkType", action="Reading the issue link types"
        )
        try:
            body = self._read(call, LinkTypesBody)
        except RefusedError as error:
            if error.status_code == httpx.codes.NOT_FOUND:
                return ()
            raise
        return tuple(link_type.to_link_type() for link_type in body.issue_link_types)

    def assignable_users(self, project_key: str, query: str) -> tuple[Account, ...]:
        """Return the users who can be assigned and match an e-mail address or name."""
        call = Call(
            method="GET",
            path=f"{_API}/user/assignable/search",
            query={"project": project_key, "query": query},
            action=f"Looking for assignable users in {project_key}",
        )
        return tuple(body.to_account() for body in self._read(call, Accounts).root)

    def create_issue(self, fields: JsonObject, properties: JsonObject) -> WriteAnswer:
        """Create one issue together with its properties, sending at most once."""
        call = Call(
            method="POST",
            path=f"{_API}/issue",
            json={
                "fields": dict(fields),
                "properties": [{"key": k, "value": v} for k, v in sorted(properties.items())],
            },
            is_fresh=True,
            action="Creating an issue",
        )
        answer = self._write(call, done_statuses=_CREATED)
        if not isinstance(answer, httpx.Response):
            return answer
        body = _parsed(answer, CreatedIssueBody)
        if body is None:
            return Unknown(reason="Creating an issue: Jira answered 201 without its id and key.")
        return Created(remote_id=body.id, remote_key=body.key)

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
        call = Call(
            method="POST",
            path=f"{_API}/issue/bulkfetch",
            json={
                "issueIdsOrKeys": list(ids_or_keys),
                "fields": sorted(fields),
                "properties": sorted(properties),
            },
            action=f"Reading {len(ids_or_keys)} issues",
        )
        body = self._read(call, BulkFetchBody)
        return BulkFetchAnswer(
            issues=tuple(issue.to_issue() for issue in body.issues),
            failed=tuple(error.id for error in body.issue_errors),
        )

    def search(
        self,
        jql: str,
        *,
        fields: Collection[str],
        properties: Collection[str] = (),
        page_token: str | None = None,
        page_size: int = 100,
    ) -> SearchPage:
        """Search one page through the index, which lags."""
        token = {} if page_token is None else {"nextPageToken": page_token}
        call = Call(
            method="POST",
            path=f"{_API}/search/jql",
            json={
                "jql": jql,
                "fields": sorted(fields),
                "properties": sorted(properties),
                "maxResults": page_size,
                **token,
            },
            action="Searching issues",
        )
        body = self._read(call, SearchBody)
        return SearchPage(
            issues=tuple(issue.to_issue() for issue in body.issues),
            next_page_token=None if body.is_last else body.next_page_token,
        )

    def create_link(
        self, *, link_type_id: str, inward_issue_id: str, outward_issue_id: str
    ) -> WriteAnswer:
        """Link two issues; for Blocks the inward issue is the blocker."""
        call = Call(
            method="POST",
            path=f"{_API}/issueLink",
            json={
                "type": {"id": link_type_id},
                "inwardIssue": {"id": inward_issue_id},
                "outwardIssue": {"id": outward_issue_id},
            },
            action="Linking two issues",
        )
        answer = self._write(call, done_statuses=_CREATED)
        return Created(remote_id="") if isinstance(answer, httpx.Response) else answer

    def attach(self, issue_id: str, *, file_name: str, content: bytes) -> WriteAnswer:
        """Attach a file, sending at most once."""
        call = Call(
            method="POST",
            path=f"{_API}/issue/{{issue}}/attachments",
            path_values={"issue": issue_id},
            files={"file": (file_name, content, "application/octet-stream")},
            headers={"X-Atlassian-Token": "no-check"},
            is_fresh=True,
            action=f"Attaching {file_name}",
        )
        answer = self._write(call, done_statuses=_OK)
        if not isinstance(answer, httpx.Response):
            return answer
        body = _parsed(answer, Attachments)
        if body is None or len(body.root) != 1:
            return Unknown(reason=f"Attaching {file_name}: Jira answered 200 without one id.")
        return Created(remote_id=body.root[0].id)

    def _read(self, call: Call, model: type[Body]) -> Body:
        try:
            response = self._connection.send(call)
        except httpx.HTTPError as failure:
            error = error_of_failure(failure, action=call.action, is_write=False)
            raise self._clean(error) from None  # the cause could show what we took out of it
        if response.status_code != httpx.codes.OK:
            raise self._clean(error_of_read(response, action=call.action))
        body = _parsed(response, model)
        if body is None:
            raise UnavailableError(
                f"{call.action}: Jira answered 200 with something else than was asked for."
            )
        return body

    def _write(
        self, call: Call, *, done_statuses: frozenset[int]
    ) -> httpx.Response | NothingDone | Unknown:
        try:
            response = self._connection.send(call)
        except httpx.HTTPError as failure:
            error = error_of_failure(failure, action=call.action, is_write=True)
            return self._refused(error, fate=fate_of_failure(failure))
        fate = fate_of_response(response, done_statuses=done_statuses)
        if fate is Fate.DONE:
            return response
        return self._refused(error_of_response(response, action=call.action, fate=fate), fate=fate)

    def _refused(self, error: UpstreamError, *, fate: Fate) -> NothingDone | Unknown:
        clean = self._clean(error)
        if fate is Fate.IN_DOUBT:
            return Unknown(reason=clean.message)
        field_errors = clean.field_errors if isinstance(clean, RefusedError) else {}
        return NothingDone(error=clean, field_errors=field_errors)

    def _clean(self, error: UpstreamError) -> UpstreamError:
        """Take our credentials out of what the error says, whoever put them there."""
        error.message = self._connection.redacted(error.message)
        error.args = (error.message,)
        if isinstance(error, RefusedError):
            error.field_errors = {
                name: self._connection.redacted(text) for name, text in error.field_errors.items()
            }
        return error


def _parsed(response: httpx.Response, model: type[Body]) -> Body | None:
    """Parse a good answer; None where it is torn or of another shape."""
    try:
        return model.model_validate_json(response.content)
    except ValidationError:
        return None
