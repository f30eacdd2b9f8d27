"""The Dagster instance of this home, opened for a while.

Belongs here: opening it, and what goes wrong with its storage as errors of ours. Does not: where it
keeps its files (`home`), its runs (`dagster_runs`).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from filelock import FileLock

from jira_pipeline.context.pipeline import make_data_home
from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.partitions import PARTITIONS_NAME
from jira_pipeline.model.errors import StoreError, system_message
from jira_pipeline.store.transactions import translated_errors


@contextmanager
def opened_instance() -> Iterator[dg.DagsterInstance]:
    """Open the Dagster instance of this home.

    Raises:
        ConfigurationError: The home cannot be made.
        StoreError: It, or Dagster's own storage, cannot be used, so no run can be started.
        StoreBusyError: The database of Dagster's storage does not answer.
    """
    settings = load_settings()
    make_data_home(settings)
    # Of several processes that create Dagster's databases at once, some fail on half-made tables.
    lock = FileLock(settings.home_path / "dagster.lock")
    try:
        lock.acquire()
    except OSError as error:
        raise StoreError(
            f"No run can be started: {settings.home_path} cannot be written: "
            f"{system_message(error)}.",
            recovery_actions=("Use an account that can write to the data folder.",),
        ) from error
    with _translated_storage_errors():
        try:
            instance = dg.DagsterInstance.get()
            instance.get_dynamic_partitions(PARTITIONS_NAME)  # creates the tables
        finally:
            lock.release()
        with instance:
            yield instance


@contextmanager
def _translated_storage_errors() -> Iterator[None]:
    """Raise errors of ours for those of the database behind Dagster's storage."""
    with translated_errors("Dagster's storage"):
        try:
            yield
        except _postgres_error_types() as error:
            raise (error.__cause__ or error) from None


def _postgres_error_types() -> tuple[type[Exception], ...]:
    """Return what Dagster raises after its last try at PostgreSQL; nothing where it is not used."""
    package = sys.modules.get("dagster_postgres.utils")  # importing it would take 0.4 s
    if package is None:
        return ()
    return (package.DagsterPostgresException,)
