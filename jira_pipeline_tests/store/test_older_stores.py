"""Stores of the development before 0.2.0: the last revision opens as it is, those before do not."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, inspect, text
from typing_extensions import override

from jira_pipeline.errors import StoreError
from jira_pipeline.store import engine
from jira_pipeline.store.engine import VERSION_TABLE, create_store_engine
from jira_pipeline.store.migrations.migrate import alembic_config
from jira_pipeline_tests.contracts.open_stores import (
    empty_database,
    initialised_path,
    open_in,
    sqlite_url,
    store_folder,
)
from jira_pipeline_tests.crash.export_world import SESSION_KEY, Crash, Tripwire
from jira_pipeline_tests.crash.worlds import open_world, ready_folder
from jira_pipeline_tests.store.old_store import REVISION, make_half_an_export, make_old_tables

__all__ = ["initialised_path", "ready_folder", "store_folder"]

MIGRATIONS = {
    "r0015_first_version.py": "e31c1627e68af61b6acabd13124e83677aedcf923cb3c28a0e7102bf7a9f6ee7",
    "r0016_review_events.py": "a1fe69fc1079d701815b2b0473f34771d962b5cbde359eac006a8f1918a7cc07",
    "r0017_sharedo_jobs.py": "ed4160f2a3bfa38e7cb7dfd8976193c9633fc526dbc60667a48cb9376e4923d7",
    "r0018_people.py": "ef51b7199667101ba4b6f422815605eb250bf0280fcdd7734d40b8cedb273397",
    "r0019_idempotency.py": "85c7e3f65f72957d51d81cc69fc1a2529f8ec9f8972304576a8bb39184c22a59",
    "r0020_drafts.py": "b86162018a7f738cd9f7a2835ceca23a8b879084b3747f77af540c93fabd452d",
    "r0021_sharedo_comparisons.py": "e13898e8589ce20d81d2f599df99a93c9c615dbba0d6725dee2b3f4a328bfeeb",
    "r0022_token_use.py": "b7fecfd58303d0f4d761d104adaf1f4a1e5f07cbacb150598cca027f8198fa9f",
    "r0023_destinations.py": "2fb3ea9c1fc658795a4f24ecb1c7e3149c2bc21acf3e0274bfef4d447c6e9c94",
    "r0024_changes_of_models.py": "2df2c74ec9716527fd735de45e3299d24c42166e6e8347a4545063ca17921414",
    "r0025_documents.py": "0e57f2781929a8b6e9654b936e9adf5fc77b0ecc3869e47de04a81fa9d7550d8",
    "r0026_search_texts.py": "58f26bae481960d3629b006a7f12ab1b9b1d28b4fd4a4e2bbee014f0b2c351c1",
    "r0027_memberships.py": "dadb990c60fc2688b4231718da213cc273090e04b71ca24a1601fb1a59b5f0cf",
    "r0028_notifications.py": "f5216df15764d2a4c6f31d3946b87769631abbb4148ad443ce37fad8307c4707",
    "r0029_digests.py": "7514c984e470c7a995d98e77419140e1f8ad78465a638304d7f2cb8e7b068e01",
    "r0030_answers_at_once.py": "ff18d598b216a1ceec9954fae4e774f6fb38cf2168f34512d452aa9e1a7515fa",
    "r0031_site_verifications.py": "fa3a57bd95547d95d5a14ff82dadcd51efcb2c8ec15711c97146e503b214eb59",
    "r0032_machines.py": "66d47b16f9d0f1d71b5ae93e9eed9e4431d5c4901e3cb3ca53fe3ba3d243dbc6",
    "r0033_kept_files.py": "db2345ab5e5b1ad8eec1663b6d5ae1f74f44088a5a1f5843884d53becb8722dc",
    "r0034_shared_budgets.py": "90f83e8fbbfacbeab5283ae8f95f8688f0320f6e84868b76158f61ac9ec829b9",
}
"""SHA-256 of every migration that was merged."""


def test_a_merged_migration_is_never_edited() -> None:
    """Stores that went through it would differ from those that go through it now."""
    folder = Path(engine.__file__).parent / "migrations" / "versions"

    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("r*.py")
    }

    assert found == MIGRATIONS


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """Two databases: one with the tables of then, one that today's migrations bring there."""
    if request.param == "sqlite":
        (tmp_path / "new").mkdir()
        yield from two_engines(sqlite_url(tmp_path), sqlite_url(tmp_path / "new"))
    else:
        with empty_database() as old, empty_database() as new:
            yield from two_engines(old, new)


def two_engines(old_url: str, new_url: str) -> Iterator[tuple[Engine, Engine]]:
    """Make the tables in both ways."""
    make_old_tables(old_url)
    old, new = create_store_engine(old_url), create_store_engine(new_url)
    config = alembic_config()
    with new.begin() as connection:
        config.attributes.update(
            connection=connection, version_table=VERSION_TABLE, installation_id="an-installation"
        )
        command.upgrade(config, REVISION)
    yield old, new
    old.dispose()
    new.dispose()


