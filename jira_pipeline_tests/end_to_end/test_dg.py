"""`dg`, as it is installed, in a data folder that `init` made."""

import json
import os
import subprocess
import sys
from pathlib import Path

from jira_pipeline.sessions.homes import make_home

DG = Path(sys.executable).with_name("dg")


MODULE = """
import dagster as dg

@dg.schedule(cron_schedule="@daily", target="*")
def my_schedule(): ...
"""
"""As `dg scaffold defs dagster.schedule nightly/my_schedule.py` writes it."""


def test_dg_lists_in_a_home_what_is_ours_and_what_is_put_there(tmp_path: Path) -> None:
    """It said that the command must be run inside a Dagster project directory."""
    home = make_home(tmp_path / "home").path
    module = home / "defs" / "nightly" / "my_schedule.py"
    module.parent.mkdir()
    module.write_text(MODULE, encoding="utf-8")

    ran = subprocess.run(
        [DG, "list", "defs", "--json"],
        cwd=home,
        env={**os.environ, "DAGSTER_HOME": str(home)},  # noqa: TID251 - of a process of its own
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    listed = json.loads(ran.stdout)
    assert "csv_to_jira" in {job["name"] for job in listed["jobs"]}
    assert {"my_schedule", "export_schedule"} <= {one["name"] for one in listed["schedules"]}
