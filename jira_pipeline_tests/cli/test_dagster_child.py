"""Code server and daemon end together, whichever ends first."""

import os
import select
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process by it")
_WORKING = """
import threading, time
from jira_pipeline.cli import dagster_child

dagster_child._run_daemon = lambda workspaces: time.sleep(3_600)
print(dagster_child.start_daemon(["workspace.yaml"]), flush=True)
time.sleep(3_600)
"""
_DYING = """
import threading, time
from jira_pipeline.cli import dagster_child

def die(workspaces):
    raise RuntimeError("it is gone")

dagster_child._run_daemon = die
dagster_child.end_in_order(threading.Event(), dagster_child.start_daemon(["workspace.yaml"]))
"""


def test_the_daemon_ends_with_the_code_server_that_was_killed() -> None:
    """`serve` starts another pair; of two daemons both would take runs from the queue."""
    server = subprocess.Popen([sys.executable, "-c", _WORKING], stdout=subprocess.PIPE)
    assert server.stdout is not None
    daemon = os.pidfd_open(int(server.stdout.readline()))

    server.send_signal(signal.SIGKILL)
    server.communicate()

    ended, _, _ = select.select([daemon], [], [], 60)
    os.close(daemon)
    assert ended


def test_what_a_daemon_died_of_is_printed_before_the_code_server_ends() -> None:
    """`serve` says that it stopped, and that its output says why."""
    ended = subprocess.run(
        [sys.executable, "-c", _DYING], capture_output=True, check=False, start_new_session=True
    )

    assert ended.returncode != 0
    assert b"RuntimeError: it is gone" in ended.stderr
