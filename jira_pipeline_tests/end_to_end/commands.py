"""What a forked child does that was started with a command: it becomes that command.

Belongs here: what happens in the child. Does not: starting it and waiting for it (`processes`).
"""

import fcntl
import os
import signal
import sys
import termios
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import dagster_postgres
from dagster._cli import main as dagster  # noqa: TID251 - the command itself
from dagster._core.storage import sqlite_storage  # noqa: TID251 - no name of ours imports it
from dagster._daemon import controller  # noqa: TID251 - no name of ours imports it

from jira_pipeline.cli.app import main as jira_pipeline
from jira_pipeline.defs import build

PROGRAMS = {"dagster": dagster, "jira-pipeline": jira_pipeline}
PRELOADED = (build, controller, dagster_postgres, sqlite_storage)
"""What a job imports; `definitions` itself reads the settings of its process."""


def become_at(terminal: "Connection[object, object]", command: Sequence[str], home: Path) -> None:
    """Run a command at a terminal, in a session of its own that the terminal controls."""
    os.setsid()
    fcntl.ioctl(terminal.fileno(), termios.TIOCSCTTY, 0)
    for number in range(3):
        os.dup2(terminal.fileno(), number)
    terminal.close()
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 - as at a start
    os.environ["DAGSTER_HOME"] = str(home)  # noqa: TID251 - a process of its own
    sys.argv = list(command)
    PROGRAMS[command[0]]()


def become(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], output_path: Path
) -> None:
    """Run a command as its program does, in a session of its own; what it says goes to a file."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()  # noqa: TID251 - a process of its own
    os.environ.update(environment)  # noqa: TID251 - a process of its own
    signal.signal(signal.SIGINT, signal.default_int_handler)
    output = os.open(output_path, os.O_WRONLY | os.O_CREAT, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    sys.argv = list(command)
    PROGRAMS[command[0]]()
