"""What happens on an unkind site, as a client comes to see it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http import SandboxRequest
from jira_pipeline_tests.jira.rules_of_sites import give_rules
from jira_pipeline_tests.jira.sandbox.plain_issues import API, NOW, SIGNED_IN, fetched, found_by
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


def test_a_file_with_rules_that_the_product_does_not_know_opens(site: FaultySite) -> None:
    """Sandboxes written before rules went beside the tests have them, and work on without."""
    give_rules(site.sandbox, UnkindRules(clones_every=1, index_lag_seconds=5))

    with JiraSandbox(site.sandbox.state.path, clock=lambda: NOW) as other:
        answer = other.handle(SandboxRequest(method="GET", path=f"{API}/myself", headers=SIGNED_IN))

    assert answer.status == 200
