"""Empty stores of every dialect, as fixtures for conftest files.

A store is made once; each test gets a copy of the file, or of the database.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from jira_pipeline.store.store import Store, open_store

POSTGRES_URL = os.environ.get("JIRA_PIPELINE_TEST_POSTGRES_URL")  # noqa: TID251 - of tests only
_DATABASE_NUMBERS = count(1)


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.sqlite'}"


def open_in(folder: Path) -> Store:
    """Open the SQLite store in a folder, as the product does."""
    return open_store(sqlite_url(folder), lock_path=folder / "store.lock")


def store_with(store: Store, **parts: object) -> Store:
    """Return the open store with other parts, such as a ledger at whose writes something happens."""
    other = copy(store)
    vars(other).update(parts)
    return other


@pytest.fixture(scope="session")
def initialised_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite store; copied, never opened by tests."""
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
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store on each dialect."""
    opened: Store = request.getfixturevalue(f"{request.param}_store")
    return opened


@pytest.fixture
def postgres_store(postgres_url: str, tmp_path: Path) -> Iterator[Store]:
    """An empty store on PostgreSQL."""
    with open_postgres(postgres_url, tmp_path) as store:
        yield store


@pytest.fixture
def postgres_url(initialised_url: str) -> Iterator[str]:
    """URL of a database of its own that holds an empty store."""
    template = make_url(initialised_url).database
    with _database(initialised_url, f"TEMPLATE {template}") as url:
        yield url


@pytest.fixture(scope="session")
def initialised_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an empty store; copied, never opened by tests."""
    if POSTGRES_URL is None:
        pytest.skip("JIRA_PIPELINE_TEST_POSTGRES_URL names no server")
    with _database(POSTGRES_URL) as url:
        open_postgres(url, tmp_path_factory.mktemp("initialised")).close()
        yield url


def open_postgres(url: str, folder: Path) -> Store:
    """Open a store on PostgreSQL, as the product does; `folder` keeps its lock."""
    return open_store(url, lock_path=folder / "store.lock")


@contextmanager
def empty_database() -> Iterator[str]:
    """Make a database without tables, dropped at the end; skips where there is no server."""
    if POSTGRES_URL is None:
        pytest.skip("JIRA_PIPELINE_TEST_POSTGRES_URL names no server")
    with _database(POSTGRES_URL) as url:
        yield url


@contextmanager
def _database(server_url: str, options: str = "") -> Iterator[str]:
    name = f"t{os.getpid()}_{next(_DATABASE_NUMBERS)}"
    _run_on_server(f"CREATE DATABASE {name} {options} {_strategy()}")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _run_on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _strategy() -> str:
    """Copy files where PostgreSQL would log each page: half of its processor time for a test."""
    is_asked = (_server().dialect.server_version_info or ()) >= (15,)
    return "STRATEGY FILE_COPY" if is_asked else ""


def _run_on_server(statement: str) -> None:
    _server().execute(text(statement))


@cache
def _server() -> Connection:
    """Connect to the server, once per process."""
    return create_engine(str(POSTGRES_URL), isolation_level="AUTOCOMMIT").connect()
