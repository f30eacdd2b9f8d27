"""Homes that whole flows begin from; what a live Dagster said where a test fails."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.contracts.open_stores import empty_database
from jira_pipeline_tests.end_to_end.live_dagster import (
    SITE_FILE,
    LiveDagster,
    log_tail,
    running_live,
    write_home,
)
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedUwec:
    """A project with the real specification in the sandbox, and what its run reported."""

    project: Path
    folder: Path
    metadata: Mapping[str, Mapping[str, object]]
    """Metadata of the latest materialization, by asset."""


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home as deploy/README.md describes it, with two empty databases on one server."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_bytes(projects.DEPLOYED.read_bytes())
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with empty_database() as of_store, empty_database() as of_dagster:
        monkeypatch.setenv("JIRA_PIPELINE_DATABASE_URL", of_store)
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", of_dagster)
        yield home


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDagster]:
    """The one live Dagster of all tests, at a Jira site that has no project yet.

    Its start finds an empty home and takes 14 CPU seconds. `test_live_daemon` uses it; then
    `test_serve`, of the same group, kills it and serves its home again.
    """
    folder = tmp_path_factory.mktemp("live")
    project = folder / "project"
    with (
        FaultySandbox(folder / SITE_FILE, clock=lambda: datetime.now(UTC)) as site,  # noqa: TID251 - a site has a clock
        served(site) as address,
    ):
        write_home(project, address)
        with running_live(project, log_path=folder / "serve.log", site=site) as running:
            yield running


@pytest.fixture(scope="session")
def exported_uwec(
    uwec: Path, empty_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> ExportedUwec:
    """The whole way of the real specification, by the job csv_to_jira."""
    folder = tmp_path_factory.mktemp("uwec")
    with pytest.MonkeyPatch.context() as environment, dg.DagsterInstance.ephemeral() as instance:
        project = projects.adopt(empty_project, folder / "project", environment)
        projects.upload(project, uwec, session_key="uwec", auto_approve=True)
        result = projects.execute(instance, project, "csv_to_jira", session_key="uwec")
    metadata: dict[str, dict[str, object]] = {
        event.materialization.asset_key.to_user_string(): {
            key: value.value for key, value in event.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }
    return ExportedUwec(project=project, folder=uwec, metadata=metadata)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    live = getattr(item, "funcargs", {}).get("live")
    if report.failed and isinstance(live, LiveDagster):
        report.sections.append(("jira-pipeline serve", log_tail(live.log_path)))
    return report
