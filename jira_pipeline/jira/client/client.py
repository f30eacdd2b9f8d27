"""Speaks to Jira Cloud over HTTP.

Belongs here: putting the calls together over one connection; calls about a site, its projects and
their boards, which only read. Does not: calls about issues (`issue_calls`), connections
(`connection`), its pace (`pacing`), what an answer means (`answers`), the shape of bodies
(`responses`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import httpx
from pydantic import RootModel

from jira_pipeline.jira.client.addresses import cloud_id_of
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
from jira_pipeline.jira.client.exchange import MYSELF, TENANT, JiraExchange
from jira_pipeline.jira.client.issue_calls import IssueCalls
from jira_pipeline.jira.client.pacing import Pacing
from jira_pipeline.jira.client.responses import (
    AccountBody,
    AttachmentSettingsBody,
    BoardBody,
    CreateFieldsBody,
    DeploymentBody,
    FieldOptionBody,
    FieldOptions,
    IssueTypesBody,
    LastPageBody,
    LinkTypesBody,
    PermissionsBody,
    ProjectBody,
    SiteBody,
    SprintBody,
    TenantBody,
)
from jira_pipeline.model.errors import AccessError, ConfigurationError, RefusedError, UpstreamError
from jira_pipeline.model.issue_tracker import (
    Account,
    AttachmentRules,
    Board,
    CreateField,
    FieldOption,
    IssueType,
    LinkType,
    Project,
    Site,
    Sprint,
)

DEFAULT_TIMEOUT_SECONDS = 30.0

CREATEMETA_PAGE_SIZE = 200
PAGE_SIZE = 50
OLDER_SERVER = Call(
    method="GET", path="/rest/api/2/serverInfo", is_anonymous=True, action=TENANT.action
)

NOTHING_KNOWN: Mapping[str, str] = {}
Accounts = RootModel[list[AccountBody]]


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
        found = self._list(
            LastPageBody[ProjectBody],
            f"{API}/project/search",
            "Listing the projects",
            size=PAGE_SIZE,
            query={"orderBy": "key"},
        )
        return tuple(body.to(Project) for body in found)

    def priorities(self, project_id: str) -> tuple[FieldOption, ...]:
        """Return the priorities of a project, in Jira's order.

        Where our token lacks the scope for that, all of the site: a scope to administer Jira is no
        price for a list of names.
        """
        try:
            found = self._list(
                LastPageBody[FieldOptionBody],
                f"{API}/priority/search",
                "Reading the priorities of the project",
                size=PAGE_SIZE,
                query={"projectId": project_id},
            )
        except AccessError as error:
            if error.status_code != httpx.codes.FORBIDDEN:
                raise
            found = self._get(FieldOptions, f"{API}/priority", "Reading the priorities").root
        return tuple(body.to(FieldOption) for body in found)

    def granted_permissions(self, project_key: str, permissions: Sequence[str]) -> frozenset[str]:
        body = self._get(
            PermissionsBody,
            f"{API}/mypermissions",
            f"Reading our permissions in {project_key}",
            query={"projectKey": project_key, "permissions": ",".join(permissions)},
        )
        return frozenset(k for k, v in body.permissions.items() if v.have_permission)

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
        found = self._list(
            CreateFieldsBody,
            f"{API}/issue/createmeta/{{project}}/issuetypes/{{type}}",
            "Reading the fields of the create screen",
            size=CREATEMETA_PAGE_SIZE,
            project=project_id,
            type=issue_type_id,
        )
        return tuple(body.to(CreateField) for body in found)

    def link_types(self) -> tuple[LinkType, ...]:
        """Return the link types; none where linking is switched off."""
        try:
            body = self._get(LinkTypesBody, f"{API}/issueLinkType", "Reading the issue link types")
        except RefusedError as error:
            if error.status_code == httpx.codes.NOT_FOUND:
                return ()
            raise
        return tuple(link_type.to(LinkType) for link_type in body.issue_link_types)

    def attachment_rules(self) -> AttachmentRules:
        body = self._get(
            AttachmentSettingsBody,
            f"{API}/attachment/meta",
            "Asking Jira whether files may be attached, and how large",
        )
        return body.to(AttachmentRules)

    def assignable_users(self, project_key: str, query: str) -> tuple[Account, ...]:
        found = self._get(
            Accounts,
            f"{API}/user/assignable/search",
            f"Looking for assignable users in {project_key}",
            query={"project": project_key, "query": query},
        )
        return tuple(body.to(Account) for body in found.root)

    def boards(self, project_key: str) -> tuple[Board, ...]:
        found = self._list(
            LastPageBody[BoardBody],
            f"{AGILE_API}/board",
            f"Reading the boards of {project_key}",
            size=PAGE_SIZE,
            query={"projectKeyOrId": project_key},
        )
        return tuple(body.to(Board) for body in found)

    def open_sprints(self, board_id: str) -> tuple[Sprint, ...]:
        """Return the active and future sprints of a board; none where it has no sprints."""
        try:
            found = self._list(
                LastPageBody[SprintBody],
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
        return tuple(body.to(Sprint) for body in found)


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
