"""Programs that watch: is it alive, is it ready, and its figures; and the page of machines."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typing_extensions import override

from jira_pipeline.errors import StoreBusyError
from jira_pipeline.flow import people
from jira_pipeline.flow.operations import DAEMON
from jira_pipeline.kernel.machines import Machine, RunAtWork
from jira_pipeline.kernel.people import Role
from jira_pipeline.ports.runs import RunJob, WantedRun
from jira_pipeline.store.machines import MachineStore
from jira_pipeline.web.context import Web
from jira_pipeline.web.dagster import LateDagster
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES, browser, dagster_in_test, signed_in
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

pytestmark = pytest.mark.small_site

MACHINE = Machine(
    address="10.0.0.7:4000",
    name="worker-1, process 7",
    version="0",
    capacity=4,
    since=START,
    seen_at=START,
    is_draining=False,
    refusal="",
    run_count=1,
)


class KnownMachines(MachineStore):
    """One machine that works on the first run."""

    def __init__(self) -> None:
        """Ask no database."""

    @override
    def live(self) -> tuple[Machine, ...]:
        """Return it."""
        return (MACHINE,)

    @override
    def runs_at_work(self) -> tuple[RunAtWork, ...]:
        """Return its run."""
        return (RunAtWork(run_id="run-1", machine=MACHINE.address, process=9, since=START),)


@pytest.fixture
def busy_web(web: Web) -> Iterator[Web]:
    """The web with two runs, of which a machine works on one."""
    runs, dagster = RecordedRuns(), LateDagster()
    for job in (RunJob.GENERATION, RunJob.EXPORT):
        runs.start(WantedRun(session_key=SESSION, job=job, by="ada"))
    dagster.arrive(dagster_in_test, runs)
    store = replace(web.pipeline.store, machines=KnownMachines())
    pipeline = replace(web.pipeline, store=store)
    with web.pipeline.store.leases.hold(DAEMON, holder="serve on front-1"):
        yield replace(web, pipeline=pipeline, dagster=dagster)


def figures_of(text: str) -> dict[str, float]:
    """Read figures as Prometheus does."""
    return {
        " ".join(
            [sample.name.removeprefix("jira_pipeline_"), *sample.labels.values()]
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_process_is_alive_before_it_is_ready(web: Web, busy_web: Web) -> None:
    starting = browser(replace(web, dagster=LateDagster()))

    early = starting.get("/ready")
    late = browser(busy_web).get("/ready")

    assert starting.get("/health").text == "alive\n"
    assert (early.status_code, early.json()["dagster"]) == (503, "starting")
    assert late.status_code == 200
    assert late.json() == {
        "is_ready": True,
        "store": "usable",
        "dagster": "there",
        "daemon": "running",
        "machines": 1,
    }


def test_without_a_store_it_is_not_ready_and_says_nothing_of_it(busy_web: Web) -> None:
    class Away(KnownMachines):
        @override
        def live(self) -> tuple[Machine, ...]:
            raise StoreBusyError("The server of the store at 10.0.0.5 cannot be reached.")

    store = replace(busy_web.pipeline.store, machines=Away())
    away = replace(busy_web, pipeline=replace(busy_web.pipeline, store=store))

    answer = browser(away).get("/ready")

    assert (answer.status_code, answer.json()["store"]) == (503, "unusable")
    assert "10.0.0.5" not in answer.text


def test_figures_are_in_prometheus_form_and_for_readers_with_a_token(busy_web: Web) -> None:
    store = busy_web.pipeline.store
    site = store.budgets.opened("jira https://a.example", holder="run 1")
    site.share({"answered 2xx": 12, "answered 429": 1, "waits": 2, "waited seconds": 3.5})
    site.pause(("everything",), seconds=30.0)

    token = people.issue_token(
        busy_web.pipeline, NAMES[Role.READER], role=None, days=1, label="prometheus", by="test"
    ).secret

    client = browser(busy_web)
    answer = client.get("/metrics", headers={"authorization": f"Bearer {token}"})
    found = figures_of(answer.text)

    assert client.get("/metrics").status_code == 401
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert sum(count for name, count in found.items() if name.startswith("sessions review")) >= 1
    assert found["runs generate_tickets queued"] == 1
    assert found["queue_age_seconds"] >= 0
    assert found["machines taking_runs"] == 1
    assert found["machine_runs 10.0.0.7:4000"] == 1
    assert found["daemon_running"] == 1
    assert found["doubts_open"] == 0
    assert found["answers_total 2xx jira https://a.example"] == 12
    assert found["answers_total 429 jira https://a.example"] == 1
    assert found["waited_seconds_total jira https://a.example"] == 3.5
    assert found["budget_holders jira https://a.example"] == 1
    assert 0 < found["budget_pause_seconds everything jira https://a.example"] <= 30


def test_admins_see_machines_with_what_each_runs_and_what_waits(busy_web: Web) -> None:
    page = signed_in(busy_web, Role.ADMIN).get("/machines").text

    assert "The daemon runs in serve on front-1." in page
    assert "worker-1, process 7" in page
    assert "of another version than" in page
    assert "generate tickets" in page
    assert page.index("generate tickets") < page.index("Waiting") < page.index("export to jira")
    assert f'href="/sessions/{SESSION}"' in page
