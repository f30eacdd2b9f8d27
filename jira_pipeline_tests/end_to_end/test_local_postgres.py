"""`make dev-postgres`: a home of its own, whose server keeps its data from one start to the next."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline_tests import projects

SCRIPT = projects.CHECKOUT / "deploy" / "local_postgres"
pytestmark = [
    pytest.mark.xdist_group("processes"),
    pytest.mark.skipif(
        not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="no PostgreSQL server"
    ),
]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the user of the server can reach, too."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder, "home")


def run_in(home: Path, *command: object, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(SCRIPT), str(home), *(str(part) for part in command)],
        env=os.environ | {"PYTHONPATH": str(projects.CHECKOUT)} | settings,  # noqa: TID251 - for the child
        capture_output=True,
        text=True,
        check=False,
    )


KEEP = """
import os, sys
import psycopg2
for name in ("JIRA_PIPELINE_DATABASE_URL", "DAGSTER_POSTGRES_URL"):
    with psycopg2.connect(os.environ[name]) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS kept (name text)")
        cursor.execute("INSERT INTO kept VALUES (%s)", [name])
        cursor.execute("SELECT name FROM kept")
        print(cursor.fetchall())
sys.exit(7)
"""


def test_databases_are_there_at_the_next_start_and_nothing_runs_between(home: Path) -> None:
    """Passwords are for the owner, and lines somebody wrote stay."""
    home.mkdir()
    (home / ".env").write_text("JIRA_PROJECT_KEY=WEB\nDAGSTER_HOME=elsewhere\n", encoding="utf-8")

    first = run_in(home, sys.executable, "-c", KEEP)
    is_running_between = (home / "data" / "postmaster.pid").exists()
    second = run_in(home, sys.executable, "-c", KEEP)

    written = (home / ".env").read_text(encoding="utf-8")
    assert (first.returncode, second.returncode) == (7, 7), first.stderr + second.stderr
    assert not is_running_between
    assert not (home / "data" / "postmaster.pid").exists()
    for name in ("JIRA_PIPELINE_DATABASE_URL", "DAGSTER_POSTGRES_URL"):
        assert f"[('{name}',), ('{name}',)]" in second.stdout
    assert f"DAGSTER_HOME={home}\nDAGSTER_GRPC_TIMEOUT_SECONDS=900\n" in written
    assert "JIRA_PROJECT_KEY=WEB\n" in written
    assert "elsewhere" not in written
    assert [stat.S_IMODE((home / n).stat().st_mode) for n in (".env", "password")] == [0o600] * 2
    assert "postgresql://" not in first.stdout + first.stderr


def test_configured_databases_are_used_and_no_server_is_started(home: Path) -> None:
    urls = {
        "JIRA_PIPELINE_DATABASE_URL": "postgresql://role@db.example/store",
        "DAGSTER_POSTGRES_URL": "postgresql://role@db.example/dagster",
    }

    answered = run_in(home, "true", **urls)

    assert answered.returncode == 0, answered.stderr
    assert not (home / "data").exists()
    assert "role@db.example/store" in (home / ".env").read_text(encoding="utf-8")