def test_the_first_migration_makes_what_fourteen_made_before(
    engines: tuple[Engine, Engine],
) -> None:
    """Columns, keys, checks, indexes, triggers; only the order of columns differs."""
    old, new = (parts_of(each) for each in engines)

    assert len(old) > 25
    assert old == new


def parts_of(opened: Engine) -> dict[str, Any]:
    """Return what a database consists of, by name."""
    with opened.connect() as connection:
        found = {
            name: " ".join(sql.split())
            for name, sql in connection.execute(text(STATEMENTS_WRITTEN[opened.dialect.name]))
        }
        return found | {
            name: parts_of_table(connection, name) for name in inspect(connection).get_table_names()
        }


STATEMENTS_WRITTEN = {
    "sqlite": (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' UNION"
        " SELECT 'counting ' || name, '' FROM sqlite_master WHERE sql LIKE '% AUTOINCREMENT%'"
    ),
    "postgresql": (
        "SELECT tgname, pg_get_triggerdef(t.oid) || pg_get_functiondef(tgfoid)"
        " FROM pg_trigger t WHERE NOT tgisinternal"
    ),
}
"""Triggers, and on SQLite the tables that never give a number twice."""


def parts_of_table(connection: Connection, table: str) -> dict[str, Any]:
    """Return columns and constraints of a table, without their order."""
    inspector = inspect(connection)
    constraints = (
        *inspector.get_foreign_keys(table),
        *inspector.get_unique_constraints(table),
        *inspector.get_check_constraints(table),
        *inspector.get_indexes(table),
    )
    return {
        "key": inspector.get_pk_constraint(table),
        **{
            f"column {each['name']}": {**each, "type": repr(each["type"])}
            for each in inspector.get_columns(table)
        },
        **{f"constraint {each['name']}": each for each in constraints},
    }


class AfterTheSecondIssue(Tripwire):
    """Ends a process where the one that wrote `half_an_export` ended."""

    @override
    def step(self, name: str) -> None:
        super().step(name)
        if self.passed.count("after POST /rest/api/3/issue") == 2:
            raise Crash(name)


def test_a_store_that_holds_half_an_export_opens_unchanged_and_is_finished(
    ready_folder: Path, tmp_path: Path
) -> None:
    """Two issues were made, and one receipt written. Today's export leaves the site like that."""
    make_half_an_export(sqlite_url(tmp_path))
    columns = columns_in(sqlite_url(tmp_path))
    before = rows_in(sqlite_url(tmp_path), columns)
    with open_world(ready_folder, tmp_path / "world") as world:
        with open_in(world.folder) as store, store.database.writing() as connection:
            name_installation = text("UPDATE installation SET installation_id = :installation_id")
            connection.execute(name_installation, before["installation"][0])
        with world.sandbox.state.writing() as rows:
            rows.execute("UPDATE site SET site_id = ?", (before["targets"][0]["site_id"],))
        with pytest.raises(Crash):
            world.export(AfterTheSecondIssue())
        for path in world.folder.glob("store.sqlite*"):
            path.unlink()
        shutil.copy(tmp_path / "store.sqlite", world.folder)

        with open_in(world.folder) as store:
            (target,) = store.ledger.targets_of(SESSION_KEY)
            entries = store.ledger.entries(target_id=target.target_id, session_key=SESSION_KEY)
        after = rows_in(sqlite_url(world.folder), columns)
        world.export()

        assert [(entry.event.value, entry.ticket_id) for entry in entries] == [
            ("intent", "t02"),
            ("receipt", "t02"),
            ("intent", "t04"),
        ]
        assert before == after
        assert world.violations() == []


def rows_in(url: str, columns: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a store in these columns of these tables."""
    opened = create_store_engine(url)
    with opened.connect() as connection:
        rows = {
            table: [dict(row) for row in connection.execute(text(statement)).mappings()]
            for table, names in columns.items()
            for statement in [f"SELECT {names} FROM {table} ORDER BY 1, 2"]  # noqa: S608 - ours
        }
    opened.dispose()
    return rows


def columns_in(url: str) -> dict[str, str]:
    """Return the tables of a store with the names of their columns; not its version."""
    opened = create_store_engine(url)
    inspector = inspect(opened)
    columns = {
        table: ", ".join(f'"{column["name"]}"' for column in inspector.get_columns(table))
        for table in inspector.get_table_names()
        if table != VERSION_TABLE
    }
    opened.dispose()
    return columns


@pytest.mark.parametrize("revision", ["0001", "0014"])
def test_a_store_of_an_older_revision_is_refused_with_advice(
    store_folder: Path, revision: str
) -> None:
    with open_in(store_folder) as store, store.database.writing() as connection:
        stamp = text("UPDATE jira_pipeline_version SET version_num = :revision")
        connection.execute(stamp, {"revision": revision})

    with pytest.raises(StoreError, match=f"revision {revision}, of the development") as caught:
        open_in(store_folder)

    assert "commit 4aafb56, which migrates it" in caught.value.recovery_actions[0].sentence
