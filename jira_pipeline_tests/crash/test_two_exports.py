"""Two processes export one session at once: one works, the other waits or finds nothing to do."""

from collections.abc import Iterator

import pytest

from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.contracts.open_stores import POSTGRES_URL
from jira_pipeline_tests.crash.export_world import DRAFTS, SteadyClock, violations_of
from jira_pipeline_tests.crash.killing import KillingGround
from jira_pipeline_tests.crash.processes import ended, resume, start
from jira_pipeline_tests.crash.small_disks import Ended, export_if_let

pytestmark = pytest.mark.xdist_group("processes")
AT_ONCE = 3


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KillingGround]:
    """Makes a store and a site, on each dialect."""
    is_postgres = request.param == "postgres"
    if is_postgres and POSTGRES_URL is None:
        pytest.skip("JIRA_PIPELINE_TEST_POSTGRES_URL names no server")
    url = POSTGRES_URL if is_postgres else None
    with KillingGround(tmp_path_factory.mktemp("two") / "ground", postgres_url=url) as opened:
        yield opened


def test_exports_that_start_at_once_create_every_issue_once(ground: KillingGround) -> None:
    with ground.place() as (place, sandbox_path):
        processes = [start(export_if_let, place) for _ in range(AT_ONCE)]
        codes = {ended(process) for process in processes}
        resume(place)
        with JiraSandbox(sandbox_path, clock=SteadyClock().now) as sandbox:
            wrong = violations_of(sandbox, DRAFTS)

    assert codes <= {Ended.DONE, Ended.REFUSED}
    assert wrong == []
