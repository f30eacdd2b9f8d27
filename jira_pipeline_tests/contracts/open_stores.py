"""Empty stores of every dialect, as fixtures for conftest files.

A store is migrated once; each test gets a copy of the file, or a schema of its own.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from jira_pipeline.store.engine import open_store
from jira_pipeline.store.store import Store

POSTGRES_URL = os.environ.get("JIRA_PIPELINE_TEST_POSTGRES_URL")  # noqa: TID251 - of tests only
_SCHEMA_NUMBERS = count(1)


def sqlite_url(folder: Path) -> str:
    """URL of the store in a folder."""
    return f"sqlite:///{folder / 'store.sqlite'}"


def open_in(folder: Path) -> Store:
    """Open the SQLite store in a folder, as the product does."""
    return open_store(sqlite_url(folder), lock_path=folder / "store.lock")


@pytest.fixture(scope="session")
def initialised_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite store; copied, never opened by tests."""
    folder = tmp_path_factory.mktemp("initialised")
    open_in(folder).close()
    return folder / "store.sqlite"


@pytest.fixture
def store_folder(tmp_path: Path, initialised_path: Path) -> Path:
    """A folder that holds an empty SQLite store."""
    shutil.copy(initialised_path, tmp_path / "store.sqlite")
    return tmp_path


@pytest.fixture
def sqlite_store(store_folder: Path) -> Iterator[Store]:
    """An empty store on SQLite."""
    with open_in(store_folder) as store:
        yield store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store on each dialect."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_store")
        return
    if POSTGRES_URL is None:
        pytest.skip("JIRA_PIPELINE_TEST_POSTGRES_URL names no server")
    with _postgres_store(POSTGRES_URL, tmp_path) as postgres:
        yield postgres


@contextmanager
def _postgres_store(server_url: str, folder: Path) -> Iterator[Store]:
    """Open a store in a schema of its own, dropped at the end."""
    schema = f"t{os.getpid()}_{next(_SCHEMA_NUMBERS)}"
    url = make_url(server_url).update_query_dict({"options": f"-csearch_path={schema}"})
    _run_on(server_url, f"CREATE SCHEMA {schema}")
    try:
        shown = url.render_as_string(hide_password=False)
        with open_store(shown, lock_path=folder / "store.lock") as store:
            yield store
    finally:
        _run_on(server_url, f"DROP SCHEMA {schema} CASCADE")


def _run_on(server_url: str, statement: str) -> None:
    engine = create_engine(server_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
