"""At no latency at all the client stays below Jira's documented limits, or lives with the 429s."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jira_pipeline.jira_client.client import JiraClient
from jira_pipeline.jira_client.pacing import (
    JIRA_CLOUD_LIMITS,
    NO_LIMITS,
    Pacing,
    PacingClock,
    PacingLimits,
)
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site_rules import LimitRules, SiteRules, write_rules
from jira_pipeline.ports.issue_tracker import BulkAnswered, Created, IssueDraft
from jira_pipeline.sandbox_http.transport import SandboxTransport
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_world import ACCOUNT, SITE_URL, PatientTime

BLOCKS = "10000"
SPOKES = 130


@pytest.fixture
def time() -> PatientTime:
    """Time that only waiting moves: requests take none."""
    return PatientTime()


@pytest.fixture
def site(tmp_path: Path, time: PatientTime) -> Iterator[JiraSandbox]:
    """A site with the documented limits."""
    with JiraSandbox(
        tmp_path / "sandbox.sqlite",
        clock=lambda: START + timedelta(seconds=time.seconds),
        limit_seconds=time.monotonic,
    ) as sandbox:
        with sandbox.state.writing() as rows:
            write_rules(rows, SiteRules(limits=LimitRules()))
        yield sandbox


def paced(site: JiraSandbox, time: PatientTime, limits: PacingLimits) -> JiraClient:
    """A client of the site."""
    clock = PacingClock(monotonic=time.monotonic, sleep=time.sleep, random=lambda: 0.0)
    transport = SandboxTransport(site)
    return JiraClient(
        SITE_URL, auth=ACCOUNT, transport=transport, pacing=Pacing(clock, limits=limits)
    )


def issues_of(client: JiraClient, count: int) -> list[str]:
    """Create issues in bulk and return their ids."""
    project = client.project("SBX")
    fields = {
        "project": {"id": project.project_id},
        "issuetype": {"id": "10002"},
        "summary": "A",
    }
    ids: list[str] = []
    for size in [50] * (count // 50) + [count % 50]:
        answer = client.create_issues([IssueDraft(fields=fields, properties={})] * size)
        assert isinstance(answer, BulkAnswered)
        ids += [created.remote_id for created in answer.created]
    return ids


def statuses(site: JiraSandbox) -> Counter[int | None]:
    """How often the site answered what."""
    return Counter(entry.status for entry in site.journal())


def test_a_hub_with_many_links_provokes_no_429(site: JiraSandbox, time: PatientTime) -> None:
    """20 writes in 2 s and 100 in 30 s may touch one issue."""
    client = paced(site, time, JIRA_CLOUD_LIMITS)
    hub, *spokes = issues_of(client, SPOKES)

    answers = [
        client.create_link(link_type_id=BLOCKS, inward_issue_id=hub, outward_issue_id=spoke)
        for spoke in spokes
    ]

    assert all(isinstance(answer, Created) for answer in answers)
    assert statuses(site)[429] == 0
    assert 30 <= time.seconds <= 60


def test_many_requests_to_one_endpoint_provoke_no_429(site: JiraSandbox, time: PatientTime) -> None:
    client = paced(site, time, JIRA_CLOUD_LIMITS)

    for _ in range(350):
        client.whoami()

    assert statuses(site) == {200: 350}
    assert time.seconds <= 5


def test_a_client_that_waits_for_the_word_of_the_site_still_makes_every_link(
    site: JiraSandbox, time: PatientTime
) -> None:
    client = paced(site, time, NO_LIMITS)
    hub, *spokes = issues_of(client, SPOKES)

    answers = [
        client.create_link(link_type_id=BLOCKS, inward_issue_id=hub, outward_issue_id=spoke)
        for spoke in spokes
    ]

    assert all(isinstance(answer, Created) for answer in answers)
    assert 0 < statuses(site)[429] < SPOKES / 10
