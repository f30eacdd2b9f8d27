"""The main job with everything on PostgreSQL: the store and Dagster's own storage."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from jira_pipeline.context.settings import load_settings
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.store.session_locks import outside


@pytest.mark.postgres
@pytest.mark.xdist_group("processes")
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("statement", [1, 5], ids=["as it opens", "while it asks for runs"])
def test_a_database_of_dagster_that_dies_as_a_resume_starts_is_named(
    tmp_path: Path, statement: int
) -> None:
    """It ended in a stack trace of SQLAlchemy's, or of Dagster's after its last attempt."""
    upload(tmp_path)
    server = load_settings().database_url
    dagster = make_url(os.environ["DAGSTER_POSTGRES_URL"]).database  # noqa: TID251 - set by the fixture
    asked: list[object] = []

    def die(connection: Connection, *_statement: object) -> None:
        if connection.engine.url.database != dagster:
            return
        asked.append(connection)
        if len(asked) != statement:
            return
        with outside(server) as administrator:
            administrator.execute(text(f"ALTER DATABASE {dagster} ALLOW_CONNECTIONS false"))
            ending = "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
            administrator.execute(text(f"{ending} WHERE datname = :name"), {"name": dagster})

    with listening(die):
        answer = run("resume", "museum")

    assert len(asked) >= statement
    assert answer.exit_code == 75
    assert "Dagster's storage cannot be used: its server cannot be reached" in answer.words
    assert "Start again when its server responds" in answer.words


@pytest.mark.postgres
@pytest.mark.xdist_group("processes")
@pytest.mark.usefixtures("installation")
def test_a_store_that_is_away_for_a_moment_as_a_run_begins_is_temporary(tmp_path: Path) -> None:
    """No step began, so no error was stored, and the store was back when the command asked."""
    upload(tmp_path)
    run_json("generate", "museum")
    run_json("export", "museum")
    run_json("tickets", "edit", "museum", 1, "--title", "Another title")
    run_json("validate", "museum")
    run_json("tickets", "ready", "museum", "--all")
    ended: list[object] = []

    def end_session(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if "pg_try_advisory_lock" in statement and not ended:
            ended.append(statement)
            with outside(load_settings().database_url) as administrator:
                ending = text("SELECT pg_terminate_backend(:pid, 30000)")
                driver = connection.connection.driver_connection
                assert driver is not None
                administrator.execute(ending, {"pid": driver.info.backend_pid})

    with listening(end_session):
        answer = run("export", "museum", "--update")
    again = run("export", "museum", "--update")

    assert len(ended) == 1
    assert (answer.exit_code, again.exit_code) == (75, 0)
    assert "jira-pipeline status museum" in answer.words


@contextmanager
def listening(hear: Callable[..., None]) -> Iterator[None]:
    """Let somebody hear each statement before it is executed."""
    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def upload(folder: Path) -> None:
    """Upload the example as session `museum`, which approves itself."""
    sheets = projects.copy_small_sheets(folder / "museum", is_auto_approved=True)
    run_json("upload", sheets)


def runs_of_dagster() -> list[tuple[str, str]]:
    engine = create_engine(os.environ["DAGSTER_POSTGRES_URL"])  # noqa: TID251 - set by the fixture
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT pipeline_name, status FROM runs"))
        found = [(row.pipeline_name, row.status) for row in rows]
    engine.dispose()
    return found


def test_the_deployed_instance_is_that_of_the_checkout_with_another_storage() -> None:
    here = yaml.safe_load((projects.CHECKOUT / "dagster.yaml").read_text(encoding="utf-8"))
    deployed = yaml.safe_load(projects.DEPLOYED.read_text(encoding="utf-8"))

    here.pop("storage")
    storage = deployed.pop("storage")

    assert here == deployed
    assert storage == {"postgres": {"postgres_url": {"env": "DAGSTER_POSTGRES_URL"}}}
