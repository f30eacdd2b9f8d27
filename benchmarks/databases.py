"""What is measured on SQLite and on PostgreSQL.

Belongs here: an empty database of each, with a server of its own where one is installed. Does not:
what is measured there.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.specifications import ROOT
from jira_pipeline_tests.contracts.open_stores import POSTGRES_URL, empty_database

ONLY_POSTGRES = "--postgres"


def on_each_database(
    benchmark: str, measure: Callable[[str, str, Path], None], *, is_smallest: bool
) -> None:
    """Measure on SQLite, and on PostgreSQL where there is a server or one can be started.

    Args:
        benchmark: Its name; it is run again beside a server.
        measure: Takes the name of the database, its URL, and an empty folder.
        is_smallest: Whether it only shows that it works.
    """
    if ONLY_POSTGRES not in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            measure("SQLite", f"sqlite:///{folder}/store.sqlite", Path(folder))
    if POSTGRES_URL is not None:
        with tempfile.TemporaryDirectory() as folder, empty_database() as url:
            measure("PostgreSQL", url, Path(folder))
    elif any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        sys.stdout.flush()
        subprocess.run(
            [
                str(ROOT / "deploy" / "with_postgres"),
                *(sys.executable, "-m", "benchmarks", benchmark, ONLY_POSTGRES),
                *(["--smallest"] if is_smallest else []),
            ],
            cwd=ROOT,
            env=os.environ | {"FSYNC": "on"},  # noqa: TID251 - for the child
            check=True,
        )
    else:
        print("PostgreSQL: left out, the package postgresql is not installed")
