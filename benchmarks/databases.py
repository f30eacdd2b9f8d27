"""What is measured on SQLite and on PostgreSQL.

Belongs here: an empty database of each, with a server of its own where one is installed. Does not:
what is measured there.
"""

import os
import signal
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
        smallest = ["--smallest"] if is_smallest else []
        run_beside_postgres(benchmark, ONLY_POSTGRES, *smallest, FSYNC="on")
    else:
        print("PostgreSQL: left out, the package postgresql is not installed")


def run_beside_postgres(benchmark: str, *options: str, **settings: str) -> None:
    """Run a benchmark again, beside a server of its own that ends with it, however that ends."""
    program = (sys.executable, "-m", "benchmarks", benchmark, *options)
    process = subprocess.Popen(
        [str(ROOT / "deploy" / "with_postgres"), *program],
        cwd=ROOT,
        env=os.environ | settings,  # noqa: TID251 - for the child
        start_new_session=True,
    )
    try:
        process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGINT)
        process.wait()  # what was started ends, and then the server
    if process.returncode:
        sys.exit(process.returncode)
