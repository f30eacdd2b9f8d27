"""The Dagster instance of this home, for what the command line starts or reports.

Belongs here: opening it. Does not: runs (`launching`), events (`uploading`, `reviewing`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from filelock import FileLock

from jira_pipeline.defs.partitions import PARTITIONS_NAME
from jira_pipeline.errors import StoreError
from jira_pipeline.sessions.composition import make_data_home
from jira_pipeline.settings import load_settings


@contextmanager
def opened_instance() -> Iterator[dg.DagsterInstance]:
    """Open the Dagster instance of this home.

    Under a lock: of several that make Dagster's databases at once, some die of half-made tables.

    Raises:
        ConfigurationError: The home cannot be made.
        StoreError: It cannot be written, so no run can be started.
    """
    settings = load_settings()
    make_data_home(settings)
    lock = FileLock(settings.home_path / "dagster.lock")
    try:
        lock.acquire()
    except OSError as error:
        raise StoreError(
            f"No run can be started: {settings.home_path} cannot be written: "
            f"{error.strerror or error}.",
            recovery_actions=("Use an account that may write to the home.",),
        ) from error
    try:
        instance = dg.DagsterInstance.get()
        instance.get_dynamic_partitions(PARTITIONS_NAME)
    finally:
        lock.release()
    with instance:
        yield instance
