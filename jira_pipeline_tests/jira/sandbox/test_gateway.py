"""The gateway in front of the sandbox takes tokens with scopes, and only what they allow."""

from pathlib import Path

import httpx

from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline_tests.jira.rules_of_sites import SiteRules, give_rules
from jira_pipeline_tests.jira.sandbox.plain_issues import API, NOW
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.jira.sandbox_faults.ruled_calls import scope_of
from jira_pipeline_tests.tables import each

SCOPED = ("scoped@sandbox.example", "made-up-token")


def client_of(path: Path, rules: SiteRules, *, is_gateway: bool = True) -> httpx.Client:
    sandbox = FaultySandbox(path / "sandbox.sqlite", clock=lambda: NOW)
    give_rules(sandbox, rules)
    client = httpx.Client(
        transport=SandboxTransport(sandbox), base_url=SANDBOX_BASE_URL, auth=SCOPED
    )
    cloud_id = client.get("/_edge/tenant_info").json()["cloudId"]
    if is_gateway:
        client.base_url = httpx.URL(f"https://api.atlassian.com/ex/jira/{cloud_id}")
    return client


def test_the_site_refuses_a_token_with_scopes_and_stays_readable_to_strangers(
    tmp_path: Path,
) -> None:
    client = client_of(tmp_path, SiteRules(scoped_tokens_of=("*",)), is_gateway=False)

    refused = client.get(f"{API}/myself")

    assert (refused.status_code, "errorMessages" in refused.json()) == (401, False)
    assert client.get(f"{API}/serverInfo").status_code == 200


def test_the_gateway_serves_the_site_but_not_its_edge(tmp_path: Path) -> None:
    client = client_of(tmp_path, SiteRules(scoped_tokens_of=("*",)))

    server = client.get(f"{API}/serverInfo").json()

    assert server["baseUrl"] == SANDBOX_BASE_URL
    assert client.get("/_edge/tenant_info").status_code == 404
    assert client.get(f"{API}/project/SBX").status_code == 200


def test_another_cloud_id_is_no_site(tmp_path: Path) -> None:
    client = client_of(tmp_path, SiteRules())
    client.base_url = httpx.URL("https://api.atlassian.com/ex/jira/another")

    assert client.get(f"{API}/serverInfo").status_code == 404


@each(
    ("method", "path", "scope"),
    [
        ("GET", "/rest/agile/1.0/board", "read:board-scope:jira-software"),
        ("GET", "/rest/agile/1.0/board/1/sprint", "read:sprint:jira-software"),
        ("POST", "/rest/agile/1.0/sprint/1/issue", "write:sprint:jira-software"),
        ("GET", "/rest/api/3/myself", "read:jira-user"),
        ("GET", "/rest/api/3/priority/search", "manage:jira-configuration"),
        ("POST", "/rest/api/3/issue/bulkfetch", "read:jira-work"),
        ("POST", "/rest/api/3/issue/bulk", "write:jira-work"),
        ("DELETE", "/rest/api/3/issue/1", "write:jira-work"),
    ],
)
def test_a_call_needs_the_scope_atlassian_documents(method: str, path: str, scope: str) -> None:
    assert scope_of(method, path) == scope
