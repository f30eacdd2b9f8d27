"""Stores that an older version filled, brought up to date."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text

from jira_pipeline.ports.writing import RequestOutcome, Spending
from jira_pipeline.store.engine import VERSION_TABLE, create_store_engine, open_store
from jira_pipeline.store.migrations.migrate import alembic_config
from jira_pipeline_tests.contracts.open_stores import empty_database, sqlite_url
from jira_pipeline_tests.writers.asked_models import SESSION, outcomes

REQUESTS_OF_0009 = (
    ("answered", 450_000_000),
    ("failed", 0),
    ("failed", 130_000_000_000),
    ("failed", None),
    ("rate_limited", 0),
    ("failed", 1),
)
"""Outcome and cost in picodollars: what may have been paid for counted with the most."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables, of each dialect."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    with empty_database() as made:
        yield made


def migrate_to(connection: Connection, revision: str) -> None:
    """Bring a database to a revision, as the version of then did."""
    config = alembic_config()
    config.attributes.update(
        connection=connection, version_table=VERSION_TABLE, installation_id="an-installation"
    )
    command.upgrade(config, revision)


def fill_0009(connection: Connection) -> None:
    """Write a session that a model was asked about, in the columns of then."""
    connection.execute(
        text(
            "INSERT INTO sessions (session_key, content_sha256, upload_path, manifest, stage,"
            " status, created_at, updated_at, progress_percentage, progress_text) VALUES"
            " (:key, :sha256, 'uploads/site', '{}', 'processing', 'failed', :at, :at, 10, '')"
        ),
        {"key": SESSION, "sha256": "a" * 64, "at": "2026-01-02T03:04:05.000006+00:00"},
    )
    connection.execute(
        text(
            "INSERT INTO model_requests (session_key, group_key, model, outcome, tokens_in,"
            " tokens_out, cost_pico_usd, seconds, at) VALUES"
            " (:key, '', 'openai:small', :outcome, 10, 1, :cost, 1.5, :at)"
        ),
        [
            {"key": SESSION, "outcome": outcome, "cost": cost, "at": "2026-01-02T03:04:05+00:00"}
            for outcome, cost in REQUESTS_OF_0009
        ],
    )


def test_requests_of_0009_that_counted_with_the_most_are_named(url: str, tmp_path: Path) -> None:
    engine = create_store_engine(url)
    with engine.begin() as connection:
        migrate_to(connection, "0009")
        fill_0009(connection)
    engine.dispose()

    with open_store(url, lock_path=tmp_path / "store.lock") as store:
        found = outcomes(store)
        spent = store.writing.spending(SESSION)
        installation_id = store.ledger.installation_id()

    failed, unseen = RequestOutcome.FAILED, RequestOutcome.UNSEEN
    answered, limited = RequestOutcome.ANSWERED, RequestOutcome.RATE_LIMITED
    assert found == [answered, failed, unseen, failed, limited, unseen]
    assert spent == Spending(
        requests=6,
        tokens_in=60,
        tokens_out=6,
        cost_usd=Decimal("0.130450000001"),
        unpriced_requests=1,
        unseen_requests=2,
        unseen_usd=Decimal("0.130000000001"),
    )
    assert installation_id == "an-installation"


def test_a_review_of_0012_shows_its_tickets_as_written(url: str, tmp_path: Path) -> None:
    """It read 0 %, as every stage did when it began."""
    engine = create_store_engine(url)
    with engine.begin() as connection:
        migrate_to(connection, "0012")
        connection.execute(
            text(
                "INSERT INTO sessions (session_key, content_sha256, upload_path, manifest, stage,"
                " status, created_at, updated_at, progress_percentage, progress_text) VALUES"
                " (:key, :sha256, 'uploads/site', '{}', :stage, 'waiting', :at, :at, 0, '')"
            ),
            [
                {
                    "key": stage,
                    "sha256": "a" * 64,
                    "stage": stage,
                    "at": "2026-01-02T03:04:05.000006+00:00",
                }
                for stage in ("review", "jira_export")
            ],
        )
    engine.dispose()

    with open_store(url, lock_path=tmp_path / "store.lock") as store:
        found = {s.session_key: s for s in store.sessions.list_all()}

    assert {key: s.progress_percentage for key, s in found.items()} == {
        "review": 100.0,
        "jira_export": 0.0,
    }
    assert found["review"].progress_details is None
    assert found["review"].as_new == ()


def test_retries_of_0012_belong_to_what_their_session_was_at(url: str, tmp_path: Path) -> None:
    """Until then a review forgot them all; of a session beyond that they are of its export."""
    of_export = {"processing": False, "upload": False, "jira_export": True, "review": True}
    engine = create_store_engine(url)
    with engine.begin() as connection:
        migrate_to(connection, "0012")
        connection.execute(
            text(
                "INSERT INTO sessions (session_key, content_sha256, upload_path, manifest, stage,"
                " status, created_at, updated_at, progress_percentage, progress_text,"
                " content_version) VALUES (:stage, :sha256, 'uploads/site', '{}', :stage, 'failed',"
                " :at, :at, 10, '', 0)"
            ),
            [{"stage": s, "sha256": "a" * 64, "at": "2026-01-02T03:04:05"} for s in of_export],
        )
        connection.execute(
            text("INSERT INTO export_retries (session_key, count) VALUES (:stage, 3)"),
            [{"stage": stage} for stage in of_export],
        )
    engine.dispose()

    with open_store(url, lock_path=tmp_path / "store.lock") as store:
        export = {s: store.export_runs.retry_count(s) for s in of_export}
        generation = {s: store.export_runs.retry_count(s, what="generation") for s in of_export}

    assert export == {stage: 3 * is_of_it for stage, is_of_it in of_export.items()}
    assert generation == {stage: 3 - count for stage, count in export.items()}
