"""Where Dagster keeps runs, events and schedules: in the home, which `dagster.yaml` names.

Belongs here: that place. Does not: what is kept by us (`store`).

`dagster dev` without DAGSTER_HOME would keep them in a folder that it deletes at its end, beside
sessions that stay: each start would run every folder of the inbox again.
"""

import logging
import os
from functools import cache
from pathlib import Path
from typing import Any, Self

from dagster._core.storage.sqlite_storage import (  # noqa: TID251 - nothing public makes it
    DagsterSqliteStorage,
)
from filelock import FileLock
from typing_extensions import override

from jira_pipeline.context.settings import find_project_path

HISTORY_FOLDER = "history"
"""Where Dagster has its files of runs and events in a home."""
logger = logging.getLogger(__name__)


@cache
def _warn_once(home: Path) -> None:
    """Say it once in a process: a code server opens the instance at each look of a sensor."""
    logger.warning(
        "DAGSTER_HOME is not set: sessions, runs and events are kept in %s, process output in a "
        "temporary folder. `make env` sets it in .env.",
        home,
    )


class HomeStorage(DagsterSqliteStorage):
    """Dagster's SQLite files, in the home whoever starts Dagster and from where."""

    @classmethod
    @override
    def config_type(cls) -> Any:
        """Take nothing: the home is found."""
        return {}

    @classmethod
    @override
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Self:
        """Open the files of the home."""
        home = find_project_path()
        if not os.environ.get("DAGSTER_HOME"):  # noqa: TID251 - Dagster's own, which is absent
            _warn_once(home)
        # Of several programs that are started at once in an empty home, some would meet half-made
        # tables. The lock is not the one of `opened_instance`, which is held around this.
        folder = home / HISTORY_FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        with FileLock(folder / "making.lock"):
            return cls.from_local(str(home), inst_data=inst_data)
