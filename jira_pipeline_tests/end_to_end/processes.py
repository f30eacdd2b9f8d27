"""Starts commands as processes of their own, as people and cron do, and waits with a deadline.

Belongs here: starting, polling, ending what was started. Does not: what is looked for.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from jira_pipeline_tests.projects import CHECKOUT

DEADLINE_SECONDS = 150.0
"""Many times what the slowest of these takes on two busy cores."""
POLL_SECONDS = 0.01

BIN = Path(sys.executable).parent


def start(
    project: Path, *command: object, said_to: TextIO | None = None
) -> "subprocess.Popen[str]":
    """Start a command of ours for a project; what runs for long says it to a file."""
    program, *arguments = (str(part) for part in command)
    environment = os.environ | {"DAGSTER_HOME": str(project), "PYTHONPATH": str(CHECKOUT)}  # noqa: TID251 - for the child
    return subprocess.Popen(
        [str(BIN / program), *arguments],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE if said_to is None else said_to,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def start_job(project: Path, job_name: str, session_key: str) -> "subprocess.Popen[str]":
    """Start a job as the documents say."""
    tags = json.dumps({"dagster/partition": session_key})
    module = ("-m", "jira_pipeline.definitions")
    return start(project, "dagster", "job", "execute", *module, "-j", job_name, "--tags", tags)


def finished(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Wait for the end of a process and return its exit code and what it said."""
    try:
        said, _ = process.communicate(timeout=DEADLINE_SECONDS)
    except subprocess.TimeoutExpired:
        kill(process)
        said, _ = process.communicate()
        message = f"{process.args!r} did not end:\n{said[-3000:]}"
        raise AssertionError(message) from None
    return process.returncode, said


def wait_until(process: "subprocess.Popen[str]", is_time: Callable[[], bool]) -> None:
    """Wait until something holds; the process must not have ended before."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    pause = threading.Event()
    try:
        while not is_time():
            assert process.poll() is None, process.communicate()[0][-3000:]
            assert time.monotonic() < deadline, "the moment never came"
            pause.wait(POLL_SECONDS)
    except BaseException:
        if process.poll() is None:
            kill(process)
            process.communicate()
        raise


def kill_when(process: "subprocess.Popen[str]", is_time: Callable[[], bool]) -> int:
    """Kill a process as soon as something holds; it must not have ended before."""
    wait_until(process, is_time)
    kill(process)
    process.communicate()
    return process.returncode


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill a process that was started here, and what it started."""
    os.killpg(process.pid, signal.SIGKILL)


def children_of(pid: int) -> set[int]:
    """Return the processes a process started, and those they started, as the system knows them."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text(encoding="ascii").split()):
            found |= {child} | children_of(child)
    return found
