"""Programs that watch: is it alive, and is it ready."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace

import pytest
from typing_extensions import override

from jira_pipeline.model.errors import StoreBusyError
from jira_pipeline.model.runs import DAEMON
from jira_pipeline.store.locks import FileTargetLease
from jira_pipeline.web.context import LateDagster, Web
from jira_pipeline_tests.web.browsers import browser, dagster_in_test
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

pytestmark = pytest.mark.small_site


@pytest.fixture
def ready_web(web: Web) -> Iterator[Web]:
    """The web with Dagster and its daemon."""
    dagster = LateDagster()
    dagster.arrive(dagster_in_test, RecordedRuns())
    with web.pipeline.store.leases.hold(DAEMON, holder="serve on front-1"):
        yield replace(web, dagster=dagster)


def test_a_process_is_alive_before_it_is_ready(web: Web, ready_web: Web) -> None:
    starting = browser(replace(web, dagster=LateDagster()))

    early = starting.get("/ready")
    late = browser(ready_web).get("/ready")

    assert starting.get("/health").text == "alive\n"
    assert (early.status_code, early.json()["dagster"]) == (503, "starting")
    assert late.status_code == 200
    assert late.json() == {
        "is_ready": True,
        "store": "usable",
        "dagster": "there",
        "daemon": "running",
    }


def test_without_a_store_it_is_not_ready_and_says_nothing_of_it(ready_web: Web) -> None:
    class Away(FileTargetLease):
        @override
        def holder_of(self, target_id: str) -> str | None:
            raise StoreBusyError("The server of the store at 10.0.0.5 cannot be reached.")

    pipeline = ready_web.pipeline
    store = copy(pipeline.store)
    vars(store)["leases"] = Away(pipeline.settings.home_path)
    away = replace(ready_web, pipeline=replace(pipeline, store=store))

    answer = browser(away).get("/ready")

    assert (answer.status_code, answer.json()["store"]) == (503, "unusable")
    assert "10.0.0.5" not in answer.text
