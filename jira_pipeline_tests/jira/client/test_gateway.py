"""An API token with scopes works at Atlassian's gateway only; the client finds its way there."""

import httpx
import pytest

from jira_pipeline.jira.client.addresses import checked_base_url
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.model.errors import AccessError, ConfigurationError, UnavailableError
from jira_pipeline.model.issue_tracker import Created, Site
from jira_pipeline_tests.tables import each

CLOUD_ID = "1324a887-45db-1bf4-1e99-ef0ff456d421"
SITE = "https://example.atlassian.net"
GATEWAY = f"https://api.atlassian.com/ex/jira/{CLOUD_ID}"
REFUSAL = {"message": "Client must be authenticated to access this resource.", "status-code": 401}


class ScopedSite:
    """A site that refuses our token at its own address, and takes it at the gateway."""

    def __init__(self, **answers: httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self._tenant = answers.get("tenant", httpx.Response(200, json={"cloudId": CLOUD_ID}))
        self._gateway = answers.get("gateway")

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        url = str(request.url)
        if request.url.path == "/_edge/tenant_info":
            return self._tenant
        if request.url.path.endswith("/serverInfo"):
            return httpx.Response(200, json={"baseUrl": SITE})
        if not url.startswith(GATEWAY):
            return httpx.Response(401, json=REFUSAL)
        if self._gateway is not None:
            return self._gateway
        if request.method == "POST":
            return httpx.Response(201, json={"id": "10001", "key": "ABC-1"})
        return httpx.Response(200, json={"accountId": "ada", "id": "7", "key": "ABC", "name": "A"})

    def client(self, base_url: str = SITE, *, email: str = "a@b.example") -> JiraClient:
        transport = httpx.MockTransport(self)
        return JiraClient(base_url, auth=(email, "made-up-token"), transport=transport)

    @property
    def asked(self) -> list[str]:
        return [f"{r.url.host}{r.url.path}" for r in self.requests]


def test_a_token_the_site_refuses_is_taken_at_the_gateway_from_then_on() -> None:
    site = ScopedSite()
    client = site.client()

    account = client.whoami()
    created = client.create_issue({}, {})

    assert (account.account_id, created) == ("ada", Created(remote_id="10001", remote_key="ABC-1"))
    assert site.asked == [
        "example.atlassian.net/rest/api/3/myself",
        "example.atlassian.net/_edge/tenant_info",
        f"api.atlassian.com/ex/jira/{CLOUD_ID}/rest/api/3/myself",
        f"api.atlassian.com/ex/jira/{CLOUD_ID}/rest/api/3/myself",
        f"api.atlassian.com/ex/jira/{CLOUD_ID}/rest/api/3/issue",
    ]


def test_the_token_of_a_service_account_goes_without_an_account() -> None:
    site = ScopedSite()
    assert site.client(email="").whoami().account_id == "ada"
    sent = {r.url.path: r.headers.get("Authorization") for r in site.requests}
    assert sent.pop("/_edge/tenant_info") is None
    assert {*sent.values()} == {"Bearer made-up-token"}


@each("status", [404, 401, 403])
def test_a_data_center_is_named_as_what_it_is(status: int) -> None:
    """It knows no page of Cloud, or refuses whom it does not know before it looks."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/rest/api/2/serverInfo":
            assert "Authorization" not in request.headers
            return httpx.Response(200, json={"baseUrl": "x", "deploymentType": "Server"})
        return httpx.Response(status, text="<html>Oops</html>")

    transport = httpx.MockTransport(answer)
    client = JiraClient("https://jira.example.com", auth=("a", "b"), transport=transport)
    with pytest.raises(ConfigurationError, match="Data Center"):
        client.site()


@each("base_url", [SITE, GATEWAY, f"{GATEWAY.upper().replace('HTTPS', 'https')}/"])
def test_a_site_is_the_same_by_either_address(base_url: str) -> None:
    """A session begun at one address and resumed at the other has to find its own ledger."""
    if "API.ATLASSIAN.COM/EX/JIRA" in base_url:
        base_url = base_url.replace("API.ATLASSIAN.COM/EX/JIRA", "api.atlassian.com/ex/jira")
    site = ScopedSite().client(base_url).site()

    assert site == Site(site_id=CLOUD_ID, base_url=SITE, api_url=GATEWAY)
    assert site.is_behind_gateway


@each(
    "base_url",
    [
        "https://jira.example",
        "https://example.atlassian.net.evil.example",
        "https://example.atlassian.net:8443",
        "http://127.0.0.1:8765",
    ],
)
def test_only_a_site_of_atlassians_leads_to_the_gateway(base_url: str) -> None:
    site = ScopedSite()

    with pytest.raises(AccessError):
        site.client(base_url).whoami()

    assert len(site.requests) == 1


@each(
    "tenant",
    [
        httpx.Response(200, json={"cloudId": "../../evil"}),
        httpx.Response(200, json={"cloudId": f"{CLOUD_ID}/../x"}),
        httpx.Response(404),
    ],
    ids=["path", "suffix", "none"],
)
def test_what_is_no_cloud_id_leads_nowhere(tenant: httpx.Response) -> None:
    site = ScopedSite(tenant=tenant)

    with pytest.raises(AccessError, match="Client must be authenticated"):
        site.client().whoami()

    assert {request.url.host for request in site.requests} == {"example.atlassian.net"}


def test_a_token_nobody_takes_is_refused_in_the_words_of_the_site() -> None:
    site = ScopedSite(gateway=httpx.Response(401, json={"code": 401, "message": "Unauthorized"}))
    client = site.client()

    for _ in range(2):
        with pytest.raises(AccessError, match="Client must be authenticated"):
            client.whoami()

    assert sum(request.url.host == "api.atlassian.com" for request in site.requests) == 1


def test_a_cloud_id_that_cannot_be_read_just_now_is_a_reason_to_wait() -> None:
    site = ScopedSite(tenant=httpx.Response(503))

    with pytest.raises(UnavailableError):
        site.client().whoami()


@each(
    "base_url",
    [
        "https://api.atlassian.com",
        "https://api.atlassian.com/ex/jira",
        "https://api.atlassian.com/ex/jira/example",
        f"https://api.atlassian.com/ex/confluence/{CLOUD_ID}",
        f"https://api.atlassian.com:8443/ex/jira/{CLOUD_ID}",
        f"https://api.atlassian.com/x/ex/jira/{CLOUD_ID}",
    ],
)
def test_an_address_of_the_gateway_has_to_name_a_site(base_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"api\.atlassian\.com"):
        checked_base_url(base_url)
