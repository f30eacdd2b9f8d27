"""The Dagster UI behind the guard, alone or with the daemon.

Belongs here: starting, watching and stopping those programs. Does not: what the guard refuses
(`guard`). Dagster's webserver has no place for a guard of ours, but it serves with `uvicorn.run`,
so that is what is wrapped; a probe ends the program should it ever serve in another way.
"""

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from jira_pipeline.cli.console import ExitCode, Screen
from jira_pipeline.cli.context import commanded
from jira_pipeline.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 3000
PROBE_HOST = "guard-probe.invalid"
"""No name a server can have (RFC 2606): whoever serves it serves everybody."""
_FORBIDDEN = 403
_POLL_SECONDS = 0.3
_PROBE_DEADLINE_SECONDS = 180.0
_STOP_SECONDS = 25.0
"""A daemon lets its runs' code server end first; it took 3 s."""
_WORKSPACE = "workspace.yaml"

PortOption = Annotated[int, typer.Option(min=1, max=65_535, help="Port on 127.0.0.1.")]
TrustedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-host",
        metavar="NAME",
        help="Another name people reach it by, such as that of a proxy; repeat.",
    ),
]


def webserver(*, port: PortOption = DEFAULT_PORT, trusted_host: TrustedOption = None) -> None:
    """Serve the Dagster UI on this machine, guarded against web pages of others."""
    import uvicorn
    from dagster_webserver.cli import cli as dagster_webserver

    from jira_pipeline.guard.asgi import Guard
    from jira_pipeline.guard.rules import LOOPBACK_NAMES
    from jira_pipeline.settings import adopt_dagster_home

    with commanded(is_json=False):
        home = adopt_dagster_home()
        trusted = LOOPBACK_NAMES | {name.casefold() for name in trusted_host or ()}
        serve: Callable[..., None] = uvicorn.run

        def serve_guarded(application: Any, **options: Any) -> None:
            serve(Guard(application, trusted), **options)

        uvicorn.run = serve_guarded  # type: ignore[assignment] # it passes everything on
        threading.Thread(target=_end_if_unguarded, args=(port,), daemon=True).start()
        workspace = str(_workspace_of(home))
        dagster_webserver.main(["--workspace", workspace, "--host", LOOPBACK, "--port", str(port)])


def dev(*, port: PortOption = DEFAULT_PORT, trusted_host: TrustedOption = None) -> None:
    """Run the Dagster UI, guarded, and its daemon until Ctrl-C."""
    from jira_pipeline.settings import adopt_dagster_home

    with commanded(is_json=False) as screen:
        home = adopt_dagster_home()
        names = [word for name in trusted_host or () for word in ("--trusted-host", name)]
        programs = {
            "webserver": [_program("jira-pipeline"), "webserver", "--port", str(port), *names],
            "daemon": [_program("dagster-daemon"), "run", "-w", str(_workspace_of(home))],
        }
        screen.say(f"Dagster: http://{LOOPBACK}:{port}  (Ctrl-C stops it)")
        ended = _run_together(programs, folder=home)
        if ended is not None:
            _tell_of_end(screen, ended)


def _tell_of_end(screen: Screen, name: str) -> None:
    screen.err.print(f"The {name} ended by itself; what it said last stands above.")
    raise typer.Exit(ExitCode.FAILED)


def _workspace_of(home: Path) -> Path:
    path = home / _WORKSPACE
    if not path.is_file():
        raise ConfigurationError(
            f"{path} is missing; it tells Dagster which module to load.",
            recovery_actions=(f"`jira-pipeline init {home}` writes what is missing there.",),
        )
    return path


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _run_together(programs: dict[str, list[str]], *, folder: Path) -> str | None:
    """Run programs until this one is asked to stop, or one ends; return the name of that one.

    Each has a session of its own, so that Ctrl-C reaches this program only, which ends them in
    order. The handlers are set before they start: programs started in the background of a script
    would else inherit that these signals are ignored.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in programs.items():
            running[name] = subprocess.Popen(command, cwd=folder, start_new_session=True)  # noqa: S603 - our own programs
        while not stop.wait(_POLL_SECONDS):
            for name, process in running.items():
                if process.poll() is not None:
                    return name
    finally:
        _stop_all(list(running.values()))
    return None


def _stop_all(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """End programs as Ctrl-C would, and those that do not end, with all they started, for good."""
    for process in processes:
        process.send_signal(signal.SIGINT)
    for process in processes:
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.terminate()
    for process in processes:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()


def _end_if_unguarded(port: int) -> None:
    """End this program if it serves a name that the guard does not know."""
    pause = threading.Event()
    for _ in range(int(_PROBE_DEADLINE_SECONDS / _POLL_SECONDS)):
        status = _probed_status(port)
        if status is None:
            pause.wait(_POLL_SECONDS)
            continue
        if status != _FORBIDDEN:
            sys.stderr.write(f"Port {port} is served without the guard; this program ends.\n")
            sys.stderr.flush()
            os._exit(ExitCode.FAILED)
        return


def _probed_status(port: int) -> int | None:
    """Ask under a name nobody has; None while nobody answers."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": PROBE_HOST})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
