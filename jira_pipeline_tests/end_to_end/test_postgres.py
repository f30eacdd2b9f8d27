"""The main job with everything on PostgreSQL: the store and Dagster's own storage."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import create_engine, text

from jira_pipeline.domain.export_ledger import LedgerEvent, LedgerSubject
from jira_pipeline_tests import projects
from jira_pipeline_tests.contracts.open_stores import empty_database
from jira_pipeline_tests.end_to_end.processes import finished, start, start_job
from jira_pipeline_tests.end_to_end.reading_back import read_issues

DEPLOYED = projects.CHECKOUT / "deploy" / "dagster.postgres.yaml"


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home as deploy/README.md describes it, with two empty databases."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_bytes(DEPLOYED.read_bytes())
    with empty_database() as of_store, empty_database() as of_dagster:
        monkeypatch.setenv("JIRA_PIPELINE_DATABASE_URL", of_store)
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", of_dagster)
        yield home


@pytest.mark.postgres
@pytest.mark.xdist_group("processes")
def test_the_example_is_exported_with_store_and_dagster_on_postgres(
    installation: Path, tmp_path: Path
) -> None:
    sheets = projects.copy_sheets(tmp_path / "museum", is_auto_approved=True)

    uploaded, said_first = finished(start(installation, "jira-pipeline", "upload", sheets))
    executed, said = finished(start_job(installation, "csv_to_jira", "museum"))

    assert uploaded == 0, said_first[-3000:]
    assert executed == 0, said[-3000:]
    assert receipts_of(installation) == projects.EXAMPLE_TICKETS
    assert len(read_issues(installation / ".jira_pipeline" / "sandbox.sqlite")) == (
        projects.EXAMPLE_TICKETS
    )
    assert runs_of_dagster() == [("csv_to_jira", "SUCCESS")]
    assert sorted(path.name for path in installation.rglob("*.sqlite")) == ["sandbox.sqlite"]
    assert list(installation.rglob("*.db")) == []


def receipts_of(project: Path) -> int:
    """Count the issues the ledger on PostgreSQL knows of."""
    with projects.opened(project) as pipeline:
        (target,) = pipeline.store.ledger.targets()
        entries = pipeline.store.ledger.entries(
            target_id=target.target_id, session_key=projects.SESSION
        )
    return sum(
        (entry.subject, entry.event) == (LedgerSubject.ISSUE, LedgerEvent.RECEIPT)
        for entry in entries
    )


def runs_of_dagster() -> list[tuple[str, str]]:
    """Return job and status of every run Dagster keeps on PostgreSQL."""
    engine = create_engine(os.environ["DAGSTER_POSTGRES_URL"])  # noqa: TID251 - set by the fixture
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT pipeline_name, status FROM runs"))
        found = [(row.pipeline_name, row.status) for row in rows]
    engine.dispose()
    return found


def test_the_deployed_instance_is_that_of_the_checkout_with_another_storage() -> None:
    here = yaml.safe_load((projects.CHECKOUT / "dagster.yaml").read_text(encoding="utf-8"))
    deployed = yaml.safe_load(DEPLOYED.read_text(encoding="utf-8"))

    storage = deployed.pop("storage")

    assert here == deployed
    assert storage == {"postgres": {"postgres_url": {"env": "DAGSTER_POSTGRES_URL"}}}
