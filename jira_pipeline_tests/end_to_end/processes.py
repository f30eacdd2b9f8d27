"""Starts commands as processes of their own, as people and cron do, and waits for what they do.

Belongs here: starting, forking, polling, ending what was started. Does not: what is looked for.
A forked command is spared the second that Python and Dagster take to start, and nothing else.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol, TextIO

from jira_pipeline_tests.forking import CHILDREN
from jira_pipeline_tests.projects import CHECKOUT

POLL_SECONDS = 0.05

BIN = Path(sys.executable).parent


class Started(Protocol):
    """A command at work, as `subprocess.Popen` describes it."""

    @property
    def pid(self) -> int:
        """Number of its process, and of its group."""

    @property
    def returncode(self) -> int | None:
        """How it ended; a signal is negative."""

    def poll(self) -> int | None:
        """Return how it ended, None while it runs."""

    def communicate(self) -> tuple[str, object]:
        """Wait for its end and return its output."""

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal."""


class Forked:
    """A command that a forked child became."""

    def __init__(self, process: BaseProcess, output_path: Path) -> None:
        self._process = process
        self.output_path = output_path

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; a signal is negative."""
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def communicate(self) -> tuple[str, object]:
        self._process.join()
        return self.output_path.read_text(encoding="utf-8"), None

    def send_signal(self, sig: int, /) -> None:
        os.kill(self.pid, sig)


def start(
    project: Path, *command: object, output_to: TextIO | None = None
) -> "subprocess.Popen[str]":
    """Start a command of ours for a project; what runs for long says it to a file."""
    program, *arguments = (str(part) for part in command)
    environment = os.environ | {"DAGSTER_HOME": str(project), "PYTHONPATH": str(CHECKOUT)}  # noqa: TID251 - for the child
    return subprocess.Popen(
        [str(BIN / program), *arguments],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE if output_to is None else output_to,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def fork(project: Path, *command: object) -> Forked:
    """Start a command of ours in a forked child, whose home the project is."""
    output_path = Path(tempfile.mkdtemp(dir=project.parent)) / "output"
    environment = os.environ | {"DAGSTER_HOME": str(project)}  # noqa: TID251 - for the child
    return fork_with([str(part) for part in command], project, environment, output_path=output_path)


def fork_with(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    output_path: Path | None = None,
) -> Forked:
    """Start it with this environment alone; what it says goes to `log` in the folder otherwise."""
    from jira_pipeline_tests.end_to_end.commands import become  # noqa: PLC0415 - pickled by name

    said_to = output_path or folder / "log"
    child = CHILDREN.Process(
        name=" ".join(command),
        target=become,
        args=(list(command),),
        kwargs={"folder": folder, "environment": environment, "output_path": said_to},
    )
    child.start()
    return Forked(child, said_to)


def fork_job(project: Path, job_name: str, session_key: str) -> Forked:
    """Start a job as the documents say, in a forked child."""
    return fork(project, *job_command(job_name, session_key))


def job_command(job_name: str, session_key: str) -> tuple[str, ...]:
    """Return the command that starts a job as the documents say."""
    tags = json.dumps({"dagster/partition": session_key})
    module = ("-m", "jira_pipeline.definitions")
    return ("dagster", "job", "execute", *module, "-j", job_name, "--tags", tags)


def finished(process: Started) -> tuple[int, str]:
    output, _ = process.communicate()
    assert process.returncode is not None
    return process.returncode, output


def wait_until(
    process: Started, is_time: Callable[[], bool], *, poll_seconds: float = POLL_SECONDS
) -> None:
    """Wait until something holds; the process must not have ended before."""
    pause = threading.Event()
    try:
        while not is_time():
            assert process.poll() is None, process.communicate()[0][-3000:]
            pause.wait(poll_seconds)
    except BaseException:
        if process.poll() is None:
            kill(process)
            process.communicate()
        raise


def kill(process: Started) -> None:
    os.killpg(process.pid, signal.SIGKILL)


def children_of(pid: int) -> set[int]:
    """Return the processes a process started, and those they started, as the system knows them."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            for child in map(int, path.read_text(encoding="ascii").split()):
                found |= {child} | children_of(child)
    return found
