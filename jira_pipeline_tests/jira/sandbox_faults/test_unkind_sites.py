"""What happens on an unkind site, as a client comes to see it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL, SiteRules
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline_tests.crash.export_world import SteadyClock
from jira_pipeline_tests.jira.rules_of_sites import give_rules, rules_of
from jira_pipeline_tests.jira.sandbox.plain_issues import API, LEAST, fetched, found_by
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.jira.sandbox_faults.unkind_sites import UnkindRules


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[FaultySandbox]:
    with FaultySandbox(tmp_path / "sandbox.sqlite", clock=SteadyClock().now) as one:
        yield one


@pytest.fixture
def client(sandbox: FaultySandbox) -> Iterator[httpx.Client]:
    account = ("owner@sandbox.example", "token")
    transport = SandboxTransport(sandbox)
    with httpx.Client(transport=transport, base_url=SANDBOX_BASE_URL, auth=account) as one:
        yield one


def create(client: httpx.Client, summary: str = "x", **fields: object) -> str:
    body = {
        "fields": {**LEAST, "summary": summary, **fields},
        "properties": [{"key": "jp", "value": 1}],
    }
    return str(client.post(f"{API}/issue", json=body).json()["key"])


def read(client: httpx.Client, issue: str) -> Any:
    return client.get(f"{API}/issue/{issue}", params={"properties": "*all"}).json()


def test_a_moved_issue_answers_to_both_keys_with_the_new_one_and_its_id(
    client: httpx.Client, sandbox: FaultySandbox
) -> None:
    give_rules(sandbox, UnkindRules(moves_every=1))

    key = create(client)
    by_old_key = read(client, key)
    by_id = read(client, by_old_key["id"])

    assert key == "SBX-1"
    assert by_old_key["key"] == by_id["key"] == "MOVED-1"
    assert fetched(client, key, "MOVED-1") == ["MOVED-1"]
    assert found_by(client, "project = SBX") == []
    assert by_id["properties"] == {"jp": 1}


def test_a_clone_copies_labels_and_no_properties(
    client: httpx.Client, sandbox: FaultySandbox
) -> None:
    give_rules(sandbox, UnkindRules(clones_every=2))

    create(client, "one", labels=["jp-site"])
    create(client, "two", labels=["jp-site"])

    clone = read(client, "SBX-3")
    assert found_by(client, "labels = jp-site") == ["SBX-3", "SBX-2", "SBX-1"]
    assert (clone["fields"]["summary"], clone["properties"]) == ("CLONE - two", {})


def test_a_file_with_rules_that_the_product_does_not_know_opens(sandbox: FaultySandbox) -> None:
    """Sandboxes written before rules went beside the tests have them all, and work on."""
    give_rules(sandbox, UnkindRules(clones_every=1, index_lag_seconds=5))

    with JiraSandbox(sandbox.state.path, clock=SteadyClock().now) as other:
        rules = rules_of(other)

    assert rules == SiteRules(index_lag_seconds=5)
