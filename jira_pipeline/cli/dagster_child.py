"""Dagster's code server and its daemon as children of `serve`: they end with it, even by SIGKILL.

The other end of its standard input is open as long as `serve` lives. The daemon is forked from the
code server before that begins, since each imports what the other does, and memory is shared so.
Both run what Dagster's own commands run.

Belongs here: both at work, and their end. Does not: which runs are launched
(`dagster_port/webserver_launches`, `defs/sessions/automation`).
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from jira_pipeline.context.settings import load_settings

_LOOK_SECONDS = 0.5
_RUNS_STOP_SECONDS = 3.0
"""The code server waits for its runs; what is killed is carried on."""
_PROGRAM = "dagster"
_DAEMON = "dagster-daemon"
LOADED = "jira_pipeline.cli.warm_definitions"
"""What the code server serves."""
SOCKET = "code.socket"
"""Where it answers, beside the workspace that names it."""


def main() -> None:
    """Run the code server until it, its daemon, or the program that started it, ends.

    Its arguments are the workspaces that the daemon watches, none without one, and Dagster's command.
    """
    begins = sys.argv.index(_PROGRAM)
    workspaces = sys.argv[1:begins]
    del sys.argv[:begins]
    with suppress(KeyboardInterrupt):  # importing Dagster takes seconds
        import_module(LOADED)  # it forks, which no thread may see, as the next does
        daemon_id = start_daemon(workspaces) if workspaces else None
        is_ending = threading.Event()
        _in_thread(_wait_for_parent, is_ending)
        _in_thread(end_in_order, is_ending, daemon_id)
        _run_program(_PROGRAM)


def start_daemon(workspaces: Sequence[str]) -> int:
    """Start the daemon in a fork of this process, with which it ends; return its process's id."""
    reading, writing = os.pipe()
    daemon_id = os.fork()
    if daemon_id:
        os.close(reading)  # the other end stays open as long as this process lives
        return daemon_id
    code = 1
    try:
        os.close(writing)
        _in_thread(_end_with, reading)
        with suppress(KeyboardInterrupt):
            _run_daemon(workspaces)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - nobody is above it in a fork
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _run_daemon(workspaces: Sequence[str]) -> None:
    """Run the command of the daemon from when the code server answers."""
    socket = Path(workspaces[-1]).with_name(SOCKET)
    while not socket.exists():
        time.sleep(_LOOK_SECONDS)
    options = [option for workspace in workspaces for option in ("--workspace", workspace)]
    options += ["--log-level", "warning", "--code-server-log-level", "warning"]
    options += ["--log-format", "json" if load_settings().log_format == "json" else "colored"]
    sys.argv = [_DAEMON, "run", *options]
    _run_program(_DAEMON)


def _run_program(name: str) -> None:
    (program,) = entry_points(group="console_scripts", name=name)
    program.load()()


def _end_with(descriptor: int) -> None:
    """End the daemon when the process that it was forked from has ended."""
    os.read(descriptor, 1)  # nothing is ever written
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_RUNS_STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _wait_for_parent(is_ending: threading.Event) -> None:
    os.read(sys.stdin.fileno(), 1)  # nothing is ever written
    is_ending.set()


def end_in_order(is_ending: threading.Event, daemon_id: int | None) -> None:
    """End the daemon, then the code server, then what is left; killed runs are carried on.

    It waits until `serve` or the daemon has ended. The daemon goes first, so that it starts nothing
    more.
    """
    has_daemon_ended = threading.Event()
    if daemon_id is not None:
        _in_thread(_wait_for_daemon, daemon_id, (has_daemon_ended, is_ending))
    is_ending.wait()
    if daemon_id is not None and not has_daemon_ended.is_set():
        os.kill(daemon_id, signal.SIGINT)
        has_daemon_ended.wait(_RUNS_STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_RUNS_STOP_SECONDS)
    os.killpg(os.getpid(), signal.SIGKILL)


def _wait_for_daemon(daemon_id: int, events: Sequence[threading.Event]) -> None:
    os.waitpid(daemon_id, 0)
    for event in events:
        event.set()


def _in_thread(call: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=call, args=arguments, daemon=True).start()


if __name__ == "__main__":
    main()
