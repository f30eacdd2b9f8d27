"""What happens on an unkind site, as a client comes to see it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http import SandboxRequest
from jira_pipeline_tests.crash.by_hand import EPIC
from jira_pipeline_tests.jira.rules_of_sites import give_rules
from jira_pipeline_tests.jira.sandbox.plain_issues import (
    API,
    NOW,
    SIGNED_IN,
    document,
    fetched,
    found_by,
)
from jira_pipeline_tests.jira.sandbox_faults.faulty_sites import FaultySite
from jira_pipeline_tests.jira.sandbox_faults.unkind_sites import UnkindRules


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FaultySite]:
    with closing(FaultySite(tmp_path / "sandbox.sqlite", step_seconds=1.0)) as one:
        yield one


def test_a_moved_issue_answers_to_both_keys_with_the_new_one_and_its_id(site: FaultySite) -> None:
    give_rules(site.sandbox, UnkindRules(moves_every=1))

    key = site.create().json()["key"]
    by_old_key = site.read(key)
    by_id = site.read(by_old_key["id"])

    assert key == "SBX-1"
    assert by_old_key["key"] == by_id["key"] == "MOVED-1"
    assert fetched(site.client, key, "MOVED-1") == ["MOVED-1"]
    assert found_by(site.client, "project = SBX") == []
    assert by_id["properties"] == {"jp": "x"}


def test_a_clone_copies_labels_and_no_properties(site: FaultySite) -> None:
    give_rules(site.sandbox, UnkindRules(clones_every=2))

    for summary in ("one", "two"):
        site.create(summary=summary, labels=["jp-site"])

    clone = site.read("SBX-3")
    assert found_by(site.client, "labels = jp-site") == ["SBX-3", "SBX-2", "SBX-1"]
    assert (clone["fields"]["summary"], clone["properties"]) == ("CLONE - two", {})


def test_a_post_function_adds_a_paragraph_of_which_no_history_tells(site: FaultySite) -> None:
    give_rules(site.sandbox, UnkindRules(adds_at_creation="Reviewed by QA."))

    issue = site.read(site.create(description=document("Ours.")).json()["key"])
    history = site.client.get(f"{API}/issue/{issue['key']}/changelog").json()["values"]

    blocks = [adf_to_text(block) for block in issue["fields"]["description"]["content"]]
    assert [block.strip() for block in blocks] == ["Ours.", "Reviewed by QA."]
    assert issue["fields"]["updated"] == issue["fields"]["created"]
    assert history == []


def test_a_search_by_parent_shows_a_new_child_later(site: FaultySite) -> None:
    give_rules(site.sandbox, UnkindRules(parent_lag_seconds=5))
    epic = site.create(issuetype={"id": EPIC}).json()["key"]
    child = site.create(parent={"key": epic}).json()["key"]
    by_parent = f"parent = {epic}"

    at_once = found_by(site.client, by_parent)
    everything = found_by(site.client, "project = SBX")
    for _second in range(5):
        site.read(child)

    assert at_once == []
    assert everything == [child, epic]
    assert found_by(site.client, by_parent) == [child]


def test_a_file_with_rules_that_the_product_does_not_know_opens(site: FaultySite) -> None:
    """Sandboxes written before rules went beside the tests have them, and work on without."""
    give_rules(site.sandbox, UnkindRules(clones_every=1, index_lag_seconds=5))

    with JiraSandbox(site.sandbox.state.path, clock=lambda: NOW) as other:
        answer = other.handle(SandboxRequest(method="GET", path=f"{API}/myself", headers=SIGNED_IN))

    assert answer.status == 200
